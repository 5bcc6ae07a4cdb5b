"""Coverage on drawn towns: people are powers of two, so every sum names the homes it covers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from small_town import catalogue, requirement, town
from yike.access.walk import Supply, WalkTimes, prepare, walk_times
from yike.coverage import (
    HourQuestion,
    area_presence,
    compare_presence,
    compare_walkers,
    count_located,
    count_reached,
    coverage_at,
    coverage_by_hour,
    distribution,
    group_residents,
    histogram,
    longest_limit_s,
    measure_coverage,
    measure_presence,
    served,
    walk_limits,
)
from yike.coverage.presence import PresencePart, load_presence
from yike.errors import InputError, StandardError, YikeError, messages
from yike.hours import hour_of_week, open_week
from yike.network.attach import at_nodes
from yike.network.by_hand import from_links
from yike.tables import Outlets, Residents

TOWN = """
id  people community county  store  gym
a        1 X         C           4    9
b        2 X         C          10   16
c        4 Y         C       10.01   15
d        8 Y         C           -    3
e       16 -         C           -    -
"""
RULES = catalogue(requirement("store", 10), requirement("gym", 15, grade="R"), basic="store", quality="gym")


def people_met(frame: pd.DataFrame, area: str, business_type: str) -> float:
    row = frame[(frame["area"] == area) & (frame["business_type"] == business_type)]
    return float(row["people_met"].iloc[0])


def test_exactly_the_limit_is_met_and_a_second_more_is_not() -> None:
    residents, times = town(TOWN)
    coverage = measure_coverage(residents, times, RULES)
    assert coverage.column("store.walk_min").tolist() == [True, True, False, False, False]
    assert coverage.column("gym.walk_min").tolist() == [True, False, True, True, False]


def test_shares_are_of_people_and_the_lost_stay_in_the_denominator() -> None:
    residents, times = town(TOWN)
    frame = measure_coverage(residents, times, RULES).to_frame({"X": "甲社区"})
    assert people_met(frame, "all", "store") == 1 + 2
    assert people_met(frame, "Y", "gym") == 4 + 8
    row = frame[(frame["area"] == "all") & (frame["business_type"] == "store")].iloc[0]
    assert row["people"] == 31 and row["share"] == 3 / 31 and row["points"] == 5
    assert set(frame.loc[frame["area"] == "X", "area_name"]) == {"甲社区"}


def test_people_without_a_community_stand_apart_so_that_parts_sum_to_the_whole() -> None:
    residents, times = town(TOWN)
    frame = measure_coverage(residents, times, RULES).to_frame()
    communities = frame[(frame["level"] == "community") & (frame["business_type"] == "gym")]
    assert communities["area"].tolist() == ["", "X", "Y"]
    assert communities["people"].sum() == 31
    assert communities["people_met"].sum() == people_met(frame, "all", "gym")
    assert set(frame["level"]) == {"all", "county", "community"}, "levels nobody knows are left out"


def test_the_unattached_and_the_unreachable_are_told_apart() -> None:
    residents, times = town(TOWN)
    why = np.array(["", "", "", "", ""], dtype=object)
    whole = measure_coverage(residents, times, RULES, why=why).unreached()
    assert whole[["level", "why", "people"]].values.tolist() == [
        ["all", "no_way", 16.0],
        ["county", "no_way", 16.0],
        ["community", "no_way", 16.0],
    ]
    why[4] = "far"
    assert measure_coverage(residents, times, RULES, why=why).unreached()["why"].unique().tolist() == ["far"]


def test_defaults_are_flagged() -> None:
    residents, times = town(TOWN)
    frame = measure_coverage(residents, times, RULES).to_frame()
    assert frame.groupby("business_type")["default_only"].first().to_dict() == {"gym": True, "store": False}


def test_metres_are_walked_at_the_walkers_own_pace() -> None:
    rules = catalogue(requirement("store", 500, "walk_m"), basic="store")
    residents, times = town("id people store\na 1 10\nb 2 10.1\n")
    assert measure_coverage(residents, times, rules, m_per_min=50).met[:, 0].tolist() == [True, False]
    assert measure_coverage(residents, times, rules, m_per_min=80).met[:, 0].tolist() == [False, False]
    assert longest_limit_s(walk_limits(rules, 50)) == 600


def test_circles_by_mask_and_by_codes() -> None:
    residents, times = town(TOWN)
    circles = {"ring": np.array([True, False, True, False, False]), "west": ["X", "Y"]}
    frame = measure_coverage(residents, times, RULES, circles=circles).to_frame()
    assert people_met(frame, "ring", "gym") == 1 + 4
    assert people_met(frame, "west", "gym") == 1 + 4 + 8


def test_homes_are_matched_by_id_in_any_order() -> None:
    residents, times = town(TOWN)
    mixed = WalkTimes(times.ids[::-1], times.types, times.seconds[::-1], times.limit_s, times.walker)
    assert (measure_coverage(residents, mixed, RULES).met == measure_coverage(residents, times, RULES).met).all()


def test_a_type_asked_twice_is_served_when_both_are_met_and_defaults_step_back() -> None:
    residents, times = town("id people store\na 1 4\nb 2 8\n")
    both = catalogue(requirement("store", 10), requirement("store", 300, "walk_m"), basic="store")
    assert served(measure_coverage(residents, times, both, m_per_min=60)).met[:, 0].tolist() == [True, False]
    weak = catalogue(requirement("store", 10), requirement("store", 300, "walk_m", grade="R"), basic="store")
    judged = served(measure_coverage(residents, times, weak, m_per_min=60))
    assert judged.met[:, 0].tolist() == [True, True] and judged.strictest(0).requirement.measure == "walk_min"


PARTS = (
    PresencePart("ten_fifteen", "basic", "all", 10, "T5", "D"),
    PresencePart("ten_fifteen", "quality", "gate", 15, "T6", "D/B"),
)
CITY = """
id people community  s1  s2  q1  q2  q3
a       1 X          10  10  15  15   -
b       2 X          10  11  15  15  15
c       4 Y           1   1   1  16  16
d       8 Y           1   1   1   1   1
"""
GATED = catalogue(
    *(requirement(code, 15) for code in ("s1", "s2", "q1", "q2", "q3")),
    basic="s1 s2 van",
    quality="q1 q2 q3",
    gates=(("basic", 1), ("quality", 2)),
)


def test_ten_and_fifteen_is_one_number() -> None:
    residents, times = town(CITY)
    presence = measure_presence(measure_coverage(residents, times, GATED))
    frame = presence.to_frame().set_index(["area", "part"])
    assert frame.loc[("all", "both"), "people_met"] == 1 + 8
    assert frame.loc[("all", "basic"), "people_met"] == 1 + 4 + 8
    assert frame.loc[("all", "quality"), "people_met"] == 1 + 2 + 8
    assert frame.loc[("all", "basic"), ["at_least", "of"]].tolist() == [2, 2], (
        "a van that is not walked to is not asked"
    )
    assert frame.loc[("all", "quality"), ["at_least", "of"]].tolist() == [2, 3]
    assert frame.loc[("X", "both"), "share"] == 1 / 3
    failing = presence.homes()
    assert failing[["id", "basic_missing", "quality_missing"]].values.tolist() == [["b", "s2", ""], ["c", "", "q2|q3"]]


def test_the_rules_of_the_repository_ask_for_ten_and_fifteen() -> None:
    residents, times = town(CITY)
    presence = measure_presence(measure_coverage(residents, times, GATED), "gate")
    assert presence.at_least == (1, 2)
    assert [part.minutes for part in load_presence("gate")] == [10, 15]


def test_presence_of_an_area_by_reach_and_by_location() -> None:
    residents, times = town(CITY)
    presence = measure_presence(measure_coverage(residents, times, GATED), PARTS)
    shops = Outlets(pd.DataFrame({"id": ["o", "p"], "types": [("s1", "van"), ("q1",)], "lon": 0.0, "lat": 0.0}))
    counts = count_located(shops, pd.DataFrame({"community": ["X", "Y"]}))
    frame = area_presence(presence, counts).set_index(["area", "part", "how"])
    assert frame.loc[("X", "basic", "reached"), ["types_present", "of", "passed"]].tolist() == [2, 2, True]
    assert frame.loc[("X", "quality", "reached"), "types_present"] == 3
    assert frame.loc[("X", "basic", "located"), ["types_present", "of", "missing"]].tolist() == [2, 3, "s2"]
    assert frame.loc[("Y", "quality", "located"), ["types_present", "passed"]].tolist() == [1, False]


def test_outlets_of_a_circle_by_mask_and_by_codes() -> None:
    where = pd.DataFrame({"community": ["X", "X", "Y", "Y"], "county": "C"})
    circles = {"ring": np.array([True, False, True, True]), "west": ["X"], "all of it": ["C"]}
    counts = count_located(SHOPS, where, circles)
    names = ("ring", "west", "all of it")
    assert counts.table(("circle",) * 3, names, ("breakfast",)).ravel().tolist() == [2, 2, 3], (
        "a closed one never counts"
    )


def test_nobody_at_home_makes_nothing_present() -> None:
    residents, times = town("id people community s1 q1\na 0 X 1 1\nb 1 Y 20 20\n")
    rules = catalogue(requirement("s1", 15), requirement("q1", 15), basic="s1", quality="q1", gates=(("quality", 1),))
    frame = area_presence(measure_presence(measure_coverage(residents, times, rules)))
    assert frame.loc[frame["area"] == "X", "types_present"].tolist() == [0, 0]


def test_elder_penalty_counts_people() -> None:
    residents, adult = town("id people community store\na 1 X 5\nb 2 X 9\nc 4 X 12\n")
    elder = replace(adult, seconds=adult.seconds * np.float32(1.25), walker="elder")
    rules = catalogue(requirement("store", 10), basic="store")
    first, second = (measure_coverage(residents, each, rules) for each in (adult, elder))
    row = compare_walkers(first, second).iloc[0]
    assert row[["people_both", "people_only_first", "people_only_second", "people_neither"]].tolist() == [1, 2, 0, 4]
    assert (row["first"], row["second"], row["share_only_first"]) == ("adult", "elder", 2 / 7)


def test_ten_and_fifteen_for_two_walkers() -> None:
    residents, adult = town(CITY)
    elder = replace(adult, seconds=adult.seconds * np.float32(1.25), walker="elder")
    first, second = (measure_presence(measure_coverage(residents, each, GATED), PARTS) for each in (adult, elder))
    assert compare_presence(first, second)["people_only_first"].iloc[0] == 1


def test_different_things_are_not_compared() -> None:
    residents, times = town(TOWN)
    other = catalogue(requirement("store", 5), basic="store")
    with pytest.raises(InputError, match=r"coverage\.not_comparable"):
        compare_walkers(measure_coverage(residents, times, RULES), measure_coverage(residents, times, other))


def test_distribution_by_hand() -> None:
    residents, times = town("id people store\na 1 0\nb 1 10\nc 8 5\n", limit_min=15)
    row = distribution(measure_coverage(residents, times, catalogue(basic="store"))).iloc[0]
    assert row[["people", "people_reached", "mean_min", "median_min"]].tolist() == [10, 10, 5, 5]
    assert (row["worst_tenth_from_min"], row["worst_tenth_mean_min"]) == (5, 10)
    assert row["gini"] == pytest.approx(1 - (8 * 40 + 1 * 90) / (10 * 50))


def test_distribution_counts_the_unreached_at_the_limit_and_tells_it() -> None:
    residents, times = town("id people store\na 5 5\nb 5 -\n", limit_min=15)
    row = distribution(measure_coverage(residents, times, catalogue(basic="store"))).iloc[0]
    assert (row["people_reached"], row["mean_min"], row["median_min"]) == (5, 5, 5)
    assert np.isnan(row["worst_tenth_from_min"]) and row["worst_tenth_mean_min"] == 15


def test_histogram_bands_sum_to_the_people() -> None:
    residents, times = town(TOWN)
    frame = histogram(measure_coverage(residents, times, RULES), (0, 4, 10, 15))
    bands = frame[(frame["area"] == "all") & (frame["business_type"] == "store")]
    assert bands["people"].tolist() == [1, 2, 4, 8 + 16]
    with pytest.raises(InputError, match=r"coverage\.edges"):
        histogram(measure_coverage(residents, times, RULES), (0, 10, 5))


SHOPS = Outlets(
    pd.DataFrame(
        {
            "id": ["early", "late", "who", "shut"],
            "types": [("breakfast",), ("breakfast",), ("breakfast",), ("breakfast",)],
            "lon": 0.0,
            "lat": 0.0,
            "hours": ["06:00-10:00", "08:00-10:00", "", "24/7"],
            "state": ["open", "open", "open", "closed"],
        }
    )
)
MINUTES = np.array([[5, 1, 20, 1], [20, 5, 20, 1], [20, 20, 5, 1], [20, 20, 20, 1]])  #: home × shop


class Walks:
    """Walk times to a part of the shops, counting how often they are asked for."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, mask: np.ndarray) -> WalkTimes:
        self.runs += 1
        nearest = np.where(mask, MINUTES, np.inf).min(axis=1) * 60
        ids = np.array(["a", "b", "c", "d"], dtype=object)
        return WalkTimes(ids, ("breakfast",), nearest[:, None].astype(np.float32), 1800.0, "adult")


