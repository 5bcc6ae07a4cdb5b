"""Strict content security on every page that a visitor or a planner can reach: the header, and nothing inline.

The pages are found by following links, so that a page of tomorrow is looked at without being named here.
"""

from __future__ import annotations

from collections import deque
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from web import town
from web.cast import person

pytestmark = pytest.mark.django_db
STARTS = (
    "/", "/near/", "/add/", "/about/", "/about/api/", "/accounts/login/", "/ogc/?f=html", "/no-such-page/",
    "/desk/", "/desk/keys/", "/merchant/",
)  # fmt: skip
LEFT_OUT = ("/export/", "/api/", "/static/", "/media/", "/tiles/", "/accounts/logout", "/language/")
SAME_KIND = 3  #: pages of one kind (same address but for keys and numbers) that are looked at
MOST = 150


class Page(HTMLParser):
    """What a browser would refuse in a page, and where it leads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.links: list[str] = []
        self.outside: list[str] = []
        self._in = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        for name, value in attributes:
            if name == "style" or name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.inline.append(f"<{tag} {name}={value!r}>")
        if tag == "style":
            self.inline.append("<style>")
        if (
            tag == "script"
            and "src" not in given
            and given.get("type") not in ("application/json", "application/ld+json")
        ):
            self.inline.append(f"<script type={given.get('type')!r}>")
        if tag in ("script", "img", "iframe", "link", "source", "audio", "video") and given.get("rel") not in (
            "alternate",
            "canonical",
            "license",
        ):
            address = given.get("src") or (given.get("href") if tag == "link" else None) or ""
            if urlsplit(address).netloc:
                self.outside.append(address)
        if tag == "a" and given.get("href"):
            self.links.append(given["href"] or "")

    handle_startendtag = handle_starttag


def kind_of(path: str) -> str:
    """Return an address without its keys and numbers."""
    return "/".join("*" if any(each.isdigit() for each in part) or len(part) > 24 else part for part in path.split("/"))


def crawl(client: Any, starts: tuple[str, ...]) -> dict[str, Any]:
    """Follow links from some pages; return the answers that are HTML, by address."""
    waiting, found, seen, kinds = deque(starts), {}, set(), {}
    while waiting and len(found) < MOST:
        address = waiting.popleft()
        kind = kind_of(urlsplit(address).path)
        if address in seen or kinds.get(kind, 0) >= SAME_KIND:
            continue
        seen.add(address)
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = client.get(address, headers={"accept": "text/html"})
        assert answer.status_code < 500, address
        if answer.status_code in (301, 302):
            waiting.append(urljoin(address, answer.url))
        if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
            continue
        found[address] = answer
        for link in Page(answer.content.decode()).links:
            target = urlsplit(urldefrag(urljoin(f"http://testserver{address}", link)).url)
            if target.netloc == "testserver" and not target.path.startswith(LEFT_OUT):
                waiting.append(target.path + (f"?{target.query}" if target.query else ""))
    return found


@pytest.fixture
def city():
    made = town.load()
    yield made
    town.forget()


@pytest.mark.parametrize("who", ["nobody", "resident", "city_planner", "community_worker"])
def test_every_page_has_the_policy_and_nothing_inline(city, client, who):
    if who != "nobody":
        area = (
            city.areas.filter(level="community").first() if who == "community_worker" else city.areas.get(parent=None)
        )
        client.force_login(person(who, area))
    outlet = city.outlets.filter(state="open").first()
    places = (
        f"/o/{outlet.key}/",
        f"/area/{outlet.area.code}/",
        f"/near/?city={city.slug}&lon={outlet.lon}&lat={outlet.lat}",
    )
    pages = crawl(client, (*STARTS, *places))
    assert len(pages) >= 12, list(pages)
    assert (pages["/desk/keys/"].status_code == 200) == (who == "city_planner")  # each has logged in as who it says
    for address, answer in pages.items():
        policy = answer.headers.get("Content-Security-Policy", "")
        for word in ("default-src 'self'", "object-src 'none'", "base-uri 'none'"):
            assert word in policy, (address, policy)
        assert "unsafe-inline" not in policy and "unsafe-eval" not in policy, (address, policy)
        page = Page(answer.content.decode())
        assert not page.inline, (address, page.inline)
        assert not page.outside, (address, page.outside)


def test_the_looker_sees_what_is_inline():
    bad = '<p style="color:red"><a href="javascript:x()" onclick="y()">z</a><style>p{}</style><script>1</script>'
    page = Page(bad + '<img src="//cdn.x/y.png">')
    assert len(page.inline) == 5 and page.outside == ["//cdn.x/y.png"]
    good = Page(
        '<script type="module" src="/static/a.js"></script><script type="application/json">{}</script><a href="/x">x</a>'
    )
    assert not good.inline and not good.outside and good.links == ["/x"]
