"""What a page of seeing is asked for: type, walker, hour, category, order; what cannot be read falls away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from yike.errors import YikeError
from yike.hours.week import HOURS
from yike.web.areas.models import City
from yike.web.seeing.now import Seen, seen
from yike.web.seeing.part import Part, part_of
from yike.web.seeing.places import Place

CATEGORIES = ("basic", "quality", "")


@dataclass(frozen=True)
class Choice:
    """What is shown: one type for one walker at an hour of the week (-1: whatever the hours)."""

    code: str
    who: str
    hour: int
    category: str
    sort: str

    def query(self, **other: Any) -> str:
        """Return the choice as a query, with some of it changed."""
        told = {"type": self.code, "who": self.who, "day": "", "clock": "", "cat": self.category, "sort": self.sort}
        if self.hour >= 0:
            told |= {"day": str(self.hour // 24), "clock": str(self.hour % 24)}
        told |= {name: str(value) for name, value in other.items()}
        return urlencode({name: value for name, value in told.items() if value or name == "cat"})

    @property
    def day(self) -> str:
        return str(self.hour // 24) if self.hour >= 0 else ""

    @property
    def clock(self) -> int:
        return self.hour % 24 if self.hour >= 0 else 7


def days_told() -> list[str]:
    return [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")]


def hour_told(hour: int) -> str:
    """Return the words of an hour of the week, "" for any."""
    return f"{days_told()[hour // 24]} {hour % 24}:00" if hour >= 0 else _("不限时间")


def hour_of(day: str, clock: str) -> int:
    """Return the hour of the week of a day (0 = Monday) and a clock hour; -1 where they name none.

    Examples
    --------
    >>> hour_of("0", "7"), hour_of("6", "23"), hour_of("", "7"), hour_of("7", "1"), hour_of("x", "")
    (7, 167, -1, -1, -1)
    """
    if not (day.isdecimal() and clock.isdecimal() and len(day) < 3 and len(clock) < 3 and int(clock) < 24):
        return -1
    hour = int(day) * 24 + int(clock)
    return hour if hour < HOURS else -1


def look(city: City, who: str) -> Seen:
    """Return the city as it is now for a walker; an unknown walker is the first; raises Http404 without a study."""
    try:
        return seen(city, who)
    except YikeError as error:
        if error.code == "study.walker_unknown":
            return seen(city)
        raise


def choice(request: HttpRequest, place: Place) -> tuple[Choice, Part]:
    """Return what is asked of a place, and the place's measures for the walker asked."""
    now = look(place.city, request.GET.get("who", "")[:20])
    part = part_of(now, place)
    if not part.served.types:
        raise Http404("types")
    code = request.GET.get("type", "")
    if code not in part.served.types:
        code = worst_type(part)
    category = request.GET.get("cat", "basic")
    return Choice(
        code, now.who, hour_of(request.GET.get("day", ""), request.GET.get("clock", "")),
        category if category in CATEGORIES else "basic", request.GET.get("sort", "")[:42],
    ), part  # fmt: skip


def worst_type(part: Part) -> str:
    """Return the basic type that most people of a place lack: what its page opens with."""
    catalogue = part.seen.engine.catalogue
    short = part.people[0] - part.people_met[0]
    basic = [k for k, code in enumerate(part.served.types) if catalogue.type(code).category == "basic"]
    among = basic or list(range(len(part.served.types)))
    return part.served.types[max(among, key=lambda k: float(short[k]))]