def question(walks: Walks, *, unknown_open: bool = False) -> HourQuestion:
    homes = Residents(pd.DataFrame({"id": list("abcd"), "lon": 0.0, "lat": 0.0, "people": [1, 2, 4, 8]}))
    week = open_week(SHOPS.frame["hours"].tolist()).value
    rules = catalogue(requirement("breakfast", 10), basic="breakfast")
    return HourQuestion(homes, SHOPS, week.with_unknown_open() if unknown_open else week, walks, rules)


def test_who_has_breakfast_at_seven() -> None:
    walks = Walks()
    sure, maybe = coverage_at(question(walks), hour_of_week("Mo", 7))
    assert sure.met[:, 0].tolist() == [True, False, False, False], "a closed shop never counts"
    assert maybe.met[:, 0].tolist() == [True, False, True, False], "an unknown one is told apart"


def test_a_week_costs_one_run_per_set_of_open_outlets() -> None:
    walks = Walks()
    frame = coverage_by_hour(question(walks)).to_frame()
    assert walks.runs == 6, "none, early, early+late, each with and without the unknown one"
    at = frame.set_index("clock")
    assert at.loc["Tu 07:00", ["people_met", "people_unknown"]].tolist() == [1, 4]
    assert at.loc["Tu 08:00", ["people_met", "people_unknown"]].tolist() == [1 + 2, 4]
    assert at.loc["Tu 12:00", ["people_met", "people_unknown"]].tolist() == [0, 4]
    assert len(frame) == 168 and set(frame["unknown_as"]) == {"apart"}


