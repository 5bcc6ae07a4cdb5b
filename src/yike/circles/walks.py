"""Communities as the districting sees them: people, centres, walks between them, and which are walking neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse
import scipy.sparse.csgraph
from numpy.typing import NDArray

from yike.access import kernel
from yike.access.states import States, build_states
from yike.access.trips import Reach
from yike.access.walk import LONGEST_S
from yike.circles.targets import Targets
from yike.network.graph import FAR_MS, Attachment, Network, Walking
from yike.tables import Residents

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Communities:
    """C communities with what joins them; rows of all matrices are communities, columns centres of communities.

    ``cost`` is in person-minutes and holds walking, crossings and people beyond the longest walk; the other matrices
    tell of what it is made. A community whose homes are not on the network has ``centre`` -1.
    """

    codes: tuple[str, ...]
    people: Floats  #: (C,)
    centre: NDArray[np.int64]  #: (C,) row of the residents' point in which the community has its centre
    cost: Floats  #: (C, C)
    walk_min: Floats  #: (C, C) mean minutes of the people of c to the centre of k, no crossing added; inf = none
    far_people: Floats  #: (C, C) people of c who live beyond the longest walk from the centre of k
    crossing_min: Floats  #: (C, C) mean minutes that crossings add; inf = cannot without a forbidden one
    neighbours: tuple[frozenset[int], ...]  #: (C,)

    def __len__(self) -> int:
        return len(self.codes)


def search(states: States, start: Attachment, limit_ms: int) -> Reach:
    """Search from one attached point on a walker's state graph as it is, without a prepared hierarchy."""
    state, cost = states.starts(start)
    arc_at, arc_to, arc_cost, _ = states.forward
    dist, parent = np.full(states.n_states, FAR_MS, np.int32), np.full(states.n_states, -1, np.int32)
    settled = kernel.search(arc_at, arc_to, arc_cost, state[0], cost[0], limit_ms, dist, parent)
    return Reach(start, states, dist, parent, settled, limit_ms)


def rows_of(at: Attachment, rows: NDArray[np.integer]) -> Attachment:
    """Return some points of an attachment."""
    return Attachment(at.link[rows], at.at[rows], at.access_ms[rows], at.why[rows])


def beside_barriers(homes: Attachment, network: Network, walk: Walking, with_crossings: Walking) -> Attachment:
    """Return homes that stand on a link which crosses a barrier as standing at its nearer end, on a link that does not.

    On such a link a home would pay for a part of the crossing, or, where crossing is forbidden, come nowhere. A home
    without another link at that end stays where it is.
    """
    dear = (with_crossings.there_ms != walk.there_ms) | (with_crossings.back_ms != walk.back_ms)
    rows = np.flatnonzero((homes.link >= 0) & dear[np.maximum(homes.link, 0)])
    if len(rows) == 0:
        return homes
    usable = np.flatnonzero(~dear & (walk.there_ms < FAR_MS) & (walk.back_ms < FAR_MS))
    at_node: dict[int, tuple[int, float]] = {}
    for link in usable[::-1].tolist():  # the first link at a node is the one that is kept
        at_node[int(network.v[link])] = link, 1.0
        at_node[int(network.u[link])] = link, 0.0
    link, at, access = homes.link.copy(), homes.at.copy(), homes.access_ms.copy()
    for row in rows.tolist():
        old, share = int(homes.link[row]), float(homes.at[row])
        end, costs, part = (network.u, walk.back_ms, share) if share <= 0.5 else (network.v, walk.there_ms, 1 - share)
        other = at_node.get(int(end[old]))
        if other and costs[old] < FAR_MS:
            link[row], at[row] = other
            access[row] = homes.access_ms[row] + round(part * int(costs[old]))
    return Attachment(link, at, access, homes.why)


