"""The living city: one object per city and process that answers walks and follows the register."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from yike.access.buckets import Buckets
from yike.access.trips import Route, route
from yike.coverage import load_presence
from yike.errors import Fault, StudyError
from yike.hours.week import CLOSED
from yike.network.graph import FAR_MS, Attachment
from yike.standards.catalogue import Catalogue
from yike.study.folder import Study
from yike.study.ground import catalogue_of
from yike.study.questions import one
from yike.web.areas.models import City
from yike.web.outlets.hours_now import OpenTable, open_table
from yike.web.studies.ground import Ground
from yike.web.studies.models import SupplyChange
from yike.web.studies.place import has_study, study_folder
from yike.web.studies.stock import Stock, read_stock, take_up
from yike.words import LANGUAGES, say

STALE_S = 0.5  #: how long a process may answer before it looks for changes made in other processes
KEPT = 256  #: places whose walks are remembered


@dataclass(frozen=True)
class Walks:
    """From one place: milliseconds to every outlet of a stock, `FAR_MS` = no way within the limit."""

    stock: Stock
    start: Attachment
    ms: NDArray[np.int32]

    @property
    def reached(self) -> NDArray[np.bool_]:
        """(O,) outlets that count and can be walked to."""
        return np.asarray((self.ms < FAR_MS) & self.stock.counts)


class Live:
    """A city's study and register, opened together."""

    def __init__(self, city: City) -> None:
        self.city, self.made_up = city, city.made_up
        self.study = Study.open(study_folder(city))
        self.stamp = stamp_of(city)
        self._lock = threading.RLock()
        self._grounds: dict[str, Ground] = {}
        self._buckets: dict[str, tuple[int, Buckets]] = {}
        self._kept: OrderedDict[tuple[str, float, float, int], tuple[Attachment, NDArray[np.int32]]] = OrderedDict()
        self._stock = read_stock(city, self.catalogue)
        self._looked = time.monotonic()
        self._hours: tuple[float, OpenTable, Stock, NDArray[np.int64]] | None = None

    @cached_property
    def catalogue(self) -> Catalogue:
        return catalogue_of(self.study)

    @cached_property
    def digest(self) -> str:
        """Digest that every figure of this study is traced to."""
        return str(self.study.receipts()["headline"]["digest"])

    @cached_property
    def unseen(self) -> frozenset[str]:
        """Types that the study's sources could not tell, whatever stands in the town; see `unseen_types`."""
        return frozenset(self.study.headline()["types_unseen"])

    @cached_property
    def presence(self) -> dict[str, float]:
        """Minutes within which a category of types is expected at a home, by the rule of 10 and 15."""
        return {part.category: part.minutes for part in load_presence("ten_fifteen")}

    @property
    def walkers(self) -> tuple[str, ...]:
        """All who may walk: those whose coverage is measured first, then those whom only ways are told."""
        return tuple(dict.fromkeys((*self.study.settings.walkers, *self.study.settings.also_walk)))

    # --- the register ---

    def stock(self, fresh: bool = False) -> Stock:
        """Return the outlets as they are now; changes of other processes are seen within half a second."""
        if fresh or time.monotonic() - self._looked > STALE_S:
            with self._lock:
                changes = SupplyChange.objects.filter(city=self.city, id__gt=self._stock.through)
                if found := list(changes.order_by("id")):
                    self._stock = take_up(self._stock, found, self.catalogue)
                self._looked = time.monotonic()
        return self._stock

    def opening(self, stock: Stock, moment: datetime) -> NDArray[np.int8]:
        """Return (O,) whether the outlets of a stock are open at a moment: closed 0, open 1, not known 2."""
        kept = self._hours
        if kept is None or kept[2] is not stock or time.monotonic() - kept[0] > STALE_S:
            table = open_table(self.city)
            same = kept is not None and kept[1] is table and kept[2] is stock
            rows = kept[3] if kept and same else np.array([table.row.get(key, -1) for key in stock.key], np.int64)
            kept = self._hours = (time.monotonic(), table, stock, rows)
        states, _ = kept[1].at(moment)
        found = np.full(len(stock), CLOSED, np.int8)
        there = kept[3] >= 0
        found[there] = states[kept[3][there]]
        return found

    # --- walking ---

    def ground(self, who: str = "") -> Ground:
        """Return one walker's ground; raises ``study.walker_unknown``."""
        who = who or self.walkers[0]
        if who not in self.walkers:
            values = {"walker": who, "known": ", ".join(self.walkers)}
            raise StudyError(Fault("study.walker_unknown", values=values))
        with self._lock:
            if who not in self._grounds:
                other = next(iter(self._grounds.values()), None)
                self._grounds[who] = Ground.of(self.study, who, other)
            return self._grounds[who]

    def buckets(self, who: str, stock: Stock) -> Buckets:
        """Return a stock's outlets in one walker's buckets, made anew only when a place changed."""
        ground = self.ground(who)
        with self._lock:
            kept = self._buckets.get(ground.walker)
            if kept is None or kept[0] != stock.places:
                kept = self._buckets[ground.walker] = (stock.places, ground.buckets(stock))
            return kept[1]

    def at(self, lon: float, lat: float, who: str = "") -> Attachment:
        """Return where a place stands on the network; raises ``study.point_off`` with the reason."""
        spot = self.ground(who).standing.place(np.array([lon]), np.array([lat]))
        if spot.link[0] < 0:
            why = {lang: say(f"why.{spot.why[0]}", lang) for lang in LANGUAGES}
            limit = f"{self.study.settings.attach_limit_m:g}"
            raise StudyError(Fault("study.point_off", values={"lon": lon, "lat": lat, "why": why, "limit": limit}))
        return spot

    def walks(self, lon: float, lat: float, who: str = "") -> Walks:
        """Return the walks from a place to every outlet; raises ``study.point_off``, ``study.walker_unknown``."""
        stock, who = self.stock(), who or self.walkers[0]
        asked = (who, round(lon, 6), round(lat, 6), stock.places)
        kept = self._kept.get(asked)
        if kept is None:
            start = self.at(lon, lat, who)
            kept = start, self.buckets(who, stock).ms_from(start)
            with self._lock:
                self._kept[asked] = kept
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
        return Walks(stock, *kept)

    def minutes(self, lon: float, lat: float, who: str = "") -> dict[str, float]:
        """Return minutes on foot from a place to every open outlet within the limit, by key."""
        found = self.walks(lon, lat, who)
        rows = np.flatnonzero(found.reached)
        return {found.stock.key[k]: float(found.ms[k]) / 60_000 for k in rows}

    def route(self, lon: float, lat: float, key: str, who: str = "") -> Route | None:
        """Return the walk from a place to an outlet, None where there is none within the limit.

        Raises
        ------
        StudyError
            ``study.point_off``, ``study.walker_unknown``, ``study.outlet_unknown``.
        """
        stock, ground = self.stock(), self.ground(who)
        if key not in stock.row:
            raise StudyError(Fault("study.outlet_unknown", ((None, key),)))
        start, goals = self.at(lon, lat, who), self.buckets(ground.walker, stock).outlets
        goal = one(goals, stock.row[key])
        if goal.link[0] < 0:
            return None
        return route(ground.routes, ground.network, start, goal)


