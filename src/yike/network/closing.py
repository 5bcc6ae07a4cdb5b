"""Closing streets: whole links, links cut at a place, and the points that stand on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.errors import Fault, NetworkError
from yike.network.graph import FAR_MS, Attachment, Network, Walking

Cuts = Sequence[tuple[int, float]]  #: (link, part of it from u to v)


def links_named(network: Network, name: str) -> tuple[int, ...]:
    """Return the links of all ways of a name; raises ``network.street_unknown`` where there is none."""
    ways = np.flatnonzero(network.way_name.astype(str) == name) if name else np.zeros(0, np.int64)
    links = np.flatnonzero(np.isin(network.way, ways))
    if len(links) == 0:
        raise NetworkError(Fault("network.street_unknown", ((None, name),)))
    return tuple(int(each) for each in links)


def cuts_by_line(network: Network, lon: Sequence[float], lat: Sequence[float]) -> tuple[tuple[int, float], ...]:
    """Return where a drawn line cuts links: (link, part of its length from u to v).

    Raises
    ------
    NetworkError
        ``network.nothing_cut``: fewer than two points, or no link is cut.
    """
    u, v = network.u, network.v
    ends = np.stack([np.column_stack([network.lon[k], network.lat[k]]) for k in (u, v)], axis=1)
    if len(lon) < 2 or len(lon) != len(lat):
        raise NetworkError(Fault("network.nothing_cut"))
    line = shapely.LineString(np.column_stack([lon, lat]))
    west, south, east, north = line.bounds
    low, high = ends.min(axis=1), ends.max(axis=1)
    near = np.flatnonzero((low[:, 0] <= east) & (high[:, 0] >= west) & (low[:, 1] <= north) & (high[:, 1] >= south))
    lines = shapely.linestrings(ends[near])
    met = near[shapely.intersects(lines, line)]
    cuts: list[tuple[int, float]] = []
    for link in met.tolist():
        own = shapely.LineString(ends[link])
        points = shapely.get_coordinates(shapely.intersection(own, line))
        if len(points) and own.length > 0:
            parts = {round(own.project(shapely.Point(xy), normalized=True), 9) for xy in points.tolist()}
            cuts += [(link, part) for part in sorted(parts)]
    if not cuts:
        raise NetworkError(Fault("network.nothing_cut"))
    return tuple(cuts)


def without_roads(
    network: Network, walking: Walking, points: tuple[Attachment, Attachment], links: Sequence[int], cuts: Cuts
) -> tuple[Network, Walking, Attachment, Attachment]:
    """Return the network without closed links and cut at cuts, with the same points on it.

    A cut link becomes pieces that are not joined; a point on it stays on the piece it stands on. A point exactly at a cut
    stands on the piece before it.
    """
    there, back = walking.there_ms.copy(), walking.back_ms.copy()
    shut = list(links)
    there[shut], back[shut] = FAR_MS, FAR_MS
    base = replace(network, features={})
    by_link: dict[int, list[float]] = {}
    for link, part in cuts:
        by_link.setdefault(link, []).append(part)
    homes, outlets = (_copied(each) for each in points)
    grown = _Grown(base, there, back)
    for link, parts in by_link.items():
        grown.cut(link, sorted(set(parts)), (homes, outlets))
    network, there, back = grown.done()
    return network, Walking(walking.walker, there, back, walking.m_per_min), homes, outlets


def _copied(at: Attachment) -> Attachment:
    return Attachment(at.link.copy(), at.at.copy(), at.access_ms, at.why)


class _Grown:
    """A network that is being cut: pieces of links and their loose ends are added at the end of its arrays."""

    def __init__(self, network: Network, there: NDArray[np.int32], back: NDArray[np.int32]) -> None:
        self.network, self.there, self.back = network, there, back
        self.v = network.v.copy()
        self.lon: list[float] = []
        self.lat: list[float] = []
        self.part: list[int] = []
        self.links: list[tuple[int, int, int, int, int]] = []  #: u, v, there, back, link it is a piece of

    def _node(self, link: int, at: float) -> int:
        net = self.network
        u, v = net.u[link], net.v[link]
        self.lon.append(float(net.lon[u] * (1 - at) + net.lon[v] * at))
        self.lat.append(float(net.lat[u] * (1 - at) + net.lat[v] * at))
        self.part.append(int(net.part[u]))
        return net.n_nodes + len(self.lon) - 1

    def cut(self, link: int, parts: list[float], points: tuple[Attachment, Attachment]) -> None:
        """Cut one link at parts of its length, and put the points on it onto its pieces."""
        bounds = [0.0, *parts, 1.0]
        whole = int(self.there[link]), int(self.back[link])
        last, loose, number = int(self.network.v[link]), -1, link
        where = [at.link == link for at in points]
        place = [at.at.copy() for at in points]
        for k, (low, high) in enumerate(pairwise(bounds)):
            start = int(self.network.u[link]) if k == 0 else loose
            end, loose = (self._node(link, high), self._node(link, high)) if k < len(parts) else (last, -1)
            cost = [_piece(each, low, high) for each in whole]
            if k == 0:
                self.v[link], self.there[link], self.back[link] = end, cost[0], cost[1]
            else:
                self.links.append((start, end, cost[0], cost[1], link))
                number = self.network.n_links + len(self.links) - 1
            for at, on, was in zip(points, where, place, strict=True):
                here = on & (was <= high) & ((was > low) | (k == 0))
                at.link[here] = number
                at.at[here] = np.clip((was[here] - low) / (high - low), 0.0, 1.0) if high > low else 0.0

    def done(self) -> tuple[Network, NDArray[np.int32], NDArray[np.int32]]:
        net, rows = self.network, np.array(self.links, np.int64).reshape(-1, 5)
        of = rows[:, 4]
        more: dict[str, Any] = {
            "lon": np.concatenate([net.lon, self.lon]), "lat": np.concatenate([net.lat, self.lat]),
            "u": np.concatenate([net.u, rows[:, 0]]).astype(np.int32),
            "v": np.concatenate([self.v, rows[:, 1]]).astype(np.int32),
            "length_m": np.concatenate([net.length_m, net.length_m[of]]),
            "private": np.concatenate([net.private, net.private[of]]),
            "way": np.concatenate([net.way, net.way[of]]), "part": np.concatenate([net.part, self.part]).astype(np.int32),
        }  # fmt: skip
        there = np.concatenate([self.there, rows[:, 2]]).astype(np.int32)
        back = np.concatenate([self.back, rows[:, 3]]).astype(np.int32)
        return replace(net, **more), there, back


def _piece(whole: int, low: float, high: float) -> int:
    """Return the milliseconds of a piece of a link; the pieces of a link add up to it."""
    return int(FAR_MS) if whole >= FAR_MS else round(high * whole) - round(low * whole)
