"""Own heuristic: lazy greedy by worth per yuan from several starts, then options given up and filled again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yike.siting.joint import flow, loops
from yike.siting.joint.problem import Problem

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
POWERS = (1.0, 0.8, 1.2, 1.5)  #: how much large options are favoured, one start each
SINGLES = 12  #: starts from the single options of most worth
ROUNDS = 100  #: of giving up and filling, between two looks at the clock
QUIET, SOON = 10, 2  #: such looks without anything better before the search rests, and before one of many does
Stopped = Callable[[], None]


@dataclass
class State:
    """A set of chosen options with the people they serve, kept up to date by the compiled loops."""

    problem: Problem
    work: loops.Work
    floor: loops.Floor

    @classmethod
    def empty(cls, problem: Problem, budget_yuan: float | None = None, area_m2: Floats | None = None) -> State:
        """Return the state without any option; ``budget_yuan`` and ``area_m2`` default to the problem's."""
        p = problem
        lanes, edges, groups = len(p.lane_option), len(p.edge_group), len(p.group_people)
        pairs = int(p.option_pair.max()) + 1 if len(p.options) else 0
        budget = p.budget_yuan if budget_yuan is None else budget_yuan
        room = (p.area_m2 if area_m2 is None else area_m2).astype(float).copy()
        types = p.lane_type if lanes else np.zeros(1, np.int64)
        a, b, c, d = (np.zeros(lanes + 1, np.int64) for _ in range(4))
        work = loops.Work(
            flow.Net(p.lane_at, p.edge_group, p.edge_lane, p.group_at, p.group_edge, p.group_people),
            loops.Table(
                p.option_space, p.option_pair, p.option_cost, p.option_area, p.option_need, p.option_lane, types
            ),
            p.weight[p.lane_type] if lanes else np.zeros(0),
            flow.Flow(np.zeros(groups), np.zeros(lanes), np.zeros(edges), p.lane_cap),
            flow.Flow(np.zeros(groups), np.zeros(lanes), np.zeros(edges), np.zeros(lanes)),
            loops.Pick(np.zeros(len(p.options), bool), np.zeros(pairs, bool), room, np.zeros(lanes, bool),
                       np.array([budget])),
            _log(lanes, edges), _log(lanes, edges), flow.Search(a, b, c, d, np.zeros(1, np.int64)),
        )  # fmt: skip
        return cls(p, work, loops.Floor(p.group_area, p.shortage))

    @classmethod
    def of(cls, problem: Problem, chosen: Bools, budget_yuan: float | None = None) -> State:
        """Return the state of a set; options that cannot live beside the others are left out."""
        state = cls.empty(problem, np.inf if budget_yuan is None else budget_yuan)
        for n in np.flatnonzero(chosen):
            state.add(int(n))
        return state

    def add(self, n: int) -> float:
        """Choose an option; return its gain, -1 where it cannot live beside the others."""
        return float(loops.add(n, self.work))

    @property
    def chosen(self) -> Bools:
        found: Bools = self.work.pick.chosen
        return found

    @property
    def money(self) -> float:
        """What is left of the budget."""
        return float(self.work.pick.purse[0])

    @property
    def value(self) -> float:
        """Worth of the people served."""
        return float(loops.value_of(self.work))

    @property
    def served(self) -> Floats:
        """People served of each group (G,)."""
        found: Floats = self.work.flow.served
        return found

    @property
    def flow(self) -> Floats:
        """People on each edge (E,)."""
        found: Floats = self.work.flow.x
        return found

    @property
    def short(self) -> float:
        """Person-types still lacking in areas in shortage."""
        return float(loops.shortage_left(self.work, self.floor))

    @property
    def spent(self) -> float:
        return float(self.problem.option_cost[self.chosen].sum())

    def gains(self) -> Floats:
        """Return what each option would add (N,)."""
        upper = np.zeros(len(self.problem.options))
        loops.first_gains(self.work, upper)
        return upper

    def better_than(self, other: State | None) -> bool:
        """Less shortage first, then more worth, then less money."""
        if other is None:
            return True
        if abs(self.short - other.short) > 1e-6:
            return self.short < other.short
        if abs(self.value - other.value) > 1e-6:
            return self.value > other.value
        return self.spent < other.spent - 1e-6


def _log(lanes: int, edges: int) -> flow.Log:
    size = 65_536 + 8 * (edges + lanes)
    return flow.Log(np.zeros(size, np.int64), np.zeros(size), np.zeros(1, np.int64))


def locked_options(problem: Problem) -> list[int]:
    """Return the least option of each locked pair."""
    return [int(np.flatnonzero(problem.option_pair == pair)[0]) for pair in problem.locked]


def start(problem: Problem, budget_yuan: float | None = None) -> State:
    """Return the state with the locked options only."""
    state = State.empty(problem, budget_yuan)
    for n in locked_options(problem):
        state.add(n)
    return state


def greedy(
    problem: Problem, alone: Floats, power: float = 1.0, first: int = -1, budget_yuan: float | None = None,
    allowed: Bools | None = None,
) -> State:  # fmt: skip
    """Fill a state, shortages first; ``first`` is an option that is taken before all others."""
    state = start(problem, budget_yuan)
    allowed = np.ones(len(alone), bool) if allowed is None else allowed
    if first >= 0 and not state.chosen[first] and _fits(state, first):
        state.add(first)
    if len(problem.shortage):
        loops.close_shortage(state.work, state.floor, allowed)
    loops.fill(state.work, alone.copy(), allowed, power)
    return state


def _fits(state: State, n: int) -> bool:
    return bool(loops.fits(n, state.work.table, state.work.pick))


def search(
    problem: Problem, seconds: float, stopped: Stopped, *, starts: tuple[Bools, ...] = (), seed: int = 1
) -> State:
    """Return the best set found within ``seconds``; the same seed gives the same set where time does not end it.

    Sources
    -------
    Lazy greedy: Minoux (1978). Greedy by worth per cost with single large items: Khuller, Moss, Naor (1999);
    partial enumeration: Sviridenko (2004). Ruin and recreate: Schrimpf et al. (2000).
    """
    until = time.perf_counter() + seconds
    alone = State.empty(problem, np.inf, np.full(len(problem.area_m2), np.inf)).gains()
    best: State | None = None
    singles = np.argsort(-alone, kind="stable")[:SINGLES].tolist() if np.isfinite(problem.budget_yuan) else []
    for power, first in [*((power, -1) for power in POWERS), *((1.0, n) for n in singles)]:
        found = greedy(problem, alone, power, first)
        best = found if found.better_than(best) else best
        stopped()
        if time.perf_counter() > until:
            break
    for chosen in starts:
        found = State.of(problem, chosen, problem.budget_yuan)
        best = found if found.better_than(best) else best
    assert best is not None
    return polish(best, alone, until, stopped, seed)


def polish(
    state: State, alone: Floats, until: float, stopped: Stopped, seed: int = 1, quiet_looks: int = QUIET
) -> State:
    """Give up and fill again until the clock or so many quiet looks end it."""
    fixed = np.isin(state.problem.option_pair, state.problem.locked)
    upper, quiet = alone.copy(), 0
    while quiet < quiet_looks and time.perf_counter() < until and len(alone):
        found = loops.improve(state.work, upper, alone, fixed, state.floor, ROUNDS, seed)
        quiet = 0 if found else quiet + 1
        seed += 1
        stopped()
    return state
