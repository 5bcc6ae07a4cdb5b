"""Compiled loops of the joint problem: arrays in, arrays out.

People are a flow: from groups over edges to lanes, each lane holding at most its capacity. The most people a set of
options can serve is a maximum flow, kept up to date as options come and go; a second flow on the same edges, where each
lane wants its least catchment and no more, tells whether all chosen options can live side by side. Formulas:
docs/method/joint.md.
"""

# mypy: disallow-untyped-decorators=False

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import njit

from yike.siting.joint.flow import EPS, clear, push, refill, undo

YUAN = 1e-6
ALIVE = 1e-3  #: people; solvers keep a condition so nearly


class Table(NamedTuple):
    """Options: space, pair, cost, area, least catchment (N,), their lanes (N + 1,), and the type of each lane (L,)."""

    space: Any
    pair: Any
    cost: Any
    area: Any
    need: Any
    lane_of: Any
    lane_type: Any


class Pick(NamedTuple):
    """What is chosen and what is left."""

    chosen: Any  #: (N,)
    taken: Any  #: pairs
    room: Any  #: (S,) square metres left
    on: Any  #: (L,) lanes of chosen options
    purse: Any  #: (1,) money left


class Work(NamedTuple):
    """All of a state."""

    net: Any
    table: Any
    worth: Any  #: (L,) of one resident served
    flow: Any
    alive: Any  #: the second flow; its caps are the least catchments of chosen options
    pick: Any
    log: Any
    log_alive: Any
    search: Any


class Floor(NamedTuple):
    """Areas in shortage: the area of each group (-1 = none), and what each area lacks."""

    group_area: Any
    shortage: Any


@njit(cache=True, error_model="numpy")
def fits(n: int, table: Any, pick: Any) -> bool:
    """Return whether an option's pair is free, and its floor and cost are there."""
    if pick.taken[table.pair[n]]:
        return False
    return table.area[n] <= pick.room[table.space[n]] + 1e-9 and table.cost[n] <= pick.purse[0] + YUAN


@njit(cache=True, error_model="numpy")
def lives(n: int, work: Any) -> bool:
    """Let an option claim its least catchment beside the others; False (and nothing changed) where it cannot."""
    need = work.table.need[n]
    if need <= EPS:
        return True
    lane = work.table.lane_of[n]
    work.alive.caps[lane] = need
    got = push(lane, need, work.net, work.alive, work.log_alive, work.search)
    if got < need - ALIVE:
        undo(0, work.net, work.alive, work.log_alive)
        work.alive.caps[lane] = 0.0
        return False
    work.log_alive.count[0] = 0
    return True


@njit(cache=True, error_model="numpy")
def gain_of(n: int, work: Any) -> float:
    """Add an option's lanes to the flow and return the worth of the people it adds; the log keeps how."""
    gain = 0.0
    for lane in range(work.table.lane_of[n], work.table.lane_of[n + 1]):
        gain += work.worth[lane] * push(lane, work.flow.caps[lane], work.net, work.flow, work.log, work.search)
    return gain


@njit(cache=True, error_model="numpy")
def tried(n: int, work: Any) -> float:
    """Return the worth of the people an option would add, and change nothing."""
    gain = gain_of(n, work)
    undo(0, work.net, work.flow, work.log)
    return gain


@njit(cache=True, error_model="numpy")
def add(n: int, work: Any) -> float:
    """Choose an option for good; return its gain, or -1 where it cannot live beside the others."""
    table, pick = work.table, work.pick
    if not lives(n, work):
        return -1.0
    gain = gain_of(n, work)
    work.log.count[0] = 0
    pick.chosen[n] = True
    pick.taken[table.pair[n]] = True
    pick.room[table.space[n]] -= table.area[n]
    pick.purse[0] -= table.cost[n]
    for lane in range(table.lane_of[n], table.lane_of[n + 1]):
        pick.on[lane] = True
    return gain


@njit(cache=True, error_model="numpy")
def drop(n: int, work: Any) -> None:
    """Give an option up; open lanes beside it take what they can of its people."""
    table, pick = work.table, work.pick
    pick.chosen[n] = False
    pick.taken[table.pair[n]] = False
    pick.room[table.space[n]] += table.area[n]
    pick.purse[0] += table.cost[n]
    for lane in range(table.lane_of[n], table.lane_of[n + 1]):
        pick.on[lane] = False
        clear(lane, work.net, work.flow)
        refill(lane, pick.on, work.net, work.flow, work.log, work.search)
    first = table.lane_of[n]
    clear(first, work.net, work.alive)
    work.alive.caps[first] = 0.0


@njit(cache=True, error_model="numpy")
def fill(work: Any, upper: Any, allowed: Any, power: float) -> float:
    """Add options one by one, the one of most worth per yuan first (lazy greedy); return the worth added.

    ``upper`` (N,) never underestimates what an option adds to the set as it is; it is kept up to date. Worth counts to
    ``power``, so that values above 1 favour large options.
    """
    table, pick = work.table, work.pick
    left = allowed.copy()
    total = 0.0
    while True:
        best, best_score = -1, 0.0
        for n in range(len(left)):
            if left[n] and not pick.chosen[n] and upper[n] > EPS:
                score = upper[n] ** power / max(table.cost[n], 1.0)
                if score > best_score:
                    if not fits(n, table, pick):
                        left[n] = False  # money and floor only get less
                        continue
                    best, best_score = n, score
        if best < 0:
            return total
        gain = tried(best, work)
        fresh = gain >= upper[best] - 1e-6
        upper[best] = gain
        if fresh:
            if add(best, work) < 0:
                left[best] = False
            else:
                total += gain


