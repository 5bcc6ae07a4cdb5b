"""The check of a whole table against the register: nothing is written, everything is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from yike.errors import Fault, InputError
from yike.standards.crosswalk import Crosswalk, map_categories
from yike.web.areas.models import Area, City
from yike.web.outlets.importing.findings import Finding
from yike.web.outlets.importing.making import Record
from yike.web.outlets.importing.places import Ground, Places, place_rows
from yike.web.outlets.importing.reading import Table, missing_columns, read_cells
from yike.web.outlets.importing.register import Register

BARE = (
    "import.row_empty",
    "import.merged",
)  #: of a row of which this is said, it is not also said that cells are empty
EMPTY = ("import.type_empty", "import.place_missing")


@dataclass(frozen=True)
class Terms:
    """What a table is read by: whose city and tree, datum, crosswalk, what was chosen for rows, and the day."""

    city: City
    area: Area  #: the tree that rows must lie in
    datum: str
    crosswalk: Crosswalk
    today: date
    choices: Mapping[int, str] = field(default_factory=dict)  #: row → skip, update, add


@dataclass(frozen=True)
class Checked:
    """What a table would do to the register."""

    records: tuple[Record, ...]
    findings: tuple[Finding, ...]  #: by row
    unmapped: Counter[str]  #: categories nobody has mapped, with counts
    notes: tuple[Fault, ...] = ()  #: about the table as a whole

    @property
    def counts(self) -> dict[str, int]:
        """How many rows would be added, updated, left unchanged, skipped, and are faulty."""
        found = Counter(record.action for record in self.records)
        return {"rows": len(self.records)} | {
            name: found[name] for name in ("add", "update", "unchanged", "skip", "fault")
        }


def read_records(
    table: Table, terms: Terms, *, strict: bool = True
) -> tuple[list[Record], list[Finding], Counter[str]]:
    """Read every row: cells, place, types; rows that cannot enter have the action ``fault``.

    Raises
    ------
    InputError
        ``import.column_needed``.
    """
    missing = missing_columns(table)
    if missing:
        raise InputError(Fault("import.column_needed", tuple((None, name) for name in missing)))
    values, found = read_cells(table, terms.today)
    places = place_rows(table, Ground(terms.city), terms.datum, strict=strict)
    types, more, unmapped = _types(table, terms.crosswalk)
    bare = {finding.row for finding in found if finding.code in BARE}
    more = [finding for finding in (*places.findings, *more) if finding.row not in bare or finding.code not in EMPTY]
    found += [*more, *_ids_twice(table)]
    records = [
        Record(row, values[i], types[i], float(places.lon[i]), float(places.lat[i]), _area(places, i))
        for i, row in enumerate(table.numbers)
    ]
    _mark(records, found)
    return records, found, unmapped


def _area(places: Places, i: int) -> int | None:
    return int(places.area[i]) if places.area[i] >= 0 else None


def _types(table: Table, walk: Crosswalk) -> tuple[list[tuple[str, ...]], list[Finding], Counter[str]]:
    """Return the business types of every row, findings about its category, and what nobody has mapped."""
    texts = table.texts("types")
    types, unmapped = map_categories(walk, texts)
    unmapped.pop('""', None)
    code_of: dict[str, str] = {}
    for text in set(texts):
        answer = walk.ask(text)
        code_of[text] = (
            "import.type_empty" if not text
            else "import.type_unknown" if not answer.known
            else "import.type_part" if answer.unknown
            else "import.type_none" if not answer.types
            else ""
        )  # fmt: skip
    rows = table.numbers
    found = [Finding(rows[i], code_of[text], "types", text[:80]) for i, text in enumerate(texts) if code_of[text]]
    return types, found, unmapped


def _ids_twice(table: Table) -> list[Finding]:
    seen: dict[str, int] = {}
    found = []
    for row, key in zip(table.numbers, table.texts("id"), strict=True):
        if key and seen.setdefault(key, row) != row:
            found.append(Finding(row, "import.id_twice", "id", f"{key[:60]} (= {seen[key]})"))
    return found


def _mark(records: list[Record], found: list[Finding]) -> None:
    """Give rows with a fault, and rows that are none of ours, the action that keeps them out."""
    faulty = {finding.row for finding in found if finding.weight == "fault"}
    for record in records:
        if record.row in faulty:
            record.action = "fault"
        elif not record.types:
            record.action = "skip"


def check(table: Table, terms: Terms) -> Checked:
    """Check a table: what its rows would do to the register, and every doubt about them.

    Raises
    ------
    InputError
        ``import.column_needed``.
    """
    records, found, unmapped = read_records(table, terms)
    found += _not_yours(records, terms)
    _mark(records, found)
    register = Register(terms.city)
    found += register.settle(records, terms.area, terms.choices, "types" in table.columns)
    _mark(records, found)
    notes = shifted(table, records, register, terms.datum)
    return Checked(tuple(records), tuple(sorted(found, key=lambda each: (each.row, each.code))), unmapped, notes)


def _not_yours(records: list[Record], terms: Terms) -> list[Finding]:
    """Tell rows that lie in the city but outside the tree of the person's area."""
    mine = set(terms.city.areas.within(terms.area).values_list("pk", flat=True))
    names = dict(terms.city.areas.values_list("pk", "name"))
    return [
        Finding(record.row, "import.not_yours", "lon", names[record.area])
        for record in records
        if record.area is not None and record.area not in mine and record.action != "fault"
    ]


def shifted(table: Table, records: list[Record], register: Register, datum: str) -> tuple[Fault, ...]:
    """Tell when another datum brings the file much nearer to the outlets of the register that bear its names."""
    at = np.array([i for i, record in enumerate(records) if record.area is not None], dtype=np.int64)
    names = [records[i].name for i in at]
    x, y = table.points
    better = register.nearer_in(names, x[at], y[at], datum)
    return (Fault("import.shifted", values=better),) if better else ()
