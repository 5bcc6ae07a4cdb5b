"""Every kind of fault is found in its row, with words and a remedy; a check writes nothing."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from web.cast import LAT, LON, STEP, outlet
from web.import_scene import APART, FAULTS, HEADS, NOTES, Scene, as_csv, as_xlsx, good, scene
from yike.errors import InputError, messages
from yike.ingest.datum import from_wgs84
from yike.web.outlets.importing.checking import Checked, Terms, check
from yike.web.outlets.importing.columns import fields, table, weight, words
from yike.web.outlets.importing.preparing import crosswalk_of
from yike.web.outlets.importing.reading import open_table
from yike.web.outlets.models import Outlet

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def checked(place: Scene, folder: Path, body: bytes, name: str = "a.csv", datum: str = "wgs84", **choices) -> Checked:
    (folder / name).write_bytes(body)
    walk = crosswalk_of(place.street.city, "words")
    chosen = {int(row.removeprefix("row")): choice for row, choice in choices.items()}
    terms = Terms(place.street.city, place.street, datum, walk, TODAY, chosen)
    return check(open_table(folder / name), terms)


def test_the_table_of_kinds_is_whole():
    kinds = {row["code"] for row in table("faults.csv")}
    assert kinds == {*FAULTS, *NOTES, *APART} and len(FAULTS) >= 20
    for code in kinds:
        assert all(
            (messages()[code].zh, messages()[code].en, messages()[code].remedy_zh, messages()[code].remedy_en)
        ), code


def test_a_row_without_a_fault_is_added(tmp_path: Path):
    found = checked(scene(), tmp_path, as_csv([good(0)]))
    assert found.findings == () and found.counts == {
        "rows": 1,
        "add": 1,
        "update": 0,
        "unchanged": 0,
        "skip": 0,
        "fault": 0,
    }


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_is_found_in_its_row_alone(code: str, tmp_path: Path):
    found = checked(scene(), tmp_path, as_csv([good(0), good(1), good(2, **FAULTS[code])]))
    assert [(each.row, each.code) for each in found.findings if each.weight == "fault"] == [(4, code)]
    assert (found.counts["add"], found.counts["fault"]) == (2, 1)
    assert Outlet.objects.count() == 4


@pytest.mark.parametrize("code", NOTES)
def test_what_is_only_told_or_asked_is_no_fault(code: str, tmp_path: Path):
    near = {"经度": good(0)["经度"], "纬度": good(0)["纬度"]} if code == "import.double_file" else {}
    found = checked(scene(), tmp_path, as_csv([good(0), good(2, **NOTES[code], **near)]))
    assert [(each.row, each.code) for each in found.findings] == [(3, code)]
    assert found.counts["fault"] == 0


def test_merged_cells_are_told(tmp_path: Path):
    found = checked(scene(), tmp_path, as_xlsx([good(0), good(1), good(2)], "B3:B4"), "a.xlsx")
    assert [(each.row, each.code) for each in found.findings] == [(4, "import.merged")]


def test_two_heads_of_one_name_are_refused(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(b"name,name,types,lon,lat\na,b,c,1,2\n")
    with pytest.raises(InputError) as raised:
        open_table(tmp_path / "a.csv")
    assert raised.value.code == "import.head_twice"


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("a.geojson", b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>", "ingest.broken"),
        ("a.json", b'{"type": "gdal_streamed_alg", "command_line": "x"}', "import.not_features"),
        ("a.gpkg", b"x", "ingest.format"),
        ("a.xlsx", b"PK", "ingest.broken"),
    ],
)
def test_what_is_no_table_never_reaches_a_reader(tmp_path: Path, name: str, body: bytes, code: str):
    (tmp_path / name).write_bytes(body)
    with pytest.raises(InputError) as raised:
        open_table(tmp_path / name)
    assert raised.value.code == code


def test_a_bomb_is_refused(tmp_path: Path):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 501_000_000)
    with pytest.raises(InputError) as raised:
        open_table(tmp_path / "a.xlsx")
    assert raised.value.code == "ingest.bomb"


def test_gb18030_and_geojson_are_read_alike(tmp_path: Path):
    place = scene()
    assert checked(place, tmp_path, as_csv([good(0)], "gb18030")).counts["add"] == 1
    features = (
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"名称": "甲", "业态": "药店"},'
        f' "geometry": {{"type": "Point", "coordinates": [{LON + STEP / 2}, {LAT + STEP / 3}]}}}}]}}'
    )
    found = checked(place, tmp_path, features.encode(), "a.geojson")
    assert (found.counts["add"], found.records[0].name) == (1, "甲")


def test_doubles_stand_beside_what_they_resemble_and_wait_for_a_choice(tmp_path: Path):
    place = scene()
    row = good(2, **NOTES["import.double_register"])
    record = checked(place, tmp_path, as_csv([row])).records[0]
    assert (record.double, record.choices, record.action) == ("known1", ("skip", "update", "add"), "skip")
    assert checked(place, tmp_path, as_csv([row]), row2="add").records[0].action == "add"
    updated = checked(place, tmp_path, as_csv([row]), row2="update").records[0]
    assert (updated.action, updated.outlet) == ("update", place.known.pk)
    within = checked(place, tmp_path, as_csv([good(0, 编号=""), good(0, 编号="")]))
    assert [(each.action, each.double) for each in within.records] == [("add", ""), ("skip", "#2")]


def test_thirty_metres_are_the_limit_of_a_double(tmp_path: Path):
    place = scene()
    metre = 1 / 111_195
    for metres, doubles in ((29, 1), (31, 0)):
        row = good(
            2, 名称="老槐树便利店", 经度=f"{place.known.lon:.7f}", 纬度=f"{place.known.lat + metres * metre:.7f}"
        )
        found = checked(place, tmp_path, as_csv([row]))
        assert len(found.findings) == doubles, metres


def test_points_that_look_shifted_are_told(tmp_path: Path):
    place = scene()
    rows = []
    for i in range(6):
        row = good(i, 编号="")
        outlet(
            place.areas["c1s1a"], "convenience_store", name=row["名称"], lon=float(row["经度"]), lat=float(row["纬度"])
        )
        lon, lat = from_wgs84([float(row["经度"])], [float(row["纬度"])], "gcj02")
        rows.append(row | {"经度": f"{lon[0]:.6f}", "纬度": f"{lat[0]:.6f}"})
    notes = checked(place, tmp_path, as_csv(rows)).notes
    assert [(note.code, note.values["other"]) for note in notes] == [("import.shifted", "gcj02")]
    right = checked(place, tmp_path, as_csv(rows), datum="gcj02")
    assert right.notes == () and {each.double for each in right.records} != {""}


def test_unmapped_categories_are_listed_with_counts(tmp_path: Path):
    rows = [good(0), good(1, 业态="飞碟维护"), good(2, 业态="飞碟维护"), good(3, 业态="药店、占星")]
    assert checked(scene(), tmp_path, as_csv(rows)).unmapped == {"飞碟维护": 2, "占星": 1}


def test_every_head_that_the_scene_uses_is_known(tmp_path: Path):
    (tmp_path / "a.csv").write_bytes(as_csv([good(0)]))
    assert set(open_table(tmp_path / "a.csv").columns.values()) == set(HEADS)
    english = ["id", "name", "types", "lon", "lat", *list(fields())[5:]]
    (tmp_path / "b.csv").write_text(",".join(english) + "\n" + ",".join("1" for _ in english))
    assert set(open_table(tmp_path / "b.csv").columns) == set(fields())


def test_words_of_choices_lead_to_codes_the_register_knows():
    for name in ("services", "payments", "childcare_sessions", "distinctions", "ownership", "yes_no", "state"):
        assert words(name), name
    assert weight("no.such") == "fault"
