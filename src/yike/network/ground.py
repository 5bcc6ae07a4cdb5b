"""Degrees to metres over short distances: local radii of the WGS 84 ellipsoid.

A metre east or north of a place follows from the ellipsoid's two radii of curvature at that latitude.
Taken at the middle latitude of a piece, the length differs from the geodesic by less than one part in
a million for pieces up to 10 km (checked against pyproj.Geod in the tests).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

AXIS_M = 6_378_137.0  #: WGS 84, semi-major axis
ECC2 = 6.694_379_990_141_316e-3  #: WGS 84, first eccentricity squared


def metres_per_degree(lat: Floats) -> tuple[Floats, Floats]:
    """Return metres per degree of longitude and of latitude at ``lat``."""
    phi = np.radians(lat)
    w2 = 1.0 - ECC2 * np.sin(phi) ** 2
    east = AXIS_M / np.sqrt(w2)
    north = AXIS_M * (1.0 - ECC2) / (w2 * np.sqrt(w2))
    return np.radians(east * np.cos(phi)), np.radians(north)


def length_m(lon_a: Floats, lat_a: Floats, lon_b: Floats, lat_b: Floats) -> Floats:
    """Return the straight length of short pieces on the ellipsoid, in metres.

    Examples
    --------
    >>> import numpy as np
    >>> length_m(np.array([112.85]), np.array([35.5]), np.array([112.86]), np.array([35.5])).round(2)
    array([907.29])
    """
    east, north = metres_per_degree((lat_a + lat_b) / 2)
    return np.asarray(np.hypot((lon_b - lon_a) * east, (lat_b - lat_a) * north))


@dataclass(frozen=True)
class Plane:
    """A flat map in metres round one place, for deciding what is nearest.

    One scale serves the whole map. North or south of the middle by d km, lengths east and west are
    off by about d * tan(latitude) / 6,370: at 40 degrees and 20 km 0.26 %, 0.4 m in the 150 m of an attachment.
    Lengths that are kept are measured anew with `length_m`.
    """

    lon: float
    lat: float
    east: float
    north: float

    @classmethod
    def around(cls, lon: Floats, lat: Floats) -> Plane:
        """Return the plane whose middle is the middle of the points' extent."""
        lon0 = float((lon.min() + lon.max()) / 2)
        lat0 = float((lat.min() + lat.max()) / 2)
        east, north = metres_per_degree(np.array([lat0]))
        return cls(lon0, lat0, float(east[0]), float(north[0]))

    def xy(self, lon: Floats, lat: Floats) -> Floats:
        """Return (n, 2) metres east and north of the middle."""
        return np.column_stack([(lon - self.lon) * self.east, (lat - self.lat) * self.north])

    def lonlat(self, xy: Floats) -> tuple[Floats, Floats]:
        """Return degrees for (n, 2) metres."""
        return xy[:, 0] / self.east + self.lon, xy[:, 1] / self.north + self.lat
