"""The search behind MCLP: greedy and swaps, a Lagrangian bound, annealing, merging of good choices, HiGHS last.

Sources: swaps after Teitz and Bart (1968); Lagrangian and reduced scores after Galvão and ReVelle (1996); annealing after
Kirkpatrick, Gelatt and Vecchi (1983); merging is the optimised crossover of Aggarwal, Orlin and Tai (1997), solved by HiGHS.
"""

# mypy: disable-error-code="call-arg"

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.siting import loops
from yike.siting.answer import Clock
from yike.siting.cover_proof import linear_prices, prove_cover
from yike.siting.problem import Bools, Floats, Ground, Pairs

FAST_ROUNDS = 150  #: subgradient steps before anything slower is tried
TURNS = 1_000_000  #: moves of one annealing
HOT, COLD = 0.15, 0.002  #: temperatures, in parts of the weight that one site covers
LITTER = 6  #: annealings a round
FEW_SITES = 300  #: so many unsettled sites are HiGHS's at once
SEEKING = 0.6  #: the part of the time for seeking; the rest is for proving


@dataclass(frozen=True)
class CoverGround:
    """The arrays of `loops`: a cover held both ways, weights and the sites' states."""

    start_s: NDArray[np.int64]
    dem_s: NDArray[np.int32]
    start_d: NDArray[np.int64]
    site_d: NDArray[np.int32]
    weight: Floats
    state: NDArray[np.int8]
    cost: Floats
    most: int
    budget: float

    @staticmethod
    def of(here: Ground) -> CoverGround:
        """Return the ground of a problem; what existing outlets cover weighs nothing any more."""
        start_s, dem_s, _ = here.pairs.by_site
        weight = here.weight.copy()
        weight[covered_by(here.pairs, here.existing)] = 0.0
        return CoverGround(
            start_s, dem_s, here.pairs.start, here.pairs.site, weight, here.state, here.cost, here.most, here.money
        )

    @property
    def both(self) -> tuple[Any, ...]:
        """The cover both ways and the weights, as the loops take them."""
        return self.start_s, self.dem_s, self.start_d, self.site_d, self.weight

    @property
    def limits(self) -> tuple[Any, ...]:
        """What may be chosen, as the loops take it."""
        return self.state, self.cost, self.most, self.budget


def covered_by(pairs: Pairs, sites: Bools) -> Bools:
    """Return the demands (R,) that one of ``sites`` (S,) covers."""
    return np.bincount(pairs.demand, weights=sites[pairs.site], minlength=len(pairs)) > 0


