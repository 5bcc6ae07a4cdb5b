"""From one point to every outlet: what a map asks for, thousands of times a second, of outlets that stay put."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yike.access import kernel
from yike.access.states import one_link
from yike.access.walk import Routes
from yike.errors import Fault, NetworkError
from yike.network.graph import FAR_MS, Attachment

Int32 = NDArray[np.int32]


@dataclass(frozen=True)
class Buckets:
    """O outlets left, with their cost, at every state of the hierarchy above them; made once, asked often.

    Examples
    --------
    >>> from yike.access.walk import prepare
    >>> from yike.network.attach import at_nodes
    >>> from yike.network.build import from_links
    >>> net, adult = from_links(3, [(0, 1, 300), (1, 2, 700)])
    >>> shops = Buckets.of(prepare(net, adult), at_nodes(net, [0, 2]))
    >>> shops.ms_from(at_nodes(net, [1])).tolist()
    [300000, 700000]
    """

    routes: Routes
    outlets: Attachment
    at: NDArray[np.int64]  #: (S + 1,)
    who: Int32
    much: Int32
    by_link: NDArray[np.int64]  #: outlets in the order of their links
    links: Int32  #: these links

    @classmethod
    def of(cls, routes: Routes, outlets: Attachment) -> Buckets:
        """Leave the outlets in buckets.

        Sources
        -------
        Many-to-many by buckets: Knopp, Sanders, Schultes, Schulz, Wagner (2007).
        """
        goal, cost = routes.states.goals(outlets)
        limit = round(routes.limit_s * 1000)
        at, who, much = kernel.fill_buckets(routes.ptr, routes.up, routes.cost_down, routes.numbered(goal), cost, limit)
        order = np.argsort(outlets.link, kind="stable")
        return cls(routes, outlets, at, who, much, order, outlets.link[order])

    def ms_from(self, start: Attachment) -> Int32:
        """Return milliseconds (O,) from one point to every outlet, `FAR_MS` beyond the prepared limit.

        Raises
        ------
        NetworkError
            ``access.unattached``: the point is not on the network.
        """
        if len(start) != 1 or start.link[0] < 0:
            raise NetworkError(Fault("access.unattached", values={"why": start.why[0] if len(start) else "?"}))
        routes, limit = self.routes, round(self.routes.limit_s * 1000)
        times = np.full(len(self.outlets), FAR_MS, np.int32)
        low, high = np.searchsorted(self.links, [start.link[0], start.link[0] + 1])
        here = self.by_link[low:high]
        times[here] = one_link(routes.states, start, np.zeros(len(here), np.intp), self.outlets, here)
        state, cost = routes.states.starts(start)
        kernel.to_buckets(
            routes.ptr, routes.up, routes.cost_up, routes.numbered(state[0]), cost[0], limit, self.at, self.who,
            self.much, times,
        )  # fmt: skip
        times[times > limit] = FAR_MS
        return times
