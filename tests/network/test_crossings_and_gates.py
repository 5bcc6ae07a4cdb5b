"""What a vertex does: waiting at crossings, gates and barriers, kerbs, lifts, and bridges that are no junction."""

import numpy as np
import pytest

from sketch import MINUTE, Sketch
from yike.network.walking import load_walkers

ROUND = 14 * 60.0  #: the way round, for an adult


def crossing(road: str, **tags: str) -> Sketch:
    """Return a footway F---X---G over a road R---X---S, one step each."""
    town = Sketch(MINUTE, F=(0, 1), X=(0, 0), G=(0, -1), R=(-1, 0), S=(1, 0))
    return town.way("F X G", highway="footway").way("R X S", highway=road).tag("X", **tags)


@pytest.mark.parametrize(
    ("road", "tags", "wait"),
    [
        ("primary", {"highway": "crossing", "crossing": "traffic_signals"}, 25),
        ("primary", {"highway": "traffic_signals"}, 25),
        ("residential", {"crossing__signals": "yes"}, 12),
        ("primary", {"highway": "crossing", "crossing": "zebra"}, 5),
        ("residential", {"highway": "crossing"}, 1),
        ("tertiary", {"highway": "crossing", "crossing": "unmarked"}, 10),
        ("service", {"crossing": "unmarked"}, 2),
        ("residential", {}, 0),
        ("footway", {"highway": "crossing", "crossing": "traffic_signals"}, 0),  # no carriageway here
    ],
)
@pytest.mark.parametrize("walker", ["adult", "elder"])
def test_waiting_is_for_those_who_cross(road, tags, wait, walker):
    town = crossing(road, **tags)
    who = load_walkers()[walker]
    walk, wait = 120 * MINUTE / who.m_per_min, wait * who.wait_factor
    assert town.seconds("F", "G", walker) == pytest.approx(walk + wait, abs=0.003)
    assert town.seconds("R", "S", walker) == pytest.approx(walk, abs=0.003)
    assert town.seconds("F", "S", walker) == pytest.approx(walk + wait / 2, abs=0.003)


def test_the_crossing_way_speaks_where_the_vertex_is_silent():
    town = Sketch(MINUTE, F=(0, 1), X=(0, 0), G=(0, -1), R=(-1, 0), S=(1, 0))
    town.way("F X G", highway="footway", footway="crossing", crossing="traffic_signals").way("R X S", highway="primary")
    assert town.seconds("F", "G") == pytest.approx(120 + 25, abs=0.002)
    loud = Sketch(MINUTE, F=(0, 1), X=(0, 0), G=(0, -1), R=(-1, 0), S=(1, 0)).tag("X", crossing="unmarked")
    loud.way("F X G", highway="footway", footway="crossing", crossing="traffic_signals").way("R X S", highway="primary")
    assert loud.seconds("F", "G") == pytest.approx(120 + 10, abs=0.002)


def test_two_carriageways_are_two_waits():
    town = Sketch(MINUTE, F=(0, 1), X=(0, 0), Y=(0, -1), G=(0, -2), R=(-1, 0), S=(1, 0), T=(-1, -1), U=(1, -1))
    town.way("F X Y G", highway="footway").way("R X S", highway="primary").way("U Y T", highway="primary")
    town.tag("X", crossing="traffic_signals").tag("Y", crossing="traffic_signals")
    assert town.seconds("F", "G") == pytest.approx(180 + 2 * 25, abs=0.002)


def gate(table: str = "", /, **tags: str) -> Sketch:
    """Return a street H---X---S with something on X, and the long way round; ``table``: access in a doors table."""
    town = Sketch(MINUTE, H=(-1, 0), X=(0, 0), S=(1, 0), C=(-1, -6), D=(1, -6))
    town.way("H X S D C H", highway="footway").tag("X", **tags)
    return town.door("X", "gate", table) if table else town


@pytest.mark.parametrize(
    ("tags", "opens"),
    [
        ({"barrier": "gate"}, True),
        ({"barrier": "gate", "access": "no"}, False),
        ({"barrier": "gate", "access": "no", "foot": "yes"}, True),
        ({"barrier": "gate", "locked": "yes"}, False),
        ({"barrier": "gate", "access": "private"}, False),
        ({"barrier": "gate", "access": "residents", "foot": "designated"}, True),
        ({"barrier": "gate", "foot": "no"}, False),
        ({"barrier": "bollard", "access": "no"}, True),  # meant for wheels
        ({"barrier": "lift_gate", "access": "private", "foot": "yes"}, True),
        ({"barrier": "wall"}, False),
    ],
)
def test_a_gate_lets_pass_or_sends_round(tags, opens):
    assert gate(**tags).seconds("H", "S") == pytest.approx(120 if opens else ROUND, abs=0.002)


def test_one_still_walks_up_to_a_shut_gate():
    town = gate(barrier="gate", access="no")
    spot = town.stand((-0.01, 0), (0.01, 0))
    np.testing.assert_allclose([town.place(spot, 0)[0], town.place(spot, 1)[0]], [-0.01, 0.01], atol=1e-6)
    assert town.walk(town.at("H"), town.stand((-0.01, 0))) == pytest.approx(0.99 * 60, abs=0.002)
    assert town.walk(town.at("H"), town.stand((0.01, 0))) == pytest.approx(ROUND + 0.99 * 60, abs=0.002)


