"""Pages of OGC API - Features: landing, conformance, collections, items. JSON for programs, HTML for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from yike.web.areas.models import City
from yike.web.open import records
from yike.web.open.formats import MEDIA
from yike.web.open.ogc.asking import BadAsking, asked, check_only
from yike.web.open.ogc.links import (
    CONFORMS,
    CRS84,
    GEOJSON,
    GREGORIAN,
    HTML,
    JSON,
    OPENAPI,
    Link,
    address,
    header,
    link,
    own,
    paging,
)
from yike.web.open.ogc.openapi import description
from yike.web.open.origin import as_json as origin_json
from yike.web.open.origin import licences_of, origin_of
from yike.web.open.tables import Kind, kinds

View = Callable[..., HttpResponse]
ABOUT = "一刻平台的开放数据：网点、区域、生活圈与覆盖。Open data of yike: outlets, areas, living circles and coverage."


def page(view: View) -> View:
    """Make a page of the interface: GET and HEAD only; a bad question is 400 with every fault, an unknown thing 404."""

    @wraps(view)
    def answer(request: HttpRequest, **args: str) -> HttpResponse:
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            return _fault(request, 405, ["only GET and HEAD"], Allow="GET, HEAD, OPTIONS")
        if request.method == "OPTIONS":
            return _open_to_all(HttpResponse(status=204, headers={"Allow": "GET, HEAD, OPTIONS"}))
        try:
            return _open_to_all(view(request, **args))
        except BadAsking as bad:
            return _fault(request, 400, bad.faults)
        except LookupError as missing:
            return _fault(request, 404, [str(missing.args[0])])

    answer.csrf_exempt = True  # type: ignore[attr-defined]  # nothing is written: a POST is told 405, not of cookies
    return answer


def _open_to_all(response: HttpResponse) -> HttpResponse:
    """Let pages of other sites read it: it is the same for everyone and takes no cookie into account."""
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "Link, Retry-After"
    return response


def _fault(request: HttpRequest, status: int, faults: list[str], **headers: str) -> HttpResponse:
    code = {400: "InvalidParameterValue", 404: "NotFound", 405: "MethodNotAllowed"}[status]
    body = {"code": code, "description": "; ".join(faults)}
    return _open_to_all(HttpResponse(orjson.dumps(body), status=status, content_type=JSON, headers=headers))


def wants_html(request: HttpRequest) -> bool:
    """Return whether a person asks: ``f=html``, or a browser's Accept."""
    chosen = request.GET.get("f")
    if chosen:
        return chosen == "html"
    accept = request.headers.get("Accept", "")
    return "text/html" in accept and "json" not in accept.split("text/html")[0]


def _told(request: HttpRequest, template: str, body: dict[str, Any], type: str = JSON, **more: Any) -> HttpResponse:
    if wants_html(request):
        response = render(request, f"open/ogc_{template}.html", {"body": body, **more})
    else:
        response = HttpResponse(orjson.dumps(body), content_type=type)
    if body.get("links"):
        response["Link"] = header(body["links"])
    response["Vary"] = "Accept, Accept-Language, Cookie" if wants_html(request) else "Accept"
    return response


@page
def landing(request: HttpRequest) -> HttpResponse:
    """Return the way in."""
    check_only(request.GET, ("f",))
    links = [
        *own(request, (), JSON, wants_html(request)),
        link(address(request, "api"), "service-desc", OPENAPI, "接口定义 OpenAPI 3.0"),
        link(request.build_absolute_uri("/about/api/"), "service-doc", HTML, "接口说明 Documentation"),
        link(address(request, "conformance"), "conformance", JSON, "符合的标准 Conformance"),
        link(address(request, "collections"), "data", JSON, "数据集 Collections"),
    ]
    return _told(request, "landing", {"title": "一刻 yike", "description": ABOUT, "links": links})


@page
def conformance(request: HttpRequest) -> HttpResponse:
    """Return which parts of the standard hold here."""
    check_only(request.GET, ("f",))
    body = {
        "conformsTo": list(CONFORMS),
        "links": own(request, ("conformance",), JSON, wants_html(request)),
    }
    return _told(request, "conformance", body)


