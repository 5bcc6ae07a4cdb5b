"""Buildings, places, walls, doors, areas, squares and what is only drawn of an OSM file.

Areas are closed ways and multipolygon relations; which tag values mean what is ``osm_kinds.csv``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yike.errors import Fault, Loaded, Row
from yike.ingest.pbf import Raw, Tagged
from yike.standards.crosswalk import Crosswalk, map_categories
from yike.tables import Buildings, Doors, Outlets, Walls, Ways

Int32 = NDArray[np.int32]
Tags = dict[str, str]
METRES_A_DEGREE = (111_320.0, 110_574.0)


@cache
def kinds(table: str) -> Mapping[str, str]:
    """Return value → meaning of one table of ``osm_kinds.csv``."""
    text = resources.files("yike.ingest").joinpath("osm_kinds.csv").read_text(encoding="utf-8")
    return {row["value"]: row["meaning"] for row in csv.DictReader(text.splitlines()) if row["table"] == table}


@dataclass(frozen=True)
class Shape:
    """One thing of the map with its tags and form; ``source`` is "n", "w" or "r"."""

    source: str
    osm_id: int
    row: int  #: row among the file's nodes, ways or relations
    tags: Tags
    form: shapely.Geometry

    @property
    def id(self) -> str:
        return f"osm/{self.source}{self.osm_id}"


class Reader:
    """The things of one raw file, by tag."""

    def __init__(self, raw: Raw, rows: Int32) -> None:
        self.raw, self.rows = raw, rows
        self.names = [text.decode("utf-8", "replace") for text in raw.strings]
        self.open_rings: list[Row] = []

    def tags(self, things: Tagged, i: int) -> Tags:
        pairs = slice(things.at[i], things.at[i + 1])
        return {
            self.names[k]: self.names[v]
            for k, v in zip(things.key[pairs].tolist(), things.value[pairs].tolist(), strict=True)
        }

    def having(self, things: Tagged, keys: Mapping[str, Any] | tuple[str, ...]) -> NDArray[np.int64]:
        """Return the rows of the things that have one of the tags."""
        numbers = [self.raw.strings[key.encode()] for key in keys if key.encode() in self.raw.strings]
        hit = np.flatnonzero(np.isin(things.key, numbers))
        return np.unique(np.searchsorted(things.at, hit, "right") - 1)

    def line(self, way: int) -> NDArray[np.float64]:
        """Return the known corners of a way, (n, 2) lon lat."""
        node = self.rows[self.raw.way_at[way] : self.raw.way_at[way + 1]]
        node = node[node >= 0]
        return np.column_stack([self.raw.node_lon[node], self.raw.node_lat[node]])

    def closed(self, way: int) -> bool:
        ref = self.raw.way_ref[self.raw.way_at[way] : self.raw.way_at[way + 1]]
        whole = (self.rows[self.raw.way_at[way] : self.raw.way_at[way + 1]] >= 0).all()
        return len(ref) >= 4 and ref[0] == ref[-1] and bool(whole)

    def way_area(self, way: int) -> shapely.Geometry | None:
        return _mended(shapely.Polygon(self.line(way))) if self.closed(way) else None

    def relation_area(self, relation: int) -> shapely.Geometry | None:
        """Assemble a multipolygon: outer rings joined from ways, inner ones cut out."""
        members = slice(self.raw.member_at[relation], self.raw.member_at[relation + 1])
        lines: dict[str, list[shapely.Geometry]] = {"outer": [], "inner": []}
        for ref, kind, role in zip(
            self.raw.member_ref[members].tolist(),
            self.raw.member_kind[members].tolist(),
            self.raw.member_role[members].tolist(),
            strict=True,
        ):
            way = self._way_rows.get(ref) if kind == 1 else None
            if way is not None and len(self.line(way)) >= 2:
                lines["inner" if self.names[role] == "inner" else "outer"].append(shapely.LineString(self.line(way)))
        outer, inner = (_rings(lines[role]) for role in ("outer", "inner"))
        if outer is None:
            return None
        return _mended(outer if inner is None else shapely.difference(outer, inner))

    @property
    def _way_rows(self) -> dict[int, int]:
        if not hasattr(self, "_rows_by_id"):
            self._rows_by_id = {int(way): i for i, way in enumerate(self.raw.ways.id.tolist())}
        return self._rows_by_id

    def shapes(self, keys: Mapping[str, Any] | tuple[str, ...], *, areas_only: bool, nodes: bool) -> list[Shape]:
        """Return the things with one of the tags: points, lines (unless ``areas_only``) and areas."""
        raw, found = self.raw, []
        if nodes:
            for i in self.having(raw.nodes, keys).tolist():
                row = int(raw.nodes.id[i])
                point = shapely.Point(raw.node_lon[row], raw.node_lat[row])
                found.append(Shape("n", int(raw.node_id[row]), row, self.tags(raw.nodes, i), point))
        for i in self.having(raw.ways, keys).tolist():
            form = self.way_area(i)
            if form is None and not areas_only and len(self.line(i)) >= 2:
                form = shapely.LineString(self.line(i))
            if form is not None and not form.is_empty:
                found.append(Shape("w", int(raw.ways.id[i]), i, self.tags(raw.ways, i), form))
        for i in self.having(raw.relations, keys).tolist():
            tags = self.tags(raw.relations, i)
            if tags.get("type") in ("multipolygon", "boundary"):
                form = self.relation_area(i)
                if form is None or form.is_empty:
                    self.open_rings.append((None, f"relation {raw.relations.id[i]} {tags.get('name', '')}"))
                else:
                    found.append(Shape("r", int(raw.relations.id[i]), i, tags, form))
        return found


def _rings(lines: list[shapely.Geometry]) -> shapely.Geometry | None:
    """Join lines to closed rings and return them as one area, None where they do not close."""
    if not lines:
        return None
    areas, cuts, dangles, invalid = shapely.polygonize_full(lines)
    if areas.is_empty or not (cuts.is_empty and dangles.is_empty and invalid.is_empty):
        return None
    return shapely.union_all(areas)


def _mended(form: shapely.Geometry) -> shapely.Geometry | None:
    """Return the areas of a form, a self-crossing ring made valid; None where no area is left."""
    if not form.is_valid:
        form = shapely.make_valid(form)
    if form.geom_type == "GeometryCollection":
        form = shapely.union_all([part for part in form.geoms if part.geom_type.endswith("Polygon")])
    return form if form.geom_type.endswith("Polygon") and not form.is_empty else None


def square_metres(forms: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return areas of WGS 84 polygons in m², each on a plane at its own latitude (0.5 % at city size)."""
    lat = shapely.get_y(shapely.centroid(forms))
    return np.asarray(shapely.area(forms) * METRES_A_DEGREE[0] * np.cos(np.radians(lat)) * METRES_A_DEGREE[1])


