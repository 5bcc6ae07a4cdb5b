"""Walks, neighbours and barriers of communities on drawn towns: every number by arithmetic."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely

from scenes import Town, draw
from yike.circles import Communities, Targets, communities_of, crossing_ms, load_targets, propose
from yike.circles.barriers import Barriers, find_barriers
from yike.errors import InputError
from yike.network.attach import at_nodes
from yike.network.graph import FAR_MS
from yike.tables import Residents, Ways

LADDER = """
    A---B---C---D
    |       |   |
    E---F---G---H
"""
OF = {"A": "1", "E": "1", "B": "2", "F": "2", "C": "3", "G": "3", "D": "4", "H": "4"}


def homes_of(town: Town, people: dict[str, float] | None = None) -> Residents:
    n = town.network
    at = list(town.node_of.values())
    weight = [people[x] if people else 1000.0 for x in town.letters]
    return Residents(
        pd.DataFrame(
            {"id": list(town.letters), "lon": n.lon[at], "lat": n.lat[at], "people": weight,
             "community": [OF[x] for x in town.letters]}
        )
    )  # fmt: skip


def none_told() -> Barriers:
    return Barriers(np.zeros(0, object), np.zeros(0, object), np.zeros(0, np.int64), np.zeros(0))


def line_between(town: Town, kind: str, left: str, right: str, part: float = 1.0, end: float = 0.01) -> Barriers:
    """A barrier that runs north to south half-way between two letters, over the whole drawing."""
    n = town.network
    x = (n.lon[town.node_of[left]] + n.lon[town.node_of[right]]) / 2
    lines = np.empty(1, object)
    lines[:] = [shapely.LineString([(x, -end), (x, end)])]
    return Barriers(np.array([kind], object), lines, np.array([-1]), np.array([part]))


def measured(town: Town, aims: Targets, barriers: Barriers | None = None, codes: str = "1234") -> Communities:
    homes = at_nodes(town.network, list(town.node_of.values()))
    barred = crossing_ms(town.network, town.walking, barriers or none_told(), dict(aims.crossing_min))
    return communities_of(town.network, town.walking, barred, homes, homes_of(town), list(codes), aims)


def test_walks_are_those_of_the_streets() -> None:
    found = measured(draw(LADDER), load_targets())
    assert found.people.tolist() == [2000, 2000, 2000, 2000]
    assert found.neighbours == (frozenset({1}), frozenset({0, 2}), frozenset({1, 3}), frozenset({2}))
    # centres: A, B, C, D (the first of equals). A and E to B: 1 and 2 minutes; C and G to B: 1 and 2.
    assert found.walk_min[0, 1] == 1.5
    assert found.walk_min[2, 1] == 1.5
    assert found.walk_min[3, 0] == pytest.approx((3 + 4) / 2)
    assert found.cost[0, 1] == pytest.approx(1500 * 2)
    assert (found.crossing_min == 0).all()


def test_beyond_thirty_minutes_counts_thirty_and_far() -> None:
    found = measured(draw(LADDER, step_s=15 * 60), load_targets())
    assert found.walk_min[3, 0] == 30.0
    assert found.far_people[3, 0] == 2000
    assert found.cost[3, 0] == pytest.approx(2000 * 30 + 15 * 2000)
    assert found.far_people[1, 0] == 1000  # F is 30 minutes from A, B 15


def test_neighbours_by_walking_not_by_place() -> None:
    """B and C stand side by side without a street; the way round is longer than neighbours walk."""
    town = draw("A---B   C---D\n|           |\n+---+---+---+", step_s=240)
    found = measured(town, load_targets())
    assert found.neighbours[1] == frozenset({0})
    assert found.neighbours[2] == frozenset({3})
    wide = measured(town, load_targets().with_(neighbour_walk_min=30))
    assert 3 in wide.neighbours[0]


def test_crossing_a_barrier_adds_its_minutes() -> None:
    aims = load_targets()
    town = draw(LADDER)
    found = measured(town, aims, line_between(town, "rail", "B", "C"))
    assert found.crossing_min[2, 1] == pytest.approx(10)
    assert found.crossing_min[0, 1] == 0
    assert found.walk_min[2, 1] == 1.5, "the walk itself stays as it is"
    half = measured(town, aims, line_between(town, "rail", "B", "C", part=0.5))
    assert half.crossing_min[2, 1] == pytest.approx(5)


def test_two_links_that_meet_on_a_barrier_are_one_crossing() -> None:
    aims = load_targets()
    town = draw(LADDER)
    n, x = town.network, town.network.lon[town.node_of["B"]]
    lines = np.empty(1, object)
    lines[:] = [shapely.LineString([(x, -0.01), (x, 0.01)])]
    through = Barriers(np.array(["trunk"], object), lines, np.array([-1]), np.array([1.0]))
    costs = crossing_ms(n, town.walking, through, dict(aims.crossing_min)).there_ms - town.walking.there_ms
    touching = {"AB": 2.5, "BC": 2.5, "EF": 2.5, "FG": 2.5, "CD": 0, "GH": 0, "AE": 0}
    at = {node: letter for letter, node in town.node_of.items()}
    told = {"".join(sorted(at[u] + at[v])): ms / 60_000 for u, v, ms in zip(n.u, n.v, costs, strict=True)}
    assert {key: told[key] for key in touching} == touching


def test_what_runs_along_a_barrier_crosses_nothing() -> None:
    town = draw("A---B---C")
    lines = np.empty(1, object)
    n = town.network
    lines[:] = [shapely.LineString([(n.lon[0], n.lat[0]), (n.lon[2], n.lat[2])])]
    along = Barriers(np.array(["trunk"], object), lines, np.array([-1]), np.array([1.0]))
    costs = crossing_ms(n, town.walking, along, {"trunk": 5.0})
    assert (costs.there_ms == town.walking.there_ms).all()


def test_a_forbidden_barrier_is_never_crossed() -> None:
    town = draw(LADDER)
    aims = load_targets().with_(people_least=4000, crossing_min={"rail": np.inf})
    barrier = line_between(town, "rail", "B", "C")
    barred = crossing_ms(town.network, town.walking, barrier, dict(aims.crossing_min))
    assert (barred.there_ms == FAR_MS).sum() == 2
    found = measured(town, aims, barrier)
    assert np.isinf(found.cost[2, 1])
    assert found.neighbours[1] == frozenset({0})
    circles = propose(found, homes_of(town), aims, "adult").circles
    assert [each.communities for each in circles] == [("1", "2"), ("3", "4")]


def test_a_proposal_tells_its_objective_and_what_was_bent() -> None:
    town = draw(LADDER)
    aims = load_targets().with_(people_least=6000, people_most=7000)
    found = propose(measured(town, aims, line_between(town, "river", "A", "B")), homes_of(town), aims, "adult")
    assert sorted(code for each in found.circles for code in each.communities) == list("1234")
    parts = found.walk_part + found.crossing_part + found.far_part + found.size_part
    assert found.objective == pytest.approx(parts)
    assert found.objective == pytest.approx(sum(each.cost for each in found.circles))
    bent = {each.communities: dict(each.bent) for each in found.circles}
    assert bent == {
        ("1", "2", "3", "4"): {"over": 1000.0, "crossing": 2.5}
    }  # two of eight thousand cross, ten minutes each
    assert found.size_part == 15 * 1000
    assert found.crossing_part == pytest.approx(2000 * 10)
    apart = aims.with_(crossing_min={"river": np.inf})
    told = propose(measured(town, apart, line_between(town, "river", "A", "B")), homes_of(town), apart, "adult")
    assert {each.communities: dict(each.bent) for each in told.circles} == {
        ("1",): {"short": 4000.0, "alone": 1.0}, ("2", "3", "4"): {},
    }  # fmt: skip
    assert told.as_json()["circles"][0]["communities"] == ["1"]
    assert told.as_json()["targets"]["crossing_min"] == {"river": None}


def test_only_the_communities_asked_for_are_joined() -> None:
    found = measured(draw(LADDER), load_targets(), codes="13")
    assert found.codes == ("1", "3")
    assert found.neighbours == (frozenset(), frozenset()), "2 lies between them"


def test_barriers_of_a_map() -> None:
    def told(*values: str) -> pd.Categorical:
        return pd.Categorical(values)

    ways = Ways(
        way_id=np.array([11, 12, 13, 14]), start=np.array([0, 2, 4, 6, 8]), refs=np.arange(8, dtype=np.int32),
        lon=np.arange(8) / 1000, lat=np.zeros(8), node_id=np.arange(8),
        tags={"highway": told("trunk", "residential", "motorway", "trunk"), "tunnel": told("", "", "", "yes"),
              "oneway": told("", "", "yes", "")},
        node_tags={},
    )  # fmt: skip
    shape = shapely.LineString([(0, 0), (0, 1)])
    drawn = pd.DataFrame(
        {"name": "", "kind": ["railway=rail", "waterway=ditch", "waterway=river"], "geometry": [shape] * 3}
    )
    found = find_barriers(ways, drawn)
    assert found.kind.tolist() == ["trunk", "trunk", "rail", "river"]
    assert found.way_id.tolist() == [11, 13, -1, -1]
    assert found.part.tolist() == [1.0, 0.5, 1.0, 1.0]


def test_targets_that_cannot_be_meant_are_refused_together() -> None:
    with pytest.raises(InputError) as caught:
        load_targets().with_(people_least=60_000, walk_most_min=45, short_min=-1)
    (fault,) = caught.value.faults
    assert fault.code == "circles.target"
    assert len(fault.rows) == 3
