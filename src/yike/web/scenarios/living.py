"""The register as it is now, as scenarios start from it: a watch of our own beside the one that figures come from.

One per city, walker and process. It follows the register by itself and is never changed by what is tried: every
scenario is a fork. Scenarios tried lately are kept by their changes, so that a gesture costs only its own change.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.access.openings import Opening, openings
from yike.access.whatif import Change, Scenario
from yike.coverage import load_presence
from yike.network.crossings import ROADS
from yike.network.rules import KINDS
from yike.study.store import all_walkers_of
from yike.web.areas.models import City
from yike.web.scenarios.choices import limit
from yike.web.studies.figures import Watched, watched
from yike.web.studies.ground import Ground
from yike.web.studies.stock import Stock
from yike.web.studies.watch import Watch

Floats = NDArray[np.float64]
Int16 = NDArray[np.int16]


@dataclass(frozen=True)
class Move:
    """One change of the ground: what makes it the same change, and how it is made from where a scenario stands."""

    key: str
    make: Callable[[], tuple[Change, ...]]


@dataclass(frozen=True)
class Trial:
    """A scenario after some moves, and what each of them did to every type: (people gained, homes changed)."""

    scenario: Scenario
    did: tuple[dict[str, tuple[float, int]], ...]
    held: int = 0  #: bytes that it alone holds


class Streets:
    """One walker's streets as trying needs them beside walking: gates that could be opened, carriageways to be crossed."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    def warm(self) -> None:
        """Make ready what the first gate and the first path would wait for."""
        assert self.openings is not None and self.roads is not None

    @cached_property
    def openings(self) -> tuple[Opening, ...]:
        """Every gate that could be opened."""
        return openings(self.ground.network)

    @cached_property
    def kinds(self) -> NDArray[np.object_]:
        """(E,) the kind of street of every link: "foot", "road_minor" …"""
        table = self.ground.study.table(f"network/links.{self.ground.walker}")
        return np.asarray(table["kind"].astype(str).to_numpy(dtype=object))

    @cached_property
    def roads(self) -> tuple[shapely.STRtree, NDArray[np.int64]]:
        """A tree of all carriageways, and the links in it."""
        network = self.ground.network
        links = np.flatnonzero(np.isin(self.kinds.astype(str), [KINDS[each] for each in ROADS]))
        ends = [np.column_stack([network.lon[at[links]], network.lat[at[links]]]) for at in (network.u, network.v)]
        return shapely.STRtree(shapely.linestrings(np.stack(ends, axis=1))), links

    @cached_property
    def wait_factor(self) -> float:
        """How much longer than the mean this walker waits at crossings."""
        walkers = all_walkers_of(self.ground.study)
        return next(each.wait_factor for each in walkers if each.id == self.ground.walker)


