"""The scale of minutes: one data file for map, page, table and document, told by colour, by hatching and in words."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class MinuteClass:
    """One step of the scale; the last has no upper limit and holds "no way within the limit" too."""

    id: str
    upto_min: float
    colour: str
    hatch: str
    zh: str
    en: str

    def name(self, lang: str) -> str:
        """Return its words in a language."""
        return self.zh if lang == "zh" else self.en


@cache
def minute_classes() -> tuple[MinuteClass, ...]:
    """Return the steps from near to beyond (``minutes.csv``)."""
    text = resources.files("yike.report").joinpath("minutes.csv").read_text(encoding="utf-8")
    return tuple(
        MinuteClass(row["class"], float(row["upto_min"] or "inf"), row["colour"], row["hatch"], row["zh"], row["en"])
        for row in csv.DictReader(text.splitlines())
    )


def class_of(minutes: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return the step of each number of minutes; NaN (no way) is the last.

    Examples
    --------
    >>> class_of(np.array([0, 5, 5.01, 15, 15.01, np.nan])).tolist()
    [0, 0, 1, 2, 3, 3]
    """
    upto = np.array([each.upto_min for each in minute_classes()])
    value = np.where(np.isnan(minutes), np.inf, minutes)
    return np.searchsorted(upto, value, side="left")
