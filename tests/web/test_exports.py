"""Bulk exports: five formats with the same public records, each saying where it comes from and that it is made up."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from web.cast import outlet, person, tree
from yike.web.circles.models import Circle
from yike.web.open import files
from yike.web.open.formats import WRITERS
from yike.web.open.tables import kinds, rules
from yike.web.studies.models import Figure

pytestmark = pytest.mark.django_db
KINDS = ("outlets", "areas", "circles", "coverage")


@pytest.fixture
def town(settings, tmp_path) -> dict[str, Any]:
    settings.HOME = tmp_path
    areas = tree()
    shop = outlet(
        areas["c1s1a"], "repair", "breakfast", key="shop", name='=HYPERLINK("http://x","早点")', address="+1",
        verified_at="2026-11-01",
        owner=person("merchant", areas["city"]), uscc="91350211M000100Y43", floor_area_m2="12.5", phone="0356-1234567",
    )  # fmt: skip
    outlet(areas["c1s1b"], "laundry", key="planned", state="planned")
    circle = Circle.objects.create(city=shop.city, code="q1", name="一圈", boundary=areas["c1s1a"].boundary, people=3)
    circle.communities.set([areas["c1s1a"]])
    Figure.objects.create(
        city=shop.city, area=areas["c1s1a"], requirement="drawn.breakfast.walk_min", business_type="breakfast", walker="adult",
        limit_s=600, people=100, people_met=50, people_met_first=50,
        study="digest-of-the-study", standard="drawn 1", through=7,
    )  # fmt: skip
    return areas | {"shop": shop}


def download(client: Any, kind: str, format: str, **headers: str) -> Any:
    return client.get(f"/export/drawn/{kind}.{format}", headers=headers)


def body(client: Any, kind: str, format: str) -> bytes:
    response = download(client, kind, format)
    assert response.status_code == 200
    assert f'filename="drawn-{kind}-demo.{format}"' in response["Content-Disposition"]
    return b"".join(response.streaming_content)


@pytest.fixture
def read(client, town, tmp_path):
    """A function that downloads a kind in a format and returns (rows by field name, the whole file as text or facts)."""

    def reader(kind: str, format: str) -> tuple[list[dict[str, Any]], str]:
        path = tmp_path / f"read.{format}"
        path.write_bytes(body(client, kind, format))
        return READERS[format](path, kind)

    return reader


def _csv(path, kind):
    text = path.read_text(encoding="utf-8-sig")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(text))), text


def _geojson(path, kind):
    page = json.loads(path.read_bytes())
    return [each["properties"] | {"geometry": each["geometry"]} for each in page["features"]], json.dumps(
        page["origin"], ensure_ascii=False
    )


def _gpkg(path, kind):
    import pyogrio

    about = pyogrio.read_dataframe(path, layer="about")
    info = pyogrio.read_info(path, layer=kind)
    frame = pyogrio.read_dataframe(path, layer=kind)
    assert frame.crs.to_epsg() == 4326
    assert "演示数据" in str(info["layer_metadata"])
    return frame.astype(object).to_dict("records"), "\n".join(about["value"])


def _parquet(path, kind):
    import geopandas
    import pyarrow.parquet as pq

    frame = geopandas.read_parquet(path)
    assert frame.crs.to_authority() == ("OGC", "CRS84")
    return frame.to_dict("records"), str(
        {key.decode(): value.decode() for key, value in pq.read_schema(path).metadata.items()}
    )


def _xlsx(path, kind):
    import openpyxl

    book = openpyxl.load_workbook(path)
    about = "\n".join(str(cell.value) for row in book["说明 About"] for cell in row)
    sheet = book[f"{kinds()[kind].zh} 演示数据"]
    heads = {field.zh: field.name for field in kinds()[kind].fields} | {"经度": "lon", "纬度": "lat"}
    lines = list(sheet.iter_rows(values_only=True))
    assert not any(cell.data_type == "f" for row in sheet for cell in row)  # no formula anywhere
    return [dict(zip([heads[head] for head in lines[0]], line, strict=True)) for line in lines[1:]], about


READERS = {"csv": _csv, "geojson": _geojson, "gpkg": _gpkg, "parquet": _parquet, "xlsx": _xlsx}


@pytest.mark.parametrize("format", READERS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_format_has_the_same_fields_and_says_where_it_comes_from(read, kind, format):
    rows, about = read(kind, format)
    assert len(rows) == {"outlets": 1, "areas": 15, "circles": 1, "coverage": 1}[kind]
    assert {field.name for field in kinds()[kind].fields} <= set(rows[0])
    assert "演示数据" in about and "creativecommons.org/publicdomain/zero" in about and "一刻平台" in about
    assert ("digest-of-the-study" in about) == (kind == "coverage")


@pytest.mark.parametrize("format", READERS)
def test_only_public_records_with_public_fields(read, town, format):
    rows, _ = read("outlets", format)
    assert [row["key"] for row in rows] == ["shop"]
    text = str(rows)
    assert "91350211M000100Y43" not in text and town["shop"].owner.username not in text
    assert "0356-1234567" in text
    types = rows[0]["types"]
    assert (types if isinstance(types, str) else "|".join(types)) == "breakfast|repair"


def test_a_name_is_never_a_formula(read):
    rows, text = read("outlets", "csv")
    assert rows[0]["name"] == '\'=HYPERLINK("http://x","早点")' and rows[0]["address"] == "'+1"
    assert "\n=" not in text and ",=" not in text
    rows, _ = read("outlets", "xlsx")
    assert rows[0]["name"] == '=HYPERLINK("http://x","早点")'  # a text cell; the reader above has looked for formulas


@pytest.mark.parametrize("format", READERS)
def test_few_people_give_no_figures(read, format):
    rows, _ = read("circles", format)
    assert rows[0]["people"] in (None, "") or rows[0]["people"] != rows[0]["people"]


def test_figures_stand_at_their_areas_point(read, town):
    rows, _ = read("coverage", "geojson")
    assert rows[0]["geometry"] == {"type": "Point", "coordinates": [pytest.approx(112.805), pytest.approx(35.505)]}
    assert (rows[0]["share"], rows[0]["through"], rows[0]["study"]) == (0.5, 7, "digest-of-the-study")


def test_areas_keep_their_outlines(read):
    rows, _ = read("areas", "gpkg")
    assert sorted({row["geometry"].geom_type for row in rows}) == ["Point", "Polygon"]


def test_a_file_is_kept_until_the_records_change(client, town, monkeypatch, tmp_path):
    written = []
    monkeypatch.setattr(files, "write", lambda *args, write=files.write: (written.append(args[3].name), write(*args)))
    monkeypatch.setitem(rules(), "export_fresh_min", 0)
    first = download(client, "outlets", "csv")
    assert download(client, "outlets", "csv")["ETag"] == first["ETag"] and len(written) == 1
    town["shop"].name = "别的名字"
    town["shop"].save()
    second = download(client, "outlets", "csv")
    assert second["ETag"] != first["ETag"] and len(written) == 2
    town["shop"].functions.all().delete()
    assert download(client, "outlets", "csv")["ETag"] != second["ETag"]
    assert len(list((tmp_path / "exports/drawn").iterdir())) == rules()["export_kept"]  # and nothing half written


def test_a_fresh_file_is_given_out_unasked(client, town, monkeypatch):
    download(client, "outlets", "csv")
    monkeypatch.setattr(files, "version_of", lambda *_: pytest.fail("asked"))
    town["shop"].save()
    assert download(client, "outlets", "csv").status_code == 200


def test_who_has_the_version_need_not_fetch_it_again(client, town):
    etag = download(client, "areas", "geojson")["ETag"]
    assert download(client, "areas", "geojson", **{"if-none-match": etag}).status_code == 304


@pytest.mark.parametrize("format", READERS)
def test_a_city_without_records_gives_a_file_with_heads(client, town, format):
    tree("empty", "98")
    response = client.get(f"/export/empty/circles.{format}")
    assert response.status_code == 200 and len(b"".join(response.streaming_content)) > 50


def test_a_broken_writing_leaves_nothing(client, town, monkeypatch, tmp_path):
    def broken(origin, path):
        path.write_text("half")
        raise OSError("disk full")

    monkeypatch.setitem(WRITERS, "csv", broken)
    with pytest.raises(OSError, match="disk full"):
        download(client, "outlets", "csv")
    assert list((tmp_path / "exports/drawn").iterdir()) == []


@pytest.mark.parametrize(
    "path", ["/export/nowhere/outlets.csv", "/export/drawn/people.csv", "/export/drawn/outlets.pdf"]
)
def test_what_is_not_there_is_not_found(client, town, path):
    assert client.get(path).status_code == 404


def test_real_data_carries_the_licence_of_its_source_and_no_notice(client, town):
    from yike.web.open.origin import licences_of, origin_of

    town["shop"].city.made_up = False
    assert "notice" not in str(origin_of("outlets", town["shop"].city).facts())
    assert "odbl" in licences_of(["OpenStreetMap 2026-11"], False)[0]["url"]
    assert "by/4.0" in licences_of(["本市登记"], False)[0]["url"]
