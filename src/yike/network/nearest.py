"""Streets one walker can stand on, as lines in metres: what is nearest to a place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.network.graph import FAR_MS, Network, Walking
from yike.network.ground import Plane
from yike.network.parts import label

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Index = NDArray[np.intp]


@dataclass(frozen=True)
class Candidates:
    """Places on links that points may be attached to, one row a pair."""

    point: Index  #: which point
    link: Index  #: link of the network
    at: Floats  #: 0 at the link's u, 1 at its v
    xy: Floats  #: (n, 2) the place, metres
    metres: Floats  #: straight from the point to the place

    def take(self, rows: NDArray[np.intp] | Bools) -> Candidates:
        """Return some of the rows."""
        return Candidates(*(column[rows] for column in vars(self).values()))


@dataclass(frozen=True)
class Streets:
    """Links that points may stand on, in the metres of ``plane``, and a tree over them."""

    plane: Plane
    link: Index  #: (S,) links of the network
    a: Floats  #: (S, 2) metres of the link's u
    b: Floats  #: (S, 2) metres of its v
    private: Bools  #: (S,)
    tree: shapely.STRtree

    @classmethod
    def over(cls, network: Network, links: Index, plane: Plane) -> Streets:
        """Return the streets made of some links."""
        u, v = network.u[links], network.v[links]
        a, b = plane.xy(network.lon[u], network.lat[u]), plane.xy(network.lon[v], network.lat[v])
        lines = shapely.linestrings(np.stack([a, b], axis=1))
        return cls(plane, links, a, b, network.private[links], shapely.STRtree(lines))

    def nearest(self, xy: Floats, limit_m: float) -> Candidates:
        """Return the nearest place within the limit for each point that has one; public before private, then by number."""
        point, street = self.tree.query_nearest(shapely.points(xy), max_distance=limit_m, all_matches=True)
        order = np.lexsort((street, self.private[street], point))
        point, street = point[order], street[order]
        first = np.r_[True, point[1:] != point[:-1]] if len(point) else np.zeros(0, np.bool_)
        return self._places(point[first], street[first], xy)

    def within(self, xy: Floats, limit_m: float) -> Candidates:
        """Return the nearest place on every street within the limit of each point."""
        point, street = self.tree.query(shapely.points(xy), predicate="dwithin", distance=limit_m)
        return self._places(point, street, xy)

    def _places(self, point: Index, street: Index, xy: Floats) -> Candidates:
        a, b, p = self.a[street], self.b[street], xy[point]
        along = b - a
        at = np.clip(((p - a) * along).sum(axis=1) / (along**2).sum(axis=1), 0.0, 1.0)
        place = a + along * at[:, None]
        return Candidates(point, self.link[street], at, place, np.hypot(*(place - p).T))


def standing_links(network: Network, walking: Walking, scrap_m: float) -> tuple[Bools, Bools]:
    """Return which links points may be attached to, and which only hang on a scrap.

    A link must be walkable both ways and have length. Its connected part, over what this walker can walk, must be
    as long as ``scrap_m`` or be the longest.
    """
    usable = (walking.there_ms < FAR_MS) | (walking.back_ms < FAR_MS)
    found = label(network.n_nodes, network.u[usable], network.v[usable])
    length = np.bincount(found[network.u[usable]], weights=network.length_m[usable], minlength=int(found.max()) + 1)
    matters = (length >= scrap_m) | (length == length.max())
    both = (walking.there_ms < FAR_MS) & (walking.back_ms < FAR_MS) & (network.length_m > 0)
    return both & matters[found[network.u]], both & ~matters[found[network.u]]
