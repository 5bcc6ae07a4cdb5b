"""Packs laid over one another: who displaces whom, what is walked, what the digest sees."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from yike.errors import StandardError
from yike.standards.catalogue import Catalogue, list_profiles, load_catalogue
from yike.standards.compare import compare, explain
from yike.standards.nouns import is_weak
from yike.standards.packs import shipped

from .test_packs import a_pack

HEAD = "code,zh,en,category,groups,counted_in_gate,must_have,walked,counts_for,list_evidence\n"


def effective(catalogue: Catalogue, code: str, measure: str = "walk_min") -> tuple[float, str, str]:
    """Return value, grade and pack of what holds for a type."""
    [row] = [r for r in catalogue.requirements if (r.business_type, r.measure) == (code, measure)]
    return row.value, row.grade, row.pack


def test_the_city_displaces_the_province_and_the_nation() -> None:
    assert effective(load_catalogue("national"), "pharmacy") == (15, "A", "ministry-guide-2021")
    assert effective(load_catalogue("jincheng"), "pharmacy") == (10, "D", "jincheng-2023")


def test_one_row_per_type_and_measure_in_the_order_of_the_types() -> None:
    for name in list_profiles():
        found = load_catalogue(name)
        keys = [(row.business_type, row.measure) for row in found.requirements]
        assert len(set(keys)) == len(keys)
        places = [found.codes.index(code) for code, _ in keys]
        assert places == sorted(places)


def test_jincheng_walks_to_every_type_but_two_and_shows_no_default_as_a_rule() -> None:
    found = load_catalogue()
    rows = found.walk_requirements()
    assert Counter(row.value for row in rows) == {10.0: 24, 15.0: 30}
    assert not any(is_weak(row.grade) for row in rows)
    assert set(found.codes) - {row.business_type for row in rows} == {"front_warehouse", "mother_baby_room"}


def test_a_recalled_row_never_displaces_a_firm_one_but_fills_a_gap(tmp_path: Path) -> None:
    firm = load_catalogue("national", ["qingdao-shinan-2009", "gb50180-2018"])
    assert effective(firm, "wet_market", "walk_m") == (800, "B", "qingdao-shinan-2009")
    assert effective(firm, "elder_daycare", "walk_m") == (300, "R", "gb50180-2018")
    ours = a_pack(tmp_path / "ours", "elder_daycare,walk_m,250,m,草案,NF,,\nwet_market,walk_m,700,m,草案,B/R,,\n")
    again = load_catalogue("national", ["qingdao-shinan-2009", "gb50180-2018"], ours)
    assert effective(again, "elder_daycare", "walk_m") == (250, "NF", "ours")
    assert effective(again, "wet_market", "walk_m") == (800, "B", "qingdao-shinan-2009")


def test_weak_gates_and_indicators_stand_back_too(tmp_path: Path) -> None:
    ours = a_pack(
        tmp_path / "ours",
        gates="category,at_least,of,clause,grade\nbasic,20,23,一,R\nquality,25,30,一,D\n",
        indicators="id,zh,en,value,unit,clause,grade\nsatisfaction,满意度,Satisfied,95,%,二,R\nchain_rate,连锁,Chain,40,%,二,D\n",
    )
    found = load_catalogue("jincheng", folder=ours)
    assert [(gate.category, gate.at_least) for gate in found.gates] == [("basic", 15), ("quality", 25)]
    targets = {each.id: each.value for each in found.indicators}
    assert targets["ministry-notice-2025.satisfaction"] == 90 and targets["ours.chain_rate"] == 40


def test_a_citys_own_types_are_added(tmp_path: Path) -> None:
    ours = a_pack(
        tmp_path / "ours",
        "ice_rink,walk_min,15,min,一,D,,\n",
        business_types=HEAD + "ice_rink,冰场,Ice rink,quality,,no,no,yes,sports_ground,D\n",
    )
    found = load_catalogue("jincheng", folder=ours)
    assert len(found.types) == 57 and found.type("ice_rink").zh == "冰场"
    assert found.walk_requirements()[-1].business_type == "ice_rink"
    assert found.name == "jincheng+ours"


def test_a_type_nobody_defines_is_told_for_every_row(tmp_path: Path) -> None:
    ours = a_pack(tmp_path / "ours", "ice_rink,walk_min,15,min,一,D,,\nzoo,walk_min,15,min,一,D,,\n")
    with pytest.raises(StandardError) as error:
        load_catalogue("jincheng", folder=ours)
    assert [text for _, text in error.value.faults[0].rows] == ["ours.ice_rink.walk_min", "ours.zoo.walk_min"]


def test_a_pack_named_again_is_laid_on_last_and_once(tmp_path: Path) -> None:
    first = load_catalogue("jincheng", ["ministry-guide-2021"])
    assert effective(first, "pharmacy") == (15, "A", "ministry-guide-2021")
    assert [source.pack for source in first.sources].count("ministry-guide-2021") == 1
    copy = a_pack(tmp_path / "jincheng-2023", "pharmacy,walk_min,8,min,修订,D,,\n")
    mended = load_catalogue("jincheng", folder=copy)
    assert effective(mended, "pharmacy")[0] == 8
    assert effective(mended, "gym") == (15, "B", "ministry-guide-2021")


def test_a_single_pack_or_folder_is_a_catalogue(tmp_path: Path) -> None:
    assert effective(load_catalogue("tianjin-2019"), "breakfast") == (5, "B", "tianjin-2019")
    ours = a_pack(tmp_path / "ours", "gym,walk_min,12,min,一,D,,\n")
    assert effective(load_catalogue(ours), "gym") == (12, "D", "ours")
    with pytest.raises(StandardError, match="no standards pack"):
        load_catalogue("atlantis")


def test_the_digest_is_steady_and_sees_every_row(tmp_path: Path) -> None:
    text = "gym,walk_min,12,min,一,D,,\n"
    ours = a_pack(tmp_path / "ours", text)
    before = load_catalogue("jincheng", folder=ours).digest
    assert load_catalogue("jincheng", folder=ours).digest == before
    assert len(before) == 64 and before != load_catalogue("jincheng").digest
    for change in (
        text.replace("12", "13"),
        text.replace("一", "二"),
        text.replace(",D,", ",B,"),
        text + "gym,walk_m,9,m,一,R,,\n",
    ):
        assert load_catalogue("jincheng", folder=a_pack(ours, change)).digest != before
    # A displaced row is part of what was decided from.
    weak = a_pack(ours, text.replace(",D,", ",R,"))
    other = load_catalogue("jincheng", folder=weak)
    assert effective(other, "gym") == (15, "D", "jincheng-2023") and other.digest != load_catalogue("jincheng").digest


def test_types_are_found_by_code() -> None:
    found = load_catalogue()
    assert found.type("repair").zh == "维修点"
    with pytest.raises(StandardError) as error:
        found.type("nothing")
    assert error.value.code == "standards.type_unknown"


def test_explain_names_the_paper_and_what_it_displaced() -> None:
    found = load_catalogue()
    by_type = {origin.row.measure: origin for origin in explain(found, "recycling")}
    assert set(by_type) == {"walk_min", "people_per_outlet", "presence"}
    assert by_type["presence"].source.title.endswith("扩围升级的通知")
    assert [(row.pack, row.grade) for row in by_type["presence"].displaced] == [("ministry-guide-2021", "R")]
    [origin] = explain(found, "ministry-guide-2021.recycling.walk_min")
    assert origin.row.id == "jincheng-2023.recycling.walk_min"
    assert explain(found, "mother_baby_room") == ()
    with pytest.raises(StandardError) as error:
        explain(found, "nothing")
    assert error.value.code == "standards.name_unknown"


def test_compare_tells_both_sides() -> None:
    national, ours = load_catalogue("national"), load_catalogue("jincheng")
    there, back = compare(national, ours), compare(ours, national)
    assert compare(ours, ours) == ()
    assert Counter(each.kind for each in there)["only_second"] == Counter(each.kind for each in back)["only_first"] > 0
    assert {each.business_type for each in there if each.kind == "value"} >= {"pharmacy", "breakfast", "repair"}


def test_every_shipped_pack_can_be_laid_on_together() -> None:
    found = load_catalogue("national", tuple(shipped()))
    assert len(found.sources) == len(shipped())
