"""Why nothing can be proposed: the conditions that conflict, and the smallest change that helps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from yike.errors import messages
from yike.siting.joint.answer import Conflict
from yike.siting.joint.ground import JointGround
from yike.siting.joint.least import largest_share, least_budget
from yike.siting.joint.options import chosen_types
from yike.siting.joint.problem import Problem
from yike.siting.joint.prove import Model
from yike.siting.joint.search import State, locked_options
from yike.siting.joint.settings import JointSettings, Pair
from yike.words import LANGUAGES

SHARE_STEP = 1e-4  #: shares are told down to a hundredth of a percent


def conflict(code: str, setting: str, change: Any, **words: Any) -> Conflict:
    """Return a conflict with its words: what conflicts is the message, the change that helps its remedy.

    A word may come in both languages, as {"zh": …, "en": …}.
    """
    told = messages()[code]
    zh, en = (
        {key: each[lang] if isinstance(each, dict) else each for key, each in words.items()} for lang in LANGUAGES
    )
    return Conflict(
        code, told.zh.format(**zh), told.en.format(**en), setting, change, told.remedy_zh.format(**zh),
        told.remedy_en.format(**en),
    )  # fmt: skip


def _name(ground: JointGround, code: str) -> dict[str, str]:
    """Return the name of a type in both languages."""
    kind = ground.catalogue.type(code)
    return {"zh": kind.zh, "en": kind.en}


def locked_conflicts(ground: JointGround, settings: JointSettings, problem: Problem) -> tuple[Conflict, ...]:
    """Return the conflicts of locked sites with the other conditions, all of them."""
    found = [each for pair in settings.locked if (each := _pair_conflict(ground, settings, pair))]
    return (*found, *_floor(ground, settings), *_together(ground, problem), *_money(settings, problem))


def _without(settings: JointSettings, *gone: Pair) -> list[list[str]]:
    return [list(pair) for pair in settings.locked if pair not in gone]


def _pair_conflict(ground: JointGround, settings: JointSettings, pair: Pair) -> Conflict | None:
    """Return what keeps one locked pair from being built at all."""
    key, code = pair
    j = ground.spaces.keys.index(key)
    row, cost = ground.spaces.frame.iloc[j], ground.costs[code]
    words = {"space": key, "type": _name(ground, code)}
    if pair in settings.forbidden or (key, "") in settings.forbidden:
        left = [list(each) for each in settings.forbidden if each not in (pair, (key, ""))]
        return conflict("joint.locked_forbidden", "forbidden", left, **words)
    if code not in (types := chosen_types(ground, settings)):
        return conflict("joint.locked_not_asked", "types", [*types, code], **words)
    if ground.why[j]:
        return conflict("joint.locked_off", "locked", _without(settings, pair), why=str(ground.why[j]), **words)
    if not ground.inside(settings.within)[1][j]:
        return conflict("joint.locked_outside", "within", "", area=settings.within, **words)
    if code not in ground.uses.of(row["kind"], row["uses"]):
        return conflict("joint.locked_use", "locked", _without(settings, pair), **words)
    if cost.area_min_m2 > row["area_m2"]:
        values = {"has": f"{row['area_m2']:g}", "needs": f"{cost.area_min_m2:g}", **words}
        return conflict("joint.locked_area", "locked", _without(settings, pair), **values)
    people = _catchment(ground, settings, j, code)
    if settings.viable and people < cost.min_catchment_people:
        values = {"people": f"{people:,.0f}", "needs": f"{cost.min_catchment_people:,.0f}", **words}
        return conflict("joint.locked_catchment", "viable", False, **values)
    return None


def _catchment(ground: JointGround, settings: JointSettings, j: int, code: str) -> float:
    """Return the people whom a type in a space would newly bring within its limit."""
    mine = slice(ground.walks.at[j], ground.walks.at[j + 1])
    home = ground.walks.home[mine]
    near = ground.walks.seconds[mine] <= np.float32(ground.limit_ms[code] / 1000)
    use = near & ground.uncovered(code)[home] & ground.inside(settings.within)[0][home]
    return float(ground.residents.people[home[use]].sum())


def _floor(ground: JointGround, settings: JointSettings) -> list[Conflict]:
    """Return the spaces that are too small for all that is locked in them; the fewest locks are given up."""
    found = []
    for key in dict.fromkeys(space for space, _ in settings.locked):
        has = float(ground.spaces.area_m2[ground.spaces.keys.index(key)])
        mine = [pair for pair in settings.locked if pair[0] == key]
        area = {pair: ground.costs[pair[1]].area_min_m2 for pair in mine}
        if (needs := sum(area.values())) <= has + 1e-9 or len(mine) == 1:
            continue
        left, gone = needs, []
        for pair in sorted(mine, key=lambda each: -area[each]):
            if left > has + 1e-9:
                gone.append(pair)
                left -= area[pair]
        values = {"space": key, "has": f"{has:g}", "needs": f"{needs:g}", "n": len(gone)}
        found.append(conflict("joint.locked_floor", "locked", _without(settings, *gone), **values))
    return found


def _together(ground: JointGround, problem: Problem) -> list[Conflict]:
    """Return whether locked sites of a type live on the same people and cannot all have their least catchment."""
    state, cannot = State.empty(problem, np.inf, np.full(len(problem.area_m2), np.inf)), Counter[str]()
    for n in locked_options(problem):
        if state.add(n) < 0:
            cannot[problem.options[n].business_type] += 1
    return [
        conflict("joint.locked_share_people", "viable", False, type=_name(ground, code), n=n)
        for code, n in cannot.items()
    ]


def _money(settings: JointSettings, problem: Problem) -> list[Conflict]:
    cost = float(problem.option_cost[locked_options(problem)].sum())
    if cost <= problem.budget_yuan + 0.01:
        return []
    values = {"cost": f"{cost:,.0f}", "budget": f"{problem.budget_yuan:,.0f}", "value": f"{math.ceil(cost):,}"}
    return [conflict("joint.locked_money", "budget_yuan", math.ceil(cost), **values)]


def share_conflicts(
    settings: JointSettings, problem: Problem, model: Model, stopped: Callable[[], None]
) -> tuple[Conflict, ...]:
    """Return why no set meets the least share, with the smallest budget or the largest share that can be met."""
    seconds = settings.seconds / 4
    asked = f"{(settings.least_share or 0):.2%}"
    found = []
    money = least_budget(problem, seconds, stopped) if np.isfinite(problem.budget_yuan) else None
    if money is not None:
        values = {"share": asked, "budget": f"{problem.budget_yuan:,.0f}", "value": f"{math.ceil(money):,}"}
        found.append(conflict("joint.share_money", "budget_yuan", math.ceil(money), **values))
    share, worst = largest_share(settings, problem, seconds, stopped)
    if share is not None:
        told = math.floor(share / SHARE_STEP + 1e-6) * SHARE_STEP
        code = "joint.share_spaces" if money is None else "joint.share_reach"
        values = {"share": asked, "area": worst, "value": f"{told:.2%}"}
        found.append(conflict(code, "least_share", round(told, 4), **values))
    if not found:
        found.append(conflict("joint.share_unknown", "seconds", settings.seconds * 4, share=asked))
    return tuple(found)
