"""居民: where people live. Points as given, or counts of areas shared out over homes; totals are kept exactly."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yike.errors import Fault, InputError, Loaded, raise_all
from yike.ingest.datum import to_wgs84_shapes
from yike.ingest.files import Sheet, absent_columns, fault_of, ids_of, number, read_sheet
from yike.ingest.places import places_of
from yike.tables import Areas, Buildings, Residents, Ways

Floats = NDArray[np.float64]
GIVEN, BY_FLOORS, BY_STREETS, ESTIMATED = "given", "building_floor_area", "street_length", "estimated_floor_area"
KEPT = 1e-9  #: totals agree to this part of themselves


@dataclass(frozen=True)
class Counts:
    """People of outlines, to be shared out. Columns of ``frame``: id, people, geometry."""

    frame: pd.DataFrame


def read_people(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    datum: str = "wgs84",
    household_size: float = 0.0,
    counts: str | Path | None = None,
    areas: Areas | None = None,
    inside: shapely.Geometry | None = None,
) -> Loaded[Residents | Counts]:
    """Read a file of residents: points (compounds), outlines with counts, or a table of communities by code.

    Parameters
    ----------
    columns
        Our name (id, lon, lat, people, households, code) → the file's head.
    household_size
        People per household, for files that count households; it must be told, it is never guessed.
    counts
        A table of people beside the outlines, row by row: .npy (its first column) or .csv with a column people.
    areas
        Outlines for a table that has codes but no places.
    inside
        The declared area in WGS 84: a point outside is a fault, told with the likely cause. Outlines are not asked.

    Raises
    ------
    InputError
        Those of `read_sheet`; ``ingest.columns_missing``, ``ingest.not_number``, ``ingest.negative``,
        ``population.no_household_size``, ``population.counts_length``, ``population.code_unknown``,
        ``population.outline_missing``, ``population.swapped``, ``population.outside``, ``population.datum_wrong``,
        ``ingest.id_empty``, ``ingest.id_twice``, ``ingest.outside_globe``: all of a file at once.
    """
    sheet = read_sheet(path, columns)
    people, faults = _people(sheet, household_size, counts)
    if sheet.geometry is not None and _are_outlines(sheet.geometry):
        return Loaded(_of_outlines(sheet, people, datum, faults))
    if sheet.geometry is None and "lon" not in sheet.frame and "code" in sheet.frame:
        return Loaded(_by_code(sheet, people, areas, faults))
    return Loaded(_points(sheet, people, datum, inside, faults))


def _of_outlines(sheet: Sheet, people: Floats, datum: str, faults: list[Fault]) -> Counts:
    """Return the outlines of a file with their people; one without an area cannot hold anybody."""
    shapes = to_wgs84_shapes(shapely.make_valid(shapely.force_2d(sheet.geometry)), datum)
    ids = _ids(sheet)
    bare = ~(shapely.area(shapes) > 0)
    raise_all(InputError, faults + fault_of("population.outline_missing", sheet, bare, ids))
    return Counts(pd.DataFrame({"id": ids, "people": people, "geometry": shapes}))


def _are_outlines(geometry: NDArray[np.object_]) -> bool:
    return bool(np.isin(shapely.get_type_id(geometry), (3, 6)).any())


def _ids(sheet: Sheet) -> list[str]:
    for column in ("id", "code"):
        texts = sheet.texts(column)
        if any(texts) and len(set(texts)) == len(texts):
            return texts
    return [f"{Path(sheet.name).stem}-{row}" for row in sheet.rows]


def _people(sheet: Sheet, household_size: float, counts: str | Path | None) -> tuple[Floats, list[Fault]]:
    """Return the people of each record and the faults of their numbers."""
    if counts:
        return _beside(sheet, Path(counts))
    if "people" in sheet.frame:
        people = sheet.numbers("people")
        return people, _number_faults(sheet, people, "people")
    if "households" in sheet.frame:
        homes = sheet.numbers("households")
        faults = _number_faults(sheet, homes, "households")
        if not 0 < household_size < np.inf:
            faults.append(Fault("population.no_household_size", values={"path": sheet.name}))
        return homes * household_size, faults
    return np.zeros(len(sheet.frame)), absent_columns(sheet, ["people"])


def _number_faults(sheet: Sheet, value: Floats, column: str) -> list[Fault]:
    texts = sheet.texts(column)
    faults = fault_of("ingest.not_number", sheet, ~np.isfinite(value), texts, column=column)
    return faults + fault_of("ingest.negative", sheet, value < 0, texts, column=column)


def _beside(sheet: Sheet, path: Path) -> tuple[Floats, list[Fault]]:
    """Return the people of a table that stands beside the outlines, row by row."""
    if path.suffix == ".npy":
        people = _npy(path)
        bad = {"ingest.not_number": ~np.isfinite(people), "ingest.negative": people < 0}
        told = {code: tuple((int(i) + 1, str(people[i])) for i in np.flatnonzero(at)) for code, at in bad.items()}
        faults = [Fault(code, rows, {"path": path.name, "column": "people"}) for code, rows in told.items() if rows]
    else:
        table = read_sheet(path)
        people = table.numbers("people")
        faults = absent_columns(table, ["people"]) or _number_faults(table, people, "people")
    if len(people) != len(sheet.frame):
        values = {"path": path.name, "rows": len(people), "outlines": len(sheet.frame)}
        faults.append(Fault("population.counts_length", values=values))
    return people, faults


def _npy(path: Path) -> Floats:
    """Return the first column of a NumPy file."""
    if not path.is_file():
        raise InputError(Fault("ingest.missing", values={"path": str(path)}))
    try:
        table = np.asarray(np.load(path, allow_pickle=False), dtype=float)
        return table if table.ndim == 1 else table[:, 0]
    except (ValueError, TypeError, OSError, EOFError, IndexError) as error:
        raise InputError(Fault("ingest.broken", values={"path": path.name, "why": str(error)})) from error


def _by_code(sheet: Sheet, people: Floats, areas: Areas | None, faults: list[Fault]) -> Counts:
    """Join a table of communities to the outlines of areas."""
    outline = {} if areas is None else dict(zip(areas.frame["code"], areas.frame["geometry"], strict=True))
    codes = [text.strip().ljust(12, "0") for text in sheet.texts("code")]
    unknown = np.array([outline.get(code) is None for code in codes], dtype=bool)
    faults = faults + fault_of("population.code_unknown", sheet, unknown, codes)
    twice = pd.Series(codes).duplicated().to_numpy()
    raise_all(InputError, faults + fault_of("ingest.id_twice", sheet, twice, codes))
    return Counts(pd.DataFrame({"id": codes, "people": people, "geometry": [outline[code] for code in codes]}))


def _points(
    sheet: Sheet, people: Floats, datum: str, inside: shapely.Geometry | None, faults: list[Fault]
) -> Residents:
    """Return compounds as they are given."""
    absent = [] if sheet.geometry is not None else absent_columns(sheet, ["lon", "lat"])
    lon, lat, doubts = places_of(sheet, "population", datum, inside)
    ids, twice = ids_of(sheet) if "id" in sheet.frame else (_ids(sheet), [])
    raise_all(InputError, faults + (absent or doubts) + twice)
    return Residents(pd.DataFrame({"id": ids, "lon": lon, "lat": lat, "people": people, "method": GIVEN}))


# --- sharing out ------------------------------------------------------------------------------------


def share_out(
    counts: Counts, buildings: Buildings, ways: Ways, *, clip: shapely.Geometry | None = None
) -> Loaded[Residents]:
    """Share the people of outlines over the homes inside: by floor area, or along residential streets.

    Inside an outline with residential buildings each gets people in the ratio of its floor area (footprint × storeys);
    without any, points every ``street_step_m`` along its residential streets share them evenly. So do they where the
    mapped homes would leave a person less than ``least_m2_per_person``: then most homes are not on the map, and the
    few that are would hold a whole town (note ``population.few_homes``). Where an outline has neither homes nor
    streets, its people are listed in the note ``population.nowhere``, for nobody knows where they are.

    Parameters
    ----------
    clip
        What the map shows. The people of an outline that the map shows in part are reduced to that part of its area
        first (note ``population.clipped``); without it every outline is shared out whole.

    Returns
    -------
    Loaded of Residents
        Per outline, the people of its points sum to its (clipped) count to 1e-9 of it.
    """
    frame = counts.frame.reset_index(drop=True)
    notes: list[Fault] = []
    people, shapes = frame["people"].to_numpy(float), frame["geometry"].to_numpy(dtype=object)
    if clip is not None:
        people, shapes, notes = _clipped(frame, people, shapes, clip)
    homes = buildings.frame[buildings.frame["residential"].astype(bool)].reset_index(drop=True)
    over, few = _over_buildings(people, shapes, homes)
    if len(few):
        rows = tuple((int(i) + 1, f"{frame['id'][i]}: {people[i]:,.0f}") for i in few)
        values = {"people": f"{people[few].sum():,.0f}", "m2": number("least_m2_per_person")}
        notes.append(Fault("population.few_homes", rows, values))
    served = np.isin(np.arange(len(frame)), over["outline"])
    found = pd.concat([over, _along_streets(frame, people, shapes, served, ways)], ignore_index=True)
    lost = np.flatnonzero(~np.isin(np.arange(len(frame)), found["outline"]) & (people > 0))
    if len(lost):
        rows = tuple((int(i) + 1, f"{frame['id'][i]}: {people[i]:,.0f}") for i in lost)
        notes.append(Fault("population.nowhere", rows, {"people": f"{people[lost].sum():,.0f}"}))
    return Loaded(Residents(found[found["people"] > 0].drop(columns="outline")), tuple(notes))


def _clipped(
    frame: pd.DataFrame, people: Floats, shapes: NDArray[np.object_], clip: shapely.Geometry
) -> tuple[Floats, NDArray[np.object_], list[Fault]]:
    """Return people and outlines as far as the map shows them, and the note that tells it."""
    seen = shapely.intersection(shapes, clip)
    part = shapely.area(seen) / np.maximum(shapely.area(shapes), 1e-300)
    part[part > 1 - 1e-9] = 1.0
    cut = np.flatnonzero((part < 1) & (part > 0))
    rows = tuple(
        (int(i) + 1, f"{frame['id'][i]}: {people[i]:,.0f} → {people[i] * part[i]:,.0f} ({part[i]:.1%})") for i in cut
    )
    kept = people * part
    values = {"before": f"{people.sum():,.0f}", "after": f"{kept.sum():,.0f}", "outside": int((part == 0).sum())}
    return kept, seen, [Fault("population.clipped", rows, values)] if len(cut) or (part == 0).any() else []


def _holder(shapes: NDArray[np.object_], lon: Floats, lat: Floats) -> NDArray[np.int64]:
    """Return for each point the first outline that holds it, -1 where none does."""
    holder = np.full(len(lon), -1, dtype=np.int64)
    if len(lon) and len(shapes):
        point, shape = shapely.STRtree(shapes).query(shapely.points(lon, lat), predicate="intersects")
        order = np.lexsort((shape, point))
        first = np.unique(point[order], return_index=True)[1]
        holder[point[order][first]] = shape[order][first]
    return holder


def floor_area(homes: pd.DataFrame) -> Floats:
    """Return footprint × storeys (m²); untold storeys are the median of the told ones, or our default."""
    levels = pd.to_numeric(homes["levels"], errors="coerce").to_numpy(dtype=float)
    told = levels[np.isfinite(levels) & (levels > 0)]
    usual = float(np.median(told)) if len(told) else number("default_levels")
    return homes["footprint_m2"].to_numpy(float) * np.where(np.isfinite(levels) & (levels > 0), levels, usual)


def _shared(outline: NDArray[np.int64], weight: Floats, people: Floats) -> Floats:
    """Return each point's people: its outline's count in the ratio of weights."""
    total = np.bincount(outline, weights=weight, minlength=len(people))
    return weight / total[outline] * people[outline]


def _over_buildings(
    people: Floats, shapes: NDArray[np.object_], homes: pd.DataFrame
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the points on buildings, and the outlines that have too few mapped homes for their people."""
    holder = _holder(shapes, homes["lon"].to_numpy(float), homes["lat"].to_numpy(float))
    weight = floor_area(homes) if len(homes) else np.zeros(0)
    inside = (holder >= 0) & (weight > 0)
    floors = np.bincount(holder[inside], weights=weight[inside], minlength=len(people))
    crowded = (floors > 0) & (floors < number("least_m2_per_person") * people)
    inside &= ~crowded[holder]
    chosen, outline = homes[inside], holder[inside]
    points = pd.DataFrame(
        {
            "id": chosen["id"].to_numpy(dtype=object),
            "lon": chosen["lon"].to_numpy(float),
            "lat": chosen["lat"].to_numpy(float),
            "people": _shared(outline, weight[inside], people),
            "method": BY_FLOORS,
            "outline": outline,
        }
    )
    return points, np.flatnonzero(crowded)


