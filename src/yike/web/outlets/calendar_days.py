"""Public holidays and make-up workdays (调休) from ``holidays/<country>-<year>.csv``: how a date counts."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib import resources

from yike.hours.chinese import DAYS


@dataclass(frozen=True)
class Day:
    """How a date counts for opening hours: the weekday whose hours hold (0 = Monday), and whether it is a holiday."""

    weekday: int
    holiday: bool
    name: str = ""  # of the holiday, or of the one it makes up for


@cache
def _year(year: int, country: str) -> dict[date, Day] | None:
    table = resources.files("yike.web.outlets").joinpath("holidays", f"{country}-{year}.csv")
    if not table.is_file():
        return None
    found: dict[date, Day] = {}
    for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
        day = date.fromisoformat(row["date"])
        working = row["kind"] == "work"
        found[day] = Day(DAYS.index(row["acts_as"]) if working else day.weekday(), not working, row["name"])
    return found


def calendar_known(year: int, country: str = "CN") -> bool:
    """Return whether the holidays of a year are known; when not, its days count by their weekday alone."""
    return _year(year, country) is not None


@lru_cache(maxsize=4_000)
def day_of(day: date, country: str = "CN") -> Day:
    """Return how a date counts.

    Examples
    --------
    >>> day_of(date(2026, 10, 1)), day_of(date(2026, 10, 10)).weekday, day_of(date(2026, 10, 17)).weekday
    (Day(weekday=3, holiday=True, name='国庆节'), 2, 5)
    """
    return (_year(day.year, country) or {}).get(day) or Day(day.weekday(), False)
