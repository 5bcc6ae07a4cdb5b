"""Mapbox Vector Tiles 2.1 written with numpy: one layer over all tiles of a zoom in one go.

Everything inside a feature (tags, type, geometry, their lengths) is a row of varints, so features become one stream
of whole numbers whose bytes are made at the end, at once. `yike.web.map.cutting` says which part of which form lies
in which tile; here nothing is clipped.

Source of the format: github.com/mapbox/vector-tile-spec, 2.1.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

EXTENT = 4096  #: units along the side of a tile
POINT, LINE, POLYGON = 1, 2, 3
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Pieces:
    """Parts of one layer's forms in their tiles, F features of P paths of V corners; features are sorted by tile.

    ``xy`` are whole units from the tile's own corner, y down; a ring is not closed by repeating its first corner.
    Every path has at least one corner (points), two (lines) or three (rings), and every feature at least one path.
    """

    kind: int  #: `POINT`, `LINE` or `POLYGON`
    xy: Ints  #: (V, 2)
    path_at: Ints  #: (P + 1,) corners of path p: ``xy[path_at[p]:path_at[p + 1]]``
    feature_at: Ints  #: (F + 1,) paths of feature f
    tile: Ints  #: (F,) number of the feature's tile, not decreasing
    form: Ints  #: (F,) row of the form it is a part of


def sizes(values: Ints) -> Ints:
    """Return how many bytes each number takes as a varint.

    Examples
    --------
    >>> sizes(np.array([0, 127, 128, 16384])).tolist()
    [1, 1, 2, 3]
    """
    found = np.ones(len(values), np.int64)
    for bits in (7, 14, 21, 28, 35):
        found += values >= (1 << bits)
    return found


def varints(values: Ints, size: Ints) -> bytes:
    """Return numbers as varints, one after the other; ``size`` is that of `sizes`."""
    at = np.cumsum(size) - size
    out = np.empty(int(size.sum()), np.uint8)
    for k in range(int(size.max(initial=1))):
        on = size > k
        byte = (values[on] >> (7 * k)) & 0x7F
        out[at[on] + k] = byte | np.where(size[on] > k + 1, 0x80, 0)
    return out.tobytes()


def _sums(values: Ints, at: Ints) -> Ints:
    """Return the sums of ``values[at[i]:at[i + 1]]``."""
    total = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=total[1:])
    return total[at[1:]] - total[at[:-1]]


def _starts(counts: Ints) -> Ints:
    at = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=at[1:])
    return at


def _geometry(pieces: Pieces) -> tuple[Ints, Ints]:
    """Return the commands of all features as one stream of numbers, and where each feature begins."""
    step = pieces.xy.copy()
    step[1:] -= pieces.xy[:-1]
    first = pieces.path_at[pieces.feature_at[:-1]]  # the cursor begins anew with each feature, not with each path
    step[first] = pieces.xy[first]
    zigzag = (step << 1) ^ (step >> 63)
    if pieces.kind == POINT:
        many = np.diff(pieces.feature_at)
        stream = np.empty(len(many) + 2 * len(step), np.int64)
        at = _starts(1 + 2 * many)
        stream[at[:-1]] = (many << 3) | 1
        place = at[:-1].repeat(many) + 1 + 2 * (np.arange(len(step)) - pieces.feature_at[:-1].repeat(many))
        stream[place], stream[place + 1] = zigzag[:, 0], zigzag[:, 1]
        return stream, at
    closing = 1 if pieces.kind == POLYGON else 0
    corners = np.diff(pieces.path_at)
    path = _starts(4 + 2 * (corners - 1) + closing)
    stream = np.empty(int(path[-1]), np.int64)
    stream[path[:-1]] = 9  # MoveTo, once
    stream[path[:-1] + 3] = ((corners - 1) << 3) | 2  # LineTo
    if closing:
        stream[path[1:] - 1] = 15  # ClosePath
    nth = np.arange(len(step)) - pieces.path_at[:-1].repeat(corners)
    place = path[:-1].repeat(corners) + np.where(nth == 0, 1, 2 + 2 * nth)
    stream[place], stream[place + 1] = zigzag[:, 0], zigzag[:, 1]
    return stream, path[pieces.feature_at]


def _value(value: Any) -> bytes:
    """Return one value of the table of values: text, truth, whole number or number."""
    if isinstance(value, str):
        text = value.encode()
        inner = b"\x0a" + _varint(len(text)) + text
    elif isinstance(value, bool | np.bool_):
        inner = b"\x38" + (b"\x01" if value else b"\x00")
    elif isinstance(value, int | np.integer):
        inner = b"\x30" + _varint((int(value) << 1) ^ (int(value) >> 63))  # sint_value
    else:
        inner = b"\x19" + struct.pack("<d", float(value))
    return b"\x22" + _varint(len(inner)) + inner


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _coded(columns: Mapping[str, NDArray[Any]]) -> tuple[Ints, list[bytes]]:
    """Return for every form and attribute the number of its value (-1 = has none), and the values as bytes."""
    numbers: list[Ints] = []
    values: list[bytes] = []
    for column in columns.values():
        code, distinct = pd.factorize(np.asarray(column, dtype=object))  # None becomes -1
        empty = np.array([isinstance(each, str) and not each for each in distinct], bool)
        code = np.where((code >= 0) & ~np.append(empty, True)[code], code + len(values), -1)
        numbers.append(code)
        values += [_value(each) for each in distinct]
    return np.column_stack(numbers).astype(np.int64), values


def _tags(pieces: Pieces, columns: Mapping[str, NDArray[Any]], starts: Ints) -> tuple[Ints, Ints, list[bytes]]:
    """Return the tags of all features as one stream, where each feature begins, and each tile's table of values."""
    codes, values = _coded(columns)
    code = codes[pieces.form]
    known = code >= 0
    nth_tile = np.searchsorted(starts, np.arange(len(pieces.form)), "right") - 1
    both = nth_tile[:, None] * len(values) + code
    distinct, inverse = np.unique(both[known], return_inverse=True)
    edges = np.searchsorted(distinct, np.arange(len(starts)) * len(values))
    local = np.zeros_like(code)
    local[known] = inverse - edges[nth_tile[np.nonzero(known)[0]]]
    key = np.broadcast_to(np.arange(code.shape[1]), code.shape)
    stream = np.column_stack([key[known], local[known]]).ravel()
    tables = [
        b"".join(values[each % len(values)] for each in distinct[edges[t] : edges[t + 1]].tolist())
        for t in range(len(starts) - 1)
    ]
    return stream, _starts(2 * known.sum(axis=1)), tables


