"""Homes for the map, packed: places once, values for every question. Little-endian, so that a browser reads them as arrays.

Places: four float64 (west, south, degrees a step east, degrees a step north), then x (n), y (n) and people (n) as uint16.
Values: n uint16 in the same order. Both fit the full demonstration city into less than half a megabyte.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from yike.web.seeing.part import Part

STEPS = 65_535
NONE = 65_535  #: of a value: none


def places(part: Part) -> bytes:
    """Return the homes of a place: where, and how many people (65,535 stands for that many or more)."""
    lon, lat = part.residents.lon, part.residents.lat
    if len(lon) == 0:
        return np.zeros(4).astype("<f8").tobytes()
    west, south = float(lon.min()), float(lat.min())
    step_x, step_y = max(float(lon.max() - west), 1e-9) / STEPS, max(float(lat.max() - south), 1e-9) / STEPS
    people = np.minimum(np.ceil(part.residents.people), STEPS)
    columns = ((lon - west) / step_x, (lat - south) / step_y, people)
    packed = [np.rint(each).astype("<u2").tobytes() for each in columns]
    return np.array([west, south, step_x, step_y]).astype("<f8").tobytes() + b"".join(packed)


def minutes(part: Part, code: str, hour: int) -> bytes:
    """Return the walks of a place's homes to a type in tenths of seconds; `NONE` = none within the study's limit."""
    return values(part.seen.seconds_to(code, hour)[part.rows].astype(float) * 10)


def values(numbers: NDArray[np.floating]) -> bytes:
    """Return numbers as uint16, `NONE` for inf and NaN.

    Examples
    --------
    >>> values(np.array([1.0, np.inf, 2.6])).hex()
    '0100ffff0300'
    """
    known = np.isfinite(numbers)
    return np.where(known, np.minimum(np.rint(np.where(known, numbers, 0)), NONE - 1), NONE).astype("<u2").tobytes()
