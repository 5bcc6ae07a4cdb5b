"""How long everyone walks: the nearest outlet of every type, the k nearest, and counts within minutes.

`prepare` does once, for one walker, what all questions share; the questions are functions of the result.
Inside, time is whole milliseconds, so every way to compute a walk gives the same integer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.access import contraction, kernel
from yike.access.memory import Memory
from yike.access.states import States, build_states, one_link
from yike.errors import Fault, NetworkError
from yike.network.graph import FAR_MS, Attachment, Network, Walking

Int32 = NDArray[np.int32]
WIDEST = 64  #: types in one table
MANY_ROWS = 20_000  #: rows of a table that are worth a thread
MANY_HOMES = 500  #: homes that are worth a thread where each is searched from
COARSE_FAR = 28_801  #: "none" in a table of ticks
SHORTEST_S, LONGEST_S = 60.0, 1800.0  #: the limits a walk may have


@dataclass(frozen=True)
class Routes:
    """One walker's network, prepared: its state graph and the hierarchy over it, for walks up to ``limit_s``."""

    walker: str
    limit_s: float
    states: States
    rank: Int32  #: (S,) number of each state in the hierarchy
    ptr: Int32  #: (S + 1,) up-links of each number
    up: Int32
    cost_up: Int32
    cost_down: Int32

    @cached_property
    def coarse(self) -> tuple[float, NDArray[np.uint16], NDArray[np.uint16]]:
        """Up-links rounded to 16-bit ticks: (milliseconds a tick, cost_up, cost_down). See `node_times`."""
        tick = max(1.0, np.ceil(self.limit_s * 1000 / 28_800 * 64) / 64)

        def ticks(cost: Int32) -> NDArray[np.uint16]:
            rounded: NDArray[np.uint16] = np.minimum(np.rint(cost / tick), COARSE_FAR).astype(np.uint16)
            return rounded

        return tick, ticks(self.cost_up), ticks(self.cost_down)

    @cached_property
    def memory(self) -> Memory:
        """Where the tables of this network are made."""
        return Memory()

    def numbered(self, state: Int32) -> Int32:
        """Return hierarchy numbers of states; -1 stays -1."""
        return np.where(state >= 0, self.rank[state], np.int32(-1)).astype(np.int32)


def prepare(network: Network, walking: Walking, limit_s: float = 900.0) -> Routes:
    """Prepare a walker's network for walks of up to ``limit_s`` seconds.

    Parameters
    ----------
    network, walking
        The ground and one walker on it; N nodes, E links, costs in ms there and back.
    limit_s : float, 60 to 1800
        Longest walk of interest, one way.

    Raises
    ------
    NetworkError
        ``access.limit``: the limit is outside 60 to 1800 s.

    Sources
    -------
    Contraction hierarchies: Geisberger, Sanders, Schultes, Delling (2008); bounded by the limit.

    Examples
    --------
    >>> from yike.network.build import from_links
    >>> net, adult = from_links(3, [(0, 1, 300), (1, 2, 300)])
    >>> prepare(net, adult).limit_s
    900.0
    """
    if not SHORTEST_S <= limit_s <= LONGEST_S:
        raise NetworkError(Fault("access.limit", values={"limit": limit_s, "low": SHORTEST_S, "high": LONGEST_S}))
    states = build_states(network, walking)
    limit = round(limit_s * 1000)
    order, up_at, up, cost = contraction.contract(
        states.n_states, states.tail, states.head, states.there, states.back, limit
    )
    rank, ptr, up, cost_up, cost_down = contraction.number(order, up_at, up, cost)
    return Routes(walking.walker, limit_s, states, rank, ptr, up, cost_up, cost_down)


@dataclass(frozen=True)
class WalkTimes:
    """Seconds on foot from R residents' points to the nearest outlet of T types; `inf` = no way within the limit."""

    ids: NDArray[np.object_]  #: (R,)
    types: tuple[str, ...]  #: T business type codes
    seconds: NDArray[np.float32]  #: (R, T)
    limit_s: float
    walker: str


