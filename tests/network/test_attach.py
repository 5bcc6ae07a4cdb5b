"""Where points stand: the nearest place on a link, through entrances and gates, never across a wall or to a scrap."""

import numpy as np
import pytest

from sketch import Sketch


def ms(metres: float) -> int:
    """Return an adult's milliseconds for some metres."""
    return round(metres * 60_000 / 67)


def one_street() -> Sketch:
    """Return a street of 1 km with a vertex in the middle, in metres."""
    return Sketch(W=(0, 0), M=(500, 0), E=(1000, 0)).way("W M E", highway="residential")


def test_the_nearest_place_is_on_a_link_and_both_ends_keep_their_last_metres():
    town = one_street()
    spots = town.stand((100, 30), (700, -40), (-30, 40), (1000, 0))
    np.testing.assert_allclose(
        [town.place(spots, k) for k in range(4)], [(100, 0), (700, 0), (0, 0), (1000, 0)], atol=1e-6
    )
    assert spots.access_ms.tolist() == [ms(30), ms(40), ms(50), 0]
    home, outlet = town.stand((100, 30)), town.stand((700, -40))
    assert town.walk(home, outlet) == pytest.approx((30 + 600 + 40) * 60 / 67, abs=0.003)
    assert town.walk(outlet, home) == pytest.approx((30 + 600 + 40) * 60 / 67, abs=0.003)


def test_two_points_on_one_link_do_not_walk_to_its_ends():
    town = one_street()
    assert town.walk(town.stand((200, 10)), town.stand((260, 0))) == pytest.approx(70 * 60 / 67, abs=0.003)


@pytest.mark.parametrize("seed", range(5))
def test_nearest_among_random_streets(seed):
    """The place is the nearest of all, by plain geometry; the walker's own pace counts the metres."""
    rng = np.random.default_rng(seed)
    ends = rng.uniform(0, 400, (12, 2))
    town = Sketch(**{f"p{k}": (float(x), float(y)) for k, (x, y) in enumerate(ends)})
    town.way(" ".join(town.lonlat), highway="footway")  # a zigzag that hangs together
    points = rng.uniform(0, 400, (40, 2))
    a, b = ends[:-1], ends[1:]
    t = np.clip((((points[:, None] - a) * (b - a)).sum(-1)) / ((b - a) ** 2).sum(-1), 0, 1)
    metres = np.linalg.norm(a + (b - a) * t[..., None] - points[:, None], axis=-1).min(axis=1)
    spots = town.stand(*map(tuple, points), walker="elder", limit_m=60)
    assert 5 < (spots.link >= 0).sum() < 40
    np.testing.assert_array_equal(spots.link >= 0, metres <= 60)
    near = metres <= 60
    np.testing.assert_allclose(spots.access_ms[near], metres[near] * 60_000 / 53, atol=1)
    assert set(spots.why[~near]) == {"far"}


def test_a_point_stands_only_where_its_walker_goes_both_ways():
    town = Sketch(W=(0, 0), E=(1000, 0), S=(0, 50), T=(1000, 50), U=(0, 100), V=(1000, 100))
    town.way("W E", highway="residential").way("S T", highway="steps").way("U V", highway="steps", conveying="forward")
    town.way("W S U", highway="footway").way("V T E", highway="footway")
    assert town.place(town.stand((500, 45)))[1] == pytest.approx(50, abs=1e-6)
    assert town.place(town.stand((500, 45), walker="wheelchair"))[1] == pytest.approx(0, abs=1e-6)
    assert town.place(town.stand((500, 90)))[1] == pytest.approx(50, abs=1e-6)  # the escalator runs one way


