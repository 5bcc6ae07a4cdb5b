"""A planner's whole way in a real browser: the worst community, two outlets and a gate tried, five million yuan solved for,
a site locked and solved again, accepted, the project list, the city's plan, and one of its numbers followed to its study.

The server and the queue's worker run beside the test, on the small demonstration city.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from docx import Document as Docx

from web.served import Served, serving

WAIT_MS = 120_000


def until(true: Callable[[], bool], seconds: float = WAIT_MS / 1000) -> None:
    """Wait until something holds; the pages' policy forbids the browser's own way of waiting for a script."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.1)


class Desk:
    """One page of a planner on a server of its own, with what went wrong in it."""

    def __init__(self, page: Any, served: Served) -> None:
        self.page, self.served, self.faults = page, served, []
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if "Content Security" in said.text else None)
        page.on("dialog", lambda dialog: dialog.accept())

    def tried(self, many: int) -> str:
        """Wait until so many tries have been shown; return what the effect says."""
        until(lambda: int(self.page.get_attribute("#app", "data-tried")) >= many)
        until(lambda: self.page.get_attribute("#effect", "aria-busy") is None)
        return str(self.page.inner_text("#effect"))

    def json(self, path: str) -> Any:
        """What the interface tells this planner."""
        return json.loads(self.page.request.get(path).text())


@pytest.fixture
def desk(chromium: str) -> Iterator[Desk]:
    if not (django_settings.BUILT / "manifest.json").is_file():
        from conftest import missing

        missing("the pages' scripts: run `make frontend`")
    from playwright.sync_api import sync_playwright

    with serving(worker=True) as served, sync_playwright() as play:
        chrome = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--enable-unsafe-swiftshader"])
        context = chrome.new_context(base_url=served.address, viewport={"width": 1280, "height": 900}, locale="zh-CN")
        context.add_cookies([served.sitting("city_planner")])
        made = Desk(context.new_page(), served)
        yield made
        chrome.close()
    assert not made.faults, made.faults


def test_from_the_worst_community_to_a_number_of_the_plan(desk: Desk) -> None:
    try_it(desk)
    proposal = solve_and_accept(desk)
    projects = desk.served.ask(
        "from yike.web.projects.models import Project\n"
        "answer = [[p.name, float(p.cost_yuan), p.study, p.space.state, p.space.name] for p in Project.objects.order_by('key')]"
    )
    assert len(projects) == len(proposal["sites"]) > 0
    assert all(yuan > 0 and study == proposal["study"] and state == "reserved" for _, yuan, study, state, _ in projects)
    desk.page.goto("/desk/projects/")
    assert projects[0][0] in desk.page.inner_text("main")
    number_of_the_plan(desk, projects[0][-1])


def try_it(desk: Desk) -> None:
    """Open the worst community from the desk, try two outlets and a gate, keep the scenario."""
    page = desk.page
    page.goto("/desk/")
    page.click("text=缺什么")
    page.click("text=试一试")
    page.click("#worst-communities a")
    page.wait_for_selector("#worst-homes")
    before = desk.tried(1)
    assert "没有打开的改动" in before
    for n, kind in enumerate(("repair", "wet_market")):
        page.select_option("#add-type", kind)
        if page.get_attribute("#worst-homes", "open") is None:
            page.click("#worst-homes summary")
        page.click("#worst-homes [data-add-here]")
        desk.tried(2 + n)
    assert page.inner_text("#effect") != before
    page.click("[data-tool=gate]")
    page.click("[data-open-gate] >> nth=0")
    desk.tried(4)
    page.fill("#scenario-name", "试两处网点和一扇门")
    page.click("#save")
    page.wait_for_url("**/desk/plan/*/**")
    kept = desk.served.ask("from yike.web.scenarios.models import Scenario\nanswer = Scenario.objects.get().changes")
    assert [each["verb"] for each in kept] == ["add", "add", "gate"]


def solve_and_accept(desk: Desk) -> Any:
    """Solve with five million yuan for the whole city, lock a site, solve again, accept; return what was accepted."""
    page = desk.page
    page.goto("/desk/plan/")
    page.fill("#budget", "500")
    page.click("#solve")
    page.wait_for_selector("#proof")
    first = desk.json("/api/proposals/1")
    assert first["settings"]["budget_yuan"] == 5_000_000 and first["answer"]["spent_yuan"] <= 5_000_000
    page.click("#sites [data-mark=locked] >> nth=0")
    page.click("#again")
    page.wait_for_selector("#sites [data-mark=locked][aria-pressed=true]")
    until(lambda: page.is_enabled("#solve"))
    second = desk.json("/api/proposals/2")
    [locked] = [each for each in second["sites"] if each["locked"]]
    assert second["before"] == 1 and [locked["space"], locked["business_type"]] in second["settings"]["locked"]
    page.click("#accept")
    page.wait_for_selector("#proposal-told a[href='/desk/projects/']")
    accepted = desk.json("/api/proposals/2")
    assert accepted["state"] == "accepted"
    return accepted


def number_of_the_plan(desk: Desk, space: str) -> None:
    """Make the city's plan, read one covered share in the DOCX, and follow it to its study."""
    page = desk.page
    page.goto("/desk/documents/")
    if not page.is_visible("#wanted"):
        page.click("details summary")
    page.select_option("#wanted", "city_plan")
    page.click("text=开始编制")
    page.wait_for_selector(".table a >> text=DOCX")
    [pk, standard, digest, figures] = desk.served.ask(
        "from yike.web.documents.models import Document\nfrom yike.web.studies.live import live\n"
        "d = Document.objects.get()\nanswer = [d.pk, d.standard, live(d.city).digest, d.figures]"
    )
    page.click(f"a[href='/desk/documents/{pk}/']")
    page.wait_for_selector(".sheets img")
    figure = next(each for each in figures if each["table"] == "coverage" and each["unit"] == "share")
    with page.expect_download() as taken:
        page.click("text=DOCX")
    told = docx_text(taken.value.path().read_bytes())
    assert figure["zh"] in told and "演示数据" in told
    assert space in told, "the project list names its spaces"
    page.goto(f"/desk/documents/{pk}/figures/{figure['id']}/")
    said = page.inner_text("main")
    assert "仍然成立" in said and digest in said and standard in said


def docx_text(content: bytes) -> str:
    """All text of a DOCX: paragraphs, tables, headers."""
    file = Docx(io.BytesIO(content))
    texts = [each.text for each in file.paragraphs]
    texts += [cell.text for table in file.tables for row in table.rows for cell in row.cells]
    texts += [each.text for section in file.sections for each in section.header.paragraphs]
    return "\n".join(texts)
