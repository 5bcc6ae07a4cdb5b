"""A map file of OpenStreetMap, PBF or XML, becomes a `StreetMap`.

PBF is decoded by `yike.ingest.pbf`; XML (also .gz, .bz2) is first rewritten as PBF by pyosmium into a temporary
file, so that one decoder and one set of rules follow. The tags that are kept as columns are the rows of
``osm_columns.csv``.
"""

from __future__ import annotations

import bz2
import csv
import json
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.errors import Fault, InputError, Loaded
from yike.ingest.osm_things import read_things
from yike.ingest.pbf import ABSENT, Raw, Tagged, find_rows, read_pbf
from yike.tables import Buildings, Doors, StreetMap, Walls, Ways

EVERYTHING = frozenset({"ways", "buildings", "places", "walls", "doors", "areas", "squares", "drawn"})
LARGEST_RATIO, SMALLEST_CAP = 100, 64 * 1024 * 1024  #: no XML map inflates more than this; zeros do, a thousandfold


@cache
def _columns(table: str) -> tuple[str, ...]:
    text = resources.files("yike.ingest").joinpath("osm_columns.csv").read_text(encoding="utf-8")
    return tuple(row["key"] for row in csv.DictReader(text.splitlines()) if row["table"] == table)


def read_streets(path: str | Path, *, keep: frozenset[str] | set[str] = EVERYTHING) -> Loaded[StreetMap]:
    """Read the ground and what stands on it from an OSM file.

    Parameters
    ----------
    path
        .osm.pbf, .osm, .osm.gz or .osm.bz2; told apart by content, not by name.
    keep : set of str
        What to read: "ways" is always read; "buildings", "places", "walls", "doors", "areas", "squares", "drawn" as asked.

    Returns
    -------
    Loaded of StreetMap
        Notes: ``osm.refs_missing`` (ways cut at the rim of the extract), ``osm.areas_open``.

    Raises
    ------
    InputError
        ``osm.empty``, ``osm.not_osm``, ``osm.pbf_broken``, ``osm.xml_broken``, ``osm.compression``,
        ``osm.feature_unknown``, ``osm.bomb``, ``osm.no_ways``.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> text = '''<osm version="0.6"><node id="1" lat="35.5" lon="112.8"/><node id="2" lat="35.501" lon="112.8"/>
    ... <way id="7"><nd ref="1"/><nd ref="2"/><tag k="highway" v="footway"/></way></osm>'''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "tiny.osm")
    ...     _ = file.write_text(text)
    ...     ways = read_streets(file).value.ways
    >>> ways.way_id.tolist(), ways.lon.round(3).tolist(), ways.tags["highway"].tolist()
    ([7], [112.8, 112.8], ['footway'])
    """
    path = Path(path)
    raw = _raw(path)
    if len(raw.ways.id) == 0:
        raise InputError(Fault("osm.no_ways", values={"path": path.name}))
    order = np.argsort(raw.node_id, kind="stable") if (np.diff(raw.node_id) < 0).any() else None
    rows = _rows(raw, order)
    ways, vertex_of, missing = _ways(raw, rows)
    notes = [Fault("osm.refs_missing", values={"count": missing})] if missing else []
    asked = frozenset(keep) - {"ways"}
    if not asked:
        return Loaded(_only(ways), tuple(notes))
    things, more = read_things(raw, rows, vertex_of, asked, ways)
    return Loaded(StreetMap(ways=ways, **things), (*notes, *more))


# --- ways -------------------------------------------------------------------------------------------


def _rows(raw: Raw, order: NDArray[np.int64] | None) -> NDArray[np.int32]:
    """Return for every way reference the row of its node, -1 where the extract lacks it."""
    if order is None:
        found: NDArray[np.int32] = find_rows(raw.node_id, raw.way_ref)
        return found
    sorted_rows: NDArray[np.int32] = find_rows(raw.node_id[order], raw.way_ref)
    return np.where(sorted_rows >= 0, order[np.maximum(sorted_rows, 0)], -1).astype(np.int32)


def _walkable(raw: Raw) -> NDArray[np.bool_]:
    """Ways that may be part of a walking network; the network's own rules decide."""
    highway, area = raw.ways.column(raw.strings, b"highway"), raw.ways.column(raw.strings, b"public_transport")
    railway, made = raw.ways.column(raw.strings, b"railway"), raw.ways.column(raw.strings, b"man_made")
    platform, pier = raw.strings.get(b"platform", -1), raw.strings.get(b"pier", -1)
    return (highway != ABSENT) | (area == platform) | (railway == platform) | (made == pier)


