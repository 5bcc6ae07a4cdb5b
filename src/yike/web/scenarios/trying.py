"""One question to the planning desk and its whole answer: what the page, a saved scenario and the JSON share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from yike.errors import Fault
from yike.web.areas.models import Area, City
from yike.web.scenarios.asked import Point, ScenarioError, read_changes
from yike.web.scenarios.choices import limit
from yike.web.scenarios.living import Living, Table, table_of
from yike.web.scenarios.measuring import measured, minutes
from yike.web.scenarios.point_dial import dial_of
from yike.web.scenarios.reading import read


@dataclass(frozen=True)
class Question:
    """What is tried: where, by whom it is walked, which changes, and what the map and the dial show."""

    city: City
    area: Area
    who: str = ""
    changes: list[Any] = field(default_factory=list)
    kind: str = ""  #: business type whose homes are listed
    point: Point | None = None
    lang: str = "zh"


def try_out(asked: Question) -> dict[str, Any]:
    """Return the effect of a question, with the study it is told over; nothing is written.

    Raises
    ------
    ScenarioError
        Those of `read_changes`, `read` and `dial_of`.
    StudyError
        ``study.not_run``.
    """
    table = table_of(asked.city)
    question = read(table, asked.who, read_changes(asked.changes))
    told = measured(table, question, table.rows_in(asked.area.level, asked.area.code), asked.kind)
    names = dict(Area.objects.filter(code__in=[each["area"] for each in told["areas"]]).values_list("code", "name"))
    for each in told["areas"]:
        each["name"] = names.get(each["area"], each["area"])
    if asked.point:
        told["dial"] = dial_of(table, question, asked.point, asked.lang)
    return {**source(table, question.before), "who": asked.who or table.first, "who_after": question.who, **told}


def source(table: Table, living: Living) -> dict[str, Any]:
    """Return what every figure rests on."""
    catalogue = table.engine.catalogue
    return {
        "study": table.engine.digest,
        "standard": f"{catalogue.name} {catalogue.version}",
        "through": living.through,
        "made_up": table.city.made_up,
    }


def walker_of(table: Table, who: str) -> str:
    """Return a walker of the table, the first for ""; raises ``scenarios.walker_unknown``."""
    if who and who not in table.walkers:
        values = {"known": ", ".join(table.walkers)}
        raise ScenarioError(Fault("scenarios.walker_unknown", ((None, who),), values))
    return who or table.first


def homes_in(table: Table, who: str, kind: str, box: tuple[float, float, float, float]) -> dict[str, Any]:
    """Return the homes in a box of the map with their minutes to a type now: those that are drawn.

    Raises
    ------
    ScenarioError
        ``scenarios.type_unknown``, ``scenarios.walker_unknown``.
    """
    living = table.living(walker_of(table, who))
    types = living.scenario.base.supply.types
    if kind not in types:
        raise ScenarioError(Fault("scenarios.type_unknown", ((None, kind),)))
    west, south, east, north = box
    inside = (table.lon >= west) & (table.lon <= east) & (table.lat >= south) & (table.lat <= north)
    rows = np.flatnonzero(inside)
    shown = rows[: int(limit("homes_most"))]
    k = types.index(kind)
    return {
        **source(table, living),
        "kind": kind,
        "limit_min": int(living.scenario.base.limit_ms[k]) / 60_000,
        "row": shown.tolist(),
        "lon": table.lon[shown].round(6).tolist(),
        "lat": table.lat[shown].round(6).tolist(),
        "people": table.people[shown].round(1).tolist(),
        "minutes": minutes(living.scenario.times(k)[shown]),
        "of": len(rows),
    }


def worst_homes(table: Table, who: str, area: Area) -> list[dict[str, Any]]:
    """Return the homes of an area that lack most types of the rule of 10 and 15 minutes, most people first of equals."""
    living, rows = table.living(who), table.rows_in(area.level, area.code)
    counts, _ = living.near(living.scenario)
    lacking = sum(len(numbers) for numbers, _, _ in living.parts) - counts[:, rows].sum(axis=0)
    order = np.lexsort((-table.people[rows], -lacking))[: int(limit("worst_shown"))]
    ids = table.watched.people.residents.frame["id"].to_numpy(dtype=str)
    return [
        {
            "id": str(ids[row]),
            "lon": round(float(table.lon[row]), 6),
            "lat": round(float(table.lat[row]), 6),
            "people": round(float(table.people[row]), 1),
            "lacking": int(lacks),
            "missing": _missing(living, int(row)),
        }
        for row, lacks in zip(rows[order].tolist(), lacking[order].tolist(), strict=True)
    ]


def worst_communities(table: Table, who: str, area: Area) -> list[dict[str, Any]]:
    """Return the communities of an area that lack most: residents × types of the rule that are not in time, most first."""
    living, rows = table.living(who), table.rows_in(area.level, area.code)
    counts, passed = living.near(living.scenario)
    lacking = sum(len(numbers) for numbers, _, _ in living.parts) - counts[:, rows].sum(axis=0)
    place, people, many = table.of_community[rows], table.people[rows], len(table.community)
    lacks = np.bincount(place, people * lacking, many)
    met, all_of = (np.bincount(place, people * each, many) for each in (passed[rows], np.ones(len(rows))))
    order = [k for k in np.argsort(-lacks, kind="stable")[: int(limit("worst_communities"))].tolist() if lacks[k] > 0]
    names = dict(Area.objects.filter(code__in=[str(table.community[k]) for k in order]).values_list("code", "name"))
    return [
        {
            "code": code,
            "name": names[code],
            "people": round(float(all_of[k]), 1),
            "lacking": round(float(lacks[k]), 1),
            "share": round(float(met[k] / all_of[k]), 4),
        }
        for k, code in ((k, str(table.community[k])) for k in order)
        if code in names
    ]


def _missing(living: Living, row: int) -> list[str]:
    """Return the types of the rule's first part (basic) that are not within their minutes of a home."""
    numbers, ms, _ = living.parts[0]
    types = living.scenario.base.supply.types
    return [types[k] for k in numbers if living.scenario.times(k)[row] > ms]
