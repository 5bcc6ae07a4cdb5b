"""A problem without an answer says which rules conflict, and the smallest relaxation: giving way by that much is enough."""

from __future__ import annotations

import re

import numpy as np
import pytest

from yike.siting import Effort, Pairs, Rules, SitingError, lscp, mclp, p_center, p_median

LINE = np.abs(np.arange(12)[:, None] - np.arange(12)[None, :]).astype(
    float
)  #: twelve homes along a street, a site at each
QUICK = Effort(seconds=10)


def fault(solve: object, *args: object) -> SitingError:
    with pytest.raises(SitingError) as caught:
        solve(*args)  # type: ignore[operator]
    return caught.value


def test_rules_that_contradict_each_other_are_told_all_at_once() -> None:
    rules = Rules(p=1, budget=1.0, required=[0, 1], forbidden=[1, 3], existing=[3])
    found = fault(mclp, Pairs.of_matrix(LINE, 1), None, rules)
    assert {each.code for each in found.faults} == {
        "siting.required_forbidden", "siting.existing_forbidden", "siting.required_more_than_p", "siting.required_over_budget",
    }  # fmt: skip


def test_numbers_that_cannot_be_are_told_all_at_once() -> None:
    rules = Rules(p=-1, budget=float("nan"), cost=-np.ones(12), capacity=np.full(12, np.nan), required=[12, -1])
    found = fault(mclp, Pairs.of_matrix(LINE, 1), -np.ones(12), rules)
    assert {each.code for each in found.faults} == {
        "siting.p_bad", "siting.budget_bad", "siting.site_cost_bad", "siting.capacity_bad", "siting.weight_bad",
        "siting.site_unknown",
    }  # fmt: skip
    assert fault(mclp, Pairs.of_matrix(LINE, 1)).code == "siting.p_missing"
    assert fault(mclp, Pairs.of_matrix(LINE, 1), [1, 2], Rules(p=1)).code == "siting.length_wrong"
    assert fault(Pairs.of_matrix, [[-1.0]]).code == "siting.cost_bad"
    assert fault(Pairs.of_triples, [5], [0], [1.0], 2, 2).code == "siting.demand_unknown"


@pytest.mark.parametrize("solve", [lscp, p_median, p_center])
def test_demands_that_nobody_reaches_are_named(solve: object) -> None:
    cost = LINE.copy()
    cost[7] = np.inf
    found = fault(solve, Pairs.of_matrix(cost, 3), None, Rules(p=3))
    assert found.code == "siting.not_reached"
    assert [row for row, _ in found.faults[0].rows] == [7]


@pytest.mark.parametrize("solve", [lscp, p_median, p_center])
def test_the_fewest_forbidden_sites_to_allow_again(solve: object) -> None:
    rules = Rules(p=12, forbidden=list(range(6)))
    found = fault(solve, Pairs.of_matrix(LINE, 2), None, rules)
    assert found.code == "siting.only_forbidden"
    allow = [int(x) for x in str(found.faults[0].values["allow"]).split(", ")]
    assert len(allow) == 1
    lifted = Rules(p=12, forbidden=[j for j in range(6) if j not in allow])
    solve(Pairs.of_matrix(LINE, 2), None, lifted, QUICK)  # type: ignore[operator]


@pytest.mark.parametrize("solve", [lscp, p_median, p_center])
def test_too_few_sites_and_too_little_money(solve: object) -> None:
    pairs = Pairs.of_matrix(LINE, 2)  # a site serves five homes: three are needed
    found = fault(solve, pairs, None, Rules(p=2))
    assert found.code == "siting.p_too_small" and found.faults[0].values["needed"] == 3
    solve(pairs, None, Rules(p=3), QUICK)  # type: ignore[operator]
    found = fault(solve, pairs, None, Rules(p=3, budget=20, cost=[9.0] * 12))
    assert found.code == "siting.budget_too_small" and found.faults[0].values["needed"] == 27
    solve(pairs, None, Rules(p=3, budget=27, cost=[9.0] * 12), QUICK)  # type: ignore[operator]


@pytest.mark.parametrize("solve", [lscp, p_median, p_center])
def test_too_little_capacity(solve: object) -> None:
    pairs = Pairs.of_matrix(LINE, 2)
    found = fault(solve, pairs, None, Rules(p=3, capacity=[3.0] * 12))
    assert found.code == "siting.capacity_short" and found.faults[0].values["lacking"] == 3
    found = fault(solve, pairs, None, Rules(p=3, capacity=[2.0] * 6 + [6.0] * 6))
    assert found.code == "siting.limits_conflict"
    assert re.search(r"p = 4", found.faults[0].text("en")) and "p = 4" in found.faults[0].text("zh")
    solve(pairs, None, Rules(p=4, capacity=[2.0] * 6 + [6.0] * 6), QUICK)  # type: ignore[operator]


def test_every_fault_speaks_both_languages() -> None:
    found = fault(p_median, Pairs.of_matrix(LINE, 2), None, Rules(p=2))
    assert "p = 3" in found.faults[0].text("zh") and "最小" in found.faults[0].text("zh")
