"""The search behind the p-median: greedy, swaps, a Lagrangian bound, restarts, branch and bound, HiGHS last.

Sources: swaps after Teitz and Bart (1968) in Whitaker's (1983) form; the Lagrangian after Cornuéjols, Fisher and Nemhauser
(1977); what HiGHS solves is the radius form of Cornuéjols, Nemhauser and Wolsey (1980).
"""

# mypy: disable-error-code="call-arg"

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.siting import loops
from yike.siting.answer import Clock
from yike.siting.median_branch import branch
from yike.siting.median_proof import prove_median
from yike.siting.problem import Bools, Floats, Ground

FAST_ROUNDS = 300  #: subgradient steps of one descent
STARTS = 10  #: restarts a round


@dataclass(frozen=True)
class MedianGround:
    """The arrays of `loops`: weighted costs ascending in each row, only what is below ``base``."""

    start: NDArray[np.int64]
    site: NDArray[np.int32]
    cost: Floats
    base: Floats
    state: NDArray[np.int8]
    yuan: Floats
    most: int
    budget: float

    @staticmethod
    def of(here: Ground) -> MedianGround:
        """Return the ground of a problem; a demand that nobody serves yet has a base beyond any sum of costs."""
        pairs, state = here.pairs, here.state
        weighted = pairs.cost * here.weight[pairs.demand]
        alone = (
            float(weighted.sum(initial=0.0))
            if len(weighted) < 10_000
            else float(np.maximum.reduceat(np.r_[weighted, 0.0], np.minimum(pairs.start[:-1], len(weighted))).sum())
        )
        base = np.full(len(pairs), 2.0 * alone + 1.0)
        base[here.weight == 0] = 0.0
        if here.existing.any():
            stands = here.existing[pairs.site]
            np.minimum.at(base, pairs.demand[stands], weighted[stands])
        keep = (weighted < base[pairs.demand]) & (state[pairs.site] != loops.OUT)
        demand, site, cost = pairs.demand[keep], pairs.site[keep], weighted[keep]
        counts = np.bincount(demand, minlength=len(pairs))
        start = np.r_[0, np.cumsum(counts)].astype(np.int64)
        if len(counts) and (counts == counts[0]).all():
            table = cost.reshape(len(pairs), -1)
            order = np.argsort(table, axis=1, kind="stable")
            site = np.take_along_axis(site.reshape(table.shape), order, axis=1).ravel()
            cost = np.take_along_axis(table, order, axis=1).ravel()
        else:
            by = np.lexsort((cost, demand))
            site, cost = site[by], cost[by]
        return MedianGround(
            start,
            np.ascontiguousarray(site, np.int32),
            np.ascontiguousarray(cost),
            base,
            state,
            here.cost,
            here.most,
            here.money,
        )

    @property
    def rows(self) -> tuple[Any, ...]:
        """The costs, as the loops take them."""
        return self.start, self.site, self.cost, self.base

    @property
    def limits(self) -> tuple[Any, ...]:
        """What may be chosen, as the loops take it."""
        return self.state, self.yuan, self.most, self.budget


