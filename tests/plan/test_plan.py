"""A plan of a joint answer: years within their money, reasons, needs answered, advice where nothing is built."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from joint_towns import CATALOGUE, TYPES, town
from yike.plan import plan_of
from yike.siting.joint import JointAnswer, JointSettings, solve


@pytest.fixture(scope="module")
def answer() -> JointAnswer:
    return solve(town(4, spaces=4), JointSettings(types=TYPES, gap=0.0, seconds=10.0))


def test_years_keep_their_money_and_all_sites_are_built(answer: JointAnswer):
    dearest = max(site.cost_yuan for site in answer.sites)
    plan = plan_of(answer, catalogue=CATALOGUE, budget_per_year=dearest)
    assert [(each.space, each.business_type) for each in plan.builds()] == list(answer.pairs)
    assert all(phase.cost_yuan <= dearest + 0.01 for phase in plan.phases)
    assert sum(phase.cost_yuan for phase in plan.phases) == pytest.approx(answer.spent_yuan)
    assert sum(phase.people_types for phase in plan.phases) == pytest.approx(plan.people_types)
    assert [phase.year for phase in plan.phases] == list(range(1, len(plan.phases) + 1))
    assert [each.order for each in plan.actions] == list(range(1, len(plan.actions) + 1))
    assert plan.digest == answer.digest and plan.as_json()["actions"][0]["zh"]


def test_each_site_names_the_gap_and_the_needs_it_answers(answer: JointAnswer):
    first = next(site for site in answer.sites if site.gains)
    area = first.gains[0].area
    row = {"level": "community", "area": area, "business_type": first.business_type, "state": "missing"}
    needs = [
        {"key": "N1", "business_type": first.business_type, "area": area},
        {"key": "N2", "business_type": first.business_type, "area": "elsewhere"},
        {"key": "N3", "business_type": "pharmacy", "area": area},
    ]
    plan = plan_of(answer, catalogue=CATALOGUE, gaps=pd.DataFrame([row]), needs=needs)
    action = next(
        each for each in plan.builds() if each.space == first.space and each.business_type == first.business_type
    )
    assert action.gap_state == "missing" and action.needs == ("N1",) and action.area == area
    assert f"{first.people_gained:,.0f}" in action.zh and f"{first.people_gained:,.0f}" in action.en


def test_types_without_a_site_get_advice(answer: JointAnswer):
    none = replace(answer, sites=(), by_type=tuple(
        {**row, "sites": 0, "met_after": row["met_before"]} for row in answer.by_type))  # fmt: skip
    plan = plan_of(none, catalogue=CATALOGUE)
    left = {row["business_type"]: row["people"] - row["met_before"] for row in answer.by_type}
    assert {each.business_type: each.people for each in plan.advice()} == pytest.approx(
        {code: people for code, people in left.items() if people > 0.5}
    )
    people = [each.people for each in plan.advice()]
    assert people == sorted(people, reverse=True) and not plan.builds() and not plan.phases
    breakfast = next(each for each in plan.advice() if each.business_type == "breakfast")
    assert breakfast.how == "mobile" and "早餐车" in breakfast.zh
