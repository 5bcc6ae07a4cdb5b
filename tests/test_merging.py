"""圈圈相融 and loops as tables: whole sub-circles per home, and what a table may not say."""

from __future__ import annotations

import numpy as np
import pytest

from yike.coverage.distribution import spread_of
from yike.coverage.merging import load_loop, load_sub_circles, measure_merging
from yike.errors import StandardError
from yike.standards.catalogue import load_catalogue

INF = np.inf


def test_a_sub_circle_is_whole_where_all_of_its_types_are_near():
    catalogue = load_catalogue()
    care = [each.code for each in catalogue.types if "养老托育圈" in each.groups and each.walked]
    assert set(care) == {"elderly_care", "elder_daycare", "childcare"}
    walks = {code: np.float32([900.0, 900.0, 60.0]) for code in care}
    walks["childcare"] = np.float32([900.0, 900.001, INF])
    found = measure_merging(walks, catalogue)
    assert found.whole[:, 0].tolist() == [True, False, False] and found.number[:, 0].tolist() == [3, 2, 2]
    assert found.count.tolist() == [1, 0, 0]
    assert not found.whole[:, 1:].any(), "a sub-circle of which nothing is walked to is nowhere whole"


def test_types_no_source_can_tell_do_not_count():
    walks = {"express_station": np.float32([60.0]), "parcel_locker": np.float32([INF])}
    assert measure_merging(walks, load_catalogue()).count.tolist() == [0]
    assert measure_merging(walks, load_catalogue(), unseen={"parcel_locker"}).count.tolist() == [1]


def test_a_number_of_types_is_enough_where_the_table_says_so(tmp_path):
    table = tmp_path / "sub_circles.csv"
    table.write_text(
        "group,minutes,at_least,zh,en,clause,grade,note\n快递服务圈,10,1,快递,parcels,ours,OURS,\n", "utf-8"
    )
    walks = {"express_station": np.float32([600.0, 601.0]), "parcel_locker": np.float32([INF, INF])}
    found = measure_merging(walks, load_catalogue(), circles=load_sub_circles(table))
    assert found.count.tolist() == [1, 0] and found.needed == (1,)


@pytest.mark.parametrize("seed", range(20))
def test_a_spread_is_that_of_every_single_person(seed):
    """Mean, median, worst tenth and Gini by writing every person down ten times: a tenth of them is then whole."""
    rng = np.random.default_rng(seed)
    values, people = rng.integers(0, 20, 9).astype(float), rng.integers(0, 6, 9).astype(float)
    everyone = np.sort(np.repeat(values, (10 * people).astype(int)))
    n = len(everyone)
    for high in (True, False):
        found = spread_of(values, people, high_is_worse=high)
        assert found.mean == pytest.approx(everyone.mean())
        assert found.median == everyone[(n - 1) // 2]
        tenth = everyone[-n // 10 :] if high else everyone[: n // 10]
        assert found.worst_tenth == pytest.approx(tenth.mean())
        differ = np.abs(everyone[:, None] - everyone[None]).sum() / (2 * n * n * everyone.mean())
        assert found.gini == pytest.approx(differ)


def test_a_spread_over_nobody_is_not_known():
    assert np.isnan(spread_of(np.zeros(0), np.zeros(0), high_is_worse=True).gini)
    assert spread_of(np.zeros(2), np.ones(2), high_is_worse=True).gini == 0.0


def test_every_type_of_the_tables_is_in_the_catalogue():
    codes = {each.code: each for each in load_catalogue().types}
    assert all(codes[code].walked for errand in load_loop().errands for code in errand.types)
    groups = {group for each in codes.values() for group in each.groups}
    assert {each.group for each in load_sub_circles()} <= groups


def test_tables_are_checked(tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "group,minutes,at_least,zh,en,clause,grade,note\nx,0,all,,,,,\ny,15,most,,,,,\nz,15,2,,,,,\n", "utf-8"
    )
    with pytest.raises(StandardError) as refused:
        load_sub_circles(bad)
    assert [number for number, _ in refused.value.faults[0].rows] == [2, 3]
    loops = tmp_path / "loops.csv"
    loops.write_text("loop,walker,minutes,nth,errand,zh,en,types,grade,note\na,elder,30,1,x,x,x,,OURS,\n", "utf-8")
    with pytest.raises(StandardError, match=r"coverage\.merging_value"):
        load_loop("a", loops)
    with pytest.raises(StandardError, match=r"coverage\.loop_unknown"):
        load_loop("walkabout")
