"""What the public map may show of a city's register, held in memory as arrays and kept as fresh as the database.

Only open and paused outlets are in it, and of them only what is public: no owner, reporter or voucher is ever read.
One table per city and process. Whoever asks gets the table at hand; at most once a second one asker looks whether
the register has changed, and takes in the outlets that changed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np
from django.db import connection
from django.db.models import Max
from numpy.typing import NDArray

from yike.standards.nouns import BusinessType
from yike.standards.packs import load_types
from yike.study.folder import Study
from yike.study.ground import catalogue_of
from yike.web.areas.models import City
from yike.web.journal.models import Line
from yike.web.map.cutting import to_world
from yike.web.map.groups import groups
from yike.web.outlets.models import Closure, Function, Outlet, Price
from yike.web.studies.place import has_study, study_folder

LOOK_S = 1.0  #: seconds between two looks at the register
FEW = 400  #: outlets changed at once that are read one by one; SQLite takes so many values in one question
OVERLAP = timedelta(minutes=2)
SMALL = 3000  #: outlets up to which a changed table is made while the asker waits
SHOWN_STATES = ("open", "paused")
FIELDS = (
    "id", "key", "name", "lon", "lat", "state", "hours", "address", "services", "payments", "verified_at", "made_up",
    "mobile", "licence_free", "barrier_free", "pinyin", "initials", "guarantees_supply", "smart_terminal",
    "schedule",
)  # fmt: skip
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
BELONGINGS: tuple[Any, ...] = (Function, Closure, Price)  #: records of an outlet that are shown with it
_NUMBER = count(1)


@dataclass(frozen=True)
class Row:
    """One outlet as the public sees it; ``types`` are its own codes, ``counts`` those it counts for as well."""

    id: int
    key: str
    name: str
    lon: float
    lat: float
    state: str
    hours: str  #: its own, or the schedule of a mobile stall
    address: str
    services: tuple[str, ...]
    payments: tuple[str, ...]
    verified_at: date | None
    made_up: bool
    mobile: bool
    licence_free: bool
    barrier_free: bool | None
    pinyin: str
    initials: str
    guarantees_supply: bool
    smart_terminal: bool
    types: tuple[str, ...]
    closures: tuple[tuple[date, date], ...]
    items: tuple[str, ...]  #: of the posted price list


@dataclass(frozen=True)
class Shown:
    """The N outlets shown of one city at one moment; a change makes a new table."""

    city: City
    kinds: tuple[BusinessType, ...]
    rows: tuple[Row, ...]
    number: int  #: grows with every table made in this process: what is reckoned from it is kept under it
    reading: int  #: the same for tables that follow one another; another one when the city was read from the start

    @cached_property
    def row(self) -> dict[str, int]:
        """Row of each outlet's key."""
        return {row.key: k for k, row in enumerate(self.rows)}

    @cached_property
    def lon(self) -> Floats:
        return np.array([row.lon for row in self.rows], float)

    @cached_property
    def lat(self) -> Floats:
        return np.array([row.lat for row in self.rows], float)

    @cached_property
    def world(self) -> Floats:
        """(N, 2) places on the world square."""
        return to_world(np.column_stack([self.lon, self.lat]))

    @cached_property
    def paused(self) -> Bools:
        return np.array([row.state == "paused" for row in self.rows], bool)

    @cached_property
    def by_type(self) -> dict[str, Bools]:
        """(N,) whether each outlet counts for a business type, by code."""
        more = {kind.code: kind.counts_for for kind in self.kinds}
        found = {kind.code: np.zeros(len(self.rows), bool) for kind in self.kinds}
        for k, row in enumerate(self.rows):
            for code in row.types:
                for each in (code, *more.get(code, ())):
                    if each in found:
                        found[each][k] = True
        return found

    @cached_property
    def by_group(self) -> dict[str, Bools]:
        """(N,) whether each outlet belongs to a layer, by code."""
        found = {}
        for group in groups():
            inside = np.zeros(len(self.rows), bool)
            for code in group.types:
                inside |= self.by_type.get(code, False)
            if group.flag:
                inside |= np.array([getattr(row, group.flag) for row in self.rows], bool)
            found[group.code] = inside
        return found

    @cached_property
    def first_group(self) -> NDArray[np.object_]:
        """(N,) the first layer of each outlet, "" where it belongs to none."""
        found = np.full(len(self.rows), "", dtype=object)
        for code in reversed(list(self.by_group)):
            found[self.by_group[code]] = code
        return found

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """(N,) place of each outlet in the order of names as they are said."""
        order = sorted(
            range(len(self.rows)), key=lambda k: (self.rows[k].pinyin or self.rows[k].name, self.rows[k].key)
        )
        found = np.empty(len(order), np.int64)
        found[order] = np.arange(len(order))
        return found

    @cached_property
    def texts(self) -> tuple[tuple[str, ...], NDArray[np.int64]]:
        """The different hours of the city, and which of them each outlet keeps."""
        distinct: dict[str, int] = {}
        which = [distinct.setdefault(row.hours, len(distinct)) for row in self.rows]
        return tuple(distinct), np.array(which, np.int64)


