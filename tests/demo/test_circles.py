"""`yike circles` on the study of the small demonstration city: the table it writes is one the platform reads."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import shapely
from typer.testing import CliRunner

from yike.circles import load_targets
from yike.cli.main import app
from yike.errors import StudyError
from yike.study import Study, store
from yike.study.circling import COMMITTEES, CircleGround
from yike.web.circles.reading import read_circles


def told(study: Study, *more: str) -> dict:
    answer = CliRunner().invoke(app, ["circles", str(study.folder), "--json", *more])
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.output)


def test_the_table_is_one_that_the_platform_reads(study: Study, tmp_path: Path):
    answer = told(study, "--least", "4000", "--most", "9000", "--out", str(tmp_path))
    residents = store.residents(study).frame
    lived = residents[residents["people"] > 0].groupby("community")["people"].sum()
    rows = read_circles(tmp_path / "circles.csv", list(lived.index))
    assert sorted(code for row in rows for code in row.communities) == sorted(lived.index)
    assert len({row.name for row in rows}) >= len(rows) - 1
    for row, circle in zip(rows, answer["circles"], strict=True):
        assert circle["people"] == pytest.approx(lived[list(row.communities)].sum())
    parts = sum(answer[f"{name}_part"] for name in ("walk", "crossing", "far", "size"))
    assert answer["objective"] == pytest.approx(parts)


def test_the_shapes_are_communities_and_walk_sheds_that_hold_no_home_beyond(study: Study, tmp_path: Path):
    told(study, "--least", "4000", "--walk", "10", "--out", str(tmp_path))
    features = json.loads((tmp_path / "circles.geojson").read_text(encoding="utf-8"))["features"]
    outline = {each["properties"]["code"]: shapely.from_geojson(json.dumps(each["geometry"]))
               for each in features if each["properties"]["part"] == "communities"}  # fmt: skip
    assert shapely.area(list(outline.values())).sum() == pytest.approx(shapely.union_all(list(outline.values())).area)
    sheds = [each for each in features if each["properties"]["part"] == "walk_shed"]
    assert len(sheds) == len(outline)
    frame = store.residents(study).frame
    homes = shapely.points(frame["lon"], frame["lat"])
    ground = CircleGround.of(study)
    for each in sheds:
        shed = shapely.from_geojson(json.dumps(each["geometry"]))
        inside = shapely.within(homes, shed)
        assert inside.any()
        codes = each["properties"]["communities"]
        one = ground.one(codes, load_targets().with_(walk_most_min=10))
        mine = frame["community"].isin(codes).to_numpy()
        beyond = frame.loc[mine & ~inside, "people"].sum()
        assert beyond >= one.far_people - 1e-6, "whoever is farther lies outside"


def test_towns_only_and_faults(study: Study):
    ground = CircleGround.of(study)
    towns = ground.within("", COMMITTEES)
    assert 0 < len(towns) < len(ground.within())
    assert [len(row["communities"]) for row in told(study, "--urban")["circles"]]
    answer = CliRunner().invoke(
        app, ["circles", str(study.folder), "--json", "--barrier", "wall=3", "--barrier", "rail=x"]
    )
    assert answer.exit_code == 2
    (fault,) = json.loads(answer.output)["faults"]
    assert fault["code"] == "circles.crossing"
    assert len(fault["rows"]) == 2
    nowhere = CliRunner().invoke(app, ["circles", str(study.folder), "--within", "999999999999", "--json"])
    assert json.loads(nowhere.output)["faults"][0]["code"] == "circles.nothing"
    with pytest.raises(StudyError, match=r"circles\.community_strange"):
        ground.propose([towns[0], towns[0], "x"], load_targets())


def test_the_facts_of_communities_agree_with_the_homes(small: Path, residents: pd.DataFrame):
    facts = pd.read_csv(small / "community_facts.csv", dtype={"社区代码": str}).set_index("社区代码")
    homes = residents.groupby("社区代码")[["人数", "60岁以上人数"]].sum()
    assert (facts["60岁以上人数"] == homes["60岁以上人数"].reindex(facts.index)).all()
    size = homes["人数"].reindex(facts.index) / facts["户数"]
    assert size.between(2, 4).all()
    programmes = pd.read_csv(small / "programmes.csv", dtype={"社区代码": str})
    assert set(programmes["社区代码"]) <= set(facts.index)
    assert set(programmes["类别"]) == {"老旧小区改造", "完整社区", "城市更新", "15分钟社区生活圈规划"}