def _along_streets(
    frame: pd.DataFrame, people: Floats, shapes: NDArray[np.object_], served: NDArray[np.bool_], ways: Ways
) -> pd.DataFrame:
    """Place points along streets in the outlines that have no homes: on those of homes first, on plain ones else."""
    parts = []
    left = ~served & (people > 0)
    for choice in ("1", "2"):
        lon, lat = street_points(ways, choice) if left.any() else (np.zeros(0), np.zeros(0))
        lived_in = shapes.copy()
        lived_in[~left] = None
        holder = _holder(lived_in, lon, lat)
        at = np.flatnonzero(holder >= 0)
        outline = holder[at]
        order = np.argsort(outline, kind="stable")
        at, outline = at[order], outline[order]
        nth = np.arange(len(at)) - np.searchsorted(outline, outline)
        parts.append(
            pd.DataFrame(
                {
                    "id": [f"{frame['id'][o]}-{n + 1}" for o, n in zip(outline, nth, strict=True)],
                    "lon": lon[at],
                    "lat": lat[at],
                    "people": _shared(outline, np.ones(len(at)), people),
                    "method": BY_STREETS,
                    "outline": outline,
                }
            )
        )
        left &= ~np.isin(np.arange(len(frame)), outline)
    return pd.concat(parts, ignore_index=True)


