"""Single trips: everywhere from one point, and the way from one point to another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from yike.access import kernel
from yike.access.states import States
from yike.access.walk import Routes, direct_walks
from yike.errors import Fault, NetworkError
from yike.network.graph import FAR_MS, Attachment, Network

Int32 = NDArray[np.int32]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Reach:
    """What one point reaches on foot within the limit; ``state_ms`` is `FAR_MS` beyond it."""

    start: Attachment
    states: States
    state_ms: Int32  #: (S,) least cost to each state
    parent: Int32  #: (S,) arc row each state was reached by, -1 at starts and where unreached
    settled: Int32  #: states reached, nearest first
    limit_ms: int

    def seconds_to(self, points: Attachment) -> NDArray[np.float32]:
        """Return seconds from the start to each of P points, `inf` where they are beyond the limit."""
        ms, _ = self.ends_to(points)
        best = ms.min(axis=1)
        _at, who, direct = direct_walks(self.states, self.start, points)
        np.minimum.at(best, who, direct)
        return np.where(best <= self.limit_ms, best / 1000, np.inf).astype(np.float32)

    def ends_to(self, points: Attachment) -> tuple[Int32, Int32]:
        """Return (ms (P, 2), state (P, 2)) to each point over either end of its link."""
        state, cost = self.states.goals(points)
        ms = np.where(state >= 0, self.state_ms[state] + cost, FAR_MS)
        return np.minimum(ms, FAR_MS).astype(np.int32), state


def reach(routes: Routes, start: Attachment) -> Reach:
    """Search from one attached point to everything within the prepared limit.

    Parameters
    ----------
    start : Attachment
        Exactly one point.

    Raises
    ------
    NetworkError
        ``access.unattached``: the point is not on the network.

    Sources
    -------
    Dijkstra (1959).

    Examples
    --------
    >>> from yike.access.walk import prepare
    >>> from yike.network.attach import at_nodes
    >>> from yike.network.build import from_links
    >>> net, adult = from_links(3, [(0, 1, 300), (1, 2, 700)])
    >>> reach(prepare(net, adult), at_nodes(net, [0])).seconds_to(at_nodes(net, [0, 1, 2])).tolist()
    [0.0, 300.0, inf]
    """
    if len(start) != 1 or start.link[0] < 0:
        raise NetworkError(Fault("access.unattached", values={"why": start.why[0] if len(start) else "?"}))
    states, limit = routes.states, round(routes.limit_s * 1000)
    state, cost = states.starts(start)
    arc_at, arc_to, arc_cost, _ = states.forward
    dist, parent = np.full(states.n_states, FAR_MS, np.int32), np.full(states.n_states, -1, np.int32)
    settled = kernel.search(arc_at, arc_to, arc_cost, state[0], cost[0], limit, dist, parent)
    return Reach(start, states, dist, parent, settled, limit)


@dataclass(frozen=True)
class Route:
    """A walk from a home to an outlet: time, bends and the streets it follows."""

    seconds: float  #: with the last metres at both ends
    length_m: float  #: on the network only
    lon: Floats  #: bends of the line, from the home's place on its link to the outlet's
    lat: Floats
    streets: tuple[tuple[str, float], ...]  #: (name or "", metres) in the order they are walked


def route(routes: Routes, network: Network, start: Attachment, goal: Attachment) -> Route | None:
    """Return the quickest walk between two attached points, or None where there is none within the limit.

    Raises
    ------
    NetworkError
        ``access.unattached``: the start is not on the network.

    Examples
    --------
    >>> from yike.access.walk import prepare
    >>> from yike.network.attach import at_nodes
    >>> from yike.network.build import from_links
    >>> net, adult = from_links(3, [(0, 1, 300), (1, 2, 100)])
    >>> route(prepare(net, adult), net, at_nodes(net, [0]), at_nodes(net, [2])).seconds
    400.0
    """
    found = reach(routes, start)
    ms, state = found.ends_to(goal)
    end = int(ms[0].argmin())
    _, _, direct = direct_walks(found.states, start, goal)
    if len(direct) and direct[0] <= min(ms[0, end], found.limit_ms):
        return _straight(network, start, goal, int(direct[0]))
    if ms[0, end] > found.limit_ms:
        return None
    links, ahead, first = _links_back(found, int(state[0, end]))
    start_node = int(found.states.node[first])
    nodes = [start_node]
    for link, forth in zip(links, ahead, strict=True):
        nodes.append(int(network.v[link] if forth else network.u[link]))
    lon = np.concatenate(
        [[_place(network.lon, network, start)], network.lon[nodes], [_place(network.lon, network, goal)]]
    )
    lat = np.concatenate(
        [[_place(network.lat, network, start)], network.lat[nodes], [_place(network.lat, network, goal)]]
    )
    pieces = [(int(start.link[0]), _share(network, start, start_node))]
    pieces += [(int(link), 1.0) for link in links]
    pieces += [(int(goal.link[0]), _share(network, goal, nodes[-1]))]
    return Route(float(ms[0, end]) / 1000, _length(network, pieces), lon, lat, _streets(network, pieces))


def _links_back(found: Reach, state: int) -> tuple[list[int], list[bool], int]:
    """Follow parents from ``state`` to the start: (links in walking order, walked from u to v?, first state)."""
    _, _, _, arc = found.states.forward
    links: list[int] = []
    ahead: list[bool] = []
    while found.parent[state] >= 0:
        a = int(arc[found.parent[state]])
        forth, a = a >= 0, (a if a >= 0 else ~a)
        link = int(found.states.link[a])
        if link >= 0:
            links.append(link)
            ahead.append(forth)
        state = int(found.states.tail[a] if forth else found.states.head[a])
    return links[::-1], ahead[::-1], state


def _place(axis: Floats, network: Network, point: Attachment) -> float:
    link = point.link[0]
    return float(axis[network.u[link]] * (1 - point.at[0]) + axis[network.v[link]] * point.at[0])


def _share(network: Network, point: Attachment, node: int) -> float:
    """Return the part of the point's link between the point and ``node``, one of its ends."""
    return float(point.at[0] if network.u[point.link[0]] == node else 1 - point.at[0])


def _length(network: Network, pieces: list[tuple[int, float]]) -> float:
    return float(sum(network.length_m[link] * share for link, share in pieces))


def _streets(network: Network, pieces: list[tuple[int, float]]) -> tuple[tuple[str, float], ...]:
    """Return names and metres in walking order; what has no length (a gate, a start on a corner) is no street walked."""
    walked = [(link, network.length_m[link] * share) for link, share in pieces]
    named = [(str(network.way_name[network.way[link]]), float(metres)) for link, metres in walked if metres > 0]
    return tuple((name, sum(m for _, m in run)) for name, run in groupby(named, key=lambda piece: piece[0]))


def _straight(network: Network, start: Attachment, goal: Attachment, ms: int) -> Route:
    """Return the walk along the one link both points stand on."""
    pieces = [(int(start.link[0]), abs(float(goal.at[0] - start.at[0])))]
    lon = np.array([_place(network.lon, network, point) for point in (start, goal)])
    lat = np.array([_place(network.lat, network, point) for point in (start, goal)])
    return Route(ms / 1000, _length(network, pieces), lon, lat, _streets(network, pieces))
