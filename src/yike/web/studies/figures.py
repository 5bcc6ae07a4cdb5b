"""Figures in the database: written whole when a city is added, and brought after every change of the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from yike.access.whatif import TypeEffect
from yike.coverage.groups import EVERYONE
from yike.tables import LEVELS
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.many import insert
from yike.web.studies.live import Live, live
from yike.web.studies.models import CircleFigure, Figure, SupplyChange
from yike.web.studies.place import has_study
from yike.web.studies.watch import People, Watch, people_of

Floats = NDArray[np.float64]
TEN_FIFTEEN = "ten_fifteen"  #: requirement under which the share of "10 & 15" homes is told
SEEN = ("people_met", "median_s", "through")


@dataclass(frozen=True)
class Column:
    """One figure of all G areas: people within the limit, and the median walk."""

    requirement: str
    business_type: str
    limit_s: float
    met: Floats
    median_s: Floats


class Watched:
    """All walkers of a living city watched together; one per process, opened when the first change comes."""

    def __init__(self, engine: Live, city: City) -> None:
        circles: dict[str, list[str]] = {}
        for code, community in Circle.objects.filter(city=city).values_list("code", "communities__code"):
            circles.setdefault(code, []).append(community)
        self.engine, self.city = engine, city
        stock = engine.stock(fresh=True)
        self.people: People = people_of(engine.ground(), circles)
        self.walkers = {
            who: Watch(engine.ground(who), self.people, engine.catalogue, stock)
            for who in engine.study.settings.walkers
        }
        self.areas: dict[str, int] = dict(Area.objects.filter(city=city).values_list("code", "id"))
        self.circles: dict[str, int] = dict(Circle.objects.filter(city=city).values_list("code", "id"))
        self.groups = list(zip(self.people.groups.level, self.people.groups.area, strict=True))
        if LEVELS[0] not in self.people.groups.level:  # a study without a city's outline: everyone is the city
            self.areas[EVERYONE] = Area.objects.get(city=city, parent=None).pk

    def kinds(self) -> tuple[tuple[type[Figure] | type[CircleFigure], str, dict[str, int]], ...]:
        """Return what figures are of: their record, its field for the place, and the places' ids by code."""
        return (Figure, "area", self.areas), (CircleFigure, "circle", self.circles)

    def columns(self, watch: Watch, types: set[str] | None = None) -> Iterable[Column]:
        """Give the figures of one walker for some types, or for all."""
        for limit in watch.limits:
            code = limit.requirement.business_type
            if types is None or code in types:
                met = self.people.met(watch.met(limit))
                yield Column(limit.requirement.id, code, limit.limit_s, met, watch.medians(code))
        met = self.people.met(watch.ten_fifteen())
        yield Column(TEN_FIFTEEN, "", 0.0, met, np.full(len(met), np.inf))


_WATCHED: dict[int, Watched] = {}


def watched(city: City) -> Watched:
    """Return what this process watches of a city, opened at first use."""
    engine = live(city)
    found = _WATCHED.get(city.pk)
    if found is None or found.engine is not engine:
        found = _WATCHED[city.pk] = Watched(engine, city)
    return found


PLAIN = (
    "requirement", "business_type", "walker", "limit_s", "study", "standard", "through", "people", "people_met",
    "people_met_first", "median_s",
)  # fmt: skip


def write_all(city: City) -> int:
    """Write every figure of a city anew from its register; return how many there are."""
    now, count = watched(city), 0
    with transaction.atomic():
        Figure.objects.filter(city=city)._raw_delete(using=Figure.objects.db)
        CircleFigure.objects.filter(city=city)._raw_delete(using=CircleFigure.objects.db)
        for who, watch in now.walkers.items():
            for column in now.columns(watch):
                for kind, place, ids in now.kinds():
                    rows = list(_rows(now, who, watch, column, ids, kind is CircleFigure))
                    insert(kind, ("city", place, *PLAIN), rows)
                    count += len(rows)
        SupplyChange.objects.filter(city=city, told=False, id__lte=watch.stock.through).update(told=True)
    return count