def communities_of(
    network: Network,
    walk: Walking,
    with_crossings: Walking,
    homes: Attachment,
    residents: Residents,
    codes: Sequence[str],
    targets: Targets,
) -> Communities:
    """Measure the walks between communities.

    Walks are told from a centre to homes; a community's centre is that one of the homes in its middle from which its
    people are reached with the fewest minutes. Walks longer than 30 minutes count as 30 and as beyond the longest walk.

    Parameters
    ----------
    walk, with_crossings
        One walker's costs, plain and with what crossings add (`crossing_ms`).
    homes, residents
        R residents' points of the whole study; their communities are the codes in ``residents.frame``.
    codes
        The C communities to be joined, in the order that breaks ties.
    """
    plain, barred = build_states(network, walk), build_states(network, with_crossings)
    there, back = (
        np.where(costs >= FAR_MS, FAR_MS, own).astype(np.int32)
        for costs, own in ((with_crossings.there_ms, walk.there_ms), (with_crossings.back_ms, walk.back_ms))
    )
    open_ = build_states(network, Walking(walk.walker, there, back, walk.m_per_min))  # what is not forbidden
    aside = beside_barriers(homes, network, walk, with_crossings)
    of, people = residents.frame["community"].to_numpy(dtype=str), residents.people
    order = np.argsort(of, kind="stable")
    first, last = np.searchsorted(of[order], codes, "left"), np.searchsorted(of[order], codes, "right")
    rows = [order[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True)]
    inside = np.concatenate([*rows, np.zeros(0, np.int64)]).astype(np.int64)
    where = np.repeat(np.arange(len(codes)), [len(each) for each in rows])
    centre = np.array([_centre(plain, homes, residents, each, targets.centre_candidates) for each in rows], np.int64)
    measured = _measure((plain, homes), (barred, aside), people, inside, where, centre, targets)
    sums = np.bincount(where, people[inside], len(codes)).astype(float)
    return Communities(
        tuple(codes), sums, centre, *measured, _neighbours(open_, aside, of, codes, targets.neighbour_walk_min)
    )


def _centre(states: States, homes: Attachment, residents: Residents, rows: NDArray[np.int64], many: int) -> int:
    """Return the home of a community that has the fewest person-minutes to the others, of those in its middle."""
    rows = rows[homes.link[rows] >= 0]
    if len(rows) == 0:
        return -1
    lon, lat, people = residents.lon[rows], residents.lat[rows], np.maximum(residents.people[rows], 1e-9)
    middle = np.average(lon, weights=people), np.average(lat, weights=people)
    off = np.hypot((lon - middle[0]) * np.cos(np.radians(middle[1])), lat - middle[1])
    tried = rows[np.argsort(off, kind="stable")[:many]]
    limit = round(LONGEST_S * 1000)
    there = rows_of(homes, rows)
    totals = [
        float(
            (
                np.minimum(search(states, rows_of(homes, tried[k : k + 1]), limit).seconds_to(there), LONGEST_S)
                * people
            ).sum()
        )
        for k in range(len(tried))
    ]
    return int(tried[int(np.argmin(totals))])


