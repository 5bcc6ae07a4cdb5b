"""The plan of the full city, without writing it: the tree's own figures, the total, the grid of every town."""

from __future__ import annotations

import numpy as np
import pytest

from yike.demo.circles import write_circles
from yike.demo.facts import City, load_city, rows
from yike.demo.plan import RURAL, Plan, plan_city, shares_of
from yike.errors import StudyError


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


@pytest.fixture(scope="module")
def full(city: City) -> Plan:
    return plan_city(city, "full", 1)


def test_the_tree_is_the_real_one(city: City):
    tree = city.tree
    assert len(tree) == tree["code"].nunique() == 1729
    assert tree["street_code"].nunique() == 77 and tree["county_code"].nunique() == 6
    assert tree["committee"].sum() == 181
    assert (tree["code"].str.len() == 12).all() and tree["code"].str.startswith("1405").all()
    assert (tree["code"].str[:9] == tree["street_code"]).all()


def test_a_source_is_named_for_the_tree():
    from importlib import resources

    text = resources.files("yike.demo").joinpath("jincheng", "source.toml").read_text(encoding="utf-8")
    assert "china-division 2.7.0" in text and "2023-06-30" in text


def test_people_sum_to_the_size_whatever_the_seed(city: City):
    for seed in (1, 2, 77):
        assert plan_city(city, "full", seed).people == 2_190_000


def test_everybody_lives_somewhere(full: Plan):
    people = full.communities["people"]
    assert people.min() >= 60
    urban = people[full.urban].sum() / people.sum()
    assert 0.5 < urban < 0.65


def test_committees_live_in_grids_with_room_for_them(full: Plan):
    communities = full.communities
    assert (communities["settlement"][communities["committee"]] != RURAL).all()
    assert (communities["blocks"][full.urban] >= 2).all() and (communities["blocks"][~full.urban] == 0).all()
    assert communities["settlement"].max() + 1 == len(full.settlements)
    assert set(np.concatenate(full.settlements["towns"].tolist())) == set(communities["street_code"])


def test_levels_spread_around_one(full: Plan):
    urban = full.communities[full.urban]
    assert np.average(urban["level"], weights=urban["people"]) == pytest.approx(1.0)
    assert urban["level"].quantile(0.1) < 0.65 and urban["level"].quantile(0.9) > 1.35


def test_a_size_that_is_none_is_refused_with_those_there_are(city: City):
    with pytest.raises(StudyError, match=r"demo\.size_unknown.*\n.*full, small"):
        plan_city(city, "huge", 1)


def test_shares_keep_the_total():
    weight = np.random.default_rng(3).random(50)
    found = shares_of(1234, weight)
    assert found.sum() == 1234 and np.abs(found - weight / weight.sum() * 1234).max() < 1


def test_every_word_of_a_trade_is_known_to_the_crosswalk():
    from yike.standards.crosswalk import load_crosswalk

    walk = load_crosswalk("words")
    for table in ("trades", "more_trades"):
        for row in rows(table):
            for word in row["words"].split("|"):
                assert walk.types_of(word) == (row["type"],), word
            for more in filter(None, row.get("also", "").split("|")):
                assert walk.types_of(more.split(":")[0]), more


def test_every_walked_type_has_a_trade():
    from yike.standards.packs import load_types

    told = {row["type"] for table in ("trades", "more_trades") for row in rows(table)}
    assert {each.code for each in load_types()} - told == {"mother_baby_room"}


def test_two_of_three_outlets_of_the_full_city_are_basic(full: Plan):
    from yike.standards.packs import load_types

    category = {each.code: each.category for each in load_types()}
    towns, villages = full.communities["people"][full.urban].sum() / 1e4, int((~full.urban).sum())
    wanted = {"basic": 0.0, "quality": 0.0}
    for table in ("trades", "more_trades"):
        for row in rows(table):
            wanted[category[row["type"]]] += float(row["per_10k"]) * towns + float(row.get("village") or 0) * villages
    assert wanted["basic"] / sum(wanted.values()) == pytest.approx(0.65, abs=0.02)
    assert 17_000 < sum(wanted.values()) < 21_000


def test_circles_hold_every_urban_community_once(full: Plan):
    circles = write_circles(full)
    members = " ".join(circles["members"]).split()
    assert sorted(members) == sorted(full.communities["code"][full.urban])
    assert len(circles) >= 50 and circles["people"].sum() == full.communities["people"][full.urban].sum()
    assert circles["kind"].value_counts(normalize=True).min() > 0.1 and circles["kind"].nunique() == 3


def test_hours_can_all_be_read():
    from yike.hours.week import week_of

    texts = [row["text"] for row in rows("hours")]
    assert [text for text in texts if text and week_of(text) is None] == []
    assert "" in texts and any("休息" in text for text in texts) and "全天" in texts
