"""What each sum of money buys: the best package known at several budgets, and where more money begins to buy little."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.siting.joint.problem import Problem
from yike.siting.joint.search import SOON, State, Stopped, greedy, polish, start

Floats = NDArray[np.float64]
PARTS = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.25, 1.6, 2.0, 3.0)  #: of the budget, or of the money that buys all


def money_curve(
    problem: Problem, alone: Floats, best: State, seconds: float, stopped: Stopped
) -> tuple[tuple[dict[str, Any], ...], float | None]:
    """Return points of growing money and people, and the money at the elbow.

    Each point is the greedy package of its budget, improved for its part of ``seconds``; that of the problem's own
    budget is ``best``. A package of less money is a package of more, so people never fall. ``yuan_per_person`` is the
    money each further person costs since the point before.
    """
    locked = start(problem, np.inf)
    whole = greedy(problem, alone, budget_yuan=np.inf).spent
    own = problem.budget_yuan if np.isfinite(problem.budget_yuan) else best.spent
    budgets = [locked.spent + part * (own - locked.spent) for part in PARTS]
    budgets = sorted({round(each, 2) for each in [*budgets, whole] if locked.spent < each <= whole * 1.000001})
    if own > locked.spent:
        budgets = sorted({*budgets, round(own, 2)})
    states = []
    for budget in budgets:
        if abs(budget - own) < 0.01:
            states.append(best)
            continue
        found = greedy(problem, alone, budget_yuan=budget)
        until = time.perf_counter() + seconds / len(budgets)
        states.append(polish(found, alone, until, stopped, quiet_looks=SOON))
    return _points(locked, budgets, states)


def _points(
    locked: State, budgets: list[float], states: list[State]
) -> tuple[tuple[dict[str, Any], ...], float | None]:
    rows = [(locked.spent, locked.value, int(locked.chosen.sum()))]
    for budget, state in zip(budgets, states, strict=True):
        money, worth, sites = budget, state.value, int(state.chosen.sum())
        if worth < rows[-1][1]:
            worth, sites = rows[-1][1], rows[-1][2]
        rows.append((money, worth, sites))
    told = []
    for k, (money, worth, sites) in enumerate(rows):
        more = worth - rows[k - 1][1] if k else 0.0
        per = (money - rows[k - 1][0]) / more if more > 1e-6 else None
        told.append({"budget_yuan": money, "people_types": worth, "sites": sites, "yuan_per_person": per})
    return tuple(told), elbow(np.array([row[0] for row in rows]), np.array([row[1] for row in rows]))


def elbow(money: Floats, people: Floats) -> float | None:
    """Return the money of the point that lies farthest above the line from the first point to the last, None for none.

    Sources
    -------
    Satopää, Albrecht, Irwin, Raghavan (2011): the knee as the largest distance to the chord, both axes scaled to 1.

    Examples
    --------
    >>> elbow(np.array([0.0, 1, 2, 10]), np.array([0.0, 6, 8, 10]))
    2.0
    """
    if len(money) < 3 or money[-1] <= money[0] or people[-1] <= people[0]:
        return None
    x = (money - money[0]) / (money[-1] - money[0])
    y = (people - people[0]) / (people[-1] - people[0])
    k = int((y - x).argmax())
    return float(money[k]) if y[k] - x[k] > 1e-9 else None
