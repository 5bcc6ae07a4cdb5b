"""What the base map shows, taken from the city's own files: streets, water, green, buildings, names, boundaries.

Which tag goes into which layer, as which class and from which zoom, is ``base_layers.csv``.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yike.ingest.areas import read_areas
from yike.study import store
from yike.study.folder import Study
from yike.study.ground import read_map
from yike.tables import LEVELS, StreetMap, Ways
from yike.web.map.mvt import LINE, POINT, POLYGON

BUILDINGS_FROM, WALLS_FROM = 14, 14
SHOWN_LEVELS = LEVELS  #: of which boundaries and names are drawn, widest first


@dataclass(frozen=True)
class Layer:
    """One layer of the base map: forms in WGS 84 with what is told of each, and the zoom from which it is drawn."""

    name: str
    kind: int  #: `POINT`, `LINE` or `POLYGON`
    forms: NDArray[np.object_]
    columns: dict[str, NDArray[Any]]
    from_zoom: NDArray[np.int64]


@dataclass(frozen=True)
class Source:
    """All layers, and the names that a search can find: ``kind, name, lon, lat``."""

    layers: tuple[Layer, ...]
    names: pd.DataFrame


@cache
def choices() -> pd.DataFrame:
    """Return the rows of ``base_layers.csv``, with ``tag`` as "key=value"."""
    text = resources.files("yike.web.map").joinpath("base_layers.csv").read_text(encoding="utf-8")
    frame = pd.DataFrame(list(csv.DictReader(text.splitlines())))
    return frame.assign(tag=frame["key"] + "=" + frame["value"], from_zoom=frame["from_zoom"].astype(int))


def _chosen(layer: str, tags: pd.Series) -> pd.DataFrame:
    """Return class and first zoom for rows whose tag the layer knows, by row."""
    rows = choices()[choices()["layer"] == layer].set_index("tag")[["class", "from_zoom"]]
    return rows.reindex(tags.to_numpy(dtype=object)).set_axis(np.arange(len(tags))).dropna().astype({"from_zoom": int})


def read_source(study: Study, english: Mapping[str, str] | None = None) -> Source:
    """Read what the base map of a study shows.

    Parameters
    ----------
    english
        English names of areas by code.
    """
    run = study.path("ground/buildings").is_file()
    found = read_map(study, frozenset({"areas", "drawn"} | (set() if run else {"buildings", "walls"}))).value
    buildings, walls = (store.ground(study) if run else (found.buildings, found.walls))[:2]
    areas = _areas_of(study)
    streets, names = _streets(found.ways)
    labels, places = _labels(found, areas, english or {})
    layers = (
        *(_surfaces(found.areas, name) for name in ("land", "green", "water")),
        _lines(found.drawn, "waterways"),
        _plain("buildings", POLYGON, buildings.frame["geometry"], {}, BUILDINGS_FROM),
        _plain("walls", LINE, _as_lines(walls.frame["geometry"]), {"class": walls.frame["kind"]}, WALLS_FROM),
        _lines(found.drawn, "rail"),
        streets,
        _boundaries(areas),
        labels,
    )
    return Source(layers, pd.concat([names, places], ignore_index=True))


def _areas_of(study: Study) -> pd.DataFrame:
    """Return the city's areas with outlines, whether the study has been run or not."""
    if study.path("areas").is_file():
        frame = store.areas(study).frame
    elif files := study.settings.areas:
        paths: list[str | Path] = [study.folder / file.path for file in files]
        frame = read_areas(paths, [f.columns or None for f in files], [f.datum for f in files]).value.frame
    else:
        return pd.DataFrame(columns=["code", "name", "level", "geometry"])
    drawn = np.array([shape is not None and not shape.is_empty for shape in frame["geometry"]], bool)
    return frame[drawn].reset_index(drop=True)


def _plain(name: str, kind: int, forms: Any, columns: dict[str, Any], from_zoom: int) -> Layer:
    array = np.asarray(forms, dtype=object)
    columns = {key: np.asarray(column, dtype=object) for key, column in columns.items()}
    return Layer(name, kind, array, columns, np.full(len(array), from_zoom))


def _as_lines(forms: Any) -> NDArray[np.object_]:
    array = np.asarray(forms, dtype=object)
    closed = np.isin(shapely.get_type_id(array), (3, 6))
    array = array.copy()
    array[closed] = shapely.boundary(array[closed])
    return array