@njit(cache=True, error_model="numpy")
def first_gains(work: Any, upper: Any) -> None:
    """Write what each option would add alone to the set as it is."""
    for n in range(len(upper)):
        upper[n] = 0.0 if work.pick.chosen[n] else tried(n, work)


@njit(cache=True, error_model="numpy")
def shortage_left(work: Any, floor: Any) -> float:
    """Return the person-types still lacking in the areas in shortage."""
    left = floor.shortage.copy()
    for g in range(len(floor.group_area)):
        if floor.group_area[g] >= 0:
            left[floor.group_area[g]] -= work.flow.served[g]
    return np.maximum(left, 0.0).sum()


@njit(cache=True, error_model="numpy")
def close_shortage(work: Any, floor: Any, allowed: Any) -> float:
    """Add the options that close most of the shortage per yuan, until none does; return what is left."""
    table, pick = work.table, work.pick
    open_ = allowed.copy()
    left = shortage_left(work, floor)
    while left > 1e-6:
        best, best_score = -1, 0.0
        for n in range(len(open_)):
            if not open_[n] or pick.chosen[n] or not fits(n, table, pick):
                continue
            gain_of(n, work)
            closed = left - shortage_left(work, floor)
            undo(0, work.net, work.flow, work.log)
            score = closed / max(table.cost[n], 1.0)
            if closed > 1e-6 and score > best_score:
                best, best_score = n, score
        if best < 0:
            break
        if add(best, work) < 0:
            open_[best] = False
        left = shortage_left(work, floor)
    return left


@njit(cache=True, error_model="numpy")
def value_of(work: Any) -> float:
    """Return the worth of all people served."""
    return (work.worth * work.flow.used).sum()


@njit(cache=True, error_model="numpy")
def _ruin(mine: Any, work: Any, touched: Any) -> None:
    """Give up one to three chosen options: one at random, others of its space or type, or anywhere."""
    table, pick = work.table, work.pick
    first = mine[np.random.randint(len(mine))]
    kind = table.lane_type[table.lane_of[first]]
    near = mine[(table.space[mine] == table.space[first]) | (table.lane_type[table.lane_of[mine]] == kind)]
    for k in range(1 + np.random.randint(3)):
        n = first
        if k > 0:
            pool = near if np.random.random() < 0.5 else mine
            n = pool[np.random.randint(len(pool))]
        if pick.chosen[n]:
            drop(n, work)
            for lane in range(table.lane_of[n], table.lane_of[n + 1]):
                touched[table.lane_type[lane]] = True


@njit(cache=True, error_model="numpy")
def improve(work: Any, upper: Any, alone: Any, fixed: Any, floor: Any, rounds: int, seed: int) -> int:
    """Give up one to three options at a time and fill up again, keeping what is better; return how often it was.

    Swaps of one for one, two for one, one for two and further are all cases of it. ``alone`` (N,) is what an option adds
    to nothing: an upper bound at any time. ``fixed`` (N,) options are not given up. Of equal worth the cheaper is kept.
    """
    table, pick, flow, alive = work.table, work.pick, work.flow, work.alive
    np.random.seed(seed)
    better = 0
    allowed = np.ones(len(upper), np.bool_)
    value, short = value_of(work), shortage_left(work, floor)
    for _ in range(rounds):
        mine = np.flatnonzero(pick.chosen & ~fixed)
        if len(mine) == 0:
            return better
        kept = (flow.served.copy(), flow.used.copy(), flow.x.copy(), alive.served.copy(), alive.used.copy(),
                alive.x.copy(), alive.caps.copy(), pick.chosen.copy(), pick.taken.copy(), pick.room.copy(),
                pick.on.copy(), upper.copy())  # fmt: skip
        money = pick.purse[0]
        touched = np.zeros(table.lane_type.max() + 1, np.bool_)
        _ruin(mine, work, touched)
        for n in range(len(upper)):
            for lane in range(table.lane_of[n], table.lane_of[n + 1]):
                if touched[table.lane_type[lane]]:
                    upper[n] = alone[n]
        if len(floor.shortage) > 0:
            close_shortage(work, floor, allowed)
        fill(work, upper, allowed, 0.8 + 0.2 * np.random.randint(4))
        now, now_short = value_of(work), shortage_left(work, floor)
        as_short = now_short <= short + 1e-6
        cheaper = now > value - 1e-6 and pick.purse[0] > money + 1.0
        if now_short < short - 1e-6 or (as_short and (now > value + 1e-6 or cheaper)):
            value, short = now, now_short
            better += 1
            continue
        flow.served[:], flow.used[:], flow.x[:] = kept[0], kept[1], kept[2]
        alive.served[:], alive.used[:], alive.x[:], alive.caps[:] = kept[3], kept[4], kept[5], kept[6]
        pick.chosen[:], pick.taken[:], pick.room[:], pick.on[:] = kept[7], kept[8], kept[9], kept[10]
        pick.purse[0] = money
        upper[:] = kept[11]
    return better