def test_counting_unknown_hours_as_open_is_a_recorded_choice() -> None:
    frame = coverage_by_hour(question(Walks(), unknown_open=True), [7]).to_frame()
    assert frame[["people_met", "people_unknown", "unknown_as"]].values.tolist() == [[1 + 4, 0, "open"]]


def test_outlets_reached_are_counted_once_per_area_and_on_both_sides_of_a_border() -> None:
    residents, times = town("id people community store\na 1 X 5\nb 2 X 5\nc 4 Y 5\n")
    coverage = measure_coverage(residents, times, catalogue(requirement("store", 10), basic="store"))
    shops = Outlets(pd.DataFrame({"id": ["o", "p"], "types": [("store",), ("store",)], "lon": 0.0, "lat": 0.0}))
    pairs = pd.DataFrame({"id": list("abcc"), "outlet": list("ooop"), "seconds": [60, 60, 600, 600.5]})
    counts = count_reached(coverage, shops, pairs)
    assert counts.table(("community", "community", "all"), ("X", "Y", "all"), ("store",)).ravel().tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("code", "act"),
    [
        (
            "coverage.pace_missing",
            lambda r, t: measure_coverage(r, t, catalogue(requirement("gym", 500, "walk_m"), quality="gym")),
        ),
        (
            "coverage.limit_too_long",
            lambda r, t: measure_coverage(r, t, catalogue(requirement("gym", 31), quality="gym")),
        ),
        (
            "coverage.type_not_walked",
            lambda r, t: measure_coverage(r, t, catalogue(requirement("bar", 5), quality="bar")),
        ),
        ("coverage.resident_missing", lambda r, t: measure_coverage(r, replace(t, ids=np.array(list("abcdx"))), RULES)),
        ("coverage.resident_twice", lambda r, t: measure_coverage(r, replace(t, ids=np.array(list("abcdd"))), RULES)),
        ("coverage.circle_length", lambda r, t: group_residents(r, {"ring": np.array([True])})),
        ("coverage.circle_area_unknown", lambda r, t: group_residents(r, {"ring": ["Z", "X"]})),
        ("coverage.gate_missing", lambda r, t: measure_presence(measure_coverage(r, t, RULES))),
        ("coverage.category_empty", lambda r, t: measure_presence(measure_coverage(r, t, catalogue()))),
        ("coverage.rule_unknown", lambda r, t: load_presence("nine_to_five")),
        ("coverage.areas_length", lambda r, t: count_located(SHOPS, pd.DataFrame({"community": ["X"]}))),
    ],
)
def test_faults_have_codes_and_words_in_both_languages(code: str, act: object) -> None:
    with pytest.raises(YikeError) as raised:
        act(*town(TOWN))  # type: ignore[operator]
    fault = raised.value.faults[0]
    assert fault.code == code and code in messages()
    assert "{" not in fault.text("en") + fault.text("zh")


