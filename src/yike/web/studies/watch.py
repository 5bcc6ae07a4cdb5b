"""Coverage of one walker that follows the register: only what a change touches is reckoned anew."""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from yike.access.walk import Supply
from yike.access.whatif import AddOutlet, Baseline, RemoveOutlet, Scenario, TypeEffect, baseline
from yike.coverage import Groups, WalkLimit, load_presence, walk_limits
from yike.coverage.groups import CIRCLE
from yike.coverage.limits import within
from yike.network.graph import Attachment
from yike.standards.catalogue import Catalogue
from yike.study import store
from yike.study.accessing import walked_types
from yike.study.questions import one
from yike.tables import Residents
from yike.web.studies.ground import Ground
from yike.web.studies.stock import Stock

Floats = NDArray[np.float64]
MANY = 400  #: changes at once beyond which the whole is reckoned anew rather than one by one


@dataclass(frozen=True)
class People:
    """Who lives where: the same for all walkers."""

    residents: Residents
    groups: Groups

    @cached_property
    def of_groups(self) -> Floats:
        return self.groups.sum(self.residents.people)

    @cached_property
    def named(self) -> list[tuple[str, str]]:
        """(G,) level and code of each group."""
        return list(zip(self.groups.level, self.groups.area, strict=True))

    def only(self, codes: set[str]) -> People:
        """Return the same people gathered only into the circles of these names."""
        kept = [g for g, (level, code) in enumerate(self.named) if level == CIRCLE and code in codes]
        of, start = self.groups, self.groups.start
        points = [of.points[start[g] : start[g + 1]] for g in kept]
        ends = np.cumsum([0, *(len(each) for each in points)]).astype(np.int64)
        level, area = tuple(of.level[g] for g in kept), tuple(of.area[g] for g in kept)
        joined = np.concatenate(points) if points else of.points[:0]
        return People(self.residents, Groups(level, area, ends, joined, of.n_points))

    def met(self, mask: NDArray[np.bool_]) -> Floats:
        """Return the people (G,) of the homes of a mask (R,)."""
        return self.groups.sum(self.residents.people * mask)


