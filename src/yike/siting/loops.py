"""Compiled loops of siting: arrays in, arrays out. One file, since Numba's cache does not see changes in another one.

*Covering.* The ground is a sparse cover of R demands by S sites, held both ways as CSR arrays: site ``j`` covers the demands
``dem_s[start_s[j]:start_s[j + 1]]``, demand ``i`` is covered by the sites ``site_d[start_d[i]:start_d[i + 1]]``.
``weight`` (R,) is what covering a demand is worth. ``state`` (S,) int8 says what is settled: `FREE`, `IN` (must be
chosen) or `OUT` (may not). At most ``most`` sites are chosen and they may cost at most ``budget`` (``inf`` = no limit).

*Median.* One row per demand: demand ``i`` can use ``site[start[i]:start[i + 1]]`` at ``cost``, *weighted* and ascending
within the row. ``base`` (R,) is the weighted cost without any new site (a large number where nobody else serves); rows
hold only what is below it.

What the loops are for, with formulas: docs/method/siting.md.
"""

# mypy: disallow-untyped-decorators=False, disable-error-code="assignment,call-arg"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

FREE, IN, OUT = 0, 1, -1
TINY = 1e-9


@njit(cache=True, error_model="numpy")
def open_site(j: int, start_s: Any, dem_s: Any, start_d: Any, site_d: Any, weight: Any, count: Any, gain: Any) -> None:
    """Count site ``j`` as chosen: ``count`` (R,) covers per demand, ``gain`` (S,) weight a site would add."""
    for e in range(start_s[j], start_s[j + 1]):
        i = dem_s[e]
        if count[i] == 0:
            for f in range(start_d[i], start_d[i + 1]):
                gain[site_d[f]] -= weight[i]
        count[i] += 1


@njit(cache=True, error_model="numpy")
def close_site(j: int, start_s: Any, dem_s: Any, start_d: Any, site_d: Any, weight: Any, count: Any, gain: Any) -> None:
    """Undo `open_site`."""
    for e in range(start_s[j], start_s[j + 1]):
        i = dem_s[e]
        count[i] -= 1
        if count[i] == 0:
            for f in range(start_d[i], start_d[i + 1]):
                gain[site_d[f]] += weight[i]


@njit(cache=True, error_model="numpy")
def begin(start_s: Any, dem_s: Any, start_d: Any, site_d: Any, weight: Any, chosen: Any) -> Any:
    """Return ``count, gain`` for the sites in ``chosen`` (S,) bool."""
    count = np.zeros(len(start_d) - 1, np.int32)
    gain = np.zeros(len(start_s) - 1)
    for j in range(len(gain)):
        for e in range(start_s[j], start_s[j + 1]):
            gain[j] += weight[dem_s[e]]
    for j in np.flatnonzero(chosen):
        open_site(j, start_s, dem_s, start_d, site_d, weight, count, gain)
    return count, gain


@njit(cache=True, error_model="numpy")
def add_greedily(
    start_s: Any, dem_s: Any, start_d: Any, site_d: Any, weight: Any, state: Any, cost: Any, most: int, budget: float,
    by_yuan: bool, chosen: Any, count: Any, gain: Any,
) -> None:  # fmt: skip
    """Add the best site (by gain, or by gain per cost) until nothing more is gained or allowed."""
    n, spent = 0, 0.0
    for j in range(len(gain)):
        if chosen[j]:
            n += 1
            spent += cost[j]
    while n < most:
        best, worth = -1, TINY
        for j in range(len(gain)):
            if chosen[j] or state[j] == OUT or spent + cost[j] > budget + TINY:
                continue
            value = gain[j] / max(cost[j], TINY) if by_yuan else gain[j]
            if gain[j] > TINY and value > worth:
                best, worth = j, value
        if best < 0:
            return
        chosen[best] = True
        open_site(best, start_s, dem_s, start_d, site_d, weight, count, gain)
        n += 1
        spent += cost[best]


@njit(cache=True, error_model="numpy")
def losses(start_s: Any, dem_s: Any, weight: Any, chosen: Any, count: Any) -> Any:
    """Return for every chosen site the weight that only it covers; ``inf`` for the others."""
    loss = np.full(len(chosen), np.inf)
    for k in np.flatnonzero(chosen):
        loss[k] = 0.0
        for e in range(start_s[k], start_s[k + 1]):
            if count[dem_s[e]] == 1:
                loss[k] += weight[dem_s[e]]
    return loss


