"""Trying on the small demonstration city: figures equal a recomputation, the register is followed and never disturbed."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest

from web.cast import person
from web.second_opinion import Town, question_of, random_change
from yike.web.outlets import actions
from yike.web.outlets.deeds import deed_on
from yike.web.outlets.models import Outlet
from yike.web.scenarios.asked import ScenarioError, kept_changes, read_changes
from yike.web.scenarios.living import table_of
from yike.web.scenarios.measuring import measured
from yike.web.scenarios.trying import Question, homes_in, try_out, worst_communities, worst_homes
from yike.web.studies.figures import watched

pytestmark = pytest.mark.django_db


def tried(city, changes, **more):
    return try_out(Question(city, city.root, changes=changes, **more))


def seconds(question, types):
    found = question.after.trial(question.moves).scenario
    return np.stack([found.seconds(code) for code in types], axis=1)


def test_mixes_of_all_kinds_equal_a_recomputation(demo_city):
    for who in ("adult", "elder"):
        mixes_equal(demo_city, who)


def mixes_equal(demo_city, who):
    table, town, chance = table_of(demo_city), Town(demo_city, who), random.Random(7)
    rows, kinds = table.rows_in("city", ""), set()
    for _ in range(3):
        near, scenario = chance.randrange(len(table.people)), []
        while len(scenario) < 5:
            change = random_change(table, town, chance, near)
            try:
                question = question_of(table, who, [*scenario, change])
            except ScenarioError:
                continue
            scenario.append(change)
            kinds.add(change.get("kind", change["verb"]))
            truth, told = town.seconds(scenario, question), measured(table, question, rows)
            np.testing.assert_array_equal(seconds(question, town.types), truth)
            for each in told["types"]:
                limit = np.float32(round(each["limit_after_min"] * 60_000)) / np.float32(1000)
                met = town.people[truth[:, town.types.index(each["code"])] <= limit].sum()
                assert each["met_after"] == pytest.approx(met, abs=0.06)
                assert each["met_before"] + each["gained"] - each["lost"] == pytest.approx(met, abs=0.3)
    assert len(kinds) >= 4


def figures_add_up(demo_city):
    table = table_of(demo_city)
    home = worst_homes(table, "", demo_city.root)[0]
    kinds = [each.code for each in table.engine.catalogue.types if each.walked][:6]
    told = tried(demo_city, [{"verb": "add", "types": kinds, "lon": home["lon"], "lat": home["lat"]}], kind=kinds[0])
    total = told["total"]
    assert total["people_types_gained"] == pytest.approx(sum(each["gained"] for each in told["types"]), abs=1)
    assert total["people_types_gained"] > 0
    assert total["minutes_saved"] == pytest.approx(sum(each["minutes_saved"] for each in told["types"]), abs=1)
    assert total["people_gaining"] <= total["people_types_gained"]
    assert total["people_types_lost"] == 0 == total["people_types_longer"]
    assert sum(each["people_types"] for each in told["bands"]) + total["people_types_reached"] > 0
    assert told["areas"][0]["gained"] <= total["people_types_gained"] + 0.1
    assert told["ten_fifteen"]["after"] >= told["ten_fifteen"]["before"]
    shown = told["homes"]
    assert len(shown["row"]) == len(shown["before"]) == len(shown["after"]) > 0
    assert all(
        after is not None and (before is None or after < before)
        for before, after in zip(shown["before"], shown["after"], strict=True)
    )
    assert told["changes"][0]["row"] == 1 and told["changes"][0]["people_types"] > 0
    assert told["study"] == table.engine.digest and told["made_up"]


def ten_fifteen_equals_the_watch(demo_city):
    living = table_of(demo_city).living("")
    counts, passed = living.near(living.scenario)
    np.testing.assert_array_equal(passed, living.watch.ten_fifteen())
    key = next(iter(living.watch.number))
    question = question_of(table_of(demo_city), "", [{"verb": "close", "outlet": key}])
    trial = living.trial(question.moves).scenario
    after_counts, after = living.near(trial)
    assert (after_counts <= counts).all() and (after <= passed).all()
    whole = sum(np.stack([trial.times(k) <= ms for k in numbers]).sum(axis=0) for numbers, ms, _ in living.parts)
    np.testing.assert_array_equal(after_counts.sum(axis=0), whole)


def switched_off_changes_do_nothing_and_order_does_not_matter(demo_city):
    table = table_of(demo_city)
    homes = worst_homes(table, "", demo_city.root)
    add = {"verb": "add", "types": ["repair"], "lon": homes[0]["lon"], "lat": homes[0]["lat"]}
    close = {"verb": "close", "outlet": next(iter(table.living("").watch.number))}
    off = tried(demo_city, [{**add, "on": False}, {**close, "on": False}])
    assert off["types"] == [] and off["total"]["people_types_gained"] == 0
    one, other = tried(demo_city, [add, close]), tried(demo_city, [close, add])
    assert one["types"] == other["types"] and one["total"] == other["total"] and one["areas"] == other["areas"]
    assert tried(demo_city, [add, {**close, "on": False}])["types"] == tried(demo_city, [add])["types"]


def a_threshold_and_a_walker_change_the_question_not_the_ground(demo_city):
    table = table_of(demo_city)
    living = table.living("")
    code = next(
        c for k, c in enumerate(living.scenario.base.supply.types) if (living.scenario.times(k) <= 600_000).sum() > 3
    )
    k = living.scenario.base.supply.types.index(code)
    told = tried(demo_city, [{"verb": "limit", "business_type": code, "minutes": 2}])
    [row] = told["types"]
    assert row["code"] == code and row["limit_after_min"] == 2 and row["lost"] > 0 == row["gained"]
    assert row["met_after"] == pytest.approx(table.people[living.scenario.times(k) <= 120_000].sum(), abs=0.06)
    assert told["total"]["minutes_saved"] == 0
    walker = tried(demo_city, [{"verb": "walker", "who": "elder"}])
    elder = table.living("elder").scenario
    assert walker["who"] == "adult" and walker["who_after"] == "elder" and walker["total"]["people_types_longer"] > 0
    for each in walker["types"]:
        n = elder.base.supply.types.index(each["code"])
        met = table.people[elder.times(n) <= elder.base.limit_ms[n]].sum()
        assert each["met_after"] == pytest.approx(met, abs=0.06)


def test_scenarios_start_from_the_register_as_it_is_and_leave_its_figures_alone(demo_city):
    planner = person("city_planner", demo_city.root)
    table, now = table_of(demo_city), watched(demo_city)
    outlet = Outlet.objects.filter(city=demo_city, state="open", functions__code="repair").first()
    change = [{"verb": "close", "outlet": outlet.key}]
    before = {who: [watch.scenario.times(k).copy() for k in range(9)] for who, watch in now.walkers.items()}
    closing = tried(demo_city, change)
    for who, watch in now.walkers.items():
        for k, times in enumerate(before[who]):
            np.testing.assert_array_equal(watch.scenario.times(k), times)
    actions.pause(deed_on(planner, outlet), "演示")
    table.engine.stock(fresh=True)
    with pytest.raises(ScenarioError, match=r"scenarios\.outlet_unknown"):
        tried(demo_city, change)
    table.walkers["adult"].watch.follow(table.engine.stock(fresh=True))
    nothing = tried(demo_city, [])
    assert nothing["types"] == []
    actions.reopen(deed_on(planner, Outlet.objects.get(pk=outlet.pk)))
    table.engine.stock(fresh=True)
    assert tried(demo_city, change)["types"] == closing["types"]


def faults_are_told_at_once(demo_city):
    with pytest.raises(ScenarioError) as found:
        read_changes(
            [
                {"verb": "add"},
                {"verb": "close", "outlet": 5},
                "x",
                {"verb": "limit", "business_type": "repair", "minutes": -1},
            ]
        )
    assert [number for number, _ in found.value.faults[0].rows] == [1, 2, 3, 4]
    far = {"lon": demo_city.west - 1, "lat": demo_city.south - 1}
    changes = [
        {"verb": "add", "types": ["no_such"], **far},
        {"verb": "close", "outlet": "no such"},
        {"verb": "gate", "kind": "door", **far},
        {"verb": "limit", "business_type": "repair", "minutes": 99},
        {"verb": "walker", "who": "ghost"},
    ]
    with pytest.raises(ScenarioError) as found:
        tried(demo_city, changes)
    assert {each.code for each in found.value.faults} == {
        f"scenarios.{name}"
        for name in ("type_unknown", "place_off", "outlet_unknown", "no_gate", "limit_bad", "walker_unknown")
    }
    with pytest.raises(ScenarioError, match=r"scenarios\.too_many"):
        read_changes([{"verb": "close", "outlet": "a"}] * 41)


def a_path_is_walked_at_the_walkers_pace_and_waits_at_crossings(demo_city):
    table = table_of(demo_city)
    network = table.living("").streets.ground.network
    roads = np.flatnonzero((network.length_m > 20) & (table.living("").streets.kinds == "road_minor"))
    link = next(e for e in roads if (network.part[network.u[e]] == 0) and not network.private[e])
    u, v = network.u[link], network.v[link]
    points = [[float(network.lon[n]), float(network.lat[n])] for n in (u, v)]
    notes = {}
    for crossing in ("bridge", "unmarked", "signals"):
        for who in ("adult", "elder"):
            question = question_of(table, who, [{"verb": "link", "points": points, "crossing": crossing}])
            notes[crossing, who] = question.notes[1]
    assert (
        notes["bridge", "adult"]["wait_s"]
        == 0
        < notes["unmarked", "adult"]["wait_s"]
        < notes["signals", "adult"]["wait_s"]
    )
    assert notes["signals", "elder"]["wait_s"] > notes["signals", "adult"]["wait_s"]
    pace = table.living("elder").streets.ground.walking.m_per_min
    assert notes["bridge", "elder"]["seconds"] == pytest.approx(
        notes["bridge", "elder"]["metres"] / pace * 60, rel=0.05
    )


def the_dial_of_a_point_is_that_of_its_home(demo_city):
    table = table_of(demo_city)
    row = int(np.argmax(table.people))
    point = (float(table.lon[row]), float(table.lat[row]))
    told = tried(demo_city, [{"verb": "add", "types": ["repair"], "lon": point[0], "lat": point[1]}], point=point)
    dial, scenario = told["dial"], table.living("").scenario
    for each in dial["types"]:
        ms = scenario.times(scenario.base.supply.types.index(each["code"]))[row]
        assert each["before"] == (round(ms / 60_000, 1) if ms < 1 << 29 else None)
    repair = next(each for each in dial["types"] if each["code"] == "repair")
    assert repair["after"] is not None and (repair["before"] is None or repair["after"] <= repair["before"])
    assert (
        dial["before"].startswith("<svg") and "style=" not in dial["before"] and dial["met_after"] >= dial["met_before"]
    )


def homes_of_a_box_are_those_in_it(demo_city):
    table = table_of(demo_city)
    found = homes_in(table, "", "repair", (demo_city.west, demo_city.south, demo_city.lon, demo_city.north))
    inside = (table.lon >= demo_city.west) & (table.lon <= demo_city.lon) & (table.lat <= demo_city.north)
    assert found["of"] == int(inside.sum()) == len(found["row"]) and max(found["lon"]) <= demo_city.lon
    assert homes_in(table, "", "repair", (0, 0, 1, 1))["row"] == []


def worst_communities_lack_most(demo_city):
    table, root = table_of(demo_city), demo_city.root
    found = worst_communities(table, "", root)
    lacks = [each["lacking"] for each in found]
    assert lacks == sorted(lacks, reverse=True) and lacks[0] > 0
    homes = worst_homes(table, "", demo_city.areas.get(code=found[0]["code"]))
    assert homes and all(a["lacking"] >= b["lacking"] for a, b in pairwise(homes))


def a_gesture_costs_its_own_change_only(demo_city):
    """What keeps a gesture below its 200 ms, without a clock: nothing before it is tried again, nothing unchanged is told."""
    table = table_of(demo_city)
    living = table.living("")
    keys, asked = list(living.watch.number)[:4], []
    plain = living._after

    def counted(trial, move):
        asked.append(move.key)
        return plain(trial, move)

    living._after = counted
    changes = [{"verb": "close", "outlet": key} for key in keys]
    for n in range(1, 5):
        told = tried(demo_city, changes[:n])
        assert len(asked) == n
        assert {each["code"] for each in told["types"]} <= {
            code for done in range(n) for code in types_of(living, keys[done])
        }
    tried(demo_city, changes[:2])
    assert len(asked) == 4, "going back asks nothing"
    tried(demo_city, [*changes[:2], {**changes[2], "on": False}, changes[3]])
    assert len(asked) == 5, "the beginning that is the same is kept"
    scenario = living.trial(question_of(table, "", changes).moves).scenario
    shared = [k for k in range(len(scenario.base.supply.types)) if scenario.times(k) is living.scenario.times(k)]
    assert len(shared) >= len(scenario.base.supply.types) // 2, "types that no change touches are not copied"
    del living._after


def types_of(living, key):
    stock = living.watch.stock
    return stock.types[stock.row[key]]


READING = (
    a_gesture_costs_its_own_change_only,
    figures_add_up,
    ten_fifteen_equals_the_watch,
    switched_off_changes_do_nothing_and_order_does_not_matter,
    a_threshold_and_a_walker_change_the_question_not_the_ground,
    a_path_is_walked_at_the_walkers_pace_and_waits_at_crossings,
    the_dial_of_a_point_is_that_of_its_home,
    homes_of_a_box_are_those_in_it,
    worst_communities_lack_most,
    faults_are_told_at_once,
)


def test_what_is_read_of_a_city(demo_city):
    """One city for all that only reads: loading it is most of the time."""
    for each in READING:
        each(demo_city)


def test_only_what_is_known_of_a_change_is_kept():
    kept = kept_changes([{"verb": "close", "outlet": "n1", "label": "店\x00", "evil": {"a": 1}}])
    assert kept == [{"verb": "close", "outlet": "n1", "label": "店", "on": True}]
