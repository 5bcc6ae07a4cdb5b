"""From an answer of the joint problem to a plan: order, years, reasons, and advice for what no space can solve."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from yike.plan.nouns import Action, Phase, Plan
from yike.siting.joint import JointAnswer, JointSite
from yike.standards.catalogue import Catalogue
from yike.words import LANGUAGES, say

LEAST_PEOPLE = 0.5  #: fewer people than this are nobody


@dataclass(frozen=True)
class Advice:
    """What helps where a type cannot be built: a row of ``advice.csv`` ("" as type: all others)."""

    how: str
    zh: str
    en: str


@cache
def load_advice() -> Mapping[str, Advice]:
    """Return the advice by business type.

    Examples
    --------
    >>> load_advice()["fresh_food_store"].how
    'mobile'
    """
    text = resources.files("yike.plan").joinpath("advice.csv").read_text(encoding="utf-8")
    return {row["business_type"]: Advice(row["how"], row["zh"], row["en"]) for row in csv.DictReader(text.splitlines())}


def plan_of(
    answer: JointAnswer,
    *,
    catalogue: Catalogue,
    gaps: pd.DataFrame | None = None,
    needs: Iterable[Mapping[str, Any]] = (),
    budget_per_year: float | None = None,
    years: int = 3,
) -> Plan:
    """Turn an answer into a plan.

    Parameters
    ----------
    gaps
        The table of gaps (gaps.parquet): its rows of communities tell in which state each type was.
    needs
        Residents' needs, each with ``key``, ``business_type`` and ``area`` (a community): a site of that type that gains
        people there answers it.
    budget_per_year
        Money of one year; a site goes to the first year with room for it, in the order of building, and to a year of its
        own where none has. Without it the money spent is shared over ``years``.

    Returns
    -------
    Plan
        Sites in order of building, then advice for the types that are asked for, have no new site and leave people
        without, the one that leaves most people first.
    """
    states = _states(gaps)
    wanted = list(needs)
    order = list(answer.sites)
    year_of = _years(order, budget_per_year or (answer.spent_yuan / max(years, 1)))
    builds = [_build(site, k, year_of[k], states, wanted, catalogue) for k, site in enumerate(order)]
    actions = (*builds, *_advice(answer, catalogue, len(builds)))
    phases = tuple(
        Phase(year, len(mine), sum(each.cost_yuan for each in mine), sum(each.people for each in mine))
        for year in sorted(set(year_of))
        if (mine := [each for each in builds if each.phase == year])
    )
    gained = sum(site.people_gained for site in order)
    return Plan(actions, phases, answer.spent_yuan, gained, answer.study, answer.standard, answer.digest)


def _years(sites: list[JointSite], money: float) -> list[int]:
    """Return the year of each site: the first with room, new years as they are needed."""
    spent: list[float] = []
    found = []
    for site in sites:
        year = next((k for k, each in enumerate(spent) if each + site.cost_yuan <= money + 0.005), len(spent))
        if year == len(spent):
            spent.append(0.0)
        spent[year] += site.cost_yuan
        found.append(year + 1)
    return found


def _states(gaps: pd.DataFrame | None) -> dict[tuple[str, str], str]:
    if gaps is None or gaps.empty:
        return {}
    rows = gaps[gaps["level"] == "community"]
    return {
        (str(area), str(code)): str(state)
        for area, code, state in zip(rows["area"], rows["business_type"], rows["state"], strict=True)
    }


def _build(
    site: JointSite,
    place: int,
    year: int,
    states: dict[tuple[str, str], str],
    needs: list[Mapping[str, Any]],
    catalogue: Catalogue,
) -> Action:
    area = site.gains[0].area if site.gains else ""
    gaining = {gain.area for gain in site.gains if gain.people > LEAST_PEOPLE}
    answers = tuple(
        str(need["key"]) for need in needs if need["business_type"] == site.business_type and need["area"] in gaining
    )
    kind = catalogue.type(site.business_type)
    people = f"{site.people_gained:,.0f}"
    reason = {
        lang: say("plan.reason", lang, type=kind.zh if lang == "zh" else kind.en, people=people, areas=len(gaining),
                  cost=f"{site.cost_yuan:,.0f}") for lang in LANGUAGES
    }  # fmt: skip
    return Action(
        place + 1, "build", site.business_type, site.people_gained, site.space, area, site.cost_yuan, year, "",
        states.get((area, site.business_type), ""), answers, reason["zh"], reason["en"],
    )  # fmt: skip


def _advice(answer: JointAnswer, catalogue: Catalogue, after: int) -> list[Action]:
    table = load_advice()
    left = [
        (row["people"] - row["met_after"], row["business_type"])
        for row in answer.by_type
        if row["sites"] == 0 and row["people"] - row["met_after"] > LEAST_PEOPLE
    ]
    actions = []
    for k, (people, code) in enumerate(sorted(left, key=lambda each: (-each[0], each[1]))):
        told, kind = table.get(code, table[""]), catalogue.type(code)
        words = {
            lang: say("plan.advice", lang, type=kind.zh if lang == "zh" else kind.en, people=f"{people:,.0f}",
                      advice=getattr(told, lang)) for lang in LANGUAGES
        }  # fmt: skip
        actions.append(Action(after + k + 1, "advise", code, people, how=told.how, zh=words["zh"], en=words["en"]))
    return actions
