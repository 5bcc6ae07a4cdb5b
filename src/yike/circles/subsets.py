"""The best division of few communities, by trying all: dynamic programming over subsets (compiled; arrays in, arrays out)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True, error_model="numpy")
def best_division(worth: Any) -> Any:
    """Return for every subset the part, holding its first member, with which its cheapest division begins.

    ``worth`` (2^m,): what each subset costs as one part, `inf` where it may be none. The best division of a subset is its
    part and the best division of what is left. 3^m / 2 steps.
    """
    best = np.full(len(worth), np.inf)
    part = np.zeros(len(worth), np.int64)
    best[0] = 0.0
    for mask in range(1, len(worth)):
        first = mask & -mask
        rest = mask ^ first
        sub = rest
        while True:
            cost = worth[sub | first] + best[rest ^ sub]
            if cost < best[mask]:
                best[mask] = cost
                part[mask] = sub | first
            if sub == 0:
                break
            sub = (sub - 1) & rest
    return part


def parts_of(worth: NDArray[np.float64]) -> list[int]:
    """Return the cheapest division of all members, as subsets in the order of their first members; [] where there is none.

    Examples
    --------
    Two members: apart they cost 3, together 2.5.

    >>> parts_of(np.array([0.0, 1.0, 2.0, 2.5]))
    [3]
    """
    part = best_division(worth)
    left, found = len(worth) - 1, []
    while left:
        taken = int(part[left])
        if taken == 0:
            return []
        found.append(taken)
        left ^= taken
    return found
