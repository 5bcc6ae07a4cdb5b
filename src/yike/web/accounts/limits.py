"""Numbers of logging in, as data: ``limits.csv``, each with its clause and how far that clause was verified.

The text of GB/T 22239 (等保 2.0) could not be opened; rows of grade R (recalled) and NF (not found) are defaults that a
city may change, never rules shown as the standard's own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Limit:
    """One number: what it limits, its unit, the clause it serves and the grade of the evidence."""

    key: str
    value: int
    unit: str
    clause: str
    grade: str
    zh: str
    en: str


@cache
def limits() -> dict[str, Limit]:
    """Return all numbers by key."""
    text = resources.files("yike.web.accounts").joinpath("limits.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {
        row["key"]: Limit(row["key"], int(row["value"]), row["unit"], row["clause"], row["grade"], row["zh"], row["en"])
        for row in rows
    }


def limit(key: str) -> int:
    """Return one number in the unit of its row.

    Examples
    --------
    >>> limit("code_digits")
    6
    """
    return limits()[key].value
