"""Steps coverage, hours, gaps: times become judgements under a standard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.access.walk import WalkTimes, prepare, walk_times
from yike.coverage import (
    Coverage,
    HourQuestion,
    OutletCounts,
    area_presence,
    compare_presence,
    compare_walkers,
    count_located,
    coverage_by_hour,
    distribution,
    measure_coverage,
    measure_presence,
)
from yike.errors import Fault
from yike.gaps.find import find_gaps
from yike.gaps.homes import failing_homes
from yike.hours import open_week
from yike.study import store
from yike.study.accessing import limit_of, supply_of
from yike.study.folder import Study, put
from yike.study.ground import catalogue_of
from yike.tables import LEVELS

Tell = Callable[[float], None]
WIDE_LEVELS = (
    "all",
    "city",
    "county",
    "street",
    "circle",
)  #: levels of the by-hour table: a week of communities is too long


def coverage_of(study: Study, walker: str) -> Coverage:
    """Measure again, from the study's tables, the coverage of one walker."""
    catalogue = catalogue_of(study)
    times = store.walk_times(study, walker, limit_of(study, catalogue))
    pace = {each.id: each.m_per_min for each in store.walkers_of(study)}[walker]
    why = store.attachment(study, f"residents_attach.{walker}").why
    return measure_coverage(store.residents(study), times, catalogue, m_per_min=pace, why=why)


def area_names(study: Study) -> dict[str, str]:
    """Return the name of every area by code."""
    frame = store.areas(study).frame
    return dict(zip(frame["code"].astype(str), frame["name"].astype(str), strict=True))


def _named(table: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    table.insert(2, "area_name", [names.get(each, "") for each in table["area"]])
    return table


def outlet_counts(study: Study) -> OutletCounts:
    """Count the open outlets by the area they stand in."""
    table = study.table("outlets")
    return count_located(store.outlets(study), table[list(LEVELS)])


def coverage_step(study: Study, work: Path, tell: Tell) -> list[Fault]:
    """Times → coverage, presence, gates, distribution, and walkers side by side."""
    names, counts = area_names(study), outlet_counts(study)
    tables: dict[str, list[pd.DataFrame]] = {}
    first: Coverage | None = None
    for k, walker in enumerate(study.settings.walkers):
        found = coverage_of(study, walker)
        tables.setdefault("coverage", []).append(found.to_frame(names))
        presence = {rule: measure_presence(found, rule) for rule in ("ten_fifteen", "gate")}
        for each in presence.values():
            tables.setdefault("presence", []).append(_named(each.to_frame(), names))
        gates = area_presence(presence["gate"], counts).assign(walker=walker)
        tables.setdefault("gates", []).append(_named(gates, names))
        tables.setdefault("distribution", []).append(_named(distribution(found), names))
        tables.setdefault("unreached", []).append(found.unreached().assign(walker=walker))
        if first is None:
            first, first_rule = found, presence["ten_fifteen"]
        else:
            tables.setdefault("walkers", []).append(_named(compare_walkers(first, found), names))
            both = compare_presence(first_rule, presence["ten_fifteen"])
            tables.setdefault("walkers_presence", []).append(_named(both, names))
        tell((k + 1) / len(study.settings.walkers))
    for name, parts in tables.items():
        put(work, name, pd.concat(parts, ignore_index=True))
    return []


def gaps_step(study: Study, work: Path, tell: Tell) -> list[Fault]:
    """Coverage → gaps and failing homes."""
    names, counts = area_names(study), outlet_counts(study)
    gaps, failing, notes = [], [], []
    for k, walker in enumerate(study.settings.walkers):
        found = coverage_of(study, walker)
        judged = find_gaps(found, counts)
        gaps.append(judged.to_frame(names))
        failing.append(_failing(study, found, walker))
        if k == 0 and judged.unjudged:
            notes.append(Fault("study.types_unjudged", tuple((None, code) for code in judged.unjudged)))
        tell((k + 1) / len(study.settings.walkers))
    put(work, "gaps", pd.concat(gaps, ignore_index=True))
    put(work, "failing", pd.concat(failing, ignore_index=True))
    return notes


def _failing(study: Study, found: Coverage, walker: str) -> pd.DataFrame:
    """List failing homes with the outlet that is nearest; words that repeat are written once."""
    nearest = study.table(f"nearest.{walker}").drop(columns="id")
    ids = store.outlets(study).frame["id"].astype(str)
    rows = np.stack([_row_of(nearest[code], ids) for code in found.types], axis=1)
    table = failing_homes(found, rows, ids.tolist())
    texts = ["community", "requirement", "business_type", "nearest", "why", "walker", "clause", "grade"]
    return table.astype(dict.fromkeys(texts, "category"))


def _row_of(column: pd.Series, ids: pd.Series) -> np.ndarray:
    """Return the row of each outlet id, -1 for null."""
    return pd.Index(ids).get_indexer(pd.Index(column.astype(object)))


def hours_step(study: Study, work: Path, tell: Tell) -> list[Fault]:
    """Coverage hour by hour of the week for the types of ``hour_types``, first walker."""
    catalogue, outlets, people = catalogue_of(study), store.outlets(study), store.residents(study)
    walker = store.walkers_of(study)[0]
    types = tuple(code for code in study.settings.hour_types if code in catalogue.codes)
    limit_s = limit_of(study, catalogue)
    routes = prepare(*store.network(study, walker.id), limit_s)
    homes = store.attachment(study, f"residents_attach.{walker.id}")
    at = store.attachment(study, f"outlets_attach.{walker.id}")
    ids = people.frame["id"].to_numpy(object)
    week = open_week(outlets.frame["hours"].tolist())
    asked = 0

    def times_of(mask: NDArray[np.bool_]) -> WalkTimes:
        nonlocal asked
        asked += 1
        tell(1 - 0.98**asked)
        return walk_times(routes, homes, supply_of(outlets, at, types, mask), ids=ids)

    question = HourQuestion(people, outlets, week.value, times_of, catalogue, m_per_min=walker.m_per_min, types=types)
    table = coverage_by_hour(question, study.settings.hours).to_frame(WIDE_LEVELS)
    put(work, "by_hour", _named(table, area_names(study)))
    return list(week.notes)