def encode(name: str, pieces: Pieces, columns: Mapping[str, NDArray[Any]]) -> dict[int, bytes]:
    """Return one layer of every tile that has something of it, by the tile's number.

    Parameters
    ----------
    columns
        Attributes by name, one value per form; "" and None mean that a form has none.

    Examples
    --------
    >>> one = Pieces(POINT, np.array([[25, 17]]), np.array([0, 1]), np.array([0, 1]), np.array([7]), np.array([0]))
    >>> encode("a", one, {"name": np.array(["b"], object)})[7].hex(" ")
    '1a 20 78 02 0a 01 61 12 0b 12 02 00 00 18 01 22 03 09 32 22 1a 04 6e 61 6d 65 22 03 0a 01 62 28 80 20'
    """
    n = len(pieces.form)
    if n == 0:
        return {}
    tiles, first = np.unique(pieces.tile, return_index=True)
    starts = np.append(first, n)
    geometry, geometry_at = _geometry(pieces)
    geometry_bytes = _sums(sizes(geometry), geometry_at)
    tags, tags_at, tables = np.zeros(0, np.int64), np.zeros(n + 1, np.int64), [b""] * len(tiles)
    if columns:
        tags, tags_at, tables = _tags(pieces, columns, starts)
    tag_bytes = _sums(sizes(tags), tags_at)
    head = 2 if columns else 0  # the tags' field and length
    inner = geometry_bytes + 3 + sizes(geometry_bytes) + (tag_bytes + 1 + sizes(tag_bytes) if columns else 0)
    n_tags, n_geometry = np.diff(tags_at), np.diff(geometry_at)
    at = _starts(2 + head + n_tags + 4 + n_geometry)
    stream = np.empty(int(at[-1]), np.int64)
    stream[at[:-1]], stream[at[:-1] + 1] = 0x12, inner
    if columns:
        stream[at[:-1] + 2], stream[at[:-1] + 3] = 0x12, tag_bytes
        stream[np.repeat(at[:-1] + 4 - tags_at[:-1], n_tags) + np.arange(len(tags))] = tags
    after = at[:-1] + 2 + head + n_tags
    for k, value in enumerate((0x18, pieces.kind, 0x22)):
        stream[after + k] = value
    stream[after + 3] = geometry_bytes
    stream[np.repeat(after + 4 - geometry_at[:-1], n_geometry) + np.arange(len(geometry))] = geometry
    size = sizes(stream)
    data = varints(stream, size)
    cut = np.concatenate([[0], np.cumsum(size)])[at[starts]]
    keys = b"".join(b"\x1a" + _varint(len(key.encode())) + key.encode() for key in columns)
    opening = b"\x78\x02\x0a" + _varint(len(name.encode())) + name.encode()
    return {
        int(tile): _layer(opening, data[cut[t] : cut[t + 1]], keys, tables[t]) for t, tile in enumerate(tiles.tolist())
    }


def _layer(opening: bytes, features: bytes, keys: bytes, values: bytes) -> bytes:
    body = b"".join((opening, features, keys, values, b"\x28", _varint(EXTENT)))
    return b"\x1a" + _varint(len(body)) + body


def points(xy: Ints, tile: Ints | None = None) -> Pieces:
    """Return points as pieces, one feature each; all in tile 0 unless told otherwise (then sorted by tile)."""
    n = len(xy)
    order = np.argsort(tile, kind="stable") if tile is not None else np.arange(n)
    one = np.arange(n + 1, dtype=np.int64)
    where = tile[order] if tile is not None else np.zeros(n, np.int64)
    return Pieces(POINT, xy[order].astype(np.int64), one, one, where, order)


__all__ = ["EXTENT", "LINE", "POINT", "POLYGON", "Pieces", "encode", "points", "sizes", "varints"]
