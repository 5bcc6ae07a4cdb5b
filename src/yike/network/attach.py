"""Points → Attachment: where homes and outlets stand on the network of one walker."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from yike.errors import Fault, NetworkError
from yike.network.entrances import Entrances, Starts
from yike.network.graph import Attachment, Network, Walking
from yike.network.ground import Plane, length_m
from yike.network.nearest import Candidates, Streets, standing_links
from yike.network.obstacles import Obstacles
from yike.network.rules import load_rules
from yike.tables import Buildings, Doors, Walls

Floats = NDArray[np.float64]


def attach(
    network: Network,
    walking: Walking,
    lon: Floats,
    lat: Floats,
    *,
    walls: Walls | None = None,
    doors: Doors | None = None,
    buildings: Buildings | None = None,
    limit_m: float = 150.0,
) -> Attachment:
    """Return the nearest place on a link for each of P points: the spot where its walks begin or end.

    A point inside a building with mapped entrances starts from an entrance, the one with the least way in all;
    the stretch inside is counted straight. From there a straight line leads to the nearest place on a link that this
    walker can walk both ways. It crosses no wall, except within 2 m of a mapped door; where the nearest place lies
    behind a wall, the next nearest is taken, or a gate. No point is attached to a scrap.

    Parameters
    ----------
    network, walking : Network, Walking
        The ground and one walker on it.
    lon, lat : float array, shape (P,)
        WGS 84.
    walls, doors, buildings : optional
        What stands in the way, and what leads through.
    limit_m : float, default 150
        The longest straight line outdoors.

    Returns
    -------
    Attachment
        ``why`` of an unattached point: "far" (nothing within the limit), "wall" (all of it behind walls) or
        "scrap" (only network that hangs on nothing).

    Raises
    ------
    NetworkError
        ``network.walking_other``, ``network.points_uneven``, ``network.point_bad``, ``network.no_link``.

    Notes
    -----
    What is nearest is decided on a flat map (see `ground.Plane`); the metres of the access are measured on the ellipsoid.

    Examples
    --------
    >>> import numpy as np
    >>> from yike.network.build import from_links
    >>> net, walk = from_links(2, [(0, 1, 111.32)])
    >>> spot = attach(net, walk, np.array([0.0005, 0.5]), np.array([0.0001, 0.0]))
    >>> spot.link.tolist(), spot.at.round(3).tolist(), spot.access_ms.tolist(), spot.why.tolist()
    ([0, -1], [0.5, 0.0], [11057, 0], ['', 'far'])
    """
    ready = Standing.of(network, walking, walls=walls, doors=doors, buildings=buildings, limit_m=limit_m)
    return ready.place(lon, lat)


@dataclass(frozen=True)
class Standing:
    """One walker's network with all that attaching looks at, made once and asked for point after point."""

    network: Network
    walking: Walking
    plane: Plane
    streets: Streets
    obstacles: Obstacles
    entrances: Entrances
    limit_m: float

    @classmethod
    def of(
        cls,
        network: Network,
        walking: Walking,
        *,
        walls: Walls | None = None,
        doors: Doors | None = None,
        buildings: Buildings | None = None,
        limit_m: float = 150.0,
    ) -> Standing:
        """Make the network ready; parameters and errors are those of `attach`."""
        _check(network, walking)
        rules = load_rules()
        fit, _ = standing_links(network, walking, rules.limits["scrap_m"])
        if not fit.any():
            raise NetworkError(Fault("network.no_link", values={"walker": walking.walker}))
        plane = Plane.around(network.lon, network.lat)
        streets, door_m = Streets.over(network, np.flatnonzero(fit), plane), rules.limits["door_m"]
        obstacles = Obstacles.of(walls, doors, plane, streets, door_m)
        return cls(network, walking, plane, streets, obstacles, Entrances.of(buildings, doors, plane, door_m), limit_m)

    def sharing(self, network: Network, walking: Walking) -> Standing:
        """Return the same ground for another walker of the same map: entrances are not looked for again."""
        other = Standing.of(network, walking, limit_m=self.limit_m)
        obstacles = self.obstacles.on(other.streets)
        return replace(other, obstacles=obstacles, entrances=self.entrances)

    def place(self, lon: Floats, lat: Floats) -> Attachment:
        """Return where each of P points stands; see `attach`."""
        lon, lat = np.asarray(lon, float), np.asarray(lat, float)
        _check_points(lon, lat)
        starts = self.entrances.starts(self.plane.xy(lon, lat))
        found = _place(starts.xy, self.streets, self.obstacles, self.limit_m)
        spots = _tell(found, starts, len(lon), self.plane, self.walking)
        lost = np.flatnonzero(spots.link < 0)
        if len(lost):
            spots.why[lost] = _reasons(starts.of(lost), self.streets, self._scraps, self.limit_m)
        return spots

    @cached_property
    def _scraps(self) -> Streets:
        """Streets that only hang on a scrap: to tell why a point has no place."""
        _, scrap = standing_links(self.network, self.walking, load_rules().limits["scrap_m"])
        return Streets.over(self.network, np.flatnonzero(scrap), self.plane)


