"""Stress against full recomputation: the town drawn again without what closed, walked and judged from scratch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenes import draw
from yike.access.walk import Supply, prepare, walk_times
from yike.errors import NetworkError, StudyError
from yike.network.attach import at_nodes
from yike.network.build import from_links
from yike.network.closing import cuts_by_line, links_named, without_roads
from yike.network.graph import FAR_MS, Attachment, Walking
from yike.study.stress import Closing, StressGround, load_needs

NEEDS = load_needs()


def ground_of(town, shops):
    """A drawn town with outlets: ``shops`` is a list of (letter, types)."""
    at = at_nodes(town.network, [town.node_of[letter] for letter, _ in shops])
    homes = at_nodes(town.network, list(town.node_of.values()))
    return StressGround(
        town.network, town.walking, homes, at, [types for _, types in shops], np.ones(len(shops), bool), town.people
    )


def named(town, mask):
    return "".join(letter for letter, yes in zip(town.letters, mask, strict=True) if yes)


def test_a_street_by_arithmetic():
    town = draw("A---B---C---D---E", 300.0)
    ground = ground_of(town, [("A", ["grocery"]), ("E", ["wet_market", "pharmacy"]), ("C", ["repair"])])
    strain = ground.close(Closing(outlets=(1,)))
    assert (
        named(town, strain.lost[:, 0]) == "E"
    )  # four streets of five minutes to the grocery are too far, three are not
    assert named(town, strain.lost[:, 1]) == "BCDE" and named(town, strain.lacked[:, 1]) == "A"
    assert strain.people(town.people).tolist() == [16, 2 + 4 + 8 + 16]
    assert named(town, strain.any) == "BCDE"
    assert not ground.close(Closing()).any.any() and not ground.close(Closing(outlets=(2,))).any.any()


def random_ground(seed):
    rng = np.random.default_rng(seed)
    n = 20
    links = [(k, k + 1, float(rng.integers(60, 400))) for k in range(n - 1)]
    links += [(*map(int, rng.choice(n, 2, replace=False)), float(rng.integers(60, 500))) for _ in range(14)]
    links = [(u, v, s, s) for u, v, s in links]
    private = [k for k in range(len(links)) if rng.random() < 0.2]
    network, walking = from_links(n, links, private=private, lon=rng.random(n) / 100, lat=rng.random(n) / 100)

    def points(number):
        link = rng.integers(0, network.n_links, number).astype(np.int32)
        return Attachment(
            link, rng.random(number), rng.integers(0, 9000, number).astype(np.int32), np.full(number, "", object)
        )

    kinds = [["grocery"], ["pharmacy"], ["supermarket", "pharmacy"], ["repair"], ["wet_market"]]
    outlets = points(9)
    serves = [kinds[k] for k in rng.integers(0, 5, 9)]
    ground = StressGround(
        network, walking, points(40), outlets, serves, rng.random(9) < 0.9, rng.integers(1, 9, 40).astype(float)
    )
    return ground, rng


def from_scratch(ground, network, walking, homes, outlets, counted):
    """Seconds to each need, one type of outlet after the other, without what the stress test shares."""
    found = []
    for need in ground.needs:
        serves = [[need.id] if set(need.types) & set(own) else [] for own in ground.serves]
        times = walk_times(prepare(network, walking, 900.0), homes, Supply.of(outlets, serves, [need.id], counted))
        found.append(times.seconds[:, 0])
    return np.stack(found, axis=1)


@pytest.mark.parametrize("seed", range(10))
def test_closing_outlets_is_a_full_recomputation(seed):
    ground, rng = random_ground(seed)
    for _ in range(5):
        shut = tuple(map(int, rng.choice(9, rng.integers(1, 5), replace=False)))
        counted = ground.counted.copy()
        counted[list(shut)] = False
        after = from_scratch(ground, ground.network, ground.walking, ground.homes, ground.outlets, counted)
        strain = ground.close(Closing(outlets=shut))
        assert np.array_equal(strain.after, after)
        assert np.array_equal(strain.lost, (strain.before <= 900) & ~(after <= 900))


@pytest.mark.parametrize("seed", range(10))
def test_every_single_closure_is_told_at_once(seed):
    ground, _ = random_ground(seed)
    singles = ground.singles()
    assert sorted(singles.outlet.tolist()) == [
        k for k in range(9) if ground.counted[k] and ground.serves[k] != ["repair"]
    ]
    for outlet, lost in zip(singles.outlet.tolist(), singles.lost.tolist(), strict=True):
        assert ground.people[ground.close(Closing(outlets=(outlet,))).any].sum() == lost
    assert singles.lost.tolist() == sorted(singles.lost.tolist(), reverse=True)
    loads = dict(zip(singles.outlet.tolist(), singles.load[:, 1].tolist(), strict=True))
    chosen = ground.most_loaded(2, "medicine")
    assert [loads[k] for k in chosen] == sorted(loads.values(), reverse=True)[: len(chosen)]
    reached = ground.people[ground.seconds[:, 1] <= 900].sum()
    assert sum(loads.values()) == reached
    some = ground.singles(ground.people * (np.arange(40) < 20))
    assert some.load.sum() < singles.load.sum() and some.lost.sum() <= singles.lost.sum()


@pytest.mark.parametrize("seed", range(8))
def test_closing_links_is_a_town_without_them(seed):
    ground, rng = random_ground(seed)
    shut = sorted(map(int, rng.choice(ground.network.n_links, 5, replace=False)))
    there, back = ground.walking.there_ms.copy(), ground.walking.back_ms.copy()
    there[shut] = back[shut] = FAR_MS
    walking = Walking("adult", there, back, ground.walking.m_per_min)
    after = from_scratch(ground, ground.network, walking, ground.homes, ground.outlets, ground.counted)
    strain = ground.close(Closing(links=tuple(shut)))
    assert np.array_equal(strain.after, after)
    assert strain.cut_off.tolist() == [int(link) in shut for link in ground.homes.link]


@pytest.mark.parametrize("seed", range(8))
def test_cutting_links_is_a_town_drawn_in_pieces(seed):
    """Cut links against the same town built anew with two loose ends at every cut, walked from scratch."""
    ground, rng = random_ground(seed)
    net = ground.network
    cuts = tuple((int(k), float(rng.random())) for k in rng.choice(net.n_links, 4, replace=False))
    network, _walking, _homes, _outlets = without_roads(net, ground.walking, (ground.homes, ground.outlets), (), cuts)
    links = [
        (int(u), int(v), a / 1000, b / 1000)
        for u, v, a, b in zip(net.u, net.v, ground.walking.there_ms, ground.walking.back_ms, strict=True)
    ]
    private, nodes, place = np.flatnonzero(net.private).tolist(), net.n_nodes, {}
    for link, part in cuts:
        u, v, a, b = links[link]
        split = [round(part * whole * 1000) / 1000 for whole in (a, b)]
        links[link] = (u, nodes, *split)
        links.append((nodes + 1, v, a - split[0], b - split[1]))
        private += [len(links) - 1] if net.private[link] else []
        place[link], nodes = (part, len(links) - 1), nodes + 2
    anew, walk = from_links(nodes, links, private=private)

    def moved(at):
        link, share = at.link.copy(), at.at.copy()
        for k, (own, where) in enumerate(zip(at.link.tolist(), at.at.tolist(), strict=True)):
            if own in place:
                part, other = place[own]
                link[k] = own if where <= part else other
                share[k] = where / part if where <= part else (where - part) / (1 - part)
        return replace(at, link=link, at=share)

    after = from_scratch(ground, anew, walk, moved(ground.homes), moved(ground.outlets), ground.counted)
    strain = ground.close(Closing(cuts=cuts))
    both = np.isfinite(after) & np.isfinite(strain.after)
    assert np.array_equal(np.isfinite(after), np.isfinite(strain.after))
    assert (
        np.abs(after[both] - strain.after[both]).max() <= 0.004
    )  # a piece's share of a link is rounded to 1 ms at each end
    assert network.n_links == len(links) and network.n_nodes == nodes
    assert (strain.after >= strain.before - 0.004).all()


def test_a_line_cuts_what_it_crosses():
    town = draw(
        """
        A---B---C
        |       |
        D---E---F
        """,
        300.0,
    )
    ground = ground_of(town, [("A", ["grocery"])])
    lon, lat = town.network.lon, town.network.lat
    a, b = town.node_of["A"], town.node_of["B"]
    middle = (lon[a] + lon[b]) / 2
    cuts = cuts_by_line(town.network, [middle, middle], [lat[a] + 1e-4, lat[a] - 1e-4])
    assert [(link, round(part, 6)) for link, part in cuts] == [(cuts[0][0], 0.5)]
    strain = ground.close(Closing(cuts=cuts))
    assert named(town, strain.lost[:, 0]) == "BC"  # the other way round B is five streets from A and C four, F three
    with pytest.raises(NetworkError, match=r"network\.nothing_cut"):
        cuts_by_line(town.network, [50.0, 51.0], [1.0, 1.0])
    with pytest.raises(NetworkError, match=r"network\.nothing_cut"):
        cuts_by_line(town.network, [50.0], [1.0])


def test_a_named_street():
    network, _ = from_links(3, [(0, 1, 100), (1, 2, 100)])
    network = replace(network, way=np.array([0, 1], np.int32), way_name=np.array(["东街", ""], object))
    assert links_named(network, "东街") == (0,)
    for name in ("西街", ""):
        with pytest.raises(NetworkError, match=r"network\.street_unknown"):
            links_named(network, name)


def test_what_is_not_there_is_told_at_once():
    ground, _ = random_ground(1)
    with pytest.raises(StudyError) as refused:
        ground.close(Closing(outlets=(99,), links=(999,), cuts=((-1, 0.5),)))
    assert [fault.code for fault in refused.value.faults] == ["study.stress_outlet", "study.stress_link"]


def test_a_table_of_needs_is_checked(tmp_path):
    table = tmp_path / "stress.csv"
    table.write_text(
        "need,zh,en,types,minutes,clause,grade,note\nfood,食品,food,,15,,OURS,\nwater,水,water,grocery,x,,OURS,\n"
    )
    with pytest.raises(StudyError) as refused:
        load_needs(table)
    assert len(refused.value.faults[0].rows) == 2