def _floors(tags: Tags) -> float:
    found = re.match(r"\s*(\d+(?:\.\d+)?)", tags.get("building:levels", ""))
    return float(found.group(1)) if found else float("nan")


def read_buildings(reader: Reader, homeland: list[shapely.Geometry]) -> Buildings:
    """Return buildings; ``building=yes`` is a home where the land use is residential and nothing says otherwise."""
    shapes = [s for s in reader.shapes(("building",), areas_only=True, nodes=False) if s.tags["building"] != "no"]
    forms = np.array([s.form for s in shapes], object)
    inside = shapely.point_on_surface(forms) if len(forms) else forms
    on_homeland = np.zeros(len(shapes), bool)
    if homeland and len(shapes):
        on_homeland[np.unique(shapely.STRtree(homeland).query(inside, predicate="within")[0])] = True
    residential = []
    for shape, home in zip(shapes, on_homeland.tolist(), strict=True):
        meaning = kinds("home").get(shape.tags["building"], "no")
        other = any(key in shape.tags for key in kinds("no_home"))
        residential.append(meaning == "yes" or (meaning == "by_landuse" and home and not other))
    return Buildings(
        pd.DataFrame(
            {
                "id": [s.id for s in shapes],
                "lon": shapely.get_x(inside) if len(shapes) else [],
                "lat": shapely.get_y(inside) if len(shapes) else [],
                "footprint_m2": square_metres(forms) if len(shapes) else [],
                "levels": [_floors(s.tags) for s in shapes],
                "use": [s.tags["building"] for s in shapes],
                "residential": np.array(residential, bool),
                "geometry": forms,
            }
        )
    )


