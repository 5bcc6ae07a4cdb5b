"""Tables of a pack as checked rows: every wrong cell of every row is told, with the row number of the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from yike.errors import Fault, Row
from yike.standards.nouns import GRADES

T = TypeVar("T")


class Folder(Protocol):
    """A folder on disk or inside the package, as far as packs need it."""

    @property
    def name(self) -> str:
        """The folder's own name."""

    def joinpath(self, *names: str) -> Folder:
        """Return a file or folder in it."""

    def is_file(self) -> bool:
        """Whether it is a file."""

    def read_bytes(self) -> bytes:
        """Return the content of a file."""


def decoded(file: Path | Folder, table: str, faults: list[Fault]) -> str | None:
    """Return the text of a file; a file that is not UTF-8 (Excel saves GBK by default) goes to ``faults``."""
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        faults.append(Fault("standards.encoding", values={"table": table}))
        return None


def read_rows(
    file: Path | Folder, table: str, needed: Sequence[str], faults: list[Fault]
) -> list[tuple[int, dict[str, str]]]:
    """Return the rows of a CSV file with their row numbers (the header is row 1), cells stripped.

    Rows without any content are passed over, as spreadsheets leave them. Missing columns, and rows with more cells
    than the header (an unquoted comma shifts them), go to ``faults``.
    """
    text = decoded(file, table, faults)
    reader = csv.reader(io.StringIO(text or "", newline=""))
    head = [name.strip() for name in next(reader, [])]
    absent = [name for name in needed if name not in head]
    if absent:
        if text is not None:
            faults.append(Fault("standards.columns_missing", values={"table": table, "columns": ", ".join(absent)}))
        return []
    found: list[tuple[int, dict[str, str]]] = []
    long: list[Row] = []
    for number, cells in enumerate(reader, start=2):
        if len(cells) > len(head):
            long.append((number, f"{len(cells)} > {len(head)}: {','.join(cells)}"))
        elif any(cell.strip() for cell in cells):
            padded = cells + [""] * (len(head) - len(cells))
            found.append((number, {name: cell.strip() for name, cell in zip(head, padded, strict=True)}))
    if long:
        faults.append(Fault("standards.cells_many", tuple(long), {"table": table}))
    return found


class Cells:
    """One row being read: what is wrong with its cells gathers in ``bad``."""

    def __init__(self, row: dict[str, str]) -> None:
        self.row = row
        self.bad: list[str] = []

    def _wrong(self, column: str) -> None:
        self.bad.append(f"{column} = {self.row.get(column, '')!r}")

    def text(self, column: str) -> str:
        """Return a cell that may be empty or absent."""
        return self.row.get(column, "")

    def filled(self, column: str) -> str:
        """Return a cell that must say something."""
        if not self.text(column):
            self._wrong(column)
        return self.text(column)

    def one_of(self, column: str, allowed: Collection[str]) -> str:
        """Return a cell that must be one of some words."""
        if self.text(column) not in allowed:
            self._wrong(column)
        return self.text(column)

    def yes(self, column: str) -> bool:
        """Return whether a cell says yes; it must say yes or no."""
        return self.one_of(column, ("yes", "no")) == "yes"

    def number(self, column: str) -> float:
        """Return a finite number above 0."""
        try:
            value = float(self.text(column))
        except ValueError:
            value = 0.0
        if not 0 < value < float("inf"):
            self._wrong(column)
            return 1.0
        return value

    def whole(self, column: str) -> int:
        """Return a whole number above 0."""
        value = self.number(column)
        if value != int(value):
            self._wrong(column)
        return int(value)

    def grade(self) -> str:
        """Return the evidence grade: one or several of `GRADES`, joined with "/"."""
        if not GRADES.issuperset(part.strip() for part in self.text("grade").split("/")):
            self._wrong("grade")
        return self.text("grade")

    def parts(self, column: str) -> tuple[str, ...]:
        """Return the words of a cell that are joined with "|"."""
        return tuple(part.strip() for part in self.text(column).split("|") if part.strip())


def read_table(
    folder: Folder, table: str, needed: Sequence[str], make: Callable[[Cells], T], faults: list[Fault]
) -> tuple[T, ...]:
    """Make one noun of each row of a table, when the folder has the table; all wrong rows go to ``faults``."""
    file = folder.joinpath(table)
    if not file.is_file():
        return ()
    found: list[T] = []
    bad: list[Row] = []
    for number, row in read_rows(file, f"{folder.name}/{table}", needed, faults):
        cells = Cells(row)
        made = make(cells)
        if cells.bad:
            bad.append((number, ", ".join(cells.bad)))
        else:
            found.append(made)
    if bad:
        faults.append(Fault("standards.row_bad", tuple(bad), {"table": f"{folder.name}/{table}"}))
    return tuple(found)
