"""A wide guard: losing the vectorised sweep would make it slower than this by far. Real figures are bench's business."""

from __future__ import annotations

import time

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from yike.access.walk import Supply, coarse_table, prepare
from yike.network.attach import at_nodes
from yike.network.build import from_links

BLOCKS, PIECES, TYPES, PER_TYPE = 90, 8, 40, 100


def test_forty_types_at_once_are_forty_times_faster_than_one_by_one():
    rng = np.random.default_rng(1)
    u, v, n = streets()
    seconds = rng.integers(8, 13, len(u))
    network, walk = from_links(n, list(zip(u.tolist(), v.tolist(), seconds.tolist(), strict=True)))
    outlets = rng.integers(0, n, TYPES * PER_TYPE)
    names = [f"t{k}" for k in range(TYPES)]
    supply = Supply.of(at_nodes(network, outlets), [[names[k // PER_TYPE]] for k in range(len(outlets))], names)
    routes = prepare(network, walk, 900)
    graph = coo_array((np.r_[seconds, seconds], (np.r_[u, v], np.r_[v, u])), shape=(n, n)).tocsr()

    def sweep() -> None:
        with coarse_table(routes, supply, 0, TYPES):
            pass

    sweep()  # compiled, and in the cache
    ours, one = [], []
    for _ in range(12):  # in turn, so that a busy machine slows both; the least of many, so that one pause is no loss
        ours.append(_timed(sweep))
        one.append(_timed(lambda: dijkstra(graph, indices=outlets[:PER_TYPE], min_only=True, limit=900)))
    ratio = min(one) * TYPES / min(ours)
    assert ratio > 40, f"only {ratio:.0f} times"


def streets() -> tuple[np.ndarray, np.ndarray, int]:
    """Blocks whose sides are cut into pieces, for every vertex of a street is a node: ends of links, number of nodes."""
    corner = np.arange(BLOCKS * BLOCKS).reshape(BLOCKS, BLOCKS)
    a = np.r_[corner[:, :-1].ravel(), corner[:-1].ravel()]
    b = np.r_[corner[:, 1:].ravel(), corner[1:].ravel()]
    between = BLOCKS * BLOCKS + np.arange(len(a) * (PIECES - 1)).reshape(len(a), PIECES - 1)
    line = np.column_stack([a, between, b])
    return line[:, :-1].ravel(), line[:, 1:].ravel(), int(line.max()) + 1


def _timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
