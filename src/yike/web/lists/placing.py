"""In which area a record of a list lies, and whether the person's act reaches there."""

from __future__ import annotations

import secrets

from yike.errors import Fault
from yike.web.accounts.deeds import Deed
from yike.web.areas.models import Area, City
from yike.web.areas.placing import area_at
from yike.web.lists.states import ListError

LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that is mistaken for another in print


def new_key(prefix: str) -> str:
    """Return a fresh key: a letter that tells the list, and eight letters and digits."""
    return prefix + "".join(secrets.choice(LETTERS) for _ in range(8))


def community_of(city: City, lon: float, lat: float) -> Area:
    """Return the lowest area that holds a point; ``lists.point_outside`` where none does."""
    area = area_at(city, lon, lat)
    if area is None:
        values = {
            "lon": round(lon, 5),
            "lat": round(lat, 5),
            "city": {"zh": city.name, "en": city.name_en or city.name},
        }
        raise ListError(Fault("lists.point_outside", values=values))
    return area


def within(deed: Deed, area: Area) -> Area:
    """Return an area that must lie in the tree of the deed's; else ``lists.elsewhere``."""
    if deed.area is None or not deed.area.holds(area):
        values = {"area": {"zh": area.name, "en": area.name_en or area.name}}
        raise ListError(Fault("lists.elsewhere", values=values))
    return area
