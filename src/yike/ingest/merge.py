"""Several extracts as one map: what two of them hold is there once."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import shapely

from yike.errors import Fault, InputError, Loaded
from yike.ingest.osm import EVERYTHING, check_map, read_streets, read_way_json
from yike.tables import StreetMap, Ways


def read_maps(paths: Sequence[str | Path], keep: frozenset[str] = EVERYTHING) -> Loaded[StreetMap]:
    """Read one map from one or several OSM files, or from one JSON of ways.

    Things with one id in several files are one thing, its newest version counts; so extracts that overlap or touch
    grow together.

    Raises
    ------
    InputError
        Those of `read_streets`; ``osm.json_alone``: a JSON of ways cannot be joined with other maps.
    """
    files = [Path(path) for path in paths]
    lines = [path for path in files if path.suffix.lower() == ".json"]
    if lines and len(files) > 1:
        raise InputError(Fault("osm.json_alone", tuple((None, path.name) for path in lines)))
    if lines:
        return read_way_json(lines[0])
    if len(files) == 1:
        return read_streets(files[0], keep=keep)
    with tempfile.TemporaryDirectory(prefix="yike-") as folder:
        return read_streets(_merged(files, Path(folder, "map.osm.pbf")), keep=keep)


def _merged(files: Sequence[Path], target: Path) -> Path:
    import osmium

    for path in files:
        check_map(path)
    reader = osmium.MergeInputReader()
    for path in files:
        reader.add_file(str(path))
    with osmium.SimpleWriter(str(target)) as writer:
        reader.apply(writer, simplify=True)
    return target


def shown_area(paths: Sequence[str | Path], ways: Ways) -> shapely.Geometry:
    """Return what maps show: the bounds their files declare, or the hull of the streets where they declare none."""
    import osmium

    boxes = []
    for path in paths:
        if Path(path).suffix.lower() == ".json":
            continue
        with osmium.io.Reader(str(path), osmium.osm.osm_entity_bits.NOTHING) as reader:
            box = reader.header().box()
        if box.valid() and box.bottom_left.valid():
            corners = box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat
            boxes.append(shapely.box(*corners))
    if boxes and len(boxes) == len(paths):
        return shapely.union_all(boxes)
    used = ways.refs
    return shapely.convex_hull(shapely.multipoints(shapely.points(ways.lon[used], ways.lat[used])))
