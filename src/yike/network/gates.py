"""Gates, barriers, kerbs and lifts: a vertex that does not let everybody pass is taken apart.

Every link that ended at such a vertex gets a copy of it to end at, and each copy is joined to the vertex
by a *door link* of no length. So a link can still be walked up to the barrier, whoever is barred by it;
only passing it is denied (closed), kept for a trip's own ends (private), denied to some walkers (kerb,
narrow, climb) or takes time (lift). A kerb at a crossing lies between footway and carriageway: along the
carriageway nobody meets it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from yike.network.crossings import ROADS, lift_wait_s
from yike.network.pieces import Pieces
from yike.network.rules import BARS, CROSSINGS, PASS, Rules
from yike.network.ways import VertexTraits

CLOSED, PRIVATE, LIFT = PASS.index("no"), PASS.index("private"), CROSSINGS.index("lift")
KERB = np.uint8(BARS["kerb"])


def part_at_barriers(pieces: Pieces, vertices: VertexTraits, rules: Rules) -> Pieces:
    """Return the pieces with every barrier vertex of two or more links taken apart."""
    matters = (vertices.passing > 0) | (vertices.bars > 0) | (vertices.crossing == LIFT)
    row_of_node = _rows_of_nodes(pieces, vertices, matters)
    ends = np.concatenate([pieces.u, pieces.v])
    degree = np.bincount(ends, minlength=len(pieces.lon))
    at = np.flatnonzero((row_of_node[ends] >= 0) & (degree[ends] > 1))  # link ends; the v-ends follow the u-ends
    if len(at) == 0:
        return pieces
    hub, row = ends[at], row_of_node[ends[at]]
    copy = np.arange(len(at), dtype=np.int32) + np.int32(len(pieces.lon))
    ends[at] = copy
    link = at % len(pieces.u)
    parted = replace(
        pieces,
        lon=np.concatenate([pieces.lon, pieces.lon[hub]]),
        lat=np.concatenate([pieces.lat, pieces.lat[hub]]),
        vertex=np.concatenate([pieces.vertex, pieces.vertex[hub]]),
        u=ends[: len(pieces.u)],
        v=ends[len(pieces.u) :],
    )
    door = vertices.passing[row] != CLOSED
    wait = np.where(vertices.crossing[row] == LIFT, lift_wait_s(rules) / 2, 0.0).astype(np.float32)
    return add_doors(
        parted,
        at[door],
        hub[door],
        copy[door],
        private=(vertices.passing[row] == PRIVATE)[door],
        wait=wait[door],
        bars=_bars_of_doors(pieces, vertices, link, row)[door],
    )


def add_doors(
    pieces: Pieces,
    at: NDArray[np.intp],
    hub: NDArray[np.int32],
    copy: NDArray[np.int32],
    *,
    private: NDArray[np.bool_],
    wait: NDArray[np.float32] | None = None,
    bars: NDArray[np.uint8] | None = None,
) -> Pieces:
    """Return the pieces with a door link between each vertex and its copy at the link end ``at`` (v-ends after u-ends).

    A door runs the way its link does, so that a one-way walk passes it in its own direction.
    """
    n_links, n = len(pieces.u), len(at)
    in_front = at >= n_links  # the copy is where the link ends: the door leads on from it
    return pieces.with_links(
        np.where(in_front, copy, hub),
        np.where(in_front, hub, copy),
        pieces.way[at % n_links],
        private=private,
        wait=np.zeros(n, np.float32) if wait is None else wait,
        bars=np.zeros(n, np.uint8) if bars is None else bars,
    )


def _bars_of_doors(
    pieces: Pieces, vertices: VertexTraits, link: NDArray[np.intp], row: NDArray[np.int32]
) -> NDArray[np.uint8]:
    """Return what bars walkers between a vertex and each link; a crossing's kerb is none to its carriageways."""
    street = (vertices.crossing[row] > 0) & np.isin(pieces.traits.kind, ROADS)[pieces.way[link]]
    return np.where(street, vertices.bars[row] & ~KERB, vertices.bars[row]).astype(np.uint8)


def _rows_of_nodes(pieces: Pieces, vertices: VertexTraits, matters: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Return for each node the row of ``vertices`` that takes it apart, -1 where none does."""
    rows = np.flatnonzero(matters).astype(np.int32)
    size = int(max(pieces.vertex.max(initial=-1), vertices.vertex.max(initial=-1))) + 1
    of_vertex = np.full(size, -1, np.int32)
    of_vertex[vertices.vertex[rows]] = rows
    return of_vertex[pieces.vertex]