def test_all_absent_types_are_told_at_once() -> None:
    residents, times = town(TOWN)
    rules = catalogue(requirement("bar", 5), requirement("zoo", 5), quality="bar zoo")
    with pytest.raises(StandardError) as raised:
        measure_coverage(residents, times, rules)
    assert [row[1] for row in raised.value.faults[0].rows] == ["bar", "zoo"]


minutes = st.one_of(st.just(np.inf), st.floats(0, 25, width=32))
homes_of_a_town = st.lists(
    st.tuples(st.integers(0, 1000), st.sampled_from(["X", "Y", ""]), minutes, minutes), min_size=1, max_size=12
)


def drawn(rows: list[tuple[int, str, float, float]]) -> tuple[Residents, WalkTimes]:
    people, community, first, second = zip(*rows, strict=True)
    ids = [f"h{i:02d}" for i in range(len(rows))]
    frame = pd.DataFrame({"id": ids, "lon": 0.0, "lat": 0.0, "people": people, "community": community})
    seconds = np.array([first, second], dtype=np.float32).T * np.float32(60)
    return Residents(frame), WalkTimes(np.array(ids, dtype=object), ("store", "gym"), seconds, 1800.0, "adult")


@given(homes_of_a_town, st.data())
@settings(max_examples=40, deadline=None)
def test_another_outlet_never_lowers_a_share(rows: list[tuple[int, str, float, float]], data: st.DataObject) -> None:
    residents, times = drawn(rows)
    another = np.array(data.draw(st.lists(minutes, min_size=len(rows), max_size=len(rows))), dtype=np.float32) * 60
    nearer = replace(times, seconds=np.minimum(times.seconds, another[:, None].astype(np.float32)))
    before, after = (measure_coverage(residents, each, RULES).to_frame() for each in (times, nearer))
    assert (after["people_met"] >= before["people_met"]).all()