class MedianHunt:
    """The search for a small weighted sum and a near bound from below."""

    def __init__(self, here: Ground, clock: Clock, known: Bools | None = None) -> None:
        self.known = known  #: a choice that serves everybody
        self.clock = clock
        self.ground = MedianGround.of(here)
        kinds = here.pairs.cost[here.pairs.cost > 0]
        self.whole = here.whole() and bool((kinds == np.rint(kinds)).all())
        self.chosen = self.ground.state == loops.IN
        self.value, self.bound = np.inf, 0.0
        self.price: Floats | None = None
        self.method = "count"
        self.seed = 1000 * clock.effort.seed

    def run(self) -> None:
        """Go on until the gap asked for is proven or the time is over."""
        self.begin()
        self.descend()
        if not self.done() and self.clock.effort.prove:
            self.restart(2)
            self.descend(theta=0.5)
        for means, share in ((self.split, 0.05), (self.prove, 0.3), (self.split, 0.7), (self.prove, 1.0)):
            if not self.done() and self.clock.effort.prove:
                means(self.clock.left * share)

    def done(self) -> bool:
        return self.clock.done(self.value, self.bound) or self.clock.left <= 0

    def take(self, chosen: Bools, value: float) -> None:
        """Keep a better choice."""
        if value < self.value - loops.TINY * max(1.0, value):
            self.chosen, self.value = chosen.copy(), float(value)

    def lift(self, bound: float, method: str) -> None:
        """Keep a nearer bound; of whole costs and weights only whole sums are possible."""
        if self.whole:
            bound = float(np.ceil(bound - 1e-6 * max(1.0, abs(bound) * 1e-6)))
        bound = min(bound, self.value)
        if bound > self.bound:
            self.bound, self.method = bound, method

    def polish(self, chosen: Bools) -> float:
        """Swap down from ``chosen`` (in place), keep what is found and return its sum."""
        value = float(loops.median_down(*self.ground.rows, *self.ground.limits, chosen, 10_000))
        self.take(chosen, value)
        return value

    def begin(self) -> None:
        """Greedy, then swaps."""
        here = self.ground
        for by_yuan in (False, True) if np.isfinite(here.budget) else (False,):
            now = here.state == loops.IN
            loops.median_add(*here.rows, *here.limits, by_yuan, now)
            self.polish(now)
        if self.known is not None and self.value >= here.base.max(initial=0.0):
            self.polish(self.known.copy())

    def descend(self, rounds: int = FAST_ROUNDS, theta: float = 1.0) -> None:
        """Lift the Lagrangian bound; search from the choices met on the way."""
        here = self.ground
        if self.price is None:
            self.price = self.first_price()
        for _ in range(3):
            starts = np.zeros((3, len(here.yuan)), bool)
            bound, self.price, used, theta = loops.bound_up(
                *here.rows, *here.limits, self.price, self.value, -np.inf, rounds, theta, 10, self.enough(), starts
            )  # fmt: skip
            self.lift(bound, "lagrangian")
            for start in starts[:used]:
                if not self.done():
                    self.polish(start)
            if self.done() or theta < 1e-3:
                return

    def first_price(self) -> Floats:
        """Return the mean of the first and second cost under the choice in hand: a good place to begin."""
        here, n = self.ground, len(self.ground.base)
        first, d1, d2 = np.empty(n, np.int64), np.empty(n), np.empty(n)
        loops.two_nearest(*here.rows, self.chosen, first, d1, d2)
        return np.minimum((d1 + np.minimum(d2, 3 * d1 + d1.mean())) / 2, here.base)

    def restart(self, moves: int) -> None:
        """Shake the choice in hand and swap down again."""
        here = self.ground
        for turn in range(STARTS):
            if self.clock.left <= 0:
                return
            now = self.chosen.copy()
            self.seed += 1
            loops.shake(here.state, here.yuan, here.budget, now, moves + turn, self.seed)
            self.polish(now)

    def open_sites(self) -> int:
        """Return how many sites are not settled."""
        return int((self.settled() == loops.FREE).sum())

    def better(self, bound: float) -> bool:
        """Tell whether something better than the sum in hand may hide behind a bound."""
        return bound < self.enough()

    def enough(self) -> float:
        """The bound at which the gap asked for is proven."""
        return self.value * (1.0 - max(self.clock.effort.gap, 1e-10)) - (1.0 - 2e-6 if self.whole else 0.0)

    def picked(self, state: NDArray[np.int8], price: Floats) -> tuple[Floats, Bools]:
        """Return what every site saves at the prices, and the sites that the Lagrangian picks."""
        here, score, chosen = self.ground, np.zeros(len(state)), np.zeros(len(state), bool)
        loops.savings(here.start, here.site, here.cost, price, score)
        loops.pick(score, state, here.yuan, here.most, here.budget, np.arange(len(score)), chosen)
        return score, chosen

    def settled(self, state: NDArray[np.int8] | None = None, price: Floats | None = None) -> NDArray[np.int8]:
        """Return the states with every free site settled whose other choice cannot beat the sum in hand."""
        here = self.ground
        state = (here.state if state is None else state).copy()
        price = self.price if price is None else price
        if np.isfinite(here.budget) or price is None:
            return state
        score, chosen, order = np.zeros(len(state)), np.zeros(len(state), bool), np.arange(len(state))
        loops.savings(here.start, here.site, here.cost, price, score)
        total, edge, last = loops.pick(score, state, here.yuan, here.most, here.budget, order, chosen)
        if not np.isfinite(edge):
            return state
        total = float(price.sum()) - total
        must = self.value - (1.0 - 1e-6 if self.whole else 1e-9 * max(1.0, self.value))
        free = state == loops.FREE
        state[free & ~chosen & (total + (last - score) > must)] = loops.OUT
        state[free & chosen & (total + (score - edge) > must)] = loops.IN
        return state

    def split(self, seconds: float) -> None:
        """Prove by branch and bound."""
        self.lift(branch(self, seconds), "lagrangian")

    def prove(self, seconds: float) -> None:
        """Settle sites by their reduced scores, and let HiGHS solve what is left."""
        absolute = max(self.clock.effort.gap * self.value, 0.999 if self.whole else 0.0)
        found = prove_median(self.ground, self.settled(), self.chosen, self.value, seconds, absolute)
        if found.chosen is not None:
            self.polish(found.chosen)
        self.lift(found.bound, "highs")