@njit(cache=True, error_model="numpy")
def best_swap(
    start_s: Any, dem_s: Any, weight: Any, state: Any, cost: Any, room: float, chosen: Any, count: Any, gain: Any,
    only: Any, loss: Any,
) -> Any:  # fmt: skip
    """Return ``(gained, in, out)``, the swap that gains most; (`TINY`, -1, -1) when none gains.

    ``room`` is the money left, ``only`` (R,) the one chosen site that covers a demand (where ``count`` is 1), ``loss``
    (S,) what closing a site loses.
    """
    outs = np.flatnonzero(chosen)
    least = np.inf
    for k in outs:
        if state[k] != IN:
            least = min(least, loss[k])
    best, comes, goes = TINY, -1, -1
    shared = np.zeros(len(chosen))
    touched = np.empty(len(outs), np.int64)
    for j in range(len(chosen)):
        if chosen[j] or state[j] == OUT or gain[j] <= best:  # what both cover is at most what closing loses
            continue
        n = 0
        for e in range(start_s[j], start_s[j + 1]):
            i = dem_s[e]
            if count[i] == 1 and weight[i] > 0.0:
                if shared[only[i]] == 0.0:
                    touched[n] = only[i]
                    n += 1
                shared[only[i]] += weight[i]
        if gain[j] - least > best or n > 0:
            for k in outs:
                if state[k] == IN or cost[j] - cost[k] > room + TINY:
                    continue
                value = gain[j] - loss[k] + shared[k]
                if value > best + TINY:
                    best, comes, goes = value, j, k
        for t in range(n):
            shared[touched[t]] = 0.0
    return best, comes, goes


@njit(cache=True, error_model="numpy")
def swap_worth(
    start_s: Any, dem_s: Any, weight: Any, state: Any, chosen: Any, count: Any, gain: Any, only: Any, loss: Any
) -> Any:
    """Return per site outside what its best swap gains (mostly below 0); minus ``inf`` for sites chosen or not allowed."""
    worth, shared = np.full(len(chosen), -np.inf), np.zeros(len(chosen))
    outs = np.flatnonzero(chosen & (state != IN))
    for j in range(len(chosen)):
        if chosen[j] or state[j] == OUT:
            continue
        for e in range(start_s[j], start_s[j + 1]):
            if count[dem_s[e]] == 1:
                shared[only[dem_s[e]]] += weight[dem_s[e]]
        for k in outs:
            worth[j] = max(worth[j], gain[j] - loss[k] + shared[k])
        for e in range(start_s[j], start_s[j + 1]):
            if count[dem_s[e]] == 1:
                shared[only[dem_s[e]]] = 0.0
    return worth


@njit(cache=True, error_model="numpy")
def lone(start_s: Any, dem_s: Any, chosen: Any, only: Any, count: Any) -> None:
    """Write into ``only`` (R,) a chosen site that covers each demand (any, where there are several)."""
    for k in np.flatnonzero(chosen):
        for e in range(start_s[k], start_s[k + 1]):
            if count[dem_s[e]] == 1:
                only[dem_s[e]] = k


@njit(cache=True, error_model="numpy")
def swap_down(
    start_s: Any, dem_s: Any, start_d: Any, site_d: Any, weight: Any, state: Any, cost: Any, most: int, budget: float,
    chosen: Any, count: Any, gain: Any, rounds: int,
) -> float:  # fmt: skip
    """Add and swap while it gains, at most ``rounds`` swaps; return the weight covered."""
    only = np.full(len(count), -1, np.int64)
    for _ in range(rounds):
        add_greedily(
            start_s, dem_s, start_d, site_d, weight, state, cost, most, budget, False, chosen, count, gain
        )  # fmt: skip
        room = np.inf if budget == np.inf else budget - cost[chosen].sum()
        lone(start_s, dem_s, chosen, only, count)
        loss = losses(start_s, dem_s, weight, chosen, count)
        _, comes, goes = best_swap(start_s, dem_s, weight, state, cost, room, chosen, count, gain, only, loss)
        if comes < 0:
            break
        chosen[goes], chosen[comes] = False, True
        close_site(goes, start_s, dem_s, start_d, site_d, weight, count, gain)
        open_site(comes, start_s, dem_s, start_d, site_d, weight, count, gain)
    return weight[count > 0].sum()


