"""Standards packs on disk: a folder with ``source.toml`` and tables a planner can open in a spreadsheet.

``requirements.csv``, ``gates.csv``, ``indicators.csv`` and ``business_types.csv`` are each optional. Every row says its
clause and its evidence grade; a pack with a fault is refused whole, all faults of all its tables at once.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, cast

from yike.errors import Fault, Row, StandardError, raise_all
from yike.standards.nouns import (
    CATEGORIES,
    LEVELS,
    MEASURES,
    BusinessType,
    Gate,
    Indicator,
    Pack,
    Requirement,
    Source,
)
from yike.standards.rows import Cells, Folder, decoded, read_table

DATE = re.compile(r"(\d{4}(-\d{2}(-\d{2})?)?)?")  #: a day, a month, a year or nothing
TYPE_COLUMNS = (
    "code", "zh", "en", "category", "groups", "counted_in_gate", "must_have", "walked", "counts_for", "list_evidence",
)  # fmt: skip
REQUIREMENT_COLUMNS = ("business_type", "measure", "value", "unit", "clause", "grade")
GATE_COLUMNS = ("category", "at_least", "of", "clause", "grade")
INDICATOR_COLUMNS = ("id", "zh", "en", "value", "unit", "clause", "grade")


@cache
def shipped() -> dict[str, Folder]:
    """Return the folders of the packs that ship with yike, by name, national ones first."""
    root = resources.files("yike.standards")
    found: dict[str, Folder] = {}
    for level in ("national", "provincial", "municipal", "local"):
        for folder in sorted(root.joinpath(level).iterdir(), key=lambda each: each.name):
            if folder.joinpath("source.toml").is_file():
                found[folder.name] = cast(Folder, folder)
    return found


@cache
def load_types() -> tuple[BusinessType, ...]:
    """Return the business types of the shipped catalogue, in order.

    Examples
    --------
    >>> len(load_types()), load_types()[0].zh
    (56, '便利店')
    """
    faults: list[Fault] = []
    root = cast(Folder, resources.files("yike.standards"))
    types = read_table(root, "business_types.csv", TYPE_COLUMNS, _type, faults)
    raise_all(StandardError, faults)
    return types


def load_pack(name: str, folder: Folder | None = None) -> Pack:
    """Read one pack, shipped (by name) or a city's own (by folder).

    Raises
    ------
    StandardError
        ``standards.pack_unknown``; ``standards.source_bad``; ``standards.encoding``; ``standards.columns_missing``;
        ``standards.cells_many``; ``standards.row_bad`` with every wrong row of every table; ``standards.row_twice`` for
        two rows on the same type and measure.

    Examples
    --------
    >>> pack = load_pack("shanxi-stars-2023")
    >>> [(gate.category, gate.at_least, gate.of) for gate in pack.gates]
    [('basic', 15, 23), ('quality', 20, 30)]
    """
    place = shipped().get(name) if folder is None else folder
    if place is None:
        raise StandardError(Fault("standards.pack_unknown", values={"pack": name, "known": ", ".join(shipped())}))
    faults: list[Fault] = []
    told = _told(place, name, faults)
    demands = read_table(place, "requirements.csv", REQUIREMENT_COLUMNS, lambda row: _requirement(row, name), faults)
    gates = read_table(place, "gates.csv", GATE_COLUMNS, lambda row: _gate(row, name), faults)
    indicators = read_table(place, "indicators.csv", INDICATOR_COLUMNS, lambda row: _indicator(row, name), faults)
    types = read_table(place, "business_types.csv", TYPE_COLUMNS, _type, faults)
    rows: tuple[Requirement | Gate | Indicator, ...] = (*demands, *gates, *indicators)
    named = [*(each.id for each in rows), *(each.code for each in types)]
    twice = sorted({each for each in named if named.count(each) > 1})
    if twice:
        faults.append(Fault("standards.row_twice", tuple((None, each) for each in twice), {"pack": name}))
    raise_all(StandardError, faults)
    grades = {part.strip() for row in rows for part in row.grade.split("/")}
    return Pack(_source(told, name, "/".join(sorted(grades))), demands, gates, indicators, types)


def pack_at(folder: str | Path) -> Pack:
    """Read a city's own pack from its folder; its name is the folder's.

    Raises
    ------
    StandardError
        As `load_pack`.
    """
    path = Path(folder)
    if not path.joinpath("source.toml").is_file():
        known = ", ".join(shipped())
        raise StandardError(Fault("standards.pack_unknown", values={"pack": str(folder), "known": known}))
    return load_pack(path.resolve().name, cast(Folder, path))


def _told(folder: Folder, name: str, faults: list[Fault]) -> dict[str, Any]:
    """Return what ``source.toml`` says; what it fails to say goes to ``faults``."""
    text = decoded(folder.joinpath("source.toml"), f"{name}/source.toml", faults)
    if text is None:
        return {}
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        faults.append(Fault("standards.source_bad", ((None, str(error)),), {"pack": name}))
        return {}
    bad: list[Row] = [(None, key) for key in ("title", "issuer", "read") if not told.get(key)]
    if told.get("level") not in LEVELS:
        bad.append((None, f"level = {told.get('level')!r}"))
    if not DATE.fullmatch(str(told.get("date", ""))):
        bad.append((None, f"date = {told.get('date')!r}"))
    if bad:
        faults.append(Fault("standards.source_bad", tuple(bad), {"pack": name}))
    return told


def _source(told: dict[str, Any], name: str, grades: str) -> Source:
    words = {key: str(told.get(key, "")) for key in ("level", "title", "title_en", "issuer", "number", "date")}
    keys = tuple(str(key) for key in told.get("keys", ()))
    return Source(pack=name, **words, where_read=str(told["read"]), keys=keys, grades=grades)


def _type(row: Cells) -> BusinessType:
    return BusinessType(
        code=row.filled("code"),
        zh=row.filled("zh"),
        en=row.filled("en"),
        category=row.one_of("category", CATEGORIES),
        groups=row.parts("groups"),
        counted_in_gate=row.yes("counted_in_gate"),
        must_have=row.yes("must_have"),
        walked=row.yes("walked"),
        counts_for=row.parts("counts_for"),
        list_evidence=row.filled("list_evidence"),
        note=row.text("note"),
    )


def _requirement(row: Cells, pack: str) -> Requirement:
    measure = row.one_of("measure", MEASURES)
    code = row.filled("business_type")
    return Requirement(
        id=f"{pack}.{code}.{measure}",
        pack=pack,
        business_type=code,
        measure=measure,
        value=row.number("value"),
        unit=row.one_of("unit", (MEASURES[measure],)) if measure in MEASURES else row.text("unit"),
        clause=row.filled("clause"),
        grade=row.grade(),
        source=row.text("source"),
        note=row.text("note"),
    )


def _gate(row: Cells, pack: str) -> Gate:
    category, at_least, of = row.one_of("category", CATEGORIES), row.whole("at_least"), row.whole("of")
    if at_least > of:
        row.bad.append(f"at_least = {at_least} > of = {of}")
    clause, grade, source, note = row.filled("clause"), row.grade(), row.text("source"), row.text("note")
    return Gate(f"{pack}.gate.{category}", pack, category, at_least, of, clause, grade, source, note)


def _indicator(row: Cells, pack: str) -> Indicator:
    return Indicator(
        id=f"{pack}.{row.filled('id')}",
        pack=pack,
        zh=row.filled("zh"),
        en=row.filled("en"),
        value=row.number("value"),
        unit=row.filled("unit"),
        clause=row.filled("clause"),
        grade=row.grade(),
        source=row.text("source"),
        note=row.text("note"),
    )
