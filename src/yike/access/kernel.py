"""Compiled loops of walking: contiguous arrays in, contiguous arrays out; no strings, no dicts, no geometry.

The ground is a *state graph*: S states joined by A arcs ``tail -- head`` with a cost ``there``
(tail to head) and ``back`` in whole milliseconds, `FAR` where there is no way. What a state is
(a node, or a node inside one's own compound) is known to `yike.access.walk` only.

Method. A bounded contraction hierarchy (Geisberger et al. 2008, without witness searches, every
shortcut longer than the limit dropped; elimination by least degree and level) turns all searches of
one walker into two linear passes over *up-links*: an upward and a downward one (PHAST, Delling et al.
2011), which here relax all business types at once, one lane a type. Chains of street vertices are
contracted first and cost next to nothing, so the network needs no simplification beforehand. The
pairs of homes and outlets within reach come from the same hierarchy by buckets (Knopp et al. 2007).

The rows of lanes are relaxed by vector operations of our own (`yike.access.lanes`); ``bench/`` and a wide guard in
the tests watch over them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from yike.access.lanes import fill_row, pull_row, push_row

FAR = np.int32(1 << 29)
NEXT, PREV, TO, TWIN, OUT, IN = 0, 1, 2, 3, 4, 5  #: fields of an adjacency record
BUCKETS = 4096  #: elimination keys are small whole numbers; the last bucket takes the rest


# --- contraction ------------------------------------------------------------------------------------


@njit(cache=True, error_model="numpy")
def _link(rec: Any, first: Any, entry: int, owner: int) -> None:
    """Put record ``entry`` at the front of the list of ``owner``."""
    old = first[owner]
    rec[entry, NEXT] = old
    rec[entry, PREV] = -1
    if old >= 0:
        rec[old, PREV] = entry
    first[owner] = entry


@njit(cache=True, error_model="numpy")
def _unlink(rec: Any, first: Any, entry: int, owner: int) -> None:
    """Take record ``entry`` out of the list of ``owner``."""
    before, after = rec[entry, PREV], rec[entry, NEXT]
    if before >= 0:
        rec[before, NEXT] = after
    else:
        first[owner] = after
    if after >= 0:
        rec[after, PREV] = before


@njit(cache=True, error_model="numpy")
def _add(rec: Any, first: Any, degree: Any, entry: int, twin: int, x: int, y: int, out: int, into: int) -> None:
    """Use the free records ``entry`` and ``twin`` for a link of ``x`` and ``y``, whatever links they have."""
    rec[entry, TO], rec[entry, TWIN], rec[entry, OUT], rec[entry, IN] = y, twin, out, into
    rec[twin, TO], rec[twin, TWIN], rec[twin, OUT], rec[twin, IN] = x, entry, into, out
    _link(rec, first, entry, x)
    _link(rec, first, twin, y)
    degree[x] += 1
    degree[y] += 1


@njit(cache=True, error_model="numpy")
def _improve(rec: Any, entry: int, out: int, into: int) -> None:
    """Lower the costs of a link to ``out`` along record ``entry`` and ``into`` against it."""
    twin = rec[entry, TWIN]
    if out < rec[entry, OUT]:
        rec[entry, OUT] = rec[twin, IN] = out
    if into < rec[entry, IN]:
        rec[entry, IN] = rec[twin, OUT] = into


@njit(cache=True, error_model="numpy")
def _join(rec: Any, first: Any, degree: Any, pool: Any, x: int, y: int, out: int, into: int) -> None:
    """Join ``x`` and ``y`` at cost ``out`` (x to y) and ``into`` (y to x), or improve the join they have.

    ``pool[0]`` is the first free pair of records (a chain over `TWIN`'s pair), ``pool[1]`` the records in use.
    """
    if degree[y] < degree[x]:
        x, y = y, x
        out, into = into, out
    entry = first[x]
    while entry >= 0 and rec[entry, TO] != y:
        entry = rec[entry, NEXT]
    if entry >= 0:
        _improve(rec, entry, out, into)
        return
    if pool[0] >= 0:
        entry = pool[0]
        twin = rec[entry, NEXT]
        pool[0] = rec[twin, NEXT]
    else:
        entry = pool[1]
        twin = entry + 1
        pool[1] += 2
    _add(rec, first, degree, entry, twin, x, y, out, into)


@njit(cache=True, error_model="numpy")
def _halve(chain: Any, out: Any, into: Any, last: int, order: Any, up_at: Any, up: Any, cost: Any, done: Any) -> int:
    """Eliminate what is between ``chain[0]`` and ``chain[last]``, every second one at a time; return the rounds.

    ``out[i], into[i]`` are the costs from ``chain[i]`` to the next and back; afterwards ``out[0], into[0]`` those of the
    whole. ``done`` (steps, up-links) goes on counting.
    """
    rounds = 0
    while last > 1:
        kept = 0  # position of the last state kept
        for i in range(1, last, 2):
            step, link = done
            order[step], up_at[step] = chain[i], link
            up[link], cost[link, 0], cost[link, 1] = chain[kept], into[kept], out[kept]
            up[link + 1], cost[link + 1, 0], cost[link + 1, 1] = chain[i + 1], out[i], into[i]
            done[0], done[1] = step + 1, link + 2
            out[kept] = min(out[kept] + out[i], FAR)
            into[kept] = min(into[kept] + into[i], FAR)
            kept += 1
            chain[kept] = chain[i + 1]
            if i + 1 < last:
                out[kept], into[kept] = out[i + 1], into[i + 1]
        if last % 2:
            kept += 1
            chain[kept] = chain[last]
        last = kept
        rounds += 1
    return rounds


@njit(cache=True, error_model="numpy")
def _incident(tail: Any, head: Any, there: Any, back: Any, limit: int, n_states: int) -> Any:
    """Return (use, degree, one, both): which arcs are of any use, and per state how many, one of them, their sum.

    A state of two arcs knows the other by ``both - one``: a chain can be followed without any list.
    """
    use = np.empty(len(tail), np.bool_)
    degree, one, both = np.zeros(n_states, np.int32), np.zeros(n_states, np.int32), np.zeros(n_states, np.int64)
    for a in range(len(tail)):
        use[a] = tail[a] != head[a] and (there[a] <= limit or back[a] <= limit)
        if use[a]:
            for x in (tail[a], head[a]):
                degree[x] += 1
                one[x] = a
                both[x] += a
    return use, degree, one, both


@njit(cache=True, error_model="numpy")
def _chain_from(
    v: int, tail: Any, head: Any, there: Any, back: Any, incident: Any, chain: Any, out: Any, into: Any
) -> int:
    """Write the chain through ``v`` from junction to junction; return the position of its last state, 0 for a ring.

    ``out[i], into[i]`` are the costs from ``chain[i]`` to the next and back.
    """
    _, degree, one, both = incident
    x, a = v, one[v]
    while True:
        x = head[a] if tail[a] == x else tail[a]
        if degree[x] != 2:
            break
        if x == v:
            return 0
        a = both[x] - a
    chain[0] = x
    last = 0
    while True:
        ahead = tail[a] == x
        out[last] = min(there[a] if ahead else back[a], FAR)
        into[last] = min(back[a] if ahead else there[a], FAR)
        x = head[a] if ahead else tail[a]
        last += 1
        chain[last] = x
        if degree[x] != 2:
            return last
        a = both[x] - a


@njit(cache=True, error_model="numpy")
def _numbered(x: int, number: Any, core: Any, count: int) -> int:
    """Give state ``x`` the next small number if it has none; return how many are given."""
    if number[x] < 0:
        number[x] = count
        core[count] = x
        count += 1
    return count


@njit(cache=True, error_model="numpy")
def _shorten_chains(
    tail: Any, head: Any, there: Any, back: Any, limit: int, rec: Any, first: Any, degree: Any, pool: Any, level: Any,
    core: Any, order: Any, up_at: Any, up: Any, cost: Any,
) -> Any:  # fmt: skip
    """Eliminate what needs no choice: vertices between junctions, four of five states of a street map, and lone states.

    Returns (steps, up-links, states left). Those left get small numbers, ``core[number]`` is the state: what follows then
    fits the cache. Links between them, one for each chain, are written to ``rec, first, degree, pool`` by these numbers.
    Rings without a junction are left as they are.
    """
    n = len(first)
    number, count = np.full(n, -1, np.int32), 0
    incident = _incident(tail, head, there, back, limit, n)
    seen, gone = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    chain, out, into = np.empty(n + 2, np.int32), np.empty(n + 2, np.int32), np.empty(n + 2, np.int32)
    done = np.zeros(2, np.int64)
    for v in range(n):
        if incident[1][v] != 2 or seen[v]:
            continue
        last = _chain_from(v, tail, head, there, back, incident, chain, out, into)
        seen[v] = True
        for i in range(1, last):
            seen[chain[i]] = gone[chain[i]] = True
        if last > 0:
            x, y = chain[0], chain[last]
            rounds = _halve(chain, out, into, last, order, up_at, up, cost, done)
            count = _numbered(y, number, core, _numbered(x, number, core, count))
            x, y = number[x], number[y]
            level[x], level[y] = max(level[x], rounds), max(level[y], rounds)
            if x != y and (out[0] <= limit or into[0] <= limit):
                _join(rec, first, degree, pool, x, y, out[0], into[0])
    for a in range(len(tail)):
        if incident[0][a] and not gone[tail[a]] and not gone[head[a]]:
            count = _numbered(head[a], number, core, _numbered(tail[a], number, core, count))
            x, y = number[tail[a]], number[head[a]]
            _add(rec, first, degree, pool[1], pool[1] + 1, x, y, min(there[a], FAR), min(back[a], FAR))
            pool[1] += 2
    for x in range(n):
        if number[x] < 0 and not gone[x]:
            order[done[0]], up_at[done[0]] = x, done[1]
            done[0] += 1
    return done[0], done[1], count


@njit(cache=True, error_model="numpy")
def _key(degree: int, level: int) -> int:
    """Elimination key: chains and dead ends first, then by squared degree; deeper states later."""
    key = (degree * 4 if degree < 3 else degree * degree * 4) + level
    return min(key, BUCKETS - 1)


@njit(cache=True, error_model="numpy")
def contract(n_states: int, tail: Any, head: Any, there: Any, back: Any, limit: int) -> Any:
    """Eliminate all states; return (order, up_at, up, cost_up, cost_down).

    ``order[k]`` is the k-th eliminated state, with up-links ``up[up_at[k]:up_at[k + 1]]`` to states
    eliminated later; ``cost_up`` is the way up, ``cost_down`` the way back down. No pair of states
    within ``limit`` of each other is lost; farther pairs may be.
    """
    capacity = max(64, len(tail) * 2)
    rec = np.empty((capacity, 8), np.int32)
    first = np.full(n_states, -1, np.int32)
    degree = np.zeros(n_states, np.int32)
    pool = np.array([-1, 0], np.int64)
    level = np.zeros(n_states, np.int32)
    order = np.empty(n_states, np.int32)
    up_at = np.zeros(n_states + 1, np.int64)
    room = capacity
    up = np.empty(room, np.int32)
    cost = np.empty((room, 2), np.int32)
    core = np.empty(n_states, np.int32)
    done, n_up, n_core = _shorten_chains(
        tail, head, there, back, limit, rec, first, degree, pool, level, core, order, up_at, up, cost
    )
    bucket = np.full(BUCKETS, -1, np.int32)
    queue = np.empty((n_core, 2), np.int32)  # NEXT, PREV within a bucket
    key = np.empty(n_core, np.int32)
    for x in range(n_core - 1, -1, -1):
        key[x] = _key(degree[x], level[x])
        _link(queue, bucket, x, key[x])
    lowest = 0
    for step in range(done, n_states):
        while bucket[lowest] < 0:
            lowest += 1
        v = bucket[lowest]
        _unlink(queue, bucket, v, lowest)
        order[step] = core[v]
        start = n_up
        up_at[step] = start
        if n_up + degree[v] > room:
            room = room * 2 + degree[v]
            wider_up = np.empty(room, np.int32)
            wider_up[:n_up] = up[:n_up]
            up = wider_up
            wider_cost = np.empty((room, 2), np.int32)
            wider_cost[:n_up] = cost[:n_up]
            cost = wider_cost
        entry = first[v]
        while entry >= 0:
            twin, x, after = rec[entry, TWIN], rec[entry, TO], rec[entry, NEXT]
            up[n_up] = x
            cost[n_up, 0] = rec[entry, OUT]
            cost[n_up, 1] = rec[entry, IN]
            n_up += 1
            _unlink(rec, first, twin, x)
            degree[x] -= 1
            rec[entry, NEXT] = twin
            rec[twin, NEXT] = pool[0]
            pool[0] = entry
            entry = after
        degree_v = n_up - start
        wanted = pool[1] + degree_v * degree_v
        if wanted > capacity:
            capacity = max(capacity * 2, wanted)
            wider = np.empty((capacity, 8), np.int32)
            wider[: len(rec)] = rec
            rec = wider
        for i in range(start, n_up):
            for j in range(i + 1, n_up):
                if up[i] == up[j]:
                    continue
                out = cost[i, 1] + cost[j, 0]
                into = cost[j, 1] + cost[i, 0]
                if out <= limit or into <= limit:
                    _join(rec, first, degree, pool, up[i], up[j], min(out, FAR), min(into, FAR))
        for i in range(start, n_up):
            x = up[i]
            level[x] = max(level[x], level[v] + 1)
            new = _key(degree[x], level[x])
            if new != key[x]:
                _unlink(queue, bucket, x, key[x])
                _link(queue, bucket, x, new)
                key[x] = new
                lowest = min(lowest, new)
            up[i] = core[x]
    up_at[n_states] = n_up
    return order, up_at, up[:n_up], cost[:n_up]


@njit(cache=True, error_model="numpy")
def number(order: Any, up_at: Any, up: Any, cost: Any) -> Any:
    """Number the states so that lower neighbours come first and neighbours lie close in memory.

    Returns (rank, ptr, up, cost_up, cost_down): ``rank[state]`` is the new number; the arrays are by new
    numbers, up-links of ``v`` at ``ptr[v]:ptr[v + 1]``, all of them to higher numbers.
    """
    n, n_up = len(order), len(up)
    down_at = np.zeros(n + 1, np.int32)
    for i in range(n_up):
        down_at[up[i] + 1] += 1
    for x in range(n):
        down_at[x + 1] += down_at[x]
    down = np.empty(n_up, np.int32)
    fill = down_at[:n].copy()
    place = np.empty(n, np.int32)
    for k in range(n):
        place[order[k]] = k
        for i in range(up_at[k], up_at[k + 1]):
            down[fill[up[i]]] = order[k]
            fill[up[i]] += 1
    rank = np.full(n, -1, np.int32)
    seen = np.zeros(n, np.bool_)
    stack = np.empty(n, np.int32)
    fill[:] = down_at[:n]
    count = 0
    for k in range(n - 1, -1, -1):
        if seen[order[k]]:
            continue
        seen[order[k]] = True
        stack[0] = order[k]
        depth = 1
        while depth > 0:
            x = stack[depth - 1]
            if fill[x] < down_at[x + 1]:
                y = down[fill[x]]
                fill[x] += 1
                if not seen[y]:
                    seen[y] = True
                    stack[depth] = y
                    depth += 1
            else:
                rank[x] = count
                count += 1
                depth -= 1
    ptr = np.zeros(n + 1, np.int32)
    for x in range(n):
        ptr[rank[x] + 1] = up_at[place[x] + 1] - up_at[place[x]]
    for x in range(n):
        ptr[x + 1] += ptr[x]
    new_up, cost_up, cost_down = np.empty(n_up, np.int32), np.empty(n_up, np.int32), np.empty(n_up, np.int32)
    for x in range(n):
        to = ptr[rank[x]]
        for i in range(up_at[place[x]], up_at[place[x] + 1]):
            new_up[to] = rank[up[i]]
            cost_up[to], cost_down[to] = cost[i, 0], cost[i, 1]
            to += 1
    return rank, ptr, new_up, cost_up, cost_down


# --- all types at once ------------------------------------------------------------------------------


@cache
def sweep(lanes: int) -> Callable[..., None]:
    """Return the two-pass relaxation for tables of ``lanes`` columns (int32 or uint16 alike).

    The function takes (ptr, up, cost_up, cost_down, table, live, far). Where ``live[x]`` is true ``table[x, k]`` is the
    cost from state x to the outlets of type k standing there; elsewhere no outlet stands and the row may hold anything.
    It ends as the cost to the nearest one anywhere, ``far`` or more where there is none. Largest start value plus largest
    link cost must fit the dtype.
    """

    @njit(cache=True, nogil=True, error_model="numpy")
    def relax(ptr: Any, up: Any, cost_up: Any, cost_down: Any, table: Any, live: Any, far: Any) -> None:
        for v in range(len(ptr) - 1):
            if live[v]:  # most vertices have no outlet below them: their rows are not even read on the way up
                for e in range(ptr[v], ptr[v + 1]):
                    if not live[up[e]]:
                        live[up[e]] = True
                        fill_row(table, up[e], far, lanes)
                push_row(table, v, up, cost_down, ptr[v], ptr[v + 1], lanes)
        for v in range(len(ptr) - 2, -1, -1):
            pull_row(table, v, up, cost_up, ptr[v], ptr[v + 1], live[v], far, lanes)

    return relax


@njit(cache=True, nogil=True, error_model="numpy")
def ends_of_points(
    link: Any, at: Any, access: Any, u: Any, v: Any, private: Any, inside: Any, offset: int, cost_u: Any, cost_v: Any,
    state: Any, cost: Any,
) -> None:  # fmt: skip
    """Write the state and the cost (ms) at both ends of each point's link; -1 and `FAR` where the point is not on one.

    ``cost_u, cost_v`` (E) are the costs of whole links towards (or from) u and v; states of private links begin at
    ``offset``. A point stands at the part ``at`` of its link from u to v, ``access`` ms from its door.
    """
    for p in range(len(link)):
        e = link[p]
        for end in range(2):
            state[p, end], cost[p, end] = -1, FAR
            if e < 0:
                continue
            whole = cost_u[e] if end == 0 else cost_v[e]
            if whole < FAR:
                node = u[e] if end == 0 else v[e]
                share = at[p] if end == 0 else 1.0 - at[p]
                state[p, end] = offset + inside[node] if private[e] else node
                cost[p, end] = np.int32(np.rint(share * whole)) + access[p]


@njit(cache=True, nogil=True, error_model="numpy")
def seed(
    table: Any, live: Any, far: Any, rank: Any, state: Any, cost: Any, type_at: Any, type_of: Any, first: int, last: int,
    limit: int, tick: float,
) -> None:  # fmt: skip
    """Write to the rows at both ends of every outlet, in the lanes of its types, the cost there in ticks.

    ``type_at, type_of`` list the types of each outlet; lane k is type ``first + k``. Ends farther than ``limit``
    (ms) or without a state (-1) are left out. ``live`` (S, all False before) marks the rows that are written.
    """
    for o in range(len(state)):
        for end in range(2):
            if state[o, end] < 0 or cost[o, end] > limit:
                continue
            x = rank[state[o, end]]
            row = table[x]
            ticks = table.dtype.type(np.rint(cost[o, end] / tick))
            for j in range(type_at[o], type_at[o + 1]):
                k = type_of[j] - first
                if 0 <= k < last - first:
                    if not live[x]:
                        live[x] = True
                        row[:] = far
                    row[k] = min(row[k], ticks)


@njit(cache=True, nogil=True, error_model="numpy")
def at_homes(
    table: Any, rank: Any, state: Any, cost: Any, direct_at: Any, direct_who: Any, direct_ms: Any, type_at: Any,
    type_of: Any, limit: int, out: Any, first: int, last: int,
) -> None:  # fmt: skip
    """Write to ``out[r, first:last]`` the seconds from every point to the nearest outlet, `inf` above ``limit`` ms.

    The least over both ends of the point's link (``state`` -1: none) and the walks along one shared link
    (``direct_*``, all types of each outlet). float32 holds whole milliseconds below 2**24, so the division is exact
    to its last bit.
    """
    per_s, far = np.float32(1000), np.float32(np.inf)
    best = np.empty(last - first, np.int32)
    for r in range(len(state)):
        best[:] = FAR
        for end in range(2):
            if state[r, end] >= 0:
                row, walked = table[rank[state[r, end]]], cost[r, end]
                for k in range(len(best)):
                    best[k] = min(best[k], row[k] + walked)
        for i in range(direct_at[r], direct_at[r + 1]):
            for j in range(type_at[direct_who[i]], type_at[direct_who[i] + 1]):
                k = type_of[j] - first
                if 0 <= k < len(best):
                    best[k] = min(best[k], direct_ms[i])
        told = out[r][first:last]
        for k in range(len(best)):
            told[k] = np.float32(best[k]) / per_s if best[k] <= limit else far


@njit(cache=True, nogil=True, error_model="numpy")
def in_seconds(table: Any, row: Any, per_s: Any, most: Any, out: Any, first: int, last: int) -> None:
    """Write to ``out[r, first:last]`` the seconds that ``table[row[r]]`` units are, `inf` above ``most`` units."""
    far = np.float32(np.inf)
    for r in range(len(row)):
        here, told = table[row[r]], out[r][first:last]
        for k in range(len(told)):
            told[k] = np.float32(here[k]) / per_s if here[k] <= most else far


# --- pairs within reach -----------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def _push(heap: Any, size: int, value: int) -> int:
    heap[size] = value
    i = size
    while i > 0:
        parent = (i - 1) >> 1
        if heap[parent] <= heap[i]:
            break
        heap[parent], heap[i] = heap[i], heap[parent]
        i = parent
    return size + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _pop(heap: Any, size: int) -> int:
    """Move the least value behind the heap; it is ``heap[size - 1]`` afterwards."""
    size -= 1
    heap[0], heap[size] = heap[size], heap[0]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            return size
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[i] <= heap[child]:
            return size
        heap[i], heap[child] = heap[child], heap[i]
        i = child


@njit(cache=True, nogil=True, error_model="numpy")
def _climb(ptr: Any, up: Any, cost: Any, state: Any, start: Any, limit: int, dist: Any, heap: Any, found: Any) -> int:
    """Fill ``found`` with all states at or above the given ones within ``limit``; their costs are in ``dist``.

    Numbers grow upwards, so the heap is of numbers and every state is final when taken. ``dist`` must be `FAR`
    everywhere before, and be reset at ``found`` afterwards.
    """
    size, count = 0, 0
    for end in range(len(state)):
        s = state[end]
        if s >= 0 and start[end] <= limit:
            if dist[s] == FAR:
                size = _push(heap, size, s)
            dist[s] = min(dist[s], start[end])
    while size > 0:
        v = heap[0]
        size = _pop(heap, size)
        found[count] = v
        count += 1
        for e in range(ptr[v], ptr[v + 1]):
            through = dist[v] + cost[e]
            if through <= limit:
                x = up[e]
                if dist[x] == FAR:
                    size = _push(heap, size, x)
                    dist[x] = through
                elif through < dist[x]:
                    dist[x] = through
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def fill_buckets(ptr: Any, up: Any, cost_down: Any, state: Any, cost: Any, limit: int) -> Any:
    """Leave at every state above an outlet the outlet and its cost; return (bucket_at, outlet, cost) by state."""
    n = len(ptr) - 1
    dist = np.full(n, FAR, np.int32)
    heap, found = np.empty(n, np.int32), np.empty(n, np.int32)
    room, used = max(1024, len(state) * 64), 0
    entry = np.empty((room, 3), np.int32)
    bucket_at = np.zeros(n + 1, np.int64)
    for o in range(len(state)):
        count = _climb(ptr, up, cost_down, state[o], cost[o], limit, dist, heap, found)
        if used + count > room:
            room = room * 2 + count
            wider = np.empty((room, 3), np.int32)
            wider[:used] = entry[:used]
            entry = wider
        for i in range(count):
            x = found[i]
            entry[used, 0], entry[used, 1], entry[used, 2] = x, o, dist[x]
            bucket_at[x + 1] += 1
            dist[x] = FAR
            used += 1
    for x in range(n):
        bucket_at[x + 1] += bucket_at[x]
    place = bucket_at[:n].copy()
    who, much = np.empty(used, np.int32), np.empty(used, np.int32)
    for i in range(used):
        at = place[entry[i, 0]]
        place[entry[i, 0]] += 1
        who[at], much[at] = entry[i, 1], entry[i, 2]
    return bucket_at, who, much


@njit(cache=True, nogil=True, error_model="numpy")
def _keep_nearest(times: Any, ids: Any, time: int, who: int) -> None:
    """Insert one outlet into a short list kept by (time, number)."""
    last = len(times) - 1
    if time > times[last] or (time == times[last] and ids[last] >= 0 and who > ids[last]):
        return
    i = last
    while i > 0 and (times[i - 1] > time or (times[i - 1] == time and ids[i - 1] > who)):
        times[i], ids[i] = times[i - 1], ids[i - 1]
        i -= 1
    times[i], ids[i] = time, who


@njit(cache=True, nogil=True, error_model="numpy")
def nearest_and_counts(
    ptr: Any, up: Any, cost_up: Any, state: Any, cost: Any, limit: int, bucket_at: Any, who: Any, much: Any,
    direct_at: Any, direct_who: Any, direct_ms: Any, type_at: Any, type_of: Any, bands: Any, times: Any, ids: Any,
    counts: Any,
) -> None:  # fmt: skip
    """For every point the k nearest distinct outlets of every type, and how many are within each band.

    ``direct_*`` are walks along one shared link; ``type_at, type_of`` the types of each outlet.
    Filled: ``times, ids`` (R, T, k), `FAR` and -1 where there are fewer; ``counts`` (R, T, B).
    """
    n = len(ptr) - 1
    dist = np.full(n, FAR, np.int32)
    heap, found = np.empty(n, np.int32), np.empty(n, np.int32)
    best = np.full(len(type_at) - 1, FAR, np.int32)
    reached = np.empty(len(type_at) - 1, np.int32)
    for r in range(len(state)):
        m = 0
        for i in range(direct_at[r], direct_at[r + 1]):
            o = direct_who[i]
            if best[o] == FAR:
                reached[m] = o
                m += 1
            best[o] = min(best[o], direct_ms[i])
        count = _climb(ptr, up, cost_up, state[r], cost[r], limit, dist, heap, found)
        for f in range(count):
            x = found[f]
            for i in range(bucket_at[x], bucket_at[x + 1]):
                total = dist[x] + much[i]
                o = who[i]
                if total <= limit and total < best[o]:
                    if best[o] == FAR:
                        reached[m] = o
                        m += 1
                    best[o] = total
            dist[x] = FAR
        for i in range(m):
            o = reached[i]
            if best[o] <= limit:
                for j in range(type_at[o], type_at[o + 1]):
                    _keep_nearest(times[r, type_of[j]], ids[r, type_of[j]], best[o], o)
                    for b in range(len(bands)):
                        if best[o] <= bands[b]:
                            counts[r, type_of[j], b] += 1
            best[o] = FAR


# --- one search -------------------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def search(arc_at: Any, arc_to: Any, arc_cost: Any, state: Any, cost: Any, limit: int, dist: Any, parent: Any) -> Any:
    """Dijkstra's search from several starts, bounded; return the settled states in order of cost.

    Fills ``dist`` (given as `FAR`) and ``parent`` (given as -1: the arc a state was reached by).
    """
    heap = np.empty(1024, np.int64)
    settled = np.empty(1024, np.int32)
    size, count = 0, 0
    for i in range(len(state)):
        s = state[i]
        if s >= 0 and cost[i] <= limit and cost[i] < dist[s]:
            dist[s] = cost[i]
            size = _push(heap, size, (np.int64(cost[i]) << 32) | s)
            if size == len(heap):
                heap = np.append(heap, np.empty(size, np.int64))
    while size > 0:
        top = heap[0]
        size = _pop(heap, size)
        x = top & 0xFFFFFFFF
        if dist[x] != (top >> 32):
            continue
        if count == len(settled):
            settled = np.append(settled, np.empty(count, np.int32))
        if count == 0 or settled[count - 1] != x:
            settled[count] = x
            count += 1
        if size + arc_at[x + 1] - arc_at[x] >= len(heap):
            heap = np.append(heap, np.empty(len(heap) + arc_at[x + 1] - arc_at[x], np.int64))
        for a in range(arc_at[x], arc_at[x + 1]):
            through = dist[x] + arc_cost[a]
            y = arc_to[a]
            if through <= limit and through < dist[y]:
                dist[y] = through
                parent[y] = a
                size = _push(heap, size, (np.int64(through) << 32) | y)
    return settled[:count]


# --- what if ----------------------------------------------------------------------------------------


@njit(cache=True, nogil=True, error_model="numpy")
def spread(
    arc_at: Any, arc_to: Any, arc_cost: Any, extra_first: Any, extra: Any, state: Any, cost: Any, limit: int, row: Any
) -> Any:
    """Lower ``row`` (S) by new or changed goals and return the states that became nearer.

    Searches against the direction of walking (``arc_*`` from `States.reverse`) and stops wherever the row is
    already as good. ``extra`` are added arcs (next, to, cost), the list of a state begins at ``extra_first``.
    """
    heap = np.empty(256, np.int64)
    changed = np.empty(256, np.int32)
    size, count = 0, 0
    for i in range(len(state)):
        s = state[i]
        if s >= 0 and cost[i] <= limit and cost[i] < row[s]:
            row[s] = cost[i]
            if size + 1 >= len(heap):
                heap = np.append(heap, np.empty(len(heap), np.int64))
            size = _push(heap, size, (np.int64(cost[i]) << 32) | s)
    while size > 0:
        top = heap[0]
        size = _pop(heap, size)
        x = top & 0xFFFFFFFF
        if row[x] != (top >> 32):
            continue
        if count == len(changed):
            changed = np.append(changed, np.empty(count, np.int32))
        changed[count] = x
        count += 1
        if size + arc_at[x + 1] - arc_at[x] + len(extra) >= len(heap):
            heap = np.append(heap, np.empty(len(heap) + arc_at[x + 1] - arc_at[x] + len(extra), np.int64))
        for a in range(arc_at[x], arc_at[x + 1]):
            through = row[x] + arc_cost[a]
            y = arc_to[a]
            if through <= limit and through < row[y]:
                row[y] = through
                size = _push(heap, size, (np.int64(through) << 32) | y)
        a = extra_first[x]
        while a >= 0:
            through = row[x] + extra[a, 2]
            y = extra[a, 1]
            if through <= limit and through < row[y]:
                row[y] = through
                size = _push(heap, size, (np.int64(through) << 32) | y)
            a = extra[a, 0]
    return changed[:count]


@njit(cache=True, nogil=True, error_model="numpy")
def clear_cell(
    arc_at: Any, arc_to: Any, arc_cost: Any, extra_first: Any, extra: Any, state: Any, cost: Any, row: Any
) -> Any:
    """Set to `FAR` every state whose best goal is the one at ``state, cost``; return these states.

    A tie with another goal is cleared too: refilling finds it again.
    """
    stack = np.empty(256, np.int32)
    cell = np.empty(256, np.int32)
    value = np.empty(256, np.int32)
    size, count = 0, 0
    for i in range(len(state)):
        s = state[i]
        if s >= 0 and row[s] == cost[i] and cost[i] < FAR:
            cell[count], value[count], stack[size] = s, row[s], count
            count += 1
            size += 1
            row[s] = FAR
    while size > 0:
        size -= 1
        at = stack[size]
        x, best = cell[at], value[at]
        for pick in range(2):
            a = arc_at[x] if pick == 0 else np.int64(extra_first[x])
            while (pick == 0 and a < arc_at[x + 1]) or (pick == 1 and a >= 0):
                if pick == 0:
                    y, through = arc_to[a], best + arc_cost[a]
                    a += 1
                else:
                    y, through = extra[a, 1], best + extra[a, 2]
                    a = np.int64(extra[a, 0])
                if row[y] == through and through < FAR:
                    if count == len(cell):
                        cell = np.append(cell, np.empty(count, np.int32))
                        value = np.append(value, np.empty(count, np.int32))
                    if size + 1 >= len(stack):
                        stack = np.append(stack, np.empty(len(stack), np.int32))
                    cell[count], value[count], stack[size] = y, through, count
                    count += 1
                    size += 1
                    row[y] = FAR
    return cell[:count]


@njit(cache=True, nogil=True, error_model="numpy")
def rim(arc_at: Any, arc_to: Any, arc_cost: Any, extra_first: Any, extra: Any, cell: Any, row: Any) -> Any:
    """Return for each state of a cleared cell the best way out of it to a state that kept its goal (`FAR`: none).

    ``arc_*`` are those of `States.forward` here, ``extra`` the added arcs in walking direction.
    """
    best = np.full(len(cell), FAR, np.int32)
    for i in range(len(cell)):
        x = cell[i]
        for a in range(arc_at[x], arc_at[x + 1]):
            best[i] = min(best[i], row[arc_to[a]] + arc_cost[a])
        a = extra_first[x]
        while a >= 0:
            best[i] = min(best[i], row[extra[a, 1]] + extra[a, 2])
            a = extra[a, 0]
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def settle_homes(
    changed: Any, home_at: Any, home_of: Any, state: Any, cost: Any, row: Any, floor: Any, more: Any, limit: int,
    times: Any, mark: Any,
) -> Any:  # fmt: skip
    """Compute anew the times of one type for the homes at ``changed`` states and in ``more``; return those that differ.

    Returns (homes, before); ``times`` (R) holds the new values. ``home_at, home_of`` list the homes by the states
    their trips begin in, ``floor`` (R) is the best walk along one shared link; ``mark`` (R, bool, all False) is
    used and given back clean.
    """
    homes = np.empty(256, np.int32)
    count = 0
    for i in range(len(changed) + len(more)):
        first, last = np.int64(0), np.int64(1)
        if i < len(changed):
            first, last = home_at[changed[i]], home_at[changed[i] + 1]
        for j in range(first, last):
            r = home_of[j] if i < len(changed) else more[i - len(changed)]
            if not mark[r]:
                if count == len(homes):
                    homes = np.append(homes, np.empty(count, np.int32))
                mark[r] = True
                homes[count] = r
                count += 1
    before = np.empty(count, np.int32)
    kept = 0
    for i in range(count):
        r = homes[i]
        mark[r] = False
        best = floor[r]
        for end in range(2):
            if state[r, end] >= 0:
                best = min(best, row[state[r, end]] + cost[r, end])
        if best > limit:
            best = FAR
        if best != times[r]:
            before[kept] = times[r]
            times[r] = best
            homes[kept] = r
            kept += 1
    return homes[:kept], before[:kept]
