"""The engine equals SciPy's search on random networks, with compounds, one-way costs and last metres."""

import numpy as np
import pytest

from random_towns import TYPES, random_town, scipy_times
from yike.access.trips import reach
from yike.access.walk import Supply, nearest_k, node_times, prepare, walk_times
from yike.errors import NetworkError
from yike.network.graph import FAR_MS, Attachment


def rows(at: Attachment, pick) -> Attachment:
    return Attachment(at.link[pick], at.at[pick], at.access_ms[pick], at.why[pick])


@pytest.mark.parametrize("seed", range(40))
def test_walk_times_equal_scipy(seed):
    town = random_town(seed)
    got = walk_times(prepare(town.network, town.walking, town.limit_s), town.homes, town.supply).seconds
    np.testing.assert_allclose(got, scipy_times(town), atol=2e-3)


@pytest.mark.parametrize("seed", range(20))
def test_nearest_k_begins_with_the_nearest_and_counts_all(seed):
    town = random_town(seed)
    routes = prepare(town.network, town.walking, town.limit_s)
    found = nearest_k(routes, town.homes, town.supply, k=5, bands_s=(60, town.limit_s))
    np.testing.assert_array_equal(found.seconds[:, :, 0], walk_times(routes, town.homes, town.supply).seconds)
    alone = np.stack(  # one outlet at a time, by the other method
        [
            walk_times(routes, town.homes, Supply.of(rows(town.outlets, [o]), [["a"]], ["a"])).seconds[:, 0]
            for o in range(len(town.outlets))
        ]
    )
    for k, code in enumerate(TYPES):
        serving = [o for o, codes in enumerate(town.serves) if code in codes]
        ordered = np.sort(alone[serving], axis=0)[:5]
        np.testing.assert_array_equal(found.seconds[:, k, : len(ordered)], ordered.T)
        np.testing.assert_array_equal(found.counts[:, k, 0], (alone[serving] <= 60).sum(axis=0))
        np.testing.assert_array_equal(found.counts[:, k, 1], np.isfinite(alone[serving]).sum(axis=0))


@pytest.mark.parametrize("seed", range(10))
def test_one_search_equals_the_sweep(seed):
    town = random_town(seed)
    routes = prepare(town.network, town.walking, town.limit_s)
    for h in np.flatnonzero(town.homes.link >= 0)[:5]:
        seconds = reach(routes, rows(town.homes, [h])).seconds_to(town.outlets)
        for k, code in enumerate(TYPES):
            serving = [o for o, codes in enumerate(town.serves) if code in codes]
            best = seconds[serving].min(initial=np.inf)
            assert best == walk_times(routes, rows(town.homes, [h]), town.supply).seconds[0, k]


@pytest.mark.parametrize("seed", range(10))
def test_the_coarse_table_stays_within_a_second(seed):
    town = random_town(seed)
    town.outlets.access_ms[:] = 0
    town.outlets.at[:] = 0
    routes = prepare(town.network, town.walking, town.limit_s)
    coarse = node_times(routes, town.supply)
    two_way = (town.walking.there_ms < FAR_MS) & (town.walking.back_ms < FAR_MS)
    public = np.flatnonzero(~town.network.private & two_way).astype(np.int32)
    nothing = np.zeros(len(public), np.int32)
    nodes = Attachment(public, nothing.astype(float), nothing, np.array([""] * len(public), object))
    fine = walk_times(routes, nodes, town.supply).seconds
    there = coarse[town.network.u[public]]
    both = np.isfinite(fine) & np.isfinite(there)
    assert np.abs(fine[both] - there[both]).max(initial=0) < 1.0
    edge = np.isfinite(fine) != np.isfinite(there)
    assert (np.fmin(fine, there)[edge] > town.limit_s - 1).all()


def test_limits_are_bounded():
    town = random_town(0)
    with pytest.raises(NetworkError, match=r"access\.limit"):
        prepare(town.network, town.walking, 1801)
    routes = prepare(town.network, town.walking, 600)
    with pytest.raises(NetworkError, match=r"access\.limit"):
        walk_times(routes, town.homes, town.supply, limit_s=601)
    with pytest.raises(NetworkError, match=r"access\.k"):
        nearest_k(routes, town.homes, town.supply, k=6)


@pytest.mark.parametrize("seed", range(8))
def test_properties_of_walking(seed):
    """Another outlet never lengthens a walk; a shorter limit only takes away; order of rows never matters."""
    town = random_town(seed)
    routes = prepare(town.network, town.walking, town.limit_s)
    whole = walk_times(routes, town.homes, town.supply).seconds
    fewer = walk_times(routes, town.homes, Supply.of(rows(town.outlets, range(6)), town.serves[:6], TYPES)).seconds
    assert (whole <= fewer).all()
    shorter = walk_times(routes, town.homes, town.supply, limit_s=60).seconds
    np.testing.assert_array_equal(shorter, np.where(whole <= 60, whole, np.inf))
    order = np.random.default_rng(seed).permutation(len(town.homes))
    np.testing.assert_array_equal(walk_times(routes, rows(town.homes, order), town.supply).seconds, whole[order])
