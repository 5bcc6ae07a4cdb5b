"""An upper bound of our own: budget, floor areas and "each resident once" become prices (Lagrangian relaxation)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yike.siting.joint.problem import Problem

Floats = NDArray[np.float64]
ROUNDS = 1500
PATIENCE = 30  #: rounds without a better bound before steps are halved


def dual_bound(problem: Problem, value: float, rounds: int = ROUNDS) -> float:
    """Return a bound that the worth of no set exceeds; ``value`` is that of a known set and sets the length of steps.

    With prices α of a resident of each group, λ of a yuan and μ of a square metre of each space, every lane serves those
    of its people who are worth more than their price, up to its capacity, and a pair is built where what its lanes win
    is more than its price of money and floor; a lane with a least catchment takes people at a loss up to it. The bound is
    that sum and the price of all that is there. Least shares are left out: fewer conditions, never a smaller bound.

    Sources
    -------
    Fisher (1981); steps after Polyak (1969).
    """
    p = problem
    if not len(p.options):
        return 0.0
    net = _Prices(p)
    alpha, mu = np.zeros(len(p.group_people)), np.zeros(len(p.area_m2))
    limited = np.isfinite(p.budget_yuan)
    rate = max(value, 1.0) / max(p.budget_yuan, 1.0) if limited else 0.0
    floor = max(value, 1.0) / max(p.area_m2.sum(), 1.0)
    lam = 0.5 * rate
    # a step moves each price by the part of what is there that is too much or too little
    sizes = 1 / p.group_people, rate / p.budget_yuan if limited and p.budget_yuan > 0 else 0.0, floor / p.area_m2
    best, length, quiet = net.worth_of_all, 1.0, 0
    for _ in range(rounds):
        bound, people, money, area = net.relaxed(alpha, lam, mu)
        quiet = 0 if bound < best - 1e-6 * best else quiet + 1
        best = min(best, bound)
        if quiet >= PATIENCE:
            length, quiet = length / 2, 0
        left = p.group_people - people, (p.budget_yuan - money) if limited else 0.0, p.area_m2 - area
        norm = (left[0] ** 2 * sizes[0]).sum() + left[1] ** 2 * sizes[1] + (left[2] ** 2 * sizes[2]).sum()
        if norm <= 0 or bound <= value * (1 + 1e-9) or length < 1e-4:
            break
        step = length * (bound - value) / norm
        alpha = np.maximum(alpha - step * left[0] * sizes[0], 0.0)
        lam = max(lam - step * left[1] * sizes[1], 0.0)
        mu = np.maximum(mu - step * left[2] * sizes[2], 0.0)
    return float(max(best, value))


class _Prices:
    """The relaxed problem of one set of prices."""

    def __init__(self, problem: Problem) -> None:
        p = self.p = problem
        self.lane = p.edge_lane
        self.people = p.group_people[p.edge_group]
        self.worth = p.edge_weight
        used = np.bincount(p.edge_group, minlength=len(p.group_people)) > 0
        weight = p.weight[p.group_type] if len(p.group_type) else np.zeros(0)
        self.worth_of_all = float((p.group_people * weight)[used].sum())
        self.first = np.unique(p.option_pair, return_index=True)[1]
        self.need = np.zeros(len(p.lane_option))
        self.need[p.option_lane[:-1]] = p.option_need
        self.must = np.isin(p.option_pair[self.first], p.locked)

    def relaxed(self, alpha: Floats, lam: float, mu: Floats) -> tuple[float, Floats, float, Floats]:
        """Return the bound with the people taken of each group, the money and the floor of each space."""
        p = self.p
        profit = self.worth - alpha[p.edge_group]
        taken = self._taken(profit)
        lane = np.bincount(self.lane, weights=profit * taken, minlength=len(p.lane_option))
        won = np.bincount(p.lane_option, weights=lane, minlength=len(p.options)).astype(float)
        won = won - lam * p.option_cost - mu[p.option_space] * p.option_area
        best = np.maximum.reduceat(won, self.first)
        order = np.lexsort((won, p.option_pair))
        last = np.r_[self.first[1:], len(won)] - 1
        pick = order[last][(best > 0) | self.must]
        built = np.zeros(len(won), bool)
        built[pick] = True
        bound = (alpha * p.group_people).sum() + (mu * p.area_m2).sum() + won[pick].sum()
        bound += lam * p.budget_yuan if lam > 0 else 0.0
        there = built[p.lane_option[self.lane]]
        people = np.bincount(p.edge_group[there], weights=taken[there], minlength=len(p.group_people)).astype(float)
        area = np.bincount(p.option_space[pick], weights=p.option_area[pick], minlength=len(p.area_m2)).astype(float)
        return float(bound), people, float(p.option_cost[pick].sum()), area

    def _taken(self, profit: Floats) -> Floats:
        """Return the people each lane takes, those of most profit first: all worth having, its need, its capacity."""
        order = np.lexsort((-profit, self.lane))
        people, lane = self.people[order], self.lane[order]
        worth_having = np.bincount(lane, weights=people * (profit[order] > 0), minlength=len(self.need))
        most = np.minimum(np.maximum(worth_having, self.need), self.p.lane_cap)
        heap = np.cumsum(people)
        starts = self.p.lane_at[:-1][lane]
        before = heap - people - np.where(starts > 0, heap[np.maximum(starts - 1, 0)], 0.0)
        taken = np.zeros(len(profit))
        taken[order] = np.clip(most[lane] - before, 0.0, people)
        return taken
