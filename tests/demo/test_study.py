"""The study of the small city: it runs without a fault, compounds make detours, coverage spreads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import osmium
import pandas as pd
from typer.testing import CliRunner

from yike.demo import study_of
from yike.study import Study, notes, run


def test_the_study_runs_and_is_marked(study: Study):
    figures = study.headline()
    assert figures["made_up"] and figures["people"] == 18_000
    assert figures["walkers"]["adult"]["people_unattached"] == 0
    assert figures["areas"] == {"community": 8, "city": 1, "county": 1, "street": 1}


def test_no_door_had_a_doubt(study: Study):
    expected = {"hours.unknown", "network.tags_not_read", "network.parts", "study.types_unjudged"}
    assert {note["code"] for note in notes(study)} - expected == set()


def test_nobody_is_cut_off(study: Study):
    nodes, links = study.table("network/nodes"), study.table("network/links.adult")
    homes = study.table("residents_attach.adult")
    part = nodes["part"].to_numpy()[links["u"].to_numpy()[homes["link"].to_numpy(int)]]
    assert (part == 0).all()


def test_second_source_lands_in_its_communities(study: Study):
    outlets = study.table("outlets")
    told = pd.read_csv(study.folder / "inputs" / "outlets.csv", dtype=str).set_index("网点编号")["社区代码"]
    mine = outlets[outlets["id"].isin(told.index)]
    assert (mine["community"].to_numpy() == told[mine["id"]].to_numpy()).mean() > 0.97
    assert (outlets["community"] != "").all()


def test_coverage_spreads_between_communities(study: Study):
    coverage = study.table("coverage")
    here = coverage[(coverage["level"] == "community") & (coverage["category"] == "basic")]
    share = here.groupby("area")["share"].mean()
    assert share.max() - share.min() > 0.3 and share.max() > 0.7


def test_walls_make_people_walk_round(small: Path, study: Study, tmp_path: Path):
    """Without walls, gates and the mark of compounds some homes reach shops sooner, and none later."""
    open_city = tmp_path / "open"
    open_city.mkdir()
    for file in small.iterdir():
        if file.suffix != ".pbf":
            (open_city / file.name).write_bytes(file.read_bytes())
    with osmium.SimpleWriter(str(open_city / "map.osm.pbf")) as writer:
        for thing in osmium.FileProcessor(str(small / "map.osm.pbf")):
            tags = {tag.k: tag.v for tag in thing.tags}
            writer.add(thing.replace(tags={k: v for k, v in tags.items() if k not in ("barrier", "locked", "access")}))
    free = study_of(open_city, tmp_path / "study", walkers=("adult",))
    run(free, until="walk")
    before, after = (each.table("walk_times.adult").set_index("id") for each in (study, free))
    before, after = (np.where(table.isna(), 3600, table) for table in (before, after.loc[before.index]))
    assert (before - after).max() > 60, "a wall makes somebody walk a minute round"


def test_the_verb_writes_the_city_and_its_study(tmp_path: Path):
    from yike.cli.main import app

    folder = tmp_path / "city"
    done = CliRunner().invoke(app, ["demo", str(folder), "--size", "small", "--seed", "5", "--json"])
    answer = json.loads(done.stdout)
    assert answer["made_up"] and answer["seed"] == 5 and answer["study_made"]
    assert (folder / "study" / "study.toml").is_file()
    again = CliRunner().invoke(app, ["demo", str(folder), "--size", "small", "--lang", "en"])
    assert again.exit_code == 0 and "was there" in again.stdout
    refused = CliRunner().invoke(app, ["demo", str(folder), "--size", "tiny", "--json"])
    assert refused.exit_code == 2 and json.loads(refused.stdout)["faults"][0]["code"] == "demo.size_unknown"
