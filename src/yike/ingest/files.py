"""One door for table files: CSV, XLSX, GeoJSON, GeoPackage, shapefile → named columns with the rows their reader sees."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yike.errors import Fault, InputError, Row, raise_all

LARGEST_BYTES = 2_000_000_000  #: no table of a city is larger unpacked
LARGEST_RATIO = 200  #: nor does one pack so well; zeros do
SMALL_BYTES = 64_000_000  #: what is smaller unpacked harms nobody, however well it packs
PIECE_BYTES = 1 << 20
ENCODINGS = ("utf-8-sig", "gb18030")
GEO = (".geojson", ".json", ".gpkg", ".shp")


@dataclass(frozen=True)
class Sheet:
    """A table file as it was read: texts by column, the row numbers of its reader, outlines where it has them."""

    name: str
    frame: pd.DataFrame  #: every value as text, "" where empty
    rows: NDArray[
        np.int64
    ]  #: row of each record as a spreadsheet counts (the first is row 1, blank ones count), or number of the feature
    geometry: NDArray[np.object_] | None  #: shapely shapes in WGS 84 unless the file tells no datum
    heads: tuple[str, ...]  #: the heads as they are written in the file

    def row(self, i: int, value: object = "") -> Row:
        """Return record ``i`` for a fault."""
        return int(self.rows[i]), str(value)

    def texts(self, column: str) -> list[str]:
        """Return a column's texts, "" for all where it is not there."""
        return self.frame[column].tolist() if column in self.frame else [""] * len(self.frame)

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a column as numbers, NaN where it is empty or not one."""
        texts = pd.Series(self.texts(column), dtype=object).str.replace(",", "", regex=False)
        return pd.to_numeric(texts, errors="coerce").to_numpy(dtype=float)


@cache
def header_words() -> dict[str, str]:
    """Return the field that each known head of a column stands for (``header_words.csv``)."""
    text = resources.files("yike.ingest").joinpath("header_words.csv").read_text(encoding="utf-8")
    return {row["word"]: row["field"] for row in csv.DictReader(text.splitlines())}


@cache
def number(key: str) -> float:
    """Return one of our numbers (``numbers.csv``, each with source and grade)."""
    text = resources.files("yike.ingest").joinpath("numbers.csv").read_text(encoding="utf-8")
    return {row["key"]: float(row["value"]) for row in csv.DictReader(text.splitlines())}[key]


def read_sheet(path: str | Path, columns: Mapping[str, str] | None = None, *, as_written: bool = False) -> Sheet:
    """Read a table file with its columns under our names.

    Parameters
    ----------
    columns
        Our name → the file's head. Without it heads are known by ``header_words.csv``, Chinese and English.
    as_written
        Keep every head as it stands in the file; the caller knows which is which.

    Raises
    ------
    InputError
        ``ingest.missing``, ``ingest.empty``, ``ingest.format``, ``ingest.broken``, ``ingest.bomb``,
        ``ingest.row_long``, ``ingest.column_absent`` (a head that ``columns`` names is not there).
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(Fault("ingest.missing", values={"path": str(path)}))
    if path.stat().st_size == 0:
        raise InputError(Fault("ingest.empty", values={"path": path.name}))
    suffix = "".join(path.suffixes[-2:]).lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    try:
        frame, rows, geometry = _read(path, suffix)
    except (ValueError, RuntimeError, OSError, EOFError, zlib.error, zipfile.BadZipFile) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(Fault("ingest.broken", values={"path": path.name, "why": str(error)[:200]})) from error
    if len(frame) == 0:
        raise InputError(Fault("ingest.empty", values={"path": path.name}))
    heads = tuple(filter(None, frame.columns))
    return Sheet(path.name, _named(frame, columns, path.name, as_written), rows, geometry, heads)


def _read(path: Path, suffix: str) -> tuple[pd.DataFrame, NDArray[np.int64], NDArray[np.object_] | None]:
    if suffix in (".csv", ".csv.gz", ".txt", ".tsv"):
        return *_table(_csv(path, suffix), path.name), None
    if suffix in (".xlsx", ".xls", ".ods"):
        return *_table(_workbook(path), path.name), None
    if suffix in GEO:
        frame, shapes = _features(path)
        return frame, np.arange(len(frame)) + 1, shapes
    raise InputError(Fault("ingest.format", values={"path": path.name, "known": "CSV, XLSX, GeoJSON, GPKG, SHP"}))


