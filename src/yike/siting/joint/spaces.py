"""Candidate spaces (闲置空间): where something could be built, how large, for what, on which terms."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.errors import Fault, InputError, Loaded, Row, raise_all
from yike.ingest.datum import to_wgs84
from yike.ingest.files import absent_columns, fault_of, ids_of, points_of, read_sheet

COLUMNS = (
    "key", "name", "kind", "lon", "lat", "area_m2", "uses", "rent_yuan", "conversion_yuan", "community",
)  # fmt: skip
HEADS = {
    "key": ("编号", "key", "id", "空间编号"),
    "name": ("名称", "name", "空间名称"),
    "kind": ("类型", "kind", "空间类型", "类别"),
    "lon": ("经度", "lon", "lng", "x"),
    "lat": ("纬度", "lat", "y"),
    "area_m2": ("面积", "area_m2", "面积（平方米）", "建筑面积"),
    "uses": ("可用业态", "uses", "允许业态", "允许用途"),
    "rent_yuan": ("年租金", "rent_yuan", "租金", "年租金（元）"),
    "conversion_yuan": ("改造费用", "conversion_yuan", "改造成本", "改造费"),
    "community": ("社区代码", "community", "社区"),
}  #: heads of columns as registers write them


@dataclass(frozen=True)
class SpaceKind:
    """A kind of space with its words; a row of ``kinds.csv``."""

    code: str
    zh: str
    en: str
    words: tuple[str, ...]


@cache
def load_kinds() -> Mapping[str, SpaceKind]:
    """Return the kinds of spaces by code.

    Examples
    --------
    >>> load_kinds()["kiosk"].zh
    '闲置核酸采样亭'
    """
    text = resources.files("yike.siting.joint").joinpath("kinds.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return {row["code"]: SpaceKind(row["code"], row["zh"], row["en"], tuple(row["words"].split("|"))) for row in rows}


@cache
def _kind_words() -> dict[str, str]:
    return {word: kind.code for kind in load_kinds().values() for word in (kind.code, kind.zh, kind.en, *kind.words)}


def kind_of(word: str) -> str | None:
    """Return the code of a kind by its code, its name or one of its words; None for a stranger.

    Examples
    --------
    >>> kind_of("核酸亭"), kind_of("warehouse"), kind_of("castle")
    ('kiosk', 'workshop_warehouse', None)
    """
    return _kind_words().get(word.strip())


@dataclass(frozen=True)
class Spaces:
    """S candidate spaces.

    Columns of ``frame``: ``key`` (unique), ``name``, ``kind`` (a code of ``kinds.csv``), ``lon``, ``lat`` (WGS 84),
    ``area_m2`` (> 0), ``uses`` (tuple of business types it may hold; () = those of its kind), ``rent_yuan`` (a year; NaN
    = not known, counted as nothing and told), ``conversion_yuan`` (of the whole space; NaN = reckoned from area and
    type), ``community`` (12 digits, "" = that of the nearest home on foot).

    Raises
    ------
    InputError
        ``joint.space_bad`` with every row without a place, a known kind or an area, or with negative money;
        ``joint.space_twice``.

    Examples
    --------
    >>> kiosk = {"key": "K1", "name": "亭", "kind": "核酸亭", "lon": 112.8, "lat": 35.5, "area_m2": 8}
    >>> Spaces.of([kiosk]).frame.loc[0, ["kind", "uses", "community"]].tolist()
    ['kiosk', (), '']
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        frame = self.frame.reindex(columns=list(COLUMNS)).reset_index(drop=True)
        for name in ("key", "name", "kind", "community"):
            frame[name] = frame[name].astype(object).fillna("").astype(str)
        for name in ("lon", "lat", "area_m2", "rent_yuan", "conversion_yuan"):
            frame[name] = pd.to_numeric(frame[name], errors="coerce").astype(float)
        frame["uses"] = [tuple(each) if isinstance(each, list | tuple) else () for each in frame["uses"]]
        frame["kind"] = [kind_of(each) or "?" + each for each in frame["kind"]]
        raise_all(InputError, _faults(frame))
        object.__setattr__(self, "frame", frame)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> Spaces:
        """Make spaces of records; absent fields are unknown."""
        return cls(pd.DataFrame(list(rows), columns=list(COLUMNS)))

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(self.frame["key"])

    @property
    def lon(self) -> NDArray[np.float64]:
        return self.frame["lon"].to_numpy(dtype=float)

    @property
    def lat(self) -> NDArray[np.float64]:
        return self.frame["lat"].to_numpy(dtype=float)

    @property
    def area_m2(self) -> NDArray[np.float64]:
        return self.frame["area_m2"].to_numpy(dtype=float)


