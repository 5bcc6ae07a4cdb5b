"""One door for table files: CSV, XLSX, GeoJSON, GeoPackage, shapefile → named columns with the rows their reader sees."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
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

from yike.errors import Fault, InputError, Row

LARGEST_BYTES = 2_000_000_000  #: no table of a city is larger unpacked
LARGEST_RATIO = 200  #: nor does one pack so well; zeros do
ENCODINGS = ("utf-8-sig", "gb18030")
GEO = (".geojson", ".json", ".gpkg", ".shp")


@dataclass(frozen=True)
class Sheet:
    """A table file as it was read: texts by column, the row numbers of its reader, outlines where it has them."""

    name: str
    frame: pd.DataFrame  #: every value as text, "" where empty
    rows: NDArray[
        np.int64
    ]  #: row of each record as a spreadsheet counts (the heads are row 1), or number of the feature
    geometry: NDArray[np.object_] | None  #: shapely shapes in WGS 84 unless the file tells no datum

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


def read_sheet(path: str | Path, columns: Mapping[str, str] | None = None) -> Sheet:
    """Read a table file with its columns under our names.

    Parameters
    ----------
    columns
        Our name → the file's head. Without it heads are known by ``header_words.csv``, Chinese and English.

    Raises
    ------
    InputError
        ``ingest.missing``, ``ingest.empty``, ``ingest.format``, ``ingest.broken``, ``ingest.bomb``,
        ``ingest.column_absent`` (a head that ``columns`` names is not there).
    """
    path = Path(path)
    if not path.is_file():
        raise InputError(Fault("ingest.missing", values={"path": str(path)}))
    if path.stat().st_size == 0:
        raise InputError(Fault("ingest.empty", values={"path": path.name}))
    suffix = "".join(path.suffixes[-2:]).lower() if path.suffix.lower() == ".gz" else path.suffix.lower()
    try:
        frame, geometry = _read(path, suffix)
    except (ValueError, RuntimeError, OSError, EOFError, zipfile.BadZipFile) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(Fault("ingest.broken", values={"path": path.name, "why": str(error)[:200]})) from error
    frame = _named(frame, columns, path.name)
    first = 1 if geometry is not None else 2
    blank = (frame == "").all(axis=1).to_numpy() if geometry is None else np.zeros(len(frame), bool)
    rows = np.arange(len(frame)) + first
    if (~blank).sum() == 0:
        raise InputError(Fault("ingest.empty", values={"path": path.name}))
    return Sheet(path.name, frame[~blank].reset_index(drop=True), rows[~blank], geometry)


def _read(path: Path, suffix: str) -> tuple[pd.DataFrame, NDArray[np.object_] | None]:
    if suffix in (".csv", ".csv.gz", ".txt", ".tsv"):
        return _csv(path, suffix), None
    if suffix in (".xlsx", ".xls", ".ods"):
        return _workbook(path), None
    if suffix in GEO:
        return _features(path)
    raise InputError(Fault("ingest.format", values={"path": path.name, "known": "CSV, XLSX, GeoJSON, GPKG, SHP"}))


def _csv(path: Path, suffix: str) -> pd.DataFrame:
    raw = _unpacked(path) if suffix.endswith(".gz") else path.read_bytes()
    for encoding in ENCODINGS:
        try:
            text = raw.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ValueError("neither UTF-8 nor GB 18030")
    if "\x00" in text[:4096]:
        raise ValueError("not a text file")
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False, sep="\t" if suffix == ".tsv" else ",",
                       skip_blank_lines=False)  # fmt: skip


def _unpacked(path: Path) -> bytes:
    """Unpack a .gz, refusing a bomb before it fills the memory."""
    cap = min(LARGEST_BYTES, max(64_000_000, LARGEST_RATIO * path.stat().st_size))
    with gzip.open(path) as file:
        raw = file.read(cap + 1)
    if len(raw) > cap:
        raise InputError(Fault("ingest.bomb", values={"path": path.name}))
    return raw


def _workbook(path: Path) -> pd.DataFrame:
    from python_calamine import CalamineError, CalamineWorkbook

    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            if sum(each.file_size for each in packed.infolist()) > LARGEST_BYTES:
                raise InputError(Fault("ingest.bomb", values={"path": path.name}))
    try:
        rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise ValueError(str(error)) from error
    if not rows:
        return pd.DataFrame()
    heads = [_text(cell) for cell in rows[0]]
    return pd.DataFrame([[_text(cell) for cell in row] for row in rows[1:]], columns=heads, dtype=str)


def _text(cell: Any) -> str:
    """Return a cell as its reader sees it: whole numbers without a decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _features(path: Path) -> tuple[pd.DataFrame, NDArray[np.object_]]:
    import geopandas as gpd

    found = gpd.read_file(path)
    if found.crs is not None and not found.crs.equals("EPSG:4326") and not found.crs.is_geographic:
        found = found.to_crs(4326)
    shapes = np.asarray(found.geometry, dtype=object)
    plain = pd.DataFrame(found.drop(columns=found.geometry.name))
    return plain.map(lambda value: "" if value is None or value is pd.NA or value != value else _text(value)), shapes


def _named(frame: pd.DataFrame, columns: Mapping[str, str] | None, name: str) -> pd.DataFrame:
    """Return the table with columns under our names; others keep theirs."""
    heads = [str(head).strip() for head in frame.columns]
    frame = frame.set_axis(heads, axis=1)
    if columns:
        absent = [head for head in columns.values() if head not in heads]
        if absent:
            values = {"path": name, "columns": ", ".join(absent), "heads": ", ".join(heads)}
            raise InputError(Fault("ingest.column_absent", values=values))
    given = {head: field for field, head in (columns or {}).items()}
    taken = set(given.values())
    for head in heads:
        field = header_words().get(head)
        if field and field not in taken and head not in given:
            given[head] = field
            taken.add(field)
    kept = frame.rename(columns=given)
    return kept.loc[:, ~kept.columns.duplicated()].astype(str)


def absent_columns(sheet: Sheet, needed: Iterable[str]) -> list[Fault]:
    """Return the fault of needed columns that a sheet lacks."""
    absent = [column for column in needed if column not in sheet.frame]
    values = {"path": sheet.name, "columns": ", ".join(absent), "heads": ", ".join(map(str, sheet.frame.columns))}
    return [Fault("ingest.columns_missing", values=values)] if absent else []


def fault_of(code: str, sheet: Sheet, bad: NDArray[np.bool_], values: Sequence[object], **words: Any) -> list[Fault]:
    """Return a fault over the records where ``bad`` is true, each with its row and value; none where none is."""
    at = np.flatnonzero(bad)
    rows = tuple(sheet.row(int(i), values[int(i)]) for i in at)
    return [Fault(code, rows, {"path": sheet.name, **words})] if rows else []


def points_of(sheet: Sheet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return lon and lat of a sheet: of its shapes (a point inside each), or of its columns."""
    if sheet.geometry is None:
        return sheet.numbers("lon"), sheet.numbers("lat")
    shapes = sheet.geometry.copy()
    shapes[shapely.is_empty(shapes)] = None
    inside = shapely.point_on_surface(shapes)
    return shapely.get_x(inside), shapely.get_y(inside)
