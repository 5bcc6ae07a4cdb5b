"""One table of what is shown per city and process, kept as fresh as the database.

Whoever asks gets the table at hand. At most once a second one asker looks whether the register has changed, in this
process or another, and has the outlets that changed read anew.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

from django.db import connection
from django.db.models import Max

from yike.web.areas.models import City
from yike.web.journal.models import Line
from yike.web.map.table import BELONGINGS, SHOWN_STATES, Shown, kinds_of, read
from yike.web.outlets.models import Outlet

LOOK_S = 1.0  #: seconds between two looks at the register
CITY_S = 5.0  #: seconds for which a city's own row is believed
FEW = 400  #: outlets changed at once that are read one by one; SQLite takes so many values in one question
OVERLAP = timedelta(minutes=2)
SMALL = 3000  #: outlets up to which a changed table is made while the asker waits
_NUMBER = count(1)


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
        self.rows = read(city)
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
            rows = {k: row for k, row in self.rows.items() if k not in changed} | read(self.city, id__in=changed)
        shown = Outlet.objects.filter(city_id=self.city.pk, state__in=SHOWN_STATES)
        if rows is None or len(rows) != shown.count():  # outlets were deleted, or too much changed at once
            rows = read(self.city)
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
        if not changed and any(
            now < then for (then, _), (now, _) in zip(before.belongings, version.belongings, strict=True)
        ):
            return None
        for model, (_, last) in zip(BELONGINGS, before.belongings, strict=True):
            added = model.objects.filter(id__gt=last, outlet__city_id=self.city.pk)
            changed |= set(added.values_list("outlet_id", flat=True)[: FEW + 1])
        return changed if len(changed) <= FEW else None


_KEEPERS: dict[int, Keeper] = {}
_CITIES: dict[str, tuple[float, City | None]] = {}
_OPENING = threading.Lock()


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


__all__ = ["FEW", "LOOK_S", "SMALL", "Keeper", "city_of", "forget", "kinds_of", "look_again", "shown_of"]
