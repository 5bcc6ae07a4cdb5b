"""Links between the pages of the interface, with the relations and media types that clients look for."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
CONFORMS = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}" for part in ("core", "oas30", "html", "geojson")
)

Link = dict[str, Any]


def address(request: HttpRequest, *parts: str, **query: Any) -> str:
    """Return the absolute address of a page under /ogc/."""
    path = "/ogc/" + "/".join(quote(part, safe="") for part in parts)
    asked = {key: value for key, value in query.items() if value is not None}
    return request.build_absolute_uri(path + ("?" + urlencode(asked) if asked else ""))


def link(href: str, rel: str, type: str, title: str) -> Link:
    """Return one link."""
    return {"href": href, "rel": rel, "type": type, "title": title}


def own(request: HttpRequest, parts: tuple[str, ...], type: str, as_html: bool) -> list[Link]:
    """Return the links of a page to itself and to its other form."""
    plain = {key: value for key, value in request.GET.items() if key != "f"}
    here, there = ("html", "json") if as_html else ("json", "html")
    types = {"json": type, "html": HTML}
    return [
        link(address(request, *parts, **plain, f=here), "self", types[here], "本页 This document"),
        link(address(request, *parts, **plain, f=there), "alternate", types[there], f"{there.upper()}"),
    ]


def paging(request: HttpRequest, parts: tuple[str, ...], start: int, limit: int, total: int, type: str) -> list[Link]:
    """Return the links to the page before and the page after, where there are such."""
    rest = {key: value for key, value in request.GET.items() if key not in ("offset", "limit")}
    links = []
    if start > 0:
        before = address(request, *parts, **rest, limit=limit, offset=max(0, start - limit))
        links.append(link(before, "prev", type, "上一页 Previous page"))
    if start + limit < total:
        links.append(
            link(address(request, *parts, **rest, limit=limit, offset=start + limit), "next", type, "下一页 Next page")
        )
    return links


def header(links: list[Link]) -> str:
    """Return links as the value of an HTTP Link header (ASCII only: titles stay in the body)."""
    return ", ".join(f'<{each["href"]}>; rel="{each["rel"]}"; type="{each["type"]}"' for each in links)