def _faults(frame: pd.DataFrame) -> list[Fault]:
    money = frame[["rent_yuan", "conversion_yuan"]].to_numpy(float)
    lon, lat, area = (frame[name].to_numpy(float) for name in ("lon", "lat", "area_m2"))
    strange = np.array([each.startswith("?") for each in frame["kind"]], dtype=bool)
    bad = (
        np.array([each == "" for each in frame["key"]], dtype=bool)
        | strange
        | ~(np.isfinite(area) & (area > 0))
        | (money < 0).any(axis=1)
    )
    bad |= ~(np.isfinite(lon) & np.isfinite(lat) & (np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    rows: list[Row] = [
        (int(i) + 1, f"{frame['key'][i]}: {frame['kind'][i].lstrip('?')}, {area[i]:g} m², {lon[i]:g}, {lat[i]:g}")
        for i in np.flatnonzero(bad)
    ]
    faults = [Fault("joint.space_bad", tuple(rows))] if rows else []
    twice: list[Row] = [(int(i) + 1, frame["key"][i]) for i in np.flatnonzero(frame["key"].duplicated())]
    return faults + ([Fault("joint.space_twice", tuple(twice))] if twice else [])


def read_spaces(
    path: str | Path, *, columns: Mapping[str, str] | None = None, datum: str = "wgs84", types: Iterable[str] = ()
) -> Loaded[Spaces]:
    """Read a register of spaces from CSV, XLSX, GeoJSON, GeoPackage or a shapefile.

    Parameters
    ----------
    columns
        Our name (one of `COLUMNS`) → the file's head; known heads (`HEADS`) need none.
    datum
        Of the file's coordinates; they become WGS 84.
    types
        Business types that the column of allowed uses may name; any code where none are given.

    Returns
    -------
    Loaded of Spaces
        Note ``joint.rent_unknown``: spaces whose rent is not told; it is counted as nothing.

    Raises
    ------
    InputError
        Those of `read_sheet`; ``ingest.columns_missing``, ``ingest.id_empty``, ``ingest.id_twice``,
        ``ingest.not_number``, ``joint.kind_unknown``, ``joint.use_unknown``, ``joint.space_bad``.
    """
    written = read_sheet(path, as_written=True)
    known = {ours: head for ours, heads in HEADS.items() for head in reversed(heads) if head in written.heads}
    sheet = read_sheet(path, {**{("id" if k == "key" else k): v for k, v in known.items()}, **_renamed(columns)})
    needed = ["kind", "area_m2", *([] if sheet.geometry is not None else ["lon", "lat"])]
    faults = absent_columns(sheet, needed)
    raise_all(InputError, faults)
    lon, lat = points_of(sheet)
    numbers = {"lon": lon, "lat": lat, "area_m2": sheet.numbers("area_m2")}
    for name, values in numbers.items():
        faults += fault_of("ingest.not_number", sheet, ~np.isfinite(values), sheet.texts(name), column=name)
    for name in ("rent_yuan", "conversion_yuan"):
        numbers[name] = sheet.numbers(name)
        wrong = ~np.isfinite(numbers[name]) & np.array([text.strip() != "" for text in sheet.texts(name)])
        faults += fault_of("ingest.not_number", sheet, wrong, sheet.texts(name), column=name)
    kinds = [kind_of(text) for text in sheet.texts("kind")]
    faults += fault_of("joint.kind_unknown", sheet, np.array([kind is None for kind in kinds]), sheet.texts("kind"))
    uses = [_codes(text) for text in sheet.texts("uses")]
    allowed = frozenset(types)
    strange = np.array([bool(allowed) and not allowed.issuperset(each) for each in uses], dtype=bool)
    faults += fault_of("joint.use_unknown", sheet, strange, sheet.texts("uses"))
    ids, doubts = ids_of(sheet)
    raise_all(InputError, faults + doubts)
    numbers["lon"], numbers["lat"] = to_wgs84(lon, lat, datum)
    frame = pd.DataFrame({"key": ids, "name": sheet.texts("name"), "kind": kinds, **numbers, "uses": uses,
                          "community": sheet.texts("community")})  # fmt: skip
    spaces = Spaces(frame)
    return Loaded(spaces, rent_notes(spaces))


def rent_notes(spaces: Spaces) -> tuple[Fault, ...]:
    """Tell the spaces whose rent is not known: it is counted as nothing."""
    free = np.flatnonzero(np.isnan(spaces.frame["rent_yuan"].to_numpy(float)))
    rows: tuple[Row, ...] = tuple((None, spaces.keys[i]) for i in free)
    return (Fault("joint.rent_unknown", rows),) if rows else ()


def _renamed(columns: Mapping[str, str] | None) -> dict[str, str]:
    return {("id" if key == "key" else key): head for key, head in (columns or {}).items()}


def _codes(text: str) -> tuple[str, ...]:
    plain = text.replace("、", "|").replace(",", "|").replace("，", "|").replace(";", "|")
    return tuple(code.strip() for code in plain.split("|") if code.strip())
