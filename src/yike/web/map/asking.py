"""What the pages ask of the city: which one is meant, who walks, when, and what the living city answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from yike.errors import YikeError
from yike.web.areas.models import City
from yike.web.map.shown import city_of

LONGEST_WHEN = 32


@dataclass(frozen=True)
class Asked:
    """A place, who walks from it and when; ``lon`` is None where no place is given or it is none."""

    lon: float | None
    lat: float | None
    who: str
    when: str


def language(request: HttpRequest) -> str:
    """Return the page's language as tables of words know it: "zh" or "en"."""
    return "en" if getattr(request, "LANGUAGE_CODE", "") == "en" else "zh"


def is_large(request: HttpRequest) -> bool:
    """Whether the reader has chosen 适老版."""
    return request.COOKIES.get("large") == "1"


def city_asked(request: HttpRequest, slug: str | None = None) -> City:
    """Return the city that a page is about, and tell the page; raises Http404 where there is none."""
    city = city_of(slug or request.GET.get("city") or None)
    if city is None:
        raise Http404("city")
    request.city = city  # type: ignore[attr-defined]  # read by yike.web.context.page
    return city


def name_of(city: City, lang: str) -> str:
    return city.name_en if lang == "en" and city.name_en else city.name


def number(text: str | None, most: float) -> float | None:
    """Return a degree, None for what is none.

    Examples
    --------
    >>> number("112.5", 180), number("nan", 180), number("200", 180), number(None, 180)
    (112.5, None, None, None)
    """
    try:
        found = float(text or "")
    except ValueError:
        return None
    return found if math.isfinite(found) and abs(found) <= most else None


def asked_of(request: HttpRequest) -> Asked:
    """Return the place, walker and time of a page's address; ``from=lon,lat`` is read as well."""
    given = request.GET
    lon, lat = given.get("lon"), given.get("lat")
    if "from" in given:
        lon, _comma, lat = given["from"].partition(",")
    x, y = number(lon, 180), number(lat, 90)
    if x is None or y is None:
        x = y = None
    return Asked(x, y, given.get("who", "")[:20], (given.get("when") or "now")[:LONGEST_WHEN])


def walkers_of(city: City, lang: str) -> list[tuple[str, str]]:
    """Return the walkers that a city answers for, as (code, name); none before its study."""
    from yike.network.walking import load_walkers
    from yike.web.studies.live import live

    names = {walker.id: walker.zh if lang == "zh" else walker.en for walker in load_walkers().values()}
    try:
        return [(who, names.get(who, who)) for who in live(city).walkers]
    except YikeError:
        return []


def said(error: YikeError, lang: str) -> str:
    """Return what an error says to a reader: without its code, with what to do."""
    lines = [fault.text(lang).split(": ", 1)[-1] for fault in error.faults]
    return " ".join(" ".join(lines).split())


def quarter_asked(city: City, asked: Asked) -> dict[str, Any]:
    """Return 我的一刻钟 of a place, as JSON tells it; raises YikeError with the reason."""
    from yike.web.studies.api import answered, moment
    from yike.web.studies.live import live
    from yike.web.studies.quarter import quarter

    assert asked.lon is not None and asked.lat is not None
    engine = live(city)
    answer = quarter(engine, asked.lon, asked.lat, asked.who, moment(asked.when))
    return answered(city, engine, answer, asked.lon, asked.lat, asked.who)


def times() -> list[tuple[str, str]]:
    """Return the times one can choose on 我的一刻钟."""
    return [("now", _("现在")), ("07:00", _("早上 7 点")), ("21:00", _("晚上 9 点")), ("any", _("不管开没开门"))]
