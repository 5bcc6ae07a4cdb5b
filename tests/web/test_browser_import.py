"""In a real browser: a table with every kind of fault is read, mended, applied, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from web.import_scene import FAULTS, NOTES, Scene, as_xlsx, good, scene
from yike.web.outlets.importing.models import Import
from yike.web.outlets.models import Function, Outlet, Price

pytestmark = pytest.mark.django_db(transaction=True)
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def officer_page(chromium: str, live_server: Any, monkeypatch: Any) -> Iterator[tuple[Scene, Any]]:
    """The scene, and a page on which its street officer is logged in; scripts fail and inline styles are asked for never."""
    if not (django_settings.BUILT / "manifest.json").is_file():
        from conftest import missing

        missing("the pages' scripts: run `make frontend`")
    from playwright.sync_api import sync_playwright

    monkeypatch.setenv(
        "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
    )  # Playwright's loop runs in this thread, the database is used beside it
    place = scene()
    client = Client()
    client.force_login(place.officer)
    cookie = {"name": django_settings.SESSION_COOKIE_NAME, "url": live_server.url}
    faults: list[str] = []
    with sync_playwright() as play:
        chrome = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = chrome.new_context(base_url=live_server.url, locale="zh-CN", accept_downloads=True)
        context.add_cookies([{**cookie, "value": client.cookies[cookie["name"]].value}])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
        yield place, page
        chrome.close()
    assert faults == []


def register() -> list[Any]:
    """Every byte of the register."""
    return [list(kind.objects.order_by("pk").values()) for kind in (Outlet, Function, Price)]


def faulty() -> tuple[list[dict[str, str]], dict[int, str]]:
    """One good row, then one row for each kind of fault; and the code of each row."""
    rows, codes = [good(0)], {}
    for i, (code, cells) in enumerate(FAULTS.items(), start=1):
        rows.append(good(i, **cells))
        codes[i + 2] = code
    return rows, codes


def upload(page: Any, name: str, body: bytes, button: str) -> None:
    page.set_input_files("input[type=file]", {"name": name, "mimeType": SHEET, "buffer": body})
    page.click(f"text={button}")
    page.wait_for_load_state()


def test_an_import_with_every_kind_of_fault_is_mended_applied_and_undone(officer_page: Any, tmp_path: Path) -> None:
    import openpyxl

    _, page = officer_page
    before = register()
    rows, codes = faulty()
    assert len(set(codes.values())) >= 20
    merged = len(rows) + 2
    rows += [good(200), good(201), good(202, **NOTES["import.double_register"]), good(203, 业态="飞碟维护")]

    page.goto("/desk/import/")
    upload(page, "网点.xlsx", as_xlsx(rows, f"B{merged}:B{merged + 1}"), "上传")
    assert f"{len(rows)} 行" in page.inner_text("main")
    page.select_option("#datum", "wgs84")
    page.click("main button:has-text('检查')")
    page.wait_for_load_state()

    shown = {each.get_attribute("data-code") for each in page.query_selector_all("#kinds tbody tr")}
    assert {*codes.values(), "import.merged"} <= shown
    listed = {}
    while True:
        for each in page.query_selector_all("#list tbody tr"):
            listed.setdefault(int(each.get_attribute("data-row")), set()).add(each.get_attribute("data-code"))
        if not page.query_selector("text=下一页"):
            break
        page.click("text=下一页")
        page.wait_for_load_state()
    assert all(code in listed[row] for row, code in codes.items()) and "import.merged" in listed[merged + 1]
    assert register() == before, "a check writes nothing"

    with page.expect_download() as begun:
        page.click("text=下载问题清单 XLSX")
    begun.value.save_as(tmp_path / "faults.xlsx")
    table = list(openpyxl.load_workbook(tmp_path / "faults.xlsx").active.iter_rows(values_only=True))
    assert table[0] == ("行号", "列", "内容", "问题", "改法", "代码")
    assert {(int(row[0]), row[5]) for row in table[1:]} >= set(codes.items()) and all(row[4] for row in table[1:])

    page.click("text=下一步：应用")
    page.wait_for_load_state()
    assert "不能应用" in page.inner_text("main")
    page.click("text=返回：检查")
    page.select_option("#unmapped select >> nth=0", "repair")
    page.click("text=保存选择并重新检查")
    page.wait_for_load_state()
    assert "import.type_unknown" not in page.content()

    mended = [good(i) for i in range(len(rows) - 2)] + [rows[-2], rows[-1]]
    upload(page, "改正.xlsx", as_xlsx(mended), "上传并重新检查")
    assert page.inner_text("[data-count=fault]") == "0"
    beside = page.inner_text("#doubles")
    assert "老槐树 便利店" in beside and "老槐树便利店" in beside
    page.select_option("#doubles select", "update")
    page.click("text=保存选择并重新检查")
    page.wait_for_load_state()
    assert (page.inner_text("[data-count=add]"), page.inner_text("[data-count=update]")) == (str(len(mended) - 1), "1")
    assert register() == before, "nor does the second check"

    page.click("text=下一步：应用")
    page.click("main form button.button-primary")
    page.wait_for_selector("#undo")
    assert "已应用" in page.inner_text("main")
    assert Outlet.objects.count() == len(before[0]) + len(mended) - 1
    assert Outlet.objects.get(key="known1").name == "老槐树 便利店"
    assert [each.code for each in Outlet.objects.get(key="a203").functions.all()] == ["repair"]

    page.click("#undo button")
    page.wait_for_selector("#outcomes")
    assert "已撤销" in page.inner_text("main")
    assert register() == before, "the register is what it was, to the byte"
    job = Import.objects.get()
    assert job.state == "undone"


def test_a_phone_shows_the_wizard_without_scrolling_sideways(officer_page: Any) -> None:
    _, page = officer_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/desk/import/")
    upload(page, "网点.xlsx", as_xlsx(faulty()[0]), "上传")
    page.click("main button:has-text('检查')")
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
