"""The page of a study in a real browser: it draws, it answers a tap, it asks the network for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from yike.report.map_sheet import draw_sheets
from yike.report.page import write_page
from yike.study import InputFile, Settings, Study, run, start_study

COVERED = """() => { const lies = (r, x, y) => x > r.left && x < r.right && y > r.top && y < r.bottom;
  const at = canvas.getBoundingClientRect(), boxes = ["legend", "zoom"].map((id) => $(id).getBoundingClientRect());
  return [...Array(facts.homes).keys()].filter((h) => boxes.some((r) =>
    lies(r, at.left + screenX(arrays.home_at[2 * h]), at.top + screenY(arrays.home_at[2 * h + 1])))).length; }"""


@pytest.fixture(scope="module")
def study(helsinki: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    made_up = Settings(name="demo <b>", made_up=True, walkers=("adult", "elder"), maps=(InputFile(str(helsinki)),))
    study = start_study(tmp_path_factory.mktemp("page") / "s", made_up)
    run(study)
    return study


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_the_page_works_offline(study: Study, chromium: str, tmp_path: Path, size: tuple[int, int]):
    from playwright.sync_api import sync_playwright

    path = write_page(study, tmp_path / "map.html", lang="zh")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        asked, errors = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_selector("body[data-ready=yes]")
        assert page.inner_text("#band").startswith("演示数据")
        assert page.inner_text("#title").startswith("demo <b>")
        page.evaluate("choose(3)")
        assert page.locator("#dial line").count() > 20
        assert "分钟" in page.inner_text("#home-table")
        page.click("#language")
        assert "min" in page.inner_text("#home-table")
        page.click("#large")
        assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 18
        assert page.evaluate(COVERED) == 0, "neither legend nor buttons lie over a home of the whole map"
        assert page.evaluate("document.querySelectorAll('#stage [aria-label=\"+\"]').length") == 0
        page.click("#back")
        assert page.is_hidden("#home") and page.is_visible("#whole")
        wide = page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
        assert wide, "nothing runs out of the page"
        assert errors == []
        assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []
        browser.close()


def test_sheets_are_drawn_and_say_made_up(study: Study, tmp_path: Path):
    files = draw_sheets(study, tmp_path, types=("pharmacy",), lang="zh")
    assert [file.name for file in files] == ["overview.adult.png", "pharmacy.adult.png"]
    assert all(file.stat().st_size > 30_000 and file.read_bytes()[:4] == b"\x89PNG" for file in files)
