"""Rounds on foot: from home over one stop of every kind and back home, the shortest over all choices, exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations

import numpy as np
from numpy.typing import NDArray

from yike.access import kernel, loop_kernel
from yike.access.walk import MANY_HOMES, Routes, _in_threads, _parts, direct_walks
from yike.errors import Fault, NetworkError
from yike.network.graph import FAR_MS, Attachment

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """All walks within a limit from P starts to Q goals: rows by start."""

    at: Int64  #: (P + 1,)
    goal: Int32
    ms: Int32
    n_goals: int

    @property
    def start(self) -> Int64:
        """The start of each pair."""
        return np.repeat(np.arange(len(self.at) - 1), np.diff(self.at))


def walk_pairs(routes: Routes, starts: Attachment, goals: Attachment, limit_s: float) -> Pairs:
    """Return every walk from a start to a goal that takes at most ``limit_s`` seconds.

    Raises
    ------
    NetworkError
        ``access.limit``: the network is not prepared that far.

    Sources
    -------
    Many-to-many by buckets: Knopp, Sanders, Schultes, Schulz, Wagner (2007).

    Examples
    --------
    >>> from yike.access.walk import prepare
    >>> from yike.network.attach import at_nodes
    >>> from yike.network.build import from_links
    >>> net, adult = from_links(3, [(0, 1, 100), (1, 2, 300)])
    >>> found = walk_pairs(prepare(net, adult), at_nodes(net, [0, 2]), at_nodes(net, [1]), 200)
    >>> found.start.tolist(), found.goal.tolist(), found.ms.tolist()
    ([0], [0], [100000])
    """
    if not 0 < limit_s <= routes.limit_s:
        raise NetworkError(Fault("access.limit", values={"limit": limit_s, "low": 0, "high": routes.limit_s}))
    limit = round(limit_s * 1000)
    goal, goal_cost = routes.states.goals(goals)
    buckets = kernel.fill_buckets(routes.ptr, routes.up, routes.cost_down, routes.numbered(goal), goal_cost, limit)
    state, cost = routes.states.starts(starts)
    direct = direct_walks(routes.states, starts, goals)
    asked = (routes.ptr, routes.up, routes.cost_up, routes.numbered(state), cost, limit, *buckets, *direct, len(goals))
    at, to, ms = loop_kernel.pairs(*asked)
    return Pairs(at, to, ms, len(goals))


@dataclass(frozen=True)
class Rounds:
    """The shortest round of each of R homes."""

    ms: Int32  #: (R,) `FAR_MS` = none within the limit
    stop: Int32  #: (R, K) row of the outlet of each kind, -1 where there is no round
    order: Int32  #: (R,) row of ``orders``
    orders: Int32  #: (P, K) orders of the kinds that were tried
    limit_ms: int

    @property
    def whole(self) -> NDArray[np.bool_]:
        """(R,) homes that have a round within the limit."""
        return np.asarray(self.ms <= self.limit_ms)


def walk_rounds(
    routes: Routes, homes: Attachment, outlets: Attachment, kinds: Sequence[NDArray[np.integer]], limit_s: float,
    any_order: bool = False,
) -> Rounds:  # fmt: skip
    """Return for every home the shortest walk that begins and ends there and calls at one outlet of every kind.

    Each leg is a walk of its own: it may use private ways where it begins and where it ends, never in between. One outlet
    may be the stop of two kinds in a row; going on from it costs nothing. Time at the stops is not counted.

    Parameters
    ----------
    homes : Attachment
        R residents' points; an unattached one has no round.
    outlets : Attachment
        O outlets.
    kinds
        K rows of the outlets that will do for each stop, in the order in which they are called at.
    limit_s
        Longest round; the network must be prepared that far.
    any_order
        Call at the kinds in whichever order is shortest.

    Raises
    ------
    NetworkError
        ``access.limit``; ``access.no_stops``: no kind is asked for.

    Notes
    -----
    The least cost over all choices by layers: after k legs every outlet of the k-th kind keeps its least cost from this
    home. Nothing is straight and nothing is left out: only partial rounds that are no shorter than a whole one already
    found are cut. Homes cost little, for only outlets within the limit are looked at.

    Examples
    --------
    A street of four crossings: home at the first, nursery at the second, market at both ends.

    >>> from yike.access.walk import prepare
    >>> from yike.network.attach import at_nodes
    >>> from yike.network.build import from_links
    >>> net, elder = from_links(4, [(0, 1, 200), (1, 2, 200), (2, 3, 200)])
    >>> shops = at_nodes(net, [1, 3, 0])
    >>> found = walk_rounds(prepare(net, elder, 1800), at_nodes(net, [0]), shops, [np.array([0]), np.array([1, 2])], 1800)
    >>> found.ms.tolist(), found.stop.tolist()
    ([400000], [[0, 2]])
    """
    if not kinds:
        raise NetworkError(Fault("access.no_stops"))
    rows = [np.asarray(each, np.int64) for each in kinds]
    at = [_some(outlets, each) for each in rows]
    n, first = len(rows), np.concatenate([[0], np.cumsum([len(each) for each in rows])]).astype(np.int64)
    orders = np.array(list(permutations(range(n))) if any_order else [range(n)], np.int32)
    begins, ends = set(orders[:, 0].tolist()), set(orders[:, -1].tolist())
    follows = {(int(a), int(b)) for each in orders for a, b in pairwise(each)}
    out = _by_kind(len(homes), first, {k: _walks(routes, homes, at[k], limit_s) for k in begins})
    back = _by_kind(len(homes), first, {k: _turned(_walks(routes, at[k], homes, limit_s)) for k in ends})
    legs = _legs(routes, rows, at, first, follows, limit_s)
    limit = round(limit_s * 1000)
    ms, stop = np.full(len(homes), FAR_MS, np.int32), np.full((len(homes), n), -1, np.int32)
    order = np.zeros(len(homes), np.int32)
    _in_threads(
        _parts(len(homes), MANY_HOMES),
        lambda a, b: loop_kernel.rounds(orders, *out, *legs, *back, limit, a, b, ms, stop, order),
    )
    named = np.concatenate([*rows, [-1]]).astype(np.int32)  # the last one is what -1 points to
    return Rounds(ms, named[stop], order, orders, limit)


Walks = tuple[Int64, Int64, Int32]  #: from, to, ms


def _walks(routes: Routes, starts: Attachment, goals: Attachment, limit_s: float) -> Walks:
    found = walk_pairs(routes, starts, goals, limit_s)
    return found.start, found.goal.astype(np.int64), found.ms


def _turned(walks: Walks) -> Walks:
    return walks[1], walks[0], walks[2]


def _some(at: Attachment, rows: Int64) -> Attachment:
    return Attachment(at.link[rows], at.at[rows], at.access_ms[rows], at.why[rows])


def _by_kind(n: int, first: Int64, walks: dict[int, Walks]) -> tuple[Int64, Int32, Int32]:
    """Return walks as rows by their first end and, within it, by the kind of the other: (at (n, K + 1), other, ms)."""
    kinds = len(first) - 1
    key = np.concatenate([np.zeros(0, np.int64), *(start * kinds + k for k, (start, _, _) in walks.items())])
    other = np.concatenate([np.zeros(0, np.int64), *(goal + first[k] for k, (_, goal, _) in walks.items())])
    ms = np.concatenate([np.zeros(0, np.int32), *(each for _, _, each in walks.values())])
    order = np.argsort(key, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(key, minlength=n * kinds))]).astype(np.int64)
    at = ends[np.arange(n)[:, None] * kinds + np.arange(kinds + 1)]
    return np.ascontiguousarray(at), other[order].astype(np.int32), ms[order].astype(np.int32)


def _legs(
    routes: Routes, rows: list[Int64], at: list[Attachment], first: Int64, follows: set[tuple[int, int]], limit_s: float
) -> tuple[Int64, Int32, Int32]:
    """Return the walks between stops; from an outlet to itself there is nothing to walk."""
    walks: dict[int, list[Walks]] = {k: [] for k in range(len(rows))}
    for a, b in sorted(follows):
        start, goal, ms = _walks(routes, at[a], at[b], limit_s)
        ms = np.where(rows[a][start] == rows[b][goal], 0, ms).astype(np.int32)
        walks[b].append((start + first[a], goal, ms))
    joined = {
        k: (
            np.concatenate([w[0] for w in each]),
            np.concatenate([w[1] for w in each]),
            np.concatenate([w[2] for w in each]),
        )
        for k, each in walks.items()
        if each
    }
    return _by_kind(int(first[-1]), first, joined)
