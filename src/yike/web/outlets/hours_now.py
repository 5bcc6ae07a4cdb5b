"""Open now, closes at, opens at: of one outlet and of twenty thousand, with holidays and make-up workdays.

Each different hours text is looked at once a date, minute by minute for `AHEAD_DAYS` days on; an outlet is an index into
these rows. A make-up workday takes the hours of the weekday that its calendar names; on a holiday a rule for ``PH`` holds,
and without one the hours of the weekday.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings
from django.utils import timezone
from numpy.typing import NDArray
from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]  # not in its stubs

from yike.hours.chinese import DAYS
from yike.hours.week import CLOSED, OPEN, UNKNOWN
from yike.web.areas.models import City
from yike.web.outlets.calendar_days import Day, day_of
from yike.web.outlets.models import Closure, Outlet

DAY_MIN = 1440
AHEAD_DAYS = 11  #: how far "opens at" looks: over the nine days of a Spring Festival
SLOT_MIN = 5
DAY_SLOTS = DAY_MIN // SLOT_MIN
Spans = list[tuple[int, int, int, str]]  #: from and to in minutes after midnight, state, clock of the end
_DATED = re.compile(r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|week|easter|\d{4})\b|SH")
_TYPICAL = date(2026, 5, 11)


@dataclass(frozen=True)
class OpenState:
    """Whether an outlet is open at a moment (None: not known), and until when that lasts (None: not within `AHEAD_DAYS`)."""

    open: bool | None
    until: datetime | None = None

    @property
    def closes(self) -> str | None:
        """Clock at which an open outlet closes."""
        return f"{self.until:%H:%M}" if self.open and self.until else None

    @property
    def opens(self) -> str | None:
        """Clock at which a closed outlet opens next."""
        return f"{self.until:%H:%M}" if self.open is False and self.until else None


@lru_cache(maxsize=50_000)
def _is_dated(text: str) -> bool:
    """Return whether an hours text speaks of months, weeks or years."""
    return _DATED.search(text) is not None


def _standing_for(day: date, how: Day, text: str) -> date:
    """Return a date with the weekday whose hours hold on ``day``, in its own season; without seasons a typical week's."""
    monday = day - timedelta(days=day.weekday()) if _is_dated(text) else _TYPICAL
    return monday + timedelta(days=how.weekday)


DaySpans = tuple[tuple[int, int, int], ...]  #: (from, to, state) in minutes over one date, without a gap


