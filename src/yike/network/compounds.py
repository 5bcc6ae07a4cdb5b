"""What is private: usable only at a trip's own ends.

A link is private when its way is (``access=private`` and the like), when it lies inside the ring of a
compound's wall, when it is the door link of a private gate, or when public ground reaches it through
private links only. A *compound* is a set of private links joined to each other inside, not over public
ground; the walk of a trip (private* public* private*) is the business of `yike.access`, which only needs the mark.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.network.gates import add_doors
from yike.network.parts import label
from yike.network.pieces import Pieces
from yike.network.rules import WALK
from yike.tables import Walls

Bools = NDArray[np.bool_]
OPEN = WALK.index("open")


def mark_walled(pieces: Pieces, walls: Walls | None) -> Pieces:
    """Return the pieces with links inside a compound's ring marked private, except explicitly public ways."""
    if walls is None or len(walls) == 0:
        return pieces
    frame = walls.frame
    compounds = frame.loc[frame["compound"].astype(bool), "geometry"].to_numpy(dtype=object)
    rings = _rings(compounds) if len(compounds) else compounds
    if len(rings) == 0:
        return pieces
    may = np.flatnonzero((pieces.traits.walk != OPEN)[pieces.way] & ~pieces.private)
    u, v = pieces.u[may], pieces.v[may]
    middle = shapely.points((pieces.lon[u] + pieces.lon[v]) / 2, (pieces.lat[u] + pieces.lat[v]) / 2)
    inside, _ = shapely.STRtree(rings).query(middle, predicate="within")
    private = pieces.private.copy()
    private[may[inside]] = True
    return replace(pieces, private=private)


def _rings(geometry: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the ground inside closed walls as polygons, whether drawn as line or as area."""
    lines = shapely.get_parts(geometry)
    polygons = lines[shapely.get_type_id(lines) == shapely.GeometryType.POLYGON]
    closed = lines[shapely.is_closed(lines) & (shapely.get_num_points(lines) > 3)]
    rings = [shapely.Polygon(shapely.get_coordinates(line)) for line in closed]
    outer = [shapely.Polygon(polygon.exterior) for polygon in polygons]
    return np.array([*outer, *rings], dtype=object)


def mark_enclosed(pieces: Pieces) -> tuple[Pieces, Bools]:
    """Return the pieces with public ground that hangs on the rest by private links only made private, and which.

    In every connected part the public ground of the greatest length stays public; each other piece of public
    ground there can be entered through private links only, so whoever uses it starts or ends there.
    """
    newly = np.zeros(len(pieces.u), np.bool_)
    if not pieces.private.any():
        return pieces, newly
    n = len(pieces.lon)
    public = np.flatnonzero(~pieces.private)
    whole = label(n, pieces.u, pieces.v)
    ground = label(n, pieces.u[public], pieces.v[public])
    length = np.bincount(ground[pieces.u[public]], weights=pieces.length_m[public], minlength=int(ground.max()) + 1)
    part_of_ground = np.empty(len(length), np.int32)
    part_of_ground[ground] = whole
    order = np.lexsort((np.arange(len(length)), -length, part_of_ground))
    first = np.r_[True, part_of_ground[order][1:] != part_of_ground[order][:-1]]
    main = np.zeros(len(length), np.bool_)
    main[order[first]] = True
    newly[public] = ~main[ground[pieces.u[public]]]
    return replace(pieces, private=pieces.private | newly), newly


def part_compounds(pieces: Pieces) -> Pieces:
    """Return the pieces with compounds that meet on public ground parted, so that none is a way into another.

    Two gates that face each other over a street are one vertex of the map. Each compound there gets a copy of it, which
    each of its ways joins to the vertex by a public link of no length: whoever steps out of one is on the street
    before the other.
    """
    private = np.flatnonzero(pieces.private)
    if len(private) == 0:
        return pieces
    n, ends = len(pieces.lon), np.concatenate([pieces.u, pieces.v])
    at = np.concatenate([private, private + len(pieces.u)])  # link ends; the v-ends follow the u-ends
    on_street = np.zeros(n, np.bool_)
    on_street[pieces.u[~pieces.private]] = True
    on_street[pieces.v[~pieces.private]] = True
    gates = np.flatnonzero(on_street[ends[at]])
    inside = ends[at]
    inside[gates] = n + np.arange(len(gates), dtype=np.int32)  # streets join no compounds
    compound = label(n + len(gates), inside[: len(private)], inside[len(private) :])[inside[gates]]
    hub = ends[at[gates]]
    pair, which = np.unique(np.stack([hub, compound]), axis=1, return_inverse=True)
    shared = np.bincount(pair[0], minlength=n)[pair[0]] > 1
    if not shared.any():
        return pieces
    at, hub, which = (column[shared[which]] for column in (at[gates], hub, which))
    copy = (n + np.cumsum(shared) - 1)[which].astype(np.int32)
    ends[at] = copy
    parted = replace(
        pieces,
        lon=np.concatenate([pieces.lon, pieces.lon[pair[0][shared]]]),
        lat=np.concatenate([pieces.lat, pieces.lat[pair[0][shared]]]),
        vertex=np.concatenate([pieces.vertex, pieces.vertex[pair[0][shared]]]),
        u=ends[: len(pieces.u)],
        v=ends[len(pieces.u) :],
    )
    return add_doors(parted, at, hub, copy, private=np.zeros(len(at), np.bool_))