class Living:
    """One walker of a city where the register is at one moment; a change of the register makes a new one."""

    def __init__(self, watch: Watch, streets: Streets) -> None:
        self.watch, self.streets = watch, streets
        self._kept: OrderedDict[tuple[str, ...], Trial] = OrderedDict()
        self._held = 0
        self._lock = threading.RLock()
        self._presence: tuple[Int16, NDArray[np.bool_]] | None = None

    @property
    def scenario(self) -> Scenario:
        """The register as it is; to be forked, not changed."""
        return self.watch.scenario

    @property
    def through(self) -> int:
        """The last change of supply in it."""
        return self.watch.stock.through

    def at(self, stock: Stock) -> Living:
        """Return this walker where another stock stands."""
        if stock is self.watch.stock:
            return self
        with self._lock:
            watch = self.watch.beside()
        watch.follow(stock)
        return Living(watch, self.streets)

    def trial(self, moves: tuple[Move, ...]) -> Trial:
        """Return the scenario of some moves, going on from the longest beginning of them that was tried before."""
        with self._lock:
            keys = tuple(each.key for each in moves)
            known = next((n for n in range(len(keys), 0, -1) if keys[:n] in self._kept), 0)
            found = self._kept[keys[:known]] if known else Trial(self.scenario, ())
            for n in range(known, len(keys)):
                found = self._after(found, moves[n])
                self._keep(keys[: n + 1], found)
            if known:
                self._kept.move_to_end(keys[:known])
            return found

    def _after(self, trial: Trial, move: Move) -> Trial:
        scenario, did = trial.scenario.fork(), dict[str, tuple[float, int]]()
        for change in move.make():
            for effect in scenario.apply(change):
                people, homes = did.get(effect.business_type, (0.0, 0))
                did[effect.business_type] = (people + effect.people_gained, homes + len(effect.homes))
        return Trial(scenario, (*trial.did, did), scenario.own_bytes)

    def _keep(self, keys: tuple[str, ...], trial: Trial) -> None:
        self._kept[keys] = trial
        self._held += trial.held
        while len(self._kept) > 1 and self._held > limit("kept_mb") * 1_000_000:
            self._held -= self._kept.popitem(last=False)[1].held

    # --- what all scenarios are compared with ---

    @cached_property
    def parts(self) -> tuple[tuple[tuple[int, ...], int, int], ...]:
        """The rule of 10 and 15 minutes: per part the numbers of its types, milliseconds, and how many must be there."""
        watch, types = self.watch, self.scenario.base.supply.types
        walked = {each.requirement.business_type for each in watch.limits}
        found = []
        for part in load_presence("ten_fifteen"):
            codes = [
                each.code
                for each in watch.catalogue.types
                if each.category == part.category and each.counted_in_gate and each.code in walked
            ]
            numbers = tuple(types.index(code) for code in codes)
            found.append((numbers, round(part.minutes * 60_000), part.number(watch.catalogue, len(codes))))
        return tuple(found)

    def near(self, scenario: Scenario) -> tuple[Int16, NDArray[np.bool_]]:
        """Return how many types of each part of the rule are near every home (P, R), and whether all parts are met (R,)."""
        with self._lock:
            if self._presence is None:
                self._presence = self._counted()
            counts, passed = self._presence
        changed = [k for k in range(len(scenario.base.supply.types)) if scenario.times(k) is not self.scenario.times(k)]
        if scenario is self.scenario or not changed:
            return counts, passed
        counts = counts.copy()
        for p, (numbers, ms, _) in enumerate(self.parts):
            for k in set(numbers) & set(changed):
                counts[p] += (scenario.times(k) <= ms).astype(np.int16) - (self.scenario.times(k) <= ms)
        return counts, self._passed(counts)

    def _counted(self) -> tuple[Int16, NDArray[np.bool_]]:
        counts = np.zeros((len(self.parts), len(self.watch.homes)), np.int16)
        for p, (numbers, ms, _) in enumerate(self.parts):
            for k in numbers:
                counts[p] += self.scenario.times(k) <= ms
        return counts, self._passed(counts)

    def _passed(self, counts: Int16) -> NDArray[np.bool_]:
        wanted = np.array([number for _, _, number in self.parts])
        return np.asarray((counts >= wanted[:, None]).all(axis=0))


class Table:
    """All walkers of a city, and who lives where: what the planning desk works on."""

    def __init__(self, now: Watched) -> None:
        self.watched, self.engine, self.city = now, now.engine, now.city
        self.walkers = {who: Living(watch.beside(), Streets(watch.ground)) for who, watch in now.walkers.items()}
        self._lock = threading.Lock()
        frame = now.people.residents.frame
        self.people: Floats = now.people.residents.people
        self.lon, self.lat = now.people.residents.lon, now.people.residents.lat
        self.community, self.of_community = np.unique(frame["community"].to_numpy(dtype=str), return_inverse=True)
        self.people_of_community = np.bincount(self.of_community, self.people, len(self.community))
        self._rows: dict[str, NDArray[np.int64]] = {}

    @property
    def first(self) -> str:
        """The walker whose figures come first."""
        return next(iter(self.walkers))

    def living(self, who: str) -> Living:
        """Return one walker as the register is now."""
        who, stock = who or self.first, self.engine.stock()
        with self._lock:
            self.walkers[who] = self.walkers[who].at(stock)
            return self.walkers[who]

    def rows_in(self, level: str, code: str) -> NDArray[np.int64]:
        """Return the homes of an area; all of them for the city."""
        if code not in self._rows:
            frame = self.watched.people.residents.frame
            inside = frame[level].to_numpy(dtype=str) == code if level in frame and level != "city" else None
            self._rows[code] = np.arange(len(frame)) if inside is None else np.flatnonzero(inside)
        return self._rows[code]


_TABLES: dict[int, Table] = {}
_LAYING = threading.Lock()


def table_of(city: City) -> Table:
    """Return the table of a city in this process, laid at first use; raises ``study.not_run`` where it has no study."""
    now = watched(city)
    with _LAYING:
        found = _TABLES.get(city.pk)
        if found is None or found.watched is not now:
            found = _TABLES[city.pk] = Table(now)
        return found
