"""The second opinion on siting: try every choice of sites of a small town."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
from scipy.optimize import linprog

from yike.siting import Rules


def choices(rules: Rules, n: int) -> Iterator[list[int]]:
    """Every set of new sites that the rules allow, existing ones left out."""
    cost = np.ones(n) if rules.cost is None else np.asarray(rules.cost, float)
    free = [j for j in range(n) if j not in set(rules.existing) | set(rules.forbidden)]
    must = set(rules.required) - set(rules.existing)
    for size in range(min(len(free), n if rules.p is None else rules.p) + 1):
        for chosen in combinations(free, size):
            money = np.inf if rules.budget is None else rules.budget
            if must <= set(chosen) and cost[list(chosen)].sum() <= money + 1e-9:
                yield list(chosen)


def shared(cost: np.ndarray, weight: np.ndarray, capacity: np.ndarray, worth: np.ndarray, everybody: bool) -> float:
    """Least sum of ``worth`` when demand is shared among the sites (columns) within capacity; inf when it cannot be."""
    r, s = cost.shape
    use = np.isfinite(cost).ravel()
    rows = np.kron(np.eye(r), np.ones((1, s)))
    load = np.kron(weight[None, :], np.eye(s))
    both = {"A_eq": rows, "b_eq": np.ones(r)} if everybody else {}
    less = load if everybody else np.vstack([load, rows])
    top = capacity if everybody else np.r_[capacity, np.ones(r)]
    found = linprog(
        np.where(use, worth.ravel(), 0.0), A_ub=less, b_ub=top, bounds=[(0, 1.0 if u else 0) for u in use], **both
    )
    return float(found.fun) if found.status == 0 else np.inf


def worth_of(problem: str, cost: np.ndarray, weight: np.ndarray, rules: Rules, chosen: list[int]) -> float:
    """What a choice is worth, as a sum to be made least (a cover counts below zero); inf when it does not do."""
    sites = chosen + list(rules.existing)
    here = cost[:, sites]
    site_cost = np.ones(cost.shape[1]) if rules.cost is None else np.asarray(rules.cost, float)
    if rules.capacity is not None and problem != "p_center":
        capacity = np.asarray(rules.capacity, float)[sites]
        people = np.broadcast_to(weight[:, None], here.shape)
        if problem == "mclp":
            return shared(here, weight, capacity, -people.astype(float), False) if sites else 0.0
        worth = np.where(np.isfinite(here), here, 0) * people if problem == "p_median" else np.zeros(here.shape)
        served = shared(here, weight, capacity, worth, True) if sites else np.inf
        return served if problem == "p_median" or not np.isfinite(served) else float(site_cost[chosen].sum())
    near = here.min(axis=1, initial=np.inf)
    if problem == "mclp":
        return -float(weight[np.isfinite(near)].sum())
    if not np.isfinite(near).all():
        return np.inf
    if problem == "p_center" and rules.capacity is not None:
        capacity = np.asarray(rules.capacity, float)[sites]
        for limit in np.unique(here[np.isfinite(here)]):
            within = np.where(here <= limit, here, np.inf)
            if np.isfinite(shared(within, weight, capacity, np.zeros(here.shape), True)):
                return float(limit)
        return np.inf
    if problem == "lscp":
        return float(site_cost[chosen].sum())
    return float((near * weight).sum() if problem == "p_median" else near.max())


def best(problem: str, cost: np.ndarray, weight: np.ndarray, rules: Rules) -> float:
    """The worth of the best choice (as `worth_of`), inf when there is none."""
    return min((worth_of(problem, cost, weight, rules, c) for c in choices(rules, cost.shape[1])), default=np.inf)