# --- reading ----------------------------------------------------------------------------------------


def kinds_of(city: City) -> tuple[BusinessType, ...]:
    """Return the business types of the standard that judges a city, or of the shipped catalogue before its study."""
    return catalogue_of(Study.open(study_folder(city))).types if has_study(city) else load_types()


def _read(city: City, **which: Any) -> dict[int, Row]:
    """Read outlets of a city with what they serve and when they are shut for once, by id."""
    rows = list(Outlet.objects.filter(city_id=city.pk, state__in=SHOWN_STATES, **which).values_list(*FIELDS))
    ids = None if not which else [row[0] for row in rows]
    serves = _grouped(_of(Function.objects, city, ids).order_by("id").values_list("outlet_id", "code"))
    shut = _grouped(_of(Closure.objects, city, ids).values_list("outlet_id", "begins", "ends"))
    posted = _grouped(_of(Price.objects, city, ids).order_by("id").values_list("outlet_id", "item"))
    found = {}
    for row in rows:
        said = dict(zip(FIELDS, row, strict=True))
        schedule = said.pop("schedule")
        said["hours"] = said["hours"] or (schedule if said["mobile"] else "")
        said["services"], said["payments"] = tuple(said["services"] or ()), tuple(said["payments"] or ())
        types = tuple(code for (code,) in serves.get(row[0], ()))
        items = tuple(item for (item,) in posted.get(row[0], ()))
        found[row[0]] = Row(**said, types=types, closures=tuple(shut.get(row[0], ())), items=items)
    return found


def _of(things: Any, city: City, ids: list[int] | None) -> Any:
    return things.filter(outlet__city_id=city.pk) if ids is None else things.filter(outlet_id__in=ids)