def _surfaces(areas: pd.DataFrame, layer: str) -> Layer:
    """Land use, parks and water of the map as areas of a layer."""
    if not len(areas):
        return _plain(layer, POLYGON, [], {"class": []}, 0)
    rows = _chosen(layer, areas["kind"])
    forms = areas["geometry"].to_numpy(dtype=object)[rows.index]
    return Layer(layer, POLYGON, forms, {"class": rows["class"].to_numpy(object)}, rows["from_zoom"].to_numpy())


def _lines(drawn: pd.DataFrame, layer: str) -> Layer:
    """Courses of water or tracks."""
    if not len(drawn):
        return _plain(layer, LINE, [], {"class": [], "name": []}, 0)
    rows = _chosen(layer, drawn["kind"])
    part = drawn.iloc[rows.index]
    columns = {"class": rows["class"].to_numpy(object), "name": part["name"].to_numpy(object)}
    return Layer(layer, LINE, part["geometry"].to_numpy(dtype=object), columns, rows["from_zoom"].to_numpy())


# --- streets ----------------------------------------------------------------------------------------


def _text(ways: Ways, *keys: str) -> NDArray[np.object_]:
    """Return the first of some tags that each way has, "" where it has none."""
    found = np.full(len(ways.way_id), "", dtype=object)
    for key in reversed(keys):
        if key in ways.tags:
            values = np.asarray(ways.tags[key], dtype=object)
            found = np.where(values != "", values, found)
    return found


