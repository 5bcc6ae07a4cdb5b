"""Figures in the database: written whole when a city is added, and brought after every change of the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.db import transaction
from numpy.typing import NDArray

from yike.access.whatif import TypeEffect
from yike.coverage.groups import EVERYONE
from yike.tables import LEVELS
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle, CircleVersion
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
    """One figure of all G areas of some gathered people: people within the limit, and the median walk."""

    gathered: People
    requirement: str
    business_type: str
    limit_s: float
    met: Floats
    median_s: Floats


@dataclass(frozen=True)
class Kind:
    """What figures are of: their record, its field for the place, the places' ids by group, and what else they say."""

    record: type[Figure] | type[CircleFigure]
    place: str
    ids: dict[str, int]
    more: dict[str, str]


def drawn_stamp(city: City) -> tuple[int, int]:
    """Return what changes when a boundary of a city's circles is drawn, changed or dissolved."""
    last = CircleVersion.objects.filter(circle__city=city).order_by("-id").values_list("id", flat=True).first()
    return last or 0, Circle.objects.filter(city=city).count()


def boundaries(city: City) -> tuple[dict[str, dict[str, int]], dict[str, list[str]]]:
    """Return the circles' ids by version and group, and the communities of each group.

    A group is named by its circle's code and the version: a circle is two groups, one for each boundary.
    """
    now: dict[str, list[str]] = {}
    for code, community in Circle.objects.filter(city=city).values_list("code", "communities__code"):
        now.setdefault(code, []).append(community)
    first = CircleVersion.objects.filter(circle__city=city, circle__state="standing", number=1)
    then: dict[str, list[str]] = {**now, **dict(first.values_list("circle__code", "communities"))}
    known: dict[str, int] = dict(Circle.objects.filter(city=city).values_list("code", "id"))
    parts = {"current": now, "original": then}
    ids = {version: {f"{code}@{version}": known[code] for code in part} for version, part in parts.items()}
    members = {f"{code}@{version}": each for version, part in parts.items() for code, each in part.items()}
    return ids, members


class Watched:
    """All walkers of a living city watched together; one per process, opened when the first change comes."""

    def __init__(self, engine: Live, city: City) -> None:
        self.engine, self.city = engine, city
        stock = engine.stock(fresh=True)
        self.stamp = drawn_stamp(city)
        self._gather()
        self.walkers = {
            who: Watch(engine.ground(who), self.people, engine.catalogue, stock)
            for who in engine.study.settings.walkers
        }

    def _gather(self) -> None:
        """Gather who lives in which area and in which boundary of which circle."""
        city = self.city
        self.areas: dict[str, int] = dict(Area.objects.filter(city=city).values_list("code", "id"))
        self.circles, members = boundaries(city)
        self.people: People = people_of(self.engine.ground(), members)
        if LEVELS[0] not in self.people.groups.level:  # a study without a city's outline: everyone is the city
            self.areas[EVERYONE] = Area.objects.get(city=city, parent=None).pk

    def refresh(self) -> None:
        """See circles as they are drawn now, where a boundary changed since."""
        stamp = drawn_stamp(self.city)
        if stamp != self.stamp:
            self._gather()
            for watch in self.walkers.values():
                watch.people = self.people
            self.stamp = stamp

    def kinds(self) -> tuple[Kind, ...]:
        """Return what figures are of."""
        told = [Kind(CircleFigure, "circle", ids, {"version": version}) for version, ids in self.circles.items()]
        return Kind(Figure, "area", self.areas, {}), *told

    def columns(self, watch: Watch, types: set[str] | None = None, people: People | None = None) -> Iterable[Column]:
        """Give the figures of one walker for some types, or for all, of all groups or of those of ``people``."""
        people = people or self.people
        for limit in watch.limits:
            code = limit.requirement.business_type
            if types is None or code in types:
                met, medians = people.met(watch.met(limit)), watch.medians(code, people)
                yield Column(people, limit.requirement.id, code, limit.limit_s, met, medians)
        met = people.met(watch.ten_fifteen())
        yield Column(people, TEN_FIFTEEN, "", 0.0, met, np.full(len(met), np.inf))


_WATCHED: dict[int, Watched] = {}


