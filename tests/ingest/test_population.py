"""People: as given, by household, by outline or by code; shared out so that no one is lost and no one is made."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from yike.errors import Fault, InputError
from yike.ingest.datum import from_wgs84
from yike.ingest.population import Counts, estimate_by_floor_area, read_people, share_out, street_points
from yike.tables import Areas, Buildings, Residents, Ways

TOWN = shapely.box(112.80, 35.45, 112.90, 35.55)
WEST, EAST = shapely.box(112.80, 35.40, 112.85, 35.50), shapely.box(112.85, 35.40, 112.90, 35.50)


def table(folder: Path, *lines: str, name: str = "homes.csv") -> Path:
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    return folder / name


def outlines(path: Path, shapes: list[shapely.Geometry | None], **columns: list) -> Path:
    gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries(shapes, crs=4326)).to_file(path)
    return path


def faults(path: Path, **choices) -> dict[str, Fault]:
    with pytest.raises(InputError) as raised:
        read_people(path, **choices)
    assert all("{" not in fault.text(lang) for fault in raised.value.faults for lang in ("en", "zh"))
    return {fault.code: fault for fault in raised.value.faults}


def at(found: dict[str, Fault]) -> dict[str, list[int | None]]:
    return {code: [row for row, _ in fault.rows] for code, fault in found.items()}


def residents(path: Path, **choices) -> pd.DataFrame:
    found = read_people(path, **choices).value
    assert isinstance(found, Residents)
    return found.frame


def counts(path: Path, **choices) -> pd.DataFrame:
    found = read_people(path, **choices).value
    assert isinstance(found, Counts)
    return found.frame


def homes(*rows: tuple[float, float, float, float, bool]) -> Buildings:
    """Buildings of lon, lat, footprint, levels, residential."""
    frame = pd.DataFrame(rows, columns=["lon", "lat", "footprint_m2", "levels", "residential"])
    return Buildings(frame.assign(id=[f"b{i}" for i in range(len(rows))], use="", geometry=None))


def streets(*lines: tuple[str, list[tuple[float, float]]]) -> Ways:
    """Ways of a highway value and corners."""
    lon, lat = np.array([xy for _, corners in lines for xy in corners] or np.zeros((0, 2))).T
    start = np.cumsum([0, *(len(corners) for _, corners in lines)])
    tags = {"highway": pd.Categorical([kind for kind, _ in lines])}
    n = np.arange(len(lon))
    return Ways(np.arange(len(lines)), start, n.astype(np.int32), lon, lat, n, tags, {})


def people_of(*each: tuple[str, float, shapely.Geometry]) -> Counts:
    return Counts(pd.DataFrame(each, columns=["id", "people", "geometry"]))


# --- reading -------------------------------------------------------------------------------------------


def test_points_are_taken_as_given(tmp_path: Path):
    path = table(tmp_path, "小区编号,小区名称,经度,纬度,人口", '7,甲,112.85,35.49,"1,200"', "8,乙,112.86,35.5,0")
    frame = residents(path, inside=TOWN)
    assert frame[["id", "lon", "lat", "people", "method"]].to_numpy().tolist() == [
        ["7", 112.85, 35.49, 1200, "given"], ["8", 112.86, 35.5, 0, "given"],
    ]  # fmt: skip
    lon, lat = from_wgs84(frame["lon"], frame["lat"], "bd09")
    lines = [f"{x:.9f},{y:.9f},5" for x, y in zip(lon, lat, strict=True)]
    turned = residents(table(tmp_path, "lon,lat,people", *lines), datum="bd09")
    assert np.abs(turned[["lon", "lat"]] - frame[["lon", "lat"]]).to_numpy().max() < 1e-8
    assert turned["id"].tolist() == ["homes-2", "homes-3"]


def test_households_need_a_told_size(tmp_path: Path):
    path = table(tmp_path, "lon,lat,户数", "112.85,35.49,100", "112.85,35.5,30")
    assert residents(path, household_size=2.62)["people"].tolist() == pytest.approx([262, 78.6], rel=1e-12)
    assert list(faults(path)) == list(faults(path, household_size=float("nan"))) == ["population.no_household_size"]
    path = table(tmp_path, "lon,lat,户数", "112.85,35.49,一百", "112.85,35.5,-1")
    assert at(faults(path)) == {"ingest.not_number": [2], "ingest.negative": [3], "population.no_household_size": []}


def test_all_faults_of_points_come_at_once_with_rows(tmp_path: Path):
    lines = ["1,112.85,35.49,10", "", "1,112.85,35.49,10", "3,35.49,112.85,10", "4,113.5,35.49,10", ",112.85,35.49,-3",
             "6,112.85,,1", "7,999,35.49,1"]  # fmt: skip
    assert at(faults(table(tmp_path, "id,lon,lat,people", *lines), inside=TOWN)) == {
        "ingest.not_number": [8], "ingest.negative": [7], "ingest.outside_globe": [9], "population.swapped": [5],
        "population.outside": [6], "ingest.id_empty": [7], "ingest.id_twice": [4],
    }  # fmt: skip


def test_what_is_no_number_is_told_for_people_and_for_places(tmp_path: Path):
    path = table(tmp_path, "lon,lat,people", "112.85,35.49,许多", "东,35.49,1", "112.85,35.49,inf", "112.85,35.49,")
    with pytest.raises(InputError) as raised:
        read_people(path)
    assert [(f.code, f.values["column"], [row for row, _ in f.rows]) for f in raised.value.faults] == [
        ("ingest.not_number", "people", [2, 4, 5]), ("ingest.not_number", "lon, lat", [3]),
    ]  # fmt: skip


def test_swapped_places_and_wrong_datums_are_told_as_such(tmp_path: Path):
    west = shapely.box(87.5, 43.7, 87.7, 43.9)
    assert list(faults(table(tmp_path, "lon,lat,people", "43.8,87.6,1"), inside=west)) == ["population.swapped"]
    rng = np.random.default_rng(3)
    small = shapely.box(112.845, 35.485, 112.855, 35.495)
    lon, lat = from_wgs84(rng.uniform(112.8452, 112.8548, 50), rng.uniform(35.4852, 35.4948, 50), "gcj02")
    path = table(tmp_path, "lon,lat,people", *(f"{x:.8f},{y:.8f},1" for x, y in zip(lon, lat, strict=True)))
    found = faults(path, inside=small)
    assert list(found) == ["population.datum_wrong"] and 'datum = "gcj02"' in found["population.datum_wrong"].text("zh")
    assert len(residents(path, inside=small, datum="gcj02")) == 50


def test_missing_columns(tmp_path: Path):
    found = faults(table(tmp_path, "小区编号,经度", "1,112.85", "1,112.86"))
    assert list(found) == ["ingest.columns_missing", "ingest.id_twice"]
    with pytest.raises(InputError) as raised:
        read_people(tmp_path / "homes.csv")
    assert [fault.values.get("columns") for fault in raised.value.faults] == ["people", "lat", None]


def test_outlines_with_their_own_people_and_in_a_datum(tmp_path: Path):
    shifted = [shapely.transform(s, lambda xy: np.column_stack(from_wgs84(*xy.T, "gcj02"))) for s in (WEST, EAST)]
    frame = counts(outlines(tmp_path / "a.geojson", shifted, code=["1", "2"], 人口=[10, 20.5]), datum="gcj02")
    assert frame["id"].tolist() == ["1", "2"] and frame["people"].tolist() == [10, 20.5]
    assert shapely.hausdorff_distance(frame["geometry"].to_numpy(), np.array([WEST, EAST])).max() < 1e-8
    bare = outlines(tmp_path / "b.geojson", [WEST, None, shapely.Point(112.8, 35.4)], people=[1, -2, 3])
    assert at(faults(bare)) == {"ingest.negative": [2], "population.outline_missing": [2, 3]}


@pytest.mark.parametrize("kind", ["npy", "csv"])
def test_counts_beside_outlines(tmp_path: Path, kind: str):
    path, beside = outlines(tmp_path / "a.geojson", [WEST, EAST], name=["甲", "乙"]), tmp_path / f"n.{kind}"

    def save(*people: float) -> Path:
        if kind == "npy":
            np.save(beside, np.column_stack([people, np.zeros(len(people))]))
        else:
            beside.write_text("\n".join(["人口", *map(str, people)]), encoding="utf-8")
        return beside

    assert counts(path, counts=save(3.5, 4))["people"].tolist() == [3.5, 4]
    first = 1 if kind == "npy" else 2
    assert at(faults(path, counts=save(-1, float("nan"), 7))) == {
        "ingest.not_number": [first + 1], "ingest.negative": [first], "population.counts_length": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "code"),
    [(np.array(5.0), "ingest.broken"), (np.array(["many", "few"]), "ingest.broken"), (None, "ingest.missing")],
)
def test_counts_that_are_none(tmp_path: Path, table: np.ndarray | None, code: str):
    if table is not None:
        np.save(tmp_path / "n.npy", table)
    path = outlines(tmp_path / "a.geojson", [WEST, EAST], name=["甲", "乙"])
    assert list(faults(path, counts=tmp_path / "n.npy")) == [code]
    (tmp_path / "n.csv").write_text("居民\n1\n2\n", encoding="utf-8")
    assert list(faults(path, counts=tmp_path / "n.csv")) == ["ingest.columns_missing"]


def test_a_table_of_communities_finds_its_outlines_by_code(tmp_path: Path):
    areas = Areas(
        pd.DataFrame({"code": ["140502001001", "140502002000", "140502001002"], "geometry": [WEST, EAST, None]})
    )
    path = table(tmp_path, "社区代码,人口", "140502001001,1500", "140502002,20")
    frame = counts(path, areas=areas)
    assert frame["id"].tolist() == ["140502001001", "140502002000"] and frame["geometry"].tolist() == [WEST, EAST]
    path = table(tmp_path, "社区代码,人口", "140502001001,x", "140502001001,1", "140502001002,1", "9,-1")
    assert at(faults(path, areas=areas)) == {
        "ingest.not_number": [2], "ingest.negative": [5], "population.code_unknown": [4, 5], "ingest.id_twice": [3],
    }  # fmt: skip
    assert "population.code_unknown" in faults(path)


# --- sharing out ---------------------------------------------------------------------------------------


def test_homes_share_by_floor_area():
    stock = homes((112.81, 35.45, 100, 6, True), (112.82, 35.45, 200, np.nan, True), (112.83, 35.45, 900, 2, False),
                  (112.84, 35.45, 100, 12, True), (112.95, 35.45, 500, 6, True))  # fmt: skip
    loaded = share_out(people_of(("a", 90, WEST)), stock, streets())
    frame = loaded.value.frame.set_index("id")
    # m²: 100 × 6, 200 × 6 (untold: the median of the homes' 6, 12, 6), 100 × 12
    assert frame["people"].to_dict() == pytest.approx({"b0": 18, "b1": 36, "b3": 36}, rel=1e-12)
    assert set(frame["method"]) == {"building_floor_area"} and loaded.notes == ()


def test_streets_hold_those_without_homes_and_too_few_homes_are_told():
    lane = ("residential", [(112.81, 35.42), (112.81, 35.42 + 1 / 110.574)])  # one kilometre: 20 points
    motorway = ("motorway", [(112.82, 35.42), (112.82, 35.48)])
    loaded = share_out(people_of(("a", 40, WEST)), homes(), streets(lane, motorway))
    frame = loaded.value.frame
    assert len(frame) == 20 and frame["people"].tolist() == pytest.approx([2] * 20) and loaded.notes == ()
    assert set(frame["lon"].round(9)) == {112.81} and set(frame["method"]) == {"street_length"}
    gaps = np.diff(np.sort(frame["lat"])) * 110_574
    assert gaps == pytest.approx([50] * 19, abs=1e-3)
    crowded = share_out(people_of(("a", 4000, WEST)), homes((112.83, 35.45, 100, 1, True)), streets(lane))
    assert [(note.code, note.rows) for note in crowded.notes] == [("population.few_homes", ((1, "a: 4,000"),))]
    assert set(crowded.value.frame["method"]) == {"street_length"} and crowded.value.people.sum() == pytest.approx(4000)


def test_people_without_homes_and_streets_are_told_not_placed():
    stock = homes((112.81, 35.45, 100, 6, True))
    loaded = share_out(people_of(("a", 10, WEST), ("b", 7, EAST), ("c", 0, TOWN)), stock, streets())
    assert loaded.value.people.sum() == 10
    assert [(note.code, note.rows) for note in loaded.notes] == [("population.nowhere", ((2, "b: 7"),))]


def test_a_map_of_a_part_keeps_that_part_of_the_people():
    half = shapely.box(112.825, 35.3, 112.85, 35.6)  # half of WEST; EAST is only touched
    stock = homes((112.81, 35.45, 100, 6, True), (112.84, 35.45, 100, 6, True), (112.88, 35.45, 100, 6, True))
    loaded = share_out(people_of(("a", 100, WEST), ("b", 50, EAST)), stock, streets(), clip=half)
    assert loaded.value.frame["id"].tolist() == ["b1"] and loaded.value.people.sum() == pytest.approx(50, rel=1e-9)
    note = loaded.notes[0]
    assert (note.code, note.rows) == ("population.clipped", ((1, "a: 100 → 50 (50.0%)"),))
    assert note.values == {"before": "150", "after": "50", "outside": 1}
    whole = share_out(people_of(("a", 100, WEST), ("b", 50, EAST)), stock, streets(), clip=TOWN.buffer(1))
    assert whole.notes == () and whole.value.people.sum() == pytest.approx(150, rel=1e-9)


@given(st.integers(0, 10_000), st.lists(st.floats(0.01, 1e6), min_size=4, max_size=4))
def test_nobody_is_lost_or_made(seed: int, people: list[float]):
    rng = np.random.default_rng(seed)
    parts = [shapely.box(112.8 + i / 40, 35.4, 112.8 + (i + 1) / 40, 35.5) for i in range(4)]
    n = int(rng.integers(0, 40))
    stock = homes(*zip(rng.uniform(112.79, 112.91, n), rng.uniform(35.39, 35.51, n), rng.uniform(20, 2000, n),
                       rng.choice([np.nan, 1, 6, 30], n), rng.random(n) < 0.7, strict=True))  # fmt: skip
    ways = streets(*(("residential", [(x, 35.41), (x, 35.42)]) for x in rng.uniform(112.8, 112.9, rng.integers(0, 4))))
    loaded = share_out(
        people_of(*((str(i), p, s) for i, (p, s) in enumerate(zip(people, parts, strict=True)))), stock, ways
    )
    nowhere = {row[0] - 1 for note in loaded.notes if note.code == "population.nowhere" for row in note.rows}
    frame, placed = loaded.value.frame, 0.0
    for i, part in enumerate(parts):
        held = frame.loc[shapely.contains_xy(part, frame["lon"], frame["lat"]), "people"].sum()
        assert held == pytest.approx(0 if i in nowhere else people[i], rel=1e-9)
        placed += held
    assert frame["people"].sum() == pytest.approx(placed, rel=1e-9) and frame["id"].is_unique


def test_plain_streets_serve_where_no_residential_one_is():
    ways = streets(
        ("residential", [(112.81, 35.42), (112.81, 35.43)]), ("tertiary", [(112.88, 35.42), (112.88, 35.43)])
    )
    assert len(street_points(ways, "1")[0]) and street_points(streets(), "1")[0].shape == (0,)
    frame = share_out(people_of(("a", 10, WEST), ("b", 10, EAST)), homes(), ways).value.frame
    assert frame["people"].sum() == pytest.approx(20) and set(frame["lon"].round(9)) == {112.81, 112.88}


def test_estimates_say_that_they_are():
    loaded = estimate_by_floor_area(homes((112.81, 35.45, 4176, 1, True), (112.82, 35.45, 900, 2, False)))
    assert loaded.value.people.tolist() == pytest.approx([100]) and loaded.notes[0].code == "population.estimated"
    assert loaded.value.frame["method"].tolist() == ["estimated_floor_area"]
    assert len(estimate_by_floor_area(Buildings(pd.DataFrame())).value) == 0


def test_beijing_by_township(shared_data: Path):
    """Real townships with their people: read whole, clipped to a map of the centre, shared along streets."""
    folder = shared_data / "beijing-population"
    frame = counts(folder / "beijing.shp", counts=folder / "worldpop.npy")
    assert len(frame) == 331 and frame["people"].sum() == pytest.approx(20_755_648, abs=1e-6)
    assert frame["id"].is_unique and shapely.is_valid(frame["geometry"].to_numpy()).all()
    centre = shapely.box(116.30, 39.85, 116.45, 39.97)
    ways = streets(*(("residential", [(x, 39.80), (x, 40.0)]) for x in np.arange(116.25, 116.5, 0.004)))
    loaded = share_out(Counts(frame), homes(), ways, clip=centre)
    shapes, told = frame["geometry"].to_numpy(), {note.code: note for note in loaded.notes}
    part = shapely.area(shapely.intersection(shapes, centre)) / shapely.area(shapes)
    lost = sum(
        frame["people"][row[0] - 1] * part[row[0] - 1] for row in getattr(told.get("population.nowhere"), "rows", ())
    )
    assert loaded.value.people.sum() + lost == pytest.approx((frame["people"] * part).sum(), rel=1e-9)
    assert told["population.clipped"].values["outside"] == int((part == 0).sum()) > 200
    assert shapely.contains_xy(centre.buffer(1e-9), loaded.value.lon, loaded.value.lat).all()