@given(homes_of_a_town, st.floats(0, 20), st.floats(0, 10))
@settings(max_examples=40, deadline=None)
def test_a_longer_limit_never_covers_fewer(
    rows: list[tuple[int, str, float, float]], limit: float, more: float
) -> None:
    residents, times = drawn(rows)
    short, long = (
        measure_coverage(residents, times, catalogue(requirement("store", value), basic="store")).to_frame()
        for value in (limit, limit + more)
    )
    assert (long["people_met"] >= short["people_met"]).all()


@given(homes_of_a_town, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_row_order_never_matters(rows: list[tuple[int, str, float, float]], random: object) -> None:
    residents, times = drawn(rows)
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    mixed = Residents(residents.frame.iloc[order].assign(people=lambda f: f["people"] / 3))
    plain = Residents(residents.frame.assign(people=lambda f: f["people"] / 3))
    first, second = (measure_coverage(each, times, RULES) for each in (plain, mixed))
    pd.testing.assert_frame_equal(first.to_frame(), second.to_frame(), check_exact=True)
    pd.testing.assert_frame_equal(distribution(first), distribution(second), check_exact=True)


@given(homes_of_a_town)
@settings(max_examples=40, deadline=None)
def test_parts_sum_to_the_whole(rows: list[tuple[int, str, float, float]]) -> None:
    residents, times = drawn(rows)
    frame = measure_coverage(residents, times, RULES).to_frame()
    whole = frame[frame["level"] == "all"].set_index("requirement")[["people", "people_met"]]
    parts = frame[frame["level"] == "community"].groupby("requirement")[["people", "people_met"]].sum()
    if len(parts):
        pd.testing.assert_frame_equal(parts.sort_index(), whole.sort_index(), check_names=False)


@given(homes_of_a_town)
@settings(max_examples=40, deadline=None)
def test_gini_is_the_textbook_sum_over_pairs(rows: list[tuple[int, str, float, float]]) -> None:
    residents, times = drawn(rows)
    row = distribution(measure_coverage(residents, times, RULES), ["store"]).iloc[0]
    w, t = residents.people, np.minimum(times.seconds[:, 0].astype(float) / 60, 30.0)
    mean = (w * t).sum() / w.sum() if w.sum() else 0.0
    if mean > 1e-9:
        pairs = (w[:, None] * w * np.abs(t[:, None] - t)).sum() / (2 * w.sum() ** 2 * mean)
        assert row["gini"] == pytest.approx(pairs, abs=1e-9)


def test_breakfast_at_seven_walked_on_a_real_network() -> None:
    """Homes at crossings 0–3 of one street, 8 minutes apart; the canteen (1) opens at six, the bakery (3) at eight."""
    network, walking = from_links(4, [(0, 1, 480), (1, 2, 480), (2, 3, 480)])
    routes, homes_at, shops_at = prepare(network, walking), at_nodes(network, [0, 1, 2, 3]), at_nodes(network, [1, 3])
    shops = Outlets(
        pd.DataFrame({"id": ["canteen", "bakery"], "types": [("breakfast",)] * 2, "lon": 0.0, "lat": 0.0}).assign(
            hours=["06:00-10:00", "每天8点至20点"]
        )
    )
    homes = Residents(pd.DataFrame({"id": list("abcd"), "lon": 0.0, "lat": 0.0, "people": [1, 2, 4, 8]}))

    def walks(mask: np.ndarray) -> WalkTimes:
        supply = Supply.of(shops_at, shops.frame["types"].tolist(), ["breakfast"], counted=mask)
        return walk_times(routes, homes_at, supply, ids=homes.frame["id"].tolist())

    rules = catalogue(requirement("breakfast", 10), basic="breakfast")
    week = open_week(shops.frame["hours"].tolist()).value
    frame = coverage_by_hour(HourQuestion(homes, shops, week, walks, rules)).to_frame(["all"]).set_index("clock")
    assert frame.loc[["Mo 05:00", "Mo 07:00", "Mo 09:00", "Mo 12:00"], "people_met"].tolist() == [0, 7, 15, 12]
