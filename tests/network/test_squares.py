"""Squares are walked across, not only round; lines never leave the square."""

import numpy as np
import pytest
import shapely
from scipy.sparse.csgraph import dijkstra

from sketch import MINUTE, Sketch

ROOT2 = 2**0.5


def square(**tags: str) -> Sketch:
    """Return a square A B C D of two steps a side, with a footway of one step at A and at C."""
    town = Sketch(MINUTE, A=(0, 0), B=(2, 0), C=(2, 2), D=(0, 2), H=(-1, 0), S=(3, 2))
    return town.square("A B C D A", **tags).way("H A", highway="footway").way("C S", highway="footway")


@pytest.mark.parametrize("walker", ["adult", "wheelchair"])
def test_from_corner_to_corner_straight_across(walker):
    minute = {"adult": 60.0, "wheelchair": 60.0 * 67 / 53}[walker]
    assert square(highway="pedestrian", area="yes").seconds("H", "S", walker) == pytest.approx(
        minute * (2 + 2 * ROOT2), abs=0.003
    )


def test_a_pedestrian_ring_that_is_no_area_is_walked_round():
    town = Sketch(MINUTE, A=(0, 0), B=(2, 0), C=(2, 2), D=(0, 2), H=(-1, 0), S=(3, 2))
    town.way("A B C D A", highway="pedestrian").way("H A", highway="footway").way("C S", highway="footway")
    assert town.seconds("H", "S") == pytest.approx(60 * (2 + 4), abs=0.003)


def test_an_edge_in_the_middle_of_a_side_joins_too():
    town = Sketch(MINUTE, A=(0, 0), m=(1, 0), B=(2, 0), C=(2, 2), n=(1.5, 2), D=(0, 2), H=(1, -1), S=(1.5, 3))
    town.square("A m B C n D A", highway="pedestrian").way("H m", highway="footway").way("n S", highway="footway")
    assert town.seconds("H", "S") == pytest.approx(60 * (2 + np.hypot(0.5, 2)), abs=0.003)


@pytest.mark.parametrize("outline", ["A B C D E F A", "A F E D C B A"])  # drawn either way round
def test_round_an_inward_corner(outline):
    """An L of three unit squares: from the end of one arm to the end of the other over the corner D = (1, 1).

    F---E            from (2, 0.5) to (0.5, 2), both of which see D
    |   |
    |   D---C
    |       |
    A-------B
    """
    town = Sketch(MINUTE, A=(0, 0), B=(2, 0), p=(2, 0.5), C=(2, 1), D=(1, 1), E=(1, 2), q=(0.5, 2), F=(0, 2),
                  H=(3, 0.5), S=(0.5, 3))  # fmt: skip
    round_it = outline.replace("B C", "B p C").replace("C B", "C p B").replace("E F", "E q F").replace("F E", "F q E")
    town.square(round_it, highway="pedestrian").way("H p", highway="footway").way("q S", highway="footway")
    assert town.seconds("H", "S") == pytest.approx(60 * (2 + 2 * np.hypot(1, 0.5)), abs=0.003)


def test_one_join_is_no_reason_to_cross_and_private_squares_stay_private():
    lonely = Sketch(MINUTE, A=(0, 0), B=(2, 0), C=(2, 2), D=(0, 2), H=(-1, 0))
    lonely.square("A B C D A", highway="pedestrian").way("H A", highway="footway")
    assert lonely.network.n_links == 5
    inner = square(highway="pedestrian", access="private").way("H S", highway="footway")
    across = inner.network.private
    assert across.sum() == 5  # four sides and the diagonal A--C
    straight = np.hypot(4, 2)
    assert inner.seconds("H", "S") == pytest.approx(60 * straight, abs=0.003)  # strangers keep out


def test_a_square_nobody_may_walk_on_is_not_crossed():
    town = square(highway="pedestrian", access="no").way("H S", highway="footway")
    assert town.network.n_links == 3
    assert town.seconds("H", "S") == pytest.approx(60 * np.hypot(4, 2), abs=0.003)


def test_a_gate_at_the_join_of_a_square_holds_for_the_lines_too():
    town = square(highway="pedestrian").tag("A", barrier="gate", access="no")
    town.way("H D", highway="footway")
    assert town.seconds("H", "S") == pytest.approx(60 * (np.hypot(1, 2) + 2 + 1), abs=0.003)


@pytest.mark.parametrize("seed", range(6))
def test_walks_over_a_random_square_are_the_shortest_that_stay_inside(seed):
    """A star of twelve corners, and the shortest ways over all pairs of corners that see each other, by SciPy."""
    rng = np.random.default_rng(seed)
    angle, out = np.arange(12) * np.pi / 6, rng.uniform(0.5, 3, 12)
    ray = np.column_stack([np.cos(angle), np.sin(angle)])
    corner = ray * out[:, None]
    places = {f"c{k}": tuple(map(float, corner[k])) for k in range(12)}
    places |= {f"o{k}": tuple(map(float, ray[k] * 4)) for k in range(0, 12, 3)}
    town = Sketch(MINUTE, **places)
    town.square(" ".join([f"c{k}" for k in range(12)] + ["c0"]), highway="pedestrian")
    for k in range(0, 12, 3):
        town.way(f"c{k} o{k}", highway="footway")
    sight = shapely.Polygon(corner).buffer(1e-9)
    straight = np.linalg.norm(corner[:, None] - corner, axis=-1)
    seen = [[sight.covers(shapely.LineString([a, b])) for b in corner] for a in corner]
    inside = dijkstra(np.where(seen, straight, 0.0))
    for a in range(0, 12, 3):
        for b in range(a + 3, 12, 3):
            minutes = (4 - out[a]) + inside[a, b] + (4 - out[b])
            assert town.seconds(f"o{a}", f"o{b}") == pytest.approx(60 * minutes, abs=0.01)
