"""The register as others take it: rows for siting, and spaces by what they may become."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from yike.web.areas.models import Area, City
from yike.web.lists.choices import labels
from yike.web.spaces.fields import ROOM, allowed_uses
from yike.web.spaces.models import Space


def spaces_in(city: City, area: Area | None = None, states: Iterable[str] = ("free",)) -> QuerySet[Space]:
    """Return the spaces of a city, or of the tree of one of its areas, that are in one of ``states``."""
    found = Space.objects.filter(city=city, state__in=list(states)).select_related("area").order_by("key")
    return found.filter(area__path__startswith=area.path) if area else found


def siting_rows(spaces: Iterable[Space]) -> list[dict[str, Any]]:
    """Return spaces as `yike.siting.joint.Spaces.of` takes them.

    The kind is that of siting (`kinds.csv`, column ``siting``); ``uses`` are those of the space itself, else of its
    kind, so that an answer builds nothing that the register does not allow.
    """
    return [
        {
            "key": each.key, "name": each.name, "kind": labels(ROOM, "kinds")[each.kind]["siting"],
            "lon": each.lon, "lat": each.lat, "area_m2": each.area_m2, "uses": tuple(allowed_uses(each)),
            "rent_yuan": float(each.rent_yuan),
            "conversion_yuan": float("nan") if each.conversion_yuan is None else float(each.conversion_yuan),
            "community": each.area.code if each.area and each.area.level == "community" else "",
        }
        for each in spaces
    ]  # fmt: skip
