"""The planning desk in a real browser: the worst community, two outlets and a gate tried, kept, and compared."""

from __future__ import annotations

from typing import Any

import pytest

from web.cast import person
from web.test_browser_register import PHONE, Browser, browser, until
from yike.web.scenarios.living import table_of
from yike.web.scenarios.models import Scenario
from yike.web.scenarios.trying import worst_communities

assert browser  # the fixture
pytestmark = pytest.mark.django_db(transaction=True)
DESK = {"viewport": {"width": 1280, "height": 900}, "has_touch": False, "is_mobile": False}


def tried(page: Any, more_than: int) -> bool:
    """Wait for another answer."""
    return until(lambda: int(page.get_attribute("#app", "data-tried")) > more_than, 30)


def after(page: Any, gesture: Any) -> str:
    """Make a gesture and return the sentence that answers it."""
    assert until(lambda: page.get_attribute("#effect", "aria-busy") is None, 30)
    before = int(page.get_attribute("#app", "data-tried"))
    gesture()
    assert tried(page, before)
    assert until(lambda: page.get_attribute("#effect", "aria-busy") is None, 30)
    return str(page.inner_text("#effect-sentence"))


def test_a_planner_tries_two_outlets_and_a_gate(browser: Browser, demo_city: Any) -> None:
    planner = person("city_planner", demo_city.root)
    worst = worst_communities(table_of(demo_city), "", demo_city.root)[0]
    page = browser.page(planner, **DESK)
    page.goto("/desk/plan/")
    assert tried(page, 0) and "现状" in page.inner_text("#effect-sentence")
    page.click("#worst-communities a >> nth=0")
    page.wait_for_url(f"**area={worst['code']}**")
    assert tried(page, 0) and worst["name"] in page.inner_text("h1")
    one = after(page, lambda: page.click("[data-add-here] >> nth=0"))
    page.select_option("#add-type", "repair")
    assert until(lambda: page.input_value("#kind") == "repair")
    two = after(page, lambda: page.focus("#add-middle") or page.keyboard.press("Enter"))
    page.click("[data-tool=gate]")
    page.wait_for_selector("[data-open-gate]")
    three = after(page, lambda: page.click("[data-open-gate] >> nth=0"))
    assert len({one, two, three}) >= 2 and all("净增" in each for each in (one, two))
    assert page.locator(".change-list li").count() == 3 and "演示数据" in page.inner_text("body")
    assert after(page, lambda: page.click("[data-switch='2']")) == two, "a change that is off does nothing"
    assert after(page, lambda: page.click("#undo")) == three
    _dial(page)
    for view in ("diff", "now", "after"):
        page.click(f"[data-view={view}]")
        assert page.get_attribute(f"[data-view={view}]", "aria-pressed") == "true" and f"view={view}" in page.url
    address = page.url
    page.goto(address)  # the address holds all of it
    assert tried(page, 0) and until(lambda: page.locator(".change-list li").count() == 3)
    assert page.inner_text("#effect-sentence") == three
    _kept_and_compared(page)


def _dial(page: Any) -> None:
    page.click("[data-tool=add]")
    page.click("#worst-homes summary")
    assert after(page, lambda: page.click("#worst-homes .row-button >> nth=0"))
    assert page.locator(".dial-pair svg").count() == 2 and "类" in page.inner_text(".dials")


def _kept_and_compared(page: Any) -> None:
    for name in ("先补两家", "再补一家"):
        page.fill("#scenario-name", name)
        page.click("#save")
        assert until(lambda name=name: Scenario.objects.filter(name=name).exists())  # type: ignore[misc]
        page.wait_for_selector(f"h1:has-text('{name}')")  # the scenario's own page
        page.wait_for_selector("#save-over")
        assert until(lambda: page.locator(".change-list li").count() == 3) and tried(page, 0)
    for each in page.locator("[name=compare]").all():
        each.check()
    page.click("#compare")
    page.wait_for_url("**/compare/**")
    assert "先补两家" in page.inner_text("main") and "受益人数" in page.inner_text("main")


def test_the_desk_on_a_phone(browser: Browser, demo_city: Any) -> None:
    community = demo_city.areas.filter(level="community", people__gt=0).first()
    page = browser.page(person("street_officer", community.parent), **PHONE)
    page.goto(f"/desk/plan/?area={community.code}")
    assert tried(page, 0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), "nothing runs out of the phone"
    page.click("#worst-homes summary") if page.get_attribute("#worst-homes", "open") is None else None
    assert "净增" in after(page, lambda: page.click("[data-add-here] >> nth=0"))
    assert "求解由市级规划员" in page.inner_text(".plan-proposal")
