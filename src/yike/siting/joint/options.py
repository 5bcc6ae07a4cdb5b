"""What could be built: options (a type in a space, of a size) with their floor, cost, capacity and need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yike.errors import Fault, InputError, Row, raise_all
from yike.siting.joint.ground import JointGround
from yike.siting.joint.settings import JointSettings

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
WORTH_A_SIZE = 1.2  #: a larger outlet is offered beside the least one where it can serve so many times its people
ALL = 1e18  #: a capacity that never binds


@dataclass(frozen=True)
class Option:
    """A business type that could be built in a space, on so much of its floor."""

    space: int
    business_type: str
    area_m2: float
    cost_yuan: float
    capacity: float
    need: float  #: residents it must newly serve
    pair: int  #: options of one pair (space, type) differ by size only: at most one of them is built


def chosen_types(ground: JointGround, settings: JointSettings) -> tuple[str, ...]:
    """Return the types asked for; raises ``joint.type_unknown`` with all that cannot be sited."""
    named = {*settings.types, *settings.weights, *(code for _, code in (*settings.locked, *settings.forbidden) if code)}
    unknown: list[Row] = [(None, code) for code in sorted(named) if code not in ground.limit_ms]
    raise_all(InputError, [Fault("joint.type_unknown", tuple(unknown))] if unknown else [])
    return tuple(code for code in ground.types if code in settings.types) if settings.types else ground.basic


def check_spaces(ground: JointGround, settings: JointSettings) -> None:
    """Raise ``joint.space_unknown`` for every locked or forbidden space that is not there."""
    known = set(ground.spaces.keys)
    rows: list[Row] = [(None, key) for key, _ in (*settings.locked, *settings.forbidden) if key not in known]
    raise_all(InputError, [Fault("joint.space_unknown", tuple(dict.fromkeys(rows)))] if rows else [])


def site_cost(ground: JointGround, settings: JointSettings, space: int, code: str, area_m2: float) -> float:
    """Return what a type costs in a space: conversion, equipment, and rent over the years, each by its part of the floor.

    A conversion cost that the space tells is of the whole space; without it the type's fit-out is reckoned.
    """
    row, cost = ground.spaces.frame, ground.costs[code]
    part = area_m2 / row["area_m2"][space]
    whole, rent = row["conversion_yuan"][space], row["rent_yuan"][space]
    conversion = area_m2 * cost.fit_out_yuan_per_m2 if np.isnan(whole) else whole * part
    return float(conversion + cost.equipment_yuan + (0.0 if np.isnan(rent) else rent * part * settings.years))


def sizes(ground: JointGround, code: str, space_m2: float, catchment: float, capacity: bool) -> tuple[float, ...]:
    """Return the floor areas offered: the least one, and a larger one where more people are there to be served."""
    cost = ground.costs[code]
    least, most = cost.area_min_m2, min(cost.area_max_m2, space_m2)
    if not capacity or cost.people_per_m2 <= 0:
        return (least,)
    larger = min((catchment - cost.people_per_outlet) / cost.people_per_m2, most)
    return (least, larger) if cost.capacity(larger) > WORTH_A_SIZE * cost.capacity(least) else (least,)


@dataclass(frozen=True)
class Reach:
    """Walks that would bring an uncovered home within a type's limit, and the people each space would so reach."""

    space: Ints
    home: Ints
    people: Floats  #: (S,)


def reach_of(ground: JointGround, code: str, homes: NDArray[np.bool_], spaces: NDArray[np.bool_]) -> Reach:
    walks = ground.walks
    people = ground.residents.people
    use = walks.seconds <= np.float32(ground.limit_ms[code] / 1000)
    use &= (ground.uncovered(code) & homes & (people > 0))[walks.home] & spaces[ground.space_of]
    space, home = ground.space_of[use], walks.home[use]
    return Reach(space, home, np.bincount(space, weights=people[home], minlength=len(spaces)).astype(float))


def list_options(
    ground: JointGround,
    settings: JointSettings,
    types: tuple[str, ...],
    spaces: NDArray[np.bool_],
    reach: dict[str, Reach],
) -> tuple[list[Option], dict[tuple[int, str], int]]:
    """Return the options that could bring anything, and the locked ones whatever they bring."""
    key, number = ground.spaces.keys, {key: j for j, key in enumerate(ground.spaces.keys)}
    locked = {(number[space], code) for space, code in settings.locked}
    barred = set(settings.forbidden)
    found: list[Option] = []
    pairs: dict[tuple[int, str], int] = {}
    for j in np.flatnonzero(spaces & (ground.why == "")).tolist():
        row = ground.spaces.frame.iloc[j]
        allowed = ground.uses.of(row["kind"], row["uses"])
        for code in types:
            cost = ground.costs[code]
            if code not in allowed or (key[j], "") in barred or (key[j], code) in barred:
                continue
            if cost.area_min_m2 > row["area_m2"]:
                continue
            catchment = float(reach[code].people[j])
            need = cost.min_catchment_people if settings.viable else 0.0
            also = sum(float(reach[c].people[j]) for c in ground.catalogue.type(code).counts_for if c in reach)
            if (j, code) not in locked and (catchment < need or catchment + also <= 0):
                continue
            pairs[j, code] = len(pairs)
            for area in sizes(ground, code, float(row["area_m2"]), catchment, settings.capacity):
                most = cost.capacity(area) if settings.capacity else ALL
                price = site_cost(ground, settings, j, code, area)
                found.append(Option(j, code, area, price, most, need, pairs[j, code]))
    return found, pairs