class Watch:
    """One walker's coverage, brought from stock to stock."""

    def __init__(self, ground: Ground, people: People, catalogue: Catalogue, stock: Stock) -> None:
        self.ground, self.people, self.catalogue = ground, people, catalogue
        self.limits: tuple[WalkLimit, ...] = walk_limits(catalogue, ground.walking.m_per_min)
        self.homes = store.attachment(ground.study, f"residents_attach.{ground.walker}")
        self._lock = threading.RLock()
        self._begin(stock)

    def _begin(self, stock: Stock) -> None:
        """Reckon everything from a stock."""
        self.stock, self.at = stock, self.ground.attached(stock)
        self.number = {key: k for key, k in stock.row.items() if stock.counts[k]}
        self.scenario = Scenario(self._base(stock))

    def _base(self, stock: Stock) -> Baseline:
        supply = Supply.of(self.at, stock.types, walked_types(self.catalogue), stock.counts)
        strictest = dict.fromkeys(supply.types, 0.0)
        for each in self.limits:
            code = each.requirement.business_type
            strictest[code] = min(strictest[code] or np.inf, each.limit_s)
        limits = [strictest[code] for code in supply.types]
        return baseline(self.ground.routes, self.homes, self.people.residents.people, supply, limits)

    def beside(self) -> Watch:
        """Return a watch that goes on from here by itself: neither sees what the other follows or tries."""
        with self._lock:
            other = copy.copy(self)
            other._lock = threading.RLock()
            other.number, other.scenario = dict(self.number), self.scenario.fork()
        return other

    def follow(self, stock: Stock) -> tuple[set[str], dict[str, list[TypeEffect]]]:
        """Go to another stock; return the types touched, and what each outlet's change did.

        Effects are empty where so much changed that everything was reckoned anew.
        """
        with self._lock:
            return self._follow(stock)

    def _follow(self, stock: Stock) -> tuple[set[str], dict[str, list[TypeEffect]]]:
        changed = [key for key in stock.key if self._differs(key, stock)]
        if len(changed) > MANY:
            touched = {code for key in changed for code in (*self._types(key, self.stock), *self._types(key, stock))}
            self._begin(stock)
            return touched & set(self.scenario.base.supply.types), {}
        at, effects = (self.ground.attached(stock) if changed else self.at), {}
        for key in changed:
            effects[key] = self._change(key, stock, one(at, stock.row[key]))
        self.stock, self.at = stock, at
        return {each.business_type for found in effects.values() for each in found}, effects

    def _types(self, key: str, stock: Stock) -> tuple[str, ...]:
        """Return the types for which an outlet counts."""
        k = stock.row.get(key, -1)
        return stock.types[k] if k >= 0 and stock.counts[k] else ()

    def _differs(self, key: str, stock: Stock) -> bool:
        now, then = self._types(key, stock), self._types(key, self.stock)
        if set(now) != set(then):
            return True
        if not now:
            return False
        k, before = stock.row[key], self.stock.row[key]
        return (stock.lon[k], stock.lat[k]) != (self.stock.lon[before], self.stock.lat[before])

    def _change(self, key: str, stock: Stock, at: Attachment) -> list[TypeEffect]:
        effects: list[TypeEffect] = []
        if key in self.number:
            effects += self.scenario.apply(RemoveOutlet(self.number.pop(key)))
        known = self.scenario.base.supply.types
        types = tuple(code for code in self._types(key, stock) if code in known)
        if types:
            effects += self.scenario.apply(AddOutlet(at, types))
            self.number[key] = self._numbers() - 1
        return effects

    def _numbers(self) -> int:
        added = sum(isinstance(each, AddOutlet) for each in self.scenario.changes)
        return len(self.scenario.base.supply.at) + added

    # --- figures ---

    def seconds(self, code: str) -> NDArray[np.float32]:
        """Return (R,) seconds to the nearest open outlet of a type, as now."""
        return self.scenario.seconds(code)

    def met(self, limit: WalkLimit) -> NDArray[np.bool_]:
        """Return (R,) the homes that meet a requirement now."""
        return within(self.seconds(limit.requirement.business_type), limit.limit_ms)

    def ten_fifteen(self) -> NDArray[np.bool_]:
        """Return (R,) the homes that have what the rule of 10 and 15 minutes asks for; see `measure_presence`."""
        walked = {each.requirement.business_type for each in self.limits}
        passed = np.ones(len(self.people.residents), bool)
        for part in load_presence("ten_fifteen"):
            codes = [
                each.code
                for each in self.catalogue.types
                if each.category == part.category and each.counted_in_gate and each.code in walked
            ]
            number = sum(within(self.seconds(code), round(part.minutes * 60_000)).astype(np.int16) for code in codes)
            passed &= np.asarray(number) >= part.number(self.catalogue, len(codes))
        return passed

    def medians(self, code: str, people: People | None = None) -> Floats:
        """Return (G,) seconds that half of an area's people need at most; inf where half have no way."""
        people, seconds = people or self.people, self.seconds(code)
        rank = np.empty(len(seconds), np.int64)
        rank[np.argsort(seconds, kind="stable")] = np.arange(len(seconds))
        order = np.argsort(people.groups.of * len(seconds) + rank[people.groups.points], kind="stable")
        points = people.groups.points[order]
        heap = np.cumsum(people.residents.people[points])
        ends = people.groups.start[1:]
        before = np.r_[0.0, heap][people.groups.start[:-1]]
        half = np.searchsorted(heap, (before + np.r_[0.0, heap][ends]) / 2, "left")
        return np.asarray(seconds[points[np.minimum(half, ends - 1)]], float)


def people_of(ground: Ground, circles: dict[str, list[str]]) -> People:
    """Read who lives where, gathered by area and by circle."""
    from yike.coverage import group_residents

    residents = store.residents(ground.study)
    known = set(residents.frame["community"])
    lived = {code: [each for each in codes if each in known] for code, codes in circles.items()}
    return People(residents, group_residents(residents, {code: codes for code, codes in lived.items() if codes}))
