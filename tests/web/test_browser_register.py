"""The register in a real browser: a worker adds a stall without a network, a merchant is approved, a stall is vouched for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client

from web.cast import person, tree
from web.register_scene import PDF, USCC, photo_bytes
from yike.web.accounts.models import Person
from yike.web.areas.models import Area
from yike.web.outlets.models import Outlet

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": "zh-CN"}


class Browser:
    """Chromium with one context per person, logged in by force."""

    def __init__(self, chrome: Any, address: str) -> None:
        self.chrome, self.address, self.faults = chrome, address, []

    def page(self, who: Person, **more: Any) -> Any:
        client = Client()
        client.force_login(Person.objects.get(pk=who.pk))
        name = django_settings.SESSION_COOKIE_NAME
        context = self.chrome.new_context(base_url=self.address, **{**PHONE, **more})
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.address}])
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._hear)
        return page

    def _hear(self, message: Any) -> None:
        if message.type == "error" and ("Content Security" in message.text or "Refused" in message.text):
            self.faults.append(message.text)


@pytest.fixture
def browser(chromium: str, live_server: Any, monkeypatch: Any, settings: Any, tmp_path: Any) -> Iterator[Browser]:
    if not (django_settings.BUILT / "manifest.json").is_file():
        from conftest import missing

        missing("the pages' scripts: run `make frontend`")
    from playwright.sync_api import sync_playwright

    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setenv(
        "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
    )  # Playwright's loop runs in this thread, the database is used beside it
    with sync_playwright() as play:
        chrome = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--enable-unsafe-swiftshader"])
        made = Browser(chrome, live_server.url)
        yield made
        chrome.close()
    assert made.faults == [], "no script fails and nothing inline is asked for"


@pytest.fixture
def areas() -> dict[str, Area]:
    return tree()


def until(true: Any, seconds: float = 15) -> bool:
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False


def here(area: Area) -> dict[str, Any]:
    return {
        "geolocation": {"longitude": area.lon, "latitude": area.lat, "accuracy": 12},
        "permissions": ["geolocation"],
    }


def test_a_worker_adds_a_stall_without_a_network_and_it_is_sent_later(browser: Browser, areas: dict[str, Area]) -> None:
    place = areas["c1s1a"]
    page = browser.page(person("community_worker", place), **here(place))
    page.goto("/desk/outlets/new/")
    page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
    assert until(lambda: page.evaluate("caches.open('phone-1').then((c) => c.keys()).then((k) => k.length)") >= 1), (
        "the page is kept"
    )
    page.context.set_offline(True)
    page.reload()
    assert "没有网络" in page.inner_text("#network")
    page.click("#here")
    assert until(lambda: "误差" in page.inner_text("#where"))
    page.set_input_files(
        "#photo", files=[{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo_bytes(3000, 2000, exif=True)}]
    )
    page.select_option("#type", "trade:shoe_repair")
    page.fill("#name", "老李修鞋")
    page.click("#done")
    assert "价目" in page.inner_text("#wrong")
    page.fill("#price-item", "换鞋跟")
    page.fill("#price-yuan", "10")
    page.click("#done")
    page.wait_for_selector("#drafts li[data-state=waiting]")
    assert Outlet.objects.count() == 0
    page.reload()  # the draft outlives the page
    page.wait_for_selector("#drafts li[data-state=waiting]")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), "nothing runs out of the phone"
    page.context.set_offline(False)
    page.wait_for_selector("#drafts li[data-state=sent]", timeout=15000)
    one = Outlet.objects.get()
    assert (one.name, one.state, one.trade, one.area, one.photos.count(), one.vouchers.count()) == (
        "老李修鞋",
        "open",
        "shoe_repair",
        place,
        1,
        1,
    )
    assert one.draft_key and max(one.photos.get().width, one.photos.get().height) == 1600
    page.reload()  # sent is sent: nothing goes out again
    page.wait_for_selector("#drafts li[data-state=sent]")
    assert Outlet.objects.count() == 1


def test_a_refused_draft_says_why_and_is_mended(browser: Browser, areas: dict[str, Area]) -> None:
    place, other = areas["c1s1a"], areas["c1s1b"]
    page = browser.page(person("community_worker", place), **here(other))
    page.goto("/desk/outlets/new/")
    page.click("#here")
    assert until(lambda: "误差" in page.inner_text("#where"))
    page.select_option("#type", "type:pharmacy")
    page.fill("#name", "康民药店")
    page.click("#done")
    page.wait_for_selector("#drafts li[data-state=refused]")
    assert other.name in page.inner_text("#drafts") and Outlet.objects.count() == 0
    page.click("#drafts button >> text=改一改")
    page.context.set_geolocation({"longitude": place.lon, "latitude": place.lat, "accuracy": 9})
    page.click("#here")
    assert until(lambda: f"{place.lat:.5f}" in page.inner_text("#where"))
    page.click("#done")
    page.wait_for_selector("#drafts li[data-state=sent]")
    assert page.locator("#drafts li").count() == 1 and Outlet.objects.get().area == place


def test_a_merchant_registers_and_is_approved(browser: Browser, areas: dict[str, Area]) -> None:
    place = areas["c1s1a"]
    merchant, worker = person("resident", areas["city"]), person("community_worker", place)
    page = browser.page(merchant, **here(place))
    page.goto("/add/")
    page.click("button >> text=登记新店")
    assert page.inner_text(".steps [aria-current]") == "在哪里"
    page.click("[data-here]")
    assert until(lambda: page.input_value("#lon").startswith("112."))
    page.fill("#address", "东街1号")
    page.click("button >> text=下一步")
    page.fill("#name", "老赵维修")
    page.select_option("#types", "repair")
    page.fill("#hours", "周一至周五 8:00-18:00")
    page.click("button >> text=下一步")
    page.goto("/merchant/")  # away and back: the draft is kept
    assert "草稿" in page.inner_text("main")
    page.click("text=接着填")
    page.fill("#uscc", USCC[:-1] + "M")
    page.set_input_files("#document", files=[{"name": "执照.pdf", "mimeType": "application/pdf", "buffer": PDF}])
    page.click("button >> text=提交审核")
    assert "校验不通过" in page.inner_text(".messages")
    page.fill("#uscc", USCC)
    page.click("button >> text=提交审核")
    assert "等候审核" in page.inner_text("main")
    desk = browser.page(worker)
    desk.goto("/desk/")
    desk.click("text=新网点登记待审核")
    assert USCC in desk.inner_text("main") and "执照.pdf" in desk.inner_text("main")
    desk.click("button >> text=通过")
    assert "已通过" in desk.inner_text(".messages")
    one = Outlet.objects.get()
    assert (one.state, one.owner, one.hours) == ("open", merchant, "Mo-Fr 08:00-18:00")
    page.goto(f"/merchant/outlets/{one.key}/")
    page.fill("[name=price_item] >> nth=0", "修伞")
    page.fill("[name=price_yuan] >> nth=0", "8")
    page.click("button >> text=保存 >> nth=0")
    assert "已保存" in page.inner_text(".messages") and one.prices.get().item == "修伞"


def test_a_stall_is_vouched_for_and_the_voucher_withdrawn(browser: Browser, areas: dict[str, Area]) -> None:
    place = areas["c1s1a"]
    page = browser.page(person("resident", areas["city"]), **here(place))
    page.goto("/add/stall/")
    page.select_option("#trade", "key_cutting")
    page.set_input_files(
        "#photo", files=[{"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo_bytes(2400, 1800, exif=True)}]
    )
    page.click("[data-here]")
    assert until(lambda: page.input_value("#lat") != "")
    page.fill("[name=price_item] >> nth=0", "配钥匙")
    page.fill("[name=price_yuan] >> nth=0", "5")
    page.fill("#name", "小王配钥匙")
    page.click("main button >> text=登记")
    assert "等候审核" in page.inner_text("main"), page.inner_text("main")
    one = Outlet.objects.get()
    assert one.state == "planned"
    desk = browser.page(person("community_worker", place))
    desk.goto("/desk/")
    desk.click("text=免照摊点待见证")
    desk.click("button >> text=作见证")
    assert until(lambda: Outlet.objects.get().state == "open")
    desk.goto(f"/desk/outlets/{one.key}/")
    desk.click("button >> text=撤回见证")
    assert "没有填写原因" in desk.inner_text(".messages")
    desk.fill("#reason", "占道，多次劝说无效")
    desk.click("button >> text=撤回见证")
    assert until(lambda: Outlet.objects.get().state == "paused")
    assert "占道，多次劝说无效" in desk.inner_text("main")
    page.goto(f"/merchant/outlets/{one.key}/")
    page.click("button >> text=恢复营业")
    assert "社区见证" in page.inner_text(".messages") and Outlet.objects.get().state == "paused"