def watched(city: City) -> Watched:
    """Return what this process watches of a city, opened at first use."""
    engine = live(city)
    found = _WATCHED.get(city.pk)
    if found is None or found.engine is not engine:
        found = _WATCHED[city.pk] = Watched(engine, city)
    found.refresh()
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
                for kind in now.kinds():
                    count += _insert(now, who, watch, column, kind)
        SupplyChange.objects.filter(city=city, told=False, id__lte=watch.stock.through).update(told=True)
    return count


def tell_circles(city: City, circles: Iterable[int]) -> int:
    """Write the figures of some circles anew, whose boundaries changed; return how many there are.

    Called after the commit of the verb that changed them. What the original boundary was told first is kept.
    """
    chosen = set(circles)
    if not has_study(city) or not chosen:
        return 0
    follow(city)
    now, count = watched(city), 0
    with transaction.atomic():
        City.objects.select_for_update().get(pk=city.pk)  # `follow` waits: figures are of one boundary, old or new
        now.refresh()
        stock = now.engine.stock(fresh=True)
        for watch in now.walkers.values():  # what another process has told already is new to this one
            watch.follow(stock)
        CircleFigure.objects.filter(city=city, circle__in=chosen, version="current").delete()
        held = set(CircleFigure.objects.filter(city=city, circle__in=chosen).values_list("circle_id", flat=True))
        kinds = []
        for kind in now.kinds()[1:]:
            left = chosen if kind.more["version"] == "current" else chosen - held
            kinds.append(replace(kind, ids={group: each for group, each in kind.ids.items() if each in left}))
        people = now.people.only({group for kind in kinds for group in kind.ids})
        for who, watch in now.walkers.items():
            for column in now.columns(watch, None, people):
                count += sum(_insert(now, who, watch, column, kind) for kind in kinds)
        gone = set(Circle.every.filter(pk__in=chosen, state="dissolved").values_list("pk", flat=True))
        CircleFigure.objects.filter(circle__in=gone).delete()
    return count


def _insert(now: Watched, who: str, watch: Watch, column: Column, kind: Kind) -> int:
    """Write the records of one column for one kind of places; return how many."""
    rows = [(*row[:2], *kind.more.values(), *row[2:]) for row in _rows(now, who, watch, column, kind)]
    insert(kind.record, ("city", kind.place, *kind.more, *PLAIN), rows)
    return len(rows)


def _rows(now: Watched, who: str, watch: Watch, column: Column, kind: Kind) -> Iterable[tuple[Any, ...]]:
    """Give a column's records, in the order of ``PLAIN`` after city and place."""
    catalogue = now.engine.catalogue
    shared = (
        column.requirement, column.business_type, who, column.limit_s, now.engine.digest,
        f"{catalogue.name} {catalogue.version}", watch.stock.through,
    )  # fmt: skip
    people = column.gathered.of_groups.tolist()
    for g, (met, median) in _by_place(column, kind).items():
        yield (now.city.pk, g[1], *shared, people[g[0]], met, met, median)


def _by_place(column: Column, kind: Kind) -> dict[tuple[int, int], tuple[float, float | None]]:
    """Return (people met, median) by (row of the groups, id of the area or circle)."""
    met, median = column.met.tolist(), column.median_s.tolist()
    return {
        (g, kind.ids[code]): (met[g], median[g] if np.isfinite(median[g]) else None)
        for g, (level, code) in enumerate(column.gathered.named)
        if (level == "circle") == (kind.record is CircleFigure) and code in kind.ids
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
        City.objects.select_for_update().get(pk=city.pk)
        now.refresh()
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
        for kind in now.kinds():
            fresh = {key[1]: value for key, value in _by_place(column, kind).items()}
            _update(kind, {**asked, **kind.more}, fresh, watch.stock.through)


def _update(kind: Kind, asked: dict[str, Any], fresh: dict[int, tuple[float, float | None]], through: int) -> None:
    changed: list[Any] = []
    record = kind.record
    known = record._default_manager.filter(**asked).values_list("id", f"{kind.place}_id", *SEEN[:2])
    for row, where, met, median in known:
        told = fresh.get(where)  # a circle drawn or dissolved since gets its figures from `tell_circles`
        if told is not None and (met, median) != told:
            changed.append(record(id=row, people_met=told[0], median_s=told[1], through=through))
    record._default_manager.bulk_update(changed, list(SEEN), batch_size=400)
