"""Gates that could be opened: all are found, and each brings what a recomputation says."""

import numpy as np
import pytest

from random_towns import TYPES, random_town
from redrawn import Redrawn
from scenes import draw
from yike.access.openings import openings, rank_openings
from yike.access.walk import Supply, prepare
from yike.access.whatif import AddOutlet, Scenario, baseline
from yike.network.attach import at_nodes
from yike.network.build import from_links


def test_a_private_gate_is_a_compound_of_its_own_and_a_private_way_another():
    town = draw("A--%--B--C:::D:::E--F")
    found = openings(town.network)
    assert [each.kind for each in found] == ["compound", "compound"]
    assert sorted(len(each.links) for each in found) == [1, 2]


def test_a_locked_gate_is_told_from_places_that_merely_lie_together():
    lon = [0, 0.001, 0.001, 0.002, 0.002, 0.003, 0.001]
    links = [(0, 1, 60), (2, 3, 60), (3, 4, 0), (4, 5, 60)]
    network, _ = from_links(7, links, lon=lon)  # 1 and 2 are kept apart, 3 and 4 are joined, 6 has no way at all
    [gate] = openings(network)
    assert (gate.kind, gate.joins, gate.lon) == ("door", ((1, 2),), 0.001)


def test_who_lives_behind_a_locked_gate_gains_and_who_passes_by_does_not():
    """Homes A (inside) and S (on the street) with a market at M; the gate between inside and M's street is locked."""
    lon = [0, 0.001, 0.001, 0.002, 0.003]
    links = [(0, 1, 60), (0, 4, 10), (2, 3, 60), (4, 3, 400)]
    network, walking = from_links(5, links, private=[0, 1], lon=lon)
    homes, market = at_nodes(network, [0, 4]), at_nodes(network, [3])
    supply = Supply.of(market, [["market"]], ["market"])
    now = Scenario(baseline(prepare(network, walking), homes, np.array([8.0, 1.0]), supply, [300]))
    ranked = rank_openings(now, openings(network))
    assert [(each.opening.kind, each.people, each.people_types) for each in ranked] == [("door", 8.0, 8.0)]
    assert {each.kind for each in openings(network)} == {"door", "compound"}
    assert ranked[0].minutes == pytest.approx(8 * (410 - 120) / 60)


@pytest.mark.parametrize("seed", range(12))
def test_the_ranking_equals_a_recomputation(seed):
    town = random_town(seed)
    people, limits = 2.0 ** np.arange(30), [60, 120, 60, 120, 90]
    scenario = Scenario(
        baseline(prepare(town.network, town.walking, town.limit_s), town.homes, people, town.supply, limits)
    )
    scenario.apply(AddOutlet(town.homes.__class__(*(c[:1] for c in vars(town.homes).values())), ("a",)))
    before = np.stack([scenario.seconds(code) for code in TYPES], axis=1)
    kept, told = [each.copy() for each in (scenario.times(k) for k in range(5))], []
    ranked = rank_openings(scenario, openings(town.network), told.append)
    assert told == list(range(1, len(openings(town.network)) + 1))
    assert [each.minutes for each in ranked] == sorted((each.minutes for each in ranked), reverse=True)
    for gain in ranked:
        drawn = Redrawn(town.network, town.walking, town.homes, town.outlets, town.serves)
        for change in (*scenario.changes, *gain.opening.changes()):
            drawn.change(change)
        after = drawn.seconds(TYPES, town.limit_s)
        both = np.isfinite(before) & np.isfinite(after)
        saved = (np.where(both, before, 0).astype(float) - np.where(both, after, 0).astype(float)).sum(axis=1)
        assert gain.minutes == pytest.approx(float(saved @ people) / 60, rel=1e-5, abs=1e-3)
        assert gain.people_types == ((before > limits) & (after <= limits)).T.astype(float).dot(people).sum()
        assert gain.people == people[(after < before).any(axis=1)].sum()
    for k, times in enumerate(kept):
        np.testing.assert_array_equal(scenario.times(k), times)
