"""What the map needs in memory, made when a server process starts, so that no visitor waits for it."""

from __future__ import annotations

from django.db import connection

from yike.web.areas.models import City
from yike.web.map.opening import moment, opening
from yike.web.map.search import finder_of
from yike.web.map.shown import shown_of


def warm() -> None:
    """Read the register, the hours and the names of every city."""
    try:
        for city in City.objects.order_by("-is_default", "slug"):
            shown = shown_of(city)
            _ = shown.world, shown.by_group, shown.first_group, shown.rank
            opening(shown, moment("now"))
            finder_of(shown)
    finally:
        connection.close()
