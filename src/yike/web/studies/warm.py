"""Opening all cities when a server process starts, so that no visitor and no first change waits for it."""

from __future__ import annotations

import logging

from django.db import connection

from yike.errors import YikeError
from yike.web.areas.models import City
from yike.web.studies.figures import follow, watched
from yike.web.studies.live import live
from yike.web.studies.place import has_study

log = logging.getLogger(__name__)


def warm() -> None:
    """Open every city with a study for every walker; tell changes that a process before this one left untold."""
    try:
        for city in City.objects.order_by("-is_default", "slug"):
            if has_study(city):
                _open(city)
    finally:
        connection.close()


def _open(city: City) -> None:
    try:
        engine = live(city)
        for who in engine.walkers:
            engine.buckets(who, engine.stock())
        engine.walks(city.lon, city.lat)
    except YikeError as error:
        log.warning(
            "%s: %s", city.slug, error
        )  # a place off the streets, a broken study: told, and told again when asked
    watched(city)
    follow(city)
