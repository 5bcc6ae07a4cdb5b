"""Uploaded tables: refused behind guards, read once from a file that is deleted at once, their columns known by heads."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from yike.errors import Fault, InputError
from yike.ingest.datum import to_wgs84
from yike.ingest.files import Sheet, points_of, read_sheet
from yike.web.lists.choices import heads, number, plain

ROOM = "yike.web.lists"
KINDS = (".csv", ".tsv", ".txt", ".xlsx", ".geojson", ".json")  #: what uploads may be


def guard(path: Path, most_bytes: float, unpacked_bytes: float) -> None:
    """Refuse what no table is, before a reader touches it.

    Readers of maps tell formats by content, and some formats name other files: only a FeatureCollection gets there.

    Raises
    ------
    InputError
        ``ingest.format``, ``import.file_large``, ``ingest.bomb``, ``ingest.broken``, ``import.not_features``.
    """
    if path.suffix.lower() not in KINDS:
        raise InputError(Fault("ingest.format", values={"path": path.name, "known": "CSV, XLSX, GeoJSON"}))
    if path.stat().st_size > most_bytes:
        raise InputError(Fault("import.file_large", values={"path": path.name, "most": int(most_bytes / 1e6)}))
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            if sum(each.file_size for each in packed.infolist()) > unpacked_bytes:
                raise InputError(Fault("ingest.bomb", values={"path": path.name}))
    if path.suffix.lower() in (".geojson", ".json"):
        try:
            found = orjson.loads(path.read_bytes())
        except orjson.JSONDecodeError as error:
            raise InputError(Fault("ingest.broken", values={"path": path.name, "why": str(error)})) from error
        if not isinstance(found, dict) or found.get("type") != "FeatureCollection":
            raise InputError(Fault("import.not_features", values={"path": path.name}))


@dataclass(frozen=True)
class Table:
    """A table as it was uploaded, with the head that holds each field."""

    name: str
    digest: str
    sheet: Sheet
    columns: Mapping[str, str]  #: field → head
    datum: str = "wgs84"
    read: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)  #: texts by field, once read

    def __len__(self) -> int:
        return len(self.sheet.frame)

    @property
    def rows(self) -> list[int]:
        """Rows as a spreadsheet counts them."""
        return [int(row) for row in self.sheet.rows]

    @property
    def spare(self) -> list[str]:
        """Heads that no field takes: what stands below them is not read."""
        return [head for head in self.sheet.heads if head not in self.columns.values()]

    def texts(self, name: str) -> list[str]:
        """Return a field's texts, "" for all where no column holds it, without the apostrophe of our own downloads."""
        if name not in self.read:
            told = self.sheet.texts(self.columns[name]) if name in self.columns else [""] * len(self)
            self.read[name] = [text[1:] if text[:1] == "'" and text[1:2] in "=+-@" else text for text in told]
        return self.read[name]

    @cached_property
    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return lon and lat as they stand in the file, NaN where there is no number."""
        if self.sheet.geometry is not None:
            return points_of(self.sheet)
        lon, lat = (self.sheet.numbers(self.columns.get(field, "")) for field in ("lon", "lat"))
        return lon, lat

    @cached_property
    def wgs84(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return lon and lat in WGS 84, NaN where there is no place on the globe."""
        lon, lat = self.points
        there = np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
        x, y = to_wgs84(np.where(there, lon, 0), np.where(there, lat, 0), self.datum)
        return np.where(there, x, np.nan), np.where(there, y, np.nan)


def propose(told: Sequence[str], room: str) -> dict[str, str]:
    """Return field → head for the heads that a room's ``heads.csv`` knows; the first of several is taken.

    Examples
    --------
    >>> propose(["编号", "经度", "纬度", "看门人"], "yike.web.spaces")
    {'key': '编号', 'lon': '经度', 'lat': '纬度'}
    """
    found: dict[str, str] = {}
    for head in told:
        field = heads(room).get(plain(head))
        if field:
            found.setdefault(field, head)
    return found


def read_table(path: Path, room: str, datum: str = "wgs84", columns: Mapping[str, str] | None = None) -> Table:
    """Read a table file under a room's heads.

    Raises
    ------
    InputError
        Those of `guard` and `read_sheet`; ``import.rows_many``, ``import.head_twice``.
    """
    guard(path, number(ROOM, "file_bytes"), number(ROOM, "unpacked_bytes"))
    sheet = read_sheet(path, as_written=True)
    most = int(number(ROOM, "rows"))
    if len(sheet.frame) > most:
        raise InputError(Fault("import.rows_many", values={"path": path.name, "rows": len(sheet.frame), "most": most}))
    twice = sorted({head for head in sheet.heads if sheet.heads.count(head) > 1})
    if twice:
        raise InputError(Fault("import.head_twice", tuple((1, head) for head in twice)))
    known = {field: head for field, head in (columns or {}).items() if head in sheet.heads}
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Table(path.name, digest, sheet, {**propose(sheet.heads, room), **known}, datum)


def read_upload(pieces: Iterable[bytes], name: str, room: str, datum: str = "wgs84") -> Table:
    """Read an upload; its bytes are on disk only while they are read. Errors are those of `read_table`."""
    suffix = Path(name).suffix.lower()
    most = number(ROOM, "file_bytes")
    with tempfile.TemporaryDirectory(prefix="yike-table-") as folder:
        path, size = Path(folder, f"upload{suffix if suffix in KINDS else '.bin'}"), 0
        with path.open("wb") as file:
            for piece in pieces:
                size += len(piece)
                if size > most:
                    raise InputError(Fault("import.file_large", values={"path": name, "most": int(most / 1e6)}))
                file.write(piece)
        return replace(read_table(path, room, datum), name=name[-120:])