@dataclass(frozen=True)
class Supply:
    """Outlets on the network with the types they serve: what all questions of walking ask for.

    ``type_at, type_of`` list for each of O outlets the positions of its types in ``types``.
    """

    at: Attachment
    types: tuple[str, ...]
    type_at: Int32  #: (O + 1,)
    type_of: Int32

    @classmethod
    def of(
        cls,
        at: Attachment,
        serves: Sequence[Sequence[str]],
        types: Sequence[str],
        counted: NDArray[np.bool_] | None = None,
    ) -> Supply:
        """Make the supply of outlets attached ``at`` that serve the type codes ``serves[o]``.

        Outlets where ``counted`` is False (not open) serve nothing; so do codes that are not in ``types``.
        """
        place = {code: k for k, code in enumerate(types)}
        chosen = [
            sorted({place[code] for code in codes if code in place}) if counted is None or counted[o] else []
            for o, codes in enumerate(serves)
        ]
        type_at = np.zeros(len(chosen) + 1, np.int32)
        np.cumsum([len(c) for c in chosen], out=type_at[1:])
        return cls(at, tuple(types), type_at, np.array([k for c in chosen for k in c], np.int32))

    @property
    def outlet_of(self) -> Int32:
        """The outlet of each entry of ``type_of``."""
        return np.repeat(np.arange(len(self.at), dtype=np.int32), np.diff(self.type_at))


def _blocks(n_types: int) -> list[tuple[int, int]]:
    """Return the types [first, last) of each table."""
    return [(first, min(first + WIDEST, n_types)) for first in range(0, n_types, WIDEST)]


