"""Compiled loops of walking: contiguous arrays in, contiguous arrays out; no strings, no dicts, no geometry.

What a state is (a node, or a node inside one's own compound) is known to `yike.access.walk` only; the hierarchy over the
states is made by `yike.access.contraction`.

Method. All searches of one walker are two linear passes over *up-links*, an upward and a downward one (PHAST, Delling et
al. 2011), which here relax all business types at once, one lane a type. The pairs of homes and outlets within reach come
from the same hierarchy by buckets (Knopp et al. 2007). The rows of lanes are relaxed by vector operations of our own
(`yike.access.lanes`); ``bench/`` and a wide guard in the tests watch over them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba import njit

from yike.access.contraction import FAR
from yike.access.lanes import fill_row, pull_row, push_row

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


@njit(cache=True, nogil=True, error_model="numpy")
def to_buckets(
    ptr: Any, up: Any, cost_up: Any, state: Any, cost: Any, limit: int, bucket_at: Any, who: Any, much: Any, times: Any
) -> None:
    """Lower ``times`` (O,) of every outlet to its walk from one point, where that is within ``limit``."""
    n = len(ptr) - 1
    dist = np.full(n, FAR, np.int32)
    heap, found = np.empty(n, np.int32), np.empty(n, np.int32)
    count = _climb(ptr, up, cost_up, state, cost, limit, dist, heap, found)
    for f in range(count):
        x = found[f]
        for i in range(bucket_at[x], bucket_at[x + 1]):
            total = dist[x] + much[i]
            if total <= limit and total < times[who[i]]:
                times[who[i]] = total


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
        for end in range(state.shape[1]):
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
