"""The p-center: p sites so that the farthest demand is as near as can be (Hakimi 1964; Minieka 1970)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from yike.siting.answer import Answer, Clock, answer
from yike.siting.capacity import Shares, relaxations, shares_of, sharing
from yike.siting.faults import SitingFaults
from yike.siting.feasible import everybody_served
from yike.siting.problem import Bools, Effort, Floats, Ground, Pairs, Rules, ground
from yike.siting.prover import solve
from yike.siting.set_cover import ANY, SetCover


def p_center(
    pairs: Pairs, weight: ArrayLike | None = None, rules: Rules | None = None, effort: Effort | None = None
) -> Answer:
    """Choose sites so that the greatest cost of a demand to its nearest open site is least.

    The distinct costs are searched by halves: a limit holds when some choice covers everybody within it (Minieka 1970),
    which HiGHS decides. Weights only matter with capacity, but demands of weight 0 are not asked for.

    Raises
    ------
    SitingError
        As `yike.siting.median.p_median`.

    Examples
    --------
    >>> found = p_center(Pairs.of_matrix([[0, 3, 9], [3, 0, 6], [9, 6, 0]]), None, Rules(p=1))
    >>> found.sites, found.objective, found.bound
    ((1,), 6.0, 6.0)
    """
    effort = effort or Effort()
    clock = Clock(effort)
    here = ground(pairs, weight, rules or Rules(), limited=True)
    asked = here.weight > 0
    if not asked.all():
        here = replace(here, pairs=_only(here.pairs, asked), weight=here.weight[asked])
    everybody_served(here, effort)
    costs = np.unique(here.pairs.cost)
    hunt = CenterHunt(here, clock)
    low, high = hunt.least_index(costs) - 1, len(costs) - 1  # low: proven too short; high: holds
    best = hunt.holds(float(costs[high]))
    if best is None:
        if hunt.sure:
            SitingFaults().of("siting.limits_conflict", relax=relaxations(here, 10.0)).stop()
        SitingFaults().of("siting.no_answer", seconds=effort.seconds).stop()
    while high - low > 1 and clock.left > 0:
        middle = (low + high) // 2
        found = hunt.holds(float(costs[middle]))
        if found is not None:
            high, best = middle, found
        elif hunt.sure:
            low = middle
        else:
            break
    assert best is not None
    chosen, shares = best
    value = float(costs[high]) if len(costs) else 0.0
    bound = float(costs[low + 1]) if len(costs) else 0.0
    full = ground(pairs, weight, rules or Rules())
    if shares is not None:
        shares = (np.flatnonzero(asked)[shares[0]], shares[1], shares[2])
    return answer("p_center", full, chosen, value, bound, clock, "highs", shares)


def _only(pairs: Pairs, asked: Bools) -> Pairs:
    """Return the rows of the demands asked for."""
    kept = pairs.keep(asked[pairs.demand])
    return Pairs(np.r_[0, np.cumsum(np.diff(kept.start)[asked])].astype(np.int64), kept.site, kept.cost, kept.n_sites)


class CenterHunt:
    """Decides whether a limit holds; ``sure`` tells whether the last no was proven."""

    def __init__(self, here: Ground, clock: Clock) -> None:
        self.here, self.clock, self.sure = here, clock, True

    def least_index(self, costs: Floats) -> int:
        """Return the place of the least limit that gives every demand a usable site."""
        usable = ((self.here.state >= 0) | self.here.existing)[self.here.pairs.site]
        if not len(costs):
            return 0
        nearest = np.full(len(self.here.pairs), np.inf)
        np.minimum.at(nearest, self.here.pairs.demand[usable], self.here.pairs.cost[usable])
        return int(np.searchsorted(costs, nearest.max()))

    def holds(self, limit: float) -> tuple[Bools, Shares | None] | None:
        """Return a choice that serves everybody within ``limit``, None when there is none (or none in time)."""
        here = replace(self.here, pairs=self.here.pairs.within(limit))
        if here.capacity is None:
            found = SetCover.of(here).least(max(self.clock.left, 0.1), any_will_do=True)
            self.sure = found.status == "infeasible"
            return None if found.chosen is None else (found.chosen, None)
        e = len(here.pairs.site)
        proof = solve(
            sharing(here, np.zeros(e), np.zeros(here.pairs.n_sites), everybody=True), self.clock.left, absolute=ANY
        )
        self.sure = proof.status == "infeasible"
        if proof.x is None:
            return None
        return (proof.x[e:] > 0.5) & ~here.existing, shares_of(here, proof.x)