@cache
def _home_streets() -> dict[str, str]:
    """Return which highways homes stand along: "1" first, "2" where there is none of the first (osm_kinds.csv)."""
    text = resources.files("yike.ingest").joinpath("osm_kinds.csv").read_text(encoding="utf-8")
    return {row["value"]: row["meaning"] for row in csv.DictReader(text.splitlines()) if row["table"] == "home_street"}


def street_points(ways: Ways, choice: str) -> tuple[Floats, Floats]:
    """Return points every ``street_step_m`` along the streets that homes of a choice ("1", "2") stand along."""
    kind = pd.Series(ways.tags["highway"]).astype(str).map(_home_streets()).to_numpy(dtype=object)
    chosen = np.flatnonzero(kind == choice)
    chosen = chosen[np.diff(ways.start)[chosen] >= 2]
    if len(chosen) == 0:
        return np.zeros(0), np.zeros(0)
    squeeze = float(np.cos(np.radians(np.median(ways.lat)))) * 111_320
    count = np.diff(ways.start)[chosen]
    at = np.repeat(ways.start[chosen] - np.r_[0, np.cumsum(count)[:-1]], count) + np.arange(count.sum())
    xy = np.column_stack([ways.lon[ways.refs[at]] * squeeze, ways.lat[ways.refs[at]] * 110_574])
    lines = shapely.linestrings(xy, indices=np.repeat(np.arange(len(chosen)), count))
    step = number("street_step_m")
    many = np.maximum(1, np.rint(shapely.length(lines) / step)).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), many)
    nth = np.arange(len(line)) - np.repeat(np.cumsum(many) - many, many)
    spots = shapely.line_interpolate_point(lines[line], (nth + 0.5) / many[line], normalized=True)
    return shapely.get_x(spots) / squeeze, shapely.get_y(spots) / 110_574


def estimate_by_floor_area(buildings: Buildings) -> Loaded[Residents]:
    """Return people estimated from floor area alone, for a map without any table of residents.

    Every point is marked "estimated_floor_area" and the note ``population.estimated`` tells the square metres per
    person used: a stand-in to be replaced by a table as soon as there is one.
    """
    homes = buildings.frame[buildings.frame["residential"].astype(bool)].reset_index(drop=True)
    per_person = number("m2_per_person")
    people = floor_area(homes) / per_person if len(homes) else np.zeros(0)
    found = homes[["id", "lon", "lat"]].assign(people=people, method=ESTIMATED)
    values = {"m2": per_person, "people": f"{people.sum():,.0f}", "homes": len(homes)}
    return Loaded(Residents(found[found["people"] > 0]), (Fault("population.estimated", values=values),))
