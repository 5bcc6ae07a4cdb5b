"""Which area holds a point: asked of the outlines once for many points."""

from __future__ import annotations

import numpy as np
import shapely
from django.db.models import Count, Max, QuerySet
from django.db.models.signals import post_delete, post_save
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import shape

from yike.web.areas.models import Area, City


class Outlines:
    """The outlines of a city's areas, lowest areas first, ready to be asked many times."""

    def __init__(self, areas: QuerySet[Area]) -> None:
        rows = areas.exclude(boundary=None).values_list("pk", "path", "boundary")
        ordered = sorted(rows, key=lambda row: (-row[1].count("/"), row[1]))
        self.keys = np.array([pk for pk, _, _ in ordered], np.int64)
        self.tree = shapely.STRtree([shape(outline) for _, _, outline in ordered])

    def __len__(self) -> int:
        return len(self.keys)

    def hold(self, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int64]:
        """Return the key of the lowest area that holds each point, -1 where none does; see `place`."""
        x, y = np.atleast_1d(np.asarray(lon, float)), np.atleast_1d(np.asarray(lat, float))
        found = np.full(len(x), -1, np.int64)
        there = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        if not len(self) or not len(there):
            return found
        which, held_by = self.tree.query(shapely.points(x[there], y[there]), predicate="intersects")
        order = np.lexsort((-held_by, which))  # the last assignment stays: the earliest outline of each point
        found[there[which[order]]] = self.keys[held_by[order]]
        return found


def place(city: City, lon: ArrayLike, lat: ArrayLike) -> NDArray[np.int64]:
    """Return the key (``Area.pk``) of the lowest area of a city that holds each point, -1 where none does.

    Parameters
    ----------
    lon, lat : arrays, shape (P,)
        WGS 84 degrees; NaN lies nowhere. A point on a border belongs to the area of the lower code.
    """
    return Outlines(city.areas.all()).hold(lon, lat)


_KEPT: dict[int, tuple[tuple[int, int, str], Outlines]] = {}


def outlines_of(city: City) -> Outlines:
    """Return a city's outlines, kept in this process for as long as its areas stay the same ones."""
    told = city.areas.exclude(boundary=None).aggregate(n=Count("pk"), last=Max("pk"), code=Max("code"))
    mark = (told["n"], told["last"] or 0, told["code"] or "")
    kept = _KEPT.get(city.pk)
    if kept is None or kept[0] != mark:
        kept = _KEPT[city.pk] = (mark, Outlines(city.areas.all()))
    return kept[1]


def area_at(city: City, lon: float, lat: float) -> Area | None:
    """Return the lowest area of a city that holds a point (its community, where outlined); None: outside the city."""
    key = int(outlines_of(city).hold([lon], [lat])[0])
    return None if key < 0 else Area.objects.get(pk=key)


def forget_outlines(**_: object) -> None:
    """Let go of kept outlines: an area was saved or deleted in this process."""
    _KEPT.clear()


post_save.connect(forget_outlines, sender=Area)
post_delete.connect(forget_outlines, sender=Area)