def _streets(ways: Ways) -> tuple[Layer, pd.DataFrame]:
    """Return the streets, and one place for each street name of a neighbourhood."""
    rows = _chosen("streets", pd.Series("highway=" + _text(ways, "highway").astype(str)))
    many = np.diff(ways.start)
    long = many[rows.index] >= 2
    rows = rows[long]
    which = rows.index.to_numpy()
    count = many[which]
    at = np.repeat(ways.start[which] - (np.cumsum(count) - count), count) + np.arange(count.sum())
    xy = np.column_stack([ways.lon, ways.lat])[ways.refs[at]]
    forms = (
        shapely.linestrings(xy, indices=np.repeat(np.arange(len(which)), count)) if len(which) else np.zeros(0, object)
    )
    name, en = _text(ways, "name:zh", "name")[which], _text(ways, "name:en")[which]
    told = pd.DataFrame(
        {"class": rows["class"].to_numpy(object), "name": name, "name_en": np.where(en == name, "", en)}
    )
    layer = _joined(forms, told.assign(from_zoom=rows["from_zoom"].to_numpy()))
    middle = ways.refs[ways.start[which] + count // 2]
    return layer, street_places(name, ways.lon[middle], ways.lat[middle])


def _joined(forms: NDArray[np.object_], told: pd.DataFrame) -> Layer:
    """Return the streets with pieces that follow on one another and tell the same made one line."""
    group = told.groupby(list(told.columns), sort=True).ngroup().to_numpy()
    order = np.argsort(group, kind="stable")
    if len(order):
        merged = shapely.line_merge(shapely.multilinestrings(forms[order], indices=group[order]))
        forms, group_of = shapely.get_parts(merged, return_index=True)
        told = told.iloc[order].drop_duplicates().reset_index(drop=True).iloc[group_of]
    columns = {key: told[key].to_numpy(dtype=object) for key in ("class", "name", "name_en")}
    return Layer("streets", LINE, forms, columns, told["from_zoom"].to_numpy())


def street_places(name: NDArray[np.object_], lon: NDArray[np.float64], lat: NDArray[np.float64]) -> pd.DataFrame:
    """Return one place for each street: ways of one name that are some two kilometres apart at most are one street.

    Two counties may each have a 人民路: they are two.
    """
    frame = pd.DataFrame({"name": name, "lon": lon, "lat": lat})
    frame = frame[frame["name"] != ""]
    frame = frame.assign(cx=np.floor(frame["lon"] / 0.02).astype(int), cy=np.floor(frame["lat"] / 0.02).astype(int))
    streets: dict[tuple[str, int, int], int] = {}
    cells = set(frame[["name", "cx", "cy"]].itertuples(index=False, name=None))
    for n, cell in enumerate(sorted(cells)):
        waiting = [cell]
        while waiting:
            word, x, y = waiting.pop()
            if (word, x, y) in cells and (word, x, y) not in streets:
                streets[word, x, y] = n
                waiting += [(word, x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    keys = zip(frame["name"], frame["cx"], frame["cy"], strict=True)
    frame = frame.assign(street=[streets[key] for key in keys])
    centre = frame.groupby("street")[["lon", "lat"]].transform("mean")
    off = (frame["lon"] - centre["lon"]) ** 2 + (frame["lat"] - centre["lat"]) ** 2
    nearest = frame.assign(off=off).sort_values(["street", "off", "lon", "lat"]).drop_duplicates("street")
    return nearest.assign(kind="street")[["kind", "name", "lon", "lat"]].reset_index(drop=True)


# --- names and boundaries ---------------------------------------------------------------------------


def _labels(found: StreetMap, areas: pd.DataFrame, english: Mapping[str, str]) -> tuple[Layer, pd.DataFrame]:
    """Return the names on the map, and those of places that are no area of the city's own tree."""
    own = areas.assign(kind="area=" + areas["level"], name_en=[english.get(code, "") for code in areas["code"]])
    parts = [own, *(part.assign(name_en="") for part in (found.drawn, found.areas) if len(part))]
    if len(own):  # the tree names its own levels: a map's word for the same place would stand beside it
        parts[1:] = [part[~part["kind"].isin(["place=city", "place=town", "place=village"])] for part in parts[1:]]
    frame = pd.concat([part[["name", "name_en", "kind", "geometry"]] for part in parts], ignore_index=True)
    frame = frame[frame["name"].astype(str) != ""].reset_index(drop=True)
    rows = _chosen("labels", frame["kind"])
    frame = frame.iloc[rows.index]
    forms = shapely.point_on_surface(frame["geometry"].to_numpy(dtype=object))
    columns = {"name": frame["name"], "name_en": frame["name_en"], "level": rows["class"]}
    arrays = {key: column.to_numpy(dtype=object) for key, column in columns.items()}
    places = pd.DataFrame(
        {"kind": arrays["level"], "name": arrays["name"], "lon": shapely.get_x(forms), "lat": shapely.get_y(forms)}
    )
    others = ~frame["kind"].str.startswith("area=").to_numpy(bool)
    return Layer("labels", POINT, forms, arrays, rows["from_zoom"].to_numpy()), places[others]


def _boundaries(areas: pd.DataFrame) -> Layer:
    """Return each stretch of boundary once, with the widest level it parts."""
    drawn: list[NDArray[np.object_]] = []
    levels: list[str] = []
    seen = np.zeros((0, 4))
    for level in SHOWN_LEVELS:
        shapes = areas.loc[areas["level"] == level, "geometry"].to_numpy(dtype=object)
        fresh = _not_in(_segments(shapes), seen)
        if len(fresh):
            seen = np.concatenate([seen, fresh])
            merged = shapely.line_merge(shapely.multilinestrings(shapely.linestrings(fresh.reshape(-1, 2, 2))))
            lines = shapely.get_parts(merged)
            drawn.append(lines)
            levels += [level] * len(lines)
    forms = np.concatenate(drawn) if drawn else np.zeros(0, object)
    zoom = choices()[choices()["layer"] == "boundaries"].set_index("class")["from_zoom"]
    return Layer("boundaries", LINE, forms, {"level": np.array(levels, object)}, zoom.reindex(levels).to_numpy(int))


def _segments(shapes: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return the sides of areas, each once whichever way it is walked: (n, 4)."""
    rings, _ = shapely.get_rings(shapes, return_index=True) if len(shapes) else (np.zeros(0, object), None)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = np.diff(ring) == 0
    a, b = xy[:-1][same].round(7), xy[1:][same].round(7)
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    sides = np.where(swap[:, None], np.column_stack([b, a]), np.column_stack([a, b]))
    return np.unique(sides, axis=0) if len(sides) else sides.reshape(0, 4)


def _not_in(sides: NDArray[np.float64], seen: NDArray[np.float64]) -> NDArray[np.float64]:
    both = np.concatenate([seen, sides])
    distinct, first = np.unique(both, axis=0, return_index=True)
    return np.asarray(distinct[first >= len(seen)])
