"""The matchmaker of idle spaces, both ways: what can this space become, which space closes this gap."""

from __future__ import annotations

from typing import Any

import numpy as np

from yike.errors import Fault, InputError
from yike.siting.joint.ground import JointGround
from yike.siting.joint.options import chosen_types, site_cost, sizes
from yike.siting.joint.settings import JointSettings


def what_can(ground: JointGround, space: str, settings: JointSettings | None = None) -> list[dict[str, Any]]:
    """Tell what a space could become: every type asked for, the one that serves most people per yuan first.

    Each row is the type alone: ``people`` it would newly serve (at most its capacity), ``minutes_saved``, ``area_m2``,
    ``cost_yuan``, ``yuan_per_person`` (None where nobody gains) and ``why``, "" where it can be built, else a word of
    ``joint.why.*``: use, area, off, catchment, forbidden, nobody. Rows that cannot be built come last.

    Raises
    ------
    InputError
        ``joint.space_unknown``, ``joint.type_unknown``, ``joint.area_unknown``.
    """
    settings = settings or JointSettings()
    if space not in ground.spaces.keys:
        raise InputError(Fault("joint.space_unknown", ((None, space),)))
    j = ground.spaces.keys.index(space)
    homes, _ = ground.inside(settings.within)
    rows = [_row(ground, settings, j, code, homes) for code in chosen_types(ground, settings)]
    return sorted(({"business_type": code, **row} for code, row in rows), key=_rank)


def which_space(
    ground: JointGround, business_type: str, area: str = "", settings: JointSettings | None = None
) -> list[dict[str, Any]]:
    """Tell which spaces could close a gap: those where a type can be built, most people per yuan first.

    ``people`` are those of ``area`` (a code of any level, "" = everybody), ``people_all`` all who would be newly served;
    spaces that bring nobody of the area are left out.

    Raises
    ------
    InputError
        ``joint.type_unknown``, ``joint.area_unknown``.
    """
    from dataclasses import replace

    settings = replace(settings or JointSettings(), types=(business_type,))
    (code,) = chosen_types(ground, settings)
    homes, spaces = ground.inside(settings.within)
    mine = ground.inside(area)[0]
    found = []
    for j in np.flatnonzero(spaces).tolist():
        _, row = _row(ground, settings, j, code, homes)
        if row["why"]:
            continue
        here = row["people"] * _part(ground, j, code, homes & mine, homes)
        if here > 0:
            per = row["cost_yuan"] / here
            found.append({"space": ground.spaces.keys[j], "people": here, "people_all": row["people"],
                          "minutes_saved": row["minutes_saved"], "area_m2": row["area_m2"],
                          "cost_yuan": row["cost_yuan"], "yuan_per_person": per})  # fmt: skip
    return sorted(found, key=lambda row: (row["yuan_per_person"], row["space"]))


def _rank(row: dict[str, Any]) -> tuple[bool, float, str]:
    per = row["yuan_per_person"]
    return row["why"] != "", np.inf if per is None else per, row["business_type"]


def _part(ground: JointGround, j: int, code: str, some: np.ndarray, homes: np.ndarray) -> float:
    """Return the part of a space's newly served people who live in some homes."""
    people = ground.residents.people
    home = _new_homes(ground, j, code, homes)
    total = people[home].sum()
    return float(people[home[some[home]]].sum() / total) if total > 0 else 0.0


def _new_homes(ground: JointGround, j: int, code: str, homes: np.ndarray) -> np.ndarray:
    mine = slice(ground.walks.at[j], ground.walks.at[j + 1])
    home = ground.walks.home[mine]
    near = ground.walks.seconds[mine] <= np.float32(ground.limit_ms[code] / 1000)
    return home[near & (ground.uncovered(code) & homes)[home]]


def _row(
    ground: JointGround, settings: JointSettings, j: int, code: str, homes: np.ndarray
) -> tuple[str, dict[str, Any]]:
    """Return what one type in one space brings and costs, at the size with the least yuan per person."""
    space, cost, people = ground.spaces.frame.iloc[j], ground.costs[code], ground.residents.people
    home = _new_homes(ground, j, code, homes)
    there = float(people[home].sum())
    why = _why(ground, settings, j, code, there)
    best: tuple[float, float, float, float] | None = None
    for area in sizes(ground, code, float(space["area_m2"]), there, settings.capacity):
        served = min(there, cost.capacity(area)) if settings.capacity else there
        price = site_cost(ground, settings, j, code, area)
        found = (price / served if served > 0 else np.inf, served, area, price)
        best = found if best is None or found[0] < best[0] else best
    assert best is not None
    per, served, area, price = best
    mine = slice(ground.walks.at[j], ground.walks.at[j + 1])
    walk = ground.walks.home[mine]
    now = np.minimum(ground.now[code][walk].astype(float), ground.longest_s)
    saved = np.maximum(now - ground.walks.seconds[mine], 0.0) * homes[walk] * people[walk]
    return code, {
        "people": served, "minutes_saved": float(saved.sum() / 60), "area_m2": area, "cost_yuan": price,
        "yuan_per_person": per if np.isfinite(per) else None, "why": why,
    }  # fmt: skip


def _why(ground: JointGround, settings: JointSettings, j: int, code: str, there: float) -> str:
    space, cost = ground.spaces.frame.iloc[j], ground.costs[code]
    key = space["key"]
    if ground.why[j]:
        return "off"
    if (key, code) in settings.forbidden or (key, "") in settings.forbidden:
        return "forbidden"
    if code not in ground.uses.of(space["kind"], space["uses"]):
        return "use"
    if cost.area_min_m2 > space["area_m2"]:
        return "area"
    if settings.viable and there < cost.min_catchment_people:
        return "catchment"
    return "" if there > 0 else "nobody"
