"""OSM's binary format (PBF) decoded into flat arrays by compiled loops.

The frame (blobs, zlib) is read in Python, what repeats a million times (dense nodes, ways, tags, references)
in Numba. Strings of all blocks are numbered once in `Raw.strings`; tags are pairs of these numbers. pyosmium is
the oracle in the tests and reads what is not PBF; this decoder exists because a city is read several times faster.

Source of the format: OpenStreetMap wiki, "PBF Format" (fileformat.proto, osmformat.proto).
"""

from __future__ import annotations

import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from yike.errors import Fault, InputError

LARGEST_BLOB = 32 * 1024 * 1024  #: the format's own bound on an inflated blob
KNOWN_FEATURES = {b"OsmSchema-V0.6", b"DenseNodes", b"HistoricalInformation"}
ABSENT = 0  #: number of the empty string: "no such tag"

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Tagged:
    """Things with tags: ids and, for thing ``i``, pairs ``key[at[i]:at[i + 1]], value[…]`` of string numbers."""

    id: Int64
    at: Int64
    key: Int32
    value: Int32

    def column(self, strings: dict[bytes, int], wanted: bytes) -> Int32:
        """Return the string number of one tag for every thing, `ABSENT` where it has none."""
        out = np.zeros(len(self.id), np.int32)
        number = strings.get(wanted, -1)
        hit = np.flatnonzero(self.key == number)
        out[np.searchsorted(self.at, hit, "right") - 1] = self.value[hit]
        return out


@dataclass(frozen=True)
class Raw:
    """A whole file as it stands, in file order."""

    strings: dict[bytes, int]  #: every string once, numbered; b"" is 0
    node_id: Int64
    node_lon: NDArray[np.float64]
    node_lat: NDArray[np.float64]
    nodes: Tagged  #: only nodes that have tags; ``id`` is the row in ``node_id``
    ways: Tagged
    way_at: Int64  #: references of way i: ``way_ref[way_at[i]:way_at[i + 1]]``
    way_ref: Int64
    relations: Tagged
    member_at: Int64
    member_ref: Int64
    member_kind: Int32  #: 0 node, 1 way, 2 relation
    member_role: Int32  #: string number


# --- compiled ---------------------------------------------------------------------------------------


