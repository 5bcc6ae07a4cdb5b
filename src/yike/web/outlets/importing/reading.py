"""The uploaded file: opened behind guards, its columns told, its cells read one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from yike.errors import Fault, InputError
from yike.ingest.files import Sheet, points_of, read_sheet
from yike.web.lists.reading import KINDS, guard
from yike.web.outlets.importing.columns import fields, fitting, limit, propose
from yike.web.outlets.importing.findings import Finding
from yike.web.outlets.importing.values import Values, read_cell

__all__ = ["KINDS", "Table", "missing_columns", "open_table", "read_cells"]
NEEDED = ("name", "types", "lon", "lat")
PLACED_APART = ("types", "lon", "lat")  #: fields that are not read cell by cell


@dataclass(frozen=True)
class Table:
    """A table as it was uploaded, and which of its heads holds which field."""

    sheet: Sheet
    columns: Mapping[str, str]  #: field → head
    merged: tuple[int, ...] = ()  #: rows that stand in merged cells and have lost their own

    def __len__(self) -> int:
        return len(self.sheet.frame)

    def texts(self, field: str) -> list[str]:
        """Return a field's texts, "" for all where no column holds it.

        The apostrophe that our downloads put before what looks like a formula is taken off again.
        """
        if field not in self.columns:
            return [""] * len(self)
        return [
            text[1:] if text[:1] == "'" and text[1:2] in "=+-@" else text
            for text in self.sheet.texts(self.columns[field])
        ]

    @cached_property
    def numbers(self) -> list[int]:
        """Return the rows as a spreadsheet counts them."""
        return [int(row) for row in self.sheet.rows]

    @cached_property
    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return lon and lat as they stand in the file, NaN where there is no number."""
        if self.sheet.geometry is not None:
            return points_of(self.sheet)
        lon, lat = (self.sheet.numbers(self.columns.get(field, "")) for field in ("lon", "lat"))
        return lon, lat


def open_table(path: Path, columns: Mapping[str, str] | None = None) -> Table:
    """Read an uploaded file; without ``columns`` those are taken whose heads are known.

    Raises
    ------
    InputError
        Those of `read_sheet`, ``import.file_large``, ``import.rows_many``, ``import.not_features``,
        ``import.head_twice``.
    """
    _guard(path)
    sheet = read_sheet(path, as_written=True)
    if len(sheet.frame) > limit("rows"):
        values = {"path": path.name, "rows": len(sheet.frame), "most": int(limit("rows"))}
        raise InputError(Fault("import.rows_many", values=values))
    twice = sorted({head for head in sheet.heads if sheet.heads.count(head) > 1})
    if twice:
        raise InputError(Fault("import.head_twice", tuple((1, head) for head in twice)))
    told = propose(sheet.heads) if columns is None else fitting(columns, sheet.heads)
    return Table(sheet, told, _merged(path))


def _guard(path: Path) -> None:
    """Refuse what no table of outlets is, before a reader touches it."""
    guard(path, limit("file_bytes"), limit("unpacked_bytes"))


def _merged(path: Path) -> tuple[int, ...]:
    """Return the rows of a workbook that merged cells have emptied: all but the first of each merge."""
    if path.suffix.lower() != ".xlsx":
        return ()
    from python_calamine import CalamineWorkbook

    ranges = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).merged_cell_ranges or []
    rows = {row + 1 for (top, _), (bottom, _) in ranges for row in range(top + 1, min(bottom, top + 200_000) + 1)}
    return tuple(sorted(rows))


def missing_columns(table: Table) -> list[str]:
    """Return the needed fields that no column holds."""
    placed = table.sheet.geometry is not None
    return [field for field in NEEDED if field not in table.columns and not (placed and field in ("lon", "lat"))]


def read_cells(table: Table, today: date) -> tuple[list[Values], list[Finding]]:
    """Return the values of every row (only of cells that are not empty), and what was found in the cells."""
    values: list[Values] = [{} for _ in range(len(table))]
    found: list[Finding] = []
    rows = table.numbers
    for field in table.columns:
        if field in PLACED_APART or field not in fields():
            continue
        for i, text in enumerate(table.texts(field)):
            if text:
                read, code = read_cell(field, text, today)
                values[i].update(read)
                if code:
                    found.append(Finding(rows[i], code, field, text[:80]))
    return values, found + _whole_rows(table, values)


def _whole_rows(table: Table, values: list[Values]) -> list[Finding]:
    """Tell rows that hold nothing but a number, rows of merged cells, and rows without a name."""
    found = []
    filled = np.zeros(len(table), dtype=np.int64)
    for head in table.sheet.frame.columns:
        if head != table.columns.get("id"):
            filled += np.array([text != "" for text in table.sheet.texts(head)], dtype=np.int64)
    placed = table.sheet.geometry is not None
    merged = set(table.merged)
    names = table.texts("name")
    for i, row in enumerate(table.numbers):
        if row in merged:
            found.append(Finding(row, "import.merged", "", names[i][:80]))
        elif not filled[i] and not placed:
            found.append(Finding(row, "import.row_empty"))
        elif not names[i]:
            found.append(Finding(row, "import.name_empty", "name"))
    return found
