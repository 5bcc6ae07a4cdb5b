"""The wizard's pages: who sees them, what they show, what they give to take home."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from web.cast import person
from web.import_scene import FAULTS, Scene, as_csv, good, scene
from yike.web.outlets.importing import steps, store, telling
from yike.web.outlets.importing.models import Import
from yike.web.outlets.models import Outlet

pytestmark = pytest.mark.django_db
BEGIN = "/desk/import/"


def client_of(who: Any) -> Client:
    client = Client()
    client.force_login(who)
    return client


def file_of(rows: list[dict[str, str]], name: str = "网点.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, as_csv(rows))


def begun(place: Scene, rows: list[dict[str, str]]) -> Import:
    return steps.recheck(place.officer, steps.take_file(place.officer, place.street, "网点.csv", [as_csv(rows)]))


def test_the_four_steps_lead_from_a_file_to_the_register():
    place = scene()
    client = client_of(place.officer)
    assert "检查完之前" in client.get(BEGIN).content.decode()
    shown = client.post(BEGIN, {"file": file_of([good(0), good(1)]), "area": place.street.code}, follow=True)
    assert "已认出" in shown.content.decode()
    job = Import.objects.get()
    given = {f"column-{name}": head for name, head in job.columns.items()} | {"datum": "wgs84", "crosswalk": "words"}
    shown = client.post(f"{BEGIN}{job.pk}/columns/", given, follow=True)
    assert '<dd data-count="add">2</dd>' in shown.content.decode() and Outlet.objects.count() == 4
    assert "新增 2 个网点" in client.get(f"{BEGIN}{job.pk}/apply/").content.decode()
    shown = client.post(f"{BEGIN}{job.pk}/apply/", follow=True)
    assert "已应用" in shown.content.decode() and Outlet.objects.filter(key="a0").exists()
    shown = client.post(f"{BEGIN}{job.pk}/undo/", follow=True)
    assert "已撤销" in shown.content.decode() and not Outlet.objects.filter(key="a0").exists()


def test_a_column_that_is_needed_is_asked_for():
    place = scene()
    job = steps.take_file(place.officer, place.street, "a.csv", [as_csv([good(0)])])
    shown = client_of(place.officer).post(f"{BEGIN}{job.pk}/columns/", {"column-name": "名称", "datum": "no-such"})
    assert (shown.status_code, "缺少必需的列" in shown.content.decode()) == (422, True)
    job.refresh_from_db()
    assert (job.state, job.datum) == ("uploaded", "wgs84")


@pytest.mark.parametrize("page", ["", "columns/", "check/", "check/faults.csv", "check/table.xlsx", "apply/"])
@pytest.mark.parametrize(("role", "area"), [("street_officer", "c1s2"), ("reviewer", "c1s1"), (None, "")])
def test_others_learn_nothing(page: str, role: str | None, area: str):
    place = scene()
    job = begun(place, [good(0)])
    answer = client_of(person(role, place.areas.get(area))).get(f"{BEGIN}{job.pk}/{page}")
    assert answer.status_code in (403, 404)
    assert Client().get(f"{BEGIN}{job.pk}/{page}").status_code == 302, "nobody is led to the login page"


def test_others_change_nothing():
    place = scene()
    job = begun(place, [good(0)])
    other = client_of(person("street_officer", place.areas["c1s2"]))
    for page in ("file/", "columns/", "check/", "apply/", "undo/"):
        assert other.post(f"{BEGIN}{job.pk}/{page}", {"file": file_of([good(7)])}).status_code == 404
    assert client_of(person()).post(BEGIN, {"file": file_of([good(7)])}).status_code == 403
    job.refresh_from_db()
    assert (job.state, Import.objects.count()) == ("checked", 1)


def test_a_file_is_taken_only_into_ones_own_area():
    place = scene()
    client_of(place.officer).post(BEGIN, {"file": file_of([good(0)]), "area": place.areas["c2s1"].code})
    assert Import.objects.get().area == place.street


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("网点.exe", b"MZ", "无法读取"),
        ("网点.xlsx", b"not a workbook", "无法读取"),
        ("网点.csv", b"", "是空的"),
        ("../../网点.csv", "名称,名称,业态,经度,纬度\n".encode() + "a,b,药店,1,2\n".encode(), "列名相同"),
        ("网点.geojson", b'{"type": "Topology"}', "要素集合"),
    ],
)
def test_a_file_that_cannot_be_opened_is_told_and_not_kept(name: str, body: bytes, said: str):
    answer = client_of(scene().officer).post(BEGIN, {"file": SimpleUploadedFile(name, body)})
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
    assert not Import.objects.exists()


def test_faults_can_be_taken_home_with_rows_and_remedies_and_no_formulas():
    import openpyxl

    place = scene()
    job = begun(place, [good(0), good(1, 名称="", 地址="=HYPERLINK(1)"), good(2, 业态="=1+1"), good(3, 业态="@飞碟")])
    client = client_of(place.officer)
    text = client.get(f"{BEGIN}{job.pk}/check/faults.csv").content.decode("utf-8-sig")
    assert text.splitlines()[0] == "行号,列,内容,问题,改法,代码"
    assert "3,名称,,没有名称。,请填写招牌上的名称。,import.name_empty" in text
    assert ",'=1+1," in text and ",'@飞碟," in text
    body = client.get(f"{BEGIN}{job.pk}/check/table.xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][-3:] == ("行号", "问题", "改法") and rows[2][-3:] == ("3", "没有名称。", "请填写招牌上的名称。")
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    again = steps.take_file(place.officer, place.street, "table.xlsx", [body], job)
    assert steps.recheck(place.officer, again).counts == {
        "rows": 4, "add": 1, "update": 0, "unchanged": 0, "skip": 0, "fault": 3,
    }  # fmt: skip


def test_harmless_cells():
    cells = ["=1", "+1+1", "-x", "@a", "\t=1", "-3.5", "+86", "修鞋"]
    assert [telling.harmless(each) for each in cells] == ["'=1", "'+1+1", "'-x", "'@a", "'\t=1", "-3.5", "+86", "修鞋"]


def test_a_category_is_assigned_and_a_double_chosen_on_the_page():
    place = scene()
    rows = [
        good(0, 业态="飞碟维护"),
        good(1, 名称="老槐树便利店", 经度=f"{place.known.lon}", 纬度=f"{place.known.lat}"),
    ]
    job = begun(place, rows)
    client = client_of(place.officer)
    page = client.get(f"{BEGIN}{job.pk}/check/").content.decode()
    assert "known1" in page and "飞碟维护" in page
    given = {"category-0": "飞碟维护", "word-0": "repair", "row-3": "add"}
    client.post(f"{BEGIN}{job.pk}/check/", given)
    job.refresh_from_db()
    assert (job.counts["add"], job.counts["fault"], job.choices) == (2, 0, {"3": "add"})
    assert "飞碟维护" in client.get(f"{BEGIN}words/").content.decode()


def test_markup_from_a_file_is_never_markup_on_the_page():
    place = scene()
    job = begun(place, [good(0, **FAULTS["import.markup"]), good(1, 业态="<b>x</b>")])
    page = client_of(place.officer).get(f"{BEGIN}{job.pk}/check/").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page and "<b>x</b>" not in page


def test_a_file_that_is_gone_is_told_and_asked_for_again():
    place = scene()
    job = begun(place, [good(0)])
    store.forget(job)
    client = client_of(place.officer)
    for page in ("columns/", "check/table.xlsx"):
        assert "已不存在" in client.get(f"{BEGIN}{job.pk}/{page}", follow=True).content.decode()
    answer = client.post(f"{BEGIN}{job.pk}/apply/")
    assert (answer.status_code, "已不存在" in answer.content.decode()) == (422, True)
    assert client.get(f"{BEGIN}{job.pk}/check/").status_code == 200


def test_pages_speak_english_too():
    place = scene()
    job = begun(place, [good(0), good(1, 名称="")])
    client = client_of(place.officer)
    client.cookies["django_language"] = "en"
    for page in ("", f"{job.pk}/columns/", f"{job.pk}/check/", f"{job.pk}/apply/", "words/"):
        text = client.get(BEGIN + page).content.decode()
        main = text[text.index("<main") : text.index("</main>")]
        for word in ("导入", "检查", "坐标系", "改法", "下载", "应用"):
            assert word not in main, (page, word)
    assert "there is no name." in client.get(f"{BEGIN}{job.pk}/check/faults.csv").content.decode()