def _ways(raw: Raw, rows: NDArray[np.int32]) -> tuple[Ways, NDArray[np.int32], int]:
    """Return the ways, the vertex of every node row (-1 = none), and how many references were missing."""
    chosen = np.flatnonzero(_walkable(raw))
    first, many = raw.way_at[chosen], np.diff(raw.way_at)[chosen]
    owner = np.repeat(np.arange(len(chosen)), many)
    at = np.repeat(first - np.concatenate([[0], np.cumsum(many)[:-1]]), many) + np.arange(many.sum())
    node = rows[at]
    present = node >= 0
    missing = int((~present).sum())
    # A way is cut where a vertex is missing: the pieces share the tags and the id.
    cut = np.cumsum(~present)
    owner, node, cut = owner[present], node[present], cut[present]
    starts = np.flatnonzero(np.r_[True, (np.diff(owner) != 0) | (np.diff(cut) != 0)]) if len(node) else np.zeros(0, int)
    start = np.append(starts, len(node)).astype(np.int64)
    piece_of = chosen[owner[starts]] if len(node) else chosen[:0]
    used = np.zeros(len(raw.node_id), np.bool_)
    used[node] = True
    vertices = np.flatnonzero(used)
    vertex_of = np.full(len(raw.node_id), -1, np.int32)
    vertex_of[vertices] = np.arange(len(vertices), dtype=np.int32)
    names = _names(raw)
    tags = {key: _category(raw, names, raw.ways, key, piece_of) for key in _columns("way")}
    node_tags = {key: _node_category(raw, names, key, vertex_of, len(vertices)) for key in _columns("node")}
    ways = Ways(
        way_id=raw.ways.id[piece_of],
        start=start,
        refs=vertex_of[node],
        lon=raw.node_lon[vertices],
        lat=raw.node_lat[vertices],
        node_id=raw.node_id[vertices],
        tags=tags,
        node_tags=node_tags,
    )
    return ways, vertex_of, missing


def _names(raw: Raw) -> list[str]:
    """Return all strings by number."""
    return [text.decode("utf-8", "replace") for text in raw.strings]


def _category(raw: Raw, names: list[str], things: Tagged, key: str, rows: NDArray[Any]) -> pd.Categorical:
    return _to_category(things.column(raw.strings, key.encode())[rows], names)


def _node_category(raw: Raw, names: list[str], key: str, vertex_of: NDArray[np.int32], n: int) -> pd.Categorical:
    values = np.zeros(n, np.int32)
    vertex = vertex_of[raw.nodes.id]
    on = vertex >= 0
    values[vertex[on]] = raw.nodes.column(raw.strings, key.encode())[on]
    return _to_category(values, names)


def _to_category(values: NDArray[np.int32], names: list[str]) -> pd.Categorical:
    """Turn string numbers into a column of values; the empty string is always its first category."""
    present = np.zeros(len(names), np.bool_)
    present[values] = True
    present[ABSENT] = True
    numbers = np.flatnonzero(present)
    code = np.zeros(len(names), np.int32)
    code[numbers] = np.arange(len(numbers), dtype=np.int32)
    dtype = pd.CategoricalDtype([names[i] for i in numbers])
    return pd.Categorical.from_codes(code[values], dtype=dtype)


def _only(ways: Ways) -> StreetMap:
    """Return a map of ways and nothing else."""
    nothing = pd.DataFrame()
    return StreetMap(ways, Buildings(nothing), Walls(nothing), Doors(nothing), nothing, nothing, nothing, nothing)


# --- files ------------------------------------------------------------------------------------------


def check_map(path: Path) -> str:
    """Return what a map file is, "osm.gz", "osm.bz2", "osm" or "pbf", after refusing what is none or a bomb.

    Raises
    ------
    InputError
        ``osm.empty``, ``osm.not_osm``, ``osm.bomb``, ``osm.xml_broken``.
    """
    if not path.exists() or path.stat().st_size == 0:
        raise InputError(Fault("osm.empty", values={"path": path.name}))
    with path.open("rb") as file:
        head = file.read(4096)
    if head[:2] == b"\x1f\x8b":
        _check_unpacked(path, _gz_pieces(path))
        return "osm.gz"
    if head[:3] == b"BZh":
        _check_unpacked(path, _bz2_pieces(path))
        return "osm.bz2"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        _check_unpacked(path, iter([head]))
        return "osm"
    return "pbf"


