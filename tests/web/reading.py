"""How tests read the public pages: the pages there are, a browser for each kind of reader, and what is measured in it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from web.served import Served

FLAGS = ["--no-sandbox", "--enable-unsafe-swiftshader"]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
DESK = {"viewport": {"width": 1280, "height": 800}}
AXE = Path(__file__).parents[2] / "src/yike/web/frontend/node_modules/axe-core/axe.min.js"
MEASURES = Path(__file__).parent / "measures"
HAN = re.compile(r"[\u4e00-\u9fff]")


def measure(name: str) -> str:
    """Return one of the functions that measure a page, as Playwright takes it."""
    return "\n".join(
        line for line in (MEASURES / f"{name}.js").read_text(encoding="utf-8").splitlines() if not line.startswith("//")
    )


def pages_of(served: Served) -> dict[str, str]:
    """Return the addresses of all public pages by name."""
    lon, lat = served.home
    key, areas = served.outlet(types="community_workshop")["key"], served.areas
    return {
        "map": "/",
        "map_card": f"/?o={key}&from={lon},{lat}",
        "near_empty": "/near/",
        "near": f"/near/?lon={lon}&lat={lat}&when=any",
        "near_off": "/near/?lon=113.9&lat=35.9",
        "card": f"/o/{key}/?from={lon},{lat}",
        "community": f"/area/{areas['community']}/",
        "county": f"/area/{areas['county']}/",
        "circle": f"/circle/{served.circle}/",
        "about": "/about/",
        "offline": "/offline/",
        "missing": "/o/nobody/",
    }


class Reader:
    """One reader's browser: what it heard from the pages, and how to wait without eval (which the pages forbid)."""

    def __init__(self, context: Any, address: str) -> None:
        self.context, self.address = context, address
        self.faults: list[str] = []
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        if (
            message.type == "error"
            and "404" not in message.text
            and "net::ERR_INTERNET_DISCONNECTED" not in message.text
        ):
            self.faults.append(message.text)

    def open(self, path: str) -> Any:
        """Go to a page and wait until its map, if it has one, is drawn."""
        self.page.goto(self.address + path, wait_until="load")
        if self.page.locator("#map").count():
            self.until("() => ['ready', 'failed'].includes(document.documentElement.dataset.map)", 40)
        return self.page

    def until(self, question: str, seconds: float = 15) -> Any:
        """Ask the page again and again until it says yes."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            answer = self.page.evaluate(question)
            if answer:
                return answer
            time.sleep(0.05)
        raise AssertionError(f"never came: {question}")


@contextmanager
def reader(
    chrome: Any, served: Served, *, lang: str = "zh-CN", large: bool = False, phone: bool = True, **more: Any
) -> Iterator[Reader]:
    """One reader with a browser context of their own."""
    context = chrome.new_context(locale=lang, **{**(PHONE if phone else DESK), **more})
    if large:
        context.add_cookies([{"name": "large", "value": "1", "url": served.address}])
    context.set_default_timeout(20_000)
    try:
        yield Reader(context, served.address)
    finally:
        context.close()
