"""The command line: verbs work, speak both languages, print JSON, and refuse with status 2 and a remedy."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
YIKE = [sys.executable, "-c", "from yike.cli import main; main()"]


def yike(*words: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run([*YIKE, *map(str, words)], capture_output=True, text=True, cwd=cwd, env=env, encoding="utf-8")


@pytest.fixture(scope="module")
def folder(helsinki: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cli") / "helsinki"
    done = yike("sample", path, "--lang", "en")
    assert done.returncode == 0, done.stderr
    assert "people at" in done.stdout and (path / "maps" / "map.html").is_file()
    return path


def test_every_verb_answers_in_json(folder: Path):
    for words in (
        ["status", folder],
        ["nearest", folder, 24.9405, 60.17],
        ["isochrone", folder, 24.9405, 60.17, "--minutes", "5"],
        ["what-if", folder, "add breakfast@24.9405,60.17"],
        ["standards", "list"],
        ["standards", "explain", "breakfast"],
        ["standards", "compare", "national", "jincheng"],
    ):
        done = yike(*words, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout), words


@pytest.mark.parametrize("kind", ["gpkg", "geojson", "geoparquet", "csv", "xlsx"])
def test_exports_can_be_read_back(folder: Path, tmp_path: Path, kind: str):
    import geopandas as gpd
    import pandas as pd

    out = tmp_path / (f"out.{kind}" if kind in ("gpkg", "xlsx") else "out")
    done = yike("export", folder, out, "--format", kind)
    assert done.returncode == 0, done.stderr
    if kind == "gpkg":
        homes, about = gpd.read_file(out, layer="homes"), gpd.read_file(out, layer="about")
        assert len(about) > 5
    elif kind == "xlsx":
        homes = pd.read_excel(out, sheet_name="homes", engine="calamine")
    elif kind == "geoparquet":
        homes = gpd.read_parquet(out / "homes.parquet")
    else:
        homes = gpd.read_file(out / f"homes.{kind}")
    assert len(homes) == 60 and "pharmacy_adult_min" in homes.columns


def test_words_are_in_the_language_asked_for(folder: Path):
    assert "居民点" in yike("sample", folder, "--lang", "zh").stdout
    assert "步行" in yike("standards", "explain", "breakfast", "--lang", "zh").stdout
    english = yike("standards", "explain", "breakfast", "--lang", "en").stdout
    assert "walk at most" in english and "Jincheng plan" in english and "实施方案" not in english


def broken(tmp_path: Path, helsinki: Path, kind: str) -> tuple[list[str], str]:
    """A broken input, and the code that tells it."""
    good = ["--osm", str(helsinki)]
    file = tmp_path / {"truncated": "map.osm.pbf", "bomb": "map.osm.gz"}.get(kind, "outlets.csv")
    heads = "编号,名称,类别,经度,纬度\n"
    rows = {
        "swapped": "1,甲,便利店,60.17,94.94\n",
        "unknown": "1,甲,飞碟维护,24.94,60.17\n2,乙,时光机,24.94,60.17\n",
        "twice": "1,甲,便利店,24.94,60.17\n1,乙,药店,24.95,60.17\n",
        "columns": "",
    }
    if kind == "truncated":
        file.write_bytes(helsinki.read_bytes()[:200_000])
        return ["--osm", str(file)], "osm.pbf_broken"
    if kind == "bomb":
        with gzip.open(file, "wb", compresslevel=9) as out:
            for _ in range(64):
                out.write(bytes(1 << 24))
        return ["--osm", str(file)], "osm."
    if kind == "columns":
        file.write_text("店名,x坐标\n甲,1\n", encoding="utf-8")
    else:
        file.write_text(heads + rows[kind], encoding="utf-8")
    code = {"swapped": "outlets.swapped", "unknown": "outlets.type_unknown", "twice": "ingest.id_twice",
            "columns": "ingest.columns_missing"}[kind]  # fmt: skip
    return [*good, "--outlets", str(file)], code


@pytest.mark.parametrize("kind", ["truncated", "bomb", "swapped", "unknown", "twice", "columns"])
def test_broken_inputs_are_told_and_leave_nothing_half_written(tmp_path: Path, helsinki: Path, kind: str):
    words, code = broken(tmp_path, helsinki, kind)
    study = tmp_path / "s"
    assert yike("init", study, *words).returncode == 0
    done = yike("run", study, "--lang", "zh")
    assert done.returncode == 2
    assert code in done.stderr and "请" in done.stderr
    assert "Traceback" not in done.stderr
    if kind in ("swapped", "unknown", "twice"):
        assert "第 2 行" in done.stderr or "第 3 行" in done.stderr
    assert not (study / ".work").exists() and not (study / "outlets.parquet").exists()
    as_json = json.loads(yike("run", study, "--json").stdout)
    assert as_json["faults"][0]["code"].startswith(code)


def test_a_misused_command_is_a_fault_in_the_language_asked_for():
    for words in (["nearest", "x", "abc", 1], ["frobnicate"], ["explain", "x"], ["run", "x", "--nope"]):
        as_json = yike(*words, "--json")
        assert as_json.returncode == 2
        assert json.loads(as_json.stdout)["faults"][0]["code"] == "study.usage", words
        for lang, word in (("zh", "命令写法有误"), ("en", "cannot be understood")):
            assert word in yike(*words, "--lang", lang).stderr, words


def test_a_refused_file_is_a_fault(folder: Path, tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    point = ["24.9405", "60.17"]
    for words in (
        ["isochrone", folder, *point, "--out", blocked / "x.json"],
        ["export", folder, blocked / "x.gpkg"],
        ["map", folder, "--out", blocked],
    ):
        done = yike(*words, "--json")
        assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
        assert json.loads(done.stdout)["faults"][0]["code"] == "study.file_refused"
    assert yike("export", folder, tmp_path / "new" / "x.gpkg").returncode == 0, "a folder that is not there is made"


def test_init_refuses_choices_that_cannot_be_meant_and_leaves_nothing(helsinki: Path, tmp_path: Path):
    study, table = tmp_path / "s", tmp_path / "t.csv"
    table.write_text("id,lon,lat,people\n", encoding="utf-8")
    given = ["--osm", helsinki, "--outlets", table, "--residents", table, "--areas", table]
    for words in (["--limit-min", "99"], ["--limit-min", "nan"], ["--unknown", "maybe"], ["--people", "nan"],
                  ["--datum", "x"], ["--residents-datum", "x"], ["--areas-datum", "x"]):  # fmt: skip
        done = yike("init", study, *given, *words, "--json")
        assert done.returncode == 2 and not study.exists(), words
        assert [fault["code"] for fault in json.loads(done.stdout)["faults"]] == ["study.setting_bad"], words


def test_each_kind_of_input_has_its_own_datum(helsinki: Path, tmp_path: Path):
    from yike.study.settings import read_settings

    table = tmp_path / "t.csv"
    table.write_text("id,lon,lat,people\n", encoding="utf-8")
    given = ["--osm", helsinki, "--outlets", table, "--residents", table, "--areas", table]
    datums = ["--datum", "bd09", "--residents-datum", "gcj02", "--areas-datum", "cgcs2000"]
    assert yike("init", tmp_path / "s", *given, *datums).returncode == 0
    found = read_settings(tmp_path / "s")
    assert (found.outlets[0].datum, found.residents[0].datum, found.areas[0].datum) == ("bd09", "gcj02", "cgcs2000")


def test_people_read_names_and_reasons_not_codes(folder: Path):
    assert "成年人" in yike("explain", folder, first_home(folder), "--lang", "zh").stdout
    off = yike("nearest", folder, 60.17, 24.94, "--lang", "zh").stderr
    assert "离最近的路太远" in off and "far" not in off
    minutes = yike("isochrone", folder, 24.9405, 60.17, "--minutes", "0,99", "--lang", "en").stderr
    assert "the minutes 0, 99" in minutes
    near = yike("nearest", folder, 24.9405, 60.17, "--k", 5, "--lang", "en").stdout
    assert "osm/" in near, "an outlet without a name is told by its id"
    told = yike("what-if", folder, "add breakfast|repair@24.940512345,60.170012345", "--lang", "en").stdout
    assert "…" not in told, "a change is told whole"


def first_home(folder: Path) -> str:
    import pandas as pd

    return str(pd.read_parquet(folder / "residents.parquet")["id"].iloc[0])


def test_broken_receipts_are_told(folder: Path, tmp_path: Path):
    import shutil

    moved = Path(shutil.copytree(folder, tmp_path / "一刻 测算"))
    assert yike("status", moved).returncode == 0, "a study may be moved, and named in Chinese with a space"
    (moved / "receipts.json").write_text("{", encoding="utf-8")
    assert "study.receipts_broken" in yike("status", moved, "--lang", "en").stderr


def test_a_finding_of_two_steps_is_told_once(folder: Path):
    assert yike("status", folder, "--lang", "en").stdout.count("osm.refs_missing") == 1
