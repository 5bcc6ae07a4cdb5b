"""The state graph: one directed graph whose shortest paths are exactly the allowed trips of one walker.

A trip may use private links only inside the compound it starts in and inside the one it ends in:
private* public* private*. So a node stands in up to three states: *outside* (on public ground), *leaving*
(still inside the compound the trip began in) and *arriving* (inside the compound it ends in). Public links
join outside states, private links join leaving states and, apart from them, arriving states, and costless
one-way arcs lead from leaving to outside to arriving. A short cut through a compound is then no longer a path
at all: no penalty, no special case behind this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from yike.access import kernel
from yike.network.graph import FAR_MS, Attachment, Network, Walking

Int32 = NDArray[np.int32]


@dataclass(frozen=True)
class States:
    """S states and A arcs of one walker's network; costs in whole milliseconds, `FAR_MS` = no way.

    States 0 … N-1 are the nodes outside; then the leaving and the arriving states of the M private nodes.
    ``link`` is the network link an arc is made from, -1 for the costless arcs.
    """

    n_states: int
    tail: Int32  #: (A,)
    head: Int32  #: (A,)
    there: Int32  #: (A,) tail to head
    back: Int32  #: (A,) head to tail
    link: Int32  #: (A,)
    node: Int32  #: (S,) the network node each state stands on
    inside: Int32  #: (N,) number of each node among the private ones, -1 for the others
    n_inside: int  #: M
    private: NDArray[np.bool_]  #: (E,) of the network
    there_ms: Int32  #: (E,) of the walker
    back_ms: Int32  #: (E,)
    u: Int32  #: (E,)
    v: Int32  #: (E,)

    @cached_property
    def forward(self) -> tuple[NDArray[np.int64], Int32, Int32, Int32]:
        """Arcs by the state they leave: (arc_at (S + 1), arc_to, arc_cost, arc); ``arc`` is ~a when walked back."""
        return _rows(self.n_states, self.tail, self.head, self.there, self.back)

    @cached_property
    def reverse(self) -> tuple[NDArray[np.int64], Int32, Int32, Int32]:
        """Arcs by the state they enter, for searches against the direction of walking."""
        return _rows(self.n_states, self.tail, self.head, self.back, self.there)

    def starts(self, points: Attachment) -> tuple[Int32, Int32]:
        """Return (state (P, 2), cost (P, 2)) with which trips from the points begin, one column per end of the link."""
        offset = len(self.inside)
        return self._ends(points, offset, (self.back_ms, self.there_ms))

    def goals(self, points: Attachment) -> tuple[Int32, Int32]:
        """Return (state (P, 2), cost (P, 2)) with which trips to the points end, one column per end of the link."""
        offset = len(self.inside) + self.n_inside
        return self._ends(points, offset, (self.there_ms, self.back_ms))

    def _ends(
        self,
        points: Attachment,
        offset: int,
        cost: tuple[Int32, Int32],
    ) -> tuple[Int32, Int32]:
        states, costs = np.empty((len(points.link), 2), np.int32), np.empty((len(points.link), 2), np.int32)
        kernel.ends_of_points(
            points.link, points.at, points.access_ms, self.u, self.v, self.private, self.inside, offset, *cost,
            states, costs,
        )  # fmt: skip
        return states, costs


def one_link(
    states: States, homes: Attachment, home: NDArray[np.integer], outlets: Attachment, outlet: NDArray[np.integer]
) -> Int32:
    """Return the walks (ms) of pairs that share a link and never leave it: from row ``home`` to row ``outlet``."""
    ahead, link = outlets.at[outlet] - homes.at[home], homes.link[home]
    whole = np.where(ahead >= 0, states.there_ms[link], states.back_ms[link]) if len(link) else np.zeros(0, np.int32)
    walked = np.rint(np.abs(ahead) * whole) + homes.access_ms[home] + outlets.access_ms[outlet]
    return np.minimum(np.where((whole < FAR_MS) | (ahead == 0), walked, FAR_MS), FAR_MS).astype(np.int32)


def _rows(n: int, tail: Int32, head: Int32, there: Int32, back: Int32) -> tuple[NDArray[np.int64], Int32, Int32, Int32]:
    """Return the arcs of finite cost as rows by their first state."""
    number = np.arange(len(tail), dtype=np.int32)
    first = np.concatenate([tail, head])
    to, cost, arc = np.concatenate([head, tail]), np.concatenate([there, back]), np.concatenate([number, ~number])
    use = np.flatnonzero(cost < FAR_MS)
    use = use[np.argsort(first[use], kind="stable")]
    at = np.zeros(n + 1, np.int64)
    np.cumsum(np.bincount(first[use], minlength=n), out=at[1:])
    return at, to[use], cost[use], arc[use]


def build_states(network: Network, walking: Walking) -> States:
    """Return the state graph of a walker on a network.

    Examples
    --------
    A compound between two public streets: three links in a row, the middle one private.

    >>> from yike.network.build import from_links
    >>> net, adult = from_links(4, [(0, 1, 60), (1, 2, 30), (2, 3, 60)], private=[1])
    >>> states = build_states(net, adult)
    >>> states.n_states, states.n_inside  # four nodes, and two of them twice more
    (8, 2)
    """
    u, v, private = network.u, network.v, network.private
    n = network.n_nodes
    usable = (walking.there_ms < FAR_MS) | (walking.back_ms < FAR_MS)
    inner = np.flatnonzero(private & usable)
    outer = np.flatnonzero(~private & usable).astype(np.int32)
    nodes = np.unique(np.concatenate([u[inner], v[inner]]))
    m = len(nodes)
    inside = np.full(n, -1, np.int32)
    inside[nodes] = np.arange(m, dtype=np.int32)
    leaving, arriving = n + np.arange(m), n + m + np.arange(m)
    a, b = inside[u[inner]], inside[v[inner]]
    tail = np.concatenate([u[outer], n + a, n + m + a, leaving, nodes, leaving]).astype(np.int32)
    head = np.concatenate([v[outer], n + b, n + m + b, nodes, arriving, arriving]).astype(np.int32)
    link = np.concatenate([outer, inner, inner, np.full(3 * m, -1)]).astype(np.int32)
    free, never = np.zeros(3 * m, np.int32), np.full(3 * m, FAR_MS, np.int32)
    walked = link[: len(link) - 3 * m]
    return States(
        n_states=n + 2 * m,
        tail=tail,
        head=head,
        there=np.concatenate([walking.there_ms[walked], free]).astype(np.int32),
        back=np.concatenate([walking.back_ms[walked], never]).astype(np.int32),
        link=link,
        node=np.concatenate([np.arange(n), nodes, nodes]).astype(np.int32),
        inside=inside,
        n_inside=m,
        private=private,
        there_ms=walking.there_ms,
        back_ms=walking.back_ms,
        u=u,
        v=v,
    )