def _check(network: Network, walking: Walking) -> None:
    """Refuse a walk of another network."""
    if len(walking.there_ms) != network.n_links:
        values = {"walk": len(walking.there_ms), "links": network.n_links}
        raise NetworkError(Fault("network.walking_other", values=values))


def _check_points(lon: Floats, lat: Floats) -> None:
    """Refuse points without a place."""
    if lon.shape != lat.shape:
        raise NetworkError(Fault("network.points_uneven", values={"lon": len(lon), "lat": len(lat)}))
    bad = np.flatnonzero(~((np.abs(lon) <= 180) & (np.abs(lat) <= 90)))
    if len(bad):
        rows = tuple((int(row) + 1, f"{lon[row]}, {lat[row]}") for row in bad)
        raise NetworkError(Fault("network.point_bad", rows))


def _place(xy: Floats, streets: Streets, obstacles: Obstacles, limit_m: float) -> Candidates:
    """Return one unblocked place for each start that has one."""
    near = streets.nearest(xy, limit_m)
    blocked = obstacles.block(xy[near.point], near.xy)
    if not blocked.any():
        return near
    other = obstacles.next_best(xy, near.point[blocked], streets, limit_m)
    free = near.take(~blocked)
    return Candidates(*(np.concatenate(pair) for pair in zip(vars(free).values(), vars(other).values(), strict=True)))


def _tell(found: Candidates, starts: Starts, n: int, plane: Plane, walking: Walking) -> Attachment:
    """Return the attachment without reasons: for each point the start with the least way in all."""
    from_lon, from_lat = plane.lonlat(starts.xy[found.point])
    to_lon, to_lat = plane.lonlat(found.xy)
    outside_m = length_m(from_lon, from_lat, to_lon, to_lat)
    row_of_start = np.full(len(starts.xy), -1, np.intp)
    row_of_start[found.point] = np.arange(len(found.point))
    pair = np.flatnonzero(row_of_start[starts.start] >= 0)
    row, point = row_of_start[starts.start[pair]], starts.point[pair]
    total_m = outside_m[row] + starts.inside_m[pair]
    order = np.lexsort((found.link[row], total_m, point))
    best = order[np.unique(point[order], return_index=True)[1]]
    point, row, total_m = point[best], row[best], total_m[best]

    link, at, access_ms = np.full(n, -1, np.int32), np.zeros(n), np.zeros(n, np.int32)
    link[point], at[point] = found.link[row], found.at[row]
    access_ms[point] = np.rint(total_m * (60_000.0 / walking.m_per_min)).astype(np.int32)
    return Attachment(link, at, access_ms, np.full(n, "", object))


def _reasons(xys: Floats, streets: Streets, scraps: Streets, limit_m: float) -> NDArray[np.object_]:
    """Return why each unattached point is without a place."""
    why = np.full(len(xys), "far", object)
    why[scraps.nearest(xys, limit_m).point] = "scrap"
    why[streets.nearest(xys, limit_m).point] = "wall"
    return why


def at_nodes(network: Network, nodes: Sequence[int] | NDArray[np.integer]) -> Attachment:
    """Return points that stand exactly on nodes, without any way to get there: for examples and drawn towns.

    A point on a node stands on its first public link, or on its first private one where it has no other.

    Raises
    ------
    NetworkError
        ``network.node_unknown``: a node that is not in the network or ends no link; all of them are listed.

    Examples
    --------
    >>> from yike.network.build import from_links
    >>> net, walk = from_links(3, [(0, 1, 300), (1, 2, 300)])
    >>> spot = at_nodes(net, [2, 1])
    >>> spot.link.tolist(), spot.at.tolist()
    ([1, 0], [1.0, 1.0])
    """
    asked = np.asarray(nodes, np.int64).reshape(-1)
    n, e = network.n_nodes, network.n_links
    ends = np.concatenate([network.u, network.v])
    link = np.tile(np.arange(e, dtype=np.int32), 2)
    order = np.lexsort((link, network.private[link], ends))
    first = np.full(n, -1, np.int64)
    first[ends[order[::-1]]] = order[::-1]  # the last writing of a node is its best end
    known = (asked >= 0) & (asked < n)
    known[known] = first[asked[known]] >= 0
    if not known.all():
        rows = tuple((int(row) + 1, str(asked[row])) for row in np.flatnonzero(~known))
        raise NetworkError(Fault("network.node_unknown", rows, {"last": n - 1}))
    end = first[asked]
    return Attachment(
        link=link[end],
        at=(end >= e).astype(float),
        access_ms=np.zeros(len(asked), np.int32),
        why=np.full(len(asked), "", object),
    )