def read_places(reader: Reader) -> pd.DataFrame:
    """Return tagged shops and services as points with all their tags."""
    shapes = reader.shapes(tuple(kinds("place")), areas_only=True, nodes=True)
    forms = np.array([s.form for s in shapes], object)
    where = shapely.point_on_surface(forms) if len(forms) else forms
    return pd.DataFrame(
        {
            "id": [s.id for s in shapes],
            "name": [s.tags.get("name:zh") or s.tags.get("name", "") for s in shapes],
            "lon": shapely.get_x(where) if len(shapes) else [],
            "lat": shapely.get_y(where) if len(shapes) else [],
            "hours": [s.tags.get("opening_hours", "") for s in shapes],
            "tags": [s.tags for s in shapes],
        }
    )


def read_walls(reader: Reader, homeland: list[shapely.Geometry]) -> Walls:
    """Return walls and fences; a closed one round homes is a compound.

    A ring is a compound when it carries ``landuse=residential`` itself, or lies (nine tenths of it) on such land.
    """
    rows: list[tuple[str, bool, bool, shapely.Geometry]] = []
    for shape in reader.shapes(("barrier",), areas_only=False, nodes=False):
        kind = kinds("wall").get(shape.tags["barrier"], "")
        if not kind:
            continue
        closed = shape.form.geom_type != "LineString"
        rows.append((kind, closed, closed and _round_homes(shape, homeland), shape.form))
    frame = pd.DataFrame(rows, columns=["kind", "closed", "compound", "geometry"])
    return Walls(frame.astype({"closed": bool, "compound": bool}))


def _round_homes(shape: Shape, homeland: list[shapely.Geometry]) -> bool:
    if "landuse" in shape.tags:
        return kinds("compound").get(shape.tags["landuse"]) == "yes"
    if any(key in shape.tags for key in ("leisure", "amenity", "tourism")) or not homeland:
        return False
    near = [homeland[i] for i in shapely.STRtree(homeland).query(shape.form, predicate="intersects")]
    if not near:
        return False
    shared = shapely.area(shapely.intersection(shapely.union_all(near), shape.form))
    return bool(shared >= 0.9 * shape.form.area)


def read_doors(reader: Reader, vertex_of: Int32) -> Doors:
    """Return mapped entrances and gates with the vertex of the ways they stand on."""
    rows = []
    for shape in reader.shapes(("entrance", "barrier"), areas_only=True, nodes=True):
        if shape.source != "n":
            continue
        kind = kinds("gate").get(shape.tags.get("barrier", ""), "")
        kind = kind or kinds("door_entrance").get(shape.tags.get("entrance", ""), "")
        if kind:
            access = shape.tags.get("foot") or shape.tags.get("access", "")
            rows.append((shape.id, shape.form.x, shape.form.y, kind, access, int(vertex_of[shape.row])))
    return Doors(pd.DataFrame(rows, columns=["id", "lon", "lat", "kind", "access", "vertex"]))


def read_areas(reader: Reader) -> pd.DataFrame:
    """Return administrative outlines, land use, parks and water: ``id, name, kind, level, geometry``."""
    rows = []
    for shape in reader.shapes(tuple(kinds("area")), areas_only=True, nodes=False):
        for key in kinds("area"):
            value = shape.tags.get(key)
            wanted = kinds("area")[key]
            if value and (not wanted or value == wanted):
                level = shape.tags.get("admin_level", "") if key == "boundary" else ""
                rows.append((shape.id, shape.tags.get("name", ""), f"{key}={value}", level, shape.form))
                break
    return pd.DataFrame(rows, columns=["id", "name", "kind", "level", "geometry"])


