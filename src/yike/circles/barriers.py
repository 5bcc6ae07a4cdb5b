"""Barriers (trunk roads, railways, rivers) as lines of the map, and what crossing them adds to each link of the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from yike.circles.targets import barrier_kinds
from yike.network.graph import FAR_MS, Network, Walking
from yike.network.ground import Plane
from yike.tables import Ways

Int32 = NDArray[np.int32]
TOUCH_M = 0.05  #: a link that ends this near to a barrier stands on it (accuracy of the coordinates of a map)


@dataclass(frozen=True)
class Barriers:
    """B lines in WGS 84 with their kind (``barriers.csv``), the way they are drawn as (-1 = none of the network's), and
    the share of a whole barrier each is: a carriageway of one direction is half a road."""

    kind: NDArray[np.object_]  #: (B,)
    lines: NDArray[np.object_]  #: (B,)
    way_id: NDArray[np.int64]  #: (B,)
    part: NDArray[np.float64]  #: (B,)

    def __len__(self) -> int:
        return len(self.kind)


def find_barriers(ways: Ways, drawn: pd.DataFrame) -> Barriers:
    """Return the barriers of a map: streets by their tags, railways and rivers from what is drawn.

    Tunnels and what is not built yet are no barriers.

    Parameters
    ----------
    drawn
        ``name, kind ("railway=rail"), geometry``, as `yike.tables.StreetMap.drawn`.
    """
    kinds, lines, ids, parts = [], [], [], []
    for each in barrier_kinds():
        if each.tag in ways.tags and each.tag == "highway":
            value = np.asarray(ways.tags[each.tag])
            under = np.asarray(ways.tags["tunnel"])
            rows = np.flatnonzero(np.isin(value, list(each.values)) & np.isin(under, ("", "no")))
            single = np.isin(np.asarray(ways.tags["oneway"])[rows], ("yes", "1", "true", "-1"))
            for row, half in zip(rows.tolist(), single.tolist(), strict=True):
                at = ways.refs[ways.start[row] : ways.start[row + 1]]
                if len(at) < 2:
                    continue
                kinds.append(each.kind)
                lines.append(shapely.LineString(np.column_stack([ways.lon[at], ways.lat[at]])))
                ids.append(int(ways.way_id[row]))
                parts.append(0.5 if half else 1.0)
        elif len(drawn):
            named = {f"{each.tag}={value}" for value in each.values}
            for shape in drawn.loc[drawn["kind"].isin(named), "geometry"]:
                kinds.append(each.kind)
                lines.append(shape)
                ids.append(-1)
                parts.append(1.0)
    forms = np.empty(len(lines), object)
    forms[:] = lines
    return Barriers(np.array(kinds, object), forms, np.array(ids, np.int64), np.array(parts, float))


def crossing_ms(network: Network, walk: Walking, barriers: Barriers, crossing_min: dict[str, float]) -> Walking:
    """Return a walker's costs with the minutes that crossings add; a forbidden one is no way.

    A link that cuts a barrier crosses it. A link that ends on one makes half a crossing, the link that goes on makes the
    other half. Links that run along a barrier (the pavement of a trunk road) cross nothing.

    Limits: a walk that comes to a trunk road with a pavement, follows it and leaves it on the same side counts as one
    crossing, since the network has one line for both pavements.

    Parameters
    ----------
    crossing_min
        By kind, minutes; `inf` = forbidden; a kind that is not named costs nothing.
    """
    extra = np.zeros(network.n_links)
    if len(barriers):
        plane = Plane.around(network.lon, network.lat)
        xy = plane.xy(network.lon, network.lat)
        links = shapely.linestrings(np.stack([xy[network.u], xy[network.v]], axis=1))
        forms = shapely.transform(barriers.lines, lambda c: plane.xy(c[:, 0], c[:, 1]))
        for kind in sorted(set(barriers.kind.tolist())):
            minutes = crossing_min.get(kind, 0.0)
            if minutes > 0:
                extra += _of_kind(network, links, xy, barriers, forms, barriers.kind == kind, minutes)
    ms = np.where(np.isfinite(extra), np.minimum(extra * 60_000, FAR_MS), FAR_MS)
    there, back = (np.minimum(each + ms, FAR_MS).astype(np.int32) for each in (walk.there_ms, walk.back_ms))
    return Walking(walk.walker, there, back, walk.m_per_min)


def _of_kind(
    network: Network,
    links: NDArray[np.object_],
    xy: NDArray[np.float64],
    barriers: Barriers,
    forms: NDArray[np.object_],
    mine: NDArray[np.bool_],
    minutes: float,
) -> NDArray[np.float64]:
    """Return (E,) minutes that barriers of one kind add to each link."""
    rows = np.flatnonzero(mine)
    own = np.isin(network.way_id[network.way], barriers.way_id[rows][barriers.way_id[rows] >= 0])
    tree = shapely.STRtree(forms[rows])
    use = np.flatnonzero(~own)
    link, line = tree.query(links[use], predicate="dwithin", distance=TOUCH_M)
    link, line = use[link], rows[line]
    ends = shapely.points(xy[np.stack([network.u[link], network.v[link]])])
    on = shapely.distance(ends, forms[line][None, :]) <= TOUCH_M
    share = np.where(on.any(axis=0), 0.5 * (on.sum(axis=0) == 1), 1.0)  # both ends on it: the link runs along it
    found = np.zeros(network.n_links)
    if np.isinf(minutes):
        found[link[share > 0]] = np.inf
    else:
        np.add.at(found, link, share * barriers.part[line] * minutes)
    return found