def _spans(rule: str, first: date, days: int) -> list[list[tuple[int, int, int]]] | None:
    """Return the spans of each of some dates; None for a text that cannot be read."""
    try:
        hours = OpeningHours(rule)
    except ParserError:
        return None
    start = datetime.combine(first, time())
    found: list[list[tuple[int, int, int]]] = [[] for _ in range(days)]
    for begin, end, state, comment in hours.intervals(start, start + timedelta(days=days)):
        code = CLOSED if state == State.CLOSED else OPEN
        if state == State.UNKNOWN or (state == State.OPEN and (comment or "+" in rule)):
            code = UNKNOWN
        b, e = (int((each - start).total_seconds() // 60) for each in (begin, end))
        for day in range(b // DAY_MIN, -(-e // DAY_MIN)):
            midnight = day * DAY_MIN
            found[day].append((max(b, midnight) - midnight, min(e, midnight + DAY_MIN) - midnight, int(code)))
    return found


@lru_cache(maxsize=20_000)
def _week_spans(text: str, monday: date) -> tuple[DaySpans, ...] | None:
    """Return the spans of the seven dates of a week without holidays: read once, asked for every day of it."""
    week = _spans(text, monday, 7)
    return None if week is None else tuple(map(tuple, week))


@lru_cache(maxsize=20_000)
def _holiday_spans(text: str, standing: date) -> DaySpans | None:
    """Return the spans of a date that is a public holiday: ``PH`` is read as the weekday that it is."""
    day = _spans(text.replace("PH", DAYS[standing.weekday()]), standing, 1)
    return None if day is None else tuple(day[0])


def _day_spans(text: str, standing: date, holiday: bool) -> DaySpans | None:
    """Return the spans of one date; None for a text that cannot be read."""
    if holiday:
        return _holiday_spans(text, standing)
    week = _week_spans(text, standing - timedelta(days=standing.weekday()))
    return None if week is None else week[standing.weekday()]


def _spans_on(text: str, day: date) -> DaySpans | None:
    how = day_of(day)
    return _day_spans(text, _standing_for(day, how, text), how.holiday and "PH" in text)


def spans_of(text: str, day: date, days: int = AHEAD_DAYS) -> Spans | None:
    """Return the spans of one state from midnight of ``day`` for ``days`` days; None where the hours are not known.

    Spans that go on over midnight are joined. The clock is that of the span's end, "" when the last day ends it.

    Examples
    --------
    >>> spans_of("Mo-Fr 09:00-17:00; PH off", date(2026, 10, 1), 1)
    [(0, 1440, 0, '')]
    >>> spans_of("Mo-Fr 09:00-17:00", date(2026, 10, 10), 1)  # a Saturday on which people work
    [(0, 540, 0, '09:00'), (540, 1020, 1, '17:00'), (1020, 1440, 0, '')]
    """
    if not text:
        return None
    joined: list[tuple[int, int, int]] = []
    for k in range(days):
        one = _spans_on(text, day + timedelta(days=k))
        if one is None:
            return None
        for begin, end, state in one:
            begin, end = begin + k * DAY_MIN, end + k * DAY_MIN
            if joined and joined[-1][2] == state and joined[-1][1] == begin:
                joined[-1] = (joined[-1][0], end, state)
            else:
                joined.append((begin, end, state))
    last = days * DAY_MIN
    return [(b, e, s, "" if e >= last else f"{e % DAY_MIN // 60:02d}:{e % 60:02d}") for b, e, s in joined]


def here_and_now() -> datetime:
    """Return the moment in the installation's own time."""
    return timezone.now().astimezone(ZoneInfo(settings.TIME_ZONE))


def local(moment: datetime) -> datetime:
    """Return a moment in the installation's own time; one without a zone is meant so already."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)


def hours_at(text: str, moment: datetime) -> OpenState:
    """Return the state of an hours text at a moment.

    Examples
    --------
    >>> state = hours_at("Mo-Fr 09:00-17:00; PH off", datetime(2026, 9, 30, 20))
    >>> state.open, f"{state.until:%m-%d %H:%M}"
    (False, '10-08 09:00')
    """
    moment = local(moment)
    spans = spans_of(text, moment.date())
    minute = moment.hour * 60 + moment.minute
    for begin, end, state, clock in spans or ():
        if begin <= minute < end:
            midnight = datetime.combine(moment.date(), time(), tzinfo=moment.tzinfo)
            until = midnight + timedelta(minutes=end) if clock else None
            return OpenState(None if state == UNKNOWN else bool(state == OPEN), until)
    return OpenState(None)


def hours_text_of(outlet: Outlet) -> str:
    """Return the hours that hold for an outlet: its own, or the schedule of a mobile stall at this place."""
    return outlet.hours or (outlet.schedule if outlet.mobile else "")


def state_at(outlet: Outlet, moment: datetime | None = None) -> OpenState:
    """Return whether an outlet is open at a moment: by its state, its days shut, then its hours."""
    moment = local(moment or here_and_now())
    if outlet.state != "open":
        return OpenState(False)
    shut = [each for each in outlet.closures.all() if each.begins <= moment.date() <= each.ends]
    if shut:
        after = max(each.ends for each in shut) + timedelta(days=1)
        nxt = hours_at(hours_text_of(outlet), datetime.combine(after, time(), tzinfo=moment.tzinfo))
        return OpenState(False, nxt.until if nxt.open is False else None)
    return hours_at(hours_text_of(outlet), moment)


def open_at(outlet: Outlet, moment: datetime | None = None) -> bool | None:
    """Return whether an outlet is open at a moment; None where its hours are not known."""
    return state_at(outlet, moment).open


class OpenTable:
    """The hours of O outlets, asked all at once: 5-minute slots of each different text, as bits of a day and its next days."""

    def __init__(self, keys: Sequence[str], texts: Sequence[str], shut: Iterable[tuple[int, date, date]] = ()) -> None:
        self.keys = list(keys)
        self.row = {key: k for k, key in enumerate(self.keys)}
        self.texts, self.which = np.unique(np.asarray(texts, dtype=str), return_inverse=True)
        self.shut = sorted(shut)  # (row, first, last)
        self._days: OrderedDict[date, tuple[NDArray[np.int8], NDArray[np.int16]]] = OrderedDict()

    @classmethod
    def of_city(cls, city: City) -> OpenTable:
        """Read the open outlets of a city."""
        rows = list(Outlet.objects.filter(city=city, state="open").order_by("pk").values_list(
            "pk", "key", "hours", "schedule", "mobile"))  # fmt: skip
        place = {pk: k for k, (pk, *_) in enumerate(rows)}
        shut = Closure.objects.filter(outlet__city=city)
        return cls(
            [key for _, key, *_ in rows],
            [hours or (schedule if mobile else "") for _, _, hours, schedule, mobile in rows],
            [
                (place[pk], begins, ends)
                for pk, begins, ends in shut.values_list("outlet", "begins", "ends")
                if pk in place
            ],
        )

    def __len__(self) -> int:
        return len(self.keys)

    def _day(self, day: date) -> tuple[NDArray[np.int8], NDArray[np.int16]]:
        """Return, per text, the states of the slots of a day and the slot at which each state ends (-1: not soon)."""
        kept = self._days.get(day)
        if kept is None:
            slots = AHEAD_DAYS * DAY_SLOTS
            states = np.full((len(self.texts), DAY_SLOTS), UNKNOWN, np.int8)
            ends = np.full((len(self.texts), DAY_SLOTS), -1, np.int16)
            for k, text in enumerate(self.texts):
                for begin, end, state, _ in spans_of(str(text), day) or ():
                    first, last = -(-begin // SLOT_MIN), -(-end // SLOT_MIN)
                    if first >= DAY_SLOTS:
                        break
                    states[k, first:last] = state
                    ends[k, first:last] = last if last < slots else -1
            kept = self._days[day] = (states, ends)
            while len(self._days) > 4:
                self._days.popitem(last=False)
        return kept

    def at(self, moment: datetime) -> tuple[NDArray[np.int8], NDArray[np.int16]]:
        """Return (O,) states (closed 0, open 1, not known 2), and (O,) minutes after midnight when they end (-1: not soon).

        Answers are of the 5-minute slot that holds the moment.
        """
        moment = local(moment)
        states, ends = self._day(moment.date())
        slot = (moment.hour * 60 + moment.minute) // SLOT_MIN
        state, end = states[self.which, slot].copy(), ends[self.which, slot].astype(np.int16)
        for row, begins, last in self.shut:
            if begins <= moment.date() <= last:
                state[row], end[row] = CLOSED, -1
        return state, np.where(end < 0, -1, end * SLOT_MIN).astype(np.int16)


_TABLES: dict[int, tuple[tuple[int, object], OpenTable]] = {}


def open_table(city: City) -> OpenTable:
    """Return a city's table, kept in this process until an outlet of the city changes."""
    from django.db.models import Count, Max

    told = Outlet.objects.filter(city=city).aggregate(n=Count("pk"), last=Max("changed_at"))
    mark = (told["n"], told["last"])
    kept = _TABLES.get(city.pk)
    if kept is None or kept[0] != mark:
        kept = _TABLES[city.pk] = (mark, OpenTable.of_city(city))
    return kept[1]
