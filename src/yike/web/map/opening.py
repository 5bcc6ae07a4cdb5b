"""Which outlets of a table are open at a moment: every different hours text is looked at once a day, not every outlet."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from yike.errors import Fault, InputError
from yike.hours.week import CLOSED, OPEN, UNKNOWN
from yike.web.map.table import Shown
from yike.web.outlets.hours_now import DAY_MIN, Spans, here_and_now, local, spans_of


@dataclass(frozen=True)
class Opening:
    """The N outlets of a table at one moment."""

    when: datetime
    state: NDArray[np.int8]  #: closed 0, open 1, not known 2
    until: NDArray[np.object_]  #: clock "HH:MM" of the next change, "" = not soon
    ahead: NDArray[np.int16]  #: days from the moment's own day to that change

    @property
    def is_open(self) -> NDArray[np.bool_]:
        return np.asarray(self.state == OPEN)


def moment(text: str, now: datetime | None = None) -> datetime:
    """Return the moment that a page or a caller means, in the installation's own time.

    Parameters
    ----------
    text
        "now" or ""; a clock of today "07:00"; or a date with a clock "2026-11-24T07:00".

    Raises
    ------
    InputError
        ``map.when``: it is none of these.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> now = datetime(2026, 11, 24, 21, 5, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    >>> moment("07:00", now).isoformat(), moment("now", now).minute
    ('2026-11-24T07:00:00+08:00', 5)
    """
    now = now or here_and_now()
    if text in ("", "now"):
        return now.replace(second=0, microsecond=0)
    try:
        if len(text) <= 5:
            clock = datetime.strptime(text, "%H:%M")
            return now.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
        found = datetime.fromisoformat(text)
        if not 2000 <= found.year <= 2100:
            raise ValueError(text)
    except ValueError as error:
        raise InputError(Fault("map.when", values={"given": text[:40]})) from error
    return local(found.replace(second=0, microsecond=0))


_KEPT: OrderedDict[tuple[int, datetime], Opening] = OrderedDict()
_DAYS: OrderedDict[tuple[str, date], Spans | None] = OrderedDict()


def opening(shown: Shown, when: datetime) -> Opening:
    """Return which outlets of a table are open at a moment; kept for some moments."""
    asked = (shown.number, when)
    found = _KEPT.get(asked)
    if found is None:
        found = _KEPT[asked] = _reckoned(shown, when)
        while len(_KEPT) > 64:
            _KEPT.popitem(last=False)
    return found


def _spans(text: str, day: date) -> Spans | None:
    key = (text, day)
    if key not in _DAYS:
        _DAYS[key] = spans_of(text, day)
        while len(_DAYS) > 20_000:
            _DAYS.popitem(last=False)
    return _DAYS[key]


def _reckoned(shown: Shown, when: datetime) -> Opening:
    texts, which = shown.texts
    day, minute = when.date(), when.hour * 60 + when.minute
    states, untils = np.full(len(texts), UNKNOWN, np.int8), np.full(len(texts), "", dtype=object)
    days = np.zeros(len(texts), np.int16)
    for k, text in enumerate(texts):
        for begin, end, code, clock in _spans(text, day) or ():
            if begin <= minute < end:
                states[k], untils[k], days[k] = code, clock, end // DAY_MIN
                break
    state, until, ahead = states[which], untils[which], days[which]
    shut = shown.paused.copy()
    for k, row in enumerate(shown.rows):
        if row.closures and any(begins <= day <= ends for begins, ends in row.closures):
            shut[k] = True
    state[shut], until[shut], ahead[shut] = CLOSED, "", 0
    return Opening(when, state, until, ahead)
