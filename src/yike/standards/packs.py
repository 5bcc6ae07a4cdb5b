"""Standards packs on disk: a folder with ``source.toml`` and tables a planner can open in a spreadsheet.

``requirements.csv``, ``gates.csv``, ``indicators.csv`` and ``business_types.csv`` are each optional. Every row says its
clause and its evidence grade; a pack with a fault is refused whole, all faults of all its tables at once.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from yike.errors import Fault, Row, StandardError, raise_all

MEASURES = {
    "walk_min": "min",
    "walk_m": "m",
    "people_per_outlet": "people/outlet",
    "area_m2_per_1000": "m2/1000 people",
    "min_area_m2": "m2",
    "presence": "outlets",
}  #: the closed list of measures with their units: a new measure is code, a new value is data
CATEGORIES = ("basic", "quality")
GRADES = frozenset({"D", "A", "B", "C", "R", "NF", "OURS"})
LEVELS = ("national", "provincial", "municipal", "city")


@dataclass(frozen=True)
class BusinessType:
    """业态: one business type of the catalogue."""

    code: str
    zh: str
    en: str
    category: str  #: "basic" 基本保障类 or "quality" 品质提升类
    groups: tuple[str, ...]  #: 一店一早, 一菜一修, 快递服务圈 …
    counted_in_gate: bool
    must_have: bool
    walked: bool  #: False: it serves by delivery or is part of another place, so no walk tests it
    counts_for: tuple[str, ...]  #: types whose function it fulfils too: a vegetable van for a vegetable shop
    list_evidence: str  #: where its name was seen
    note: str = ""


@dataclass(frozen=True)
class Requirement:
    """One demand of one clause on one business type."""

    id: str
    pack: str
    business_type: str
    measure: str
    value: float
    unit: str
    clause: str
    grade: str
    source: str = ""
    note: str = ""


@dataclass(frozen=True)
class Gate:
    """门槛: at least so many of so many types of a category must be there."""

    id: str
    pack: str
    category: str
    at_least: int
    of: int
    clause: str
    grade: str
    note: str = ""


@dataclass(frozen=True)
class Indicator:
    """A target that no walk can test, such as residents' satisfaction: kept for evaluation, with its clause."""

    id: str
    pack: str
    zh: str
    en: str
    value: float
    unit: str
    clause: str
    grade: str
    note: str = ""


