"""Why a problem in which everybody must be served has no answer, and the smallest relaxation."""

from __future__ import annotations

import numpy as np

from yike.siting import loops
from yike.siting.answer import plain
from yike.siting.faults import SitingFaults
from yike.siting.problem import Bools, Effort, Ground
from yike.siting.set_cover import SetCover


def all_reached(here: Ground) -> None:
    """Refuse demands that no site may serve.

    Raises
    ------
    SitingError
        ``siting.not_reached``: demands without any site in reach; ``siting.only_forbidden``: demands that only forbidden
        sites reach, with the fewest sites to allow again.
    """
    pairs, faults = here.pairs, SitingFaults()
    usable = (here.state >= 0) | here.existing
    any_site = np.diff(pairs.start) > 0
    reached = np.bincount(pairs.demand, weights=usable[pairs.site], minlength=len(pairs)) > 0
    if (~any_site).any():
        faults.of("siting.not_reached", [(int(i), "") for i in np.flatnonzero(~any_site)])
    blocked = any_site & ~reached
    if blocked.any():
        state = np.where(here.forbidden, loops.FREE, loops.OUT).astype(np.int8)
        lift = SetCover(pairs, blocked, state, np.ones(pairs.n_sites), pairs.n_sites).least(10.0).chosen
        allow = "" if lift is None else ", ".join(map(str, np.flatnonzero(lift)))
        faults.of("siting.only_forbidden", [(int(i), "") for i in np.flatnonzero(blocked)], allow=allow)
    faults.stop()


def everybody_served(here: Ground, effort: Effort) -> Bools | None:
    """Return sites that serve everybody within ``p`` and budget; None when that could not be told in time.

    Raises
    ------
    SitingError
        As `all_reached`; ``siting.p_too_small`` with the fewest sites needed; ``siting.budget_too_small`` with the least
        money needed (within ``p``); ``siting.capacity_short`` when all sites together are too small.
    """
    all_reached(here)
    enough_capacity(here)
    simple = one_for_all(here)
    if simple is not None:
        return simple
    quick = SetCover.of(here)
    found = quick.least(effort.seconds / 4, any_will_do=True)
    if found.status != "infeasible":
        return found.chosen
    ones = np.ones(len(here.cost))
    fewest = SetCover.of(here, ones, limited=False).least(effort.seconds / 4)
    if here.p is not None and fewest.bound > here.p:
        SitingFaults().of("siting.p_too_small", p=here.p, needed=plain(fewest.bound)).stop()
    of_p = SetCover(here.pairs, quick.need, here.state, here.cost, here.most).least(effort.seconds / 4)
    SitingFaults().of("siting.budget_too_small", budget=plain(here.money), needed=plain(of_p.bound)).stop()
    return None


def one_for_all(here: Ground) -> Bools | None:
    """Return the required sites with one that reaches everybody, where that is allowed: most towns need no search."""
    chosen = here.state == loops.IN
    reach_all = np.bincount(here.pairs.site, minlength=here.pairs.n_sites) == len(here.pairs)
    if (reach_all & (chosen | here.existing)).any():
        return chosen
    fits = here.cost <= here.money - here.cost[chosen].sum()
    able = np.flatnonzero(reach_all & (here.state == loops.FREE) & fits)
    if chosen.sum() >= here.most or not len(able):
        return None
    chosen[able[0]] = True
    return chosen


def enough_capacity(here: Ground) -> None:
    """Refuse problems whose usable sites together cannot serve all demand (the ``p`` greatest, where ``p`` is given)."""
    if here.capacity is None:
        return
    free = np.sort(here.capacity[here.state == loops.FREE])[::-1]
    settled = float(here.capacity[(here.state == loops.IN) | here.existing].sum())
    new = max(0, here.most - int((here.state == loops.IN).sum()))
    can, want = settled + float(free[:new].sum()), float(here.weight.sum())
    if can < want - 1e-9:
        SitingFaults().of("siting.capacity_short", can=plain(can), want=plain(want), lacking=plain(want - can)).stop()
