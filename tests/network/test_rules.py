"""Which ways are walked, by whom, at what pace: every answer follows from the tables by arithmetic."""

import numpy as np
import pytest

from sketch import MINUTE, Sketch
from yike.network.rules import load_rules
from yike.network.ways import judge_ways

WALKERS = ("adult", "elder", "child", "stroller", "wheelchair")


ROUND = 13 * 60.0  #: the way round, for an adult


def street(**tags: str) -> Sketch:
    """Return a street between two footways, H---A===B---S, with the tags that matter, and the long way round it."""
    town = Sketch(MINUTE, H=(0, 0), A=(1, 0), B=(2, 0), S=(3, 0), C=(0, -5), D=(3, -5))
    return town.way("B S D C H A", highway="footway").way("A B", **tags)


@pytest.mark.parametrize(
    ("tags", "walked"),
    [
        ("highway=footway", True),
        ("highway=residential", True),
        ("highway=primary", True),
        ("highway=motorway", False),
        ("highway=motorway foot=yes", False),
        ("highway=construction foot=yes", False),
        ("highway=trunk", True),
        ("highway=trunk sidewalk=no", False),
        ("highway=trunk sidewalk=no foot=yes", True),
        ("highway=primary motorroad=yes", False),
        ("highway=cycleway", False),
        ("highway=cycleway foot=yes", True),
        ("highway=cycleway foot=designated", True),
        ("highway=cycleway segregated=no", True),
        ("highway=cycleway sidewalk=right", True),
        ("highway=footway foot=no", False),
        ("highway=residential foot=use_sidepath", False),
        ("highway=footway access=no", False),
        ("highway=footway access=no foot=yes", True),
        ("highway=footway access=private", False),
        ("highway=footway access=private foot=yes", True),
        ("highway=footway access=residents", False),
        ("highway=footway foot=private", False),
        ("highway=cycleway access=private segregated=yes", False),
        ("highway=cycleway access=private sidewalk=both", False),
        ("highway=cycleway access=private segregated=yes foot=yes", True),
        ("highway=service access=destination", True),
        ("highway=service service=drive-through", False),
        ("highway=path sac_scale=hiking", True),
        ("highway=path sac_scale=demanding_mountain_hiking", False),
        ("highway=path sac_scale=alpine_hiking foot=yes", False),
        ("highway=corridor locked=yes", False),
        ("railway=platform", True),
        ("railway=rail", False),
    ],
)
def test_who_is_on_foot_may_walk_through(tags, walked):
    town = street(**dict(tag.split("=") for tag in tags.split()))
    assert town.seconds("H", "S") == pytest.approx(180 if walked else ROUND, abs=0.002)


def test_a_private_way_is_in_the_network_and_a_shut_one_is_not():
    town = street(highway="service", access="private")
    assert town.network.n_links == 6
    assert town.network.way_id[town.network.way[town.network.private]].tolist() == [101]
    assert street(highway="service", access="no").network.n_links == 5
    # no access tag brings in what is no way for people on foot
    assert street(highway="cycleway", access="private").network.n_links == 5
    assert street(highway="motorway", access="private").network.n_links == 5


def test_the_row_that_decided_is_told():
    ways = street(highway="footway", access="private", foot="yes").ways
    rules = load_rules()
    decided = [rules.ways[row]["rule"] for row in judge_ways(ways, rules).rule]
    assert decided == ["footway", "foot_yes"]


@pytest.mark.parametrize(
    ("tags", "there", "back"),
    [
        ({"oneway__foot": "yes"}, 180, ROUND),
        ({"oneway__foot": "-1"}, ROUND, 180),
        ({"foot__backward": "no"}, 180, ROUND),
        ({"foot__forward": "no"}, ROUND, 180),
        ({"oneway": "yes"}, 180, 180),  # binds wheels only
    ],
)
def test_one_way_on_foot(tags, there, back):
    town = street(highway="footway", **tags)
    assert (town.seconds("H", "S"), town.seconds("S", "H")) == pytest.approx((there, back), abs=0.002)


