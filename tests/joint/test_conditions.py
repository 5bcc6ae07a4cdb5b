"""What must hold of every answer, and what is said where conditions conflict."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from joint_towns import TYPES, best_of_all, town
from yike.errors import InputError
from yike.siting.joint import JointSettings, Spaces, solve
from yike.siting.joint.lagrange import dual_bound
from yike.siting.joint.problem import build_problem
from yike.siting.joint.search import search

EXACT = JointSettings(types=TYPES, gap=0.0, seconds=20.0)
SEEDS = range(8)


@pytest.mark.parametrize("seed", SEEDS)
def test_more_money_never_buys_less_and_nothing_beats_the_bound(seed: int):
    ground = town(seed, spaces=4)
    values = [solve(ground, replace(EXACT, budget_yuan=money)) for money in (0.0, 15_000.0, 40_000.0, None)]
    assert values[0].objective == 0 and not values[0].sites
    for less, more in pairwise(values):
        assert less.objective <= more.objective + 1e-6
    assert all(each.objective <= each.bound + 1e-6 for each in values)


@pytest.mark.parametrize("seed", SEEDS)
def test_own_bound_and_own_search_enclose_the_best(seed: int):
    ground, asked = town(seed), replace(EXACT, budget_yuan=50_000.0)
    best = best_of_all(ground, asked)
    assert best is not None
    problem = build_problem(ground, asked)
    found = search(problem, 5.0, lambda: None)
    assert found.value <= best[0] + 1e-6 <= dual_bound(problem, found.value) + 2e-3
    assert found.value >= 0.9 * best[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_locks_cost_worth_and_what_is_forbidden_is_gone(seed: int):
    ground, asked = town(seed, spaces=4), replace(EXACT, budget_yuan=45_000.0)
    free = solve(ground, asked)
    if not free.sites:
        pytest.skip("this town has nothing worth building for the money")
    barred = solve(ground, replace(asked, forbidden=free.pairs))
    assert not set(free.pairs) & set(barred.pairs) and barred.objective <= free.objective + 1e-6
    kept = solve(ground, replace(asked, locked=free.pairs))
    assert set(kept.pairs) >= set(free.pairs) and kept.objective == pytest.approx(free.objective)
    for pair in {(site.space, site.business_type) for site in solve(ground, replace(asked, budget_yuan=None)).sites}:
        locked = solve(ground, replace(asked, locked=(pair,)))
        assert locked.status == "infeasible" or locked.objective <= free.objective + 1e-6


@pytest.mark.parametrize("seed", SEEDS)
def test_parts_of_an_answer_sum_to_the_whole(seed: int):
    ground = town(seed, spaces=4)
    told = solve(ground, replace(EXACT, budget_yuan=60_000.0))
    gained = told.people_types_after - told.people_types_before
    assert sum(site.people_gained for site in told.sites) == pytest.approx(gained)
    assert sum(gain.people for site in told.sites for gain in site.gains) == pytest.approx(gained)
    assert sum(row["met_after"] - row["met_before"] for row in told.by_type) == pytest.approx(gained)
    changes = [row for row in told.by_area if row["share_after"] > row["share_before"]]
    by_area = sum((row["share_after"] - row["share_before"]) * row["people"] * len(TYPES) for row in changes)
    assert by_area == pytest.approx(gained)
    assert told.people_gaining <= gained + 1e-6
    assert [site.order for site in told.sites] == list(range(1, len(told.sites) + 1))
    assert told.alone["people_types"] <= told.objective + 1e-6
    money = [point["budget_yuan"] for point in told.curve]
    people = [point["people_types"] for point in told.curve]
    assert money == sorted(money) and people == sorted(people)
    assert max(people) <= solve(ground, EXACT).objective + 1e-6


def test_minutes_saved_sum_to_those_of_all_sites_at_once():
    ground = town(3, spaces=4)
    told = solve(ground, EXACT)
    now = {code: np.minimum(ground.now[code].astype(float), ground.longest_s) for code in TYPES}
    saved = 0.0
    for code in TYPES:
        after = now[code].copy()
        for site in told.sites:
            if code in (site.business_type, *ground.catalogue.type(site.business_type).counts_for):
                j = ground.spaces.keys.index(site.space)
                rows = slice(ground.walks.at[j], ground.walks.at[j + 1])
                np.minimum.at(after, ground.walks.home[rows], ground.walks.seconds[rows].astype(float))
        saved += float(((now[code] - after) * ground.residents.people).sum() / 60)
    assert saved > 0 and sum(site.minutes_saved for site in told.sites) == pytest.approx(saved)


def _conflict(ground, **asked):
    told = solve(ground, replace(EXACT, **asked))
    assert told.status == "infeasible" and told.conflicts and not told.sites
    return {each.code: each for each in told.conflicts}


def _town_with(pair_type: str = "repair", seed: int = 3):
    """A town whose first space may hold both shops, with the pair (space, type) that can be built."""
    ground = town(seed, spaces=3)
    rows = ground.spaces.frame.assign(area_m2=200.0, kind="kiosk")
    return replace(ground, spaces=Spaces(rows), _kept={})


def test_every_conflict_of_locks_names_a_relaxation_that_helps():
    ground = _town_with()
    pair = ("S0", "repair")
    calm = replace(EXACT, viable=False)
    assert solve(ground, replace(calm, locked=(pair,))).status == "optimal"

    found = _conflict(ground, viable=False, locked=(pair,), forbidden=(("S0", ""),))["joint.locked_forbidden"]
    assert (found.setting, found.value) == ("forbidden", [])

    found = _conflict(ground, viable=False, locked=(pair,), types=("breakfast",))["joint.locked_not_asked"]
    assert solve(ground, replace(calm, locked=(pair,), types=tuple(found.value))).sites

    found = _conflict(ground, viable=False, locked=(pair,), budget_yuan=10.0)["joint.locked_money"]
    assert solve(ground, replace(calm, locked=(pair,), budget_yuan=found.value)).spent_yuan <= found.value
    assert solve(ground, replace(calm, locked=(pair,), budget_yuan=found.value - 1)).status == "infeasible"

    small = replace(ground, spaces=Spaces(ground.spaces.frame.assign(area_m2=1.0)), _kept={})
    assert _conflict(small, viable=False, locked=(pair,))["joint.locked_area"].value == []

    least = ground.costs["repair"].area_min_m2 + ground.costs["breakfast"].area_min_m2
    tight = replace(ground, spaces=Spaces(ground.spaces.frame.assign(area_m2=least - 0.5)), _kept={})
    both = (pair, ("S0", "breakfast"))
    found = _conflict(tight, viable=False, locked=both)["joint.locked_floor"]
    assert len(found.value) == 1
    assert solve(tight, replace(calm, locked=tuple(map(tuple, found.value)))).status == "optimal"

    shop = replace(ground, spaces=Spaces(ground.spaces.frame.assign(kind="shopfront")), _kept={})
    cart = ("S0", "mobile_breakfast_cart")
    assert _conflict(shop, viable=False, locked=(cart,))["joint.locked_use"].value == []

    off = replace(ground, why=np.array(["wall", "", ""], object), _kept={})
    assert _conflict(off, viable=False, locked=(pair,))["joint.locked_off"].value == []

    other = next(code for code in set(ground.residents.frame["community"]) if code != ground.communities[0])
    found = _conflict(ground, viable=False, locked=(pair,), within=other)["joint.locked_outside"]
    assert (found.setting, found.value) == ("within", "")


def test_a_locked_site_with_too_few_people_is_told():
    from yike.siting.joint import BuildCost

    ground = _town_with()
    everybody = float(ground.residents.people.sum())
    cost = BuildCost("repair", 5.0, 10.0, 100.0, 1000.0, everybody, 0.0, everybody * 4, "OURS")
    poor = replace(ground, costs={**ground.costs, "repair": cost}, _kept={})
    found = _conflict(poor, locked=(("S0", "repair"),))["joint.locked_catchment"]
    assert (found.setting, found.value) == ("viable", False)
    assert solve(poor, replace(EXACT, locked=(("S0", "repair"),), viable=False)).sites


def test_locked_sites_that_live_on_the_same_people_are_told():
    from yike.siting.joint import BuildCost

    ground = _town_with()
    reach = [_people(ground, j) for j in range(3)]
    a, b = np.argsort(reach)[1:].tolist()
    least = min(reach[a], reach[b]) * 0.99
    together = len(set(_homes(ground, a)) & set(_homes(ground, b)))
    assert together, "the two spaces of this town share people"
    cost = BuildCost("repair", 5.0, 10.0, 100.0, 1000.0, 1e4, 0.0, least, "OURS")
    poor = replace(ground, costs={**ground.costs, "repair": cost}, _kept={})
    locked = ((f"S{a}", "repair"), (f"S{b}", "repair"))
    found = _conflict(poor, locked=locked)["joint.locked_share_people"]
    assert (found.setting, found.value) == ("viable", False)


def _homes(ground, j: int) -> list[int]:
    rows = slice(ground.walks.at[j], ground.walks.at[j + 1])
    home = ground.walks.home[rows]
    near = ground.walks.seconds[rows] <= ground.limit_ms["repair"] / 1000
    return home[near & ground.uncovered("repair")[home]].tolist()


def _people(ground, j: int) -> float:
    return float(ground.residents.people[_homes(ground, j)].sum())


@pytest.mark.parametrize("seed", range(8))
def test_a_least_share_out_of_reach_says_how_much_is_in_reach(seed: int):
    ground = town(seed, spaces=3)
    asked = replace(EXACT, least_share=1.0, budget_yuan=30_000.0)
    assert best_of_all(ground, asked) is None
    told = solve(ground, asked)
    assert told.status == "infeasible"
    for each in told.conflicts:
        if each.setting not in ("least_share", "budget_yuan"):
            continue
        eased = solve(ground, replace(asked, **{each.setting: each.value}))
        assert eased.status == "optimal", each
        tighter = each.value + 0.002 if each.setting == "least_share" else each.value - 1.0
        if tighter <= 1.0 or each.setting == "budget_yuan":
            assert best_of_all(ground, replace(asked, **{each.setting: tighter})) is None


def test_all_faults_of_settings_are_told_at_once():
    with pytest.raises(InputError) as raised:
        JointSettings.from_json({"budget": 1, "years": -1, "locked": [["a"]], "least_share": 2, "level": "block"})
    assert [fault.code for fault in raised.value.faults] == ["joint.setting_unknown", "joint.setting_bad"]
    assert [row[1].split(":")[0] for row in raised.value.faults[1].rows] == ["least_share", "level", "locked", "years"]
    given = JointSettings(budget_yuan=5.0, locked=(("a", "repair"),), weights={"repair": 2.0})
    assert JointSettings.from_json(given.as_json()) == given


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"types": ("bank",)}, "joint.type_unknown"),
        ({"locked": (("S9", "repair"),)}, "joint.space_unknown"),
        ({"within": "999999999999"}, "joint.area_unknown"),
        ({"walker": "elder"}, "joint.walker_other"),
    ],
)
def test_what_is_not_there_is_refused(asked: dict, code: str):
    with pytest.raises(InputError) as raised:
        solve(town(1), replace(EXACT, **asked))
    assert raised.value.code == code


def test_who_asks_to_stop_is_heard():
    class Enough(Exception):
        pass

    def stop() -> None:
        raise Enough

    with pytest.raises(Enough):
        solve(town(2, spaces=4), EXACT, stopped=stop)


def test_within_an_area_only_its_people_and_spaces_count():
    ground = town(5, spaces=4)
    area = ground.communities[0]
    told = solve(ground, replace(EXACT, within=area))
    assert {ground.communities[ground.spaces.keys.index(site.space)] for site in told.sites} <= {area}
    assert {gain.area for site in told.sites for gain in site.gains} <= {area}
    people = ground.residents.people[(ground.residents.frame["community"] == area).to_numpy()].sum()
    assert told.people_types_total == pytest.approx(people * len(TYPES))


def test_with_nothing_to_build_there_is_still_an_answer():
    ground = town(1, spaces=4)
    bare = replace(EXACT, forbidden=tuple((key, "") for key in ground.spaces.keys))
    told = solve(ground, bare)
    assert (told.status, told.objective, told.bound, told.sites) == ("optimal", 0.0, 0.0, ())
    assert len(told.curve) == 1 and told.elbow_yuan is None
    short = solve(ground, replace(bare, least_share=0.9))
    assert [each.code for each in short.conflicts] == ["joint.share_spaces"]
    assert solve(ground, replace(bare, least_share=short.conflicts[0].value)).status == "optimal"
    none = Spaces.of([])
    assert len(none) == 0 and none.keys == ()
    with pytest.raises(InputError) as raised:
        solve(replace(ground, spaces=none, why=np.zeros(0, object), _kept={}), EXACT)
    assert raised.value.code == "joint.no_space"
