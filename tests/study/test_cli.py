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
    assert "walk at most" in yike("standards", "explain", "breakfast", "--lang", "en").stdout


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