@njit(cache=True, nogil=True)
def _varint(buf: Any, at: int) -> Any:
    value, shift = np.uint64(0), np.uint64(0)
    while True:
        byte = buf[at]
        at += 1
        value |= np.uint64(byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += np.uint64(7)
        if shift > np.uint64(63):
            raise ValueError("varint")


@njit(cache=True, nogil=True)
def _signed(value: Any) -> Any:
    return np.int64(value >> np.uint64(1)) ^ -np.int64(value & np.uint64(1))


@njit(cache=True, nogil=True)
def _field(buf: Any, at: int) -> Any:
    """Read one field's head: (number, start of value, end of value, value of a varint field)."""
    tag, at = _varint(buf, at)
    number, wire = np.int64(tag >> np.uint64(3)), np.int64(tag & np.uint64(7))
    if wire == 0:
        value, end = _varint(buf, at)
        return number, at, end, value
    if wire == 2:
        size, at = _varint(buf, at)
        end = at + np.int64(size)
        if end > len(buf) or end < at:
            raise ValueError("length")
        return number, at, end, np.uint64(0)
    if wire == 1:
        return number, at, at + 8, np.uint64(0)
    if wire == 5:
        return number, at, at + 4, np.uint64(0)
    raise ValueError("wire type")


@njit(cache=True, nogil=True)
def _count(buf: Any, at: int, end: int) -> int:
    """Count the varints of a packed field."""
    n = 0
    for i in range(at, end):
        if buf[i] < 0x80:
            n += 1
    return n


@njit(cache=True, nogil=True)
def scan_block(buf: Any) -> Any:
    """Return (string spans (n, 2), group spans (g, 2), [granularity, lat offset, lon offset])."""
    spans, groups = np.empty((256, 2), np.int64), np.empty((64, 2), np.int64)
    n, g, at = 0, 0, 0
    numbers = np.array([100, 0, 0], np.int64)
    while at < len(buf):
        number, start, at, value = _field(buf, at)
        if number == 1:
            inner = start
            while inner < at:
                _, first, inner, _ = _field(buf, inner)
                if n == len(spans):
                    spans = np.concatenate((spans, np.empty_like(spans)))
                spans[n, 0], spans[n, 1] = first, inner
                n += 1
        elif number == 2:
            if g == len(groups):
                groups = np.concatenate((groups, np.empty_like(groups)))
            groups[g, 0], groups[g, 1] = start, at
            g += 1
        elif number == 17:
            numbers[0] = np.int64(value)
        elif number == 19:
            numbers[1] = np.int64(value)
        elif number == 20:
            numbers[2] = np.int64(value)
    return spans[:n], groups[:g], numbers


@njit(cache=True, nogil=True)
def _dense(buf: Any, start: int, end: int) -> Any:
    """Decode DenseNodes: (ids, lats, lons in granules, tag owner, key, value)."""
    spans = np.zeros((11, 2), np.int64)
    at = start
    while at < end:
        number, first, at, _ = _field(buf, at)
        if number < 11:
            spans[number, 0], spans[number, 1] = first, at
    n = _count(buf, spans[1, 0], spans[1, 1])
    columns = np.empty((3, n), np.int64)
    for c, number in enumerate((1, 8, 9)):
        at, total = spans[number, 0], np.int64(0)
        if _count(buf, at, spans[number, 1]) != n:
            raise ValueError("dense")
        for i in range(n):
            value, at = _varint(buf, at)
            total += _signed(value)
            columns[c, i] = total
    room = _count(buf, spans[10, 0], spans[10, 1])
    tags = np.empty((3, room // 2 + 1), np.int64)
    at, m, node = spans[10, 0], 0, 0
    while at < spans[10, 1]:
        key, at = _varint(buf, at)
        if key == 0:
            node += 1
            continue
        value, at = _varint(buf, at)
        tags[0, m], tags[1, m], tags[2, m] = node, np.int64(key), np.int64(value)
        m += 1
    return columns, tags[:, :m]


@njit(cache=True, nogil=True)
def _things(buf: Any, start: int, end: int, kind: int) -> Any:
    """Decode the messages of one kind in a group: 1 nodes, 3 ways, 4 relations.

    Returns (ids, tag_at, keys, values, ref_at, refs, places): ``refs`` (m, 3) hold reference, kind and role;
    ``places`` (n, 2) latitude and longitude of plain nodes.
    """
    n, n_tags, n_refs, at = 0, 0, 0, start
    while at < end:
        number, first, at, _ = _field(buf, at)
        if number == kind:
            n += 1
            inner = first
            while inner < at:
                part, head, inner, _ = _field(buf, inner)
                if part == 2:
                    n_tags += _count(buf, head, inner)
                elif (kind == 3 and part == 8) or (kind == 4 and part == 9):
                    n_refs += _count(buf, head, inner)
    ids, tag_at, ref_at = np.empty(n, np.int64), np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
    keys, values = np.empty(n_tags, np.int64), np.empty(n_tags, np.int64)
    refs, places = np.zeros((n_refs, 3), np.int64), np.zeros((n, 2), np.int64)
    i, t, r, at = 0, 0, 0, start
    while at < end:
        number, first, at, _ = _field(buf, at)
        if number != kind:
            continue
        inner, _t0, r0, t1 = first, t, r, t
        while inner < at:
            part, head, inner, value = _field(buf, inner)
            if part == 1:
                ids[i] = _signed(value) if kind == 1 else np.int64(value)
            elif part == 2:
                while head < inner:
                    word, head = _varint(buf, head)
                    keys[t] = np.int64(word)
                    t += 1
            elif part == 3:
                while head < inner:
                    word, head = _varint(buf, head)
                    if t1 >= n_tags:
                        raise ValueError("tags")
                    values[t1] = np.int64(word)
                    t1 += 1
            elif kind == 1 and (part == 8 or part == 9):
                places[i, part - 8] = _signed(value)
            elif (kind == 3 and part == 8) or (kind == 4 and part == 9):
                total, j = np.int64(0), r0
                while head < inner:
                    word, head = _varint(buf, head)
                    total += _signed(word)
                    refs[j, 0] = total
                    j += 1
                r = j
            elif kind == 4 and (part == 8 or part == 10):
                j = r0
                while head < inner:
                    word, head = _varint(buf, head)
                    if j >= n_refs:
                        raise ValueError("members")
                    refs[j, 2 if part == 8 else 1] = np.int64(word)
                    j += 1
        if t1 != t:
            raise ValueError("tags")
        i += 1
        tag_at[i], ref_at[i] = t, r
    return ids, tag_at, keys, values, ref_at, refs, places


@njit(cache=True, nogil=True)
def find_rows(sorted_ids: Any, wanted: Any) -> Any:
    """Return the row of each wanted id in ``sorted_ids``, -1 where absent; neighbours are tried first."""
    n = len(sorted_ids)
    out = np.empty(len(wanted), np.int32)
    near = 0
    for i in range(len(wanted)):
        w = wanted[i]
        low, high = 0, n
        if near < n and sorted_ids[near] <= w:
            low, step = near, 1
            while low + step < n and sorted_ids[low + step] <= w:
                low += step
                step *= 2
            high = min(n, low + step)
        elif near < n:
            high, step = near, 1
            while high - step >= 0 and sorted_ids[high - step] > w:
                high -= step
                step *= 2
            low = max(0, high - step)
        while high - low > 1:
            middle = (low + high) >> 1
            if sorted_ids[middle] <= w:
                low = middle
            else:
                high = middle
        found = low < n and sorted_ids[low] == w
        out[i] = low if found else -1
        near = low
    return out


# --- frame ------------------------------------------------------------------------------------------


def _broken(path: Path, why: str) -> InputError:
    return InputError(Fault("osm.pbf_broken", values={"path": path.name, "why": why}))


def _fields(data: bytes) -> dict[int, list[bytes | int]]:
    """Read a small message in Python: field number → values."""
    found: dict[int, list[bytes | int]] = {}
    buf = np.frombuffer(data, np.uint8)
    at = 0
    while at < len(data):
        wire = data[at] & 7
        number, start, at, value = _field(buf, at)
        found.setdefault(int(number), []).append(int(value) if wire == 0 else data[start:at])
    return found


def _blobs(path: Path) -> list[tuple[bytes, bytes]]:
    """Return (type, blob) of every blob; a file that ends inside one is refused."""
    data = path.read_bytes()
    if not data:
        raise InputError(Fault("osm.empty", values={"path": path.name}))
    found: list[tuple[bytes, bytes]] = []
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if not found and not 0 < size <= 64 * 1024:
            raise InputError(Fault("osm.not_osm", values={"path": path.name}))
        if at + 4 + size > len(data) or size > 64 * 1024:
            raise _broken(path, f"the file ends inside a header at byte {at}")
        try:
            head = _fields(data[at + 4 : at + 4 + size])
            kind, length = bytes(head[1][0]), int(head[3][0])
        except (ValueError, KeyError, IndexError, TypeError) as error:
            if not found:
                raise InputError(Fault("osm.not_osm", values={"path": path.name})) from error
            raise _broken(path, f"unreadable header at byte {at}") from error
        at += 4 + size
        if at + length > len(data):
            raise _broken(path, f"the file ends at byte {len(data)}, inside a block that begins at byte {at}")
        found.append((kind, data[at : at + length]))
        at += length
    if found[0][0] != b"OSMHeader":
        raise InputError(Fault("osm.not_osm", values={"path": path.name}))
    return found


def _inflate(path: Path, blob: bytes) -> NDArray[np.uint8]:
    """Return the content of one blob, at most `LARGEST_BLOB` bytes."""
    try:
        fields = _fields(blob)
        if 1 in fields:
            return np.frombuffer(bytes(fields[1][0]), np.uint8)
        if 3 not in fields:
            raise InputError(Fault("osm.compression", values={"path": path.name}))
        machine = zlib.decompressobj()
        content = machine.decompress(bytes(fields[3][0]), LARGEST_BLOB + 1)
    except (zlib.error, ValueError, IndexError) as error:
        raise _broken(path, str(error)) from error
    if len(content) > LARGEST_BLOB:
        raise InputError(Fault("osm.bomb", values={"path": path.name}))
    if not machine.eof:
        raise _broken(path, "a block's compressed data stops short")
    return np.frombuffer(content, np.uint8)


def _check_header(path: Path, content: NDArray[np.uint8]) -> None:
    needed = {bytes(feature) for feature in _fields(content.tobytes()).get(4, [])}
    unknown = sorted(needed - KNOWN_FEATURES)
    if unknown:
        names = ", ".join(feature.decode() for feature in unknown)
        raise InputError(Fault("osm.feature_unknown", values={"path": path.name, "features": names}))


class _Pile:
    """Pieces of one kind of thing, block by block."""

    def __init__(self) -> None:
        self.pieces: list[tuple[NDArray[Any], ...]] = []

    def add(self, *piece: NDArray[Any]) -> None:
        self.pieces.append(piece)

    def tagged(self) -> Tagged:
        return Tagged(
            _join([p[0] for p in self.pieces], np.int64),
            _starts([p[1] for p in self.pieces]),
            _join([p[2] for p in self.pieces], np.int32),
            _join([p[3] for p in self.pieces], np.int32),
        )


def _join(pieces: list[NDArray[Any]], dtype: type) -> NDArray[Any]:
    return np.concatenate(pieces).astype(dtype, copy=False) if pieces else np.zeros(0, dtype)


def _starts(pieces: list[NDArray[Any]]) -> Int64:
    """Chain offsets of blocks into one."""
    lengths = _join([np.diff(piece) for piece in pieces], np.int64)
    at = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=at[1:])
    return at


def read_pbf(path: Path) -> Raw:
    """Decode a PBF file.

    Raises
    ------
    InputError
        ``osm.empty``, ``osm.not_osm``, ``osm.pbf_broken`` (truncated or damaged), ``osm.compression`` (not zlib),
        ``osm.feature_unknown``, ``osm.bomb`` (a block larger than the format allows).
    """
    blobs = _blobs(path)
    with ThreadPoolExecutor(2) as pool:
        contents = list(pool.map(lambda blob: _inflate(path, blob[1]), blobs))
    _check_header(path, contents[0])
    strings: dict[bytes, int] = {b"": ABSENT}
    nodes, tagged_nodes, ways, relations = _Pile(), _Pile(), _Pile(), _Pile()
    n_nodes = 0
    for (kind, _), content in zip(blobs[1:], contents[1:], strict=True):
        if kind != b"OSMData":
            continue
        try:
            n_nodes = _read_block(content, strings, n_nodes, nodes, tagged_nodes, ways, relations)
        except (ValueError, IndexError) as error:
            raise _broken(path, f"unreadable block ({error})") from error
    refs = _join([p[5] for p in relations.pieces], np.int64).reshape(-1, 3)
    return Raw(
        strings,
        _join([p[0] for p in nodes.pieces], np.int64),
        _join([p[1] for p in nodes.pieces], np.float64),
        _join([p[2] for p in nodes.pieces], np.float64),
        tagged_nodes.tagged(),
        ways.tagged(),
        _starts([p[4] for p in ways.pieces]),
        _join([p[5] for p in ways.pieces], np.int64),
        relations.tagged(),
        _starts([p[4] for p in relations.pieces]),
        refs[:, 0],
        refs[:, 1].astype(np.int32),
        refs[:, 2].astype(np.int32),
    )


def _read_block(
    content: NDArray[np.uint8],
    strings: dict[bytes, int],
    n_nodes: int,
    nodes: _Pile,
    tagged_nodes: _Pile,
    ways: _Pile,
    relations: _Pile,
) -> int:
    """Decode one block onto the piles; return the number of nodes so far."""
    spans, groups, (granularity, lat_offset, lon_offset) = scan_block(content)
    text = content.tobytes()
    number = np.array([strings.setdefault(text[a:b], len(strings)) for a, b in spans.tolist()], np.int32)

    def degrees(granules: Int64, offset: int) -> NDArray[np.float64]:
        return (offset + granularity * granules) / 1e9

    for start, end in groups.tolist():
        kind = int(_field(content, start)[0])
        if kind == 2:
            _, first, last, _ = _field(content, start)
            columns, tags = _dense(content, first, last)
            nodes.add(columns[0], degrees(columns[2], lon_offset), degrees(columns[1], lat_offset))
            owners, counts = np.unique(tags[0], return_counts=True)
            at = np.concatenate([[0], np.cumsum(counts)])
            tagged_nodes.add(owners + n_nodes, at, number[tags[1]], number[tags[2]])
            n_nodes += columns.shape[1]
            continue
        ids, tag_at, keys, values, ref_at, refs, places = _things(content, start, end, kind)
        if kind == 1:
            nodes.add(ids, degrees(places[:, 1], lon_offset), degrees(places[:, 0], lat_offset))
            tagged_nodes.add(np.arange(len(ids)) + n_nodes, tag_at, number[keys], number[values])
            n_nodes += len(ids)
        elif kind == 3:
            ways.add(ids, tag_at, number[keys], number[values], ref_at, refs[:, 0])
        elif kind == 4:
            refs[:, 2] = number[refs[:, 2]]
            relations.add(ids, tag_at, number[keys], number[values], ref_at, refs)
    return n_nodes