@njit(cache=True, error_model="numpy")
def pick(score: Any, state: Any, cost: Any, most: int, budget: float, order: Any, chosen: Any) -> Any:
    """Choose sites of the greatest score sum; return ``(sum, edge, last)`` of the relaxation.

    Without a budget these are the ``most`` best: ``edge`` is the best score left out, ``last`` the worst taken. With one
    it is the fractional knapsack (``order`` (S,) sorted by score per cost is made here); ``edge`` is then the
    score per yuan at which the money ends. ``chosen`` gets the whole sites taken.
    """
    total, n, spent = 0.0, 0, 0.0
    for j in range(len(score)):
        chosen[j] = state[j] == IN
        if chosen[j]:
            total += score[j]
            n += 1
            spent += cost[j]
    if budget == np.inf:
        left = most - n
        free = np.flatnonzero(state == FREE)
        if left <= 0:
            return total, np.inf, np.inf
        if left >= len(free):
            for j in free:
                chosen[j] = score[j] > 0.0
                total += max(score[j], 0.0)
            return total, 0.0, 0.0
        values = np.partition(score[free], len(free) - left - 1)
        edge = values[len(free) - left - 1]
        taken, last = 0, np.inf
        for j in free:
            if score[j] > edge and taken < left:
                chosen[j] = True
                taken += 1
                total += score[j]
                last = min(last, score[j])
        for j in free:
            if taken < left and score[j] == edge:
                chosen[j] = True
                taken += 1
                total += edge
                last = edge
        return total, edge, last
    order[:] = np.argsort(-score / np.maximum(cost, TINY))
    many = np.sort(score[state == FREE])[::-1][: max(0, most - n)]
    by_number = total + np.maximum(many, 0.0).sum()  # the bound that the number alone gives
    for j in order:
        if state[j] != FREE or score[j] <= 0.0:
            continue
        if spent + cost[j] > budget + TINY:
            total += score[j] * max(0.0, budget - spent) / cost[j]
            break
        spent += cost[j]
        total += score[j]
        if n < most:
            chosen[j] = True
            n += 1
    return min(total, by_number), 0.0, 0.0


@njit(cache=True, error_model="numpy")
def scores(start_s: Any, dem_s: Any, price: Any) -> Any:
    """Return the sum of ``price`` over what each site covers."""
    score = np.zeros(len(start_s) - 1)
    for j in range(len(score)):
        total = 0.0
        for e in range(start_s[j], start_s[j + 1]):
            total += price[dem_s[e]]
        score[j] = total
    return score


