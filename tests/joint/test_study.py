"""From files to an answer: registers of spaces, buildings of the map, the verb, its files, tables of a city's own."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from yike.cli.main import app
from yike.errors import InputError
from yike.siting.joint import (
    JointGround,
    JointSettings,
    Spaces,
    load_costs,
    load_kinds,
    load_uses,
    read_spaces,
    solve,
)
from yike.siting.joint.costs import NUMBERS
from yike.standards.catalogue import load_catalogue
from yike.study import Study
from yike.study.proposing import candidates_from_buildings, study_ground


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.stdout


def test_the_register_is_read_whole(city: Path):
    table = pd.read_csv(city / "idle_spaces.csv", dtype=str, encoding="utf-8-sig")
    found = read_spaces(city / "idle_spaces.csv")
    assert found.value.keys == tuple(table["编号"]) and not found.notes
    kinds = {kind.code: kind.zh for kind in load_kinds().values()}
    assert [kinds[code] for code in found.value.frame["kind"]] == table["类型"].tolist()
    assert found.value.area_m2.tolist() == table["面积"].astype(float).tolist()


def test_a_workbook_and_named_columns_are_read_too(tmp_path: Path):
    rows = {"no": ["a", "b"], "sort": ["kiosk", "厂房"], "x": [112.8, 112.9], "y": [35.5, 35.5], "m2": [8, 700],
            "可用业态": ["breakfast、repair", ""]}  # fmt: skip
    pd.DataFrame(rows).to_excel(tmp_path / "spaces.xlsx", index=False, engine="xlsxwriter")
    columns = {"key": "no", "kind": "sort", "area_m2": "m2"}
    found = read_spaces(tmp_path / "spaces.xlsx", columns=columns)
    assert found.value.keys == ("a", "b") and found.value.frame["uses"][0] == ("breakfast", "repair")
    assert [note.code for note in found.notes] == ["joint.rent_unknown"] and len(found.notes[0].rows) == 2


def test_all_faults_of_a_register_are_told_at_once(tmp_path: Path):
    path = tmp_path / "bad.csv"
    path.write_text(
        "编号,类型,经度,纬度,面积,年租金,可用业态\na,城堡,112.8,35.5,8,0,\na,核酸亭,x,35.5,8,many,\nb,核酸亭,112.8,35.5,8,0,bank\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as raised:
        read_spaces(path, types=("repair",))
    assert {fault.code for fault in raised.value.faults} == {
        "joint.kind_unknown", "joint.use_unknown", "ingest.id_twice", "ingest.not_number",
    }  # fmt: skip
    with pytest.raises(InputError) as raised:
        Spaces.of([{"key": "", "kind": "kiosk", "lon": 1, "lat": 1, "area_m2": 3}, {"key": "b", "kind": "?"}])
    assert raised.value.code == "joint.space_bad" and len(raised.value.faults[0].rows) == 2


def test_every_type_has_costs_and_every_use_is_a_type():
    codes = set(load_catalogue("jincheng").codes)
    costs, uses = load_costs(), load_uses()
    assert codes - set(costs) == {"mother_baby_room"}
    assert set(uses.by_kind) == set(load_kinds())
    assert {code for types in uses.by_kind.values() for code in types} <= set(costs)
    assert all(cost.grade == "OURS" for cost in costs.values())


def test_a_city_may_bring_its_own_tables(tmp_path: Path, ground: JointGround):
    table = pd.DataFrame([vars(cost) for cost in load_costs().values()])
    table["equipment_yuan"] *= 2
    table.to_csv(tmp_path / "costs.csv", index=False)
    dear = replace(ground, costs=load_costs(tmp_path / "costs.csv"), _kept={})
    asked = JointSettings(budget_yuan=300_000, seconds=5)
    assert solve(dear, asked).objective < solve(ground, asked).objective
    table.loc[0, "area_min_m2"] = table.loc[0, "area_max_m2"] + 1
    table.loc[1, NUMBERS[2]] = -1
    table.to_csv(tmp_path / "bad.csv", index=False)
    with pytest.raises(InputError) as raised:
        load_costs(tmp_path / "bad.csv")
    assert raised.value.code == "joint.costs_bad" and [row[0] for row in raised.value.faults[0].rows] == [2, 3]
    (tmp_path / "uses.csv").write_text("kind,business_types\nkiosk,\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        load_uses(tmp_path / "uses.csv")
    assert raised.value.code == "joint.uses_bad"


def test_the_verb_writes_its_files(city: Path, study: Study, tmp_path: Path):
    words = ["propose", study.folder, "--spaces", city / "idle_spaces.csv", "--budget", 300_000, "--seconds", 8]
    status, text = run(*words, "--out", tmp_path / "out", "--json")
    told = json.loads(text)
    assert status == 0 and told["made_up"] and told["gap"] <= 0.01 and told["spent_yuan"] <= 300_000
    assert told["digest"] == study.receipts()["headline"]["digest"] and told["standard"].startswith("jincheng")
    kept = json.loads((tmp_path / "out" / "proposal.json").read_text(encoding="utf-8"))
    assert kept["sites"] == told["sites"] and told["sites"]
    with (tmp_path / "out" / "sites.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [row["space"] for row in rows] == [site["space"] for site in told["sites"]]
    assert {row["made_up"] for row in rows} == {"True"}
    points = json.loads((tmp_path / "out" / "sites.geojson").read_text(encoding="utf-8"))
    assert points["made_up"] and len(points["features"]) == len(rows)
    plan = json.loads((tmp_path / "out" / "plan.json").read_text(encoding="utf-8"))
    built = [each for each in plan["actions"] if each["space"]]
    assert plan["made_up"] and [each["space"] for each in built] == [site["space"] for site in told["sites"]]
    assert all(each["zh"] and each["en"] for each in plan["actions"])
    assert sum(phase["cost_yuan"] for phase in plan["phases"]) == pytest.approx(told["spent_yuan"])
    status, text = run(*words, "--lang", "zh")
    assert status == 0 and "演示数据" in text and "联合选址多" in text


def test_the_verb_tells_conflicts_and_faults(city: Path, study: Study):
    words = ["propose", study.folder, "--spaces", city / "idle_spaces.csv", "--seconds", 5]
    key = read_spaces(city / "idle_spaces.csv").value.keys[0]
    status, text = run(*words, "--lock", f"{key}:breakfast", "--forbid", key, "--lang", "en")
    assert status == 1 and "joint.locked_forbidden" in text and "Do not forbid it." in text
    status, text = run(*words, "--lock", key, "--json")
    assert status == 2 and json.loads(text)["faults"][0]["code"] == "joint.pair_bad"
    status, text = run(*words, "--least-share", 2, "--json")
    assert status == 2 and json.loads(text)["faults"][0]["code"] == "joint.setting_bad"


def test_buildings_of_the_map_are_candidates(study: Study):
    found = candidates_from_buildings(study)
    assert set(found.value.frame["kind"]) <= set(load_kinds()) and len(found.value)
    assert [note.code for note in found.notes] == ["joint.rent_unknown"]
    told = solve(study_ground(study, found.value), JointSettings(budget_yuan=200_000, seconds=5))
    assert told.status in ("optimal", "within_gap") and told.spent_yuan <= 200_000