def _measure(
    plain: tuple[States, Attachment],
    barred: tuple[States, Attachment],
    people: Floats,
    inside: NDArray[np.int64],
    where: NDArray[np.int64],
    centre: NDArray[np.int64],
    targets: Targets,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return cost, walk_min, far_people and crossing_min."""
    n, weight = len(centre), people[inside]
    ways = [(states, homes, rows_of(homes, inside)) for states, homes in (plain, barred)]
    total = np.maximum(np.bincount(where, weight, n), 1e-9)
    cost, walked = np.full((n, n), np.inf), np.full((n, n), np.inf)
    beyond, crossed = np.zeros((n, n)), np.full((n, n), np.inf)
    limit = round(LONGEST_S * 1000)
    most = sum(each for each in targets.crossing_min.values() if np.isfinite(each))
    for k in range(n):
        if centre[k] < 0:  # nobody walks to or from it: it can only be a circle of its own
            cost[k, k] = total[k] * (LONGEST_S / 60 + targets.far_min)
            beyond[:, k] = total
            continue
        seconds, longer = (
            search(states, rows_of(homes, centre[k : k + 1]), bound).seconds_to(there).astype(float)
            for (states, homes, there), bound in zip(ways, (limit, limit + round(4 * most * 60_000)), strict=True)
        )
        far = seconds > targets.walk_most_min * 60
        beyond[:, k] = np.bincount(where, weight * far, n)
        minutes = np.minimum(seconds, LONGEST_S) / 60
        walked[:, k] = np.bincount(where, weight * minutes, n) / total
        reached = np.isfinite(seconds)
        more = np.full(len(seconds), np.inf if _forbids(targets) else 0.0)
        more[reached] = np.maximum(longer[reached] - seconds[reached], 0) / 60
        crossed[:, k] = np.bincount(where, weight * np.where(np.isfinite(more), more, 0), n) / total
        shut = np.bincount(where, weight * ~np.isfinite(more), n) > 0.5 * total  # most homes cannot come without it
        crossed[shut, k] = np.inf
        cost[:, k] = total * (walked[:, k] + crossed[:, k]) + targets.far_min * beyond[:, k]
        cost[k, k] = total[k] * walked[k, k] + targets.far_min * beyond[k, k]
    return cost, walked, beyond, crossed


def _forbids(targets: Targets) -> bool:
    return any(np.isinf(each) for each in targets.crossing_min.values())


def _neighbours(
    states: States, homes: Attachment, of: NDArray[np.str_], codes: Sequence[str], minutes: float
) -> tuple[frozenset[int], ...]:
    """Return for each community those that touch it on the network within some minutes from home to home, no crossing
    added; a forbidden one parts them.

    Every street belongs to the community of the nearest home on foot; two communities touch where their streets meet.
    """
    on = np.flatnonzero(homes.link >= 0)
    names, label = np.unique(of[on], return_inverse=True)
    state, cost = states.starts(rows_of(homes, on))
    source = states.n_states + np.repeat(label, 2)
    use = (state.ravel() >= 0) & (cost.ravel() < FAR_MS)
    arc_at, arc_to, arc_cost, _ = states.forward
    tail = np.repeat(np.arange(states.n_states), np.diff(arc_at))
    n = states.n_states + len(names)
    pairs = np.concatenate([tail, source[use]]), np.concatenate([arc_to, state.ravel()[use]])
    costs = np.concatenate([arc_cost, cost.ravel()[use]]) + 1e-3  # an arc of no cost is an arc too
    graph = _least(pairs, costs, n)
    limit = minutes * 60_000.0
    dist, _, nearest = scipy.sparse.csgraph.dijkstra(
        graph, indices=np.arange(states.n_states, n), min_only=True, return_predecessors=True, limit=limit
    )
    a, b = nearest[tail], nearest[arc_to]
    touch = (a >= 0) & (b >= 0) & (a != b) & (dist[tail] + arc_cost + dist[arc_to] <= limit)
    touching = set(zip((a[touch] - states.n_states).tolist(), (b[touch] - states.n_states).tolist(), strict=True))
    row = {code: k for k, code in enumerate(codes)}
    found: list[set[int]] = [set() for _ in codes]
    for x, y in touching | _same_link(states, homes, on, label, limit):
        i, j = row.get(str(names[x]), -1), row.get(str(names[y]), -1)
        if i >= 0 and j >= 0:
            found[i].add(j)
            found[j].add(i)
    return tuple(frozenset(each) for each in found)


def _same_link(
    states: States, homes: Attachment, on: NDArray[np.int64], label: NDArray[np.int64], limit: float
) -> set[tuple[int, int]]:
    """Return communities whose homes are next to each other on one link."""
    order = np.lexsort((homes.at[on], homes.link[on]))
    link, at, who = homes.link[on][order], homes.at[on][order], label[order]
    access = homes.access_ms[on][order]
    whole = np.minimum(states.there_ms[link], states.back_ms[link])
    same = (link[1:] == link[:-1]) & (who[1:] != who[:-1]) & (whole[1:] < FAR_MS)
    apart = (at[1:] - at[:-1]) * whole[1:] + access[1:] + access[:-1]
    near = same & (apart <= limit)
    return set(zip(who[:-1][near].tolist(), who[1:][near].tolist(), strict=True))


def _least(pairs: tuple[NDArray[np.integer], NDArray[np.integer]], costs: Floats, n: int) -> scipy.sparse.csr_matrix:
    """Return a graph of the cheapest arc of every pair: a sparse matrix would add those that stand twice."""
    order = np.lexsort((costs, pairs[1], pairs[0]))
    a, b = pairs[0][order], pairs[1][order]
    kept = np.r_[True, (a[1:] != a[:-1]) | (b[1:] != b[:-1])]
    return scipy.sparse.csr_matrix((costs[order][kept], (a[kept], b[kept])), shape=(n, n))
