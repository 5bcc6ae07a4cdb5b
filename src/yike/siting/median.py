"""The p-median: p sites so that the weighted sum of costs to the nearest one is least (Hakimi 1964)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from yike.siting.answer import Answer, Clock, answer
from yike.siting.capacity import median_with_capacity
from yike.siting.feasible import everybody_served
from yike.siting.median_hunt import MedianHunt
from yike.siting.problem import Effort, Pairs, Rules, ground


def p_median(
    pairs: Pairs, weight: ArrayLike | None = None, rules: Rules | None = None, effort: Effort | None = None
) -> Answer:
    """Choose sites so that the weighted sum of costs to the nearest open site is least.

    Parameters
    ----------
    pairs
        What each site costs each demand (seconds, metres); every demand must be served.
    weight
        (R,) people at each demand; None = 1 each.
    rules
        ``p`` and/or ``budget``, required and forbidden sites, existing outlets, cost, capacity.

    Returns
    -------
    Answer
        ``objective`` is the sum, ``bound`` never above it.

    Raises
    ------
    SitingError
        See `yike.siting.problem.ground`; ``siting.not_reached``, ``siting.p_too_small``, ``siting.budget_too_small``,
        ``siting.capacity_short``.

    Examples
    --------
    >>> found = p_median(Pairs.of_matrix([[0, 3, 9], [3, 0, 6], [9, 6, 0]]), [1, 1, 5], Rules(p=1))
    >>> found.sites, found.objective, found.status
    ((2,), 15.0, 'optimal')
    """
    effort = effort or Effort()
    clock = Clock(effort)
    here = ground(pairs, weight, rules or Rules(), limited=True)
    known = everybody_served(here, effort)
    if here.capacity is not None:
        return median_with_capacity(here, clock)
    hunt = MedianHunt(here, clock, known)
    hunt.run()
    return answer("p_median", here, np.asarray(hunt.chosen), hunt.value, hunt.bound, clock, hunt.method)
