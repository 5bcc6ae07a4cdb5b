"""The networks and outlets of the benchmarks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from yike.access.walk import Supply
from yike.network.graph import Attachment, Network, Walking

PACE_M_PER_S = 67 / 60
TYPES = 40


@dataclass(frozen=True)
class Town:
    """The largest part of a network with pure lengths as costs, and the nodes of the outlets of every type."""

    name: str
    network: Network
    walking: Walking
    outlets: list[np.ndarray]

    @property
    def supply(self) -> Supply:
        codes = [f"t{k}" for k in range(len(self.outlets))]
        nodes = np.concatenate(self.outlets)
        serves = [[codes[k]] for k, group in enumerate(self.outlets) for _ in group]
        return Supply.of(self.at_nodes(nodes), serves, codes)

    def at_nodes(self, nodes: np.ndarray) -> Attachment:
        """Stand on nodes: at one end of any link there."""
        link = np.full(self.network.n_nodes, -1, np.int32)
        at = np.zeros(self.network.n_nodes)
        every = np.arange(self.network.n_links, dtype=np.int32)
        link[self.network.v], at[self.network.v] = every, 1.0
        link[self.network.u], at[self.network.u] = every, 0.0
        nothing = np.zeros(len(nodes), np.int32)
        return Attachment(link[nodes], at[nodes], nothing, np.full(len(nodes), "", object))

    @property
    def graph(self) -> csr_matrix:
        """The same costs in seconds for SciPy; of parallel links the shortest."""
        net, cost = self.network, self.walking.there_ms / 1000
        order = np.argsort(-cost, kind="stable")
        low, high = np.minimum(net.u, net.v)[order], np.maximum(net.u, net.v)[order]
        last = {pair: i for i, pair in enumerate(zip(low.tolist(), high.tolist(), strict=True))}
        keep = np.fromiter(last.values(), int)
        a, b, w = low[keep], high[keep], np.maximum(cost[order][keep], 1e-9)
        n = net.n_nodes
        return coo_matrix((np.r_[w, w], (np.r_[a, b], np.r_[b, a])), shape=(n, n)).tocsr()


def data_folder() -> Path:
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("YIKE_DATA", beside))
