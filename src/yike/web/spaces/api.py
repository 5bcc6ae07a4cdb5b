"""JSON of the register of idle spaces, for the planning desk and for keys."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from yike.web.accounts.key_auth import staff_auth
from yike.web.accounts.rights import person_of, within_reach
from yike.web.lists.asking import narrowed
from yike.web.spaces.fields import allowed_uses
from yike.web.spaces.models import Space

router = Router(tags=["spaces"])
MOST = 5000


class IdleSpace(Schema):
    """An idle space of the register."""

    key: str
    name: str
    kind: str
    lon: float
    lat: float
    area_m2: float
    uses: list[str] = Field(description="codes of business types it may become")
    rent_yuan: float = Field(description="a year")
    conversion_yuan: float | None = Field(description="of the whole space; null: reckoned from area and type")
    state: str
    land_use: str
    area: str = Field(description="code of its community")
    made_up: bool


class AskedSpaces(Schema):
    """What is asked of the register of spaces."""

    city: str = Field("", max_length=40, description="short name of the city; the first one without it")
    area: str = Field("", max_length=15, description="code of an area: only spaces of its tree")
    state: str = Field("free", max_length=9, description="free, reserved, used or withdrawn; empty: all")


@router.get("/spaces", response=list[IdleSpace], auth=staff_auth, summary="闲置空间 Idle spaces")
def spaces(request: HttpRequest, asked: Query[AskedSpaces]) -> list[dict[str, Any]]:
    """List the idle spaces that the asker may see, with what each may become, at most 5,000."""
    found = Space.objects.filter(within_reach(person_of(request), "spaces.see")).select_related("area")
    found = narrowed(found, asked.city, asked.area, asked.state)
    return [
        {
            "key": each.key, "name": each.name, "kind": each.kind, "lon": each.lon, "lat": each.lat, "area_m2": each.area_m2,
            "uses": allowed_uses(each), "rent_yuan": float(each.rent_yuan), "state": each.state, "land_use": each.land_use,
            "conversion_yuan": None if each.conversion_yuan is None else float(each.conversion_yuan),
            "area": each.area.code if each.area else "", "made_up": each.made_up,
        }
        for each in found[:MOST]
    ]  # fmt: skip
