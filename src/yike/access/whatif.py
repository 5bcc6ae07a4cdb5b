"""What if: outlets added, moved or removed, links added, compounds opened, over an untouched baseline.

Nothing is computed twice: an added outlet spreads only as far as it is nearer than what is there, a removed one
clears only its own cell and lets its neighbours fill it, a new link spreads from its two ends. Times are whole
milliseconds, so the result equals a full recomputation to the last digit (``tests/access`` checks it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yike.access import kernel
from yike.access.walk import Routes, Supply, direct_walks, state_rows
from yike.errors import Fault, NetworkError
from yike.network.graph import FAR_MS, Attachment

Int32 = NDArray[np.int32]


@dataclass(frozen=True)
class AddOutlet:
    """A new outlet at one attached point, serving ``types``."""

    at: Attachment
    types: tuple[str, ...]


@dataclass(frozen=True)
class RemoveOutlet:
    """Outlet number ``outlet`` serves nothing any more (numbers go on counting through added ones)."""

    outlet: int


@dataclass(frozen=True)
class MoveOutlet:
    """Outlet number ``outlet`` keeps its types and stands elsewhere."""

    outlet: int
    at: Attachment


@dataclass(frozen=True)
class AddLink:
    """A new public link between two nodes, in seconds there and back."""

    u: int
    v: int
    there_s: float
    back_s: float


@dataclass(frozen=True)
class OpenGate:
    """Private links that strangers may use from now on: the ways behind an opened gate."""

    links: tuple[int, ...]


Change = AddOutlet | RemoveOutlet | MoveOutlet | AddLink | OpenGate


@dataclass(frozen=True)
class TypeEffect:
    """What one change did to one business type: homes whose nearest outlet changed, and people within the limit."""

    business_type: str
    homes: Int32  #: rows of residents' points
    before_s: NDArray[np.float32]  #: `inf` = none within the limit
    after_s: NDArray[np.float32]
    people_gained: float  #: people newly within the type's limit, less those newly beyond it


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
    flat = np.where(start >= 0, start, 0).ravel()
    use = np.flatnonzero(start.ravel() >= 0)
    use = use[np.argsort(flat[use], kind="stable")]
    home_at = np.zeros(routes.states.n_states + 1, np.int64)
    np.cumsum(np.bincount(flat[use], minlength=routes.states.n_states), out=home_at[1:])
    order = np.argsort(homes.link, kind="stable").astype(np.int32)
    return Baseline(
        routes, homes, people, supply, np.rint(np.asarray(limits_s) * 1000).astype(np.int32), rows, times, floors,
        start, start_ms, home_at, (use // 2).astype(np.int32), *routes.states.goals(supply.at),
        order, homes.link[order],
    )  # fmt: skip


def _direct_into(floors: Int32, supply: Supply, homes: Attachment, at: Int32, who: Int32, ms: Int32) -> None:
    many = np.diff(supply.type_at)[who]
    pair = np.repeat(np.arange(len(who)), many)
    nth = np.arange(len(pair)) - np.repeat(np.cumsum(many) - many, many)
    home = np.repeat(np.arange(len(homes)), np.diff(at))
    np.minimum.at(floors, (supply.type_of[supply.type_at[who[pair]] + nth], home[pair]), ms[pair])


@dataclass
class Scenario:
    """A list of changes over a baseline: apply them one by one, read the times after them.

    Rows of a type are copied the first time a change touches it; the baseline stays as it was.

    Examples
    --------
    A street of four crossings; a pharmacy is tried at its far end:

    >>> import numpy as np
    >>> from yike.access.walk import Supply, prepare
    >>> from yike.network.attach import at_nodes
    >>> from yike.network.build import from_links
    >>> net, adult = from_links(4, [(0, 1, 300), (1, 2, 300), (2, 3, 400)])
    >>> homes, shops = at_nodes(net, [0, 1, 2, 3]), at_nodes(net, [0])
    >>> supply = Supply.of(shops, [["pharmacy"]], ["pharmacy"])
    >>> now = baseline(prepare(net, adult), homes, np.array([1.0, 2, 4, 8]), supply, [600])
    >>> [effect] = Scenario(now).apply(AddOutlet(at_nodes(net, [3]), ("pharmacy",)))
    >>> effect.people_gained, effect.homes.tolist(), effect.after_s.tolist()
    (8.0, [2, 3], [400.0, 0.0])
    """

    base: Baseline
    changes: list[Change] = field(default_factory=list)
    _rows: dict[int, Int32] = field(default_factory=dict, repr=False)
    _times: dict[int, Int32] = field(default_factory=dict, repr=False)
    _floors: dict[int, Int32] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        states = self.base.routes.states
        self._at = self.base.supply.at
        self._goal, self._cost = self.base.goal.copy(), self.base.goal_ms.copy()
        self._new_types: dict[int, frozenset[int]] = {}
        self._providers: dict[int, Int32] = {}
        self._mark = np.zeros(len(self.base.homes), np.bool_)
        self._extra_first = (np.full(states.n_states, -1, np.int32), np.full(states.n_states, -1, np.int32))
        self._extra = np.zeros((0, 3), np.int32)
        self._extra_back = np.zeros((0, 3), np.int32)
        for change in self.changes:
            self._carry_out(change)

    def apply(self, change: Change) -> list[TypeEffect]:
        """Apply one change and return its effect on every type it touched."""
        effects = self._carry_out(change)
        self.changes.append(change)
        return effects

    def seconds(self, business_type: str) -> NDArray[np.float32]:
        """Return seconds (R,) to the nearest outlet of a type after all changes."""
        return _seconds(self._times.get(self._kind(business_type), self.base.times[self._kind(business_type)]))

    def people_met(self) -> NDArray[np.float64]:
        """Return the people within the limit of each type (T,) after all changes."""
        met = self.base.people_met
        for k, times in self._times.items():
            met[k] = self.base.people[times <= self.base.limit_ms[k]].sum()
        return met

    def _carry_out(self, change: Change) -> list[TypeEffect]:
        match change:
            case AddOutlet(at, types):
                return self._add(at, frozenset(self._kind(code) for code in types))
            case RemoveOutlet(outlet):
                return self._remove(self._known(outlet))
            case MoveOutlet(outlet, at):
                kinds = self._types_of(self._known(outlet))
                return _joined(self._remove(outlet), self._add(at, kinds, outlet), self.base)
            case AddLink(u, v, there_s, back_s):
                return self._arcs([(u, v, round(there_s * 1000)), (v, u, round(back_s * 1000))])
            case OpenGate(links):
                return self._arcs(self._opened(links))

    # --- outlets ---

    def _add(self, at: Attachment, kinds: frozenset[int], outlet: int | None = None) -> list[TypeEffect]:
        goal, cost = self.base.routes.states.goals(at)
        if outlet is None:
            outlet = len(self._goal)
            self._at = _stacked(self._at, at)
            self._goal, self._cost = np.vstack([self._goal, goal]), np.vstack([self._cost, cost])
        else:
            before, after = np.arange(outlet), np.arange(outlet + 1, len(self._goal))
            self._at = _stacked(_stacked(_rows_of(self._at, before), at), _rows_of(self._at, after))
            self._goal[outlet], self._cost[outlet] = goal[0], cost[0]
        self._new_types[outlet] = kinds
        effects = []
        for k in sorted(kinds):
            self._providers[k] = np.append(self._providers_of(k), np.int32(outlet))
            changed = self._spread(k, goal[0], cost[0])
            effects.append(self._settle(k, changed, self._new_floors(k, int(at.link[0]))))
        return effects

    def _remove(self, outlet: int) -> list[TypeEffect]:
        kinds, self._new_types[outlet] = self._types_of(outlet), frozenset()
        arcs, ways = self.base.routes.states.reverse[:3], self.base.routes.states.forward[:3]
        effects = []
        for k in sorted(kinds):
            others = self._providers_of(k)
            others = self._providers[k] = others[others != outlet]
            row = self._own(self._rows, self.base.rows, k)
            cell = kernel.clear_cell(
                *arcs, self._extra_first[1], self._extra_back, self._goal[outlet], self._cost[outlet], row
            )
            best = kernel.rim(*ways, self._extra_first[0], self._extra, cell, row)
            seeds = np.concatenate([cell, self._goal[others].ravel()])
            self._spread(k, seeds, np.concatenate([best, self._cost[others].ravel()]))
            effects.append(self._settle(k, cell, self._new_floors(k, int(self._at.link[outlet]))))
        return effects

    def _types_of(self, outlet: int) -> frozenset[int]:
        if outlet in self._new_types:
            return self._new_types[outlet]
        supply = self.base.supply
        return frozenset(supply.type_of[supply.type_at[outlet] : supply.type_at[outlet + 1]].tolist())

    def _providers_of(self, k: int) -> Int32:
        """Return the outlets that serve type ``k`` now."""
        if k not in self._providers:
            self._providers[k] = self.base.supply.outlet_of[self.base.supply.type_of == k]
        return self._providers[k]

    def _spread(self, k: int, state: Int32, cost: Int32) -> Int32:
        row = self._own(self._rows, self.base.rows, k)
        changed: Int32 = kernel.spread(
            *self.base.routes.states.reverse[:3], self._extra_first[1], self._extra_back, state, cost,
            round(self.base.routes.limit_s * 1000), row,
        )  # fmt: skip
        return changed

    def _settle(self, k: int, changed: Int32, more: Int32) -> TypeEffect:
        base, times = self.base, self._own(self._times, self.base.times, k)
        homes, before = kernel.settle_homes(
            changed, base.home_at, base.home_of, base.start, base.start_ms, self._rows[k],
            self._floors.get(k, base.floors[k]), more, round(base.routes.limit_s * 1000), times, self._mark,
        )  # fmt: skip
        after, people, limit = times[homes], base.people[homes], base.limit_ms[k]
        gained = float(
            people[(after <= limit) & (before > limit)].sum() - people[(after > limit) & (before <= limit)].sum()
        )
        order = np.argsort(homes)
        seconds = _seconds(before[order]), _seconds(after[order])
        return TypeEffect(base.supply.types[k], homes[order], *seconds, gained)

    def _new_floors(self, k: int, link: int) -> Int32:
        """Compute the shared-link walks of one type anew on one link; return the homes there."""
        if link < 0:
            return np.zeros(0, np.int32)
        low, high = np.searchsorted(self.base.home_links, np.array([link, link + 1], np.int32))
        homes = self.base.home_order[low:high]
        if len(homes):
            floor = self._own(self._floors, self.base.floors, k)
            floor[homes] = FAR_MS
            here = _rows_of(self.base.homes, homes)
            providers = self._providers_of(k)
            on_link = _rows_of(self._at, providers[self._at.link[providers] == link])
            at, _, ms = direct_walks(self.base.routes.states, here, on_link)
            np.minimum.at(floor, np.repeat(homes, np.diff(at)), ms)
        return homes

    # --- links ---

    def _opened(self, links: Sequence[int]) -> list[tuple[int, int, int]]:
        """Return public arcs beside private links; those who live there keep the rights they had."""
        states, arcs = self.base.routes.states, []
        for link in links:
            u, v = int(states.u[link]), int(states.v[link])
            arcs += [(u, v, int(states.there_ms[link])), (v, u, int(states.back_ms[link]))]
        return arcs

    def _arcs(self, arcs: Sequence[tuple[int, int, int]]) -> list[TypeEffect]:
        """Add one-way arcs (from state, to state, ms) and spread what they bring to every type."""
        self._keep_arcs(arcs)
        tail = np.array([a for a, _, _ in arcs], np.int32)
        head = np.array([b for _, b, _ in arcs], np.int32)
        cost = np.array([c for _, _, c in arcs], np.int32)
        effects = []
        for k in range(len(self.base.supply.types)):
            row = self._rows.get(k, self.base.rows[k])
            through = np.minimum(row[head] + cost, FAR_MS)
            if (through < row[tail]).any():
                changed = [self._spread(k, tail, through)]
                while len(changed[-1]):  # several new arcs in a row: go on until none of them brings anything
                    through = np.minimum(self._rows[k][head] + cost, FAR_MS)
                    changed.append(self._spread(k, tail, through))
                effects.append(self._settle(k, np.concatenate(changed), np.zeros(0, np.int32)))
        return effects

    def _keep_arcs(self, arcs: Sequence[tuple[int, int, int]]) -> None:
        forward, backward = self._extra.tolist(), self._extra_back.tolist()
        for tail, head, ms in arcs:
            forward.append([int(self._extra_first[0][tail]), head, ms])
            self._extra_first[0][tail] = len(forward) - 1
            backward.append([int(self._extra_first[1][head]), tail, ms])
            self._extra_first[1][head] = len(backward) - 1
        self._extra = np.array(forward, np.int32).reshape(-1, 3)
        self._extra_back = np.array(backward, np.int32).reshape(-1, 3)

    # --- own copies ---

    def _own(self, mine: dict[int, Int32], theirs: Int32, k: int) -> Int32:
        if k not in mine:
            mine[k] = theirs[k].copy()
        return mine[k]

    def _kind(self, business_type: str) -> int:
        if business_type not in self.base.supply.types:
            raise NetworkError(Fault("access.type_unknown", ((None, business_type),)))
        return self.base.supply.types.index(business_type)

    def _known(self, outlet: int) -> int:
        if not 0 <= outlet < len(self._goal):
            raise NetworkError(Fault("access.outlet_unknown", ((None, str(outlet)),)))
        return outlet


def _seconds(ms: Int32) -> NDArray[np.float32]:
    return np.where(ms < FAR_MS, ms / 1000, np.inf).astype(np.float32)


def _stacked(first: Attachment, second: Attachment) -> Attachment:
    return Attachment(
        np.append(first.link, second.link).astype(np.int32),
        np.append(first.at, second.at),
        np.append(first.access_ms, second.access_ms).astype(np.int32),
        np.append(first.why, second.why),
    )


def _rows_of(at: Attachment, rows: NDArray[np.integer]) -> Attachment:
    return Attachment(at.link[rows], at.at[rows], at.access_ms[rows], at.why[rows])


def _joined(first: list[TypeEffect], second: list[TypeEffect], base: Baseline) -> list[TypeEffect]:
    """Return the effect of two changes in a row as one, type by type."""
    joined = []
    for one, two in zip(first, second, strict=True):
        homes = np.union1d(one.homes, two.homes).astype(np.int32)
        before = dict(zip(two.homes.tolist(), two.before_s.tolist(), strict=True))
        before.update(zip(one.homes.tolist(), one.before_s.tolist(), strict=True))
        after = dict(zip(one.homes.tolist(), one.after_s.tolist(), strict=True))
        after.update(zip(two.homes.tolist(), two.after_s.tolist(), strict=True))
        was = np.array([before[h] for h in homes.tolist()], np.float32)
        now = np.array([after[h] for h in homes.tolist()], np.float32)
        keep = was != now
        gained = one.people_gained + two.people_gained
        joined.append(TypeEffect(one.business_type, homes[keep], was[keep], now[keep], gained))
    return joined
