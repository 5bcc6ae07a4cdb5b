"""Drawn towns: private ways, gates and one-way walks mean what their picture says."""

from scenes import draw


def test_a_fence_makes_the_market_far():
    town = draw(
        """
        A---B---C
        |       |
        D---E   F
        """,
        step_s=80,
        market="E",
    )
    assert town.covered("market", within_s=160) == "ADE"
    assert town.people[[town.letters.index(x) for x in "ADE"]].sum() == 25


def test_nobody_walks_through_a_compound():
    town = draw(
        """
        A:::B---C
        |       |
        D---E---F
        """,
        market="D",
    )
    # B stands on its public street, so the private way to A is no short cut for B
    assert town.seconds("market")["B"] == 240
    through = draw(
        """
        A---B---C
        |       |
        D---E---F
        """,
        market="D",
    )
    assert through.seconds("market")["B"] == 120


def test_whoever_lives_inside_leaves_by_any_gate():
    town = draw(
        """
        A---+:::B:::+---C
        """,
        left="A",
        right="C",
        within="B",
    )
    assert town.seconds("left")["B"] == 120
    assert town.seconds("right")["B"] == 120
    assert town.seconds("within")["A"] == 120
    assert town.seconds("right")["A"] == float("inf")


def test_a_private_gate_ends_a_trip_and_never_lets_one_through():
    town = draw(
        """
        A---B
        |   %
        D---E
        """,
        market="E",
    )
    assert town.seconds("market")["B"] == 180  # A and D, not the gate


def test_one_way_walks():
    town = draw("A>>>B---C", market="C", bakery="A")
    assert town.seconds("market")["A"] == 120
    assert town.seconds("bakery")["C"] == float("inf")