@njit(cache=True, error_model="numpy")
def bound_down(
    start_s: Any, dem_s: Any, start_d: Any, site_d: Any, weight: Any, state: Any, cost: Any, most: int, budget: float,
    price: Any, value: float, bound: float, rounds: int, theta: float, patience: int, enough: float, starts: Any,
) -> Any:  # fmt: skip
    """Subgradient descent on the Lagrangian of the cover rows; return ``(bound, price, starts used)``.

    ``price`` (R,) in [0, weight] is where to begin; ``value`` the best cover known; the search ends when
    ``bound <= enough``. ``starts`` (K, S) bool gets the sites picked at K moments on the way, good places to search from.
    """
    best, kept = bound, price.copy()
    now = price.copy()
    chosen = np.zeros(len(start_s) - 1, np.bool_)
    order = np.arange(len(chosen))
    covers = np.zeros(len(weight), np.int32)
    way = np.zeros(len(weight))
    stale, used = 0, 0
    every = max(1, rounds // max(1, len(starts)))
    for turn in range(rounds):
        score = scores(start_s, dem_s, now)
        total, _, _ = pick(score, state, cost, most, budget, order, chosen)
        covers[:] = 0
        for j in np.flatnonzero(chosen):
            for e in range(start_s[j], start_s[j + 1]):
                covers[dem_s[e]] += 1
        norm = 0.0
        for i in range(len(weight)):
            total += weight[i] - now[i]
            slope = covers[i] - 1.0 if now[i] < weight[i] else max(0.0, covers[i] - 1.0)
            slope += 0.3 * way[i]
            if slope > 0.0 and now[i] <= 0.0:
                slope = 0.0
            way[i] = slope
            norm += slope * slope
        if total < best - 1e-7 * abs(total):
            best = total
            kept[:] = now
            stale = 0
        else:
            stale += 1
            if stale >= patience:
                theta *= 0.6
                stale = 0
                now[:] = kept
        if turn % every == every - 1 and used < len(starts):
            starts[used] = chosen
            used += 1
        if best <= enough or norm <= TINY or theta < 1e-4:
            break
        step = theta * max(total - value, 1e-6 * abs(value) + TINY) / norm
        for i in range(len(weight)):
            now[i] = min(weight[i], max(0.0, now[i] - step * way[i]))
    return best, kept, used, theta


@njit(cache=True, error_model="numpy")
def two_nearest(start: Any, site: Any, cost: Any, base: Any, chosen: Any, first: Any, d1: Any, d2: Any) -> float:
    """Write the nearest chosen site (-1: none below base), its cost and the second cost; return the sum of the first."""
    total = 0.0
    for i in range(len(base)):
        first[i], d1[i], d2[i] = -1, base[i], base[i]
        for e in range(start[i], start[i + 1]):
            if chosen[site[e]]:
                if first[i] < 0:
                    first[i], d1[i] = site[e], cost[e]
                else:
                    d2[i] = cost[e]
                    break
        total += d1[i]
    return total


@njit(cache=True, error_model="numpy")
def median_swap(
    start: Any, site: Any, cost: Any, state: Any, yuan: Any, most: int, budget: float, chosen: Any, first: Any, d1: Any,
    d2: Any, gain: Any, extra: Any, place: Any,
) -> Any:  # fmt: skip
    """Return ``(gained, in, out)`` of the best swap or addition (out = -1); (0, -1, -1) when nothing gains.

    Whitaker's (1983) exchange as Resende and Werneck (2007) keep it: ``gain`` (S,) is what a site saves, ``extra`` (S, P)
    what its coming saves of the loss when the chosen site in place ``p`` goes.
    """
    outs = np.flatnonzero(chosen)
    n = len(outs)
    for p in range(n):
        place[outs[p]] = p
    loss = np.zeros(n)
    gain[:] = 0.0
    extra[:, :n] = 0.0
    for i in range(len(d1)):
        near = first[i]
        p = place[near] if near >= 0 else -1
        if p >= 0:
            loss[p] += d2[i] - d1[i]
        for e in range(start[i], start[i + 1]):
            c = cost[e]
            if c >= d2[i]:
                break
            j = site[e]
            if chosen[j]:
                continue
            if c < d1[i]:
                gain[j] += d1[i] - c
                if p >= 0:
                    extra[j, p] += d2[i] - d1[i]
            elif p >= 0:
                extra[j, p] += d2[i] - c
    spent = yuan[outs].sum()
    room = budget - spent
    best, comes, goes = TINY, -1, -1
    for j in range(len(chosen)):
        if chosen[j] or state[j] == OUT:
            continue
        if n < most and yuan[j] <= room + TINY and gain[j] > best:
            best, comes, goes = gain[j], j, -1
        for p in range(n):
            k = outs[p]
            if state[k] != IN and yuan[j] - yuan[k] <= room + TINY:
                value = gain[j] - loss[p] + extra[j, p]
                if value > best:
                    best, comes, goes = value, j, k
    return best if comes >= 0 else 0.0, comes, goes


@njit(cache=True, error_model="numpy")
def median_down(
    start: Any,
    site: Any,
    cost: Any,
    base: Any,
    state: Any,
    yuan: Any,
    most: int,
    budget: float,
    chosen: Any,
    rounds: int,
) -> float:
    """Add and swap, the best first, while the sum falls; return the sum."""
    n, s = len(base), len(chosen)
    first, d1, d2 = np.empty(n, np.int64), np.empty(n), np.empty(n)
    gain, place = np.zeros(s), np.full(s, -1, np.int64)
    extra = np.zeros((s, min(most, s) + 1))
    total = two_nearest(start, site, cost, base, chosen, first, d1, d2)
    for _ in range(rounds):
        place[:] = -1
        gained, comes, goes = median_swap(
            start, site, cost, state, yuan, most, budget, chosen, first, d1, d2, gain, extra, place
        )
        if comes < 0 or gained <= 1e-9 * max(1.0, abs(total)) * 1e-3:
            break
        chosen[comes] = True
        if goes >= 0:
            chosen[goes] = False
        total = two_nearest(start, site, cost, base, chosen, first, d1, d2)
    return total


@njit(cache=True, error_model="numpy")
def savings(start: Any, site: Any, cost: Any, price: Any, score: Any) -> None:
    """Write what each site saves at the demands' prices: the sum of ``max(0, price - cost)`` over its demands."""
    score[:] = 0.0
    for i in range(len(price)):
        for e in range(start[i], start[i + 1]):
            if cost[e] >= price[i]:
                break
            score[site[e]] += price[i] - cost[e]


@njit(cache=True, error_model="numpy")
def bound_up(
    start: Any, site: Any, cost: Any, base: Any, state: Any, yuan: Any, most: int, budget: float, price: Any,
    value: float, bound: float, rounds: int, theta: float, patience: int, enough: float, starts: Any,
) -> Any:  # fmt: skip
    """Subgradient ascent on the Lagrangian of "every demand is served once"; return ``(bound, price, used, theta)``.

    ``price`` (R,), at most ``base``, is where to begin; the search ends when ``bound >= enough``. ``starts`` (K, S) gets the
    sites picked on the way.
    """
    s = len(state)
    best, kept, now = bound, price.copy(), price.copy()
    chosen, order, score = np.zeros(s, np.bool_), np.arange(s), np.zeros(s)
    way, served = np.zeros(len(base)), np.zeros(len(base))
    stale, used = 0, 0
    every = max(1, rounds // max(1, len(starts)))
    for turn in range(rounds):
        savings(start, site, cost, now, score)
        total, _, _ = pick(score, state, yuan, most, budget, order, chosen)
        total = now.sum() - total
        norm = 0.0
        for i in range(len(base)):
            served[i] = 0.0
            for e in range(start[i], start[i + 1]):
                if cost[e] >= now[i]:
                    break
                if chosen[site[e]]:
                    served[i] += 1.0
            slope = 1.0 - served[i] + 0.3 * way[i]
            if slope > 0.0 and now[i] >= base[i]:
                slope = 0.0
            way[i] = slope
            norm += slope * slope
        if total > best + 1e-7 * abs(total):
            best = total
            kept[:] = now
            stale = 0
        else:
            stale += 1
            if stale >= patience:
                theta *= 0.6
                stale = 0
                now[:] = kept
        if turn % every == every - 1 and used < len(starts):
            starts[used] = chosen
            used += 1
        if best >= enough or norm <= TINY or theta < 1e-4:
            break
        step = theta * max(value - total, 1e-6 * abs(value) + TINY) / norm
        for i in range(len(base)):
            now[i] = min(base[i], max(0.0, now[i] + step * way[i]))
    return best, kept, used, theta


@njit(cache=True, error_model="numpy")
def median_add(
    start: Any,
    site: Any,
    cost: Any,
    base: Any,
    state: Any,
    yuan: Any,
    most: int,
    budget: float,
    by_yuan: bool,
    chosen: Any,
) -> float:
    """Add the site that saves most (or most per yuan) until nothing is saved or allowed; return the sum."""
    s = len(chosen)
    first, d1, d2 = np.empty(len(base), np.int64), np.empty(len(base)), np.empty(len(base))
    two_nearest(start, site, cost, base, chosen, first, d1, d2)
    gain = np.zeros(s)
    n, spent = int(chosen.sum()), yuan[chosen].sum()
    while n < most:
        savings(start, site, cost, d1, gain)
        best, worth = -1, 0.0
        for j in range(s):
            if chosen[j] or state[j] == OUT or gain[j] <= 0.0 or spent + yuan[j] > budget + TINY:
                continue
            value = gain[j] / max(yuan[j], TINY) if by_yuan else gain[j]
            if value > worth:
                best, worth = j, value
        if best < 0:
            break
        chosen[best] = True
        n += 1
        spent += yuan[best]
        for i in range(len(base)):
            for e in range(start[i], start[i + 1]):
                if cost[e] >= d1[i]:
                    break
                if site[e] == best:
                    d1[i] = cost[e]
                    break
    return d1.sum()


@njit(cache=True, error_model="numpy")
def shake(state: Any, yuan: Any, budget: float, chosen: Any, moves: int, seed: int) -> None:
    """Swap ``moves`` chosen sites, taken at random, for others (in place), within the budget."""
    np.random.seed(seed)
    free = np.flatnonzero(state == FREE)
    outs = np.flatnonzero(chosen & (state == FREE))
    if len(outs) == 0 or len(outs) == len(free):
        return
    room = budget - yuan[chosen].sum()
    for _ in range(moves):
        at = np.random.randint(0, len(outs))
        j, k = free[np.random.randint(0, len(free))], outs[at]
        if not chosen[j] and yuan[j] - yuan[k] <= room + TINY:
            chosen[j], chosen[k] = True, False
            outs[at] = j
            room += yuan[k] - yuan[j]
