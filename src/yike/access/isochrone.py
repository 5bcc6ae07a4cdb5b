"""等时圈: polygons for drawing, true to the homes: no home beyond the limit lies inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.access.trips import Reach
from yike.network.graph import FAR_MS, Attachment, Network

Floats = NDArray[np.float64]
Metres = Callable[[Floats, Floats], Floats]
STREET_HALF_WIDTH_M = 25.0  #: how far beside a reached street the drawing extends


@dataclass(frozen=True)
class Isochrone:
    """One drawn area: what is within ``limit_s`` on foot, as a polygon in WGS 84."""

    limit_s: float
    area: shapely.Geometry
    homes_within: int  #: homes whose network time is within the limit


def isochrones(
    found: Reach,
    network: Network,
    limits_s: Sequence[float],
    homes: Attachment,
    home_lon: Floats,
    home_lat: Floats,
    *,
    half_width_m: float = STREET_HALF_WIDTH_M,
) -> list[Isochrone]:
    """Draw the area within each limit of a search's start.

    The drawing is the reached pieces of street and the reached homes' last metres, widened; then a disc is cut out
    round every home that is not reached, so that the polygon holds no home whose network time exceeds the limit. The
    times themselves are those of the search: a polygon is only ever a picture of them.

    Parameters
    ----------
    found : Reach
        Search from the centre; its limit must not be below the largest of ``limits_s``.
    homes, home_lon, home_lat
        R residents' points: where they are attached and where they lie.

    Returns
    -------
    list of Isochrone
        In the order of ``limits_s``.
    """
    seconds = found.seconds_to(homes)
    scale = np.array([111_320.0 * np.cos(np.radians(network.lat.mean())), 110_574.0])
    origin = np.array([network.lon.mean(), network.lat.mean()])

    def metres(lon: Floats, lat: Floats) -> Floats:
        xy: Floats = (np.column_stack([lon, lat]) - origin) * scale
        return xy

    place = metres(home_lon, home_lat)
    drawn = []
    for limit in limits_s:
        near = seconds <= limit
        lines = _pieces(found, network, int(limit * 1000), metres)
        doors = _last_metres(homes, network, near, place, metres)
        # Widened one by one: joining bare lines first would part them at every crossing, millions over a square.
        area = shapely.union_all(shapely.buffer(np.concatenate([lines, doors]), half_width_m, quad_segs=3))
        area = _without(area, place[~near], place[near], half_width_m)
        drawn.append(Isochrone(float(limit), shapely.transform(area, lambda xy: xy / scale + origin), int(near.sum())))
    return drawn


def _pieces(found: Reach, network: Network, limit_ms: int, metres: Metres) -> NDArray[np.object_]:
    """Return the reached parts of links as K lines in metres: streets from outside, compounds from any state."""
    states, n = found.states, network.n_nodes
    outside = found.state_ms[:n]
    anyhow = np.full(n, FAR_MS, np.int32)
    np.minimum.at(anyhow, states.node, found.state_ms)
    xy = metres(network.lon, network.lat)
    pieces = []
    whole = np.zeros(network.n_links, np.bool_)
    for first, last, cost in ((network.u, network.v, states.there_ms), (network.v, network.u, states.back_ms)):
        best = np.where(network.private, anyhow[first], outside[first])
        use = np.flatnonzero((best < limit_ms) & (cost < FAR_MS) & ~whole)  # a link reached whole is drawn once
        share = np.clip((limit_ms - best[use]) / np.maximum(cost[use], 1), 0.0, 1.0)[:, None]
        whole[use] = share[:, 0] == 1
        a, b = xy[first[use]], xy[last[use]]
        pieces.append(np.stack([a, a + (b - a) * share], axis=1))
    pieces.append(_own_link(found, network, limit_ms, xy))
    lines: NDArray[np.object_] = shapely.linestrings(np.concatenate(pieces))
    return lines


def _own_link(found: Reach, network: Network, limit_ms: int, xy: Floats) -> Floats:
    """Return what is reached of the start's own link, from the start towards u and towards v: two lines in metres."""
    start = found.start
    link, at, left = int(start.link[0]), float(start.at[0]), max(0, limit_ms - int(start.access_ms[0]))
    u, v = xy[network.u[link]], xy[network.v[link]]
    here = u * (1 - at) + v * at
    lines = []
    for end, part, cost in ((u, at, found.states.back_ms[link]), (v, 1 - at, found.states.there_ms[link])):
        share = min(1.0, left / max(part * float(cost), 1.0)) if cost < FAR_MS else 0.0
        lines.append([here, here + (end - here) * share])
    return np.array(lines)


def _last_metres(
    homes: Attachment, network: Network, near: NDArray[np.bool_], place: Floats, metres: Metres
) -> NDArray[np.object_]:
    """Return lines from each reached home to its place on its link."""
    use = np.flatnonzero(near & (homes.link >= 0))
    link, at = homes.link[use], homes.at[use][:, None]
    xy = metres(network.lon, network.lat)
    on = xy[network.u[link]] * (1 - at) + xy[network.v[link]] * at
    lines: NDArray[np.object_] = shapely.linestrings(np.stack([place[use], on], axis=1))
    return lines


def _without(area: shapely.Geometry, out: Floats, kept: Floats, width: float) -> shapely.Geometry:
    """Cut a disc round every ``out`` point in ``area``: half-way to the nearest kept home, at most ``width``."""
    points = shapely.points(out)
    shapely.prepare(area)
    inside = points[shapely.intersects(area, points)]
    if len(inside) == 0:
        return area
    radius = np.full(len(inside), width)
    if len(kept):
        tree = shapely.STRtree(shapely.points(kept))
        (_, _at), distance = tree.query_nearest(inside, return_distance=True, all_matches=False)
        radius = np.clip(distance / 2, 0.5, width)
    return shapely.difference(area, shapely.union_all(shapely.buffer(inside, radius, quad_segs=4)))