def _rows(
    now: Watched, who: str, watch: Watch, column: Column, ids: dict[str, int], circles: bool
) -> Iterable[tuple[Any, ...]]:
    """Give a column's records, in the order of ``PLAIN`` after city and place."""
    catalogue = now.engine.catalogue
    shared = (
        column.requirement, column.business_type, who, column.limit_s, now.engine.digest,
        f"{catalogue.name} {catalogue.version}", watch.stock.through,
    )  # fmt: skip
    people = now.people.of_groups.tolist()
    for g, (met, median) in _by_place(now, column, ids, circles).items():
        yield (now.city.pk, g[1], *shared, people[g[0]], met, met, median)


def _by_place(
    now: Watched, column: Column, ids: dict[str, int], circles: bool
) -> dict[tuple[int, int], tuple[float, float | None]]:
    """Return (people met, median) by (row of the groups, id of the area or circle)."""
    met, median = column.met.tolist(), column.median_s.tolist()
    return {
        (g, ids[code]): (met[g], median[g] if np.isfinite(median[g]) else None)
        for g, (level, code) in enumerate(now.groups)
        if (level == "circle") == circles and code in ids
    }


def follow(city: City) -> int:
    """Bring a city's figures after the changes that are not told yet; return how many there were.

    Safe in many processes at once: the changes are taken under a lock, and figures are always those of the whole
    register up to the last change, not sums of differences.
    """
    if not has_study(city):
        return 0
    now = watched(city)
    with transaction.atomic():
        waiting = list(SupplyChange.objects.select_for_update().filter(city=city, told=False).order_by("id"))
        if not waiting:
            return 0
        stock = now.engine.stock(fresh=True)
        effects: dict[str, list[dict[str, Any]]] = {}
        for who, watch in now.walkers.items():
            knew_before = watch.stock.through < waiting[0].id
            touched, found = watch.follow(stock)
            _note(effects, who, found)
            # opened only after a change, one cannot know which types the outlet served before it: all are counted again
            types = touched | {code for each in waiting for code in each.types} if knew_before else None
            _write_changed(now, who, watch, types)
        for change in waiting:
            change.told, change.effect = True, effects.get(change.outlet, [])
        SupplyChange.objects.bulk_update(waiting, ["told", "effect"], batch_size=500)
    return len(waiting)


def _note(effects: dict[str, list[dict[str, Any]]], who: str, found: dict[str, list[TypeEffect]]) -> None:
    """Keep what each outlet's change did, for the log."""
    for key, parts in found.items():
        effects.setdefault(key, []).extend(
            {
                "walker": who,
                "business_type": part.business_type,
                "people_gained": round(part.people_gained, 3),
                "homes": len(part.homes),
            }
            for part in parts
        )


def _write_changed(now: Watched, who: str, watch: Watch, types: set[str] | None) -> None:
    """Write the figures of some types, or of all, that are not as they were."""
    for column in now.columns(watch, types):
        asked = {"city": now.city, "walker": who, "requirement": column.requirement}
        for kind, place, ids in now.kinds():
            fresh = {key[1]: value for key, value in _by_place(now, column, ids, kind is CircleFigure).items()}
            _update(kind, place, asked, fresh, watch.stock.through)


def _update(
    kind: type[Figure] | type[CircleFigure],
    place: str,
    asked: dict[str, Any],
    fresh: dict[int, tuple[float, float | None]],
    through: int,
) -> None:
    changed: list[Any] = []
    for row, where, met, median in kind._default_manager.filter(**asked).values_list("id", f"{place}_id", *SEEN[:2]):
        if (met, median) != fresh[where]:
            changed.append(kind(id=row, people_met=fresh[where][0], median_s=fresh[where][1], through=through))
    kind._default_manager.bulk_update(changed, list(SEEN), batch_size=400)
