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
from yike.ingest.files import Sheet, absent_columns, fault_of, ids_of, number, read_sheet
from yike.ingest.places import places_of
from yike.standards.crosswalk import Crosswalk, load_crosswalk, map_categories
from yike.tables import Outlets

Bools = NDArray[np.bool_]
UNKNOWN_CHOICES = ("refuse", "list")
EARTH_M = 6_371_008.8  #: mean radius
PUNCTUATION = re.compile(r"[\s·・,，.。()（）\-—_#&'\"“”]+")


@cache
def state_words() -> dict[str, str]:
    """Return the state that each known word stands for (``state_words.csv``); no word means open."""
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
        Outlets of one name and state within 30 m become one that serves all their types; else they are only told.

    Raises
    ------
    InputError
        Those of `read_sheet`, ``ingest.columns_missing``, ``ingest.not_number``, ``ingest.id_empty``,
        ``ingest.id_twice``, ``ingest.outside_globe``, ``outlets.swapped``, ``outlets.outside``, ``outlets.datum_wrong``,
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
    faults = absent_columns(sheet, needed)
    placed = sheet.geometry is not None or {"lon", "lat"}.issubset(sheet.frame)
    lon, lat, doubts = places_of(sheet, "outlets", datum, inside)
    faults += doubts if placed else []
    types, unmapped = map_categories(walk, sheet.texts("types"))
    known = np.array([walk.types_of(text) is not None for text in sheet.texts("types")], dtype=bool)
    states = [state_words().get(text.strip().lower()) for text in sheet.texts("state")]
    ids, doubts = ids_of(sheet)
    faults += doubts
    stranger = np.array([state is None for state in states], dtype=bool)
    faults += fault_of("outlets.state_unknown", sheet, stranger, sheet.texts("state"))
    if unknown == "refuse" and "types" in sheet.frame:
        shown = [text or '"" (empty)' for text in sheet.texts("types")]
        faults += fault_of("outlets.type_unknown", sheet, ~known, shown, crosswalk=walk.name)
    raise_all(InputError, faults)
    frame = pd.DataFrame(
        {"id": ids, "name": sheet.texts("name"), "types": types, "lon": lon, "lat": lat, "hours": sheet.texts("hours"),
         "state": states, "source": sheet.name}
    )  # fmt: skip
    notes = _type_notes(sheet, walk, known, types, unmapped)  # a category known in part is kept, its rest is listed
    serving = np.array([len(each) > 0 for each in types], dtype=bool)
    frame, found = _duplicates(frame[serving].reset_index(drop=True), sheet.rows[serving], merge_duplicates)
    return Loaded(Outlets(frame), (*notes, *found, *_stacks(frame)))


def _type_notes(
    sheet: Sheet, walk: Crosswalk, known: Bools, types: list[tuple[str, ...]], unmapped: Counter[str]
) -> list[Fault]:
    """List what was set aside: categories nobody knows, and those that are none of ours."""
    listed = tuple((None, f"{category} × {count}") for category, count in sorted(unmapped.items(), key=_by_count))
    holding = {text for text in set(sheet.texts("types")) if walk.types_of(text) is None or walk.ask(text).unknown}
    values = {"path": sheet.name, "outlets": sum(text in holding for text in sheet.texts("types"))}
    notes = [Fault("outlets.type_listed", listed, values)] if listed else []
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
    """Find outlets of one name and state within 30 m: chains of them are one group; merge each when asked.

    A group becomes its outlet of the lowest id, at its place, with the types of all and the first hours told; so the
    order of rows does not matter.
    """
    first = _first_of_group(frame)
    extra = np.flatnonzero(first != np.arange(len(frame)))
    if len(extra) == 0:
        return frame, []
    told = tuple((int(rows[i]), f"{frame['name'][i]} = row {rows[first[i]]}") for i in extra)
    note = Fault("outlets.merged" if merge else "outlets.duplicate", told)
    if not merge:
        return frame, [note]
    groups = frame.iloc[_by_id(frame)].groupby(first[_by_id(frame)])
    types = groups["types"].agg(lambda parts: tuple(dict.fromkeys(code for part in parts for code in part)))
    hours = groups["hours"].agg(lambda texts: next((text for text in texts if text), ""))
    kept = frame.drop(index=extra)
    return kept.assign(types=types.loc[kept.index], hours=hours.loc[kept.index]).reset_index(drop=True), [note]


def _by_id(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Return the rows in the order of ids, "9" before "10"."""
    return np.lexsort((frame["id"].to_numpy(str), frame["id"].str.len().to_numpy()))


def _first_of_group(frame: pd.DataFrame) -> NDArray[np.int64]:
    """Return for each outlet the row of its group's lowest id: itself where it has no double."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    lon, lat = np.radians(frame["lon"].to_numpy(float)), np.radians(frame["lat"].to_numpy(float))
    ball = EARTH_M * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    names = frame["name"].map(plain_name).to_numpy(dtype=object)
    pairs = [np.zeros((0, 2), np.int64)]
    for (name, _), members in pd.Series(np.arange(len(frame))).groupby([names, frame["state"].to_numpy(dtype=object)]):
        at = members.to_numpy()
        if len(at) > 1 and name:
            pairs.append(at[KDTree(ball[at]).query_pairs(number("duplicate_m"), output_type="ndarray")].reshape(-1, 2))
    left, right = np.concatenate(pairs).T
    n = len(frame)
    _, group = connected_components(coo_array((np.ones(len(left)), (left, right)), shape=(n, n)), directed=False)
    order = _by_id(frame)
    lowest = np.empty(n, np.int64)
    lowest[group[order[::-1]]] = order[::-1]  # of several assignments the last one, the lowest id, stays
    return lowest[group]


def _stacks(frame: pd.DataFrame) -> list[Fault]:
    """Tell points that carry many outlets: often a geocoder's answer for a whole street."""
    sizes = frame.groupby(["lon", "lat"]).size()
    high = sizes[sizes >= number("stack_least")]
    rows = tuple((None, f"{lon:.6f}, {lat:.6f} × {count}") for (lon, lat), count in high.items())
    return [Fault("outlets.stacked", rows)] if rows else []
