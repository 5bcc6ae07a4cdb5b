"""Gaps on drawn towns: which state, by which rule, for how many people, in which order."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from small_town import catalogue, requirement, town
from yike.coverage import OutletCounts, measure_coverage
from yike.errors import StandardError
from yike.gaps import failing_homes, failing_summary, find_gaps, load_gap_rules

TOWN = """
id  people community  store  bank
a     1000 X              4     9
b     2000 X             12    16
c     4000 Y              -     -
d     8000 Z              3    20
"""
RULES = catalogue(
    requirement("store", 10, grade="D"),
    requirement("store", 2000, "people_per_outlet", grade="B"),
    requirement("bank", 15, grade="R"),
    requirement("van", 1, "presence", grade="C"),
    basic="store bank van pigeon",
)


def counts(*rows: tuple[str, str, int]) -> OutletCounts:
    frame = pd.DataFrame(rows, columns=["area", "business_type", "outlets"]).assign(level="community")
    return OutletCounts(frame[["level", "area", "business_type", "outlets"]], "located")


def state(frame: pd.DataFrame, area: str, code: str) -> pd.Series:
    return frame[(frame["area"] == area) & (frame["business_type"] == code)].iloc[0]


def gaps_of(*rows: tuple[str, str, int]) -> pd.DataFrame:
    residents, times = town(TOWN)
    return find_gaps(measure_coverage(residents, times, RULES), counts(*rows)).to_frame()


def test_missing_when_nothing_stands_there_and_nobody_walks_there() -> None:
    row = state(gaps_of(), "Y", "store")
    assert row[["state", "lacking", "people_uncovered", "rule", "grade"]].tolist() == [
        "missing",
        2,
        4000,
        "walk_min",
        "D",
    ]


def test_lacking_tells_how_many_and_by_which_rule() -> None:
    frame = gaps_of(("X", "store", 1), ("Z", "store", 1))
    z = state(frame, "Z", "store")
    assert z[["state", "lacking", "people_uncovered", "rule", "grade"]].tolist() == [
        "lacking",
        3,
        0,
        "people_per_outlet",
        "B",
    ]
    x = state(frame, "X", "store")
    assert x[["state", "lacking", "people_uncovered", "rule", "grade"]].tolist() == [
        "lacking",
        1,
        2000,
        "walk_min",
        "D",
    ]


def test_enough_and_saturated() -> None:
    frame = gaps_of(("Z", "store", 4))
    assert state(frame, "Z", "store")[["state", "lacking", "rule"]].tolist() == ["enough", 0, "people_per_outlet"]
    full = state(gaps_of(("Z", "store", 8)), "Z", "store")
    assert full[["state", "grade", "needed"]].tolist() == ["saturated", "OURS", 4]
    assert state(gaps_of(("Z", "store", 7)), "Z", "store")["state"] == "enough"


def test_a_shop_that_few_can_walk_to_is_not_saturation() -> None:
    assert state(gaps_of(("X", "store", 9)), "X", "store")["state"] == "lacking"


def test_presence_alone_and_types_nothing_can_be_said_about() -> None:
    residents, times = town(TOWN)
    gaps = find_gaps(measure_coverage(residents, times, RULES), counts(("X", "van", 1)))
    assert state(gaps.frame, "X", "van")[["state", "rule", "grade"]].tolist() == ["enough", "presence", "C"]
    assert state(gaps.frame, "Y", "van")[["state", "people_uncovered"]].tolist() == ["missing", 4000]
    assert gaps.unjudged == ("pigeon",)


def test_without_counts_only_walking_is_judged() -> None:
    residents, times = town(TOWN)
    gaps = find_gaps(measure_coverage(residents, times, RULES))
    assert state(gaps.frame, "Z", "store")["state"] == "enough"
    assert gaps.frame["outlets"].isna().all() and gaps.unjudged == ("van", "pigeon")


def test_ranked_by_people_not_covered() -> None:
    residents, times = town(TOWN)
    ranked = find_gaps(measure_coverage(residents, times, RULES)).ranked("community")
    told = ranked[["area", "business_type", "people_uncovered", "rank"]].values.tolist()
    assert told == [
        ["Z", "bank", 8000, 1],
        ["Y", "bank", 4000, 2],
        ["Y", "store", 4000, 3],
        ["X", "bank", 2000, 4],
        ["X", "store", 2000, 5],
    ]
    assert ranked["rank"].iloc[0] == 1 and set(ranked["state"]) <= {"missing", "lacking"}


def test_areas_without_people_have_no_gaps() -> None:
    residents, times = town("id people community store bank\na 0 X - -\nb 1 Y 1 1\n")
    assert "X" not in set(find_gaps(measure_coverage(residents, times, RULES)).frame["area"])


def test_failing_homes_with_minutes_and_nearest() -> None:
    residents, times = town(TOWN)
    coverage = measure_coverage(residents, times, RULES)
    nearest = np.array([[0, 1], [0, 1], [-1, -1], [0, 1]])
    table = failing_homes(coverage, nearest, ["S", "B"])
    told = (
        table[["id", "business_type", "minutes", "over_min", "nearest", "why"]]
        .astype(object)
        .fillna("-")
        .values.tolist()
    )
    assert told == [
        ["b", "store", 12, 2, "S", ""],
        ["b", "bank", 16, 1, "B", ""],
        ["c", "store", "-", "-", "", "no_way"],
        ["c", "bank", "-", "-", "", "no_way"],
        ["d", "bank", 20, 5, "B", ""],
    ]
    summary = failing_summary(coverage)
    assert summary[["id", "failing", "types"]].values.tolist() == [
        ["c", 2, "store|bank"],
        ["b", 2, "store|bank"],
        ["d", 1, "bank"],
    ]


def test_no_failing_home_is_an_empty_list() -> None:
    residents, times = town("id people store bank\na 1 1 1\n")
    coverage = measure_coverage(residents, times, RULES)
    assert failing_homes(coverage).empty and failing_summary(coverage).empty


def test_rules_are_data_and_their_faults_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "rules.csv"
    path.write_text(
        "key,value,unit,source,grade,note\nenough_share,most,,,,\nsaturated_factor,3,,,C,\n", encoding="utf-8"
    )
    with pytest.raises(StandardError) as raised:
        load_gap_rules(path)
    assert [fault.code for fault in raised.value.faults] == ["gaps.rule_value", "gaps.rule_missing"]
    assert load_gap_rules().grade == "OURS"


@given(st.integers(0, 20), st.integers(0, 20))
@settings(max_examples=40, deadline=None)
def test_more_outlets_never_make_a_worse_state(some: int, more: int) -> None:
    order = ["missing", "lacking", "enough", "saturated"]
    first, second = (state(gaps_of(("Z", "store", n)), "Z", "store") for n in (some, some + more))
    assert order.index(second["state"]) >= order.index(first["state"])
    assert second["lacking"] <= first["lacking"]


def test_nothing_to_judge_is_an_empty_table_with_its_columns() -> None:
    residents, times = town(TOWN)
    coverage = measure_coverage(residents, times, catalogue(basic="store bank"))
    full = measure_coverage(residents, times, RULES)
    assert list(find_gaps(coverage).to_frame()) == list(find_gaps(full).to_frame())
    assert list(coverage.to_frame()) == list(full.to_frame())
