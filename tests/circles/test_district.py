"""Dividing against trying every division there is, on small towns; and what must hold of every division."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from yike.circles import Targets, district, divide, load_targets
from yike.circles.district import Division


def targets(**changes: float) -> Targets:
    return load_targets().with_(people_least=6000, people_most=12_000, **changes)


def town(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, list[frozenset[int]]]:
    """Communities on a line of streets with some cross streets: walks are shortest ways on it, neighbours its streets."""
    rng = np.random.default_rng(seed)
    people = rng.integers(500, 6000, n).astype(float)
    way = np.full((n, n), np.inf)
    np.fill_diagonal(way, 0)
    pairs = list(pairwise(range(n))) + [tuple(sorted(rng.choice(n, 2, replace=False).tolist())) for _ in range(n // 2)]
    for a, b in pairs:
        way[a, b] = way[b, a] = min(way[a, b], rng.uniform(3, 14))
    near = [frozenset(np.flatnonzero(np.isfinite(way[k]) & (np.arange(n) != k)).tolist()) for k in range(n)]
    for k in range(n):
        way = np.minimum(way, way[:, k : k + 1] + way[k : k + 1, :])
    return people[:, None] * (2.0 + way), people, near


def hang_together(part: frozenset[int], near: list[frozenset[int]]) -> bool:
    reached = {min(part)}
    while fresh := {x for k in reached for x in near[k] if x in part} - reached:
        reached |= fresh
    return reached == set(part)


def value(part: frozenset[int], cost: np.ndarray, people: np.ndarray, aims: Targets) -> float:
    rows = sorted(part)
    total = people[rows].sum()
    short, over = max(0.0, aims.people_least - total), max(0.0, total - aims.people_most)
    return float(cost[np.ix_(rows, rows)].sum(axis=0).min() + aims.short_min * short + aims.over_min * over)


def best_of_all(cost: np.ndarray, people: np.ndarray, near: list[frozenset[int]], aims: Targets) -> float:
    """The least cost of every division into parts that hang together, by recursion over the first community's part."""
    n = len(people)
    parts = [frozenset(k for k in range(n) if mask >> k & 1) for mask in range(1, 1 << n)]
    worth = {part: value(part, cost, people, aims) for part in parts if hang_together(part, near)}
    known: dict[frozenset[int], float] = {frozenset(): 0.0}

    def best(left: frozenset[int]) -> float:
        if left not in known:
            first = min(left)
            known[left] = min(worth[part] + best(left - part) for part in worth if first in part and part <= left)
        return known[left]

    return best(frozenset(range(n)))


def check(found: Division, cost: np.ndarray, people: np.ndarray, near: list[frozenset[int]], aims: Targets) -> None:
    members = sorted(each for circle in found.circles for each in circle)
    assert members == list(range(len(people))), "every community in exactly one circle"
    assert all(hang_together(frozenset(circle), near) for circle in found.circles)
    told = [value(frozenset(circle), cost, people, aims) for circle in found.circles]
    assert found.cost == pytest.approx(told)
    assert all(centre in circle for centre, circle in zip(found.centres, found.circles, strict=True))


def test_small_towns_against_every_division() -> None:
    for seed in range(25):
        cost, people, near = town(seed, 8)
        found = divide(cost, people, near, targets())
        check(found, cost, people, near, targets())
        assert found.objective == pytest.approx(best_of_all(cost, people, near, targets())), seed


def test_towns_too_large_to_try_all_come_near_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the large neighbourhood cut down to six of ten communities the best is still nearly always found."""
    monkeypatch.setattr(district, "EXACT", 6)
    ratios = []
    for seed in range(12):
        cost, people, near = town(50 + seed, 10)
        found = divide(cost, people, near, targets())
        check(found, cost, people, near, targets())
        ratios.append(found.objective / best_of_all(cost, people, near, targets()))
    assert min(ratios) >= 1 - 1e-9
    assert np.mean(ratios) <= 1.02
    assert max(ratios) <= 1.12


@pytest.mark.parametrize("seed", range(4))
def test_larger_towns_hold_what_every_division_holds(seed: int) -> None:
    cost, people, near = town(100 + seed, 60)
    found = divide(cost, people, near, targets())
    check(found, cost, people, near, targets())
    whole = sum(value(frozenset({k}), cost, people, targets()) for k in range(60))
    assert found.objective < whole, "joining gains over leaving each alone"
    again = divide(cost, people, near, targets())
    assert again == found, "the same input gives the same circles"


def test_no_single_move_is_better() -> None:
    """Local improvement has ended: no community is better off in a neighbouring circle, no two circles better joined."""
    aims = targets()
    cost, people, near = town(7, 40)
    found = divide(cost, people, near, aims)
    parts = [frozenset(circle) for circle in found.circles]
    for a in parts:
        for b in parts:
            if a is b or not any(near[k] & b for k in a) or len(a | b) > 12:
                continue
            now = value(a, cost, people, aims) + value(b, cost, people, aims)
            assert value(a | b, cost, people, aims) >= now - 1e-6
            for k in a:
                left = a - {k}
                if left and near[k] & b and hang_together(left, near):
                    assert value(left, cost, people, aims) + value(b | {k}, cost, people, aims) >= now - 1e-6


def test_a_village_without_neighbours_is_a_circle_of_its_own() -> None:
    cost, people, near = town(3, 6)
    cost = np.pad(cost, ((0, 1), (0, 1)), constant_values=np.inf)
    cost[6, 6] = 900.0
    found = divide(cost, np.append(people, 300.0), [*near, frozenset()], targets())
    assert (6,) in found.circles
    assert found.cost[found.circles.index((6,))] == pytest.approx(900 + 15 * (6000 - 300))


def test_a_walk_that_is_forbidden_joins_nobody() -> None:
    people = np.full(4, 2000.0)
    at = np.arange(4.0)
    cost = people[:, None] * np.abs(at[:, None] - at)
    row = [frozenset({1}), frozenset({0, 2}), frozenset({1, 3}), frozenset({2})]
    assert divide(cost, people, row, targets()).circles != ((0, 1), (2, 3))  # three or four make the least people
    cost[:2, 2:] = cost[2:, :2] = np.inf
    assert divide(cost, people, row, targets()).circles == ((0, 1), (2, 3))
