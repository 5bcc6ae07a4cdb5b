"""Annealing of covers by heat baths: a chosen site goes, and another one comes by lot, the likelier the more it adds.

A swap is not tried and refused, as Metropolis does, but drawn among all sites at once (Geman and Geman 1984), which a table of
what every site would add makes cheap. The temperature falls as Kirkpatrick, Gelatt and Vecchi (1983) let it. This file has
no loop of another file, since Numba's cache does not see changes there. Arrays are those of `yike.siting.loops`.
"""

# mypy: disallow-untyped-decorators=False, disable-error-code="assignment,call-arg"

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

FREE, TINY = 0, 1e-9  #: as in `yike.siting.loops`
STEPS = 50  #: moves at one temperature
BLOCK = 32  #: sites looked at together
DEEP = 12.0  #: sites this many temperatures below the best one are left out of the lot (their chance is e**-12)


@njit(cache=True, error_model="numpy", nogil=True)
def shift(
    j: int, by: int, start_s: Any, dem_s: Any, start_d: Any, site_d: Any, weight: Any, count: Any, gain: Any
) -> None:
    """Open (``by`` 1) or close (-1) site ``j``: ``count`` (R,) covers per demand, ``gain`` (S,) what a site would add."""
    for e in range(start_s[j], start_s[j + 1]):
        i = dem_s[e]
        before = count[i]
        count[i] += by
        if (before == 0) != (count[i] == 0):
            part = np.int32(weight[i] * by)
            for f in range(start_d[i], start_d[i + 1]):
                gain[site_d[f]] -= part


@njit(cache=True, error_model="numpy", nogil=True)
def drawn(gain: Any, able: Any, cost: Any, most: float, heat: float, tops: Any, those: Any, upto: Any) -> int:
    """Draw a site of at most ``most`` cost with chances as exp(gain / heat); -1 when there is none.

    ``tops`` (blocks,), ``those``, ``upto`` (S,) are for scribbling: whole blocks of sites are passed over by their best gain.
    """
    n_sites, top = len(gain), np.int32(0)
    for b in range(len(tops)):
        here = np.int32(0)
        for j in range(b * BLOCK, min(n_sites, (b + 1) * BLOCK)):
            here = max(here, gain[j])
        tops[b] = here
        top = max(top, here)
    least, n, total = top - DEEP * heat, 0, 0.0
    for b in range(len(tops)):
        if tops[b] < least:
            continue
        for j in range(b * BLOCK, min(n_sites, (b + 1) * BLOCK)):
            if gain[j] >= least and able[j] and cost[j] <= most:
                total += np.exp((gain[j] - top) / heat)
                those[n], upto[n] = j, total
                n += 1
    if n == 0:
        return -1
    mark = np.random.random() * total
    at = 0
    while at < n - 1 and upto[at] < mark:
        at += 1
    return those[at]


@njit(cache=True, error_model="numpy", nogil=True)
def anneal(
    start_s: Any, dem_s: Any, start_d: Any, site_d: Any, weight: Any, state: Any, cost: Any, budget: float,
    chosen: Any, turns: int, hot: float, cold: float, seed: int, halt: Any,
) -> Any:  # fmt: skip
    """Anneal from ``chosen`` (S,) bool, its number of sites kept; return the best choice met (S,) bool.

    ``weight`` (R,) int32, of a sum below 2**31 (see `small`). The temperature falls from ``hot`` to ``cold`` (in units of
    weight) geometrically. It ends early when ``halt[0]``, an array that another thread may write, is not 0.
    """
    np.random.seed(seed)
    n_sites = len(chosen)
    count, gain = np.zeros(len(weight), np.int32), np.zeros(n_sites, np.int32)
    for j in range(n_sites):
        for e in range(start_s[j], start_s[j + 1]):
            gain[j] += weight[dem_s[e]]
    for j in np.flatnonzero(chosen):
        shift(j, 1, start_s, dem_s, start_d, site_d, weight, count, gain)
    value, best, kept = 0, 0, chosen.copy()
    outs, able = np.flatnonzero(chosen & (state == FREE)), state == FREE
    if len(outs) == 0:
        return kept
    able[outs] = False
    room = budget - cost[chosen].sum()
    those, upto = np.empty(n_sites, np.int64), np.empty(n_sites)
    tops = np.empty((n_sites + BLOCK - 1) // BLOCK, np.int32)
    heat, fall = hot, (cold / hot) ** (STEPS / max(STEPS, turns))
    for turn in range(turns):
        if turn % STEPS == STEPS - 1:
            heat *= fall
            if halt[0] != 0:
                break
        slot = np.random.randint(0, len(outs))
        k = outs[slot]
        shift(k, -1, start_s, dem_s, start_d, site_d, weight, count, gain)
        able[k] = True
        value -= gain[k]
        j = drawn(gain, able, cost, room + cost[k] + TINY, heat, tops, those, upto)
        if j < 0:
            j = k
        value += gain[j]
        shift(j, 1, start_s, dem_s, start_d, site_d, weight, count, gain)
        able[j] = False
        outs[slot] = j
        room += cost[k] - cost[j]
        if value > best:
            best = value
            kept[:] = chosen & (state != FREE)
            kept[outs] = True
    return kept


def small(weight: NDArray[np.float64]) -> tuple[NDArray[np.int32], float]:
    """Return weights as int32 of a sum below 2**31, and what they were multiplied by (1 where whole ones do as they are)."""
    total = float(weight.sum())
    whole = bool((weight == np.rint(weight)).all()) and total < 2.0**31
    by = 1.0 if whole or total == 0.0 else 2.0**30 / total
    return np.floor(weight * by).astype(np.int32), by
