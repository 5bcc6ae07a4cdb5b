"""A city as it is now: everybody's walk to every business type, for one walker, with the register it was reckoned from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.access.walk import Routes, Supply, prepare, walk_times
from yike.coverage import Coverage, WalkLimit, walk_limits
from yike.coverage.limits import within
from yike.coverage.measure import NO_WAY
from yike.errors import Fault, StudyError
from yike.hours import open_week
from yike.hours.week import OpenWeek
from yike.network.graph import Attachment
from yike.study.accessing import walked_types
from yike.study.settings import LONGEST_S
from yike.web.areas.models import City
from yike.web.outlets.models import Outlet
from yike.web.studies.figures import Watched, watched
from yike.web.studies.ground import Ground
from yike.web.studies.live import Live
from yike.web.studies.models import SupplyChange
from yike.web.studies.stock import Stock
from yike.web.studies.watch import Watch

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Seconds = NDArray[np.float32]
T = TypeVar("T")
KEPT = 256
_LOCK = threading.RLock()


@dataclass(frozen=True)
class Seen:
    """One walker's city at one state of the register: R homes, T types that are walked to. Never changed once made."""

    city: City
    watched: Watched
    watch: Watch
    stock: Stock
    at: Attachment  #: (O,) where the outlets of the stock stand
    limits: tuple[WalkLimit, ...]
    types: tuple[str, ...]
    seconds: Seconds  #: (R, T)
    ten_fifteen: Bools  #: (R,) homes that have all the rule of 10 and 15 minutes asks for
    kept: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)  #: what was reckoned of it already

    @property
    def engine(self) -> Live:
        return self.watched.engine

    @property
    def ground(self) -> Ground:
        return self.watch.ground

    @property
    def who(self) -> str:
        return self.watch.ground.walker

    @property
    def homes(self) -> Attachment:
        return self.watch.homes

    @property
    def weight(self) -> Floats:
        """(R,) people."""
        return self.watched.people.residents.people

    @property
    def standard(self) -> str:
        return f"{self.engine.catalogue.name} {self.engine.catalogue.version}"

    @cached_property
    def coverage(self) -> Coverage:
        """The engine's noun of the same facts, for all homes; areas and circles are those of the city's figures."""
        people = self.watched.people
        reasons = self.homes.why.copy()
        reasons[~np.isfinite(self.seconds).any(axis=1) & (reasons == "")] = NO_WAY
        met = np.stack(
            [within(self.seconds[:, self.types.index(q.requirement.business_type)], q.limit_ms) for q in self.limits],
            axis=1,
        )
        return Coverage(
            people.residents, self.seconds, self.types, self.ground.routes.limit_s, self.who, self.engine.catalogue,
            self.limits, met, reasons, people.groups,
        )  # fmt: skip

    @cached_property
    def places(self) -> NDArray[np.object_]:
        """(O,) path of the area each outlet stands in, "" where none is known."""
        paths = dict(Outlet.objects.filter(city=self.city).values_list("key", "area__path"))
        return np.array([paths.get(key) or "" for key in self.stock.key], dtype=object)

    @cached_property
    def week(self) -> OpenWeek:
        """(O,) opening hours of the stock as a week."""
        return open_week(self.stock.hours).value

    @cached_property
    def far(self) -> Routes:
        """The network prepared for the longest walk the engine knows: how far the next outlet would be, and loops."""
        return prepare(self.ground.network, self.ground.walking, LONGEST_S)

    def serving(self, codes: tuple[str, ...]) -> NDArray[np.int64]:
        """Return the rows of the open outlets that serve any of some types and stand on the network."""
        asked = set(codes)
        serves = np.array([not asked.isdisjoint(types) for types in self.stock.types], dtype=bool)
        return np.flatnonzero(serves & self.stock.counts & (self.at.link >= 0))

    def seconds_to(self, code: str, hour: int = -1) -> Seconds:
        """Return (R,) seconds to the nearest outlet of a type: open at an hour of the week, or whatever the hours for -1.

        At an hour an outlet whose hours nobody told counts as open; see docs/method/seeing.md.
        """
        if hour < 0:
            return np.asarray(self.seconds[:, self.types.index(code)])
        return self.keep(("hour", code, hour), lambda: self._at_hour(code, hour))

    def _at_hour(self, code: str, hour: int) -> Seconds:
        supply = Supply.of(self.at, self.stock.types, (code,), self.stock.counts & self.week.maybe_at(hour))
        return walk_times(self.ground.routes, self.homes, supply).seconds[:, 0]

    def keep(self, key: Any, make: Callable[[], T]) -> T:
        """Return what was made for a key before, or make it; a few hundred things are kept until the register changes."""
        if key not in self.kept:
            if len(self.kept) >= KEPT:
                self.kept.clear()
            self.kept[key] = make()
        return self.kept[key]

    @cached_property
    def sources(self) -> dict[str, object]:
        """What every figure names: study, standard, walker, and the last change of the register it includes."""
        return {
            "study": self.engine.digest, "standard": self.standard, "through": self.stock.through, "walker": self.who,
            "made_up": self.city.made_up,
        }  # fmt: skip


_SEEN: dict[tuple[int, str], Seen] = {}


def seen(city: City, who: str = "") -> Seen:
    """Return a city as it is now for one walker, the first by default; made anew only after the register changed.

    A change that is being told in this moment (see `yike.web.studies.figures.follow`) is in it once it is told, so the
    state shown and the figures in the database never contradict each other.

    Raises
    ------
    StudyError
        ``study.not_run``, ``study.walker_unknown``.
    """
    with _LOCK:
        now = watched(city)
        who = who or next(iter(now.walkers))
        if who not in now.walkers:
            known = ", ".join(now.walkers)
            raise StudyError(Fault("study.walker_unknown", values={"walker": who, "known": known}))
        watch, stock = now.walkers[who], now.engine.stock()
        untold = SupplyChange.objects.filter(city=city, told=False).exists()
        if watch.stock.through < stock.through and not untold:
            watch.follow(stock)
        kept = _SEEN.get((city.pk, who))
        if kept is None or kept.watched is not now or kept.stock.through != watch.stock.through:
            kept = _SEEN[city.pk, who] = _look(city, now, watch)
        return kept


def _look(city: City, now: Watched, watch: Watch) -> Seen:
    """Look at a walker's city once: a change that another thread is following meanwhile is in it whole or not at all."""
    still, codes = watch.beside(), walked_types(now.engine.catalogue)
    table = np.stack([still.seconds(code) for code in codes], axis=1)
    limits = walk_limits(now.engine.catalogue, still.ground.walking.m_per_min)
    return Seen(city, now, still, still.stock, still.at, limits, codes, table, still.ten_fifteen())


def residents_of(seen: Seen) -> pd.DataFrame:
    """Return the homes: id, lon, lat, people, codes of their areas. Points, never names."""
    return seen.watched.people.residents.frame


__all__ = ["Bools", "Floats", "Seconds", "Seen", "residents_of", "seen"]
