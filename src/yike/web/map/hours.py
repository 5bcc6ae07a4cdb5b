"""An outlet's hours for people: open now until when, or when it opens; and the week as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from yike.hours.week import CLOSED, OPEN
from yike.web.outlets.hours_now import spans_of

DAY_MIN = 24 * 60
SCHEMA_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Now:
    """Whether an outlet is open, and when that changes ("" = not in the days that are looked at)."""

    open: bool | None
    until: str

    @property
    def told(self) -> str:
        if self.open is None:
            return _("营业时间没有登记")
        if self.open:
            return _("营业中，至 %(t)s") % {"t": self.until} if self.until else _("营业中")
        return _("现在不营业，%(t)s 开门") % {"t": self.until} if self.until else _("现在不营业")


@dataclass(frozen=True)
class Day:
    """One day of the week: its name, its spans as clocks, whether it is today."""

    name: str
    schema: str
    spans: tuple[tuple[str, str], ...]
    today: bool

    @property
    def told(self) -> str:
        return "、".join(f"{a}–{b}" for a, b in self.spans) if self.spans else _("休息")


def now_of(hours: str, when: datetime, *, paused: bool = False) -> Now:
    """Return whether an outlet with these hours is open at a moment."""
    if paused:
        return Now(False, "")
    minute = when.hour * 60 + when.minute
    for begin, end, state, clock in spans_of(hours, when.date()) or ():
        if begin <= minute < end and state in (OPEN, CLOSED):
            return Now(state == OPEN, _day_told(when, end) + clock if state == CLOSED and clock else clock)
    return Now(None, "")


def _day_told(when: datetime, end: int) -> str:
    """Return the day of an opening before its clock: nothing for today, 明天, or month and day."""
    ahead = end // DAY_MIN
    return "" if ahead == 0 else _("明天 ") if ahead == 1 else f"{when.date() + timedelta(days=ahead):%m-%d} "


def week_of(hours: str, when: datetime) -> tuple[Day, ...]:
    """Return the seven days from Monday on of the week in hand, none where the hours are not known."""
    monday = when.date() - timedelta(days=when.weekday())
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    days = []
    for k in range(7):
        found = spans_of(hours, monday + timedelta(days=k), 1)
        if found is None:
            return ()
        spans = tuple(
            (_clock(max(begin, 0)), _clock(end)) for begin, end, state, _c in found if state == OPEN and begin < DAY_MIN
        )
        days.append(Day(names[k], SCHEMA_DAYS[k], spans, k == when.weekday()))
    return tuple(days)


def _clock(minute: int) -> str:
    return "24:00" if minute == DAY_MIN else f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def schema_hours(days: Sequence[Day]) -> list[dict[str, str]]:
    """Return schema.org ``openingHoursSpecification``; midnight as an end is said as 23:59, as its reader wants."""
    return [
        {
            "@type": "OpeningHoursSpecification", "dayOfWeek": f"https://schema.org/{day.schema}",
            "opens": a, "closes": "23:59" if b == "24:00" else b,
        }
        for day in days
        for a, b in day.spans
    ]  # fmt: skip
