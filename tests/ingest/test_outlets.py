"""Outlets from tables: one table whatever the file, and every doubt told with the rows a planner sees."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from yike.errors import Fault, InputError, Loaded
from yike.ingest.datum import from_wgs84
from yike.ingest.outlets import plain_name, read_outlets
from yike.tables import Outlets

LON, LAT = 112.85, 35.49
METRE_N, METRE_E = 1 / 110_950, 1 / 90_700  #: degrees of one metre at 35.49° N
TOWN = shapely.box(112.80, 35.45, 112.90, 35.55)
HEADS = ["网点编号", "店名", "业态", "经度", "纬度", "营业时间", "营业状态"]
TABLE = pd.DataFrame(
    [
        ("1", "好邻居（凤台店）", "便利店、打印", LON, LAT, "每天 7:00-22:00", "营业"),
        ("2", "康乐药店", "药店", 112.851234, 35.487654, "", ""),
        ("3", "早点铺", "早餐店", 112.86, 35.5, "", "筹建"),
    ],
    columns=HEADS,
)  # fmt: skip


def write(path: Path, frame: pd.DataFrame, encoding: str = "utf-8") -> Path:
    if path.suffix == ".csv":
        frame.to_csv(path, index=False, encoding=encoding)
    elif path.suffix == ".xlsx":
        frame.to_excel(path, index=False)
    else:
        points = gpd.points_from_xy(frame["经度"], frame["纬度"], crs=4326)
        gpd.GeoDataFrame(frame.drop(columns=["经度", "纬度"]), geometry=points).to_file(path)
    return path


def rows(path: Path, *lines: str, **choices) -> Loaded[Outlets]:
    """Read lines of id, name, types, lon, lat."""
    path = path / "outlets.csv"
    path.write_text("\n".join(["id,name,types,lon,lat", *lines]), encoding="utf-8")
    return read_outlets(path, **choices)


def faults(path: Path, *lines: str, **choices) -> dict[str, Fault]:
    with pytest.raises(InputError) as raised:
        rows(path, *lines, **choices)
    for fault in raised.value.faults:
        assert fault.text("zh") != fault.text("en")
    return {fault.code: fault for fault in raised.value.faults}


def at(fault: Fault) -> list[int | None]:
    return [row for row, _ in fault.rows]


def shop(number: int, name: str, north_m: float = 0, east_m: float = 0, types: str = "便利店") -> str:
    return f"{number},{name},{types},{LON + east_m * METRE_E:.9f},{LAT + north_m * METRE_N:.9f}"


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("a.csv", "utf-8"), ("a.csv", "utf-8-sig"), ("a.csv", "gb18030"), ("a.xlsx", ""), ("a.geojson", ""), ("a.gpkg", "")],
)  # fmt: skip
def test_every_kind_of_file_gives_the_same_table(tmp_path: Path, name: str, encoding: str):
    loaded = read_outlets(write(tmp_path / name, TABLE, encoding), inside=TOWN)
    found = loaded.value.frame
    assert found["id"].tolist() == ["1", "2", "3"] and found["name"].tolist() == TABLE["店名"].tolist()
    assert found["types"].tolist() == [("convenience_store", "photo_print"), ("pharmacy",), ("breakfast",)]
    assert np.allclose(found[["lon", "lat"]], TABLE[["经度", "纬度"]], rtol=0, atol=1e-7)
    assert found["state"].tolist() == ["open", "open", "planned"] and loaded.value.is_open.tolist() == [
        True,
        True,
        False,
    ]
    assert found["hours"].tolist() == ["每天 7:00-22:00", "", ""] and loaded.notes == ()


def test_columns_may_be_told_and_ids_may_be_left_out(tmp_path: Path):
    path = write(
        tmp_path / "a.csv", TABLE.drop(columns="网点编号").rename(columns={"店名": "甲", "业态": "乙", "经度": "丙"})
    )
    found = read_outlets(path, columns={"name": "甲", "types": "乙", "lon": "丙"}).value.frame
    assert found["id"].tolist() == ["a-2", "a-3", "a-4"] and found["name"].tolist() == TABLE["店名"].tolist()


def test_missing_columns_name_the_heads_of_the_file_and_hide_no_other_fault(tmp_path: Path):
    path = tmp_path / "a.csv"
    path.write_text("编号,店名,经度,纬度\n1,甲,35.49,112.85\n1,乙,112.85,35.49\n", encoding="utf-8")
    with pytest.raises(InputError) as raised:
        read_outlets(path)
    assert [fault.code for fault in raised.value.faults] == [
        "ingest.columns_missing", "outlets.swapped", "ingest.id_twice",
    ]  # fmt: skip
    assert "编号, 店名, 经度, 纬度" in str(raised.value) and "types" in str(raised.value)


def test_all_faults_of_a_file_come_at_once_with_the_rows_of_the_spreadsheet(tmp_path: Path):
    path = tmp_path / "a.xlsx"
    lines = [
        ("1", "甲", "便利店", "112.85", "35.49", ""), ("", "", "", "", "", ""), ("1", "乙", "药店", "112.85", "35.49", ""),
        ("3", "丙", "飞碟维护", "112.85", "35.49", ""), ("", "丁", "药店", "112.85", "35.49", ""),
        ("", "", "", "", "", ""), ("5", "戊", "药店", "一百", "35.49", ""), ("6", "己", "药店", "35.49", "112.85", ""),
        ("7", "庚", "药店", "500", "35.49", ""), ("8", "辛", "药店", "113.85", "35.49", "睡觉"),
        ("9", "壬", "", "112.85", "", ""),
    ]  # fmt: skip
    pd.DataFrame(lines, columns=["id", "name", "types", "lon", "lat", "state"]).to_excel(path, index=False)
    with pytest.raises(InputError) as raised:
        read_outlets(path, inside=TOWN)
    assert {fault.code: at(fault) for fault in raised.value.faults} == {
        "ingest.not_number": [8, 12], "ingest.outside_globe": [10], "outlets.swapped": [9], "outlets.outside": [11],
        "ingest.id_empty": [6], "ingest.id_twice": [4], "outlets.state_unknown": [11], "outlets.type_unknown": [5, 12],
    }  # fmt: skip
    assert "第 8 行" in raised.value.faults[0].text("zh")


def test_swapped_places_are_known_by_the_globe_or_by_the_area(tmp_path: Path):
    assert at(faults(tmp_path, "1,甲,药店,35.49,112.85", "2,乙,药店,112.85,35.49")["outlets.swapped"]) == [2]
    west = shapely.box(87.5, 43.7, 87.7, 43.9)  # Urumqi: swapped, it is a place on the globe still
    found = faults(tmp_path, "1,甲,药店,43.8,87.6", "2,乙,药店,87.6,43.8", inside=west)
    assert list(found) == ["outlets.swapped"] and at(found["outlets.swapped"]) == [2]


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_a_wrong_datum_is_told_as_such_though_a_stray_row_stays_outside(tmp_path: Path, datum: str):
    rng = np.random.default_rng(7)
    area = shapely.box(112.845, 35.485, 112.855, 35.495)
    lon, lat = rng.uniform(112.8452, 112.8548, 60), rng.uniform(35.4852, 35.4948, 60)
    lines = [
        f"{i},店{i},药店,{x:.9f},{y:.9f}" for i, (x, y) in enumerate(zip(*from_wgs84(lon, lat, datum), strict=True))
    ]
    found = faults(tmp_path, *lines, inside=area)
    assert list(found) == ["outlets.datum_wrong"] and found["outlets.datum_wrong"].values["other"] == datum
    found = faults(tmp_path, *lines, "x,远,药店,116.4,39.9", inside=area)
    assert list(found) == ["outlets.datum_wrong", "outlets.outside"] and at(found["outlets.outside"]) == [62]
    right = rows(tmp_path, *lines, inside=area, datum=datum).value
    assert np.abs(right.lon - lon).max() < 1e-8 and np.abs(right.lat - lat).max() < 1e-8


def test_few_points_outside_do_not_accuse_a_datum_that_would_lose_as_many(tmp_path: Path):
    """One point north-west of the town; as GCJ-02 it would lie further away still."""
    lines = [shop(i, f"店{i}", east_m=40 * i) for i in range(20)]
    found = faults(tmp_path, *lines, "x,西北,药店,112.799,35.551", inside=TOWN)
    assert list(found) == ["outlets.outside"] and at(found["outlets.outside"]) == [22]


def test_doubles_are_told_and_merged_only_when_asked(tmp_path: Path):
    lines = [shop(1, "好邻居", 0), shop(2, "好 邻居", 25, types="打印"), shop(3, "好邻居", -29), shop(4, "好邻居", 80),
             shop(5, "好邻居", 0, 25, "药店"), shop(6, "别家", 1), shop(7, "", 0), shop(8, "", 0)]  # fmt: skip
    told = rows(tmp_path, *lines)
    assert len(told.value) == 8 and [(note.code, at(note)) for note in told.notes] == [("outlets.duplicate", [3, 4, 6])]
    merged = rows(tmp_path, *lines, merge_duplicates=True)
    assert merged.value.frame["id"].tolist() == ["1", "4", "6", "7", "8"]
    assert merged.value.frame["types"][0] == ("convenience_store", "photo_print", "pharmacy")
    assert [note.code for note in merged.notes] == ["outlets.merged"]


@pytest.mark.parametrize("bearing", [0, 37, 90, 135, 180, 270])
def test_thirty_metres_are_thirty_metres_in_every_direction(tmp_path: Path, bearing: int):
    north, east = np.cos(np.radians(bearing)), np.sin(np.radians(bearing))
    for distance, doubles in ((29.5, 1), (30.5, 0)):
        loaded = rows(tmp_path, shop(1, "甲"), shop(2, "甲", north * distance, east * distance))
        assert len(loaded.notes) == doubles


def test_a_closed_shop_and_its_successor_of_the_same_name_are_two(tmp_path: Path):
    frame = pd.concat([TABLE.iloc[[1]]] * 2).assign(网点编号=["8", "9"], 营业状态=["关闭", "营业"])
    loaded = read_outlets(write(tmp_path / "a.csv", frame), merge_duplicates=True)
    assert loaded.value.is_open.tolist() == [False, True] and loaded.notes == ()


def test_stacked_points_are_told(tmp_path: Path):
    assert rows(tmp_path, *[shop(i, f"店{i}") for i in range(4)]).notes == ()
    note = rows(tmp_path, *[shop(i, f"店{i}") for i in range(5)]).notes[0]
    assert (note.code, note.rows) == ("outlets.stacked", ((None, "112.850000, 35.490000 × 5"),))


def test_unknown_categories_are_refused_with_rows_or_listed_with_counts(tmp_path: Path):
    lines = [shop(1, "甲"), shop(2, "乙", types="飞碟维护"), shop(3, "丙", types="早餐店、时光机"),
             shop(4, "丁", types="飞碟维护")]  # fmt: skip
    fault = faults(tmp_path, *lines)["outlets.type_unknown"]
    assert fault.rows == ((3, "飞碟维护"), (5, "飞碟维护")) and "--crosswalk" in fault.text("zh")
    loaded = rows(tmp_path, *lines, unknown="list")
    assert loaded.value.frame["id"].tolist() == ["1", "3"] and loaded.value.frame["types"][1] == ("breakfast",)
    assert [(note.code, note.rows, note.values["outlets"]) for note in loaded.notes] == [
        ("outlets.type_listed", ((None, "飞碟维护 × 2"), (None, "时光机 × 1")), 3)
    ]
    assert len(rows(tmp_path, shop(2, "乙", types="飞碟维护"), unknown="list").value) == 0
    with pytest.raises(InputError, match=r"outlets\.choice"):
        rows(tmp_path, *lines, unknown="guess")


def test_categories_that_are_none_of_ours_are_counted(tmp_path: Path):
    own = tmp_path / "own.csv"
    own.write_text("category,types\n便利店,convenience_store\n银行,-\n", encoding="utf-8")
    loaded = rows(tmp_path, shop(1, "甲"), shop(2, "乙", types="银行"), shop(3, "丙", types="银行"), crosswalk=own)
    assert [(note.code, note.rows) for note in loaded.notes] == [("outlets.none_of_ours", ((None, "银行 × 2"),))]
    assert loaded.value.frame["id"].tolist() == ["1"]


@pytest.mark.parametrize(
    ("word", "state"),
    [("营业", "open"), ("停业", "paused"), ("注销", "closed"), ("搬迁", "moved"), ("REVOKED", "revoked")],
)
def test_states_are_known_in_two_languages(tmp_path: Path, word: str, state: str):
    path = write(tmp_path / "a.csv", TABLE.assign(营业状态=["", word, "规划"]))
    assert read_outlets(path).value.frame["state"].tolist() == ["open", state, "planned"]


def test_names_are_compared_without_brackets_and_spaces():
    assert plain_name("好邻居（凤台·店） ") == plain_name("好邻居(凤台店)") != plain_name("好邻居")


LINES = [
    shop(i, "甲乙丙"[i % 3], 9 * (i % 7), 11 * (i % 5), ("便利店", "药店", "早餐店、打印")[i % 3]) for i in range(14)
]


@given(st.permutations(LINES), st.booleans())
def test_the_order_of_rows_never_matters(tmp_path_factory: pytest.TempPathFactory, lines: list[str], merge: bool):
    folder = tmp_path_factory.mktemp("order")

    def plain(loaded: Loaded[Outlets]) -> tuple[list[tuple], list[tuple[str, int]]]:
        frame = loaded.value.frame.assign(types=[tuple(sorted(each)) for each in loaded.value.frame["types"]])
        return sorted(frame.itertuples(index=False, name=None)), [(note.code, len(note.rows)) for note in loaded.notes]

    as_given, shuffled = (rows(folder, *each, merge_duplicates=merge) for each in (LINES, lines))
    assert plain(as_given) == plain(shuffled)
    assert len(as_given.notes) == 1, "the table must hold doubles, else nothing is asked"
