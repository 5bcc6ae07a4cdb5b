"""Rounds on foot against brute force: every choice of stops tried, every leg a walk of its own."""

from __future__ import annotations

from itertools import pairwise, permutations, product

import numpy as np
import pytest

from scenes import draw
from yike.access.loop import walk_pairs, walk_rounds
from yike.access.trips import reach
from yike.access.walk import prepare
from yike.errors import NetworkError
from yike.network.attach import at_nodes
from yike.network.build import from_links
from yike.network.graph import FAR_MS, Attachment
from yike.study.questions import one

LIMIT_S = 1800.0


def legs(routes, at):
    """Milliseconds of the walk between any two points, by one search from each."""
    table = np.full((len(at), len(at)), np.inf)
    for k in range(len(at)):
        if at.link[k] >= 0:
            table[k] = np.rint(reach(routes, one(at, k)).seconds_to(at).astype(float) * 1000)
    return table


def joined(first, second):
    return Attachment(*(np.concatenate(pair) for pair in zip(vars(first).values(), vars(second).values(), strict=True)))


def brute(routes, homes, outlets, kinds, any_order=False):
    """The shortest round of every home, by trying all choices in all orders."""
    table, n = legs(routes, joined(homes, outlets)), len(homes)
    found = []
    for home in range(n):
        best = np.inf
        for order in permutations(range(len(kinds))) if any_order else [tuple(range(len(kinds)))]:
            for stops in product(*(kinds[k] for k in order)):
                walk = table[home, n + stops[0]] + table[n + stops[-1], home]
                walk += sum(0.0 if a == b else table[n + a, n + b] for a, b in pairwise(stops))
                best = min(best, walk)
        found.append(best if best <= LIMIT_S * 1000 else np.inf)
    return found


def told(found):
    return [float(each) if each < FAR_MS else np.inf for each in found.ms]


def random_town(seed):
    """A random town with one-way streets, private ways, points in the middle of links and doors off the street."""
    rng = np.random.default_rng(seed)
    n = 14
    links = [(k, k + 1, float(rng.integers(30, 240)), float(rng.integers(30, 240))) for k in range(n - 1)]
    for _ in range(12):
        u, v = rng.choice(n, 2, replace=False)
        back = np.inf if rng.random() < 0.2 else float(rng.integers(30, 300))
        links.append((int(u), int(v), float(rng.integers(30, 300)), back))
    private = [k for k in range(len(links)) if rng.random() < 0.3]
    network, walking = from_links(n, links, private=private)

    def points(number):
        link = rng.integers(0, network.n_links, number).astype(np.int32)
        at, access = rng.random(number), rng.integers(0, 20_000, number).astype(np.int32)
        return Attachment(link, at, access, np.full(number, "", object))

    return prepare(network, walking, LIMIT_S), points(9), points(10), rng


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("any_order", [False, True])
def test_rounds_are_those_of_all_choices_tried(seed, any_order):
    routes, homes, outlets, rng = random_town(seed)
    kinds = [rng.choice(10, rng.integers(1, 4), replace=False) for _ in range(3)]  # one outlet may be of several kinds
    found = walk_rounds(routes, homes, outlets, kinds, LIMIT_S, any_order)
    expected = brute(routes, homes, outlets, kinds, any_order)
    assert told(found) == expected
    assert any(np.isfinite(expected))
    table = legs(routes, joined(homes, outlets))
    for home in np.flatnonzero(found.whole):  # the stops told are those of the walk told
        order = found.orders[found.order[home]]
        stops = [int(found.stop[home, k]) for k in order]
        assert all(stop in kinds[k] for stop, k in zip(stops, order, strict=True))
        walk = table[home, 9 + stops[0]] + table[9 + stops[-1], home]
        walk += sum(0 if a == b else table[9 + a, 9 + b] for a, b in pairwise(stops))
        assert walk == found.ms[home]


@pytest.mark.parametrize("seed", range(6))
def test_pairs_are_all_walks_within_the_limit(seed):
    routes, homes, outlets, _ = random_town(seed)
    found = walk_pairs(routes, homes, outlets, 600.0)
    table = np.full((9, 10), np.inf)
    table[found.start, found.goal] = found.ms
    for home in range(9):
        walks = np.rint(reach(routes, one(homes, home)).seconds_to(outlets).astype(float) * 1000)
        assert table[home].tolist() == np.where(walks <= 600_000, walks, np.inf).tolist()
    assert len(found.ms) == np.isfinite(table).sum() > 0


def test_a_drawn_town_by_arithmetic():
    """The nursery lies left of home, the market right: there and back again is six streets, in either order."""
    town = draw("A---B---C---D", 120.0)
    routes = prepare(town.network, town.walking, LIMIT_S)
    homes = at_nodes(town.network, list(town.node_of.values()))
    outlets = at_nodes(town.network, [town.node_of["A"], town.node_of["D"]])
    found = walk_rounds(routes, homes, outlets, [np.array([0]), np.array([1])], LIMIT_S)
    assert (found.ms / 120_000).tolist() == [6, 6, 6, 6]
    assert walk_rounds(routes, homes, outlets, [np.array([0]), np.array([1])], 700.0).ms.tolist() == [FAR_MS] * 4


def test_a_round_passes_no_compound_it_does_not_call_at():
    """Between A and C lies a compound: whoever lives there walks out of it, nobody walks through it."""
    town = draw(
        """
        A:::B:::C
        |       |
        +---+---+
        """,
        60.0,
    )
    routes = prepare(town.network, town.walking, LIMIT_S)
    homes = at_nodes(town.network, [town.node_of["A"]])
    outlets = at_nodes(town.network, [town.node_of["C"]])
    assert walk_rounds(routes, homes, outlets, [np.array([0])], LIMIT_S).ms.tolist() == [2 * 4 * 60_000]


def test_an_unattached_home_and_a_kind_without_outlets_have_no_round():
    town = draw("A---B", 60.0)
    routes = prepare(town.network, town.walking, LIMIT_S)
    homes, outlets = at_nodes(town.network, [0, 1]), at_nodes(town.network, [1])
    homes.link[0] = -1
    found = walk_rounds(routes, homes, outlets, [np.array([0])], LIMIT_S)
    assert found.ms.tolist() == [FAR_MS, 0] and found.stop.tolist() == [[-1], [0]]
    none = walk_rounds(routes, homes, outlets, [np.array([0]), np.zeros(0, np.int64)], LIMIT_S, any_order=True)
    assert none.ms.tolist() == [FAR_MS, FAR_MS]


def test_what_cannot_be_asked():
    town = draw("A---B", 60.0)
    routes = prepare(town.network, town.walking, 900.0)
    homes = at_nodes(town.network, [0])
    with pytest.raises(NetworkError, match=r"access\.limit"):
        walk_rounds(routes, homes, homes, [np.array([0])], LIMIT_S)
    with pytest.raises(NetworkError, match=r"access\.no_stops"):
        walk_rounds(routes, homes, homes, [], 900.0)
