"""Every public page for every reader: 适老版 measured, WCAG 2.2 AA by axe, no policy broken, English without Chinese words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from web.reading import AXE, FLAGS, HAN, measure, pages_of, reader
from web.served import Served

TEXTS = measure("texts")
TARGETS = measure("targets")
COLUMNS = measure("columns")


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


def test_pages_for_the_old_keep_the_list(chrome: Any, served: Served) -> None:
    faults: list[str] = []
    with reader(chrome, served, large=True, service_workers="block") as phone:
        for name, path in pages_of(served).items():
            page = phone.open(path)
            if name == "map_card":
                phone.until("() => document.querySelector('.outlet-card')")
            texts, targets = page.evaluate(TEXTS), page.evaluate(TARGETS)
            assert texts and targets
            faults += [f"{name}: {t['size']:.1f} px: {t['text']}" for t in texts if t["size"] < 17.95]
            faults += [f"{name}: lines {t['lines']:.2f}: {t['text']}" for t in texts if t["lines"] < 1.295]
            faults += [f"{name}: contrast {t['contrast']:.1f}: {t['text']}" for t in texts if t["contrast"] < 4.5]
            faults += [
                f"{name}: {t['tag']} {t['wide']:.0f} x {t['high']:.0f}: {t['text']}"
                for t in targets
                if not t["running"] and min(t["wide"], t["high"]) < 59.5
            ]
            if max(t["size"] for t in texts) < 30:
                faults.append(f"{name}: largest text {max(t['size'] for t in texts):.1f} px")
            faults += [f"{name}: columns side by side: {each}" for each in page.evaluate(COLUMNS)]
            wide = page.evaluate("() => document.documentElement.scrollWidth")
            if wide > 391:
                faults.append(f"{name}: {wide} px wide on a phone of 390")
            if not page.locator("[data-read-aloud]").is_visible():
                faults.append(f"{name}: nothing reads aloud")
            faults += [f"{name}: {each}" for each in page.evaluate(measure("popups"))]
        faults += phone.faults
    assert faults == []


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize(("large", "phone"), [(False, True), (False, False), (True, True)])
def test_axe_finds_nothing_on_any_public_page(chrome: Any, served: Served, lang: str, large: bool, phone: bool) -> None:
    if not AXE.is_file():
        from conftest import missing

        missing("axe-core: run `make frontend`")
    found: list[str] = []
    with reader(chrome, served, lang=lang, large=large, phone=phone, bypass_csp=True, service_workers="block") as one:
        for name, path in pages_of(served).items():
            page = one.open(path)
            page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
            answer = page.evaluate(
                "() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })"
            )
            for each in answer["violations"]:
                found.append(f"{name}: {each['id']} {each['nodes'][0]['html'][:160]} ({len(each['nodes'])})")
    assert found == []


def test_english_pages_have_no_chinese_but_names(chrome: Any, served: Served) -> None:
    left: list[str] = []
    with reader(chrome, served, lang="en", service_workers="block") as one:
        for name, path in pages_of(served).items():
            page = one.open(path)
            if name == "map_card":
                one.until("() => document.querySelector('.outlet-card')")
            told = page.evaluate(measure("words"))
            left += [f"{name}: {text[:60]}" for text in told if HAN.search(text)]
            assert page.evaluate("() => document.documentElement.lang") == "en"
    assert sorted(set(left)) == []


def test_no_page_breaks_the_policy_or_fails(chrome: Any, served: Served) -> None:
    with reader(chrome, served, phone=False) as desk:
        for path in pages_of(served).values():
            desk.open(path)
        assert desk.faults == []
