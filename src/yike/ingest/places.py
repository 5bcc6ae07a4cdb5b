"""Places of records: in WGS 84, with every doubt about them told; outlets and residents pass the same check."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from yike.errors import Fault
from yike.ingest.datum import DATUMS, to_wgs84
from yike.ingest.files import Sheet, fault_of, number, points_of

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ROOMS = ("outlets", "population")  #: whose words tell ``<room>.swapped``, ``.outside`` and ``.datum_wrong``


def places_of(
    sheet: Sheet, room: str, datum: str, inside: shapely.Geometry | None
) -> tuple[Floats, Floats, list[Fault]]:
    """Return lon and lat in WGS 84 degrees and every fault of the places of a sheet.

    Parameters
    ----------
    room
        One of `ROOMS`.
    datum
        Of the file's coordinates.
    inside
        The declared area in WGS 84; None where nothing is declared, then only what leaves the globe can be told.

    Returns
    -------
    tuple of lon, lat, faults
        Faults: ``ingest.not_number``, ``ingest.outside_globe``, ``<room>.swapped``, ``<room>.outside``,
        ``<room>.datum_wrong``. The places of faulty records mean nothing.
    """
    lon, lat = points_of(sheet)
    pairs = [f"{a}, {b}" for a, b in zip(sheet.texts("lon"), sheet.texts("lat"), strict=True)]
    if sheet.geometry is not None:
        pairs = [f"{a:.6f}, {b:.6f}" for a, b in zip(lon, lat, strict=True)]
    absent = ~(np.isfinite(lon) & np.isfinite(lat))
    faults = fault_of("ingest.not_number", sheet, absent, pairs, column="lon, lat")
    off = ~absent & ~((np.abs(lon) <= 180) & (np.abs(lat) <= 90))
    turned = ~absent & (np.abs(lat) <= 180) & (np.abs(lon) <= 90)
    swapped = off & turned
    faults += fault_of("ingest.outside_globe", sheet, off & ~turned, pairs)
    there = ~absent & ~off
    lon, lat = np.where(absent, 0.0, lon), np.where(absent, 0.0, lat)
    where = to_wgs84(np.where(there, lon, 0), np.where(there, lat, 0), datum)
    if inside is None:
        return *where, faults + fault_of(f"{room}.swapped", sheet, swapped, pairs)
    shapely.prepare(inside)
    out = there & ~shapely.intersects_xy(inside, *where)
    back = to_wgs84(np.where(turned, lat, 0), np.where(turned, lon, 0), datum)
    swapped |= out & turned & shapely.intersects_xy(inside, *back)
    faults += fault_of(f"{room}.swapped", sheet, swapped, pairs)
    out &= ~swapped
    other, brought_in = _other_datum(lon, lat, datum, inside, there & ~swapped, out)
    faults += fault_of(f"{room}.datum_wrong", sheet, out & brought_in, pairs, datum=datum, other=other)
    faults += fault_of(f"{room}.outside", sheet, out & ~brought_in, pairs, datum=datum)
    return *where, faults


def _other_datum(
    lon: Floats, lat: Floats, datum: str, inside: shapely.Geometry, known: Bools, out: Bools
) -> tuple[str, Bools]:
    """Return the datum in which nearly all records of the file lie inside, and which it brings in; else "" and none.

    A stray record must not hide a wrong datum, so a small part (``datum_left``) of those outside may stay outside.
    """
    best, inside_best, least = "", np.zeros(len(lon), dtype=bool), number("datum_left") * out.sum()
    for other in DATUMS:
        if not out.any() or other == datum or {other, datum} == {"wgs84", "cgcs2000"}:
            continue
        east, north = to_wgs84(np.where(known, lon, 0), np.where(known, lat, 0), other)
        held = known & shapely.intersects_xy(inside, east, north)
        left = (known & ~held).sum()
        if left < least or (left == least and not best):
            best, inside_best, least = other, held, left
    return best, inside_best
