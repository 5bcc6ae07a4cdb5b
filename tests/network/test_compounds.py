"""Compounds: their inside is for a trip's own ends; a short cut through one is refused to strangers."""

from math import inf

import pytest

from scenes import draw
from sketch import MINUTE, Sketch


def test_the_short_cut_is_refused_for_strangers_and_allowed_for_residents():
    """The walls of the compound are where the picture says; K and L live inside, the market is at M.

    A stranger at A walks round by the north: B C D M, four minutes. Through the gates it would be three:
    A K L M. K walks out of the east gate, L likewise, and the people of A may visit the clinic inside at K.
    """
    town = draw(
        """
        B---C---D
        |       |
        A:K:::L:M
        |       |
        E---F---G---H
        """,
        market="M",
        clinic="K",
        school="H",
    )
    assert town.seconds("market") == {
        "A": 240,  # round by B C D or by E F G, not 180 through the compound
        "B": 180,
        "C": 120,
        "D": 60,
        "E": 180,
        "F": 120,
        "G": 60,
        "H": 120,
        "K": 120,  # lives inside: out by the east gate
        "L": 60,
        "M": 0,
    }
    assert town.seconds("clinic")["A"] == 60  # in by the west gate: the trip ends there
    assert town.seconds("clinic")["H"] == 240  # and by the east gate
    assert town.seconds("school")["K"] == 240  # K L M G H
    assert town.seconds("school")["A"] == 240  # A E F G H
    assert town.covered("market", within_s=120) == "CDFGHKLM"
    assert town.people[[town.letters.index(x) for x in "CDFGHKLM"]].sum() == 4 + 8 + 32 + 64 + 128 + 256 + 512 + 1024


def block(**inner: str) -> Sketch:
    """Return a way W---i---j---E through a block, and streets round it; the short cut is 3 steps, the way round 7."""
    town = Sketch(MINUTE, W=(0, 0), i=(1, 0), j=(2, 0), E=(3, 0), N=(0, 2), O=(3, 2),
                  a=(0.5, -1), b=(2.5, -1), c=(2.5, 1), d=(0.5, 1))  # fmt: skip
    return town.way("W N O E", highway="residential").way("W i j E", **inner)


@pytest.mark.parametrize("tags", [{"access": "private"}, {"access": "residents"}, {"foot": "private"}])
def test_private_ways(tags):
    town = block(highway="service", **tags)
    assert town.seconds("W", "E") == pytest.approx(7 * 60, abs=0.003)
    assert town.seconds("i", "E") == pytest.approx(2 * 60, abs=0.003)
    assert town.seconds("E", "i") == pytest.approx(2 * 60, abs=0.003)
    assert town.seconds("i", "j") == pytest.approx(1 * 60, abs=0.003)
    free = block(highway="service")
    assert free.seconds("W", "E") == pytest.approx(3 * 60, abs=0.003)


def test_ways_inside_the_ring_of_a_compound():
    """Only the middle i--j has its middle inside the ring: that is enough to refuse the short cut."""
    town = block(highway="service").wall("a b c d a", compound=True)
    assert town.seconds("W", "E") == pytest.approx(7 * 60, abs=0.003)
    home = town.stand((1.5, 0))
    for gate in ("W", "E"):
        assert town.walk(home, town.at(gate)) == pytest.approx(1.5 * 60, abs=0.003)
        assert town.walk(town.at(gate), home) == pytest.approx(1.5 * 60, abs=0.003)
    plain = block(highway="service").wall("a b c d a")  # a wall round no homes
    assert plain.seconds("W", "E") == pytest.approx(3 * 60, abs=0.003)
    public = block(highway="service", foot="yes").wall("a b c d a", compound=True)
    assert public.seconds("W", "E") == pytest.approx(3 * 60, abs=0.003)
    road = block(highway="tertiary").wall("a b c d a", compound=True)
    assert road.seconds("W", "E") == pytest.approx(3 * 60, abs=0.003)


def test_from_one_compound_into_another_but_through_none():
    """A and B live inside, C inside a third compound between D and E."""
    town = draw(
        """
        A:::+---+:::B
            |   |
            D:C:E
            |   |
            F---G
        """,
        of_a="A",
        of_b="B",
        of_c="C",
        of_e="E",
    )
    assert town.seconds("of_b")["A"] == 180  # out, along the street, in
    assert town.seconds("of_c")["A"] == 180
    assert town.seconds("of_a")["C"] == 180
    assert town.seconds("of_e") == {"A": 180, "B": 120, "C": 60, "D": 180, "E": 0, "F": 120, "G": 60}  # D not over C


