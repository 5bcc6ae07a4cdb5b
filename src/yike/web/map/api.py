"""Public JSON of the map: cities, business types, the list of outlets, search. Read only, no session, no person.

Answers are typed for OpenAPI; the bytes are written by orjson from the tables in memory, for pydantic would take
longer than the search itself. A test holds the bytes to the types.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Annotated, Any, Literal, ParamSpec

import orjson
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from yike.errors import Fault, InputError, YikeError
from yike.web.areas.models import City
from yike.web.map.groups import group_of, groups
from yike.web.map.listing import Wanted, box_of, city_told, listed
from yike.web.map.search import found
from yike.web.map.shown import city_of, shown_of

router = Router(tags=["map"])
P = ParamSpec("P")

Slug = Annotated[str, Field(max_length=50, pattern=r"^[-a-zA-Z0-9_]*$", description='城市 city; "" = the default one')]
Code = Annotated[str, Field(max_length=40, pattern=r"^[-a-z0-9_]*$")]
Lon = Annotated[float | None, Field(ge=-180, le=180, allow_inf_nan=False, description="经度 WGS 84")]
Lat = Annotated[float | None, Field(ge=-90, le=90, allow_inf_nan=False, description="纬度 WGS 84")]


class Refused(Schema):
    """What is wrong with a request, every fault at once."""

    detail: list[dict[str, Any]]


class CityOut(Schema):
    slug: str
    name: str
    name_en: str
    made_up: bool
    is_default: bool
    bounds: list[float]
    center: list[float]


class TypeOut(Schema):
    code: str
    zh: str
    en: str
    category: str
    group: str


class GroupOut(Schema):
    code: str
    zh: str
    en: str
    types: list[str]


class TypesOut(Schema):
    city: str
    types: list[TypeOut]
    groups: list[GroupOut]


class OriginOut(Schema):
    lon: float
    lat: float
    attached: bool
    why: dict[str, str] | None


class OutletOut(Schema):
    key: str
    name: str
    types: list[str]
    lon: float
    lat: float
    state: Literal["open", "paused"]
    open: bool | None
    closes: str | None
    opens: str | None
    opens_on: date | None
    minutes: float | None
    address: str
    services: list[str]
    cash: bool | None
    barrier_free: bool | None
    mobile: bool
    licence_free: bool
    verified_at: date | None
    made_up: bool


class OutletsOut(Schema):
    outlets: list[OutletOut]
    total: int
    origin: OriginOut | None
    when: datetime
    made_up: bool


def written(found: Any, status: int = 200) -> HttpResponse:
    """Return an answer as JSON."""
    return HttpResponse(orjson.dumps(found), status=status, content_type="application/json; charset=utf-8")


def faults_told(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Answer faults of a request with 422 (404 for a city that is not here), each with its words in both languages."""

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except YikeError as error:
            detail = [{"code": each.code, "msg": f"{each.text('zh')}\n{each.text('en')}"} for each in error.faults]
            unknown = error.faults[0].code == "map.city_unknown"
            return written({"detail": detail}, 404 if unknown else 422)

    return answer


def the_city(slug: str) -> City:
    """Return a city, the default one for ""; raises ``map.city_unknown``."""
    found = city_of(slug)
    if found is None:
        raise InputError(Fault("map.city_unknown", values={"given": slug}))
    return found


@router.get("/cities", response=list[CityOut], summary="城市 Cities")
def cities(request: HttpRequest) -> HttpResponse:
    return written([city_told(city) for city in City.objects.order_by("-is_default", "slug")])


@router.get("/types", response={200: TypesOut, 404: Refused}, summary="业态与图层 Business types and layers")
@faults_told
def types(request: HttpRequest, city: Slug = "") -> HttpResponse:
    here = the_city(city)
    kinds = [
        {"code": kind.code, "zh": kind.zh, "en": kind.en, "category": kind.category, "group": group_of(kind.code)}
        for kind in shown_of(here).kinds
    ]
    layers = [{"code": each.code, "zh": each.zh, "en": each.en, "types": each.types} for each in groups()]
    return written({"city": here.slug, "types": kinds, "groups": layers})


class OutletsIn(Schema):
    """What a list may be asked for."""

    city: Slug = ""
    bbox: Annotated[str, Field(max_length=120, description="西,南,东,北 west,south,east,north")] = ""
    group: Code = ""
    types: Annotated[str, Field(max_length=2000, pattern=r"^[-a-z0-9_,]*$", description="a,b")] = ""
    open: Annotated[str, Field(max_length=32, description="now | 07:00 | 2026-11-24T07:00")] = ""
    lon: Lon = None
    lat: Lat = None
    who: Code = ""
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    offset: Annotated[int, Field(ge=0, le=1_000_000)] = 0

    def wanted(self) -> Wanted:
        kinds = tuple(filter(None, self.types.split(",")))
        return Wanted(
            box_of(self.bbox), self.group, kinds, self.open, self.lon, self.lat, self.who, self.limit, self.offset
        )


@router.get(
    "/outlets",
    response={200: OutletsOut, 404: Refused, 422: Refused},
    summary="网点列表，按真实步行时间排序 Outlets, nearest on foot first",
)
@faults_told
def outlets(request: HttpRequest, asked: Query[OutletsIn]) -> HttpResponse:
    return written(listed(shown_of(the_city(asked.city)), asked.wanted()))


class ResultOut(Schema):
    kind: Literal["outlet", "area", "street", "place", "type"]
    key: str
    name: str
    name_en: str
    detail: str
    lon: float | None
    lat: float | None
    minutes: float | None
    open: bool | None


class SearchOut(Schema):
    results: list[ResultOut]
    types: list[str]
    origin: OriginOut | None
    made_up: bool


class SearchIn(Schema):
    """What is looked for, and from where."""

    q: Annotated[
        str, Field(max_length=200, description="地点、店名、要办的事 place, name or errand; pinyin and initials too")
    ]
    city: Slug = ""
    lon: Lon = None
    lat: Lat = None
    who: Code = ""
    limit: Annotated[int, Field(ge=1, le=50)] = 20


@router.get(
    "/search",
    response={200: SearchOut, 404: Refused, 422: Refused},
    summary="搜索地点、店名、要办的事 Search places, names, errands",
)
@faults_told
def search(request: HttpRequest, asked: Query[SearchIn]) -> HttpResponse:
    return written(found(the_city(asked.city), asked.q, asked.lon, asked.lat, asked.who, asked.limit))
