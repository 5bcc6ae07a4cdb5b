"""From a chosen set to words and figures: the order of building, who gains, by type and by area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.siting.joint.answer import Gain, JointSite
from yike.siting.joint.ground import JointGround
from yike.siting.joint.problem import Problem, shares_now
from yike.siting.joint.search import State
from yike.siting.joint.settings import JointSettings

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WORST = 10  #: areas of least share that are always told


def building_order(problem: Problem, chosen: Bools) -> list[int]:
    """Return chosen options, at each step the one that adds most worth per yuan to those before it."""
    state, left, order = State.empty(problem, np.inf), chosen.copy(), []
    while left.any():
        rate = np.where(left, state.gains() / np.maximum(problem.option_cost, 1.0), -1.0)
        n = int(rate.argmax())
        state.add(n)
        order.append(n)
        left[n] = False
    return order


@dataclass(frozen=True)
class Served:
    """Who is served by what: shares of homes and of types."""

    problem: Problem
    flow: Floats  #: (E,) people on edges

    def by_group(self) -> Floats:
        """Return the people served of each group (G,)."""
        groups = len(self.problem.group_people)
        return np.bincount(self.problem.edge_group, weights=self.flow, minlength=groups).astype(float)

    def homes_of(self, edges: Ints) -> tuple[Ints, Floats]:
        """Return homes and the people of each that some edges serve: a group is served evenly."""
        p = self.problem
        groups = p.edge_group[edges]
        many = np.diff(p.home_at)[groups]
        starts = np.repeat(p.home_at[:-1][groups], many)
        nth = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
        part = np.repeat(self.flow[edges] / p.group_people[groups], many)
        return p.home_of[starts + nth], part


def tell_sites(
    ground: JointGround, settings: JointSettings, problem: Problem, order: list[int], flow: Floats
) -> tuple[JointSite, ...]:
    """Return the sites in order, with who gains and how many minutes."""
    people = ground.residents.people
    codes, community = np.unique(ground.residents.frame["community"].to_numpy(object).astype(str), return_inverse=True)
    served, keys, locked = Served(problem, flow), ground.spaces.keys, set(settings.locked)
    now = {code: np.minimum(ground.now[code].astype(float), ground.longest_s) for code in problem.types}
    sites = []
    for place, n in enumerate(order, start=1):
        option = problem.options[n]
        lanes = range(problem.option_lane[n], problem.option_lane[n + 1])
        edges = np.concatenate([np.arange(problem.lane_at[lane], problem.lane_at[lane + 1]) for lane in lanes])
        home, part = served.homes_of(edges)
        gained = np.bincount(community[home], weights=part * people[home], minlength=len(codes))
        saved = np.zeros(len(codes))
        for lane in lanes:
            saved += _minutes(ground, problem, option.space, problem.types[problem.lane_type[lane]], now, community,
                              len(codes))  # fmt: skip
        rows = np.flatnonzero((gained > 1e-6) | (saved > 1e-6))
        rows = rows[np.lexsort((-saved[rows], -gained[rows]))]
        total = float(gained.sum())
        sites.append(
            JointSite(
                keys[option.space], option.business_type, place, (keys[option.space], option.business_type) in locked,
                option.cost_yuan, option.area_m2, total, float(saved.sum()),
                option.cost_yuan / total if total > 1e-6 else None,
                tuple(Gain(str(codes[k]), float(gained[k]), float(saved[k])) for k in rows),
            )
        )  # fmt: skip
    return tuple(sites)


def _minutes(
    ground: JointGround, problem: Problem, space: int, code: str, now: dict[str, Floats], community: Ints, n: int
) -> Floats:
    """Return people × minutes saved by community when a type comes to a space, and bring ``now`` up to date."""
    mine = slice(ground.walks.at[space], ground.walks.at[space + 1])
    home, seconds = ground.walks.home[mine], ground.walks.seconds[mine].astype(float)
    less = np.maximum(now[code][home] - seconds, 0.0) * problem.homes[home]
    now[code][home] -= less
    weights = less / 60 * ground.residents.people[home]
    return np.bincount(community[home], weights=weights, minlength=n).astype(float)


def tell_types(ground: JointGround, problem: Problem, order: list[int], flow: Floats) -> tuple[dict[str, Any], ...]:
    """Return people met before and after and the number of sites, by type."""
    people = ground.residents.people * problem.homes
    new = np.bincount(problem.group_type, weights=Served(problem, flow).by_group(), minlength=len(problem.types))
    built = [problem.options[n].business_type for n in order]
    rows = []
    for k, code in enumerate(problem.types):
        met = float(people[~ground.uncovered(code)].sum())
        rows.append({"business_type": code, "people": float(people.sum()), "met_before": met,
                     "met_after": met + float(new[k]), "sites": built.count(code)})  # fmt: skip
    return tuple(rows)


def tell_areas(
    ground: JointGround, settings: JointSettings, problem: Problem, flow: Floats
) -> tuple[dict[str, Any], ...]:
    """Return share before and after of the areas that change and of the ten worst, the worst first."""
    codes, total, met = shares_now(ground, settings.level, problem.types, problem.homes)
    row = {code: k for k, code in enumerate(codes)}
    names = ground.residents.frame[settings.level].to_numpy(object)
    place = np.array([row.get(name, -1) for name in names])
    home, part = Served(problem, flow).homes_of(np.flatnonzero(flow > 0))
    there = place[home] >= 0
    weights = (part * ground.residents.people[home])[there]
    new = np.bincount(place[home][there], weights=weights, minlength=len(codes))
    before, after = met / total, (met + new) / total
    worst = np.argsort(after, kind="stable")[:WORST]
    shown = np.union1d(np.flatnonzero(new > 1e-6), worst)
    shown = shown[np.lexsort((shown, after[shown]))]
    types = max(len(problem.types), 1)
    return tuple(
        {"area": str(codes[k]), "level": settings.level, "people": float(total[k] / types),
         "share_before": float(before[k]), "share_after": float(min(after[k], 1.0))}
        for k in shown
    )  # fmt: skip


def people_gaining(ground: JointGround, problem: Problem, flow: Floats) -> float:
    """Return the residents who gain at least one type; where a type serves a home in part, the largest part counts."""
    best = np.zeros(len(ground.residents))
    part = Served(problem, flow).by_group() / np.maximum(problem.group_people, 1e-12)
    np.maximum.at(best, problem.home_of, np.repeat(part, np.diff(problem.home_at)))
    return float((np.minimum(best, 1.0) * ground.residents.people).sum())
