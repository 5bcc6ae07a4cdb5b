"""The numbers and words of trying that are choices of ours, each a row of a table."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return a table of this app as rows."""
    text = resources.files("yike.web.scenarios").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def limit(name: str) -> float:
    """Return one number of limits.csv."""
    return next(float(row["value"]) for row in table("limits") if row["name"] == name)


def crossings() -> tuple[str, ...]:
    """Return the kinds of crossing a new path may have."""
    return tuple(row["crossing"] for row in table("crossings"))
