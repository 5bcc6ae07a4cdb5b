"""JSON of the needs list: what is asked for, by type and area; never who asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from yike.web.accounts.key_auth import staff_auth
from yike.web.accounts.rights import person_of, within_reach
from yike.web.lists.asking import narrowed
from yike.web.needs.filtering import grouped
from yike.web.needs.models import Need

router = Router(tags=["needs"])
MOST = 5000


class NeedGroup(Schema):
    """Needs of one business type in one area."""

    business_type: str
    area: str = Field(description="code of the area")
    name: str = Field(description="of the area")
    people: float
    asks: int
    open: int = Field(description="of the asks, those that wait")
    last: date | None


class AskedNeeds(Schema):
    """What is asked of the needs list."""

    city: str = Field("", max_length=40, description="short name of the city; the first one without it")
    area: str = Field("", max_length=15, description="code of an area: only needs of its tree")
    state: str = Field("open", max_length=8, description="open, planned, met or declined; empty: all")


@router.get("/needs", response=list[NeedGroup], auth=staff_auth, summary="需求 Needs by type and area")
def needs(request: HttpRequest, asked: Query[AskedNeeds]) -> list[dict[str, Any]]:
    """Sum the needs that the asker may see by business type and area, most people first, at most 5,000 rows."""
    found = Need.objects.filter(within_reach(person_of(request), "needs.see"))
    found = narrowed(found, asked.city, asked.area, asked.state)
    return [
        {
            "business_type": each.business_type, "area": each.area_code, "name": each.area_name, "people": each.people,
            "asks": each.asks, "open": each.open, "last": each.last,
        }
        for each in list(grouped(found))[:MOST]
    ]  # fmt: skip