@pytest.mark.parametrize("walled", [False, True])
def test_two_compounds_whose_gates_face_each_other_are_strangers_to_each_other(walled):
    """The gates of two compounds are at X, on both sides of a street; B lives between X and the back gate Y.

    +-----N-----+
    |     |     |
    A:::::X::B::Y        from A to Y through B's compound it would be 3 steps
    |     |     |
    +-----S-----+
    """
    town = Sketch(MINUTE, A=(-1, 0), h=(-2, 0), X=(0, 0), B=(1, 0), Y=(2, 0), N=(0, 3), y=(2, 3), S=(0, -3),
                  p=(-2.5, -1), q=(-0.1, -1), r=(-0.1, 1), s=(-2.5, 1),
                  t=(0.1, -1), u=(1.9, -1), v=(1.9, 1), w=(0.1, 1))  # fmt: skip
    town.way("S X N y Y", highway="residential")
    if walled:
        town.wall("p q r s p", compound=True).wall("t u v w t", compound=True)
    for way in ("h A X", "X B Y"):
        town.way(way, highway="service", **({} if walled else {"access": "private"}))
    assert town.seconds("A", "B") == pytest.approx(2 * 60, abs=0.003)  # out of one gate, in at the other
    assert town.seconds("B", "A") == pytest.approx(2 * 60, abs=0.003)
    assert town.seconds("A", "Y") == pytest.approx((1 + 3 + 2 + 3) * 60, abs=0.003)  # not through B's compound
    assert town.seconds("Y", "A") == pytest.approx((1 + 3 + 2 + 3) * 60, abs=0.003)
    assert town.seconds("B", "Y") == pytest.approx(1 * 60, abs=0.003)
    assert town.seconds("h", "S") == pytest.approx((2 + 3) * 60, abs=0.003)


def test_every_way_out_of_a_parted_gate_stays_usable():
    """At X two compounds meet; the west one has steps down to the gate, a ramp beside them, and a way in only."""
    town = Sketch(MINUTE, A=(-2, 0), b=(-1, 1), c=(-1, -1), X=(0, 0), B=(1, 0), N=(0, 3))
    town.way("X N", highway="residential").way("X B", highway="service", access="private")
    town.way("A X", highway="steps", access="private").way("A b X", highway="footway", access="private")
    town.way("X c A", highway="footway", access="private", oneway__foot="yes")
    assert town.network.private.sum() == 6
    home, step = town.stand((-1, 1), walker="wheelchair"), 60 * 67 / 53
    for place, steps in (("N", 2**0.5 + 3), ("B", 2**0.5 + 1)):
        assert town.walk(home, town.at(place), "wheelchair") == pytest.approx(steps * step, abs=0.003)
        assert town.walk(town.at(place), home, "wheelchair") == pytest.approx(steps * step, abs=0.003)
    only_in = Sketch(MINUTE, A=(-2, 0), X=(0, 0), B=(1, 0), N=(0, 3)).way("X N", highway="residential")
    only_in.way("X A", highway="service", access="private", oneway__foot="yes")
    only_in.way("X B", highway="service", access="private")
    assert only_in.seconds("N", "A") == pytest.approx(5 * 60, abs=0.003)
    assert only_in.seconds("B", "A") == pytest.approx(3 * 60, abs=0.003)
    assert only_in.seconds("A", "B") == inf


def test_one_compound_that_touches_a_street_twice_stays_one():
    """Both of its gates are on the street X--Y, and its people walk inside from one to the other."""
    town = Sketch(MINUTE, h=(0, 2), X=(0, 0), Y=(2, 0), k=(2, 2), far=(3, 0), m=(1, -4))
    town.way("X m Y far", highway="residential").way("X h k Y", highway="service", access="private")
    assert town.seconds("h", "far") == pytest.approx((2 + 2 + 1) * 60, abs=0.003)
    assert town.seconds("X", "far") == pytest.approx((2 * 17**0.5 + 1) * 60, abs=0.003)


def test_public_ground_behind_private_gates_belongs_to_whoever_lives_there():
    """A street in a block whose two gates are private: nobody can be in it but its own people."""
    town = Sketch(MINUTE, N=(0, 1), W=(0, 0), i=(1, 0), j=(2, 0), E=(3, 0), S=(3, 1), R=(0, 5), T=(3, 5))
    town.way("W N R T S E", highway="residential").way("W i j E", highway="residential")
    town.tag("i", barrier="gate", access="private").tag("j", barrier="gate", access="private")
    home = town.stand((1.5, 0))
    assert town.network.private[home.link].all()
    for gate in ("N", "S"):
        assert town.walk(home, town.at(gate)) == pytest.approx(2.5 * 60, abs=0.003)
        assert town.walk(town.at(gate), home) == pytest.approx(2.5 * 60, abs=0.003)
    assert town.seconds("N", "S") == pytest.approx((4 + 3 + 4) * 60, abs=0.003)  # 5 steps through the gates
    told = {note.code: note.values for note in town.built.notes}
    assert told["network.enclosed"]["links"] == 1


def test_the_larger_public_ground_stays_public():
    """Behind the gate lies the greater street: it is the small one outside that is enclosed."""
    town = Sketch(MINUTE, A=(0, 0), G=(1, 0), B=(2, 0), C=(9, 0))
    town.way("A G B C", highway="residential").tag("G", barrier="gate", access="private")
    assert town.network.private.sum() == 3  # the two halves of the gate and A--G
    assert town.seconds("A", "C") == pytest.approx(9 * 60, abs=0.003)
    assert town.seconds("C", "A") == pytest.approx(9 * 60, abs=0.003)
    assert town.seconds("C", "B") < inf
