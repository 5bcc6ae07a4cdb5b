"""Tiles over HTTP: the base map as it lies in its file, the outlets as they are in the register now.

These views read neither session nor person, and nothing of a request but its path, a few parameters and what it has
in its cache; they answer from memory.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

import numpy as np
import orjson
from django.http import HttpRequest, HttpResponse

from yike.errors import YikeError
from yike.hours.week import CLOSED, OPEN, UNKNOWN
from yike.web.areas.models import City
from yike.web.map.basemap import HIGHEST, LOWEST, Base, stamp
from yike.web.map.listing import chosen
from yike.web.map.mvt import EXTENT, encode, points
from yike.web.map.opening import moment, opening
from yike.web.map.shown import city_of, shown_of
from yike.web.map.table import Shown
from yike.web.studies.place import city_folder

SINGLE_FROM = 13  #: zoom from which outlets stand alone; below they are counted in cells
OUTLETS_HIGHEST = 16
CELLS = 16  #: cells along the side of a tile
STEP_MIN = 5  #: minutes for which a tile's "open" holds
BASE_LOOK_S = 1.0  #: seconds between two looks whether a base map was swapped
KEPT_BYTES = 48 * 2**20
MVT = "application/vnd.mapbox-vector-tile"
FRESH = "public, max-age=30"
FOR_GOOD = "public, max-age=31536000, immutable"

_BASES: dict[str, tuple[float, Base | None]] = {}
_BASES_LOCK = threading.Lock()


def base_of(slug: str) -> Base | None:
    """Return the open base map of a city, the new one within a second of its being swapped in; None where none is."""
    kept = _BASES.get(slug)
    now = time.monotonic()
    if kept is not None and now - kept[0] < BASE_LOOK_S:
        return kept[1]
    path = city_folder(slug) / "base.mbtiles"
    with _BASES_LOCK:
        here, base = stamp(path), kept[1] if kept else None
        if here is None:
            base = None
        elif base is None or base.stamp != here:
            base = Base(path)
        _BASES[slug] = (now, base)
    return base


class Kept:
    """Encoded tiles of this process by what they show; the least used go first."""

    def __init__(self, room: int) -> None:
        self.room, self.used = room, 0
        self._kept: OrderedDict[Any, tuple[str, bytes]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Any) -> tuple[str, bytes] | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Any, data: bytes) -> tuple[str, bytes]:
        """Keep a tile, gzipped unless it is empty, with its mark; return both."""
        packed = gzip.compress(data, 4, mtime=0) if data else b""
        found = f'"{hashlib.blake2b(packed, digest_size=9).hexdigest()}"', packed
        with self._lock:
            if key not in self._kept:
                self._kept[key] = found
                self.used += len(packed) + 200
            while self.used > self.room:
                _, (_, gone) = self._kept.popitem(last=False)
                self.used -= len(gone) + 200
        return found


_TILES = Kept(KEPT_BYTES)


def _answer(request: HttpRequest, mark: str, packed: bytes | None, cache: str) -> HttpResponse:
    """Return a gzipped tile, or that it is the one the caller has, or that nothing is there."""
    if request.META.get("HTTP_IF_NONE_MATCH", "").removeprefix("W/") == mark:
        answer = HttpResponse(status=304)
    elif not packed:
        answer = HttpResponse(status=204)
    elif "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        answer = HttpResponse(packed, content_type=MVT)
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer = HttpResponse(gzip.decompress(packed), content_type=MVT)
    answer.headers["ETag"] = mark
    answer.headers["Cache-Control"] = cache
    answer.headers["Vary"] = "Accept-Encoding"
    return answer


def _refused(status: int, *told: tuple[str, str]) -> HttpResponse:
    """Return what is wrong, each with its code."""
    detail = [{"code": code, "msg": text} for code, text in told]
    return HttpResponse(orjson.dumps({"detail": detail}), status=status, content_type="application/json")


def _nowhere() -> HttpResponse:
    return _refused(404, ("map.no_tile", "没有这个瓦片 no such tile"))


def _allowed(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD")


def base_tile(request: HttpRequest, slug: str, z: int, x: int, y: int) -> HttpResponse:
    """GET /tiles/<slug>/base/{z}/{x}/{y}.mvt: one tile of the base map."""
    if not _allowed(request):
        return HttpResponse(status=405)
    base = base_of(slug) if LOWEST <= z <= HIGHEST and max(x, y) < 1 << z and city_of(slug) else None
    if base is None:
        return _nowhere()
    digest = base.told["digest"][:16]
    known = request.GET.get("v") == digest
    return _answer(request, f'"{digest}"', base.tile(z, x, y), FOR_GOOD if known else "public, max-age=3600")


def outlets_tile(request: HttpRequest, slug: str, z: int, x: int, y: int) -> HttpResponse:
    """GET /tiles/<slug>/outlets/{z}/{x}/{y}.mvt: outlets one by one from zoom 13, below counted in cells.

    ``group`` and ``types`` (codes with commas between them) choose; ``open`` (now, 07:00, a date with a clock) keeps
    those that are open then.
    """
    if not _allowed(request):
        return HttpResponse(status=405)
    city = city_of(slug) if z <= OUTLETS_HIGHEST and max(x, y) < 1 << z else None
    if city is None:
        return _nowhere()
    shown = shown_of(city)
    group, types, open_at = (request.GET.get(name, "") for name in ("group", "types", "open"))
    try:
        when = moment(open_at)
        when = when.replace(minute=when.minute // STEP_MIN * STEP_MIN)
        key = (shown.number, z, x, y, group, types, bool(open_at), when)
        found = _TILES.get(key)
        if found is None:
            mask = chosen(shown, group, tuple(filter(None, types.split(","))))
            if open_at:
                mask &= opening(shown, when).is_open
            found = _TILES.put(key, outlets_data(shown, mask, group, opening(shown, when).state, z, x, y))
    except YikeError as error:
        return _refused(400, *((fault.code, f"{fault.text('zh')}\n{fault.text('en')}") for fault in error.faults))
    return _answer(request, *found, FRESH)


def outlets_data(shown: Shown, mask: Any, group: str, state: Any, z: int, x: int, y: int) -> bytes:
    """Return one tile of the chosen outlets, empty where none is."""
    place = shown.world * (EXTENT << z) - np.array([x, y]) * EXTENT
    units = np.floor(place).astype(np.int64)
    rows = np.flatnonzero(mask & (units >= 0).all(axis=1) & (units < EXTENT).all(axis=1))
    if len(rows) == 0:
        return b""
    if z < SINGLE_FROM:
        return _cells(units[rows])
    columns: dict[str, Any] = {
        "key": np.array([shown.rows[k].key for k in rows], object),
        "name": np.array([shown.rows[k].name for k in rows], object),
        "types": np.array([",".join(shown.rows[k].types) for k in rows], object),
        "group": np.full(len(rows), group, dtype=object) if group else shown.first_group[rows],
        "open": np.array([{OPEN: True, CLOSED: False, UNKNOWN: None}[code] for code in state[rows].tolist()], object),
    }
    return encode("outlets", points(units[rows]), columns)[0]


def _cells(units: np.ndarray) -> bytes:
    """Return outlets counted in cells, each at the middle of what is in it."""
    side = EXTENT // CELLS
    cell = units[:, 1] // side * CELLS + units[:, 0] // side
    cells, which, counts = np.unique(cell, return_inverse=True, return_counts=True)
    middle = np.column_stack([np.bincount(which, units[:, k], len(cells)) / counts for k in (0, 1)])
    return encode("cells", points(middle.astype(np.int64)), {"count": counts.astype(object)})[0]


def meta(request: HttpRequest, slug: str) -> HttpResponse:
    """GET /tiles/<slug>/meta.json: where the tiles are, what they show, where they come from."""
    city = city_of(slug)
    if city is None:
        return _refused(404, ("map.city_unknown", "没有这个城市 no such city"))
    answer = HttpResponse(orjson.dumps(told(city)), content_type="application/json")
    answer.headers["Cache-Control"] = "public, max-age=30"
    return answer


def told(city: City) -> dict[str, Any]:
    """Return what meta.json tells of a city's tiles."""
    base = base_of(city.slug)
    about: dict[str, Any] = {"made_up": city.made_up, "base": None}
    if base is not None and base.stamp is not None:
        digest = base.told["digest"]
        about["base"] = {
            "tiles": f"/tiles/{city.slug}/base/{{z}}/{{x}}/{{y}}.mvt?v={digest[:16]}",
            "minzoom": LOWEST,
            "maxzoom": HIGHEST,
            "bounds": base.bounds,
            "attribution": base.told["attribution"],
            "source": base.told["source"],
            "date": datetime.fromtimestamp(base.stamp[1] / 1e9, UTC).date().isoformat(),
            "digest": digest,
        }
    about["outlets"] = {
        "tiles": f"/tiles/{city.slug}/outlets/{{z}}/{{x}}/{{y}}.mvt",
        "minzoom": 0,
        "maxzoom": OUTLETS_HIGHEST,
        "single_from": SINGLE_FROM,
    }
    about["bounds"] = [city.west, city.south, city.east, city.north]
    about["center"] = [city.lon, city.lat]
    return about
