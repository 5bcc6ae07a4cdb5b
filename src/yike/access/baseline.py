"""What all what-if questions of one walker start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yike.access.walk import Routes, Supply, direct_walks, state_rows
from yike.network.graph import FAR_MS, Attachment

Int32 = NDArray[np.int32]


@dataclass(frozen=True)
class Baseline:
    """All that what-if questions of one walker share; never changed by them.

    ``limit_ms`` is the walking limit of each type for coverage; ``rows`` (T, S) milliseconds from every state to the
    nearest outlet, ``times`` (T, R) from every home, ``floors`` (T, R) along one shared link only.
    """

    routes: Routes
    homes: Attachment
    people: NDArray[np.float64]
    supply: Supply
    limit_ms: Int32
    rows: Int32
    times: Int32
    floors: Int32
    start: Int32  #: (R, 2) states
    start_ms: Int32  #: (R, 2)
    home_at: NDArray[np.int64]  #: (S + 1,)
    home_of: Int32
    goal: Int32  #: (O, 2) states of the outlets
    goal_ms: Int32  #: (O, 2)
    home_order: Int32  #: homes by their link, and these links
    home_links: Int32

    @property
    def people_met(self) -> NDArray[np.float64]:
        """People within the limit of each type (T,)."""
        met: NDArray[np.float64] = (self.times <= self.limit_ms[:, None]) @ self.people
        return met

    def homes_on(self, link: int) -> Int32:
        """Return the rows of the homes that stand on a link."""
        low, high = np.searchsorted(self.home_links, np.array([link, link + 1], np.int32))
        return self.home_order[low:high]


def baseline(
    routes: Routes, homes: Attachment, people: NDArray[np.float64], supply: Supply, limits_s: Sequence[float]
) -> Baseline:
    """Compute what all scenarios start from.

    Parameters
    ----------
    people : float array (R,)
        People at each residents' point.
    limits_s : float (T,)
        Walking limit of each type of ``supply`` for coverage, in seconds; at most the prepared limit.
    """
    limit = round(routes.limit_s * 1000)
    rows = state_rows(routes, supply)
    start, start_ms = routes.states.starts(homes)
    floors = np.full((len(supply.types), len(homes)), FAR_MS, np.int32)
    _direct_into(floors, supply, homes, *direct_walks(routes.states, homes, supply.at))
    times = floors.copy()
    for end in range(2):
        walk = rows[:, start[:, end]] + start_ms[:, end]
        times = np.where(start[:, end] >= 0, np.minimum(times, walk), times)
    times[times > limit] = FAR_MS
    order = np.argsort(homes.link, kind="stable").astype(np.int32)
    return Baseline(
        routes, homes, people, supply, np.rint(np.asarray(limits_s) * 1000).astype(np.int32), rows, times, floors,
        start, start_ms, *homes_by_state(start, routes.states.n_states), *routes.states.goals(supply.at),
        order, homes.link[order],
    )  # fmt: skip


def homes_by_state(start: Int32, n_states: int) -> tuple[NDArray[np.int64], Int32]:
    """Return the homes whose trips may begin in each state, as rows (at (S + 1), home)."""
    flat = start.ravel()
    use = np.flatnonzero(flat >= 0)
    use = use[np.argsort(flat[use], kind="stable")]
    at = np.zeros(n_states + 1, np.int64)
    np.cumsum(np.bincount(flat[use], minlength=n_states), out=at[1:])
    return at, (use // start.shape[1]).astype(np.int32)


def _direct_into(floors: Int32, supply: Supply, homes: Attachment, at: Int32, who: Int32, ms: Int32) -> None:
    many = np.diff(supply.type_at)[who]
    pair = np.repeat(np.arange(len(who)), many)
    nth = np.arange(len(pair)) - np.repeat(np.cumsum(many) - many, many)
    home = np.repeat(np.arange(len(homes)), np.diff(at))
    np.minimum.at(floors, (supply.type_of[supply.type_at[who[pair]] + nth], home[pair]), ms[pair])
