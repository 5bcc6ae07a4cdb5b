"""Pedestrian squares are walked across, not only round.

A square's edge is a way like any other. Where two or more other ways join it, straight lines that stay inside
are added between its joins and its inward corners: the shortest walk over a polygon bends at inward corners
only, so the walk from join to join is exact where the square has no holes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yike.network.pieces import Pieces
from yike.network.rules import KINDS, Rules
from yike.tables import Ways

Index = NDArray[np.intp]
Bools = NDArray[np.bool_]
DEGREE_M = 111_320.0  #: metres of a degree at its longest; only turns a drawing slack into degrees


@dataclass(frozen=True)
class _Corners:
    """Corners of squares one square after the other: ``square[k]`` owns node ``node[k]``."""

    square: Index
    node: Index
    joins: Bools  #: another way ends or passes here
    inward: Bools  #: the edge bends inwards here

    def take(self, rows: NDArray[np.intp] | Bools) -> _Corners:
        return _Corners(self.square[rows], self.node[rows], self.joins[rows], self.inward[rows])


def cross_squares(pieces: Pieces, ways: Ways, squares: pd.DataFrame | None, rules: Rules) -> tuple[Pieces, int]:
    """Return the pieces with lines across squares, and how many squares had too many joins for all of them."""
    if squares is None or len(squares) == 0:
        return pieces, 0
    rows, shapes = squares["way"].to_numpy(np.intp), squares["geometry"].to_numpy()
    walkable = np.full(len(ways.way_id), -1, np.intp)
    walkable[pieces.source] = np.arange(len(pieces.source))
    use = (rows >= 0) & (walkable[rows] >= 0)
    rows, shapes = rows[use], shapes[use]
    corners = _corners(pieces, ways, rows)
    joins = np.bincount(corners.square[corners.joins], minlength=len(rows))
    corners = corners.take((joins >= 2)[corners.square] & (corners.joins | corners.inward))
    most = int(rules.limits["square_joins"])
    corners, thinned = _thin(corners, most)
    square, a, b = _pairs(corners)
    if len(square) == 0:
        return pieces, thinned
    kept = _inside(pieces, shapes, square, a, b, rules.limits["square_slack_m"] / DEGREE_M)
    square, a, b = square[kept], a[kept], b[kept]
    return _add(pieces, walkable[rows], square, a, b), thinned


def _corners(pieces: Pieces, ways: Ways, rows: Index) -> _Corners:
    """Return the corners of the edges of squares, each once."""
    first, last = ways.start[rows], ways.start[rows + 1] - 1
    count = np.where(ways.refs[first] == ways.refs[last], last - first, last - first + 1)  # the closing vertex once
    square = np.repeat(np.arange(len(rows)), count)
    begin = np.cumsum(count) - count
    k = np.arange(len(square)) - begin[square]
    node_of = np.full(len(ways.lon), -1, np.intp)
    node_of[pieces.vertex] = np.arange(len(pieces.vertex))
    node = node_of[ways.refs[first[square] + k]]
    degree = np.bincount(np.concatenate([pieces.u, pieces.v]), minlength=len(pieces.lon))
    before = begin[square] + (k - 1) % count[square]
    after = begin[square] + (k + 1) % count[square]
    x, y = pieces.lon[node], pieces.lat[node]
    turn = (x - x[before]) * (y[after] - y) - (y - y[before]) * (x[after] - x)
    area = np.bincount(square, x * y[after] - x[after] * y, len(rows))  # twice, signed: which way round it is drawn
    return _Corners(square, node, degree[node] > 2, turn * np.sign(area)[square] < 0)


def _thin(corners: _Corners, most: int) -> tuple[_Corners, int]:
    """Return at most ``most`` corners a square: joins before inward corners, evenly along the edge."""
    many = np.flatnonzero(np.bincount(corners.square) > most)
    keep = np.ones(len(corners.square), np.bool_)
    for square in many:
        rows = np.flatnonzero(corners.square == square)
        joins = rows[corners.joins[rows]]
        chosen = joins if len(joins) >= most else rows
        keep[rows] = False
        keep[chosen[np.linspace(0, len(chosen) - 1, most).astype(np.intp)]] = True
    return corners.take(keep), len(many)


def _pairs(corners: _Corners) -> tuple[Index, Index, Index]:
    """Return every pair of different corners of one square: (square, node, node)."""
    count = np.bincount(corners.square)
    end = np.cumsum(count)
    later = end[corners.square] - np.arange(len(corners.square)) - 1  # corners of the same square behind this one
    a = np.repeat(np.arange(len(corners.square)), later)
    b = a + 1 + np.arange(len(a)) - np.repeat(np.cumsum(later) - later, later)
    different = corners.node[a] != corners.node[b]
    a, b = a[different], b[different]
    return corners.square[a], corners.node[a], corners.node[b]


def _inside(pieces: Pieces, shapes: NDArray[np.object_], square: Index, a: Index, b: Index, slack: float) -> Bools:
    """Return which lines stay inside their square and are not a piece of its edge."""
    ends = np.stack([np.column_stack([pieces.lon[n], pieces.lat[n]]) for n in (a, b)], axis=1)
    asked, which = np.unique(square, return_inverse=True)
    wider = shapely.buffer(shapes[asked], slack, quad_segs=1, join_style="mitre")
    shapely.prepare(wider)
    inside = shapely.covers(wider[which], shapely.linestrings(ends))
    n = len(pieces.lon)
    drawn = np.minimum(pieces.u, pieces.v).astype(np.int64) * n + np.maximum(pieces.u, pieces.v)
    return np.asarray(inside & ~np.isin(np.minimum(a, b) * n + np.maximum(a, b), drawn))


def _add(pieces: Pieces, way_of_square: Index, square: Index, a: Index, b: Index) -> Pieces:
    """Return the pieces with the lines, each square's under a way of its own."""
    asked, which = np.unique(square, return_inverse=True)
    edge = way_of_square[asked]
    traits = pieces.traits.take(np.concatenate([np.arange(len(pieces.source)), edge]))
    n_ways = len(pieces.source)
    traits.kind[n_ways:] = KINDS.index("square")
    grown = replace(pieces, traits=traits, source=np.concatenate([pieces.source, pieces.source[edge]]))
    n = len(square)
    return grown.with_links(
        a.astype(np.int32),
        b.astype(np.int32),
        (n_ways + which).astype(np.int32),
        private=(pieces.traits.walk == 3)[edge[which]],
        wait=np.zeros(n, np.float32),
        bars=np.zeros(n, np.uint8),
    )
