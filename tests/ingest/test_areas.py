"""Areas: codes tell level and parent, upper levels grow from lower ones, and every point finds its area."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from yike.errors import Fault, InputError
from yike.ingest.areas import level_of, locate, parent_of, read_areas, upper_codes
from yike.ingest.datum import from_wgs84, to_wgs84
from yike.tables import LEVELS, Areas

WEST, EAST = shapely.box(112.8, 35.4, 112.9, 35.5), shapely.box(112.9, 35.4, 113.0, 35.5)
TOWNS = {"140502001001": WEST, "140502001002": EAST}


def write(path: Path, shapes: list[shapely.Geometry | None], **columns: list[str]) -> Path:
    gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=4326)).to_file(path)
    return path


def faults(*paths: Path, **choices) -> dict[str, Fault]:
    with pytest.raises(InputError) as raised:
        read_areas(paths, **choices)
    assert all("{" not in fault.text(lang) for fault in raised.value.faults for lang in ("en", "zh"))
    return {fault.code: fault for fault in raised.value.faults}


def shape_of(areas: Areas, code: str) -> shapely.Geometry:
    return areas.frame.set_index("code")["geometry"][code]


def where(areas: Areas, *points: tuple[float, float]) -> list[tuple[str, ...]]:
    lon, lat = np.array(points).T
    return list(locate(areas, lon, lat).itertuples(index=False, name=None))


def test_levels_and_parents_follow_from_codes():
    chain, code = [], "140581102217"
    while code:
        chain.append((level_of(code), code))
        code = parent_of(code)
    assert chain == [("community", "140581102217"), ("street", "140581102000"), ("county", "140581000000"),
                     ("city", "140500000000")]  # fmt: skip
    assert level_of("140000000000") is None and parent_of("140000000000") == ""


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp"])
def test_every_kind_of_file_gives_the_same_tree(tmp_path: Path, name: str):
    path = write(tmp_path / name, list(TOWNS.values()), code=list(TOWNS), name=["东社区", "西社区"])
    loaded = read_areas([path])
    frame = loaded.value.frame
    assert frame["code"].tolist() == ["140500000000", "140502000000", "140502001000", *TOWNS]
    assert frame["level"].tolist() == ["city", "county", "street", "community", "community"]
    assert frame["parent"].tolist() == ["", "140500000000", "140502000000", "140502001000", "140502001000"]
    assert frame["name"].tolist() == ["", "", "", "东社区", "西社区"] and loaded.notes == ()
    assert all(shape_of(loaded.value, code).equals(WEST | EAST) for code in frame["code"][:3])


def test_short_codes_are_padded_and_files_of_several_levels_join(tmp_path: Path):
    whole = shapely.box(112.7, 35.3, 113.1, 35.6)
    upper = write(tmp_path / "upper.geojson", [whole, WEST], 代码=["1405", "140502"], 名称=["晋城市", "城区"])
    lower = tmp_path / "lower.csv"
    lower.write_text("统计用区划代码,名称\n140502001,东街街道\n140502001001,建设路社区\n", encoding="utf-8")
    areas = read_areas([upper, lower]).value
    assert areas.frame["name"].tolist() == ["晋城市", "城区", "东街街道", "建设路社区"]
    assert shape_of(areas, "140500000000").equals(whole), "an outline that is given is never replaced"
    assert shape_of(areas, "140502001000") is None
    assert where(areas, (112.85, 35.45), (113.05, 35.45), (120, 30)) == [
        ("140500000000", "140502000000", "", ""), ("140500000000", "", "", ""), ("", "", "", ""),
    ]  # fmt: skip


def test_a_city_without_counties_has_streets_right_below_it(tmp_path: Path):
    areas = read_areas([write(tmp_path / "a.geojson", [WEST, EAST], code=["441900003", "441900004"])]).value
    assert areas.frame[["code", "level", "parent"]].to_numpy().tolist() == [
        ["441900000000", "city", ""], ["441900003000", "street", "441900000000"],
        ["441900004000", "street", "441900000000"],
    ]  # fmt: skip
    assert where(areas, (112.85, 35.45)) == [("441900000000", "", "441900003000", "")]


def test_bad_and_double_codes_of_all_files_come_at_once_with_rows(tmp_path: Path):
    first = tmp_path / "a.csv"
    codes = ["140502", "14050", "", "140000", "一四〇五", "１４０５", "140502001001", "14050200000x", "140001"]
    first.write_text("代码,名称\n" + "\n".join(f"{code},某" for code in codes), encoding="utf-8")
    second = write(tmp_path / "b.geojson", [WEST, EAST], code=["140502000000", "140581"])
    found = faults(first, second)
    assert list(found) == ["areas.code_bad", "areas.code_twice"]
    assert [row for row, _ in found["areas.code_bad"].rows] == [3, 4, 5, 6, 7, 9, 10]
    assert found["areas.code_twice"].rows == ((1, "140502000000 (b.geojson)"),)


def test_points_and_lines_are_no_outlines_and_codes_must_be_there(tmp_path: Path):
    shapes = [WEST, shapely.Point(112.8, 35.4), shapely.LineString([(112.8, 35.4), (112.9, 35.5)]), None]
    bad = write(tmp_path / "a.geojson", shapes, code=[f"14050200{i}" for i in range(1, 5)])
    none = tmp_path / "b.csv"
    none.write_text("名称\n东街\n", encoding="utf-8")
    found = faults(bad, none)
    assert [row for row, _ in found["areas.not_outline"].rows] == [2, 3]
    assert "名称" in found["ingest.columns_missing"].text("zh")


def test_codes_are_made_from_names_the_same_for_any_order(tmp_path: Path):
    shapes = [shapely.box(112 + i, 35, 113 + i, 36) for i in range(4)]
    county, street = ["城区", "城区", "泽州县", "城区"], ["东街", "西街", "东街", "西街"]
    one = read_areas([write(tmp_path / "a.geojson", shapes, 县=county, 乡=street)])
    assert [note.code for note in one.notes] == ["areas.code_made"]
    streets = one.value.at("street")
    assert streets["code"].str.startswith("99").all() and streets["code"].is_unique
    assert sorted(streets["name"]) == ["东街", "东街", "西街", "西街"], "one name twice is two places"
    assert set(one.value.at("county")["name"]) == {"城区", "泽州县"}
    town = one.value.at("county").set_index("name")["geometry"]["城区"]
    assert town.equals(shapely.union_all([shapes[0], shapes[1], shapes[3]]))
    back = read_areas([write(tmp_path / "b.geojson", shapes[2::-1], 县=county[2::-1], 乡=street[2::-1])])
    assert [back.value.frame["code"].tolist()[i] for i in (0, 1)] == [
        one.value.frame["code"].tolist()[i] for i in (0, 1)
    ]
    assert where(one.value, (112.5, 35.5), (114.5, 35.5)) == where(back.value, (112.5, 35.5), (114.5, 35.5))


@pytest.mark.parametrize(("count", "fits"), [(999, True), (1000, False)])
def test_more_areas_than_digits_are_told(tmp_path: Path, count: int, fits: bool):
    shapes = [shapely.box(112 + i / 1000, 35, 112 + (i + 1) / 1000, 36) for i in range(count)]
    path = write(tmp_path / "a.geojson", shapes, 社区=[f"社区{i // 2}" for i in range(count)])
    if fits:
        communities = read_areas([path]).value.at("community")
        assert communities["code"].is_unique and (communities["code"].str.len() == 12).all()
    else:
        assert faults(path)["areas.too_many"].rows == ((None, "community × 1000"),)


def test_outlines_that_cross_themselves_are_mended_and_noted(tmp_path: Path):
    bow = shapely.Polygon([(112, 35), (113, 36), (113, 35), (112, 36)])
    loaded = read_areas([write(tmp_path / "a.geojson", [WEST, bow], code=["140502", "140581"], name=["甲", "乙"])])
    assert [(note.code, note.rows) for note in loaded.notes] == [("areas.mended", ((2, "乙"),))]
    assert shape_of(loaded.value, "140581000000").is_valid


def test_borders_and_overlaps_go_to_the_smaller_code_whatever_the_order(tmp_path: Path):
    wide = shapely.box(112.85, 35.4, 113.0, 35.5)  # overlaps WEST
    for k, order in enumerate(([0, 1], [1, 0])):
        shapes, codes = [[wide, WEST][i] for i in order], [["140502001002", "140502001001"][i] for i in order]
        areas = read_areas([write(tmp_path / f"{k}.geojson", shapes, code=codes)]).value
        found = [row[3][-1:] for row in where(areas, (112.87, 35.45), (112.9, 35.45), (112.95, 35.45), (112.8, 35.4))]
        assert found == ["1", "1", "2", "1"]
    touching = read_areas([write(tmp_path / "t.geojson", list(TOWNS.values()), code=list(TOWNS))]).value
    assert [row[3] for row in where(touching, (112.9, 35.45), (112.9 + 1e-9, 35.45))] == list(TOWNS)


def test_no_area_no_code():
    nothing = Areas(pd.DataFrame(columns=["code", "name", "level", "parent", "geometry"]))
    assert where(nothing, (112.85, 35.45)) == [("", "", "", "")]
    upper = upper_codes(np.array(["140502001001", "", "140502000000"], dtype=object))
    assert upper["county"].tolist() == ["140502000000", "", "140502000000"] and upper["community"][2] == ""
    assert upper.columns.tolist() == list(LEVELS)


def test_each_file_has_its_own_datum(tmp_path: Path):
    shifted = shapely.transform(EAST, lambda xy: np.column_stack(from_wgs84(xy[:, 0], xy[:, 1], "gcj02")))
    paths = [
        write(tmp_path / "a.geojson", [WEST], code=["140502"]),
        write(tmp_path / "b.geojson", [shifted], 代码=["140581"]),
    ]
    areas = read_areas(paths, [None, {"code": "代码"}], ["wgs84", "gcj02"]).value
    for code, shape in (("140502000000", WEST), ("140581000000", EAST)):
        assert shapely.hausdorff_distance(shape_of(areas, code), shape) < 1e-8
    with pytest.raises(InputError, match=r"ingest\.datum_unknown"):
        read_areas(paths, datum="gcj")


def test_the_real_outlines_of_jincheng_are_gcj02(shared_data: Path, tmp_path: Path):
    """The counties tile the city, and the county seats (GCJ-02 too) lie in their counties once both are turned."""
    folder = shared_data / "jincheng"
    codes = ["140502", "140521", "140522", "140524", "140525", "140581"]
    shapes = [shapely.from_geojson((folder / f"fence_{code}.json").read_text()) for code in codes]
    areas = read_areas([write(tmp_path / "counties.geojson", shapes, code=codes)], datum="gcj02").value
    assert areas.frame["code"].tolist() == ["140500000000", *(code.ljust(12, "0") for code in codes)]
    city = shapely.from_geojson((folder / "fence_140500.json").read_text())
    joined = shape_of(areas, "140500000000")
    assert joined.symmetric_difference(city).area < 0.02 * city.area
    shift_m = (city.centroid.x - joined.centroid.x) * 90_700, (city.centroid.y - joined.centroid.y) * 110_950
    assert 300 < np.hypot(*shift_m) < 700
    for code in codes:
        seat = (folder / f"adcode_{code}.csv").read_text(encoding="utf-8").split("\n")[0].split(",")
        point = to_wgs84(float(seat[12]), float(seat[13]), "gcj02")
        assert where(areas, (float(point[0]), float(point[1])))[0][1] == code.ljust(12, "0")
