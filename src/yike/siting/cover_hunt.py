"""The search behind MCLP: greedy and swaps, a Lagrangian bound, annealing, merging of good choices, HiGHS last.

Sources: swaps after Teitz and Bart (1968); Lagrangian and reduced scores after Galvão and ReVelle (1996); annealing after
Kirkpatrick, Gelatt and Vecchi (1983); merging is the optimised crossover of Aggarwal, Orlin and Tai (1997), solved by HiGHS.
"""

# mypy: disable-error-code="call-arg"

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.siting import loops
from yike.siting.annealing import anneal, small
from yike.siting.answer import Clock
from yike.siting.cover_ground import CoverGround
from yike.siting.cover_proof import linear_prices, prove_cover
from yike.siting.problem import Bools, Floats, Ground

FAST_ROUNDS = 150  #: subgradient steps before anything slower is tried
TURNS = 100_000  #: moves of one annealing, at first
HOT, COLD = (0.03, 0.02), 0.003  #: temperatures, in parts of the weight that one site covers; by turns
LITTER = 4  #: annealings a round
MERGINGS, MERGING, NODES = 3, 2.0, 10  #: mergings of each kind a litter, seconds and HiGHS' nodes for one
LOT = 5.0  #: how many ranks the lot moves a choice down, on average
BRED = 2  #: annealings of the pool's sites a round
POOL, ALIKE = 60, 0.9  #: good choices kept, none of which share so large a part of their sites
FEW_SITES = 300  #: so many unsettled sites are HiGHS's at once
SEEKING = 0.6  #: the part of the time for seeking; the rest is for proving


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
        self.first = self.chosen  #: what greedy and swaps give: every annealing begins there
        self.litters, self.seed = 0, 1000 * clock.effort.seed
        self.lot = np.random.default_rng(clock.effort.seed)
        self.width = [2 * int(min(self.ground.most, len(self.chosen))) + 40] * 2  #: sites that one merging may take up

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
        if not self.done() and not self.few():
            self.seek(self.clock.left * (1.0 - self.seeking()))
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
        self.first = self.chosen.copy()
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

    def annealed(self, here: CoverGround, began: Bools, turns: int, seed: int, halt: Any) -> Bools:
        """Return the best choice that an annealing from ``began`` meets."""
        weight, by = small(here.weight)
        hot = HOT[seed % len(HOT)]
        part = max(self.value * by, 1.0) / max(1, int(began.sum()))
        return np.asarray(
            anneal(
                *here.both[:4], weight, here.state, here.cost, here.budget, began, turns, hot * part, COLD * part, seed, halt
            )
        )  # fmt: skip

    def litter(self, halt: Any) -> list[Future[Bools]]:
        """Begin to anneal a litter of choices from the greedy one, each litter longer than those before."""
        turns = TURNS * (1 + self.litters)
        self.litters += 1
        self.seed += LITTER
        return [
            self.threads.submit(self.annealed, self.ground, self.first, turns, seed, halt)
            for seed in range(self.seed - LITTER, self.seed)
        ]

    def breed(self, halt: Any) -> None:
        """Anneal with nothing but the sites that the pool's choices use: that is many times as fast."""
        union = self.chosen.copy()
        for _, chosen in self.pool:
            union |= chosen
        sites = np.flatnonzero(union | (self.ground.state == loops.IN))
        here, turns = self.ground.narrowed(sites), 2 * TURNS
        for seed in range(self.seed, self.seed + BRED):
            chosen = np.zeros(len(union), bool)
            chosen[sites] = self.annealed(here, self.chosen[sites], turns, seed, halt)
            self.keep(chosen)

    def seek(self, until: float) -> None:
        """Anneal litters and merge what they give, until few sites are unsettled or only ``until`` seconds are left.

        The next litter is annealed while HiGHS merges the last one.
        """
        halt = np.zeros(1, np.int8)
        with ThreadPoolExecutor(max_workers=min(LITTER, os.cpu_count() or 1)) as self.threads:
            coming = self.litter(halt)
            while not self.done() and not self.few() and self.clock.left > until:
                wait(coming, max(self.clock.left - until, 0.0))
                if self.clock.left <= until:
                    break
                grown, coming = coming, self.litter(halt)
                for each in grown:
                    self.keep(each.result())
                self.breed(halt)
                for kind in (0, 1) * MERGINGS:
                    if not self.done() and self.clock.left > until:
                        self.merge(kind, min(MERGING, max(self.clock.left - until, 0.1)))
            halt[0] = 1
            for each in coming:
                self.keep(each.result())

    def keep(self, chosen: Bools) -> None:
        """Swap down from a choice and put it into the pool; of choices nearly the same only the best stays."""
        value, alike = self.polish(chosen), ALIKE * chosen.sum()
        kin = [known >= value for known, other in self.pool if (other & chosen).sum() >= alike]
        if any(kin):
            return
        self.pool = [each for each in self.pool if (each[1] & chosen).sum() < alike]
        self.pool.append((value, chosen))
        self.pool.sort(key=lambda each: -each[0])
        del self.pool[POOL:]

    def by_lot(self, width: int) -> Bools:
        """Return the sites of the best choice and of some others of the pool, the better ones mostly first."""
        union = self.chosen.copy()
        for k in np.argsort(np.arange(len(self.pool)) + self.lot.exponential(LOT, len(self.pool))):
            wider = union | self.pool[k][1]
            if wider.sum() <= width:
                union = wider
        return union

    def about(self, width: int) -> Bools:
        """Return the sites of a good choice, mostly the best, and those outside whose swaps lose least."""
        here = self.ground
        at = min(len(self.pool) - 1, int(self.lot.exponential(1.0)))
        union = self.pool[at][1].copy() if at >= 0 else self.chosen.copy()
        count, gain = loops.begin(*here.both, union)
        only = np.full(len(count), -1, np.int64)
        loops.lone(here.start_s, here.dem_s, union, only, count)
        loss = loops.losses(here.start_s, here.dem_s, here.weight, union, count)
        worth = loops.swap_worth(here.start_s, here.dem_s, here.weight, here.state, union, count, gain, only, loss)
        union[np.argsort(-worth, kind="stable")[: max(0, width - int(union.sum()))]] = True
        return union | self.chosen

    def merge(self, kind: int, seconds: float) -> None:
        """Let HiGHS make the best of some sites (`by_lot` or `about`); when it comes to an end the next may be more."""
        here, union = self.ground, (self.by_lot, self.about)[kind](self.width[kind])
        state = np.where(union & (here.state == loops.FREE), loops.FREE, loops.OUT).astype(np.int8)
        state[here.state == loops.IN] = loops.IN
        found = prove_cover(here, state, self.chosen, self.value, seconds, self.absolute(), NODES)
        if found.chosen is not None:
            self.keep(found.chosen)
        ended = found.bound <= self.value + self.absolute()
        self.width[kind] = int(self.width[kind] * (1.1 if ended else 0.85))

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
