"""Branch and bound for the p-median with Lagrangian bounds (after Christofides and Beasley 1982), the least bound first."""

# mypy: disable-error-code="call-arg"

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from yike.siting import loops

if TYPE_CHECKING:
    from yike.siting.median_hunt import MedianHunt

ROUNDS = 60  #: subgradient steps of a node
Node = tuple[float, int, NDArray[np.int8], NDArray[np.float64]]


def branch(hunt: MedianHunt, seconds: float) -> float:
    """Split on sites until every part is proven no better than the sum in hand; return the bound reached.

    Better sums met on the way are kept by ``hunt``. When the time is over the bound is the least of the parts left.
    """
    here, until = hunt.ground, hunt.clock.left - seconds
    assert hunt.price is not None
    parts: list[Node] = [(hunt.bound, 0, here.state, hunt.price)]
    number = 0
    while parts and hunt.clock.left > until:
        least, _, state, price = heappop(parts)
        if not hunt.better(least):
            return hunt.value
        starts = np.zeros((1, len(state)), bool)
        bound, price, used, _ = loops.bound_up(
            *here.rows, state, here.yuan, here.most, here.budget, price, hunt.value, -np.inf, ROUNDS, 0.4, 5, hunt.enough(),
            starts,
        )  # fmt: skip
        for start in starts[:used]:
            hunt.polish(start)
        bound = max(bound, least)
        if not hunt.better(bound):
            continue
        state = hunt.settled(state, price)
        score, chosen = hunt.picked(state, price)
        free = np.flatnonzero(chosen & (state == loops.FREE))
        if not len(free) or not (state == loops.FREE).any():
            number = _close(hunt, parts, state, price, bound, number)
            continue
        site = free[np.argmax(score[free])]
        for choice in (loops.IN, loops.OUT):
            child = state.copy()
            child[site] = choice
            number += 1
            heappush(parts, (bound, number, child, price))
    return min([hunt.value, *(part[0] for part in parts)])


def _close(
    hunt: MedianHunt, parts: list[Node], state: NDArray[np.int8], price: NDArray[np.float64], bound: float, number: int
) -> int:
    """Try the choice that a part without picks has left; keep the part while sites in it are free and none is picked."""
    hunt.polish(state == loops.IN)
    free = np.flatnonzero(state == loops.FREE)
    if len(free) and (state == loops.IN).sum() < hunt.ground.most:
        for choice in (loops.IN, loops.OUT):
            child = state.copy()
            child[free[0]] = choice
            number += 1
            heappush(parts, (bound, number, child, price))
    return number