def test_through_the_entrance_with_the_least_way():
    """The house lies with its back to the near street; its doors are on the far side and in the gable."""
    town = Sketch(
        W=(0, 0), E=(1000, 0), N=(0, 100), O=(1000, 100),
        a=(490, 10), b=(530, 10), c=(530, 60), d=(490, 60), front=(500, 60), gable=(490, 40), shut=(500, 10),
    )  # fmt: skip
    town.way("W E O N W", highway="residential").building("a b c d a")
    assert town.stand((500, 20)).access_ms.tolist() == [ms(20)]  # no door is known: straight to the street
    town.door("front", "entrance")
    spot = town.stand((500, 20))
    assert town.place(spot) == pytest.approx((500, 100), abs=1e-6)
    assert spot.access_ms.tolist() == [ms(40 + 40)]  # indoors to the door, then out
    town.door("gable", "entrance").door("shut", "entrance", "no")
    spot = town.stand((500, 20))
    assert town.place(spot) == pytest.approx((490, 0), abs=1e-6)
    assert spot.access_ms.tolist() == [ms(np.hypot(10, 20) + 40)]
    assert town.stand((560, 20)).access_ms.tolist() == [ms(20)]  # a point in no building has no doors


def test_never_across_a_wall_but_round_to_the_next_street():
    town = Sketch(W=(0, 0), E=(1000, 0), O=(1000, 90), N=(0, 90), p=(0, 20), q=(1000, 20))
    town.way("W E O N", highway="residential").wall("p q")
    assert town.place(town.stand((500, 30))) == pytest.approx((500, 90), abs=1e-6)
    assert town.place(town.stand((500, 15))) == pytest.approx((500, 0), abs=1e-6)  # before the wall
    assert town.place(town.stand((500, 20))) == pytest.approx((500, 0), abs=1e-6)  # a house in the wall itself


def test_through_a_gate_in_the_wall():
    town = Sketch(W=(0, 0), G=(530, 0), E=(1000, 0), p=(0, 0.5), g=(530, 0.5), q=(1000, 0.5))
    town.way("W G E", highway="residential").wall("p g q")
    assert town.stand((500, 40)).why.tolist() == ["wall"]
    town.door("g", "gate", "private")
    spot = town.stand((500, 40))
    assert spot.why.tolist() == [""]
    assert town.place(spot) == pytest.approx((530, 0), abs=1e-6)
    assert spot.access_ms[0] == ms(np.hypot(30, 39.5))  # straight to the gate


def test_straight_through_a_door_and_not_through_one_that_is_shut():
    for access, why in (("", ""), ("yes", ""), ("no", "wall")):
        town = Sketch(W=(0, 0), E=(1000, 0), p=(0, 20), g=(500, 20), q=(1000, 20)).way("W E", highway="residential")
        town.wall("p g q").door("g", "gate", access)
        assert town.stand((500, 50)).why.tolist() == [why]
        assert town.stand((600, 50)).why.tolist() == ["wall"]  # the gate is no place on the network, and not in line


def test_never_to_a_scrap():
    town = Sketch(W=(0, 0), E=(1000, 0), s=(400, 60), t=(600, 60), u=(400, 200), v=(1000, 200))
    town.way("W E", highway="residential").way("s t", highway="footway")
    spot = town.stand((500, 55))
    assert town.place(spot) == pytest.approx((500, 0), abs=1e-6)
    assert spot.access_ms[0] == ms(55)
    assert town.stand((500, 180)).why.tolist() == ["scrap"]  # 120 m to the scrap, 180 m to the street
    long = town_with_long_piece()
    assert long.place(long.stand((500, 55))) == pytest.approx((500, 60), abs=1e-6)  # 600 m is no scrap


def town_with_long_piece() -> Sketch:
    town = Sketch(W=(0, 0), E=(1000, 0), s=(300, 60), t=(900, 60))
    return town.way("W E", highway="residential").way("s t", highway="footway")


def test_who_is_farther_than_the_limit_is_listed_with_the_reason():
    town = one_street().wall("W M E")  # a wall on the street itself: both sides still reach it
    spots = town.stand((500, 149), (500, 151), (1200, 0))
    assert spots.why.tolist() == ["", "far", "far"]
    assert spots.link[1:].tolist() == [-1, -1]
    assert spots.access_ms[1:].tolist() == [0, 0]
    assert town.stand((500, 151), limit_m=200).why.tolist() == [""]
    assert town.walk(town.stand((500, 151)), town.stand((500, 10))) == float("inf")
