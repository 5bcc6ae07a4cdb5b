"""No page of the desk leads its reader where they may not go: menus and links are followed as four kinds of staff."""

from __future__ import annotations

import re
from collections import deque
from urllib.parse import urlsplit

import pytest
from django.test import Client

from web.cast import person

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<a [^>]*href="(/[^"#]*)')
PAGES = 60  #: of one reader
PER_KIND = 4  #: pages of one kind, as of one area each


def kind_of(path: str) -> str:
    """The address with codes and keys left out."""
    return re.sub(r"/[^/]*\d[^/]*", "/#", urlsplit(path).path)


def follow(client: Client) -> dict[str, int]:
    """Follow links from the desk, some of every kind; return the status of every page."""
    found, waiting, kinds = {}, deque(["/desk/"]), {}
    while waiting and len(found) < PAGES:
        path = waiting.popleft()
        kind = kind_of(path)
        if (
            path in found
            or kinds.get(kind, 0) >= PER_KIND
            or "export" in path
            or path.endswith((".csv", ".xlsx", ".geojson", ".zip"))
        ):
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = client.get(path)
        found[path] = answer.status_code
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            waiting += [
                each.replace("&amp;", "&")
                for each in LINK.findall(answer.content.decode())
                if each.startswith("/desk/")
            ]
    return found


@pytest.mark.parametrize(
    ("role", "level"),
    [
        ("county_officer", "county"),
        ("street_officer", "street"),
        ("community_worker", "community"),
        ("auditor", "city"),
    ],
)
def test_links_lead_only_where_one_may_go(demo_city, role, level):
    client = Client()
    client.force_login(person(role, demo_city.areas.filter(level=level, people__gt=0).first()))
    found = follow(client)
    assert len(found) > 10
    assert {path: status for path, status in found.items() if status >= 400} == {}
