"""The network under construction: nodes, links and what each link is a piece of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yike.network.ground import length_m
from yike.network.ways import WayTraits
from yike.tables import Ways

Int32 = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Pieces:
    """N nodes and E links while rules are still being applied to them; ``way`` indexes W walkable ways."""

    lon: Floats  #: (N,)
    lat: Floats
    vertex: Int32  #: (N,) the vertex of `Ways` each node is, or is a copy of
    u: Int32  #: (E,)
    v: Int32
    length_m: Floats
    way: Int32
    private: Bools
    wait: NDArray[np.float32]  #: (E,) seconds of waiting, the same there and back
    bars: NDArray[np.uint8]  #: (E,) bits of `rules.BARS`, beside those of the link's way
    traits: WayTraits  #: (W,)
    source: NDArray[np.intp]  #: (W,) row of `Ways` of each walkable way

    def with_links(
        self, u: Int32, v: Int32, way: Int32, *, private: Bools, wait: NDArray[np.float32], bars: NDArray[np.uint8]
    ) -> Pieces:
        """Return the pieces with links added behind the others; their lengths follow from their ends."""
        longer = length_m(self.lon[u], self.lat[u], self.lon[v], self.lat[v])
        return replace(
            self,
            u=np.concatenate([self.u, u.astype(np.int32)]),
            v=np.concatenate([self.v, v.astype(np.int32)]),
            length_m=np.concatenate([self.length_m, longer]),
            way=np.concatenate([self.way, way.astype(np.int32)]),
            private=np.concatenate([self.private, private]),
            wait=np.concatenate([self.wait, wait]),
            bars=np.concatenate([self.bars, bars]),
        )


def cut_into_links(ways: Ways, traits: WayTraits) -> Pieces:
    """Cut every walkable way at each of its vertices; equal vertices, and nothing else, join links.

    Two vertices at one place stay two nodes: a bridge does not meet the street under it. Nodes are numbered so that
    neighbours on the ground lie close in memory, which every search and table is the faster for.
    """
    source = np.flatnonzero(traits.walk > 0)
    new_number = np.full(len(ways.way_id), -1, np.int32)
    new_number[source] = np.arange(len(source), dtype=np.int32)
    way_of_ref = np.repeat(new_number, np.diff(ways.start))
    a, b = ways.refs[:-1], ways.refs[1:]
    real = (way_of_ref[:-1] == way_of_ref[1:]) & (way_of_ref[:-1] >= 0) & (a != b)
    real[ways.start[1:-1][(ways.start[1:-1] > 0) & (ways.start[1:-1] < len(ways.refs))] - 1] = False
    a, b, way = a[real], b[real], way_of_ref[:-1][real]

    used = np.zeros(len(ways.lon), np.bool_)
    used[a] = True
    used[b] = True
    vertex = _side_by_side(np.flatnonzero(used).astype(np.int32), ways)
    node = np.empty(len(ways.lon), np.int32)
    node[vertex] = np.arange(len(vertex), dtype=np.int32)
    u, v = node[a], node[b]
    lon, lat = ways.lon[vertex], ways.lat[vertex]
    n_links = len(u)
    return Pieces(
        lon=lon,
        lat=lat,
        vertex=vertex,
        u=u,
        v=v,
        length_m=length_m(lon[u], lat[u], lon[v], lat[v]),
        way=way,
        private=traits.walk[source][way] == 3,
        wait=np.zeros(n_links, np.float32),
        bars=np.zeros(n_links, np.uint8),
        traits=traits.take(source),
        source=source,
    )


def _side_by_side(vertex: Int32, ways: Ways) -> Int32:
    """Return the vertices along a Z-order curve over their extent (Morton 1966); equal cells keep their order."""
    if len(vertex) == 0:
        return vertex
    key = np.zeros(len(vertex), np.uint64)
    for shift, axis in enumerate((ways.lon[vertex], ways.lat[vertex])):
        low, high = np.nanmin(axis), np.nanmax(axis)
        cell = np.nan_to_num((axis - low) * (65_535 / max(high - low, 1e-12))).astype(np.uint64)
        for spread, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
            cell = (cell | (cell << np.uint64(spread))) & np.uint64(mask)
        key |= cell << np.uint64(shift)
    ordered = np.sort(key << np.uint64(32) | np.arange(len(vertex), dtype=np.uint64))
    return vertex[(ordered & np.uint64(0xFFFFFFFF)).astype(np.int64)]
