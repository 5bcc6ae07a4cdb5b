"""What-if: a list of changes over an untouched study, each told by the people it wins for every type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from yike.access.whatif import (
    AddLink,
    AddOutlet,
    Baseline,
    Change,
    MoveOutlet,
    OpenGate,
    RemoveOutlet,
    Scenario,
    baseline,
)
from yike.coverage.limits import walk_limits
from yike.errors import Fault, Row, StudyError, raise_all
from yike.study.questions import Desk

NEAR_M = 30.0  #: how far from a named place a node or a private link may be, to be the one that is meant


@dataclass(frozen=True)
class Asked:
    """One change in words, as the command line and scenario files write it.

    ``verb`` is "add" (types @ place), "remove" (outlet), "move" (outlet @ place), "open" (the private link at a place,
    or every private link of a way: "way:ID") or "link" (place @ place).
    """

    verb: str
    what: str
    lon: float = float("nan")
    lat: float = float("nan")

    def text(self) -> str:
        """Return the change as it is written: ``add breakfast|repair@112.85,35.49``."""
        place = f"@{self.lon},{self.lat}" if np.isfinite(self.lon) else ""
        return f"{self.verb} {self.what}{place}"


def parse_change(text: str) -> Asked | None:
    """Return a written change, None when it cannot be read.

    Examples
    --------
    >>> parse_change("add breakfast|repair@112.85,35.49")
    Asked(verb='add', what='breakfast|repair', lon=112.85, lat=35.49)
    >>> parse_change("remove n12").what, parse_change("fly somewhere")
    ('n12', None)
    """
    verb, _, rest = text.strip().partition(" ")
    what, at, place = rest.rpartition("@") if "@" in rest else (rest, "", "")
    if verb == "open" and not at and not rest.startswith("way:"):
        what, at, place = "", "@", rest
    if verb not in ("add", "remove", "move", "open", "link") or not (what or place):
        return None
    if not at:
        return Asked(verb, what.strip()) if verb in ("remove", "open") else None
    numbers = _pair(place)
    return Asked(verb, what.strip(), *numbers) if numbers else None


def _pair(text: str) -> tuple[float, float] | None:
    try:
        lon, lat = (float(each) for each in text.split(","))
    except ValueError:
        return None
    return lon, lat


def base_of(desk: Desk) -> Baseline:
    """Return the untouched state: each type with the strictest of its walking limits."""
    limits: dict[str, float] = {}
    for each in walk_limits(desk.catalogue, desk.ground[1].m_per_min):
        code = each.requirement.business_type
        limits[code] = min(limits.get(code, np.inf), each.limit_s)
    seconds = [limits.get(code, 0.0) for code in desk.supply.types]
    return baseline(desk.routes, desk.homes, desk.residents.people, desk.supply, seconds)


def try_changes(desk: Desk, texts: list[str]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Apply written changes one after the other and tell what each does.

    Returns
    -------
    pandas.DataFrame
        change, business_type, zh, en, homes (points whose nearest walk changed), people_gained (newly within the
        type's limit less newly beyond it), minutes_saved (people × minutes over points with a way before and after).
    dict
        people_met before and after, per type.

    Raises
    ------
    StudyError
        ``study.change_bad`` with every change that cannot be read or whose outlet, type or place is not there.
    """
    asked = [(text, parse_change(text)) for text in texts]
    bad: list[Row] = [(k + 1, text) for k, (text, each) in enumerate(asked) if each is None]
    raise_all(StudyError, [Fault("study.change_bad", tuple(bad))] if bad else [])
    base = base_of(desk)
    scenario = Scenario(base)
    rows: list[tuple[Any, ...]] = []
    for k, (text, each) in enumerate(asked):
        assert each is not None  # every unreadable one was told above
        for effect in scenario.apply(_change(desk, each, k + 1)):
            kind = desk.catalogue.type(effect.business_type)
            both = np.isfinite(effect.before_s) & np.isfinite(effect.after_s)
            saved = (effect.before_s[both] - effect.after_s[both]) * base.people[effect.homes[both]]
            rows.append((text, kind.code, kind.zh, kind.en, len(effect.homes), effect.people_gained, saved.sum() / 60))
    columns = ["change", "business_type", "zh", "en", "homes", "people_gained", "minutes_saved"]
    before, after = base.people_met, scenario.people_met()
    totals = {code: {"before": float(before[k]), "after": float(after[k])} for k, code in enumerate(base.supply.types)}
    return pd.DataFrame(rows, columns=columns), totals


