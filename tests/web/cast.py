"""The cast: a drawn city of two counties, two streets each, two communities each, and one person for every role.

``tree()`` gives the areas by short names: city, c1, c2, c1s1, c1s2, c1s1a, c1s1b, … ; ``person(role, area)`` someone
with that one grant. The stranger has an account and no grant: a stranger must see nothing.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from yike.web.accounts.factors import set_factor
from yike.web.accounts.models import Grant, Person
from yike.web.accounts.roles import roles
from yike.web.areas.models import Area, City
from yike.web.outlets.models import Function, Outlet

NUMBER = count(1)
LON, LAT, STEP = 112.80, 35.50, 0.01


def square(west: float, south: float, side: float) -> dict[str, Any]:
    """A square as GeoJSON."""
    east, north = west + side, south + side
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def tree(slug: str = "drawn", prefix: str = "99") -> dict[str, Area]:
    """Draw the city and return its areas by short names."""
    city = City.objects.create(
        slug=slug, name="画城", name_en="Drawn City", made_up=True, is_default=True,
        west=LON, south=LAT, east=LON + 4 * STEP, north=LAT + 2 * STEP, lon=LON + 2 * STEP, lat=LAT + STEP,
    )  # fmt: skip
    areas: dict[str, Area] = {}

    def add(short: str, code: str, name: str, level: str, parent: Area | None, shape: dict[str, Any] | None) -> Area:
        path = (parent.path if parent else "") + code + "/"
        x, y = shape["coordinates"][0][0] if shape else (LON, LAT)
        areas[short] = Area.objects.create(
            city=city, code=code, name=name, name_en=short, level=level, parent=parent, path=path, boundary=shape,
            lon=x + STEP / 2, lat=y + STEP / 2, people=100,
        )  # fmt: skip
        return areas[short]

    root = add("city", f"{prefix}0000000000", "画城", "city", None, None)
    for c in (1, 2):
        county = add(f"c{c}", f"{prefix}0{c}00000000", f"第{c}县", "county", root, None)
        for s in (1, 2):
            street = add(f"c{c}s{s}", f"{prefix}0{c}0{s}000000", f"{c}{s}街道", "street", county, None)
            for k, letter in enumerate("ab"):
                shape = square(LON + ((c - 1) * 2 + s - 1) * STEP, LAT + k * STEP, STEP)
                add(
                    f"c{c}s{s}{letter}",
                    f"{prefix}0{c}0{s}00{k + 1:04}"[:12],
                    f"{c}{s}{letter}社区",
                    "community",
                    street,
                    shape,
                )
    return areas


def person(role: str | None = None, area: Area | None = None, **more: Any) -> Person:
    """Someone with one role in one area; without a role, the stranger."""
    someone = Person.objects.create_user(username=f"p{next(NUMBER)}", password="a long enough word 9", **more)
    if role and area:
        Grant.objects.create(person=someone, role=role, area=area)
        if roles()[role].staff:  # staff without a second factor are led to set one up before anything else
            set_factor(someone)
    return someone


def outlet(area: Area, *types: str, state: str = "open", **more: Any) -> Outlet:
    """An outlet in the middle of a community."""
    import h3

    n = next(NUMBER)
    lon, lat = more.pop("lon", area.lon), more.pop("lat", area.lat)
    made = Outlet.objects.create(
        city=area.city, area=area, key=more.pop("key", f"t{n}"), name=more.pop("name", f"网点{n}"), lon=lon, lat=lat,
        state=state, h3=h3.str_to_int(h3.latlng_to_cell(lat, lon, 9)), **more,
    )  # fmt: skip
    Function.objects.bulk_create(Function(outlet=made, code=code) for code in types)
    return made
