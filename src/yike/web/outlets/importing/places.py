"""Where the rows of a table lie: in WGS 84, in which area, and every doubt about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yike.ingest.datum import DATUMS, to_wgs84
from yike.web.areas.models import City
from yike.web.areas.placing import Outlines
from yike.web.outlets.importing.findings import Finding
from yike.web.outlets.importing.reading import Table

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Places:
    """Rows on the globe: WGS 84 degrees and the key of the lowest area that holds each (-1: none)."""

    lon: Floats
    lat: Floats
    area: NDArray[np.int64]
    findings: tuple[Finding, ...]


class Ground:
    """What a city knows of its own extent: outlines where it has them, else its box."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.outlines = Outlines(city.areas.all())

    def areas(self, lon: Floats, lat: Floats) -> NDArray[np.int64]:
        """Return the key of the area that holds each point; without outlines that of the city itself."""
        if len(self.outlines):
            return self.outlines.hold(lon, lat)
        return np.where(self.in_box(lon, lat), self.city.root.pk, -1)

    def in_box(self, lon: Floats, lat: Floats) -> Bools:
        """Return which points lie in the city's box; all where it has none."""
        if self.city.east <= self.city.west:
            return np.isfinite(lon)
        inside = (lon >= self.city.west) & (lon <= self.city.east) & (lat >= self.city.south) & (lat <= self.city.north)
        return np.asarray(inside, dtype=bool)


def place_rows(table: Table, ground: Ground, datum: str, *, strict: bool = True) -> Places:
    """Return where the rows lie, with findings of what cannot be right.

    Parameters
    ----------
    datum
        Of the file's coordinates.
    strict
        Whether a point that no area holds is a fault; the first filling of a register lets it stand without an area.
    """
    x, y = table.points
    absent = ~(np.isfinite(x) & np.isfinite(y))
    off = ~absent & ~((np.abs(x) <= 180) & (np.abs(y) <= 90))
    turned = ~absent & (np.abs(y) <= 180) & (np.abs(x) <= 90)
    there = ~absent & ~off
    lon, lat = to_wgs84(np.where(there, x, 0), np.where(there, y, 0), datum)
    lon, lat = np.where(there, lon, np.nan), np.where(there, lat, np.nan)
    area = ground.areas(lon, lat)
    out = there & (area < 0 if strict else ~_around(ground, lon, lat))
    swapped = (off & turned) | (out & turned & _inside_turned(ground, x, y, datum, out & turned))
    out &= ~swapped
    other = _in_another(ground, x, y, datum, out)
    found = [
        *_absent(table, absent),
        *_told(table, "import.outside_globe", off & ~turned),
        *_told(table, "import.swapped", swapped),
        *_told(table, "import.datum_wrong", other != "", [f"→ {each}" for each in other]),
        *_told(table, "import.outside", out & (other == "")),
    ]
    return Places(lon, lat, area, tuple(found))


def _around(ground: Ground, lon: Floats, lat: Floats) -> Bools:
    """Whether points lie in the box of a city, or a tenth of its size beside it."""
    city = ground.city
    if city.east <= city.west:
        return np.isfinite(lon)
    dx, dy = (city.east - city.west) / 10, (city.north - city.south) / 10
    inside = (lon >= city.west - dx) & (lon <= city.east + dx) & (lat >= city.south - dy) & (lat <= city.north + dy)
    return np.asarray(inside, dtype=bool)


def _inside_turned(ground: Ground, x: Floats, y: Floats, datum: str, asked: Bools) -> Bools:
    inside = np.zeros(len(x), dtype=bool)
    if asked.any():
        inside[asked] = ground.areas(*to_wgs84(y[asked], x[asked], datum)) >= 0
    return inside


def _in_another(ground: Ground, x: Floats, y: Floats, datum: str, out: Bools) -> NDArray[np.str_]:
    """Return for rows outside the city the datum that brings most of them in, "" where it does not bring in this row."""
    best = np.full(len(x), "", dtype="<U8")
    most = 0
    for other in DATUMS if out.any() else ():
        if other == datum or {other, datum} == {"wgs84", "cgcs2000"}:
            continue
        inside = out.copy()
        inside[out] = ground.areas(*to_wgs84(x[out], y[out], other)) >= 0
        if inside.sum() > most:
            most, best = int(inside.sum()), np.where(inside, other, "")
    return best


def _absent(table: Table, absent: Bools) -> list[Finding]:
    """Tell rows without coordinates from rows whose coordinates are no numbers."""
    found = []
    lon, lat = table.texts("lon"), table.texts("lat")
    for i in np.flatnonzero(absent):
        half = [text for text in (lon[i], lat[i]) if text]
        numbers = all(_is_number(text) for text in half)
        code = "import.place_missing" if numbers else "import.place_number"
        found.append(Finding(table.numbers[i], code, "lon", ", ".join(half)[:80]))
    return found


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _told(table: Table, code: str, bad: Bools, more: list[str] | None = None) -> list[Finding]:
    x, y = table.points
    return [
        Finding(table.numbers[i], code, "lon", f"{x[i]:.6f}, {y[i]:.6f} {more[i] if more else ''}".strip())
        for i in np.flatnonzero(bad)
    ]
