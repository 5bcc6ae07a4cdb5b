"""Network + Walker → Walking: what each link costs one kind of walker, there and back."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.network.graph import FAR_MS, Network, Walking
from yike.network.rules import BARS, KINDS
from yike.network.walkers import Walker, load_walkers

__all__ = ["Walker", "load_walkers", "walking"]

Int32 = NDArray[np.int32]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def walking(network: Network, walker: Walker) -> Walking:
    """Return the milliseconds that ``walker`` takes for every link of ``network``, there and back.

    A link takes its length at the walker's pace (times the way's own factor, and the factor for steps up or
    down), and the waits at its ends times the walker's wait factor. What the walker cannot use is `FAR_MS`.

    Whole milliseconds are cut from the running sum along each way, so the remainder of one link goes into the
    next: a walk over any run of links of one way is off by less than 1 ms however many links it has.

    Raises
    ------
    NetworkError
        Nothing of its own; a walker's row is checked by `load_walkers`.

    Notes
    -----
    On steps without a told direction both ways take the mean of up and down.
    """
    f: dict[str, Any] = network.features
    there, back = _ms_per_metre(f, walker)
    barred = np.uint8(sum(bit for name, bit in BARS.items() if not getattr(walker, name)))
    shut = _shut_ways(f, walker, barred)
    open_there = ~(shut | (f["way_oneway"] < 0))[network.way] & ((f["bars"] & barred) == 0)
    open_back = ~(shut | (f["way_oneway"] > 0))[network.way] & ((f["bars"] & barred) == 0)
    wait = f["wait_s"] * (1000.0 * walker.wait_factor)
    there_ms = _carried(network.length_m * there[network.way] + wait, network.way)
    same = np.array_equal(there, back)
    back_ms = there_ms.copy() if same else _carried(network.length_m * back[network.way] + wait, network.way)
    there_ms[~open_there] = FAR_MS
    back_ms[~open_back] = FAR_MS
    return Walking(walker.id, there_ms, back_ms, walker.m_per_min)


def _ms_per_metre(f: dict[str, Any], walker: Walker) -> tuple[Floats, Floats]:
    """Return milliseconds a metre for each way, along it and against it."""
    level = 60_000.0 / walker.m_per_min / f["way_pace"].astype(float)
    steps = f["way_kind"] == KINDS.index("steps")
    up, down = level / walker.steps_up, level / walker.steps_down
    rise = f["way_up"]
    there = np.where(steps, np.select([rise > 0, rise < 0], [up, down], (up + down) / 2), level)
    back = np.where(steps, np.select([rise > 0, rise < 0], [down, up], (up + down) / 2), level)
    return there, back


def _shut_ways(f: dict[str, Any], walker: Walker, barred: np.uint8) -> Bools:
    """Return the ways this walker cannot use in any direction."""
    shut = (f["way_surface"] > walker.worst_surface) | (f["way_smoothness"] > walker.worst_smoothness)
    shut |= (f["way_bars"] & barred) != 0
    for kind in ("steps", "escalator", "lift"):
        if not getattr(walker, kind):
            shut |= f["way_kind"] == KINDS.index(kind)
    return np.asarray(shut)


def _carried(ms: Floats, way: Int32) -> Int32:
    """Return whole milliseconds whose running sum along each way is the rounded running sum."""
    total = np.cumsum(ms)
    starts = np.flatnonzero(np.r_[True, way[1:] != way[:-1]])
    before = np.where(starts > 0, total[starts - 1], 0.0)
    run = np.rint(total - np.repeat(before, np.diff(np.r_[starts, len(ms)]))).astype(np.int32)
    whole = np.empty_like(run)
    whole[0], whole[1:] = run[0], run[1:] - run[:-1]
    whole[starts] = run[starts]
    return whole
