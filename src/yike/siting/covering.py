"""Covering: the fewest sites that reach everybody (LSCP), the most people reached by p sites or a budget (MCLP).

LSCP is the location set covering problem of Toregas, Swain, ReVelle and Bergman (1971), MCLP the maximal covering
location problem of Church and ReVelle (1974). Formulas: docs/method/siting.md.
"""

from __future__ import annotations

from numpy.typing import ArrayLike

from yike.siting.answer import Answer, Clock, answer
from yike.siting.capacity import lscp_with_capacity, mclp_with_capacity
from yike.siting.cover_hunt import CoverHunt
from yike.siting.faults import SitingFaults
from yike.siting.feasible import all_reached, enough_capacity, everybody_served
from yike.siting.problem import Effort, Pairs, Rules, ground
from yike.siting.set_cover import SetCover


def mclp(
    cover: Pairs, weight: ArrayLike | None = None, rules: Rules | None = None, effort: Effort | None = None
) -> Answer:
    """Choose sites so that the most weight is covered (Church and ReVelle 1974).

    Parameters
    ----------
    cover
        The pairs in reach (`Pairs.within`): a demand is covered when one of its sites is open.
    weight
        (R,) people at each demand; None = 1 each.
    rules
        ``p`` and/or ``budget``, required and forbidden sites, existing outlets, cost, capacity.

    Returns
    -------
    Answer
        ``objective`` is the weight covered, by existing outlets too; ``bound`` is never below it.

    Raises
    ------
    SitingError
        See `yike.siting.problem.ground`; ``siting.p_missing`` without ``p`` and ``budget``.

    Examples
    --------
    >>> cover = Pairs.of_matrix([[1, 9, 9], [1, 1, 9], [9, 1, 1], [9, 9, 1]]).within(5)
    >>> found = mclp(cover, [4, 1, 1, 2], Rules(p=1))
    >>> found.sites, found.objective, found.bound, found.status
    ((0,), 5.0, 5.0, 'optimal')
    """
    effort = effort or Effort()
    clock = Clock(effort)
    here = ground(cover, weight, rules or Rules(), limited=True)
    if here.capacity is not None:
        return mclp_with_capacity(here, clock)
    hunt = CoverHunt(here, clock)
    hunt.run()
    return answer("mclp", here, hunt.chosen, hunt.already + hunt.value, hunt.already + hunt.bound, clock, hunt.method)


def lscp(
    cover: Pairs, weight: ArrayLike | None = None, rules: Rules | None = None, effort: Effort | None = None
) -> Answer:
    """Choose the fewest (with ``cost``: the least costly) sites that cover every demand (Toregas et al. 1971).

    Parameters
    ----------
    cover
        The pairs in reach (`Pairs.within`).
    weight
        (R,) people at each demand: only capacity asks for them.
    rules
        Required and forbidden sites, existing outlets, cost, capacity; ``p`` and ``budget`` are limits that the answer
        must keep.

    Raises
    ------
    SitingError
        ``siting.not_reached``, ``siting.only_forbidden``, ``siting.capacity_short``, ``siting.p_too_small``,
        ``siting.budget_too_small``, and those of `yike.siting.problem.ground`.

    Examples
    --------
    >>> cover = Pairs.of_matrix([[1, 9, 9], [1, 1, 9], [9, 1, 1], [9, 9, 1]]).within(5)
    >>> lscp(cover).sites, lscp(cover, rules=Rules(required=[1])).sites
    ((0, 2), (0, 1, 2))
    """
    effort = effort or Effort()
    clock = Clock(effort)
    here = ground(cover, weight, rules or Rules())
    all_reached(here)
    enough_capacity(here)
    if here.p is not None or here.budget is not None:
        everybody_served(here, effort)
    if here.capacity is not None:
        return lscp_with_capacity(here, clock)
    found = SetCover.of(here).least(clock.left, effort.gap)
    if found.chosen is None:
        SitingFaults().of("siting.no_answer", seconds=effort.seconds).stop()
    assert found.chosen is not None
    return answer("lscp", here, found.chosen, found.value, found.bound, clock, "highs")