_OPEN: dict[int, tuple[float, Live]] = {}  #: by city, with when its study was last looked at
_OPENING = threading.Lock()


_NAMED: dict[str, tuple[float, City]] = {}


def city_named(slug: str) -> City | None:
    """Return the city of a short name, the default one for "", None where there is none; kept for half a second."""
    kept = _NAMED.get(slug)
    if kept and time.monotonic() - kept[0] < STALE_S:
        return kept[1]
    found = City.objects.filter(slug=slug).first() if slug else City.objects.order_by("-is_default", "slug").first()
    if found:
        _NAMED[slug] = time.monotonic(), found
    return found


def stamp_of(city: City) -> int:
    """Return what changes when a city's study is run anew."""
    return (study_folder(city) / "headline.json").stat().st_mtime_ns


def forget(city: City) -> None:
    """Open a city anew at the next question: its study was just replaced by this process."""
    _OPEN.pop(city.pk, None)


def live(city: City) -> Live:
    """Return the living city of this process, opened at first use; raises ``study.not_run`` where it has no study."""
    kept = _OPEN.get(city.pk)
    if kept and time.monotonic() - kept[0] < STALE_S:
        return kept[1]
    if not has_study(city):
        raise StudyError(Fault("study.not_run", values={"table": "headline", "path": city.slug}))
    with _OPENING:
        kept = _OPEN.get(city.pk)
        found = kept[1] if kept and kept[1].stamp == stamp_of(city) else Live(city)
        _OPEN[city.pk] = time.monotonic(), found
        return found
