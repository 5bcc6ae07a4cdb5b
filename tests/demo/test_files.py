"""The files of the small city: the same again from the same seed, marked, whole, and as their tables promise."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import shapely

from yike.demo import FILES, write
from yike.demo.output import heads
from yike.errors import StudyError
from yike.ingest.files import read_sheet
from yike.ingest.osm import read_streets
from yike.standards.crosswalk import load_crosswalk
from yike.standards.packs import load_types

MARK = "演示数据"


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in FILES}


def test_the_same_seed_gives_the_same_bytes(small: Path, tmp_path: Path):
    write(tmp_path / "again", "small", 1)
    again = bytes_of(tmp_path / "again")
    assert [name for name, content in bytes_of(small).items() if content != again[name]] == []


def test_another_seed_gives_another_city(small: Path, tmp_path: Path):
    write(tmp_path / "other", "small", 2)
    other = bytes_of(tmp_path / "other")
    assert [name for name, content in bytes_of(small).items() if content == other[name]] == []


def test_every_file_says_that_it_is_made_up(small: Path):
    from osmium.io import Reader

    assert sorted(each.name for each in small.iterdir()) == sorted(FILES)
    with Reader(str(small / "map.osm.pbf")) as reader:
        assert MARK in reader.header().get("generator")
    for name in FILES:
        if name.endswith(".csv"):
            table = pd.read_csv(small / name)
            assert len(table) and (table["说明"] == MARK).all(), name
    more = read_sheet(small / "outlets_more.xlsx").frame
    assert len(more) and (more["说明"] == MARK).all()
    areas = json.loads((small / "areas.geojson").read_text(encoding="utf-8"))
    assert areas["made_up"] and all(each["properties"]["说明"] == MARK for each in areas["features"])
    assert "made_up = true" in (small / "city.toml").read_text(encoding="utf-8")
    assert MARK in (small / "演示数据说明.md").read_text(encoding="utf-8")


def test_the_readme_explains_every_column(small: Path, outlets: pd.DataFrame, residents: pd.DataFrame):
    text = (small / "演示数据说明.md").read_text(encoding="utf-8")
    for frame, table in ((outlets, "outlets"), (residents, "residents")):
        assert list(frame.columns) == list(heads(table).values())
        assert [head for head in frame.columns if f"| {head} |" not in text] == []


def test_areas_tile_the_city_on_every_level(small: Path):
    features = json.loads((small / "areas.geojson").read_text(encoding="utf-8"))["features"]
    level = {name: [f for f in features if f["properties"]["level"] == name] for name in
             ("city", "county", "street", "community")}  # fmt: skip
    assert [len(level[name]) for name in level] == [1, 1, 1, 8]
    shapes = {name: shapely.from_geojson([json.dumps(f["geometry"]) for f in each]) for name, each in level.items()}
    for each in shapes.values():
        assert shapely.is_valid(each).all() and shapely.coverage_is_valid(each)
    whole = shapes["city"][0]
    assert shapely.equals(shapely.coverage_union_all(shapes["community"]), whole)
    assert shapely.area(shapes["community"]).sum() == pytest.approx(whole.area, rel=1e-12)
    codes = {f["properties"]["code"] for f in features}
    assert all(f["properties"]["parent"] in codes | {""} for f in features)


def test_everybody_lives_in_the_community_that_the_table_names(small: Path, residents: pd.DataFrame):
    from yike.ingest.areas import locate, read_areas

    areas = read_areas([small / "areas.geojson"]).value
    found = locate(areas, residents["经度"].to_numpy(), residents["纬度"].to_numpy())
    assert (found["community"].to_numpy() == residents["社区代码"].to_numpy()).all()
    assert residents["社区代码"].nunique() == 8 and residents["人数"].sum() == 18_000
    assert (residents["60岁以上人数"] <= residents["人数"]).all()


def test_two_thirds_of_the_outlets_are_basic(small: Path, outlets: pd.DataFrame):
    walk, category = load_crosswalk("words"), {each.code: each.category for each in load_types()}
    more = read_sheet(small / "outlets_more.xlsx").frame["types"]
    first = [category[walk.types_of(text)[0]] for text in [*outlets["业态"], *more]]
    assert np.mean([each == "basic" for each in first]) == pytest.approx(0.65, abs=0.05)


def test_many_outlets_serve_several_types(outlets: pd.DataFrame):
    walk = load_crosswalk("words")
    assert np.mean([len(walk.types_of(text)) > 1 for text in outlets["业态"]]) > 0.08


def test_there_are_about_twelve_outlets_to_a_thousand_people(outlets: pd.DataFrame, residents: pd.DataFrame):
    urban = residents[residents["小区类型"] != "村民住宅"]
    here = outlets["社区代码"].isin(urban["社区代码"])
    assert 8 < here.sum() / urban["人数"].sum() * 1000 < 14
    villages = outlets[~here].groupby("社区代码").size()
    assert villages.empty or villages.max() <= 4


def test_nobody_can_be_rung_and_no_code_was_given_out(outlets: pd.DataFrame):
    from stdnum.cn import uscc

    assert outlets["联系电话"].str.fullmatch(r"0356-000\d{4}").all()
    assert outlets["统一社会信用代码"].str.startswith("92990000").all()
    assert all(uscc.is_valid(code) for code in outlets["统一社会信用代码"])
    assert outlets["统一社会信用代码"].is_unique


def test_every_day_of_checking_lies_in_the_year_before_the_reference_date(outlets: pd.DataFrame):
    days = pd.to_datetime(outlets["最近核实日期"])
    assert days.min() >= pd.Timestamp("2025-11-01") and days.max() < pd.Timestamp("2026-11-01")
    assert days.max() - days.min() > pd.Timedelta(days=150)


def test_small_repairs_have_prices(outlets: pd.DataFrame):
    workshops = outlets[outlets["业态"].str.contains("修鞋|配钥匙|修锁|改衣|磨刀")]
    assert workshops["服务项目与价格"].str.contains("元").any()


def test_shops_gather_on_streets(outlets: pd.DataFrame):
    street = outlets["地址"].str.extract(r"(?:镇|街道)(.+?[街路道])\d")[0].value_counts()
    assert street.iloc[:5].sum() > 0.4 * street.sum()


def test_the_map_has_every_kind_of_thing(small: Path):
    streets = read_streets(small / "map.osm.pbf").value
    highway = set(streets.ways.tags["highway"])
    assert {"primary", "trunk", "tertiary", "residential", "footway", "service", "steps", "living_street"} <= highway
    assert {"yes"} <= set(streets.ways.tags["bridge"]) and {"yes"} <= set(streets.ways.tags["tunnel"])
    assert {"zebra", "traffic_signals"} & set(streets.ways.node_tags["crossing"])
    assert "yes" in set(streets.ways.node_tags["locked"]) and "gate" in set(streets.ways.node_tags["barrier"])
    assert streets.walls.frame["compound"].sum() >= 3 and {"wall", "fence"} <= set(streets.walls.frame["kind"])
    kinds = set(streets.areas["kind"])
    assert {"landuse=residential", "leisure=park", "natural=water", "natural=wood", "landuse=industrial"} <= kinds
    assert {"apartments", "house", "school"} <= set(streets.buildings.frame["use"])
    assert streets.buildings.frame["levels"].max() >= 10


def test_circles_hold_each_community_once(small: Path):
    circles = pd.read_csv(small / "circles.csv", dtype=str)
    members = " ".join(circles["社区代码"]).split()
    assert len(members) == len(set(members)) == 6
    assert set(circles["类别"]) <= {"基本型", "提升型", "品质型"} and len(circles) >= 2


def test_the_second_source_is_in_another_datum(small: Path):
    areas = json.loads((small / "areas.geojson").read_text(encoding="utf-8"))["features"]
    more = read_sheet(small / "outlets_more.xlsx").frame
    points = shapely.points(more["lon"].astype(float), more["lat"].astype(float))
    community = {f["properties"]["code"]: shapely.from_geojson(json.dumps(f["geometry"])) for f in areas}
    home = np.array([community[code] for code in more["code"]], dtype=object)
    assert shapely.contains(home, points).mean() < 0.5, "GCJ-02 lies some 500 m off"


def test_names_are_no_templates(outlets: pd.DataFrame):
    assert not outlets["网点名称"].str.contains(r"[{}|]").any() and (outlets["网点名称"].str.len() >= 3).all()
    assert outlets["网点名称"].nunique() > 0.9 * len(outlets)
    assert not any(re.search(r"nan|None", " ".join(row)) for row in outlets.to_numpy().tolist())


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path):
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(StudyError, match=r"demo\.not_empty"):
        write(tmp_path, "small", 1)
    assert [each.name for each in tmp_path.iterdir()] == ["mine.txt"]


def test_a_seed_below_nothing_is_refused(tmp_path: Path):
    with pytest.raises(StudyError, match=r"demo\.seed_bad"):
        write(tmp_path / "x", "small", -1)
    assert not (tmp_path / "x").exists()
