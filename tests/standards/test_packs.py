"""Packs are well formed, and a pack with faults is refused whole, every fault with its row."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from yike.errors import StandardError, messages
from yike.standards.catalogue import list_packs, list_profiles
from yike.standards.nouns import CATEGORIES, GRADES, LEVELS, MEASURES, Pack, is_weak
from yike.standards.packs import load_pack, load_types, pack_at, shipped

PACKS = {pack.name: pack for pack in list_packs()}
SOURCE = 'title = "试行"\nissuer = "某市商务局"\nread = "the paper itself"\nlevel = "city"\ndate = "2026-05"\n'
HEAD = "business_type,measure,value,unit,clause,grade,source,note\n"


def a_pack(folder: Path, requirements: str = "", source: str = SOURCE, **tables: str) -> Path:
    """Write a city's own pack."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("source.toml").write_text(source, encoding="utf-8")
    if requirements:
        folder.joinpath("requirements.csv").write_text(HEAD + requirements, encoding="utf-8")
    for name, text in tables.items():
        folder.joinpath(f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("pack", PACKS.values(), ids=lambda pack: pack.name)
def test_every_row_has_clause_grade_and_a_type_that_exists(pack: Pack) -> None:
    codes = {each.code for each in load_types()}
    for row in (*pack.requirements, *pack.gates, *pack.indicators):
        assert row.clause and row.grade and row.source, row.id
        assert GRADES.issuperset(row.grade.split("/")), row.id
    for row in pack.requirements:
        assert row.business_type in codes and MEASURES[row.measure] == row.unit, row.id
    assert pack.source.level in LEVELS and pack.source.where_read and pack.source.issuer
    assert pack.requirements or pack.gates or pack.indicators


def test_what_was_not_opened_is_never_shown_as_a_rule() -> None:
    for name in ("gb50180-2018", "complete-community-2020"):
        assert all(is_weak(row.grade) for row in PACKS[name].requirements)


def test_profiles_name_packs_that_ship_and_lay_the_city_last() -> None:
    for packs in list_profiles().values():
        assert set(packs) <= set(shipped())
    assert PACKS[list_profiles()["jincheng"][-1]].source.level == "city"


def test_the_master_list_has_the_sizes_of_the_shanxi_gate() -> None:
    types = load_types()
    codes = [each.code for each in types]
    assert len(types) == 56 and len(set(codes)) == 56
    counted = {each: sum(t.counted_in_gate for t in types if t.category == each) for each in CATEGORIES}
    assert counted == {"basic": 23, "quality": 30}
    assert {gate.category: gate.of for gate in PACKS["shanxi-stars-2023"].gates} == counted
    assert {t.code for t in types if not t.walked} == {"front_warehouse", "mother_baby_room"}
    assert {t.code: t.counts_for for t in types if t.counts_for} == {
        "mobile_breakfast_cart": ("breakfast",),
        "vegetable_van": ("fresh_food_store",),
    }
    assert [t.code for t in types if t.must_have] == ["elderly_care"]


def test_figures_of_the_papers() -> None:
    rows = {row.id: (row.value, row.grade) for pack in PACKS.values() for row in (*pack.requirements, *pack.indicators)}
    assert rows["jincheng-2023.pharmacy.walk_min"] == (10, "D")
    assert rows["jincheng-2023.gym.walk_min"] == (15, "D")
    assert rows["ministry-guide-2021.laundry.walk_min"] == (15, "A")
    assert rows["ministry-guide-2021.recycling.walk_min"] == (15, "R")
    assert rows["ministry-plan-2023.satisfaction"] == (90, "B")
    assert rows["ministry-notice-2025.chain_rate"] == (30, "B")
    assert rows["ministry-notice-2025.community_facilities"] == (30, "B")
    assert rows["guangzhou-network.wet_market.people_per_outlet"] == (10000, "B")
    assert rows["qingdao-shinan-2009.convenience_store.walk_m"] == (200, "B")
    assert rows["beijing-2018.wet_market.area_m2_per_1000"] == (50, "B")
    assert rows["beijing-convenience-stores-2019.convenience_store.people_per_outlet"] == (3333, "B")
    assert rows["tianjin-2019.breakfast.min_area_m2"] == (150, "B")


def test_all_faults_of_a_pack_at_once(tmp_path: Path) -> None:
    folder = a_pack(
        tmp_path / "ours",
        "breakfast,walk_min,10,min,一条,D,,\n"
        "breakfast,run_min,-3,min,,Z,,\n"  # row 3: four wrong cells
        ",,,,,,,\n"  # a spreadsheet's empty row
        "pharmacy,walk_m,500,min,二条,D,,\n"  # row 5: unit
        "pharmacy,walk_min,10,min,二条,D,,a note, not quoted\n"  # row 6: a shifted cell
        "gym,walk_min,nan,min,三条,D,,\n",
        source='title = "x"\nlevel = "street"\ndate = "last year"\n',
        gates="category,at_least,of,clause,grade\nbasic,24,23,四条,B\nbasic,1.5,23,四条,B\n",
        indicators="id,zh,en,value\n",
    )
    with pytest.raises(StandardError) as error:
        pack_at(folder)
    found = {(fault.code, fault.values.get("table")): fault for fault in error.value.faults}
    assert [text for _, text in found["standards.source_bad", None].rows] == [
        "issuer", "read", "level = 'street'", "date = 'last year'",
    ]  # fmt: skip
    bad = dict(found["standards.row_bad", "ours/requirements.csv"].rows)
    assert sorted(bad) == [3, 5, 7]
    assert [part.split(" = ")[0] for part in bad[3].split(", ")] == ["measure", "value", "clause", "grade"]
    assert bad[5] == "unit = 'min'" and bad[7] == "value = 'nan'"
    assert [row for row, _ in found["standards.cells_many", "ours/requirements.csv"].rows] == [6]
    assert [row for row, _ in found["standards.row_bad", "ours/gates.csv"].rows] == [2, 3]
    assert found["standards.columns_missing", "ours/indicators.csv"].values["columns"] == "unit, clause, grade"
    assert "row 3" in str(error.value)
    assert "第 3 行" in found["standards.row_bad", "ours/requirements.csv"].text("zh")


def test_a_row_twice_is_refused(tmp_path: Path) -> None:
    folder = a_pack(tmp_path / "ours", "gym,walk_min,10,min,一,D,,\ngym,walk_min,15,min,一,D,,\n")
    with pytest.raises(StandardError, match=r"ours\.gym\.walk_min") as error:
        pack_at(folder)
    assert error.value.code == "standards.row_twice"


def test_a_table_saved_as_gbk_is_told_so(tmp_path: Path) -> None:
    folder = a_pack(tmp_path / "ours")
    folder.joinpath("requirements.csv").write_bytes((HEAD + "gym,walk_min,10,min,第一条,D,,\n").encode("gbk"))
    with pytest.raises(StandardError) as error:
        pack_at(folder)
    assert error.value.code == "standards.encoding"


def test_a_table_saved_by_excel_as_utf8_is_read(tmp_path: Path) -> None:
    folder = a_pack(tmp_path / "ours")
    text = HEAD + 'gym,walk_min,10,min,第一条,D,,"two\r\nlines"\r\n'
    folder.joinpath("requirements.csv").write_bytes(text.encode("utf-8-sig"))
    [row] = pack_at(folder).requirements
    assert (row.id, row.value, row.clause) == ("ours.gym.walk_min", 10, "第一条")


def test_unknown_packs_are_told_with_the_known_ones(tmp_path: Path) -> None:
    for ask in (lambda: load_pack("nowhere"), lambda: pack_at(tmp_path)):
        with pytest.raises(StandardError, match="shanxi-stars-2023") as error:
            ask()
        assert error.value.code == "standards.pack_unknown"


def test_every_code_that_is_raised_has_words() -> None:
    folder = Path(__file__).resolve().parents[2] / "src" / "yike" / "standards"
    raised = {code for file in folder.glob("*.py") for code in re.findall(r'"(standards\.[a-z_]+)"', file.read_text())}
    told = {code for code in messages() if code.startswith("standards.")}
    assert raised == told


def test_every_key_of_a_source_can_be_looked_up() -> None:
    folder = Path(__file__).resolve().parents[2] / "src" / "yike" / "standards"
    rows = list(csv.DictReader(folder.joinpath("sources.csv").read_text(encoding="utf-8").splitlines()))
    known = {row["key"] for row in rows}
    told = [row.source for pack in PACKS.values() for row in (*pack.requirements, *pack.gates, *pack.indicators)]
    told += [key for pack in PACKS.values() for key in pack.source.keys] + [each.list_evidence for each in load_types()]
    assert len(known) == len(rows) and all(row["what"] for row in rows)
    assert {key for text in told for key in re.findall(r"\bS\d+b?\b", text)} <= known
