"""Scenarios equal a full recomputation to the last millisecond and leave the baseline as it was."""

import numpy as np
import pytest

from random_towns import TYPES, points, random_town
from redrawn import Redrawn
from yike.access.walk import prepare
from yike.access.whatif import AddLink, AddOutlet, AddPath, MoveOutlet, OpenGate, RemoveOutlet, Scenario, baseline
from yike.errors import NetworkError
from yike.network.graph import FAR_MS, Attachment


def random_change(rng, drawn, n_links):
    """Return a change of any kind for the town as it is drawn now."""
    kind = rng.integers(0, 7)
    outlet, at = int(rng.integers(0, len(drawn.outlets))), points(rng, n_links, 1)
    if kind == 0:
        return AddOutlet(at, tuple(rng.choice(TYPES, 2, replace=False).tolist()))
    if kind == 1:
        return RemoveOutlet(outlet)
    if kind == 2:
        return MoveOutlet(outlet, at)
    there, back = (int(x) for x in rng.integers(0, 60, 2))
    private = [k for k in range(n_links) if drawn.links[k][4]]
    if kind == 3 and private:
        return OpenGate(tuple(rng.choice(private, min(len(private), 3), replace=False).tolist()))
    if kind == 4:
        u, v = (int(x) for x in rng.choice(drawn.n, 2, replace=False) % 4)
        return AddLink(u, v, there, back)
    ends = points(rng, n_links, 2)
    crowded = np.where(rng.random(2) < 0.6, rng.integers(0, 3, 2), ends.link)  # several feet on one link
    share = np.where(rng.random(2) < 0.3, np.round(ends.at), ends.at)
    return AddPath(Attachment(np.maximum(crowded, 0).astype(np.int32), share, ends.access_ms, ends.why), there, back)


@pytest.mark.parametrize("seed", range(60))
def test_a_scenario_equals_recomputation(seed):
    town, rng = random_town(seed), np.random.default_rng(1000 + seed)
    drawn = Redrawn(town.network, town.walking, town.homes, town.outlets, town.serves)
    people, limits = 2.0 ** np.arange(30), [60, 120, 60, 120, 90]
    base = baseline(prepare(town.network, town.walking, town.limit_s), town.homes, people, town.supply, limits)
    kept = [a.copy() for a in (base.rows, base.times, base.floors, base.goal, base.start)]
    scenario, met, before = Scenario(base), base.people_met, None
    for _ in range(8):
        change = random_change(rng, drawn, town.network.n_links)
        forked = scenario.fork()
        for effect in forked.apply(change):
            met[TYPES.index(effect.business_type)] += effect.people_gained
        drawn.change(change)
        truth = drawn.seconds(TYPES, town.limit_s)
        np.testing.assert_array_equal(np.stack([forked.seconds(code) for code in TYPES], axis=1), truth)
        np.testing.assert_array_equal(met, (truth <= limits).T @ people)
        np.testing.assert_array_equal(met, forked.people_met())
        if before is not None:  # what it was forked from has not moved
            np.testing.assert_array_equal(np.stack([scenario.seconds(code) for code in TYPES], axis=1), before)
        for home in rng.choice(30, 5, replace=False):
            here = Attachment(*(column[home : home + 1] for column in vars(town.homes).values()))
            ms = forked.from_point(here)
            np.testing.assert_array_equal(np.where(ms < FAR_MS, ms / 1000, np.inf).astype(np.float32), truth[home])
        scenario, before = forked, truth
    for was, now in zip(kept, (base.rows, base.times, base.floors, base.goal, base.start), strict=True):
        np.testing.assert_array_equal(was, now)
    again = Scenario(base, list(scenario.changes))  # a scenario is its list of changes
    np.testing.assert_array_equal(again.people_met(), scenario.people_met())


@pytest.mark.parametrize("seed", range(10))
def test_a_path_never_makes_a_walk_longer(seed):
    town, rng = random_town(seed), np.random.default_rng(seed)
    base = baseline(prepare(town.network, town.walking, 900), town.homes, np.ones(30), town.supply, [600] * 5)
    ends = points(rng, town.network.n_links, 2)
    ends = Attachment(np.maximum(ends.link, 0), ends.at, ends.access_ms, ends.why)
    for effect in Scenario(base).apply(AddPath(ends, 5, 5)):
        assert (effect.after_s <= effect.before_s).all()


def test_forks_of_one_scenario_go_their_own_ways():
    town = random_town(3)
    base = baseline(prepare(town.network, town.walking, 900), town.homes, np.ones(30), town.supply, [600] * 5)
    trunk = Scenario(base)
    trunk.apply(RemoveOutlet(0))
    one, other = trunk.fork(), trunk.fork()
    one.apply(AddOutlet(town.homes.__class__(*(c[:1] for c in vars(town.homes).values())), ("a",)))
    other.apply(RemoveOutlet(1))
    trunk.apply(RemoveOutlet(2))
    for found, removed, added in ((one, (0,), True), (other, (0, 1), False), (trunk, (0, 2), False)):
        fresh = Scenario(base, [*map(RemoveOutlet, removed), *(one.changes[1:] if added else [])])
        for code in TYPES:
            np.testing.assert_array_equal(found.seconds(code), fresh.seconds(code))


def test_unknown_names_are_refused():
    town = random_town(1)
    base = baseline(prepare(town.network, town.walking, 120), town.homes, np.ones(30), town.supply, [60] * 5)
    with pytest.raises(NetworkError, match=r"access\.type_unknown"):
        Scenario(base).apply(AddOutlet(town.homes, ("no_such_type",)))
    with pytest.raises(NetworkError, match=r"access\.outlet_unknown"):
        Scenario(base).apply(RemoveOutlet(99))
    nowhere = Attachment(np.array([0, -1], np.int32), np.zeros(2), np.zeros(2, np.int32), np.array(["", "far"], object))
    with pytest.raises(NetworkError, match=r"access\.unattached"):
        Scenario(base).apply(AddPath(nowhere, 5, 5))
