"""JSON of walking: 我的一刻钟, the way to an outlet, coverage figures and what changed them."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Any

import orjson
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import get_current_timezone, localtime, now
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError

from yike.errors import YikeError
from yike.web.areas.models import Area, City
from yike.web.studies.live import Live, city_named, live
from yike.web.studies.models import Figure, SupplyChange
from yike.web.studies.quarter import Found, Quarter, quarter, sentence
from yike.words import LANGUAGES

router = Router(tags=["walking"])
LEAST_PEOPLE = 5  #: public figures never tell of fewer people than this

Lon = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False, description="WGS 84, degrees east")]
Lat = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False, description="WGS 84, degrees north")]
Slug = Annotated[
    str, Field(max_length=50, pattern=r"^[-\w]*$", description="short name of the city; empty: the default city")
]


class Asked(Schema):
    """A place, who walks from it, and when."""

    lon: Lon
    lat: Lat
    city: Slug = ""
    who: Annotated[str, Field(max_length=20, description="walker; empty: the first of the study")] = ""
    when: Annotated[str, Field(max_length=32, description="now, HH:MM (today), an ISO time, or any")] = "now"


class NearestOut(Schema):
    key: str
    name: str
    lon: float
    lat: float
    open: bool | None
    hours: str


class TypeOut(Schema):
    code: str
    zh: str
    en: str
    category: str
    limit_min: float
    minutes: float | None
    met: bool
    missing: bool
    outlet: NearestOut | None


class StudyOut(Schema):
    name: str
    standard: str
    digest: str


class QuarterOut(Schema):
    city: str
    lon: float
    lat: float
    who: str
    when: str | None
    made_up: bool
    study: StudyOut
    sentence: dict[str, str]
    types: list[TypeOut]
    missing: list[str]
    unseen: list[str]  # types that the city's sources cannot tell: neither there nor missing


class StreetOut(Schema):
    name: str
    metres: float


class RouteOut(Schema):
    to: str
    who: str
    minutes: float
    metres: float
    line: dict[str, Any]
    streets: list[StreetOut]


class FigureOut(Schema):
    area: str
    requirement: str
    business_type: str
    walker: str
    limit_min: float
    people: float | None
    people_met: float | None
    share: float | None
    median_min: float | None
    study: str
    standard: str
    through: int


class ChangeOut(Schema):
    id: int
    at: datetime
    outlet: str
    counts: bool
    types: list[str]
    told: bool
    effect: list[dict[str, Any]]


def city_of(slug: str) -> City:
    """Return the city of a short name, the default one for ""; raises Http404."""
    found = city_named(slug)
    if found is None:
        raise Http404(slug)
    return found


def open_city(slug: str) -> tuple[City, Live]:
    """Return a city and its living study; answers 404 where there is none."""
    city = city_of(slug)
    try:
        return city, live(city)
    except YikeError as error:
        raise HttpError(404, told(error)) from error


def told(error: YikeError) -> str:
    """Return what an error says, in Chinese: what the web shows."""
    return "\n".join(fault.text("zh") for fault in error.faults)


def moment(text: str) -> datetime | None:
    """Return the moment meant by ``when``, None for "any"; raises HttpError 422 for what cannot be read."""
    if text in ("any", ""):
        return None
    if text == "now":
        return localtime(now())
    try:
        if len(text) <= 5:
            clock = time.fromisoformat(text.zfill(5))
            return localtime(now()).replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise HttpError(422, f"when: {text[:32]!r}") from error
    zone = get_current_timezone()
    return given.replace(tzinfo=zone) if given.tzinfo is None else given.astimezone(zone)


@router.get("/quarter", response=QuarterOut, summary="我的一刻钟: every type from one home")
def my_quarter(request: HttpRequest, asked: Query[Asked]) -> HttpResponse:
    """Every business type with its minutes on foot, its nearest outlet by name, and what is missing."""
    city, engine = open_city(asked.city)
    when = moment(asked.when)
    try:
        answer = quarter(engine, asked.lon, asked.lat, asked.who, when)
    except YikeError as error:
        raise HttpError(422, told(error)) from error
    return as_json(answered(city, engine, answer, asked.lon, asked.lat, asked.who))


def as_json(value: Any) -> HttpResponse:
    """Answer with JSON as it is: what we made ourselves is not checked against its schema again, which cost most."""
    return HttpResponse(orjson.dumps(value), content_type="application/json; charset=utf-8")


def answered(city: City, engine: Live, answer: Quarter, lon: float, lat: float, who: str) -> dict[str, Any]:
    """Return a quarter as JSON tells it; the page of it uses the same."""
    catalogue = engine.catalogue
    types = [_type(answer, each) for each in answer.types]
    return {
        "city": city.slug, "lon": lon, "lat": lat, "who": who or engine.walkers[0], "made_up": city.made_up,
        "when": answer.when.isoformat(timespec="minutes") if answer.when else None,
        "study": {
            "name": engine.study.settings.name,
            "standard": f"{catalogue.name} {catalogue.version}",
            "digest": engine.digest,
        },
        "sentence": {lang: sentence(engine, answer, lang) for lang in LANGUAGES},
        "types": types, "missing": [each["code"] for each in types if each["missing"]],
        "unseen": list(answer.unseen),
    }  # fmt: skip


def _type(answer: Quarter, each: Found) -> dict[str, Any]:
    stock, row, kind = answer.walks.stock, each.row, each.kind
    outlet = None
    if row >= 0:
        outlet = {
            "key": stock.key[row], "name": stock.name[row], "lon": float(stock.lon[row]), "lat": float(stock.lat[row]),
            "open": each.open, "hours": stock.hours[row],
        }  # fmt: skip
    return {
        "code": kind.code, "zh": kind.zh, "en": kind.en, "category": kind.category, "limit_min": each.limit_min,
        "minutes": each.minutes, "met": each.met, "missing": not each.met, "outlet": outlet,
    }  # fmt: skip


class Way(Schema):
    """From a place to an outlet."""

    lon: Lon
    lat: Lat
    to: Annotated[str, Field(max_length=60)]
    city: Slug = ""
    who: Annotated[str, Field(max_length=20)] = ""


@router.get("/route", response=RouteOut, summary="The quickest walk to an outlet")
def way(request: HttpRequest, asked: Query[Way]) -> HttpResponse:
    """The line walked, its minutes and metres, and the streets in their order; 404 where there is no way."""
    _, engine = open_city(asked.city)
    try:
        found = engine.route(asked.lon, asked.lat, asked.to, asked.who)
    except YikeError as error:
        raise HttpError(422, told(error)) from error
    if found is None:
        raise HttpError(404, "没有步行可达的路线")
    line = [[round(x, 6), round(y, 6)] for x, y in zip(found.lon.tolist(), found.lat.tolist(), strict=True)]
    return as_json({
        "to": asked.to, "who": asked.who or engine.walkers[0], "minutes": found.seconds / 60, "metres": found.length_m,
        "line": {"type": "LineString", "coordinates": line},
        "streets": [{"name": name, "metres": metres} for name, metres in found.streets],
    })  # fmt: skip


@router.get("/areas/{code}/figures", response=list[FigureOut], summary="Coverage of an area as it is now")
def figures(request: HttpRequest, code: str, walker: str = "") -> list[dict[str, Any]]:
    """Shares of people within the minutes, by requirement; nothing is told of areas with fewer than 5 people."""
    area = Area.objects.filter(code=code).first()
    if area is None:
        raise Http404(code)
    rows = Figure.objects.filter(area=area, **({"walker": walker} if walker else {})).order_by("walker", "requirement")
    return [figure_out(row, code) for row in rows]


def figure_out(row: Figure, code: str) -> dict[str, Any]:
    """Return a figure as JSON tells it."""
    shown = row.people >= LEAST_PEOPLE
    return {
        "area": code, "requirement": row.requirement, "business_type": row.business_type, "walker": row.walker,
        "limit_min": row.limit_s / 60, "people": row.people if shown else None,
        "people_met": row.people_met if shown else None, "share": row.people_met / row.people if shown else None,
        "median_min": row.median_s / 60 if shown and row.median_s is not None else None,
        "study": row.study, "standard": row.standard, "through": row.through,
    }  # fmt: skip


@router.get("/changes", response=list[ChangeOut], summary="What changed the figures last")
def changes(request: HttpRequest, city: Slug = "", limit: Annotated[int, Field(ge=1, le=200)] = 50) -> Any:
    """Outlets that began, ceased or moved, newest first, with the people who gained or lost by it."""
    return SupplyChange.objects.filter(city=city_of(city)).order_by("-id")[:limit]


__all__ = ["answered", "city_of", "figure_out", "moment", "open_city", "router", "told"]
