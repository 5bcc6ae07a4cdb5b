"""What a scenario brings: per type, per community, per minute saved, and under the rule of 10 and 15 minutes.

Only types whose times, limit or walker are not as before are looked at, and of these only the homes that differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.network.graph import FAR_MS
from yike.web.scenarios.choices import limit
from yike.web.scenarios.living import Table
from yike.web.scenarios.reading import Read

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
BANDS_MIN = (0.0, 1.0, 3.0, 5.0, 10.0, np.inf)


@dataclass
class _Sums:
    """What adds up over the types."""

    gained: Floats  #: (communities,) residents × types newly in time
    lost: Floats
    minutes: Floats  #: people × minutes saved
    newly: Floats  #: (R,) types newly in time at each home
    bands: Floats = field(default_factory=lambda: np.zeros(len(BANDS_MIN) - 1))
    longer: float = 0.0  #: people × types that walk farther than before
    reached: float = 0.0  #: people × types with a way now and none before, within the walks that are searched


def measured(table: Table, read: Read, rows: Rows, kind: str = "") -> dict[str, Any]:
    """Return the effect of a question as JSON tells it.

    Parameters
    ----------
    rows
        Homes of the area in hand: shares are told for it as well as for the city.
    kind
        A business type whose changed homes are listed, for the map; "" for none.
    """
    trial = read.after.trial(read.moves)
    before, after = read.before.scenario, trial.scenario
    types, many = before.base.supply.types, len(table.community)
    sums = _Sums(np.zeros(many), np.zeros(many), np.zeros(many), np.zeros(len(table.people), np.int16))
    inside = np.zeros(len(table.people), bool)
    inside[rows] = True
    told, homes = [], None
    for k, code in enumerate(types):
        b, a, limits = before.times(k), after.times(k), (int(before.base.limit_ms[k]), int(read.limit_ms[k]))
        if b is a and limits[0] == limits[1]:
            continue
        one = _type(table, b, a, limits, inside, sums)
        if one is not None:
            named = read.before.watch.catalogue.type(code)
            told.append({"code": code, "zh": named.zh, "en": named.en, "category": named.category, **one})
        if code == kind:
            homes = _homes(b, a)
    counts = (read.before.near(before)[1], read.after.near(after)[1])
    return {
        "types": told,
        "total": _total(table, sums, [each.yuan for each in read.asked if each.yuan is not None]),
        "ten_fifteen": _compliance(table, counts, rows),
        "areas": _areas(table, sums, counts),
        "bands": [
            {"from": low, "to": None if np.isinf(high) else high, "people_types": round(float(people), 1)}
            for (low, high), people in zip(pairwise(BANDS_MIN), sums.bands, strict=True)
        ],
        "homes": homes or {"row": [], "before": [], "after": []},
        "changes": _changes(read, trial.did),
    }


def _type(
    table: Table,
    b: NDArray[np.int32],
    a: NDArray[np.int32],
    limits: tuple[int, int],
    inside: NDArray[np.bool_],
    sums: _Sums,
) -> dict[str, Any] | None:
    """Return what happens to one type, None for nothing; adds to the sums."""
    was, now = b <= limits[0], a <= limits[1]
    differ = np.flatnonzero((b != a) | (was != now))
    if not len(differ):
        return None
    people, place = table.people[differ], table.of_community[differ]
    up, down = ~was[differ] & now[differ], was[differ] & ~now[differ]
    both = (b[differ] < FAR_MS) & (a[differ] < FAR_MS)
    saved = np.where(both, b[differ] - a[differ], 0) / 60_000
    sums.gained += np.bincount(place, people * up, len(sums.gained))
    sums.lost += np.bincount(place, people * down, len(sums.lost))
    sums.minutes += np.bincount(place, people * saved, len(sums.minutes))
    sums.newly[differ] += up.astype(np.int16)
    shorter = saved > 0
    sums.bands += np.histogram(saved[shorter], np.array(BANDS_MIN), weights=people[shorter])[0]
    sums.longer += float(people[saved < 0].sum() + people[(b[differ] < FAR_MS) & (a[differ] >= FAR_MS)].sum())
    sums.reached += float(people[(b[differ] >= FAR_MS) & (a[differ] < FAR_MS)].sum())
    here = inside[differ]
    met = (float(table.people[was].sum()), float(table.people[now].sum()))
    return {
        "limit_before_min": limits[0] / 60_000,
        "limit_after_min": limits[1] / 60_000,
        "met_before": round(met[0], 1),
        "met_after": round(met[1], 1),
        "gained": round(float(people[up].sum()), 1),
        "lost": round(float(people[down].sum()), 1),
        "gained_here": round(float(people[up & here].sum() - people[down & here].sum()), 1),
        "minutes_saved": round(float((people * saved).sum()), 1),
        "homes": len(differ),
    }


def _homes(b: NDArray[np.int32], a: NDArray[np.int32]) -> dict[str, list[Any]]:
    """Return the homes whose walk to one type changed: rows, minutes before and after (None: no way)."""
    rows = np.flatnonzero(b != a)
    return {"row": rows.tolist(), "before": minutes(b[rows]), "after": minutes(a[rows])}


def minutes(ms: NDArray[np.int32]) -> list[float | None]:
    """Return milliseconds as minutes of two places, None for no way within the limit."""
    return [round(each / 60_000, 2) if each < FAR_MS else None for each in ms.tolist()]


def _total(table: Table, sums: _Sums, yuan: list[float]) -> dict[str, float | None]:
    net = float(sums.gained.sum() - sums.lost.sum())
    return {
        "yuan": sum(yuan) if yuan else None,
        "yuan_per_person_type": round(sum(yuan) / net, 1) if yuan and net > 0 else None,
        "people_types_gained": round(float(sums.gained.sum()), 1),
        "people_types_lost": round(float(sums.lost.sum()), 1),
        "people_gaining": round(float(table.people[sums.newly > 0].sum()), 1),
        "minutes_saved": round(float(sums.minutes.sum()), 1),
        "people_types_longer": round(sums.longer, 1),
        "people_types_reached": round(sums.reached, 1),
        "people": round(float(table.people.sum()), 1),
    }


def _compliance(table: Table, passed: tuple[NDArray[np.bool_], NDArray[np.bool_]], rows: Rows) -> dict[str, float]:
    """Return the people who have what the rule of 10 and 15 minutes asks for, before and after, here and in the city."""
    here = table.people[rows]
    return {
        "people": round(float(table.people.sum()), 1),
        "before": round(float(table.people[passed[0]].sum()), 1),
        "after": round(float(table.people[passed[1]].sum()), 1),
        "here": round(float(here.sum()), 1),
        "here_before": round(float(here[passed[0][rows]].sum()), 1),
        "here_after": round(float(here[passed[1][rows]].sum()), 1),
    }


def _areas(table: Table, sums: _Sums, passed: tuple[NDArray[np.bool_], NDArray[np.bool_]]) -> list[dict[str, Any]]:
    """Return the communities that change most, by people × types and then by minutes."""
    net = sums.gained - sums.lost
    order = np.lexsort((-np.abs(sums.minutes), -np.abs(net)))
    order = order[(net[order] != 0) | (sums.minutes[order] != 0)][: int(limit("areas_shown"))]
    if not len(order):
        return []
    met = [np.bincount(table.of_community[each], table.people[each], len(table.community)) for each in passed]
    return [
        {
            "area": str(table.community[k]),
            "people": round(float(table.people_of_community[k]), 1),
            "gained": round(float(sums.gained[k]), 1),
            "lost": round(float(sums.lost[k]), 1),
            "minutes_saved": round(float(sums.minutes[k]), 1),
            "share_before": _share(met[0][k], table.people_of_community[k]),
            "share_after": _share(met[1][k], table.people_of_community[k]),
        }
        for k in order.tolist()
    ]


def _share(met: float, people: float) -> float | None:
    return round(float(met / people), 4) if people > 0 else None


def _changes(read: Read, did: tuple[dict[str, tuple[float, int]], ...]) -> list[dict[str, Any]]:
    """Return what each change did when it came to those before it."""
    return [
        {
            "row": asked.row,
            "people_types": round(sum(people for people, _ in done.values()), 1),
            "types": len(done),
            "homes": sum(homes for _, homes in done.values()),
            **read.notes.get(asked.row, {}),
        }
        for asked, done in zip(read.asked, did, strict=True)
    ]