class CoverHunt:
    """The search for a good cover and a near bound: fast means first, HiGHS last."""

    def __init__(self, here: Ground, clock: Clock) -> None:
        self.here, self.clock = here, clock
        self.ground = CoverGround.of(here)
        self.whole = here.whole()
        self.already = float(here.weight.sum() - self.ground.weight.sum())
        self.chosen = self.ground.state == loops.IN
        self.value, self.bound = 0.0, float(self.ground.weight.sum())
        self.price: Floats | None = None
        self.method = "count"
        self.share: Floats | None = None  #: of each site in the linear relaxation
        self.pool: list[tuple[float, Bools]] = []
        self.pace = 0.0  #: seconds of a litter per move, as measured
        self.slow, self.seed = 1, 1000 * clock.effort.seed
        self.width = 3 * int(min(self.ground.most, len(self.chosen))) + 50  #: sites that one merging may take up

    def run(self) -> None:
        """Go on until the gap asked for is proven or the time is over."""
        self.begin()
        self.descend()
        if self.done() or not self.clock.effort.prove:
            return
        if self.few():
            self.prove(self.clock.left / 4)
        if not self.done():
            self.linear()
        began = self.clock.left
        while not self.done() and not self.few() and self.clock.left > (until := began * (1.0 - self.seeking())):
            self.anneal()
            self.merge(min(8.0, max(self.clock.left - until, 0.1)))
        if not self.done():
            self.prove(self.clock.left)

    def seeking(self) -> float:
        """The part of the time for seeking: nearly all while most sites are unsettled, for then a proof is far off."""
        free = self.ground.state == loops.FREE
        return SEEKING if (self.settled() == loops.FREE).sum() < free.sum() / 2 else 0.95

    def few(self) -> bool:
        """Tell whether so few sites are unsettled that HiGHS may finish at once."""
        return int((self.settled() == loops.FREE).sum()) <= FEW_SITES

    def done(self) -> bool:
        return self.clock.done(self.already + self.value, self.already + self.bound) or self.clock.left <= 0

    def take(self, chosen: Bools, value: float) -> None:
        """Keep a better choice."""
        if value > self.value + loops.TINY:
            self.chosen, self.value = chosen.copy(), float(value)

    def lower(self, bound: float, method: str) -> None:
        """Keep a nearer bound; of whole weights only the whole part counts."""
        if self.whole:
            bound = float(np.floor(bound + 1e-6))
        bound = max(bound, self.value)
        if bound < self.bound:
            self.bound, self.method = bound, method

    def polish(self, chosen: Bools, rounds: int = 10_000) -> float:
        """Swap down from ``chosen`` (in place), keep what is found and return its value."""
        here = self.ground
        count, gain = loops.begin(*here.both, chosen)
        value = float(loops.swap_down(*here.both, *here.limits, chosen, count, gain, rounds))
        self.take(chosen, value)
        return value

    def absolute(self) -> float:
        """The distance of value and bound at which a proof is done."""
        return max(self.clock.effort.gap * (self.already + self.value), 0.999 if self.whole else 0.0)

    def begin(self) -> None:
        """Greedy, by weight and (with a budget) by weight per cost; then swaps."""
        here = self.ground
        for by_yuan in (False, True) if np.isfinite(here.budget) else (False,):
            now = here.state == loops.IN
            count, gain = loops.begin(*here.both, now)
            loops.add_greedily(*here.both, *here.limits, by_yuan, now, count, gain)
            self.polish(now)
        self.lower(self.bound, "count")

    def descend(self, rounds: int = FAST_ROUNDS, theta: float = 1.0) -> None:
        """Bring the Lagrangian bound down; search from the choices met on the way."""
        here = self.ground
        if self.price is None:
            sites = np.maximum(np.diff(here.start_d), 1)
            self.price = np.minimum(here.weight, 3.0 * here.weight / sites)
        for part in range(4):
            starts = np.zeros((2, len(here.cost)), bool)
            enough = self.enough()
            bound, self.price, used, theta = loops.bound_down(
                *here.both, *here.limits, self.price, self.value, np.inf, rounds // (1 if part else 2), theta, 8, enough, starts
            )  # fmt: skip
            self.lower(bound, "lagrangian")
            for start in starts[:used]:
                if not self.done():
                    self.polish(start)
            if self.done() or theta < 1e-3:
                return

    def enough(self) -> float:
        """The bound at which the gap asked for is proven."""
        value, gap = self.already + self.value, self.clock.effort.gap
        return value / max(1.0 - gap, 1e-9) - self.already + (1.0 - 2e-6 if self.whole else 0.0)

    def anneal(self) -> None:
        """Anneal a litter of new choices, each from what greedy gave, and put them into the pool."""
        here = self.ground
        part = max(self.value, 1.0) / max(1, int(self.chosen.sum()))

        turns, began = self.turns(), self.clock.seconds

        def one(seed: int) -> Bools:
            return loops.anneal(
                *here.both, here.state, here.cost, here.budget, self.chosen, turns, HOT * part, COLD * part, seed
            )[1]  # fmt: skip

        self.seed += LITTER
        with ThreadPoolExecutor(max_workers=min(LITTER, os.cpu_count() or 1)) as threads:
            for chosen in threads.map(one, range(self.seed - LITTER, self.seed)):
                self.pool.append((self.polish(chosen), chosen))
        self.pace = (self.clock.seconds - began) / turns

    def turns(self) -> int:
        """Return the moves of the next annealings: at most a tenth of the time left goes into one litter."""
        if self.pace == 0.0:
            return TURNS // 5
        return int(min(TURNS * self.slow, max(TURNS // 20, self.clock.left / 10 / self.pace)))

    def merge(self, seconds: float) -> None:
        """Let HiGHS make the best of the sites that the pool's better choices use."""
        here, before = self.ground, self.value
        self.pool.sort(key=lambda each: -each[0])
        del self.pool[60:]
        union = self.chosen.copy()
        for _, chosen in self.pool:
            if (union | chosen).sum() > self.width:
                break
            union |= chosen
        state = np.where(union & (here.state == loops.FREE), loops.FREE, loops.OUT).astype(np.int8)
        state[here.state == loops.IN] = loops.IN
        began = self.clock.seconds
        found = prove_cover(here, state, self.chosen, self.value, seconds, self.absolute())
        if found.chosen is not None:
            self.polish(found.chosen)
        quick = self.clock.seconds - began < seconds / 4
        self.width = int(self.width * (1.3 if quick else 0.7))
        self.slow = min(8, self.slow + (self.value <= before))

    def linear(self) -> None:
        """Take the prices of the linear relaxation: they give the best bound that prices can give."""
        price, self.share = linear_prices(self.ground, self.clock.left / 3)
        if price is None or self.share is None:
            return
        here, starts = self.ground, np.zeros((4, len(self.ground.cost)), bool)
        bound, price, used, _ = loops.bound_down(
            *here.both, *here.limits, price, self.value, np.inf, 80, 0.02, 8, self.enough(), starts
        )
        self.price = price
        self.lower(bound, "lagrangian")
        best = np.argsort(-self.share, kind="stable")
        taken = here.state == loops.IN
        for j in best:
            if (
                here.state[j] == loops.FREE
                and taken.sum() < here.most
                and here.cost[taken].sum() + here.cost[j] <= here.budget
            ):
                taken[j] = True
        for start in (taken, *starts[:used]):
            self.polish(start)

    def prove(self, seconds: float) -> None:
        """Settle sites by their reduced scores, and let HiGHS solve what is left."""
        found = prove_cover(self.ground, self.settled(), self.chosen, self.value, seconds, self.absolute())
        if found.chosen is not None:
            self.polish(found.chosen)
        self.lower(found.bound, "highs")

    def settled(self) -> NDArray[np.int8]:
        """Return the states with every free site settled whose other choice cannot beat the value in hand."""
        here = self.ground
        state = here.state.copy()
        if np.isfinite(here.budget) or self.price is None:
            return state
        score = loops.scores(here.start_s, here.dem_s, self.price)
        chosen, order = np.zeros(len(score), bool), np.arange(len(score))
        total, edge, last = loops.pick(score, here.state, here.cost, here.most, here.budget, order, chosen)
        total += float((here.weight - self.price).sum())
        must = self.value + (1.0 - 1e-6 if self.whole else 1e-9 * max(1.0, self.value))
        free = here.state == loops.FREE
        if not np.isfinite(edge):
            return state
        state[free & ~chosen & (total - (last - score) < must)] = loops.OUT
        state[free & chosen & (total - (score - edge) < must)] = loops.IN
        return state
