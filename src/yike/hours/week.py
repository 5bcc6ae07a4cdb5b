"""Opening hours as a week of 168 hours: open, closed, or not known."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray
from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]  # not in its stubs

from yike.errors import Fault, InputError, Loaded, Row, raise_all
from yike.hours.chinese import DAYS, from_chinese, is_chinese

HOURS = 168  #: hours of a week; hour 0 is Monday 00:00
CLOSED, OPEN, UNKNOWN = np.int8(0), np.int8(1), np.int8(2)
TYPICAL_MONDAY = date(2026, 5, 11)  #: a week without a public holiday, in the season that Apr-Oct rules mean
States = NDArray[np.int8]


@dataclass(frozen=True)
class OpenWeek:
    """The state of O outlets at ``minute`` past each of the 168 hours of a week: closed 0, open 1, not known 2."""

    state: States  #: (O, 168)
    minute: int
    monday: date
    known: NDArray[np.bool_]  #: (O,) whether the outlet's hours could be read at all
    unknown_as: str = "apart"  #: "apart": a state of its own; "open": the user chose to count it as open

    def __len__(self) -> int:
        return len(self.state)

    def open_at(self, hour: int) -> NDArray[np.bool_]:
        """Return (O,) the outlets that are surely open at an hour of the week."""
        return np.asarray(self.state[:, hour] == OPEN)

    def maybe_at(self, hour: int) -> NDArray[np.bool_]:
        """Return (O,) the outlets that are open or may be, because their hours are not known."""
        return np.asarray(self.state[:, hour] != CLOSED)

    def with_unknown_open(self) -> OpenWeek:
        """Return the week in which whatever is not known counts as open: a choice to be told with the result."""
        states = np.where(self.state == UNKNOWN, OPEN, self.state)
        return replace(self, state=states, unknown_as="open")


def hour_of_week(day: str, hour: int) -> int:
    """Return the hour of the week (0–167) of a day ("Mo" … "Su") and an hour (0–23).

    Examples
    --------
    >>> hour_of_week("Mo", 7), hour_of_week("Su", 23)
    (7, 167)
    """
    if day not in DAYS or not 0 <= hour <= 23:
        raise InputError(Fault("hours.hour", values={"given": f"{day} {hour}"}))
    return DAYS.index(day) * 24 + hour


def clock(hour: int, minute: int = 0) -> str:
    """Return the name of an hour of the week.

    Examples
    --------
    >>> clock(7), clock(167, 30)
    ('Mo 07:00', 'Su 23:30')
    """
    return f"{DAYS[hour // 24]} {hour % 24:02d}:{minute:02d}"


def _parsed(text: str) -> OpeningHours | None:
    """Return the parsed hours, translated from Chinese where needed; None when they cannot be read."""
    for osm in (None if is_chinese(text) else text, from_chinese(text)):
        try:
            if osm is not None:
                return OpeningHours(osm)
        except ParserError:
            continue
    return None


def _hours_before(since_monday: timedelta, minute: int) -> int:
    """Return how many of the moments "``minute`` past the hour" lie before a time of the week."""
    return max(0, math.ceil((since_monday / timedelta(minutes=1) - minute) / 60))


def week_of(text: str, *, minute: int = 0, monday: date = TYPICAL_MONDAY) -> States | None:
    """Return the 168 states of one hours text, or None when it is empty or cannot be read.

    The state of an hour is that of the moment ``minute`` minutes past it; a place open 06:30–07:00
    is open at minute 30 of hour 6 only. What the text leaves open is "not known": a rule marked
    ``unknown``, one with a comment ("by appointment"), and the hours after an open end ("18:00+").

    Examples
    --------
    >>> week = week_of("Mo-Fr 06:30-10:00")
    >>> int(week[6]), int(week[7]), int((week == OPEN).sum())
    (0, 1, 15)
    """
    text = text.strip()
    hours = _parsed(text) if text else None
    if hours is None:
        return None
    start = datetime.combine(monday, time())
    states = np.full(HOURS, UNKNOWN, dtype=np.int8)
    for begin, end, state, comment in hours.intervals(start, start + timedelta(days=7)):
        code = CLOSED if state == State.CLOSED else OPEN
        if state == State.UNKNOWN or (state == State.OPEN and (comment or "+" in text)):
            code = UNKNOWN
        states[_hours_before(begin - start, minute) : _hours_before(end - start, minute)] = code
    return states


def open_week(texts: Sequence[str], *, minute: int = 0, monday: date = TYPICAL_MONDAY) -> Loaded[OpenWeek]:
    """Read the hours of O outlets into one week; each different text is read once.

    Parameters
    ----------
    texts
        OSM opening hours or simple Chinese hours; "" = not known.
    minute
        Minute past each hour at which the state is taken (0–59).
    monday
        The Monday of the week, for hours with seasons. The default week has no public holiday, so
        holiday rules (PH) do not apply; sunrise and sunset are 7:00 and 19:00.

    Returns
    -------
    Loaded[OpenWeek]
        With the notes ``hours.unknown`` (how many outlets have no hours) and ``hours.unreadable``
        (rows whose text was not understood): both stay *not known*, never silently open.

    Raises
    ------
    InputError
        ``hours.minute``, ``hours.monday``.
    """
    faults = [Fault("hours.minute", values={"minute": minute})] if not 0 <= minute <= 59 else []
    faults += [Fault("hours.monday", values={"date": monday})] if monday.weekday() != 0 else []
    raise_all(InputError, faults)
    distinct, which = np.unique(np.asarray([str(text) for text in texts], dtype=str), return_inverse=True)
    weeks = [week_of(str(text), minute=minute, monday=monday) for text in distinct]
    table = np.full((len(distinct), HOURS), UNKNOWN, dtype=np.int8)
    for i, week in enumerate(weeks):
        if week is not None:
            table[i] = week
    readable = np.array([week is not None for week in weeks], dtype=bool)
    known = readable[which] if len(which) else np.zeros(0, dtype=bool)
    return Loaded(OpenWeek(table[which], minute, monday, known), _notes(texts, known))


def _notes(texts: Sequence[str], known: NDArray[np.bool_]) -> tuple[Fault, ...]:
    """Return what could not be read, with rows, and how many outlets tell no hours."""
    unread: list[Row] = [(i + 1, str(text)) for i, text in enumerate(texts) if not known[i] and str(text).strip()]
    silent = int((~known).sum()) - len(unread)
    notes = [Fault("hours.unreadable", tuple(unread))] if unread else []
    if silent:
        notes.append(Fault("hours.unknown", values={"silent": silent, "outlets": len(known)}))
    return tuple(notes)