@pytest.mark.parametrize(
    ("walker", "m_per_min", "up", "down"),
    [("adult", 67, 0.5, 0.6), ("elder", 53, 0.4, 0.45), ("child", 53, 0.5, 0.6)],
)
def test_steps_are_slower_up_than_down(walker, m_per_min, up, down):
    minute = 60 * MINUTE / m_per_min  # one step of the sketch at the walker's own pace
    rising = street(highway="steps", incline="up")
    assert rising.seconds("H", "S", walker) == pytest.approx(minute * (2 + 1 / up), abs=0.003)
    assert rising.seconds("S", "H", walker) == pytest.approx(minute * (2 + 1 / down), abs=0.003)
    falling = street(highway="steps", incline="-20%")
    assert falling.seconds("H", "S", walker) == pytest.approx(minute * (2 + 1 / down), abs=0.003)
    silent = street(highway="steps")  # the mean of both, either way
    assert silent.seconds("H", "S", walker) == pytest.approx(minute * (2 + (1 / up + 1 / down) / 2), abs=0.003)
    assert silent.seconds("H", "S", walker) == silent.seconds("S", "H", walker)


@pytest.mark.parametrize(
    ("tags", "who_can"),
    [
        ("highway=footway", WALKERS),
        ("highway=steps", ("adult", "elder", "child")),
        ("highway=steps conveying=yes", ("adult", "elder", "child")),
        ("highway=elevator", WALKERS),
        ("highway=footway surface=asphalt", WALKERS),
        ("highway=footway surface=cobblestone", WALKERS),
        ("highway=footway surface=gravel", ("adult", "elder", "child", "stroller")),
        ("highway=footway surface=sand", ("adult", "elder", "child")),
        ("highway=footway smoothness=bad", ("adult", "elder", "child", "stroller")),
        ("highway=footway smoothness=horrible", ("adult", "child")),
        ("highway=footway wheelchair=no", ("adult", "elder", "child", "stroller")),
        ("highway=path sac_scale=mountain_hiking", ("adult",)),
    ],
)
def test_who_can_use_the_way(tags, who_can):
    town = street(**dict(tag.split("=") for tag in tags.split()))
    assert tuple(who for who in WALKERS if town.seconds("H", "S", who) < 500) == who_can


def test_an_escalator_runs_one_way_and_a_lift_takes_its_time_once():
    escalator = street(highway="steps", conveying="forward")
    assert escalator.seconds("H", "S") == pytest.approx(180, abs=0.002)  # one stands: the pace of the level
    assert escalator.seconds("S", "H") == pytest.approx(ROUND, abs=0.002)
    lift = street(highway="elevator")
    assert lift.seconds("H", "S") == pytest.approx(180 + 40, abs=0.002)
    assert lift.seconds("S", "H", "wheelchair") == pytest.approx(180 * MINUTE / 53 + 40 * 1.3, abs=0.002)


@pytest.mark.parametrize("walker", ["adult", "wheelchair"])
@pytest.mark.parametrize("seed", range(5))
def test_the_rest_of_rounding_is_carried_along_a_way(walker, seed):
    """400 pieces of a few decimetres: each alone would be off by up to half a millisecond."""
    x = np.cumsum(np.random.default_rng(seed).uniform(0.1, 0.9, 400))
    town = Sketch(**{f"p{k}": (float(east), 0.0) for k, east in enumerate(x)})
    town.way(" ".join(town.lonlat), highway="footway")
    walked, pace = town.walking(walker), {"adult": 67, "wheelchair": 53}[walker]
    exact = (x[-1] - x[0]) * 60_000 / pace
    assert abs(int(walked.there_ms.sum()) - exact) < 1
    alone = np.rint(town.network.length_m * 60_000 / pace).sum()
    assert abs(alone - exact) > 1  # what carrying is good for
    assert town.seconds("p7", "p301", walker) * 1000 == pytest.approx((x[301] - x[7]) * 60_000 / pace, abs=1)
