"""Which areas and circles touch a box: a tree of their outlines, kept in memory for a minute."""

from __future__ import annotations

import json
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle

if TYPE_CHECKING:
    from yike.web.open.records import Box

KEPT_S = 60.0  #: an outline changed a moment ago may be found by its old place for so long
_kept: dict[tuple[str, int, Any], tuple[float, Any, Any]] = {}
_lock = Lock()


def touching(kind: str, city: City, box: Box) -> list[int]:
    """Return primary keys of a city's areas or circles whose outline (else: point) touches a box.

    A box whose west is greater than its east goes across the antimeridian.
    """
    keys, tree = _tree(kind, city)
    west, south, east, north = box
    parts = [(west, 180.0), (-180.0, east)] if west > east else [(west, east)]
    hits = [tree.query(shapely.box(w, south, e, north), predicate="intersects") for w, e in parts]
    return [int(key) for key in keys[np.unique(np.concatenate(hits))]]


def _tree(kind: str, city: City) -> tuple[Any, Any]:
    name = (kind, city.pk, (city.added_at, city.digest))
    kept = _kept.get(name)
    if kept is None or monotonic() - kept[0] > KEPT_S:
        with _lock:
            _kept[name] = kept = (monotonic(), *_read(kind, city))
    return kept[1], kept[2]


def _read(kind: str, city: City) -> tuple[Any, Any]:
    keys, shapes, places = [], [], list[Any]()
    if kind == "circles":
        places = [
            (pk, outline, None, None) for pk, outline in Circle.objects.filter(city=city).values_list("pk", "boundary")
        ]
    else:
        places = list(Area.objects.filter(city=city).values_list("pk", "boundary", "lon", "lat"))
    for pk, outline, lon, lat in places:
        if outline:
            shape = shapely.from_geojson(json.dumps(outline))
        elif lon is not None and lat is not None:
            shape = shapely.points(lon, lat)
        else:
            continue
        keys.append(pk)
        shapes.append(shape)
    return np.array(keys, dtype=np.int64), shapely.STRtree(shapes)
