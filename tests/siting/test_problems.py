"""LSCP, MCLP, p-median and p-center equal the best of all choices of small towns; and what must always hold."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes import draw
from siting.all_choices import best
from yike.access.walk import Supply, prepare, walk_times
from yike.network.attach import at_nodes
from yike.siting import Answer, Effort, Pairs, Rules, SitingError, lscp, mclp, p_center, p_median

QUICK = Effort(seconds=20)
SOLVE = {"lscp": lscp, "mclp": mclp, "p_median": p_median, "p_center": p_center}

TOWN = """
    A---B---C---D
    |       |
    E---F   G---H
        |       |
        I---J---K
"""


def drawn_matrix() -> tuple[np.ndarray, np.ndarray, str]:
    """Walking seconds from every letter to every letter, and the people: powers of two."""
    town = draw(TOWN)
    homes = at_nodes(town.network, list(town.node_of.values()))
    kinds = list(town.letters)
    supply = Supply.of(homes, [[kind] for kind in kinds], kinds)
    return walk_times(prepare(town.network, town.walking, 1800.0), homes, supply).seconds, town.people, town.letters


def check(problem: str, cost: np.ndarray, weight: np.ndarray, rules: Rules, within: float = np.inf) -> Answer | None:
    """Solve and compare with all choices: the same worth, a tight bound, a truthful list of who serves whom."""
    table = np.where(cost <= within, cost, np.inf)
    want = best(problem, table, weight, rules)
    pairs = Pairs.of_matrix(cost, within)
    if not np.isfinite(want):
        with pytest.raises(SitingError):
            SOLVE[problem](pairs, weight, rules, QUICK)
        return None
    found = SOLVE[problem](pairs, weight, rules, QUICK)
    sign = -1.0 if problem == "mclp" else 1.0
    assert found.objective == pytest.approx(sign * want, abs=1e-6), (problem, rules)
    assert found.bound == pytest.approx(found.objective, abs=1e-6)
    assert found.status == "optimal"
    assert set(rules.required) <= set(found.sites) | set(rules.existing)
    assert not set(found.sites) & (set(rules.forbidden) | set(rules.existing))
    open_sites = list(found.sites) + list(rules.existing)
    for i, j in enumerate(found.served_by):
        if j >= 0:
            assert j in open_sites and np.isfinite(table[i, j])
            assert rules.capacity is not None or table[i, j] == table[i, open_sites].min()
    if found.shares is not None:
        demand, site, amount = found.shares
        load = np.bincount(site, weights=amount, minlength=cost.shape[1])
        assert (load <= np.asarray(rules.capacity, float) + 1e-5).all()
        assert (np.bincount(demand, weights=amount, minlength=len(weight)) <= weight + 1e-5).all()
    return found


def test_a_drawn_town_has_the_answers_one_can_see() -> None:
    cost, people, letters = drawn_matrix()
    pairs = Pairs.of_matrix(cost)
    assert people[letters.index("K")] == 1024
    found = mclp(pairs.within(60), people, Rules(p=1))
    assert [letters[j] for j in found.sites] == ["J"]  # I, J and K
    assert found.objective == 256 + 512 + 1024
    assert p_center(pairs, None, Rules(p=11)).objective == 0
    assert len(lscp(pairs.within(60)).sites) == 4
    assert [letters[j] for j in p_median(pairs, people, Rules(p=1)).sites] == ["K"]


@pytest.mark.parametrize("problem", SOLVE)
def test_a_drawn_town_against_all_choices(problem: str) -> None:
    cost, people, _ = drawn_matrix()
    for rules in (Rules(p=2), Rules(p=3, existing=[2], forbidden=[9]), Rules(p=4, required=[0], existing=[10]),
                  Rules(p=4, budget=9, cost=[1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1])):  # fmt: skip
        for within in (60.0, 120.0, np.inf):
            check(problem, cost, people, rules, within)


def scene(seed: int, n_demands: int = 9, n_sites: int = 7) -> tuple[np.ndarray, np.ndarray, Rules, float]:
    """A small town by lot, with rules of every kind by lot."""
    rng = np.random.default_rng(seed)
    homes, sites = rng.random((n_demands, 2)), rng.random((n_sites, 2))
    cost = np.rint(np.hypot(*(homes[:, None] - sites[None]).transpose(2, 0, 1)) * 20)
    weight = rng.integers(0, 9, n_demands).astype(float)
    order = rng.permutation(n_sites)
    rules = Rules(
        p=int(rng.integers(1, 5)) if rng.random() < 0.8 else None,
        budget=float(rng.integers(3, 12)) if rng.random() < 0.5 else None,
        cost=rng.integers(1, 5, n_sites).astype(float) if rng.random() < 0.6 else None,
        existing=order[:1].tolist() if rng.random() < 0.4 else [],
        required=order[1:2].tolist() if rng.random() < 0.4 else [],
        forbidden=order[2:4].tolist() if rng.random() < 0.4 else [],
    )
    if rules.p is None and rules.budget is None:
        rules = Rules(p=3, existing=rules.existing, required=rules.required, forbidden=rules.forbidden, cost=rules.cost)
    return cost, weight, rules, float(rng.choice([5, 8, 12, np.inf]))


@pytest.mark.parametrize("problem", SOLVE)
@pytest.mark.parametrize("seed", range(40))
def test_random_towns_against_all_choices(problem: str, seed: int) -> None:
    cost, weight, rules, within = scene(seed)
    if problem == "p_center":
        weight = np.maximum(weight, 1.0)
    check(problem, cost, weight, rules, within)


@pytest.mark.parametrize("problem", SOLVE)
@pytest.mark.parametrize("seed", range(8))
def test_random_towns_with_capacity_against_all_choices(problem: str, seed: int) -> None:
    cost, weight, rules, within = scene(100 + seed, 6, 5)
    weight = np.maximum(weight, 1.0)
    rng = np.random.default_rng(seed)
    limit = rng.integers(4, 20, 5).astype(float)
    rules = Rules(rules.p, rules.budget, rules.cost, limit, rules.existing, rules.required, rules.forbidden)
    check(problem, cost, weight, rules, max(within, 8.0))


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from(sorted(SOLVE)))
def test_what_always_holds(seed: int, problem: str) -> None:
    cost, weight, _, _ = scene(seed, 14, 8)
    weight = np.maximum(weight, 1.0)
    pairs, rules = Pairs.of_matrix(cost, 30.0), Rules(p=3)
    sign = -1.0 if problem == "mclp" else 1.0
    try:
        found = SOLVE[problem](pairs, weight, rules, QUICK)
    except SitingError as error:
        assert error.code in ("siting.not_reached", "siting.p_too_small")
        return
    quick = SOLVE[problem](pairs, weight, rules, Effort(prove=False))
    assert sign * quick.objective >= sign * found.objective - 1e-9  # quick <= exact <= bound, of a cover
    assert sign * quick.bound <= sign * found.objective + 1e-9
    assert sign * found.bound <= sign * found.objective + 1e-9
    order = np.random.default_rng(seed).permutation(len(weight))
    again = SOLVE[problem](Pairs.of_matrix(cost[order], 30.0), weight[order], rules, QUICK)
    assert again.objective == pytest.approx(found.objective)
    if found.sites:
        try:
            without = SOLVE[problem](pairs, weight, Rules(p=3, forbidden=found.sites[:1]), QUICK)
        except SitingError:
            return
        assert sign * without.objective >= sign * found.objective - 1e-9
    more = SOLVE[problem](pairs, weight, Rules(p=4), QUICK)
    assert sign * more.objective <= sign * found.objective + 1e-9


def test_a_gap_is_enough_when_it_is_asked_for() -> None:
    rng = np.random.default_rng(4)
    cost = np.hypot(*(rng.random((400, 1, 2)) - rng.random((1, 120, 2))).transpose(2, 0, 1))
    weight = rng.integers(1, 50, 400)
    found = mclp(Pairs.of_matrix(cost, 0.1), weight, Rules(p=12), Effort(gap=0.02))
    assert found.status in ("optimal", "within_gap") and found.gap <= 0.02
    assert found.objective <= found.bound
    served = np.asarray(found.served_by) >= 0
    assert weight[served].sum() == found.objective
    median = p_median(Pairs.of_matrix(cost), weight, Rules(p=12), Effort(gap=0.02))
    assert median.gap <= 0.02 and median.bound <= median.objective
    assert (cost[:, list(median.sites)].min(axis=1) * weight).sum() == pytest.approx(median.objective)
