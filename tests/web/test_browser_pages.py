"""Every public page for every reader: 适老版 measured, WCAG 2.2 AA by axe, no policy broken, English without Chinese words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from web.reading import AXE, FLAGS, HAN, pages_of, reader
from web.served import Served

# What each page shows as text, with its size, the room between its lines and its contrast with what is behind it.
TEXTS = """() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const over = node.parentElement, text = node.textContent.trim();
    if (!text || over.closest('script, style, noscript, option, .skip, .visually-hidden') || !over.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(over), drawn = over.closest('svg');
    if (drawn && drawn.classList.contains('mark')) continue; // a mark's letter: its name stands beside it
    let scale = 1;
    if (drawn) scale = drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width;
    let behind = over, ground = [255, 255, 255, 1];
    for (; behind; behind = behind.parentElement) { const c = rgb(getComputedStyle(behind).backgroundColor); if (c.length < 4 || c[3] > 0.5) { ground = c; break; } }
    const a = light(rgb(drawn ? style.fill : style.color)), b = light(ground);
    found.push({ text: text.slice(0, 40), size: parseFloat(style.fontSize) * scale, lines: drawn ? 9 : parseFloat(style.lineHeight) / parseFloat(style.fontSize), contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), map: Boolean(over.closest('.maplibregl-map')), block: style.display !== 'inline' });
  }
  return found;
}"""
# What can be tapped, with its box. A link within a sentence is as high as its line (WCAG 2.5.8 excepts it).
TARGETS = """() => [...document.querySelectorAll('a[href], button, summary, select, input:not([type=hidden])')].filter((node) => node.checkVisibility() && !node.closest('.skip, noscript, .visually-hidden') && !node.matches('.skip') && !node.disabled).map((node) => {
  const box = node.getBoundingClientRect();
  const running = node.tagName === 'A' && getComputedStyle(node).display === 'inline' && node.parentElement.textContent.trim() !== node.textContent.trim();
  return { text: (node.textContent || node.name || node.id || node.getAttribute('aria-label')).trim().slice(0, 30), tag: node.tagName, wide: box.width, high: box.height, running };
})"""
COLUMNS = """() => [...document.querySelectorAll('main *')].filter((node) => ['grid', 'flex'].includes(getComputedStyle(node).display) && node.checkVisibility() && node.querySelector('p, h2, table, form') && !node.closest('svg, table')).filter((node) => {
  const boxes = [...node.children].filter((child) => child.checkVisibility() && getComputedStyle(child).position !== 'absolute').map((child) => child.getBoundingClientRect()).filter((box) => box.width && box.height);
  return boxes.some((a) => boxes.some((b) => a !== b && a.right <= b.left + 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1));
}).map((node) => node.className)"""


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
            faults += [f"{name}: {t['tag']} {t['wide']:.0f} x {t['high']:.0f}: {t['text']}" for t in targets if not t["running"] and min(t["wide"], t["high"]) < 59.5]
            if max(t["size"] for t in texts) < 30:
                faults.append(f"{name}: largest text {max(t['size'] for t in texts):.1f} px")
            faults += [f"{name}: columns side by side: {each}" for each in page.evaluate(COLUMNS)]
            wide = page.evaluate("() => document.documentElement.scrollWidth")
            if wide > 391:
                faults.append(f"{name}: {wide} px wide on a phone of 390")
            if not page.locator("[data-read-aloud]").is_visible():
                faults.append(f"{name}: nothing reads aloud")
            faults += [f"{name}: {each}" for each in page.evaluate("() => [...document.querySelectorAll('dialog[open], [role=dialog], [aria-roledescription=carousel], marquee')].map((each) => each.outerHTML.slice(0, 60))")]
        faults += phone.faults
    assert faults == []


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize("phone", [True, False])
def test_axe_finds_nothing_on_any_public_page(chrome: Any, served: Served, lang: str, large: bool, phone: bool) -> None:
    if not AXE.is_file():
        from conftest import missing

        missing("axe-core: run `make frontend`")
    if large and not phone:
        pytest.skip("适老版 is one column on a desk as well")
    found: list[str] = []
    with reader(chrome, served, lang=lang, large=large, phone=phone, bypass_csp=True, service_workers="block") as one:
        for name, path in pages_of(served).items():
            page = one.open(path)
            page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
            answer = page.evaluate("() => axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })")
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
            told = page.evaluate(
                """() => { const names = [...document.querySelectorAll('[translate=no]')].map((each) => each.textContent.trim()).filter(Boolean);
                const bare = (text) => names.reduce((left, name) => left.replaceAll(name, ''), text);
                const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                for (let node = walk.nextNode(); node; node = walk.nextNode()) if (!node.parentElement.closest('script, noscript, [translate=no], [lang^=zh]')) found.push(node.textContent.trim());
                for (const node of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) for (const attribute of ['aria-label', 'title', 'placeholder', 'alt']) found.push(bare(node.getAttribute(attribute) ?? ''));
                return [bare(document.title), ...found]; }"""
            )
            left += [f"{name}: {text[:60]}" for text in told if HAN.search(text)]
            assert page.evaluate("() => document.documentElement.lang") == "en"
    assert sorted(set(left)) == []


def test_no_page_breaks_the_policy_or_fails(chrome: Any, served: Served) -> None:
    with reader(chrome, served, phone=False) as desk:
        for path in pages_of(served).values():
            desk.open(path)
        assert desk.faults == []