def _raw(path: Path) -> Raw:
    kind = check_map(path)
    return read_pbf(path) if kind == "pbf" else _from_xml(path, kind)


def _gz_pieces(path: Path) -> Iterator[bytes]:
    machine = zlib.decompressobj(31)
    with path.open("rb") as file:
        while packed := file.read(1 << 16):
            while packed:
                yield machine.decompress(packed, 1 << 22)
                packed = machine.unconsumed_tail
    if not machine.eof:
        raise zlib.error("the packed file stops short")


def _bz2_pieces(path: Path) -> Iterator[bytes]:
    machine = bz2.BZ2Decompressor()
    with path.open("rb") as file:
        while packed := file.read(1 << 16):
            yield machine.decompress(packed, 1 << 22)
            while not machine.eof and not machine.needs_input:
                yield machine.decompress(b"", 1 << 22)
    if not machine.eof:
        raise OSError("the packed file stops short")


def _check_unpacked(path: Path, pieces: Iterator[bytes]) -> None:
    """Refuse what is not an OSM document, a bomb or a cut-off packed file, without keeping its content."""
    cap = max(SMALLEST_CAP, LARGEST_RATIO * path.stat().st_size)
    total, head = 0, b""
    try:
        for piece in pieces:
            total += len(piece)
            head = (head + piece)[:4096] if len(head) < 4096 else head
            if len(head) >= 4096 and b"<osm" not in head:
                raise InputError(Fault("osm.not_osm", values={"path": path.name}))
            if total > cap:
                raise InputError(Fault("osm.bomb", values={"path": path.name}))
    except (zlib.error, OSError, EOFError) as error:
        raise InputError(Fault("osm.xml_broken", values={"path": path.name, "why": str(error)})) from error
    if b"<osm" not in head:
        raise InputError(Fault("osm.not_osm", values={"path": path.name}))


def _from_xml(path: Path, kind: str) -> Raw:
    """Rewrite XML as PBF beside, decode it, leave nothing behind."""
    import osmium

    with tempfile.TemporaryDirectory(prefix="yike-") as folder:
        target = Path(folder, "map.osm.pbf")
        try:
            with osmium.SimpleWriter(str(target)) as writer:
                for thing in osmium.FileProcessor(osmium.io.File(str(path), kind)):
                    writer.add(thing)
        except (RuntimeError, ValueError, osmium.InvalidLocationError) as error:
            raise InputError(Fault("osm.xml_broken", values={"path": path.name, "why": str(error)})) from error
        return read_pbf(target)


def read_way_json(path: str | Path) -> Loaded[StreetMap]:
    """Read streets from a JSON object, way id → list of [lat, lon], joined where coordinates are equal.

    Such files carry no tags: every way gets ``highway=unclassified``, so gates, steps, bridges and rights of way are not
    known and the times are those of an open street plan. The order in the file is latitude first.

    Raises
    ------
    InputError
        ``osm.json_broken``, ``osm.no_ways``.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_bytes())
        lines = {int(way): np.asarray(line, float) for way, line in content.items()}
        whole = all(line.ndim == 2 and line.shape[1] == 2 and np.isfinite(line).all() for line in lines.values())
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(Fault("osm.json_broken", values={"path": path.name})) from error
    if not whole:
        raise InputError(Fault("osm.json_broken", values={"path": path.name}))
    if not lines:
        raise InputError(Fault("osm.no_ways", values={"path": path.name}))
    return Loaded(_only(_from_lines(lines)))


def _from_lines(lines: Mapping[int, NDArray[np.float64]]) -> Ways:
    corners = np.concatenate(list(lines.values()))
    vertices, refs = np.unique(corners, axis=0, return_inverse=True)
    lengths = np.array([len(line) for line in lines.values()])

    def constant(table: str, n: int, known: dict[str, str]) -> dict[str, pd.Categorical]:
        return {
            key: pd.Categorical.from_codes(np.zeros(n, np.int8), dtype=pd.CategoricalDtype([known.get(key, "")]))
            for key in _columns(table)
        }

    return Ways(
        way_id=np.array(list(lines), np.int64),
        start=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        refs=refs.ravel().astype(np.int32),
        lon=vertices[:, 1].copy(),
        lat=vertices[:, 0].copy(),
        node_id=np.arange(len(vertices), dtype=np.int64),
        tags=constant("way", len(lines), {"highway": "unclassified"}),
        node_tags=constant("node", len(vertices), {}),
    )