@pytest.mark.parametrize(
    ("on_the_map", "in_the_table", "opens"),
    [
        ({}, "no", False),
        ({}, "private", False),
        ({"barrier": "gate"}, "residents", False),
        ({"barrier": "gate", "access": "no"}, "yes", True),
        ({"barrier": "gate", "access": "private"}, "yes", True),
        ({"barrier": "gate", "access": "private"}, "no", False),
        ({"barrier": "lift_gate", "access": "no"}, "no", True),  # only what the map says, and that is for wheels
        ({"barrier": "gate", "locked": "yes", "access": "yes"}, "yes", False),
    ],
)
def test_a_table_of_gates_knows_better_than_the_map(on_the_map, in_the_table, opens):
    town = gate(in_the_table, **on_the_map)
    assert town.seconds("H", "S") == pytest.approx(120 if opens else ROUND, abs=0.002)


@pytest.mark.parametrize(
    "tags", [{"barrier": "kerb"}, {"barrier": "gate", "access": "private"}, {"highway": "elevator"}]
)
@pytest.mark.parametrize(("oneway", "there", "back"), [("yes", True, False), ("-1", False, True)])
def test_a_one_way_walk_passes_a_barrier_in_its_direction(tags, oneway, there, back):
    town = Sketch(MINUTE, H=(-1, 0), X=(0, 0), S=(1, 0)).tag("X", **tags)
    town.way("H X S", highway="footway", oneway__foot=oneway)
    assert (town.seconds("H", "S") < 200, town.seconds("S", "H") < 200) == (there, back)


def test_other_things_on_an_opened_gate_stay():
    town = gate("yes", barrier="kissing_gate", access="no")
    assert town.seconds("H", "S", "adult") == pytest.approx(120, abs=0.002)
    assert town.seconds("H", "S", "wheelchair") > 600


@pytest.mark.parametrize(
    ("tags", "who_passes"),
    [
        ({"barrier": "kerb"}, "adult elder stroller"),
        ({"kerb": "raised"}, "adult elder stroller"),
        ({"barrier": "kerb", "kerb": "lowered"}, "adult elder stroller wheelchair"),
        ({"kerb": "flush"}, "adult elder stroller wheelchair"),
        ({"barrier": "turnstile"}, "adult elder"),
        ({"barrier": "stile"}, "adult"),
        ({"barrier": "gate", "wheelchair": "no"}, "adult elder stroller"),
        ({"barrier": "kissing_gate", "wheelchair": "yes"}, "adult elder stroller wheelchair"),
    ],
)
def test_who_gets_past(tags, who_passes):
    town = gate(**tags)
    walkers = ("adult", "elder", "stroller", "wheelchair")
    assert " ".join(who for who in walkers if town.seconds("H", "S", who) < 500) == who_passes


def test_a_raised_kerb_at_a_crossing_bars_crossing_and_not_the_street():
    town = crossing("residential", highway="crossing", kerb="raised")
    assert town.seconds("F", "G", "wheelchair") == float("inf")
    assert town.seconds("F", "S", "wheelchair") == float("inf")
    assert town.seconds("R", "S", "wheelchair") == pytest.approx(120 * MINUTE / 53, abs=0.003)


def test_a_lift_drawn_as_a_vertex_takes_its_time_once_each_way():
    town = gate(highway="elevator")
    assert town.seconds("H", "S") == pytest.approx(120 + 40, abs=0.002)
    assert town.seconds("S", "H") == pytest.approx(120 + 40, abs=0.002)
    assert town.seconds("H", "S", "wheelchair") == pytest.approx(120 * MINUTE / 53 + 40 * 1.3, abs=0.003)


@pytest.mark.parametrize("tags", [{"bridge": "yes", "layer": "1"}, {"tunnel": "yes", "layer": "-1"}, {}])
def test_over_and_under_is_no_junction(tags):
    """The bridge passes right over the vertex X of the street: one place, two vertices."""
    town = Sketch(MINUTE, W=(-1, 0), X=(0, 0), E=(1, 0), N=(0, 1), over=(0, 0), S=(0, -1), K=(-1, 3))
    town.way("W X E", highway="residential").way("N over S", highway="footway", **tags)
    town.way("W K", highway="footway").way("K N", highway="footway")  # the only way up: 3 + √5 steps from W to N
    assert town.seconds("W", "E") == pytest.approx(120, abs=0.002)
    assert town.seconds("E", "S") == pytest.approx(60 * (2 + 3 + 5**0.5 + 2), abs=0.003)
    joined = Sketch(MINUTE, W=(-1, 0), X=(0, 0), E=(1, 0), N=(0, 1), S=(0, -1))
    joined.way("W X E", highway="residential").way("N X S", highway="footway", **tags)
    assert joined.seconds("E", "S") == pytest.approx(120, abs=0.002)  # one vertex is a junction


def test_ways_that_cross_without_a_vertex_do_not_meet():
    town = Sketch(MINUTE, W=(-1, 0), E=(1, 0), N=(0, 1), S=(0, -1), K=(-1, 1))
    town.way("W E", highway="residential").way("N S", highway="footway").way("W K N", highway="footway")
    assert town.seconds("E", "S") == pytest.approx(60 * 6, abs=0.002)
