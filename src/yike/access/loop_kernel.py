"""Compiled loops of rounds: all walks between two sets of points, and the shortest round over one stop of every kind.

Arrays in, arrays out, as in `yike.access.kernel`; costs are whole milliseconds, `FAR` = none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from yike.access.contraction import FAR
from yike.access.kernel import _climb


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def pairs(
    ptr: Any, up: Any, cost_up: Any, state: Any, cost: Any, limit: int, bucket_at: Any, who: Any, much: Any,
    direct_at: Any, direct_who: Any, direct_ms: Any, n_goals: int,
) -> Any:  # fmt: skip
    """Return all goals within the limit of every start: (at (P + 1), goal, ms), goals of a start in no order.

    ``bucket_at, who, much`` are the goals' buckets (`kernel.fill_buckets`), ``direct_*`` walks along one shared link.
    """
    n = len(ptr) - 1
    dist = np.full(n, FAR, np.int32)
    heap, found = np.empty(n, np.int32), np.empty(n, np.int32)
    best, reached = np.full(n_goals, FAR, np.int32), np.empty(n_goals, np.int32)
    at = np.zeros(len(state) + 1, np.int64)
    goal, ms, used = np.empty(1024, np.int32), np.empty(1024, np.int32), 0
    for p in range(len(state)):
        m = 0
        for i in range(direct_at[p], direct_at[p + 1]):
            o = direct_who[i]
            if best[o] == FAR:
                reached[m] = o
                m += 1
            best[o] = min(best[o], direct_ms[i])
        count = _climb(ptr, up, cost_up, state[p], cost[p], limit, dist, heap, found)
        for f in range(count):
            x = found[f]
            for i in range(bucket_at[x], bucket_at[x + 1]):
                total = dist[x] + much[i]
                if total <= limit and total < best[who[i]]:
                    if best[who[i]] == FAR:
                        reached[m] = who[i]
                        m += 1
                    best[who[i]] = total
            dist[x] = FAR
        while used + m > len(goal):
            goal = np.append(goal, np.empty(len(goal), np.int32))
            ms = np.append(ms, np.empty(len(ms), np.int32))
        for i in range(m):
            o = reached[i]
            if best[o] <= limit:
                goal[used], ms[used] = o, best[o]
                used += 1
            best[o] = FAR
        at[p + 1] = used
    return at, goal[:used], ms[:used]


@njit(cache=True, nogil=True, error_model="numpy")  # type: ignore[untyped-decorator,unused-ignore]
def rounds(
    orders: Any, out_at: Any, out_to: Any, out_ms: Any, leg_at: Any, leg_to: Any, leg_ms: Any, back_at: Any, back_of: Any,
    back_ms: Any, limit: int, first: int, last: int, ms: Any, stop: Any, order: Any,
) -> None:  # fmt: skip
    """Write the shortest round of the homes [first, last): from home over one stop of every kind in an order, and home.

    S stops of K kinds; ``out_at`` (R, K + 1), ``leg_at`` (S, K + 1) and ``back_at`` (R, K + 1) give the walks out, between
    stops and home by the kind of the other end. ``orders`` (P, K) are the orders tried. Filled: ``ms`` (R), `FAR` where no
    round is within ``limit``; ``stop`` (R, K) by kind; ``order`` (R), the row of the order walked. Layer by layer over the
    kinds, every stop with its least cost; what is no better than the best round so far is cut, so the answer is exact.
    """
    n, kinds = len(leg_at), orders.shape[1]
    value, before = np.full(n, FAR, np.int32), np.full(n, -1, np.int32)
    here, there = np.empty(n, np.int32), np.empty(n, np.int32)
    for r in range(first, last):
        best = limit + 1
        for p in range(len(orders)):
            count, kind = 0, orders[p, 0]
            for i in range(out_at[r, kind], out_at[r, kind + 1]):
                if out_ms[i] < best:
                    here[count] = out_to[i]
                    value[out_to[i]] = out_ms[i]
                    count += 1
            for k in range(1, kinds):
                kind, more = orders[p, k], 0
                for i in range(count):
                    s = here[i]
                    for j in range(leg_at[s, kind], leg_at[s, kind + 1]):
                        t, through = leg_to[j], value[s] + leg_ms[j]
                        if through < best and through < value[t]:
                            if value[t] == FAR:
                                there[more] = t
                                more += 1
                            value[t], before[t] = through, s
                for i in range(count):
                    value[here[i]] = FAR
                here, there, count = there, here, more
            for i in range(back_at[r, kind], back_at[r, kind + 1]):
                s = back_of[i]
                if value[s] < FAR and value[s] + back_ms[i] < best:
                    best = value[s] + back_ms[i]
                    order[r] = p
                    for k in range(kinds - 1, -1, -1):
                        stop[r, orders[p, k]] = s
                        s = before[s]
            for i in range(count):
                value[here[i]] = FAR
        ms[r] = best if best <= limit else FAR
