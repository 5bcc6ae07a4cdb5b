"""What the public map may show of a city's register, held in memory as arrays.

Only open and paused outlets are in it, and of them only what is public: no owner, reporter or voucher is ever read.
`yike.web.map.shown` keeps one table per city and process as fresh as the database.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.standards.nouns import BusinessType
from yike.standards.packs import load_types
from yike.study.folder import Study
from yike.study.ground import catalogue_of
from yike.web.areas.models import City
from yike.web.map.cutting import to_world
from yike.web.map.groups import groups
from yike.web.outlets.models import Closure, Function, Outlet, Price
from yike.web.studies.place import has_study, study_folder

SHOWN_STATES = ("open", "paused")
FIELDS = (
    "id", "key", "name", "lon", "lat", "state", "hours", "address", "services", "payments", "verified_at", "made_up",
    "mobile", "licence_free", "barrier_free", "pinyin", "initials", "guarantees_supply", "smart_terminal",
    "schedule",
)  # fmt: skip
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
BELONGINGS: tuple[Any, ...] = (Function, Closure, Price)  #: records of an outlet that are shown with it


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
        """(N,) place of each outlet in the order of names as they are said, those without a name last."""
        order = sorted(
            range(len(self.rows)),
            key=lambda k: (not self.rows[k].name, self.rows[k].pinyin or self.rows[k].name, self.rows[k].key),
        )
        found = np.empty(len(order), np.int64)
        found[order] = np.arange(len(order))
        return found

    @cached_property
    def ranked(self) -> NDArray[np.int64]:
        """(N,) the outlets in that order."""
        return np.argsort(self.rank)

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


def read(city: City, **which: Any) -> dict[int, Row]:
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
