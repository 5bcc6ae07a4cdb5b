"""圈圈相融: how many of the sub-circles are whole at a home, and which errands a loop calls at; both are tables."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yike.coverage.limits import within
from yike.errors import Fault, Row, StandardError, raise_all

if TYPE_CHECKING:
    from yike.standards.catalogue import Catalogue


@dataclass(frozen=True)
class SubCircle:
    """One sub-circle: whole at a home that reaches enough of its types within the minutes."""

    group: str  #: a word of the column ``groups`` of the catalogue's types
    minutes: float
    at_least: str  #: "all" or a number of types
    zh: str
    en: str
    clause: str
    grade: str


@dataclass(frozen=True)
class Stop:
    """One stop of a loop: any outlet of any of its types will do."""

    id: str
    zh: str
    en: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class LoopRule:
    """A loop: who walks, how long it may take, and what it calls at, in order."""

    id: str
    walker: str
    minutes: float
    errands: tuple[Stop, ...]
    grade: str


def _rows(name: str, path: Path | None) -> list[tuple[int, dict[str, str]]]:
    table = resources.files("yike.coverage").joinpath(name) if path is None else path
    return list(enumerate(csv.DictReader(table.read_text(encoding="utf-8").splitlines()), start=2))


def _positive(text: str) -> bool:
    return text.replace(".", "", 1).isdigit() and float(text) > 0


def load_sub_circles(path: Path | None = None) -> tuple[SubCircle, ...]:
    """Read the sub-circles from ``sub_circles.csv`` or a table of the same columns; raises ``coverage.merging_value``.

    Examples
    --------
    >>> [each.group for each in load_sub_circles()]
    ['养老托育圈', '文化休闲圈', '健康健身圈', '快递服务圈']
    """
    rows = _rows("sub_circles.csv", path)
    wrong: list[Row] = [
        (number, f"{row['at_least']}, {row['minutes']}")
        for number, row in rows
        if not (row["at_least"] == "all" or row["at_least"].isdigit()) or not _positive(row["minutes"])
    ]
    raise_all(StandardError, [Fault("coverage.merging_value", tuple(wrong))] if wrong else [])
    return tuple(
        SubCircle(
            row["group"], float(row["minutes"]), row["at_least"], row["zh"], row["en"], row["clause"], row["grade"]
        )
        for _, row in rows
    )


def load_loop(loop: str = "grandparent", path: Path | None = None) -> LoopRule:
    """Read one loop from ``loops.csv`` or a table of the same columns.

    Raises
    ------
    StandardError
        ``coverage.loop_unknown``, ``coverage.merging_value``.

    Examples
    --------
    >>> rule = load_loop()
    >>> rule.walker, rule.minutes, [each.zh for each in rule.errands]
    ('elder', 30.0, ['送托育', '买菜', '取快递', '食堂'])
    """
    rows = _rows("loops.csv", path)
    mine = [(number, row) for number, row in rows if row["loop"] == loop]
    if not mine:
        known = ", ".join(sorted({row["loop"] for _, row in rows}))
        raise StandardError(Fault("coverage.loop_unknown", values={"loop": loop, "known": known}))
    wrong: list[Row] = [
        (number, f"{row['minutes']}, {row['nth']}, {row['types']}")
        for number, row in mine
        if not _positive(row["minutes"]) or not row["nth"].isdigit() or not row["types"]
    ]
    raise_all(StandardError, [Fault("coverage.merging_value", tuple(wrong))] if wrong else [])
    ordered = [row for _, row in sorted(mine, key=lambda pair: int(pair[1]["nth"]))]
    errands = tuple(Stop(row["errand"], row["zh"], row["en"], tuple(row["types"].split("|"))) for row in ordered)
    return LoopRule(loop, ordered[0]["walker"], float(ordered[0]["minutes"]), errands, ordered[0]["grade"])


@dataclass(frozen=True)
class Merging:
    """R homes × C sub-circles."""

    circles: tuple[SubCircle, ...]
    types: tuple[tuple[str, ...], ...]  #: (C,) types that were counted
    number: NDArray[np.int64]  #: (R, C) types within the minutes
    needed: tuple[int, ...]  #: (C,)

    @property
    def whole(self) -> NDArray[np.bool_]:
        """(R, C) whether a sub-circle is whole at a home; one without a type that can be walked to never is."""
        there = np.array([len(each) > 0 for each in self.types])
        return np.asarray((self.number >= np.array(self.needed)) & there)

    @property
    def count(self) -> NDArray[np.int64]:
        """(R,) how many sub-circles are whole."""
        return np.asarray(self.whole.sum(axis=1))


def measure_merging(
    seconds: Mapping[str, NDArray[np.float32]],
    catalogue: Catalogue,
    *,
    unseen: Collection[str] = (),
    circles: tuple[SubCircle, ...] | None = None,
) -> Merging:
    """Tell for every home how many types of each sub-circle are within its minutes, and which sub-circles are whole.

    Parameters
    ----------
    seconds
        Type -> (R,) seconds to the nearest outlet. Types of a group that are not in it are not walked to and do not count.
    unseen
        Types that no source could tell: neither there nor missing, so they do not count.

    Examples
    --------
    >>> from yike.standards.catalogue import load_catalogue
    >>> walks = {"express_station": np.float32([300, 300]), "parcel_locker": np.float32([60, np.inf])}
    >>> found = measure_merging(walks, load_catalogue())
    >>> found.count.tolist(), found.number[:, 3].tolist()
    ([1, 0], [2, 1])
    """
    circles = circles or load_sub_circles()
    types, number, needed = [], [], []
    for each in circles:
        codes = tuple(
            kind.code
            for kind in catalogue.types
            if each.group in kind.groups and kind.code in seconds and kind.code not in unseen
        )
        n = len(next(iter(seconds.values()), np.zeros(0)))
        near = [within(seconds[code], round(each.minutes * 60_000)) for code in codes]
        types.append(codes)
        number.append(np.sum(near, axis=0, dtype=np.int64) if near else np.zeros(n, np.int64))
        needed.append(len(codes) if each.at_least == "all" else int(each.at_least))
    return Merging(circles, tuple(types), np.stack(number, axis=1), tuple(needed))
