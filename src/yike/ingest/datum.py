"""Datums of China: WGS 84, CGCS2000, GCJ-02 (offset maps) and BD-09, converted as whole arrays.

GCJ-02 shifts a point by sums of sines of its own coordinates; BD-09 shifts GCJ-02 once more, in polar form. The shifts
are smooth, so the way back is found by fixed-point iteration: it contracts by less than a tenth a step. CGCS2000 and
WGS 84 differ by centimetres, less than any place here is known to, and are taken as one.

Source of the method: the publicly known form of the offset (Krasovsky ellipsoid 1940, see docs/method/ingest.md);
the code is our own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from yike.errors import Fault, InputError

Floats = NDArray[np.float64]
DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
AXIS_M, ECCENTRICITY = 6378245.0, 0.00669342162296594323  #: Krasovsky 1940: semi-major axis, first eccentricity squared
WEST, EAST, SOUTH, NORTH = 72.004, 137.8347, 0.8293, 55.8271  #: the rectangle inside which maps are shifted
BD_TURN = np.pi * 3000 / 180
STEPS = 24  #: iterations of the way back; the change is below 1e-13 degrees after about ten


@np.errstate(all="ignore")  # at poles and infinity the shift is no number; nothing is shifted there
def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Floats, Floats]:
    """Return points of a datum in WGS 84 degrees.

    Parameters
    ----------
    lon, lat : float arrays, shape (P,)
    datum : {"wgs84", "cgcs2000", "gcj02", "bd09"}

    Raises
    ------
    InputError
        ``ingest.datum_unknown``.

    Examples
    --------
    >>> lon, lat = from_wgs84([112.85], [35.49], "gcj02")
    >>> [bool(np.abs(a - b).max() < 1e-12) for a, b in zip(to_wgs84(lon, lat, "gcj02"), ([112.85], [35.49]))]
    [True, True]
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    if _known(datum) in ("wgs84", "cgcs2000"):
        return lon.copy(), lat.copy()
    if datum == "bd09":
        lon, lat = _back(lon, lat, _gcj_to_bd)
    east, north = _back(lon, lat, _shifted)
    outside = ~_inside(east, north)
    return np.where(outside, lon, east), np.where(outside, lat, north)


def to_wgs84_shapes(shapes: NDArray[np.object_], datum: str) -> NDArray[np.object_]:
    """Return shapes of a datum in WGS 84, corner by corner; None stays None."""

    def turned(xy: Floats) -> Floats:
        return np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], datum))

    return np.asarray(shapely.transform(shapes, turned), dtype=object)


@np.errstate(all="ignore")
def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> tuple[Floats, Floats]:
    """Return WGS 84 points in a datum; the counterpart of `to_wgs84`."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    if _known(datum) in ("wgs84", "cgcs2000"):
        return lon.copy(), lat.copy()
    inside = _inside(lon, lat)
    east, north = _shifted(lon, lat)
    lon, lat = np.where(inside, east, lon), np.where(inside, north, lat)
    return _gcj_to_bd(lon, lat) if datum == "bd09" else (lon, lat)


def _known(datum: str) -> str:
    if datum not in DATUMS:
        raise InputError(Fault("ingest.datum_unknown", values={"datum": datum, "known": ", ".join(DATUMS)}))
    return datum


def _inside(lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    return (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)


def _waves(x: Floats) -> Floats:
    return 20 * np.sin(6 * np.pi * x) + 20 * np.sin(2 * np.pi * x)


def _shifted(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Return WGS 84 points shifted to GCJ-02, whether inside the rectangle or not."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    long_y = 20 * np.sin(np.pi * y) + 40 * np.sin(np.pi * y / 3) + 160 * np.sin(np.pi * y / 12)
    long_x = 20 * np.sin(np.pi * x) + 40 * np.sin(np.pi * x / 3) + 150 * np.sin(np.pi * x / 12)
    north_m = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root
    north_m = north_m + (_waves(x) + long_y + 320 * np.sin(np.pi * y / 30)) * 2 / 3
    east_m = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root
    east_m = east_m + (_waves(x) + long_x + 300 * np.sin(np.pi * x / 30)) * 2 / 3
    phi = np.radians(lat)
    curve = 1 - ECCENTRICITY * np.sin(phi) ** 2
    north = north_m / (AXIS_M * (1 - ECCENTRICITY) / curve**1.5) * (180 / np.pi)
    east = east_m / (AXIS_M / np.sqrt(curve) * np.cos(phi)) * (180 / np.pi)
    return lon + east, lat + north


def _gcj_to_bd(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * BD_TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _back(
    lon: Floats, lat: Floats, forward: Callable[[Floats, Floats], tuple[Floats, Floats]]
) -> tuple[Floats, Floats]:
    """Return the points that ``forward`` takes to the given ones."""
    east, north = lon.copy(), lat.copy()
    for _ in range(STEPS):
        there = forward(east, north)
        east, north = east + (lon - there[0]), north + (lat - there[1])
    return east, north