def _parts(n_rows: int, worth: int) -> list[tuple[int, int]]:
    """Return the rows [first, last) of each thread: one for every core, where they are at least ``worth`` rows."""
    threads = max(1, min(os.cpu_count() or 1, n_rows // worth))
    return list(pairwise(np.linspace(0, n_rows, threads + 1).astype(int).tolist()))


def _in_threads(parts: list[tuple[int, int]], work: Callable[[int, int], None]) -> None:
    """Do the work of every part [first, last), each in a thread of its own: the compiled loops hold no lock."""
    if len(parts) < 2:
        for part in parts:
            work(*part)
        return
    with ThreadPoolExecutor(len(parts)) as threads:
        list(threads.map(lambda part: work(*part), parts))


@contextmanager
def _table(routes: Routes, supply: Supply, first: int, last: int, tick: float = 0.0) -> Iterator[NDArray[Any]]:
    """Lend costs from every hierarchy number to the nearest outlet of the types [first, last).

    Whole milliseconds as int32, or 16-bit ticks of ``tick`` ms (see `Routes.coarse`) where one is given.
    """
    lanes = -(-(last - first) // 8) * 8
    dtype, far = (np.uint16, np.uint16(COARSE_FAR)) if tick else (np.int32, FAR_MS)
    links = routes.coarse[1:] if tick else (routes.cost_up, routes.cost_down)
    live, limit = np.zeros(len(routes.rank), np.bool_), round(routes.limit_s * 1000)
    with routes.memory.table(len(routes.rank), lanes, dtype) as table:
        state, cost = routes.states.goals(supply.at)
        kernel.seed(
            table, live, far, routes.rank, state, cost, supply.type_at, supply.type_of, first, last, limit, tick or 1.0
        )
        kernel.sweep(lanes)(routes.ptr, routes.up, *links, table, live, far)
        yield table


def state_rows(routes: Routes, supply: Supply) -> Int32:
    """Return milliseconds (T, S) from every state to the nearest outlet of each type, `FAR_MS` beyond the limit."""
    rows = np.empty((len(supply.types), routes.states.n_states), np.int32)
    for first, last in _blocks(len(supply.types)):
        with _table(routes, supply, first, last) as table:
            rows[first:last] = table[routes.rank, : last - first].T
    rows[rows > round(routes.limit_s * 1000)] = FAR_MS
    return rows


def node_times(routes: Routes, supply: Supply) -> NDArray[np.float32]:
    """Return seconds from every public place of the network (N nodes) to the nearest outlet of each of T types.

    The fast road to the whole city: 16-bit ticks (1/32 s for a quarter-hour limit), half the memory of the exact
    table. Only sums along the hierarchy are rounded, never links, so the error stays below a few ticks (under 1 s at
    900 s; measured 0.3 s). What a study writes down comes from `walk_times`, which is exact.
    """
    public, tick = routes.rank[: len(routes.states.inside)], routes.coarse[0]
    out = np.empty((len(public), len(supply.types)), np.float32)
    unit = np.float32(1000 / tick), np.uint16(routes.limit_s * 1000 / tick)

    def read_off(table: NDArray[np.uint16], first: int, last: int) -> None:
        def some(a: int, b: int) -> None:
            kernel.in_seconds(table, public[a:b], *unit, out[a:b], first, last)

        _in_threads(_parts(len(public), MANY_ROWS), some)

    for first, last in _blocks(len(supply.types)):
        with coarse_table(routes, supply, first, last) as table:
            read_off(table, first, last)
    return out


def coarse_table(routes: Routes, supply: Supply, first: int, last: int) -> AbstractContextManager[NDArray[np.uint16]]:
    """Lend 16-bit ticks from every hierarchy number to the nearest outlet of the types [first, last); 28,801 = none."""
    return _table(routes, supply, first, last, routes.coarse[0])


def walk_times(
    routes: Routes, homes: Attachment, supply: Supply, *, ids: Sequence[str] | None = None, limit_s: float | None = None
) -> WalkTimes:
    """Return the shortest walk from each home to the nearest outlet of each type, in seconds.

    All types are relaxed together over the hierarchy of ``routes``; last metres at both ends and walks along one
    shared link are part of the walk. Only the nearest outlet counts; for choice see `nearest_k`.

    Parameters
    ----------
    routes : Routes
        From `prepare`, for this walker.
    homes : Attachment
        R residents' points; an unattached one reaches nothing.
    supply : Supply
        Outlets with their types; a type without outlets is allowed: nobody reaches it.
    limit_s : float, optional
        A shorter limit than the prepared one.

    Returns
    -------
    WalkTimes
        float32 seconds (R, T); `inf` where no outlet of the type is within the limit.

    Raises
    ------
    NetworkError
        ``access.limit``: ``limit_s`` is above the prepared limit or below 60 s.

    Examples
    --------
    A street of four crossings, a market at one end and a pharmacy in the middle:

    >>> from yike.network.build import from_links
    >>> from yike.network.attach import at_nodes
    >>> net, adult = from_links(4, [(0, 1, 300), (1, 2, 300), (2, 3, 400)])
    >>> supply = Supply.of(at_nodes(net, [0, 2]), [["market"], ["pharmacy"]], ["market", "pharmacy"])
    >>> walk_times(prepare(net, adult), at_nodes(net, [0, 1, 2, 3]), supply).seconds
    array([[  0., 600.],
           [300., 300.],
           [600.,   0.],
           [ inf, 400.]], dtype=float32)

    The last resident is 1,000 s from the market: beyond the quarter of an hour, hence `inf`.
    """
    limit_ms = _limit_ms(routes, limit_s)
    seconds = np.empty((len(homes), len(supply.types)), np.float32)
    state, cost = routes.states.starts(homes)
    at, who, ms = direct_walks(routes.states, homes, supply.at)

    def read_off(table: Int32, first: int, last: int) -> None:
        def some(a: int, b: int) -> None:
            kernel.at_homes(
                table, routes.rank, state[a:b], cost[a:b], at[a : b + 1], who, ms, supply.type_at, supply.type_of,
                limit_ms, seconds[a:b], first, last,
            )  # fmt: skip

        _in_threads(_parts(len(homes), MANY_ROWS), some)

    for first, last in _blocks(len(supply.types)):
        with _table(routes, supply, first, last) as table:
            read_off(table, first, last)
    names = list(map(str, range(len(homes)))) if ids is None else ids
    return WalkTimes(np.array(names, dtype=object), supply.types, seconds, limit_ms / 1000, routes.walker)


def _limit_ms(routes: Routes, limit_s: float | None) -> int:
    limit_s = routes.limit_s if limit_s is None else limit_s
    if not SHORTEST_S <= limit_s <= routes.limit_s:
        values = {"limit": limit_s, "low": SHORTEST_S, "high": routes.limit_s}
        raise NetworkError(Fault("access.limit", values=values))
    return round(limit_s * 1000)


def direct_walks(states: States, homes: Attachment, outlets: Attachment) -> tuple[Int32, Int32, Int32]:
    """Return walks that never leave the one link that home and outlet share: rows (at (R + 1), outlet, ms) by home."""
    order = np.argsort(outlets.link, kind="stable")
    order = order[outlets.link[order] >= 0]
    low, many = _runs(outlets.link[order], homes.link, len(states.u))
    at = np.zeros(len(homes) + 1, np.int32)
    np.cumsum(many, out=at[1:])
    home = np.repeat(np.arange(len(homes)), many)
    who = order[np.repeat(low - at[:-1], many) + np.arange(at[-1])] if at[-1] else np.zeros(0, np.int64)
    return at, who.astype(np.int32), one_link(states, homes, home, outlets, who)


def _runs(links: Int32, asked: Int32, n_links: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the run of each asked link begins in sorted ``links``, and how long it is (0 for -1)."""
    if len(asked) < n_links // 8:
        low = np.searchsorted(links, asked, "left")
        return low, np.where(asked >= 0, np.searchsorted(links, asked, "right") - low, 0)
    begins = np.zeros(n_links + 2, np.int64)  # the last one is that of "none", an empty run
    np.cumsum(np.bincount(links, minlength=n_links), out=begins[1:-1])
    begins[-1] = begins[-2]
    low = begins[asked]
    return low, begins[asked + (asked >= 0)] - low


@dataclass(frozen=True)
class Nearest:
    """The k nearest distinct outlets of every type, and how many are within each band of time."""

    seconds: NDArray[np.float32]  #: (R, T, k), `inf` where there are fewer than k
    outlet: Int32  #: (R, T, k) row of the outlet, -1 where none
    counts: Int32  #: (R, T, B)
    bands_s: tuple[float, ...]
    types: tuple[str, ...]


def nearest_k(
    routes: Routes,
    homes: Attachment,
    supply: Supply,
    k: int = 3,
    *,
    bands_s: Sequence[float] = (300.0, 600.0, 900.0),
    limit_s: float | None = None,
) -> Nearest:
    """Return for each home and type the k nearest distinct outlets, and the numbers within each band.

    Equal walks are ordered by the outlets' rows. Bands beyond the limit count up to the limit only.

    Raises
    ------
    NetworkError
        ``access.limit`` as in `walk_times`; ``access.k``: k is not from 1 to 5.

    Sources
    -------
    Many-to-many by buckets: Knopp, Sanders, Schultes, Schulz, Wagner (2007).

    Examples
    --------
    >>> from yike.network.build import from_links
    >>> from yike.network.attach import at_nodes
    >>> net, adult = from_links(4, [(0, 1, 100), (1, 2, 100), (2, 3, 100)])
    >>> supply = Supply.of(at_nodes(net, [0, 3]), [["market"], ["market"]], ["market"])
    >>> found = nearest_k(prepare(net, adult), at_nodes(net, [1]), supply, k=2)
    >>> found.seconds[0, 0].tolist(), found.outlet[0, 0].tolist(), found.counts[0, 0].tolist()
    ([100.0, 200.0], [0, 1], [2, 2, 2])
    """
    if not 1 <= k <= 5:
        raise NetworkError(Fault("access.k", values={"k": k}))
    limit = _limit_ms(routes, limit_s)
    goal, goal_cost = routes.states.goals(supply.at)
    at, who, much = kernel.fill_buckets(
        routes.ptr, routes.up, routes.cost_down, routes.numbered(goal), goal_cost, limit
    )
    start, cost = routes.states.starts(homes)
    direct_at, direct_who, direct_ms = direct_walks(routes.states, homes, supply.at)
    shape = (len(homes), len(supply.types))
    times, ids = np.full((*shape, k), FAR_MS, np.int32), np.full((*shape, k), -1, np.int32)
    counts = np.zeros((*shape, len(bands_s)), np.int32)
    bands = np.array([round(min(b * 1000, limit)) for b in bands_s], np.int32)
    start = routes.numbered(start)

    def work(first: int, last: int) -> None:
        some = slice(first, last)
        kernel.nearest_and_counts(
            routes.ptr, routes.up, routes.cost_up, start[some], cost[some], limit, at, who, much,
            direct_at[first : last + 1], direct_who, direct_ms, supply.type_at, supply.type_of, bands,
            times[some], ids[some], counts[some],
        )  # fmt: skip

    _in_threads(_parts(len(homes), MANY_HOMES), work)
    seconds = np.where(ids >= 0, times / 1000, np.inf).astype(np.float32)
    return Nearest(seconds, ids, counts, tuple(bands_s), supply.types)
