"""Scenarios equal a full recomputation to the last millisecond and leave the baseline as it was."""

import numpy as np
import pytest

from random_towns import TYPES, ground, points, random_town
from yike.access.walk import Supply, prepare, walk_times
from yike.access.whatif import AddLink, AddOutlet, MoveOutlet, OpenGate, RemoveOutlet, Scenario, baseline
from yike.errors import NetworkError
from yike.network.graph import Attachment


class Twin:
    """The same town kept as plain lists, changed by hand and computed anew after every change."""

    def __init__(self, town):
        net, walking = town.network, town.walking
        self.n, self.limit_s, self.homes = net.n_nodes, town.limit_s, town.homes
        self.links = [net.u, net.v, walking.there_ms, walking.back_ms, net.private]
        at = town.outlets
        self.outlets = list(zip(at.link, at.at, at.access_ms, strict=True))
        self.serves = [list(codes) for codes in town.serves]

    def seconds(self):
        network, walking = ground(self.n, *self.links)
        link, at, access = (np.array(c) for c in zip(*self.outlets, strict=True))
        why = np.array([""] * len(link), object)
        outlets = Attachment(link.astype(np.int32), at, access.astype(np.int32), why)
        routes = prepare(network, walking, self.limit_s)
        return walk_times(routes, self.homes, Supply.of(outlets, self.serves, TYPES)).seconds

    def add_links(self, u, v, there, back):
        new = (u, v, there, back, np.zeros(len(u), bool))
        self.links = [np.append(old, more) for old, more in zip(self.links, new, strict=True)]


def random_change(rng, twin, n_links):
    """Change the twin and return the same change for the scenario."""
    kind = rng.integers(0, 5)
    outlet, at = int(rng.integers(0, len(twin.outlets))), points(rng, n_links, 1)
    place = (at.link[0], at.at[0], at.access_ms[0])
    if kind == 0:
        codes = tuple(rng.choice(TYPES, 2, replace=False).tolist())
        twin.outlets.append(place)
        twin.serves.append(list(codes))
        return AddOutlet(at, codes)
    if kind == 1:
        twin.serves[outlet] = []
        return RemoveOutlet(outlet)
    if kind == 2:
        twin.outlets[outlet] = place
        return MoveOutlet(outlet, at)
    private = np.flatnonzero(twin.links[4][:n_links])
    if kind == 3 or len(private) == 0:
        u, v = (int(x) for x in rng.choice(twin.n, 2, replace=False))
        there, back = (int(x) for x in rng.integers(0, 60, 2))
        twin.add_links([u], [v], [there * 1000], [back * 1000])
        return AddLink(u, v, there, back)
    gate = rng.choice(private, min(len(private), 3), replace=False)
    twin.add_links(*(column[gate] for column in twin.links[:4]))
    return OpenGate(tuple(gate.tolist()))


@pytest.mark.parametrize("seed", range(40))
def test_a_scenario_equals_recomputation(seed):
    town, rng = random_town(seed), np.random.default_rng(1000 + seed)
    twin = Twin(town)
    people, limits = 2.0 ** np.arange(30), [60, 120, 60, 120, 90]
    base = baseline(prepare(town.network, town.walking, town.limit_s), town.homes, people, town.supply, limits)
    kept = [a.copy() for a in (base.rows, base.times, base.floors)]
    scenario, met = Scenario(base), base.people_met
    for _ in range(6):
        for effect in scenario.apply(random_change(rng, twin, town.network.n_links)):
            met[TYPES.index(effect.business_type)] += effect.people_gained
        truth = twin.seconds()
        np.testing.assert_array_equal(np.stack([scenario.seconds(code) for code in TYPES], axis=1), truth)
        np.testing.assert_array_equal(met, (truth <= limits).T @ people)
        np.testing.assert_array_equal(met, scenario.people_met())
    for before, now in zip(kept, (base.rows, base.times, base.floors), strict=True):
        np.testing.assert_array_equal(before, now)
    again = Scenario(base, list(scenario.changes))  # a scenario is its list of changes
    np.testing.assert_array_equal(again.people_met(), scenario.people_met())


def test_unknown_names_are_refused():
    town = random_town(1)
    base = baseline(prepare(town.network, town.walking, 120), town.homes, np.ones(30), town.supply, [60] * 5)
    with pytest.raises(NetworkError, match=r"access\.type_unknown"):
        Scenario(base).apply(AddOutlet(town.homes, ("no_such_type",)))
    with pytest.raises(NetworkError, match=r"access\.outlet_unknown"):
        Scenario(base).apply(RemoveOutlet(99))