def read_squares(reader: Reader, ways: Ways) -> pd.DataFrame:
    """Return walkable areas that are also ways of the network: ``way`` (index into `Ways`), ``geometry``."""
    piece = {int(way): i for i, way in reversed(list(enumerate(ways.way_id.tolist())))}
    rows = []
    for shape in reader.shapes(("area",), areas_only=True, nodes=False):
        if shape.source == "w" and shape.tags["area"] == "yes" and "highway" in shape.tags and shape.osm_id in piece:
            rows.append((piece[shape.osm_id], shape.form))
    return pd.DataFrame(rows, columns=["way", "geometry"])


def read_drawn(reader: Reader) -> pd.DataFrame:
    """Return what only the picture needs, courses of water, tracks, names of places: ``name, kind, geometry``."""
    rows = []
    for shape in reader.shapes(tuple(kinds("drawn")), areas_only=False, nodes=True):
        key = next(key for key in kinds("drawn") if key in shape.tags)
        if (shape.form.geom_type == "Point") != (key == "place"):
            continue
        form = shape.form.boundary if shape.form.geom_type.endswith("Polygon") else shape.form
        name = shape.tags.get("name:zh") or shape.tags.get("name", "")
        rows.append((name, f"{key}={shape.tags[key]}", form))
    return pd.DataFrame(rows, columns=["name", "kind", "geometry"])


def read_things(
    raw: Raw, rows: Int32, vertex_of: Int32, asked: frozenset[str], ways: Ways
) -> tuple[dict[str, Any], list[Fault]]:
    """Return the tables asked for (empty ones for the others) and what was left out."""
    reader = Reader(raw, rows)
    areas = read_areas(reader) if asked & {"areas", "buildings", "walls"} else pd.DataFrame()
    homeland = areas.loc[areas["kind"] == "landuse=residential", "geometry"].tolist() if len(areas) else []
    nothing = pd.DataFrame()
    tables = {
        "areas": areas,
        "buildings": read_buildings(reader, homeland) if "buildings" in asked else Buildings(nothing),
        "walls": read_walls(reader, homeland) if "walls" in asked else Walls(nothing),
        "doors": read_doors(reader, vertex_of) if "doors" in asked else Doors(nothing),
        "places": read_places(reader) if "places" in asked else nothing,
        "squares": read_squares(reader, ways) if "squares" in asked else nothing,
        "drawn": read_drawn(reader) if "drawn" in asked else nothing,
    }
    open_rings = list(dict.fromkeys(reader.open_rings))
    return tables, [Fault("osm.areas_open", tuple(open_rings))] if open_rings else []


def places_to_outlets(places: pd.DataFrame, crosswalk: Crosswalk) -> Loaded[Outlets]:
    """Turn tagged places into outlets of business types.

    A place whose tags the crosswalk knows as "none of ours" is left out; one it does not know is left out and its
    tags are listed with counts in the note ``osm.places_unmapped``.
    """
    types, unmapped = map_categories(crosswalk, places["tags"].tolist())
    keep = np.array([len(found) > 0 for found in types], bool)
    frame = places.loc[keep, ["id", "name", "lon", "lat", "hours"]].assign(
        types=[found for found in types if found], state="open", source="OpenStreetMap"
    )
    listed = sorted(dict(unmapped).items(), key=lambda item: (-item[1], item[0]))
    notes = [
        Fault(
            "osm.places_unmapped",
            tuple((None, f"{category} × {count}") for category, count in listed),
            {"count": sum(count for _, count in listed)},
        )
    ]
    return Loaded(Outlets(frame), tuple(notes) if listed else ())
