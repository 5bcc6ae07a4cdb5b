"""The list beside the map: which outlets are meant, nearest on foot first where one says where one stands.

Nearest always means by the walking network. Where a place is not on it, or a city has no study, the list says so and
goes by name: a straight line is never put in the place of a walk.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.errors import Fault, InputError, YikeError, raise_all
from yike.hours.week import CLOSED, OPEN
from yike.web.areas.models import City
from yike.web.map.groups import group_codes
from yike.web.map.opening import Opening, moment, opening
from yike.web.map.table import Bools, Row, Shown
from yike.web.studies.live import live


@dataclass(frozen=True)
class Wanted:
    """What a list is asked for. ``box`` is west, south, east, north."""

    box: tuple[float, float, float, float] | None = None
    group: str = ""
    types: tuple[str, ...] = ()
    open_at: str = ""  #: "" = open or not
    lon: float | None = None
    lat: float | None = None
    who: str = ""
    limit: int = 50
    offset: int = 0


@dataclass(frozen=True)
class Origin:
    """Where one stands, and minutes on foot from there: inf = no way within the longest walk that counts."""

    lon: float
    lat: float
    minutes: NDArray[np.float64] | None  #: (N,), None where the place is not on the network
    why: dict[str, str] | None  #: in both languages, where it is not

    def told(self) -> dict[str, Any]:
        return {"lon": self.lon, "lat": self.lat, "attached": self.minutes is not None, "why": self.why}


def box_of(text: str) -> tuple[float, float, float, float] | None:
    """Return a box from "west,south,east,north"; raises ``map.bbox_bad``.

    Examples
    --------
    >>> box_of("112.8,35.4,112.9,35.6"), box_of("")
    ((112.8, 35.4, 112.9, 35.6), None)
    """
    if not text:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise InputError(Fault("map.bbox_bad", values={"given": text[:80]})) from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # also false for nan
        raise InputError(Fault("map.bbox_bad", values={"given": text[:80]}))
    return west, south, east, north


def chosen(shown: Shown, group: str, types: tuple[str, ...]) -> Bools:
    """Return (N,) the outlets of a layer that count for one of some types; raises with every unknown code."""
    faults = [Fault("map.type_unknown", values={"given": code[:40]}) for code in types if code not in shown.by_type]
    if group and group not in shown.by_group:
        faults.append(Fault("map.group_unknown", values={"given": group[:40], "known": ", ".join(group_codes())}))
    raise_all(InputError, faults)
    mask = shown.by_group[group].copy() if group else np.ones(len(shown.rows), bool)
    if types:
        mask &= np.logical_or.reduce([shown.by_type[code] for code in types])
    return mask


def origin_of(shown: Shown, lon: float | None, lat: float | None, who: str = "") -> Origin | None:
    """Return the walks from a place, None where none is given.

    Raises
    ------
    InputError
        ``map.half_point``.
    StudyError
        ``study.walker_unknown``.
    """
    if (lon is None) != (lat is None):
        raise InputError(Fault("map.half_point"))
    if lon is None or lat is None:
        return None
    try:
        walked = live(shown.city).minutes(lon, lat, who)
    except YikeError as error:
        fault = error.faults[0]
        if fault.code not in ("study.point_off", "study.not_run"):
            raise
        return Origin(lon, lat, None, reason(fault))
    minutes = np.full(len(shown.rows), np.inf)
    row = shown.row
    for key, each in walked.items():
        if key in row:
            minutes[row[key]] = each
    return Origin(lon, lat, minutes, None)


def reason(fault: Fault) -> dict[str, str]:
    """Return what a fault says in both languages, without its code."""
    return {lang: fault.text(lang).split(": ", 1)[-1].split("\n")[0] for lang in ("zh", "en")}


def listed(shown: Shown, wanted: Wanted) -> dict[str, Any]:
    """Return the outlets that are wanted, how many there are in all, and where one stands."""
    mask = chosen(shown, wanted.group, wanted.types)
    if wanted.box:
        west, south, east, north = wanted.box
        mask &= (shown.lon >= west) & (shown.lon <= east) & (shown.lat >= south) & (shown.lat <= north)
    when: datetime = moment(wanted.open_at)
    state = opening(shown, when)
    if wanted.open_at:
        mask &= state.is_open
    origin = origin_of(shown, wanted.lon, wanted.lat, wanted.who)
    rows = shown.ranked[mask[shown.ranked]]
    minutes = origin.minutes if origin else None
    if minutes is not None:  # few can be walked to: they come first, all others keep their order
        near = np.isfinite(minutes[rows])
        walked = rows[near]
        rows = np.concatenate([walked[np.argsort(minutes[walked], kind="stable")], rows[~near]])
    page = rows[wanted.offset : wanted.offset + wanted.limit].tolist()
    return {
        "outlets": [told(shown.rows[k], k, state, minutes) for k in page],
        "total": len(rows),
        "origin": origin.told() if origin else None,
        "when": when.isoformat(),
        "made_up": shown.city.made_up,
    }


def told(row: Row, k: int, state: Opening, minutes: NDArray[np.float64] | None) -> dict[str, Any]:
    """Return what the list tells of one outlet."""
    now, until = state.state[k], str(state.until[k]) or None
    walk = None if minutes is None or not np.isfinite(minutes[k]) else round(float(minutes[k]), 1)
    return {
        "key": row.key,
        "name": row.name,
        "types": row.types,
        "lon": row.lon,
        "lat": row.lat,
        "state": row.state,
        "open": bool(now == OPEN) if now in (OPEN, CLOSED) else None,
        "closes": until if now == OPEN else None,
        "opens": until if now == CLOSED else None,
        "opens_on": state.when.date() + timedelta(days=int(state.ahead[k])) if until and now == CLOSED else None,
        "minutes": walk,
        "address": row.address,
        "services": row.services,
        "cash": "cash" in row.payments if row.payments else None,
        "barrier_free": row.barrier_free,
        "mobile": row.mobile,
        "licence_free": row.licence_free,
        "verified_at": row.verified_at,
        "made_up": row.made_up,
    }


def city_told(city: City) -> dict[str, Any]:
    """Return what the list of cities tells of one."""
    return {
        "slug": city.slug,
        "name": city.name,
        "name_en": city.name_en,
        "made_up": city.made_up,
        "is_default": city.is_default,
        "bounds": [city.west, city.south, city.east, city.north],
        "center": [city.lon, city.lat],
    }