@page
def api(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI 3.0 description, with one path per collection so that programs know its fields."""
    check_only(request.GET, ("f",))
    body = description(request.build_absolute_uri("/ogc").rstrip("/"), list(City.objects.all()))
    return HttpResponse(orjson.dumps(body), content_type=OPENAPI)


@page
def collections(request: HttpRequest) -> HttpResponse:
    """Return all collections of all cities."""
    check_only(request.GET, ("f",))
    every = [_collection(request, city, kind) for city in City.objects.all() for kind in kinds().values()]
    links = own(request, ("collections",), JSON, wants_html(request))
    return _told(request, "collections", {"collections": every, "links": links})


@page
def collection(request: HttpRequest, id: str) -> HttpResponse:
    """Return what one collection is, and where it comes from."""
    check_only(request.GET, ("f",))
    city, kind = _known(id)
    request.city = city  # type: ignore[attr-defined]
    body = _collection(request, city, kind) | {"origin": origin_json(origin_of(kind.name, city))}
    body["links"] = own(request, ("collections", id), JSON, wants_html(request)) + body["links"][1:]
    return _told(request, "collection", body, kind=kind, fields=kind.fields)


@page
def items(request: HttpRequest, id: str) -> HttpResponse:
    """Return a page of a collection's features."""
    city, kind = _known(id)
    request.city = city  # type: ignore[attr-defined]
    asking = asked(request.GET, kind)
    chosen = records.found(kind.name, city)
    for name, value in asking.fields.items():
        chosen = records.with_field(chosen, kind.name, name, value)
    if asking.box:
        chosen = records.in_box(chosen, kind.name, city, asking.box)
    if asking.since or asking.until:
        chosen = records.in_time(chosen, kind.name, asking.since, asking.until)
    total = chosen.count()
    shown = [records.told(kind.name, city, each) for each in chosen[asking.offset : asking.offset + asking.limit]]
    parts, as_html = ("collections", id, "items"), wants_html(request)
    body = {
        "type": "FeatureCollection",
        "links": [
            *own(request, parts, GEOJSON, as_html),
            *paging(request, parts, asking.offset, asking.limit, total, HTML if as_html else GEOJSON),
            link(address(request, "collections", id), "collection", JSON, kind.zh),
        ],
        "timeStamp": _now(),
        "numberMatched": total,
        "numberReturned": len(shown),
        "features": [_feature(each) for each in shown],
    }
    words = {"kind": kind, "id": id, "first": asking.offset + 1, "last": asking.offset + len(shown)}
    if as_html:
        words["lines"] = [(each.id, [said(each.properties[field.name]) for field in kind.columns]) for each in shown]
    return _told(request, "items", body, GEOJSON, **words)


@page
def item(request: HttpRequest, id: str, fid: str) -> HttpResponse:
    """Return one feature."""
    check_only(request.GET, ("f",))
    city, kind = _known(id)
    request.city = city  # type: ignore[attr-defined]
    record = records.one(kind.name, city, fid) if fid.isprintable() else None
    if record is None:
        raise LookupError(f'no item "{fid}" in {id}')
    body = _feature(record)
    body["links"] = [
        *own(request, ("collections", id, "items", fid), GEOJSON, wants_html(request)),
        link(address(request, "collections", id), "collection", JSON, kind.zh),
    ]
    return _told(request, "item", body, GEOJSON, kind=kind, id=id, fields=_labelled(kind, record.properties))


def _known(id: str) -> tuple[City, Kind]:
    """Return city and kind of a collection's id, as ``jincheng.outlets``."""
    slug, _, kind = id.rpartition(".")
    city = City.objects.filter(slug=slug).first() if slug.isprintable() else None
    if city is None or kind not in kinds():
        raise LookupError(f'no collection "{id}"')
    return city, kinds()[kind]


def _collection(request: HttpRequest, city: City, kind: Kind) -> dict[str, Any]:
    id = f"{city.slug}.{kind.name}"
    lang = "en" if (get_language() or "").startswith("en") else "zh"
    extent: dict[str, Any] = {"spatial": {"bbox": [[city.west, city.south, city.east, city.north]], "crs": CRS84}}
    if kind.time_field:
        extent["temporal"] = {"interval": [[None, None]], "trs": GREGORIAN}
    links: list[Link] = [
        link(address(request, "collections", id), "self", JSON, "本页 This document"),
        link(address(request, "collections", id, "items"), "items", GEOJSON, "要素 Features as GeoJSON"),
        link(address(request, "collections", id, "items", f="html"), "items", HTML, "要素 Features as HTML"),
    ]
    for format, type in MEDIA.items():
        href = request.build_absolute_uri(f"/export/{city.slug}/{kind.name}.{format}")
        links.append(link(href, "enclosure", type, f"下载 Download ({format})"))
    for each in licences_of([], city.made_up):
        links.append(link(each["url"], "license", HTML, each[lang]))
    notice = "演示数据 · Demonstration data. " if city.made_up else ""
    return {
        "id": id,
        "title": f"{city.name} · {kind.zh}" if lang == "zh" else f"{city.name_en}: {kind.en}",
        "description": notice + kind.about(lang),
        "itemType": "feature",
        "crs": [CRS84],
        "extent": extent,
        "links": links,
    }


def _feature(record: records.Record) -> dict[str, Any]:
    return {"type": "Feature", "id": record.id, "geometry": record.geometry, "properties": record.properties}


def said(value: Any) -> str:
    """Return a value as people read it."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list | tuple):
        return " · ".join(str(each) for each in value) or "—"
    return "—" if value is None or value == "" else str(value)


def _labelled(kind: Kind, properties: dict[str, Any]) -> list[tuple[str, str, str]]:
    lang = "en" if (get_language() or "").startswith("en") else "zh"
    return [(each.name, each.en if lang == "en" else each.zh, said(properties[each.name])) for each in kind.fields]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