def _change(desk: Desk, asked: Asked, number: int) -> Change:
    """Turn a written change into one of the engine's."""
    if asked.verb == "add":
        types = tuple(asked.what.split("|"))
        if unknown := [code for code in types if code not in desk.supply.types]:
            raise StudyError(Fault("study.type_unknown", tuple((number, code) for code in unknown)))
        return AddOutlet(desk.at(asked.lon, asked.lat), types)
    if asked.verb == "remove":
        return RemoveOutlet(_outlet(desk, asked.what, number))
    if asked.verb == "move":
        return MoveOutlet(_outlet(desk, asked.what, number), desk.at(asked.lon, asked.lat))
    if asked.verb == "open":
        return OpenGate(_private_links(desk, asked, number))
    return _new_link(desk, asked, number)


def _outlet(desk: Desk, outlet_id: str, number: int) -> int:
    rows = np.flatnonzero(desk.outlets.frame["id"].to_numpy(dtype=str) == outlet_id)
    if len(rows) == 0:
        raise StudyError(Fault("study.outlet_unknown", ((number, outlet_id),)))
    return int(rows[0])


def _metres_off(desk: Desk, lon: float, lat: float, at_lon: np.ndarray, at_lat: np.ndarray) -> np.ndarray:
    """Return metres on a flat map: only to find the place that is meant, never a walk."""
    return np.hypot((at_lon - lon) * 111_320 * np.cos(np.radians(lat)), (at_lat - lat) * 110_574)


def _private_links(desk: Desk, asked: Asked, number: int) -> tuple[int, ...]:
    network = desk.ground[0]
    if asked.what.startswith("way:"):
        wanted = network.private & (network.way_id[network.way].astype(str) == asked.what[4:])
        links = np.flatnonzero(wanted)
    else:
        private = np.flatnonzero(network.private)
        middle = [(axis[network.u[private]] + axis[network.v[private]]) / 2 for axis in (network.lon, network.lat)]
        off = _metres_off(desk, asked.lon, asked.lat, *middle)
        links = private[off <= min(NEAR_M, off.min(initial=np.inf) + 0.5)]
    if len(links) == 0:
        raise StudyError(Fault("study.nothing_private", ((number, asked.text()),), {"near": NEAR_M}))
    return tuple(int(each) for each in links)


def _new_link(desk: Desk, asked: Asked, number: int) -> AddLink:
    """A level path between the crossings nearest to two places, at the walker's own pace."""
    network, walk = desk.ground
    other = _pair(asked.what)
    ends = []
    for place in filter(None, (other, (asked.lon, asked.lat))):
        off = _metres_off(desk, *place, network.lon, network.lat)
        if off.min() <= NEAR_M:
            ends.append(int(off.argmin()))
    if len(ends) < 2 or ends[0] == ends[1]:
        raise StudyError(Fault("study.no_crossing", ((number, asked.text()),), {"near": NEAR_M}))
    u, v = ends
    metres = float(_metres_off(desk, network.lon[u], network.lat[u], network.lon[[v]], network.lat[[v]])[0])
    seconds = metres / walk.m_per_min * 60
    return AddLink(u, v, seconds, seconds)


__all__ = ["Asked", "base_of", "parse_change", "try_changes"]
