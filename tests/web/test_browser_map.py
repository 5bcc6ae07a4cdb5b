"""The public map in a real browser: a resident finds an open key-cutter and the way there, and everything around it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from web.reading import FLAGS, Reader, reader
from web.served import Served

ROUTE = "() => window.yikeMap.getSource('route').serialize().data.features.map((each) => each.geometry.coordinates)"


@pytest.fixture(scope="module")
def chrome(chromium: str) -> Iterator[Any]:
    if not (settings.BUILT / "manifest.json").is_file():
        from conftest import missing

        missing("the pages' scripts: run `make frontend`")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield found
        found.close()


def at_home(served: Served, zoom: float = 15.5) -> str:
    lon, lat = served.home
    return f"at={lon},{lat},{zoom}&from={lon},{lat}"


def rows(phone: Reader) -> list[str]:
    found: list[str] = phone.until(
        "() => { const found = [...document.querySelectorAll('#outlets .outlet')].map((each) => each.innerText); "
        "return found.length && found; }"
    )
    return found


def minutes_of(text: str) -> float:
    return float(text.split("\n")[-1].split()[0]) if text.endswith("分钟") else float("inf")


def test_a_resident_finds_an_open_key_cutter_and_the_way(chrome: Any, served: Served) -> None:
    with reader(chrome, served) as phone:
        page = phone.open(f"/?{at_home(served, 14)}&open=2026-11-25T10:00")
        page.get_by_role("button", name="小修小补", exact=True).first.click()
        phone.until("() => location.search.includes('group=small_repairs')")
        phone.until(
            "() => { const kinds = [...document.querySelectorAll('.outlet-types')]; "
            "return kinds.length && kinds.every((each) => /维修|工坊/.test(each.textContent)); }"
        )
        listed = rows(phone)
        assert all("营业中" in each for each in listed), "only what is open at that hour"
        walks = [minutes_of(each) for each in listed]
        assert walks == sorted(walks), "nearest on foot first"
        page.locator("#outlets .outlet").first.click()
        phone.until("() => /步行 .* 分钟/.test(document.querySelector('[data-way]')?.textContent ?? '')")
        line = phone.until(f"() => {{ const found = ({ROUTE})(); return found.length && found; }}")
        lon, lat = served.home
        assert abs(line[1][0][0] - lon) < 1e-5 and abs(line[1][0][1] - lat) < 1e-5, "the way begins at the home"
        told = page.locator(".outlet-card").inner_text()
        assert "带我去" in told and "信息有误" in told and "最近核实" in told
        # the sheet never covers the way
        phone.until("() => !window.yikeMap.isMoving()")
        low = page.evaluate(
            f"() => Math.max(...({ROUTE})()[0].map((each) => window.yikeMap.project(each).y))"
            " + document.getElementById('map').getBoundingClientRect().top"
        )
        assert low < page.locator(".sheet").bounding_box()["y"]
        # the address holds it all: another phone sees the same
        page.goto(page.url)
        phone.until("() => /步行 .* 分钟/.test(document.querySelector('[data-way]')?.textContent ?? '')")
        assert phone.faults == []


def test_search_finds_two_characters_pinyin_and_errands(chrome: Any, served: Served) -> None:
    with reader(chrome, served, phone=False) as desk:
        page = desk.open(f"/?{at_home(served)}")
        box = page.get_by_role("combobox")
        found = "() => !document.getElementById('found').hidden && "
        found += "document.querySelector('#found li[role=option]:not([aria-disabled])')"
        for words in ("修鞋", "药店", "yaodian"):
            box.fill(words)
            desk.until(found)
            box.fill("")
            desk.until("() => document.getElementById('found').hidden")
        # by keyboard alone: words, down, enter; the reader's focus goes to the card's heading
        name = served.outlet(types="pharmacy")["name"]
        box.fill(name)
        desk.until(found)
        page.keyboard.press("ArrowDown")
        assert box.get_attribute("aria-activedescendant") == "found-0"
        page.keyboard.press("Enter")
        desk.until("() => document.activeElement?.matches('.panel h2')")
        assert page.locator(".panel h2").inner_text() == name
        box.fill("没有这种东西")
        desk.until("() => /换个说法/.test(document.getElementById('found').textContent)")
        assert desk.faults == []


def test_my_quarter_hour_from_a_tap_on_the_map(chrome: Any, served: Served) -> None:
    lon, lat = served.home
    with reader(chrome, served) as phone:
        page = phone.open(f"/?at={lon},{lat},16")
        page.get_by_role("button", name="我的一刻钟", exact=True).click()
        assert "在地图上点一下您的家" in page.locator("#map-note").inner_text()
        x, y = page.evaluate(
            f"() => {{ const at = window.yikeMap.project([{lon}, {lat}]);"
            " const box = document.getElementById('map').getBoundingClientRect();"
            " return [at.x + box.left, at.y + box.top]; }"
        )
        page.mouse.click(x, y)
        phone.until("() => document.querySelector('.panel svg.dial')")
        told = page.locator(".panel .lead").inner_text()
        assert "步行 10 分钟内" in told
        page.locator(".panel button.go").first.click()
        phone.until(f"() => ({ROUTE})().length > 0")
        assert phone.faults == []


def test_the_page_of_my_quarter_hour_draws_the_way_and_gives_a_picture(chrome: Any, served: Served) -> None:
    lon, lat = served.home
    with reader(chrome, served) as phone:
        page = phone.open(f"/near/?lon={lon}&lat={lat}&when=any")
        spokes = page.evaluate("() => document.querySelectorAll('svg.dial polygon, svg.dial line').length")
        listed = page.locator(".quarter-table tbody tr").count()
        assert listed > 20 and spokes >= listed
        page.get_by_role("button", name="轮椅使用者").click()
        phone.until("() => location.search.includes('who=wheelchair') && document.querySelector('svg.dial')")
        page.locator("button.go").first.click()
        phone.until("() => /步行 .* 分钟/.test(document.querySelector('.near-right [data-way]').textContent)")
        with page.expect_download() as download:
            page.get_by_role("link", name="存图片").click()
        assert download.value.suggested_filename == "yike.png"
        assert phone.faults == []


def test_two_taps_say_that_something_is_wrong(chrome: Any, served: Served) -> None:
    key = served.outlet(types="pharmacy")["key"]
    with reader(chrome, served) as phone:
        page = phone.open(f"/o/{key}/")
        page.locator("summary", has_text="信息有误").click()
        page.get_by_role("button", name="已停业").click()
        phone.until("() => /谢谢/.test(document.querySelector('.wrong').textContent)")
        told = json.loads(page.locator("script[type='application/ld+json']").inner_text())
        assert told["@type"] == "LocalBusiness" and told["geo"]["longitude"]
        assert phone.faults == [], "schema.org data break no policy"


def test_the_map_by_keyboard_and_as_a_list(chrome: Any, served: Served) -> None:
    with reader(chrome, served) as phone:
        page = phone.open(f"/?{at_home(served)}")
        rows(phone)
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.className") == "skip"
        before = page.evaluate("() => window.yikeMap.getCenter().lng")
        page.locator(".maplibregl-canvas").focus()
        page.keyboard.press("ArrowRight")
        phone.until(f"() => window.yikeMap.getCenter().lng > {before}")
        page.locator("#handle").focus()
        page.keyboard.press("ArrowUp")
        assert page.locator("#app").get_attribute("data-sheet") == "full"
        page.get_by_role("button", name="列表", exact=True).click()
        phone.until("() => location.search.includes('view=list')")
        assert page.locator("[data-view-switch]").inner_text() == "地图"
        assert phone.faults == []


def test_the_bare_map_in_a_frame_of_another_site(chrome: Any, served: Served) -> None:
    with reader(chrome, served, phone=False) as desk:
        page = desk.open(f"/?embed=1&{at_home(served)}")
        assert page.locator(".finder").count() == 0 and page.locator("header").count() == 0
        assert page.locator(".band").inner_text().startswith("演示数据"), "made-up data are marked in a frame as well"
        policy = page.request.get(f"{served.address}/?embed=1").headers["content-security-policy"]
        assert "frame-ancestors *" in policy
        other = page.request.get(f"{served.address}/").headers
        assert "frame-ancestors 'self'" in other["content-security-policy"] and other["x-frame-options"] == "DENY"
        assert desk.faults == []


def test_the_map_works_without_a_network_after_the_first_visit(chrome: Any, served: Served) -> None:
    lon, lat = served.home
    with reader(chrome, served) as phone:
        page = phone.open(f"/?at={lon},{lat},15")
        page.evaluate("async () => { await navigator.serviceWorker.ready; }")
        phone.open(f"/?at={lon},{lat},15")  # the first visit that the worker sees
        rows(phone)
        phone.until("() => window.yikeMap.areTilesLoaded()")
        phone.open(f"/near/?lon={lon}&lat={lat}&when=any")
        phone.context.set_offline(True)
        page = phone.open(f"/?at={lon},{lat},15")
        assert page.evaluate("() => document.documentElement.dataset.map") == "ready"
        assert rows(phone), "the list of before"
        phone.until(
            "() => window.yikeMap.queryRenderedFeatures("
            "{ layers: ['street-street', 'street-tertiary', 'street-service'] }).length > 0"
        )
        phone.open(f"/near/?lon={lon}&lat={lat}&when=any")
        assert page.locator("svg.dial").count() == 1
        page.goto(f"{served.address}/o/never-seen/")
        assert "没有网络" in page.inner_text("h1")
