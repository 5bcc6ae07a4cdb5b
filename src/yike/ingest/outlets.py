"""网点 from tables: columns, categories and datum are settled here; all doubt is told at once, with rows."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yike.errors import Fault, InputError, Loaded, raise_all
from yike.ingest.datum import DATUMS, to_wgs84
from yike.ingest.files import Sheet, absent_columns, fault_of, number, points_of, read_sheet
from yike.standards.crosswalk import Crosswalk, load_crosswalk, map_categories
from yike.tables import Outlets

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
UNKNOWN_CHOICES = ("refuse", "list")
PUNCTUATION = re.compile(r"[\s·・,，.。()（）\-—_#&'\"“”]+")


@cache
def _states() -> dict[str, str]:
    text = resources.files("yike.ingest").joinpath("state_words.csv").read_text(encoding="utf-8")
    return {row["word"]: row["state"] for row in csv.DictReader(text.splitlines())}


def read_outlets(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    crosswalk: Crosswalk | str | Path = "words",
    datum: str = "wgs84",
    inside: shapely.Geometry | None = None,
    unknown: str = "refuse",
    merge_duplicates: bool = False,
) -> Loaded[Outlets]:
    """Read outlets from CSV, XLSX, GeoJSON, GeoPackage or a shapefile.

    Parameters
    ----------
    columns
        Our name (id, name, types, lon, lat, hours, state) → the file's head; known heads need none.
    crosswalk
        How categories become business types; one outlet may serve several ("便利店、打印").
    datum
        Of the file's coordinates; they become WGS 84.
    inside
        The declared area in WGS 84: what lies outside is a fault, told with the likely cause.
    unknown
        "refuse": an unknown category is a fault; "list": such outlets are set aside and listed with counts.
    merge_duplicates
        Outlets of one name within 30 m become one that serves all their types; else they are only told.

    Raises
    ------
    InputError
        Those of `read_sheet`, ``ingest.columns_missing``, ``ingest.not_number``, ``ingest.id_twice``,
        ``ingest.outside_globe``, ``outlets.swapped``, ``outlets.outside``, ``outlets.datum_wrong``,
        ``outlets.type_unknown``, ``outlets.state_unknown``, ``outlets.choice``: all of a file at once, with rows.

    Returns
    -------
    Loaded of Outlets
        Notes: ``outlets.duplicate``, ``outlets.stacked``, ``outlets.type_listed``, ``outlets.none_of_ours``.
    """
    if unknown not in UNKNOWN_CHOICES:
        raise InputError(Fault("outlets.choice", values={"given": unknown}))
    sheet = read_sheet(path, columns)
    walk = crosswalk if isinstance(crosswalk, Crosswalk) else load_crosswalk(crosswalk)
    needed = ["types"] if sheet.geometry is not None else ["types", "lon", "lat"]
    raise_all(InputError, absent_columns(sheet, needed))
    lon, lat, faults = _places(sheet, datum, inside)
    types, unmapped = map_categories(walk, sheet.texts("types"))
    known = np.array([walk.types_of(text) is not None for text in sheet.texts("types")], dtype=bool)
    states = [_states().get(text.strip().lower()) for text in sheet.texts("state")]
    ids = _ids(sheet)
    faults += fault_of("ingest.id_twice", sheet, pd.Series(ids).duplicated().to_numpy(), ids)
    stranger = np.array([state is None for state in states], dtype=bool)
    faults += fault_of("outlets.state_unknown", sheet, stranger, sheet.texts("state"))
    if unknown == "refuse":
        shown = [text or '"" (empty)' for text in sheet.texts("types")]
        faults += fault_of("outlets.type_unknown", sheet, ~known, shown, crosswalk=walk.name)
    raise_all(InputError, faults)
    frame = pd.DataFrame(
        {"id": ids, "name": sheet.texts("name"), "types": types, "lon": lon, "lat": lat, "hours": sheet.texts("hours"),
         "state": states, "source": sheet.name}
    )  # fmt: skip
    notes = _type_notes(sheet, walk, known, types, unmapped)
    serving = np.array([len(each) > 0 for each in types], dtype=bool)
    frame, found = _duplicates(frame[serving].reset_index(drop=True), sheet.rows[serving], merge_duplicates)
    return Loaded(Outlets(frame), (*notes, *found, *_stacks(frame)))


def _ids(sheet: Sheet) -> list[str]:
    if "id" in sheet.frame:
        return sheet.texts("id")
    return [f"{Path(sheet.name).stem}-{row}" for row in sheet.rows]


def _places(sheet: Sheet, datum: str, inside: shapely.Geometry | None) -> tuple[Floats, Floats, list[Fault]]:
    """Return the points in WGS 84 and every fault of their places."""
    lon, lat = points_of(sheet)
    pairs = [f"{a}, {b}" for a, b in zip(sheet.texts("lon"), sheet.texts("lat"), strict=True)]
    if sheet.geometry is not None:
        pairs = [f"{a:.6f}, {b:.6f}" for a, b in zip(lon, lat, strict=True)]
    absent = ~(np.isfinite(lon) & np.isfinite(lat))
    faults = fault_of("ingest.not_number", sheet, absent, pairs, column="lon, lat")
    off = ~absent & ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    turned = ~absent & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
    swapped = off & turned
    faults += fault_of("ingest.outside_globe", sheet, off & ~turned, pairs)
    where = to_wgs84(np.where(off | absent, 0, lon), np.where(off | absent, 0, lat), datum)
    out = np.zeros(len(lon), dtype=bool)
    if inside is not None:
        shapely.prepare(inside)
        out = ~absent & ~off & ~shapely.intersects_xy(inside, *where)
        back = to_wgs84(np.where(turned, lat, 0), np.where(turned, lon, 0), datum)
        swapped |= out & turned & shapely.intersects_xy(inside, *back)
    faults += fault_of("outlets.swapped", sheet, swapped, pairs)
    faults += _outside(sheet, out & ~swapped, lon, lat, datum, inside, pairs)
    return *where, faults


def _outside(
    sheet: Sheet, out: Bools, lon: Floats, lat: Floats, datum: str, inside: shapely.Geometry | None, pairs: list[str]
) -> list[Fault]:
    """Tell points outside the declared area; where another datum brings most of them in, tell that instead."""
    if inside is None or not out.any():
        return []
    for other in DATUMS:
        if other == datum or {other, datum} == {"wgs84", "cgcs2000"}:
            continue
        there = shapely.intersects_xy(inside, *to_wgs84(lon[out], lat[out], other))
        if there.all():
            return fault_of("outlets.datum_wrong", sheet, out, pairs, datum=datum, other=other)
    return fault_of("outlets.outside", sheet, out, pairs, datum=datum)


def _type_notes(
    sheet: Sheet, walk: Crosswalk, known: Bools, types: list[tuple[str, ...]], unmapped: Counter[str]
) -> list[Fault]:
    """List what was set aside: categories nobody knows, and those that are none of ours."""
    listed = tuple((None, f"{category} × {count}") for category, count in sorted(unmapped.items(), key=_by_count))
    notes = (
        [Fault("outlets.type_listed", listed, {"path": sheet.name, "outlets": int((~known).sum())})] if listed else []
    )
    texts = sheet.texts("types")
    ours = Counter(texts[i] for i in np.flatnonzero(known) if not types[i])
    rows = tuple((None, f"{category} × {count}") for category, count in sorted(ours.items(), key=_by_count))
    values = {"path": sheet.name, "outlets": sum(ours.values())}
    return notes + ([Fault("outlets.none_of_ours", rows, values)] if rows else [])


def _by_count(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def plain_name(name: str) -> str:
    """Return a name without spaces, dots and brackets, for telling duplicates.

    Examples
    --------
    >>> plain_name("好邻居（凤台 店）"), plain_name("  ")
    ('好邻居凤台店', '')
    """
    return PUNCTUATION.sub("", name).lower()


def _duplicates(frame: pd.DataFrame, rows: NDArray[np.int64], merge: bool) -> tuple[pd.DataFrame, list[Fault]]:
    """Find outlets of one name within 30 m: chains of them are one group; merge each group into its first when asked."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    names = np.array([plain_name(name) for name in frame["name"]], dtype=object)
    squeeze = np.cos(np.radians(frame["lat"].to_numpy(float))) * 111_320
    places = shapely.points(frame["lon"].to_numpy(float) * squeeze, frame["lat"].to_numpy(float) * 110_574)
    pairs = []
    for _, members in pd.Series(np.arange(len(frame))).groupby(names, sort=False):
        at = members.to_numpy()
        if len(at) > 1 and names[at[0]]:
            left, right = shapely.STRtree(places[at]).query(places[at], "dwithin", distance=number("duplicate_m"))
            pairs.append(np.stack([at[left], at[right]])[:, left < right])
    joined = np.concatenate(pairs, axis=1) if pairs else np.zeros((2, 0), np.int64)
    if joined.shape[1] == 0:
        return frame, []
    n = len(frame)
    _, group = connected_components(coo_array((np.ones(joined.shape[1]), joined), shape=(n, n)), directed=False)
    first = pd.Series(np.arange(n)).groupby(group).transform("min").to_numpy()
    extra = np.flatnonzero(first != np.arange(n))
    told = tuple((int(rows[i]), f"{frame['name'][i]} = row {rows[first[i]]}") for i in extra)
    note = Fault("outlets.merged" if merge else "outlets.duplicate", told)
    if not merge:
        return frame, [note]
    united = frame.groupby(first, sort=True)["types"].agg(
        lambda parts: tuple(dict.fromkeys(c for p in parts for c in p))
    )
    kept = frame.drop(index=extra)
    return kept.assign(types=united.loc[kept.index]).reset_index(drop=True), [note]


def _stacks(frame: pd.DataFrame) -> list[Fault]:
    """Tell points that carry many outlets: often a geocoder's answer for a whole street."""
    sizes = frame.groupby(["lon", "lat"]).size()
    high = sizes[sizes >= number("stack_least")]
    rows = tuple((None, f"{lon:.6f}, {lat:.6f} × {count}") for (lon, lat), count in high.items())
    return [Fault("outlets.stacked", rows)] if rows else []
