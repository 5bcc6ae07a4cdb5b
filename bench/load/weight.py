"""What a page weighs: bytes that a browser takes over the wire until the map is drawn, by kind, compressed as served."""

from __future__ import annotations

import shutil
from collections import Counter
from typing import Any
from urllib.request import Request, urlopen


def page_weight(address: str) -> dict[str, Any] | None:
    """Open a page in Chromium on a phone's screen with an empty cache; None where there is no Chromium."""
    program = shutil.which("chromium")
    if program is None:
        return None
    from playwright.sync_api import sync_playwright

    kinds: Counter[str] = Counter()
    with sync_playwright() as play:
        arguments = [
            "--no-sandbox",
            "--disable-background-networking",
            "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader",
        ]
        browser = play.chromium.launch(executable_path=program, args=arguments)
        page = browser.new_page(viewport={"width": 390, "height": 844}, service_workers="block",
                                extra_http_headers={"Accept-Encoding": "gzip"})  # fmt: skip
        finished: list[Any] = []
        page.on("requestfinished", lambda request: finished.append(request))
        page.goto(address, wait_until="networkidle")
        page.wait_for_timeout(3000)
        for request in list(finished):
            size = request.sizes()["responseBodySize"]
            kinds[_kind(request)] += size if size > 0 else _fetched(request.url)
        browser.close()
    return {"total_bytes": sum(kinds.values()), "by_kind": dict(sorted(kinds.items()))}


def _fetched(address: str) -> int:
    """Return what an answer weighs that Chromium does not tell, as that of a worker's own script."""
    if not address.startswith("http"):
        return 0  # made in the page itself
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip"})) as answer:
        return len(answer.read())


def _kind(request: Any) -> str:
    path = request.url.split("?")[0]
    if "/tiles/" in path:
        return "tiles"
    if "/api/" in path:
        return "data"
    return {"document": "page", "stylesheet": "style", "script": "script"}.get(
        request.resource_type, request.resource_type
    )