@dataclass(frozen=True)
class Pack:
    """One paper: who issued it, where it was read, and what it demands."""

    name: str
    level: str
    title: str
    title_en: str
    issuer: str
    number: str
    date: str  #: ISO, as exactly as it is known: "2023-12-29", "2019", ""
    read: str
    requirements: tuple[Requirement, ...] = ()
    gates: tuple[Gate, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    types: tuple[BusinessType, ...] = ()

    @property
    def grades(self) -> str:
        """The evidence grades of its rows, joined."""
        rows = (*self.requirements, *self.gates, *self.indicators)
        return "/".join(sorted({row.grade for row in rows}))


Folder = Any  #: a `pathlib.Path` or a folder inside the package


@cache
def shipped() -> dict[str, Folder]:
    """Return the folders of the packs that ship with yike, by name."""
    root = resources.files("yike.standards")
    found: dict[str, Folder] = {}
    for level in ("national", "provincial", "municipal", "local"):
        for folder in sorted(root.joinpath(level).iterdir(), key=lambda each: each.name):
            if folder.joinpath("source.toml").is_file():
                found[folder.name] = folder
    return found


@cache
def load_types() -> tuple[BusinessType, ...]:
    """Return the 56 business types of the shipped catalogue, in order.

    Examples
    --------
    >>> len(load_types()), load_types()[0].zh
    (56, '便利店')
    """
    faults: list[Fault] = []
    folder = resources.files("yike.standards")
    types = _read(folder, "business_types.csv", _type, faults)
    raise_all(StandardError, faults)
    return tuple(types)


def load_pack(name: str, folder: Folder | None = None) -> Pack:
    """Read one pack, shipped (by name) or a city's own (by folder).

    Raises
    ------
    StandardError
        ``standards.pack_unknown``; ``standards.source_bad``; ``standards.columns_missing``; ``standards.row_bad`` with
        every wrong row of every table.

    Examples
    --------
    >>> pack = load_pack("shanxi-stars-2023")
    >>> [(gate.category, gate.at_least, gate.of) for gate in pack.gates]
    [('basic', 15, 23), ('quality', 20, 30)]
    """
    if folder is None:
        folder = shipped().get(name)
    if folder is None:
        raise StandardError(Fault("standards.pack_unknown", values={"pack": name, "known": ", ".join(shipped())}))
    faults: list[Fault] = []
    source = _source(folder, name, faults)
    requirements = _read(folder, "requirements.csv", lambda row: _requirement(row, name), faults)
    gates = _read(folder, "gates.csv", lambda row: _gate(row, name), faults)
    indicators = _read(folder, "indicators.csv", lambda row: _indicator(row, name), faults)
    types = _read(folder, "business_types.csv", _type, faults)
    raise_all(StandardError, faults)
    words = {key: str(source.get(key, "")) for key in ("title", "title_en", "issuer", "number", "date", "read")}
    return Pack(name, str(source["level"]), **words, requirements=tuple(requirements), gates=tuple(gates),
                indicators=tuple(indicators), types=tuple(types))  # fmt: skip


def pack_at(folder: str | Path) -> Pack:
    """Read a city's own pack from its folder; its name is the folder's."""
    path = Path(folder)
    if not path.joinpath("source.toml").is_file():
        raise StandardError(Fault("standards.pack_unknown", values={"pack": str(folder), "known": ", ".join(shipped())}))
    return load_pack(path.resolve().name, path)


def _source(folder: Folder, name: str, faults: list[Fault]) -> dict[str, Any]:
    try:
        source = tomllib.loads(folder.joinpath("source.toml").read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        faults.append(Fault("standards.source_bad", ((None, str(error)),), {"pack": name}))
        return {}
    bad: list[Row] = [(None, key) for key in ("title", "issuer", "read") if not source.get(key)]
    if source.get("level") not in LEVELS:
        bad.append((None, f"level = {source.get('level')!r}"))
    if bad:
        faults.append(Fault("standards.source_bad", tuple(bad), {"pack": name}))
    return source


def _read(folder: Folder, table: str, make: Callable[[Mapping[str, str]], Any], faults: list[Fault]) -> list[Any]:
    """Read a table when it is there; wrong rows go to ``faults`` with their numbers."""
    file = folder.joinpath(table)
    if not file.is_file():
        return []
    reader = csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines())
    found, bad = [], []
    for number, row in enumerate(reader, start=2):
        try:
            found.append(make(row))
        except KeyError as error:
            values = {"table": f"{folder.name}/{table}", "columns": str(error.args[0])}
            faults.append(Fault("standards.columns_missing", values=values))
            return []
        except ValueError as error:
            bad.append((number, str(error)))
    if bad:
        faults.append(Fault("standards.row_bad", tuple(bad), {"table": f"{folder.name}/{table}"}))
    return found


def _one_of(row: Mapping[str, str], column: str, allowed: Iterable[str]) -> str:
    if row[column] not in allowed:
        raise ValueError(f"{column} = {row[column]!r}")
    return row[column]


def _filled(row: Mapping[str, str], column: str) -> str:
    if not row[column].strip():
        raise ValueError(f"{column} = ''")
    return row[column].strip()


def _number(row: Mapping[str, str], column: str) -> float:
    try:
        value = float(row[column])
    except ValueError:
        raise ValueError(f"{column} = {row[column]!r}") from None
    if not 0 < value < float("inf"):
        raise ValueError(f"{column} = {row[column]!r}")
    return value


def _grade(row: Mapping[str, str]) -> str:
    if not GRADES.issuperset(row["grade"].split("/")):
        raise ValueError(f"grade = {row['grade']!r}")
    return row["grade"]


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def _yes(row: Mapping[str, str], column: str) -> bool:
    return _one_of(row, column, ("yes", "no")) == "yes"


def _type(row: Mapping[str, str]) -> BusinessType:
    return BusinessType(
        code=_filled(row, "code"),
        zh=_filled(row, "zh"),
        en=_filled(row, "en"),
        category=_one_of(row, "category", CATEGORIES),
        groups=_parts(row["groups"]),
        counted_in_gate=_yes(row, "counted_in_gate"),
        must_have=_yes(row, "must_have"),
        walked=_yes(row, "walked"),
        counts_for=_parts(row["counts_for"]),
        list_evidence=_filled(row, "list_evidence"),
        note=row.get("note") or "",
    )


def _requirement(row: Mapping[str, str], pack: str) -> Requirement:
    measure = _one_of(row, "measure", MEASURES)
    unit = _one_of(row, "unit", (MEASURES[measure],))
    code = _filled(row, "business_type")
    return Requirement(
        f"{pack}.{code}.{measure}", pack, code, measure, _number(row, "value"), unit, _filled(row, "clause"),
        _grade(row), row.get("source") or "", row.get("note") or "",
    )  # fmt: skip


def _gate(row: Mapping[str, str], pack: str) -> Gate:
    category = _one_of(row, "category", CATEGORIES)
    at_least, of = int(_number(row, "at_least")), int(_number(row, "of"))
    if at_least > of:
        raise ValueError(f"at_least = {at_least} > of = {of}")
    note = row.get("note") or ""
    return Gate(f"{pack}.gate.{category}", pack, category, at_least, of, _filled(row, "clause"), _grade(row), note)


def _indicator(row: Mapping[str, str], pack: str) -> Indicator:
    return Indicator(
        f"{pack}.{_filled(row, 'id')}", pack, _filled(row, "zh"), _filled(row, "en"), _number(row, "value"),
        row["unit"], row["clause"], _grade(row), row.get("note") or "",
    )  # fmt: skip
