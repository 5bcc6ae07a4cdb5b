"""What siting each type alone would bring for the same money: the comparison the joint problem has to win."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yike.siting.joint import loops
from yike.siting.joint.problem import Problem
from yike.siting.joint.search import State, locked_options

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
SPLITS = ("equal", "by_need")


def sited_alone(problem: Problem, alone: Floats, uncovered: Floats) -> tuple[str, State]:
    """Return the better of two ways to site type after type, and the set it builds.

    The money, less what locked sites cost, is shared out before: equally ("equal"), or in proportion to the people whom
    a type leaves uncovered now, ``uncovered`` (T,) ("by_need"). Types come one after the other, the one that leaves most
    people uncovered first; each is filled by the same lazy greedy on the floor that earlier types left, with its share
    and what they did not spend. So the set is a lawful answer of the joint problem.
    """
    found = {split: _by_type(problem, alone, uncovered, split) for split in SPLITS}
    best = max(SPLITS, key=lambda split: found[split].value)
    return best, found[best]


def _by_type(problem: Problem, alone: Floats, uncovered: Floats, split: str) -> State:
    types = len(problem.types)
    state = State.empty(problem)
    for n in locked_options(problem):
        state.add(n)
    part = np.full(types, 1 / max(types, 1))
    if split == "by_need" and uncovered.sum() > 0:
        part = uncovered / uncovered.sum()
    money, given = state.money, 0.0
    own = problem.lane_type[problem.option_lane[:-1]]
    purse = state.work.pick.purse
    spent = 0.0
    for k in np.argsort(-uncovered, kind="stable"):
        given += money * part[k] if np.isfinite(money) else np.inf
        purse[0] = given - spent
        before = state.spent
        loops.fill(state.work, alone.copy(), np.asarray(own == k), 1.0)
        spent += state.spent - before
    purse[0] = money - spent
    return state
