"""What the interfaces of all lists are asked for in the same way: a city, an area of its tree, a state."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import QuerySet

from yike.web.areas.models import Area, City
from yike.web.lists.cells import plain

Records = TypeVar("Records", bound=QuerySet[Any])


def narrowed(found: Records, city: str, area: str, state: str) -> Records:
    """Return the records of a city (the default one for ""), an area's tree and a state; an empty word asks for all.

    A city or area that is not there has no records.
    """
    named = City.objects.filter(slug=plain(city)) if city else City.objects.order_by("-is_default", "slug")
    there = named.first()
    if there is None:
        return found.none()
    found = found.filter(city=there)
    if state:
        found = found.filter(state=plain(state))
    if area:
        root = Area.objects.filter(code=plain(area), city=there).first()
        found = found.filter(area__path__startswith=root.path) if root else found.none()
    return found
