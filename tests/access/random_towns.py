"""Random networks with private links, one-way costs and points on links, and SciPy's word on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from yike.access.walk import Supply
from yike.network.graph import FAR_MS, Attachment, Network, Walking

TYPES = ("a", "b", "c", "d", "e")
TINY = 1e-9  # SciPy takes a stored zero for "no arc"


@dataclass
class Town:
    """A random town: ground, walker, homes, outlets."""

    network: Network
    walking: Walking
    homes: Attachment
    outlets: Attachment
    serves: list[list[str]]
    limit_s: float

    @property
    def supply(self) -> Supply:
        return Supply.of(self.outlets, self.serves, TYPES)


def ground(n: int, u, v, there, back, private) -> tuple[Network, Walking]:
    u, v = np.asarray(u, np.int32), np.asarray(v, np.int32)
    network = Network(
        lon=np.arange(n) * 1e-3,
        lat=np.zeros(n),
        u=u,
        v=v,
        length_m=np.ones(len(u)),
        private=np.asarray(private, bool),
        way=np.zeros(len(u), np.int32),
        way_id=np.zeros(1, np.int64),
        way_name=np.array([""], object),
        way_rule=np.zeros(1, np.int32),
        features={},
        part=np.zeros(n, np.int32),
    )
    return network, Walking("adult", np.asarray(there, np.int32), np.asarray(back, np.int32))


def points(rng: np.random.Generator, n_links: int, n: int) -> Attachment:
    link = rng.integers(-1, n_links, n).astype(np.int32)
    access = rng.integers(0, 30_000, n).astype(np.int32)
    return Attachment(link, rng.random(n), access, np.array([""] * n, object))


def random_town(seed: int) -> Town:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(4, 40))
    u, v = rng.integers(0, n, (2, int(rng.integers(n, 3 * n))))
    u, v = u[u != v], v[u != v]
    there = rng.integers(0, 200_000, len(u))
    back = np.where(rng.random(len(u)) < 0.7, there, rng.integers(0, 200_000, len(u)))
    there[rng.random(len(u)) < 0.1] = FAR_MS
    network, walking = ground(n, u, v, there, back, rng.random(len(u)) < 0.35)
    outlets = points(rng, len(u), 12)
    serves = [sorted(rng.choice(TYPES, rng.integers(1, 3), replace=False).tolist()) for _ in range(12)]
    return Town(network, walking, points(rng, len(u), 30), outlets, serves, float(rng.choice([120, 600, 900])))


def scipy_times(town: Town) -> np.ndarray:
    """Return seconds (R, T) by SciPy over three layers of nodes: leaving, outside, arriving."""
    net, walking, n = town.network, town.walking, town.network.n_nodes
    arcs: dict[tuple[int, int], float] = {}

    def add(a: int, b: int, cost: float) -> None:
        if cost < FAR_MS:
            arcs[a, b] = min(arcs.get((a, b), np.inf), max(cost, TINY))

    for e in range(net.n_links):
        a, b = int(net.u[e]), int(net.v[e])
        for layer in (0, 2 * n) if net.private[e] else (n,):
            add(layer + a, layer + b, walking.there_ms[e])
            add(layer + b, layer + a, walking.back_ms[e])
    for x in range(n):
        add(x, n + x, 0)
        add(n + x, 2 * n + x, 0)
    out = np.full((len(town.homes), len(TYPES)), np.inf)
    for k, code in enumerate(TYPES):
        outlets = [o for o, codes in enumerate(town.serves) if code in codes and town.outlets.link[o] >= 0]
        out[:, k] = _to_any(town, dict(arcs), outlets)
    out[out > town.limit_s * 1000 + 0.5] = np.inf
    return out / 1000


def _to_any(town: Town, arcs: dict[tuple[int, int], float], outlets: list[int]) -> np.ndarray:
    net, walking, n, at = town.network, town.walking, town.network.n_nodes, town.outlets
    best = np.full(len(town.homes), np.inf)
    goal = 3 * n
    for o in outlets:
        e = at.link[o]
        layer = 2 * n if net.private[e] else n
        for node, whole, share in (
            (net.u[e], walking.there_ms[e], at.at[o]),
            (net.v[e], walking.back_ms[e], 1 - at.at[o]),
        ):
            if whole < FAR_MS:
                key = (int(layer + node), goal)
                arcs[key] = min(arcs.get(key, np.inf), np.rint(whole * share) + at.access_ms[o] + TINY)
    if not arcs:
        return best
    pairs = np.array(list(arcs))
    graph = csr_matrix((list(arcs.values()), (pairs[:, 1], pairs[:, 0])), shape=(goal + 1, goal + 1))
    distance = dijkstra(graph, indices=goal)
    for h in range(len(best)):
        e, share, door = town.homes.link[h], town.homes.at[h], town.homes.access_ms[h]
        if e < 0:
            continue
        layer = 0 if net.private[e] else n
        there, back = walking.there_ms[e], walking.back_ms[e]
        if there < FAR_MS:
            best[h] = min(best[h], door + np.rint((1 - share) * there) + distance[layer + net.v[e]])
        if back < FAR_MS:
            best[h] = min(best[h], door + np.rint(share * back) + distance[layer + net.u[e]])
        for o in outlets:
            ahead = at.at[o] - share
            along = there if ahead >= 0 else back
            if at.link[o] == e and along < FAR_MS:
                best[h] = min(best[h], np.rint(abs(ahead) * along) + door + at.access_ms[o])
    return best
