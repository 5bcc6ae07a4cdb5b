"""What a siting problem is answered with: sites, who serves whom, objective, proven bound and gap."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.siting.problem import Effort, Ground, Pairs

OPTIMAL, WITHIN_GAP, TIME = "optimal", "within_gap", "time"


@dataclass(frozen=True)
class Answer:
    """The answer to one problem.

    ``bound`` is proven: no choice of sites does better. ``gap`` is ``|bound - objective|`` over the greater of both.
    ``status`` is ``optimal`` (the gap is nothing but rounding), ``within_gap`` (as near as was asked) or ``time`` (the
    time was over; objective and bound still hold). ``served_by[i]`` is the site that serves demand ``i`` (the nearest
    open one; with capacity the one that serves most of it), -1 where none does; with capacity ``shares`` tells all parts.
    """

    problem: str  #: lscp, mclp, p_median or p_center
    status: str
    objective: float
    bound: float
    gap: float
    seconds: float
    sites: tuple[int, ...]  #: opened, required ones included, existing ones not
    existing: tuple[int, ...]
    spent: float  #: sum of the sites' cost
    served_by: NDArray[np.int64]  #: (R,)
    method: str  #: what proved the bound: "lagrangian", "lp", "highs", "count" …
    shares: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]] | None = None  #: demand, site, weight

    def as_json(self) -> dict[str, Any]:
        """Return the answer for machines, without the long lists of who serves whom."""
        return {
            "problem": self.problem, "status": self.status, "objective": plain(self.objective), "bound": plain(self.bound),
            "gap": self.gap, "seconds": round(self.seconds, 4), "sites": list(self.sites),
            "existing": list(self.existing), "spent": self.spent, "method": self.method,
        }  # fmt: skip


def plain(value: float) -> float | int:
    """Return a whole number as int, all else as it is."""
    return int(value) if np.isfinite(value) and value == int(value) else float(value)


def gap_of(objective: float, bound: float) -> float:
    """Return the relative gap; 0 when both are equal up to rounding.

    Examples
    --------
    >>> gap_of(99, 100), gap_of(0, 0)
    (0.01, 0.0)
    """
    apart = abs(bound - objective)
    size = max(abs(bound), abs(objective))
    return 0.0 if apart <= 1e-9 * max(1.0, size) else float(apart / size)


class Clock:
    """The time left of an effort."""

    def __init__(self, effort: Effort) -> None:
        self.effort = effort
        self.start = time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.start

    @property
    def left(self) -> float:
        return self.effort.seconds - self.seconds

    def done(self, objective: float, bound: float) -> bool:
        """Tell whether the gap asked for is reached."""
        return gap_of(objective, bound) <= self.effort.gap


def nearest(pairs: Pairs, open_sites: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return per demand the cheapest open site (-1 where none) and its cost (``inf``)."""
    usable = np.flatnonzero(open_sites[pairs.site])
    order = usable[np.lexsort((pairs.site[usable], pairs.cost[usable], pairs.demand[usable]))]
    demand = pairs.demand[order]
    first = np.r_[True, demand[1:] != demand[:-1]] if len(order) else np.zeros(0, bool)
    served, cost = np.full(len(pairs), -1, np.int64), np.full(len(pairs), np.inf)
    served[demand[first]] = pairs.site[order[first]]
    cost[demand[first]] = pairs.cost[order[first]]
    return served, cost


def answer(
    problem: str, here: Ground, chosen: NDArray[np.bool_], objective: float, bound: float, clock: Clock, method: str,
    shares: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]] | None = None,
) -> Answer:  # fmt: skip
    """Put an answer together from the sites chosen."""
    gap = gap_of(objective, bound)
    status = OPTIMAL if gap <= 1e-9 else WITHIN_GAP if gap <= clock.effort.gap else TIME
    if shares is None:
        served, _ = nearest(here.pairs, chosen | here.existing)
    else:
        served = np.full(len(here.pairs), -1, np.int64)
        order = np.argsort(shares[2], kind="stable")
        served[shares[0][order]] = shares[1][order]
    return Answer(
        problem, status, float(objective), float(bound), gap, clock.seconds, tuple(np.flatnonzero(chosen).tolist()),
        tuple(np.flatnonzero(here.existing).tolist()), float(here.cost[chosen].sum()), served, method, shares,
    )  # fmt: skip