def _table(lines: Iterable[list[str]], name: str) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the records below the first line that is not blank (the heads), with their rows in the spreadsheet.

    Raises
    ------
    InputError
        ``ingest.row_long``: every row with more cells than there are heads; nobody knows which is which.
    """
    heads: list[str] = []
    records: list[list[str]] = []
    rows: list[int] = []
    long: list[Row] = []
    for row, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if not heads:
            heads = cells
            continue
        if any(cells[len(heads) :]):
            long.append((row, ", ".join(cells)[:80]))
        records.append((cells + [""] * len(heads))[: len(heads)])
        rows.append(row)
    raise_all(InputError, [Fault("ingest.row_long", tuple(long), {"path": name, "heads": len(heads)})] if long else [])
    return pd.DataFrame(records, columns=heads, dtype=str), np.array(rows, dtype=np.int64)


def _csv(path: Path, suffix: str) -> Iterable[list[str]]:
    raw = _unpacked(path) if suffix.endswith(".gz") else path.read_bytes()
    for encoding in ENCODINGS:
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ValueError("neither UTF-8 nor GB 18030")
    if "\x00" in text:
        raise ValueError("not a text file")
    return _records(text, "\t" if suffix == ".tsv" else ",")


def _records(text: str, delimiter: str) -> Iterable[list[str]]:
    """Yield the records of a CSV; a quote that is never closed is told with its line, it never swallows the rest."""
    csv.field_size_limit(LARGEST_BYTES)  # outlines in a cell are long
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num}: {error}") from error


def _cap(path: Path) -> int:
    """Return how many bytes a packed table may hold."""
    return min(LARGEST_BYTES, max(SMALL_BYTES, LARGEST_RATIO * path.stat().st_size))


def _unpacked(path: Path) -> bytes:
    """Unpack a .gz, refusing a bomb before it fills the memory: its length is counted first, piece by piece."""
    with gzip.open(path) as file:
        length, cap = 0, _cap(path)
        while piece := file.read(PIECE_BYTES):
            length += len(piece)
            if length > cap:
                raise InputError(Fault("ingest.bomb", values={"path": path.name}))
        file.seek(0)
        return file.read()


def _workbook(path: Path) -> Iterable[list[str]]:
    from python_calamine import CalamineError, CalamineWorkbook

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            if sum(each.file_size for each in packed.infolist()) > _cap(path):
                raise InputError(Fault("ingest.bomb", values={"path": path.name}))
    try:
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise ValueError(str(error)) from error
    return ([_text(cell) for cell in row] for row in rows)


def _text(cell: Any) -> str:
    """Return a cell as its reader sees it: whole numbers without a decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _features(path: Path) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    import geopandas as gpd

    found = gpd.read_file(path)
    if not isinstance(found, gpd.GeoDataFrame):
        raise ValueError("no outlines and no points in it")
    if found.crs is not None and not found.crs.is_geographic:
        found = found.to_crs(4326)
    shapes = np.asarray(found.geometry, dtype=object)
    plain = pd.DataFrame(found.drop(columns=found.geometry.name)).rename(columns=lambda head: str(head).strip())
    return plain.map(lambda value: "" if value is None or value is pd.NA or value != value else _text(value)), shapes


def _named(frame: pd.DataFrame, columns: Mapping[str, str] | None, name: str, as_written: bool) -> pd.DataFrame:
    """Return the table with columns under our names; others keep theirs, but never hide one of ours."""
    heads = list(frame.columns)
    head_of = dict(columns or {})
    absent = [head for head in head_of.values() if head not in heads]
    if absent:
        values = {"path": name, "columns": ", ".join(absent), "heads": ", ".join(heads)}
        raise InputError(Fault("ingest.column_absent", values=values))
    told = set(head_of.values())
    for head in heads:
        field = None if as_written else header_words().get(head)
        if field and head not in told:
            head_of.setdefault(field, head)
    for head in heads:
        if head and head not in head_of.values():
            head_of.setdefault(head, head)
    once = frame.loc[:, ~frame.columns.duplicated()]
    return pd.DataFrame({field: once[head] for field, head in head_of.items()}, index=frame.index).astype(str)


def absent_columns(sheet: Sheet, needed: Iterable[str]) -> list[Fault]:
    """Return the fault of needed columns that a sheet lacks."""
    absent = [column for column in needed if column not in sheet.frame]
    values = {"path": sheet.name, "columns": ", ".join(absent), "heads": ", ".join(sheet.heads)}
    return [Fault("ingest.columns_missing", values=values)] if absent else []


def fault_of(code: str, sheet: Sheet, bad: NDArray[np.bool_], values: Sequence[object], **words: Any) -> list[Fault]:
    """Return a fault over the records where ``bad`` is true, each with its row and value; none where none is."""
    at = np.flatnonzero(bad)
    rows = tuple(sheet.row(int(i), values[int(i)]) for i in at)
    return [Fault(code, rows, {"path": sheet.name, **words})] if rows else []


def ids_of(sheet: Sheet) -> tuple[list[str], list[Fault]]:
    """Return the ids of a sheet, made from its rows where it has no column of them, and the faults of those given."""
    if "id" not in sheet.frame:
        return [f"{Path(sheet.name).stem}-{row}" for row in sheet.rows], []
    ids = pd.Series(sheet.texts("id"), dtype=object)
    empty = (ids == "").to_numpy()
    faults = fault_of("ingest.id_empty", sheet, empty, sheet.texts("name"))
    return ids.tolist(), faults + fault_of("ingest.id_twice", sheet, ids.duplicated().to_numpy() & ~empty, ids.tolist())


def points_of(sheet: Sheet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lon and lat of a sheet: of its shapes (a point inside each), or of its columns."""
    if sheet.geometry is None:
        return sheet.numbers("lon"), sheet.numbers("lat")
    shapes = sheet.geometry.copy()
    shapes[shapely.is_empty(shapes)] = None
    inside = shapely.point_on_surface(shapes)
    return shapely.get_x(inside), shapely.get_y(inside)