def _grouped(pairs: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for outlet, *rest in pairs:
        found.setdefault(outlet, []).append(tuple(rest))
    return found


@dataclass(frozen=True)
class Version:
    """What changes when anything shown changes; every verb of the register writes a line and saves the outlet."""

    line: int  #: last line of the journal: its lines come one after the other, also where two write at once
    newest: Any  #: the newest change of an outlet
    many: int  #: outlets
    belongings: tuple[tuple[int, int], ...]  #: how many, and the last id, of each of `BELONGINGS`

    @classmethod
    def now(cls) -> Version:
        """Look: a few questions that indexes answer, of the whole register, since counting one city's takes longer."""
        line = Line.objects.order_by("-id").values_list("id", flat=True).first() or 0
        newest = Outlet.objects.order_by("-changed_at").values_list("changed_at", flat=True).first()
        told = [(model.objects.count(), model.objects.aggregate(last=Max("id"))["last"] or 0) for model in BELONGINGS]
        return cls(line, newest, Outlet.objects.count(), tuple(told))


class Keeper:
    """One city's table and what it was read from."""

    def __init__(self, city: City) -> None:
        self.city, self.kinds, self.reading = city, kinds_of(city), next(_NUMBER)
        self.version = Version.now()
        self.rows = _read(city)
        self.shown = self._made()
        self.looked = time.monotonic()
        self.stale = False
        self._lock = threading.Lock()

    def _made(self) -> Shown:
        rows = tuple(self.rows[k] for k in sorted(self.rows))
        return Shown(self.city, self.kinds, rows, next(_NUMBER), self.reading)

    @property
    def _due(self) -> bool:
        return self.stale or time.monotonic() - self.looked > LOOK_S

    def now(self) -> Shown:
        """Return the table, after a look at the register when the last one is a second old.

        A large city's table takes a moment to make: it is made beside, and the one at hand answers until it is there.
        """
        large = len(self.rows) > SMALL
        if not self._due or not self._lock.acquire(blocking=self.stale and not large):
            return self.shown
        if not large:
            try:
                if self._due:
                    self._look()
            finally:
                self._lock.release()
            return self.shown
        try:
            threading.Thread(target=self._look_beside, daemon=True, name="map-register").start()
        except RuntimeError:  # no more threads: the next asker tries again
            self._lock.release()
        return self.shown

    def _look_beside(self) -> None:
        try:
            self._look()
        finally:
            self._lock.release()
            connection.close()

    def _look(self) -> None:
        self.stale = False
        version = Version.now()
        if version != self.version:
            self._take_up(version)
            self.version = version
        self.looked = time.monotonic()

    def _take_up(self, version: Version) -> None:
        """Read what changed; a new table is made only where something shown is not what it was."""
        changed = self._changed(version)
        rows = None
        if changed is not None:
            rows = {k: row for k, row in self.rows.items() if k not in changed} | _read(self.city, id__in=changed)
        shown = Outlet.objects.filter(city_id=self.city.pk, state__in=SHOWN_STATES)
        if rows is None or len(rows) != shown.count():  # outlets were deleted, or too much changed at once
            rows = _read(self.city)
        if rows == self.rows:
            return
        self.rows = rows
        made = self._made()
        _ = made.world, made.by_group, made.first_group, made.rank, made.texts  # made now, not by the first asker
        self.shown = made

    def _changed(self, version: Version) -> set[int] | None:
        """Return the outlets that changed since the last look, None where too many did to be read one by one.

        What was written a while before counts too: of two that write at once the later one may be seen first.
        """
        before = self.version
        if before.newest is None:
            return None
        since = Outlet.objects.filter(city_id=self.city.pk, changed_at__gte=before.newest - OVERLAP)
        changed = set(since.values_list("id", flat=True)[: FEW + 1])
        for model, (_, last) in zip(BELONGINGS, before.belongings, strict=True):
            added = model.objects.filter(id__gt=last, outlet__city_id=self.city.pk)
            changed |= set(added.values_list("outlet_id", flat=True)[: FEW + 1])
        return changed if len(changed) <= FEW else None


_KEEPERS: dict[int, Keeper] = {}
_CITIES: dict[str, tuple[float, City | None]] = {}
_OPENING = threading.Lock()
CITY_S = 5.0  #: seconds for which a city's own row is believed


def city_of(slug: str | None) -> City | None:
    """Return a city by its short name, or the one that "/" shows; None where there is none. Kept for some seconds."""
    kept = _CITIES.get(slug or "")
    if kept is not None and time.monotonic() - kept[0] < CITY_S:
        return kept[1]
    cities = City.objects.filter(slug=slug) if slug else City.objects.order_by("-is_default", "slug")
    found = cities.first()
    if len(_CITIES) > 1000:  # somebody tries names
        _CITIES.clear()
    _CITIES[slug or ""] = (time.monotonic(), found)
    return found


def shown_of(city: City) -> Shown:
    """Return the table of a city as it is now."""
    keeper = _KEEPERS.get(city.pk)
    if keeper is None or keeper.city.slug != city.slug:
        with _OPENING:
            keeper = _KEEPERS.get(city.pk)
            if keeper is None or keeper.city.slug != city.slug:
                keeper = _KEEPERS[city.pk] = Keeper(city)
    return keeper.now()


def forget(**kwargs: Any) -> None:
    """Drop what is known of all cities: a city was added or changed."""
    _CITIES.clear()
    _KEEPERS.clear()


def look_again(**kwargs: Any) -> None:
    """Have the next asker look at the register: something was written by this process."""
    for keeper in list(_KEEPERS.values()):
        keeper.stale = True
