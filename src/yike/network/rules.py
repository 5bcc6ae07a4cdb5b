"""The tables of ``rules/``: which ways may be walked, what bars whom, how long one waits.

A table is read from the top; every row whose condition holds sets the columns it has a value in, so a
later row overrides an earlier one. Conditions read ``key=a|b`` (one of), ``key!=a|b`` (none of),
``key=*`` (has any value) and ``key=`` (has none); all conditions of a row must hold. They are tested on
the few distinct values of a tag, never way by way.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.errors import Fault, NetworkError, raise_all

Bools = NDArray[np.bool_]
Row = dict[str, str]

WALK = ("no", "yes", "open", "private")  #: open = public even inside a ring of wall
KINDS = ("foot", "road_minor", "road_major", "steps", "escalator", "lift", "square", "door")
ONEWAY = {"both": 0, "there": 1, "back": -1}
CROSSINGS = ("", "unmarked", "marked", "signals", "lift")
PASS = ("yes", "no", "private")
BARS = {"kerb": 1, "narrow": 2, "climb": 4, "wheelchair": 8}  #: what a walker may be unable to pass, as bits

_ALLOWED = {
    "walk": WALK,
    "kind": KINDS,
    "oneway": tuple(ONEWAY),
    "crossing": CROSSINGS,
    "pass": PASS,
    "bars": ("-", *BARS),
}
_NUMBERS = ("pace", "wait_s", "level", "value")


@dataclass(frozen=True)
class Condition:
    """One test on one tag."""

    key: str
    values: frozenset[str]  #: "*" stands for any value at all
    negate: bool

    def holds(self, value: str) -> bool:
        """Tell whether a tag value (several are parted by ";") meets the condition."""
        parts = {part.strip() for part in value.split(";")}
        hit = bool(parts & self.values) or ("*" in self.values and value != "")
        return hit != self.negate


def parse_when(text: str) -> tuple[Condition, ...]:
    """Return the conditions of a row.

    Examples
    --------
    >>> [c.holds("steps") for c in parse_when("highway=steps|path foot!=no")]
    [True, True]
    """
    found = []
    for word in text.split():
        key, sep, values = word.partition("=")
        if not sep:
            raise ValueError(f"no = in {word!r}")
        found.append(Condition(key.removesuffix("!"), frozenset(values.split("|")), key.endswith("!")))
    return tuple(found)


class TagTable:
    """Tags of n things as categories, with conditions tested per category."""

    def __init__(self, tags: Mapping[str, pd.Categorical], n: int, rows: NDArray[np.intp] | None = None) -> None:
        self.n = n if rows is None else len(rows)
        self._tags = tags
        self._rows = rows
        self._codes: dict[str, NDArray[np.signedinteger]] = {}

    def codes(self, key: str) -> NDArray[np.signedinteger]:
        """Return the category number of each thing for one tag."""
        if key not in self._codes:
            codes = self._tags[key].codes
            self._codes[key] = codes if self._rows is None else codes[self._rows]
        return self._codes[key]

    def look_up(self, key: str, of_value: Mapping[str, int], default: int = 0) -> NDArray[np.int8]:
        """Return a small number per thing, from a table of tag values."""
        if key not in self._tags:
            return np.full(self.n, default, np.int8)
        names = [str(value) for value in self._tags[key].categories]
        table = np.array([*(of_value.get(name, default) for name in names), default], np.int8)
        return table[self.codes(key)]  # code -1 (missing) takes the last entry

    def where(self, conditions: Iterable[Condition]) -> Bools:
        """Return which things meet all conditions; a tag that was not read is empty everywhere."""
        met = np.ones(self.n, np.bool_)
        for condition in conditions:
            if condition.key not in self._tags:
                if not condition.holds(""):
                    return np.zeros(self.n, np.bool_)
                continue
            names = [str(value) for value in self._tags[condition.key].categories]
            table = np.array([*(condition.holds(name) for name in names), condition.holds("")])
            met &= table[self.codes(condition.key)]
        return met


@dataclass(frozen=True)
class Rules:
    """All tables of ``rules/`` (or of a folder of one's own) but the walkers', checked."""

    ways: tuple[Row, ...]
    nodes: tuple[Row, ...]
    waits: tuple[Row, ...]
    surfaces: tuple[Row, ...]
    limits: Mapping[str, float]

    @property
    def way_keys(self) -> frozenset[str]:
        """Tags of ways that the tables ask for."""
        return _keys(self.ways) | {row["key"] for row in self.surfaces} | {"highway", "incline", "name"}

    @property
    def node_keys(self) -> frozenset[str]:
        """Tags of vertices that the tables ask for."""
        return _keys(self.nodes)


def _keys(rows: Iterable[Row]) -> frozenset[str]:
    return frozenset(condition.key for row in rows for condition in parse_when(row["when"]))


def read_table(name: str, folder: Path | None = None) -> tuple[Row, ...]:
    """Return the rows of one table, from ``folder`` where it has the file, else from the package."""
    own = folder / name if folder is not None else None
    source = own if own is not None and own.exists() else resources.files("yike.network").joinpath("rules", name)
    return tuple(csv.DictReader(source.read_text(encoding="utf-8-sig").splitlines()))


def _check(name: str, rows: tuple[Row, ...]) -> list[Fault]:
    """Return the faults of one table: words that no column allows, numbers that are none."""
    bad = []
    for number, row in enumerate(rows, start=2):
        for column, value in row.items():
            if value and column in _ALLOWED and value not in _ALLOWED[column]:
                bad.append((number, f"{column}: {value}"))
            if value and column in _NUMBERS and not _is_number(value):
                bad.append((number, f"{column}: {value}"))
        try:
            parse_when(row.get("when", ""))
        except ValueError as error:
            bad.append((number, f"when: {error}"))
    return [Fault("network.rule_bad", tuple(bad), {"table": name})] if bad else []


def _is_number(text: str) -> bool:
    try:
        return float(text) >= 0
    except ValueError:
        return False


@cache
def load_rules(folder: Path | None = None) -> Rules:
    """Return the rules of walking: the package's own, each table replaced by a file of its name in ``folder``.

    Raises
    ------
    NetworkError
        ``network.rule_bad``: a word or number that its column does not allow; all rows of all tables at once.

    Examples
    --------
    >>> rules = load_rules()
    >>> rules.ways[0]["rule"], rules.limits["attach_m"]
    ('footway', 150.0)
    """
    names = ("ways.csv", "nodes.csv", "waits.csv", "surfaces.csv", "limits.csv")
    tables = [read_table(name, folder) for name in names]
    raise_all(NetworkError, [fault for name, rows in zip(names, tables, strict=True) for fault in _check(name, rows)])
    ways, nodes, waits, surfaces, limits = tables
    return Rules(ways, nodes, waits, surfaces, {row["name"]: float(row["value"]) for row in limits})
