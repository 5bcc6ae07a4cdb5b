"""What if: outlets added, moved or removed, ways added, compounds opened, over an untouched baseline.

Nothing is computed twice: an added outlet spreads only as far as it is nearer than what is there, a removed one
clears only its own cell and lets its neighbours fill it, a new way spreads from its ends. Times are whole
milliseconds, so the result equals a full recomputation to the last digit (``tests/access`` checks it).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from yike.access import kernel
from yike.access.added_ways import AddedWays, Arc
from yike.access.baseline import Baseline, baseline, homes_by_state
from yike.access.changes import (
    AddLink,
    AddOutlet,
    AddPath,
    Change,
    MoveOutlet,
    OpenGate,
    RemoveOutlet,
    TypeEffect,
    joined,
)
from yike.access.walk import direct_walks
from yike.errors import Fault, NetworkError
from yike.network.graph import FAR_MS, Attachment

__all__ = [
    "AddLink",
    "AddOutlet",
    "AddPath",
    "Baseline",
    "Change",
    "MoveOutlet",
    "OpenGate",
    "RemoveOutlet",
    "Scenario",
    "TypeEffect",
    "baseline",
]

Int32 = NDArray[np.int32]
NONE = np.zeros(0, np.int32)


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
        base = self.base
        self._owned: set[tuple[int, int]] = set()  # (which table, type) that no other scenario looks at
        self._plain = list(base.times)  # so that an untouched type's times are always the same object
        self._at = base.supply.at
        self._goal, self._cost = base.goal, base.goal_ms
        self._start, self._start_ms = base.start, base.start_ms
        self._home_at, self._home_of = base.home_at, base.home_of
        self._new_types: dict[int, frozenset[int]] = {}
        self._providers: dict[int, Int32] = {}
        self._mark = np.zeros(len(base.homes), np.bool_)
        self._ways = AddedWays(base.routes.states)
        for change in self.changes:
            self._carry_out(change)

    def fork(self) -> Scenario:
        """Return a scenario that goes on from here; from now on neither sees the changes of the other.

        What neither changes is shared: a fork costs next to nothing. Two threads may fork and change different
        scenarios at once, but not fork one while it is being changed.

        Examples
        --------
        >>> from yike.access.walk import Supply, prepare
        >>> from yike.network.attach import at_nodes
        >>> from yike.network.build import from_links
        >>> net, adult = from_links(3, [(0, 1, 300), (1, 2, 700)])
        >>> supply = Supply.of(at_nodes(net, [0]), [["market"]], ["market"])
        >>> one = Scenario(baseline(prepare(net, adult), at_nodes(net, [0, 2]), np.array([1.0, 2]), supply, [600]))
        >>> other = one.fork()
        >>> _ = other.apply(AddOutlet(at_nodes(net, [2]), ("market",)))
        >>> one.people_met().tolist(), other.people_met().tolist()
        ([1.0], [3.0])
        """
        other = copy.copy(self)
        self._owned, other._owned = set(), set()
        other.changes = list(self.changes)
        other._rows, other._times, other._floors = dict(self._rows), dict(self._times), dict(self._floors)
        other._new_types, other._providers = dict(self._new_types), dict(self._providers)
        other._mark = np.zeros(len(self.base.homes), np.bool_)
        other._ways = self._ways.copy()
        return other

    def apply(self, change: Change) -> list[TypeEffect]:
        """Apply one change and return its effect on every type it touched."""
        effects = self._carry_out(change)
        self.changes.append(change)
        return effects

    def times(self, k: int) -> Int32:
        """Return milliseconds (R,) to the nearest outlet of type number ``k``, `FAR_MS` = none; not to be written to.

        It is the same object as long as no change touched the type.
        """
        return self._times.get(k, self._plain[k])

    def seconds(self, business_type: str) -> NDArray[np.float32]:
        """Return seconds (R,) to the nearest outlet of a type after all changes."""
        return _seconds(self.times(self._kind(business_type)))

    @property
    def touched(self) -> frozenset[int]:
        """Numbers of the types whose times may differ from the baseline's."""
        return frozenset(self._times)

    @property
    def own_bytes(self) -> int:
        """Bytes of the tables that this scenario shares with no other, since it was made or last forked."""
        tables = (self._rows, self._times, self._floors)
        return sum(tables[table][k].nbytes for table, k in self._owned)

    def people_met(self) -> NDArray[np.float64]:
        """Return the people within the limit of each type (T,) after all changes."""
        met = self.base.people_met
        for k, times in self._times.items():
            met[k] = self.base.people[times <= self.base.limit_ms[k]].sum()
        return met

    def from_point(self, spot: Attachment) -> Int32:
        """Return milliseconds (T,) from one attached point to the nearest outlet of each type, `FAR_MS` = none."""
        limit = round(self.base.routes.limit_s * 1000)
        state, cost = self._ways.starts(spot)
        on_link = self._at.link == spot.link[0]
        found = np.full(len(self.base.supply.types), FAR_MS, np.int32)
        for k in range(len(found)):
            row = self._rows.get(k, self.base.rows[k])
            ends = [int(row[s]) + int(c) for s, c in zip(state[0], cost[0], strict=True) if s >= 0]
            providers = self._providers_of(k)
            near = providers[on_link[providers]]
            if len(near):
                ends += direct_walks(self.base.routes.states, spot, _rows_of(self._at, near))[2].tolist()
            best = min(ends, default=int(FAR_MS))
            found[k] = best if best <= limit else FAR_MS
        return found

    def _carry_out(self, change: Change) -> list[TypeEffect]:
        match change:
            case AddOutlet(at, types):
                return self._add(at, frozenset(self._kind(code) for code in types))
            case RemoveOutlet(outlet):
                return self._remove(self._known(outlet))
            case MoveOutlet(outlet, at):
                kinds = self._types_of(self._known(outlet))
                return joined(self._remove(outlet), self._add(at, kinds, outlet))
            case AddLink(u, v, there_s, back_s):
                return self._arcs([(u, v, round(there_s * 1000)), (v, u, round(back_s * 1000))])
            case AddPath(ends, there_s, back_s):
                return self._path(ends, round(there_s * 1000), round(back_s * 1000))
            case OpenGate(links):
                return self._arcs(self._ways.open(links))

    # --- outlets ---

    def _add(self, at: Attachment, kinds: frozenset[int], outlet: int | None = None) -> list[TypeEffect]:
        goal, cost = self._ways.goals(at)
        if outlet is None:
            outlet = len(self._goal)
            self._at = _stacked(self._at, at)
            self._goal, self._cost = np.vstack([self._goal, goal]), np.vstack([self._cost, cost])
        else:
            before, after = np.arange(outlet), np.arange(outlet + 1, len(self._goal))
            self._at = _stacked(_stacked(_rows_of(self._at, before), at), _rows_of(self._at, after))
            self._goal, self._cost = self._goal.copy(), self._cost.copy()
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
        ways, effects = self._ways, []
        for k in sorted(kinds):
            others = self._providers_of(k)
            others = self._providers[k] = others[others != outlet]
            row = self._own_row(k)
            cell = kernel.clear_cell(
                *ways.reverse, ways.first[1], ways.arcs[1], self._goal[outlet], self._cost[outlet], row
            )
            best = kernel.rim(*ways.forward, ways.first[0], ways.arcs[0], cell, row)
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
        ways = self._ways
        changed: Int32 = kernel.spread(
            *ways.reverse, ways.first[1], ways.arcs[1], state, cost, round(self.base.routes.limit_s * 1000),
            self._own_row(k),
        )  # fmt: skip
        return changed

    def _settle(self, k: int, changed: Int32, more: Int32) -> TypeEffect:
        base, times = self.base, self._own(1, self._times, self.base.times, k)
        homes, before = kernel.settle_homes(
            changed, self._home_at, self._home_of, self._start, self._start_ms, self._rows.get(k, base.rows[k]),
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
            return NONE
        homes = self.base.homes_on(link)
        if len(homes):
            floor = self._own(2, self._floors, self.base.floors, k)
            floor[homes] = FAR_MS
            here = _rows_of(self.base.homes, homes)
            providers = self._providers_of(k)
            on_link = _rows_of(self._at, providers[self._at.link[providers] == link])
            at, _, ms = direct_walks(self.base.routes.states, here, on_link)
            np.minimum.at(floor, np.repeat(homes, np.diff(at)), ms)
        return homes

    # --- ways ---

    def _path(self, ends: Attachment, there_ms: int, back_ms: int) -> list[TypeEffect]:
        """Stand two feet on their links and join them."""
        lost = [str(ends.why[k]) for k in range(2) if ends.link[k] < 0]
        if lost or len(ends) != 2:
            raise NetworkError(Fault("access.unattached", values={"why": lost[0] if lost else "?"}))
        (first, arcs), (last, more) = (self._ways.stand(_rows_of(ends, np.array([k]))) for k in range(2))
        arcs += [*more, (first.outside, last.outside, there_ms), (last.outside, first.outside, back_ms)]
        self._start, self._start_ms = self._ways.starts(self.base.homes)
        self._home_at, self._home_of = homes_by_state(self._start, self._ways.n_states)
        self._goal, self._cost = self._ways.goals(self._at)
        links = np.unique(ends.link)
        seeds = np.flatnonzero(np.isin(self._at.link, links))
        return self._arcs(arcs, seeds, np.concatenate([self.base.homes_on(int(link)) for link in links]))

    def _arcs(
        self, arcs: Sequence[Arc], seeds: NDArray[np.intp] | None = None, homes: Int32 = NONE
    ) -> list[TypeEffect]:
        """Add one-way arcs and spread what they bring to every type.

        ``seeds`` are outlets, and ``homes`` homes, that got a new place to begin or end at.
        """
        self._ways.add(arcs)
        tail, head, cost = (np.array([arc[k] for arc in arcs], np.int32) for k in range(3))
        effects = []
        for k in range(len(self.base.supply.types)):
            mine = self._providers_of(k) if seeds is not None else NONE
            mine = mine[np.isin(mine, seeds)] if seeds is not None else mine
            changed = [self._spread(k, self._goal[mine].ravel(), self._cost[mine].ravel())] if len(mine) else []
            changed += self._along_arcs(k, tail, head, cost)
            if changed or len(homes):
                effects.append(self._settle(k, np.concatenate([NONE, *changed]), homes))
        return [each for each in effects if len(each.homes)]

    def _along_arcs(self, k: int, tail: Int32, head: Int32, cost: Int32) -> list[Int32]:
        """Bring to the tails of new arcs what lies beyond them, until none of them brings anything."""
        changed: list[Int32] = []
        while True:
            row = self._long_row(k)
            through = np.minimum(row[head] + cost, FAR_MS)
            if not (through < row[tail]).any():
                return changed
            found = self._spread(k, tail, through)
            if not len(found):
                return changed
            changed.append(found)

    # --- own copies ---

    def _long_row(self, k: int) -> Int32:
        """Return the row of a type with a place for every state there is now."""
        row = self._rows.get(k, self.base.rows[k])
        return row if len(row) == self._ways.n_states else self._own_row(k)

    def _own_row(self, k: int) -> Int32:
        """Return the row of a type to be written to."""
        row, wanted = self._own(0, self._rows, self.base.rows, k), self._ways.n_states
        if len(row) < wanted:
            row = self._rows[k] = np.append(row, np.full(wanted - len(row), FAR_MS, np.int32))
        return row

    def _own(self, table: int, mine: dict[int, Int32], theirs: Int32, k: int) -> Int32:
        if (table, k) not in self._owned:
            mine[k] = mine.get(k, theirs[k]).copy()
            self._owned.add((table, k))
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
