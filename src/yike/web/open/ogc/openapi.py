"""The OpenAPI 3.0 description of the OGC interface: one path per collection, its fields as query parameters.

QGIS reads ``components.parameters.limit`` (longest page) and, per ``/collections/<id>/items``, the parameters with style
``form`` and ``explode`` false: it filters by them on the server.
"""

from __future__ import annotations

from typing import Any

from yike import __version__
from yike.web.areas.models import City
from yike.web.open.ogc.links import GEOJSON, JSON, OPENAPI
from yike.web.open.tables import Field, Kind, kinds, rules

Described = dict[str, Any]


def description(server: str, cities: list[City]) -> Described:
    """Return the description for a server's address and its cities."""
    paths: Described = {
        "/": _get("landing", "入口 Landing page", "LandingPage", JSON),
        "/conformance": _get("conformance", "符合的标准 Conformance classes", "Conformance", JSON),
        "/api": {"get": {"operationId": "api", "summary": "接口定义 This document", "tags": ["capabilities"],
                         "responses": {"200": _content("OpenAPI 3.0", OPENAPI, {"type": "object"}), **_faults("400")}}},
        "/collections": _get("collections", "数据集 Collections", "Collections", JSON),
    }  # fmt: skip
    for city in cities:
        for kind in kinds().values():
            paths |= _paths(city, kind)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "一刻 yike · OGC API - Features",
            "version": __version__,
            "description": "网点、区域、生活圈与覆盖 Outlets, areas, living circles and coverage. No key is needed.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "servers": [{"url": server}],
        "tags": [{"name": "capabilities", "description": "What there is"}, {"name": "data", "description": "Features"}],
        "paths": paths,
        "components": {"parameters": _parameters(), "schemas": _schemas(), "responses": _responses()},
    }


def _paths(city: City, kind: Kind) -> Described:
    id = f"{city.slug}.{kind.name}"
    name = f"{city.slug}_{kind.name}".replace("-", "_")
    common = [{"$ref": f"#/components/parameters/{each}"} for each in ("f", "bbox", "datetime", "limit", "offset")]
    items = {
        "operationId": f"items_{name}",
        "tags": ["data"],
        "summary": f"{city.name} · {kind.zh} {kind.en}",
        "description": f"{kind.zh_about} {kind.en_about}",
        "parameters": common + [_parameter(each) for each in kind.filters.values()],
        "responses": {
            "200": _content("A page of features", GEOJSON, {"$ref": f"#/components/schemas/{kind.name}_page"}),
            **_faults("400", "404", "429"),
        },
    }
    item = {
        "operationId": f"item_{name}",
        "tags": ["data"],
        "summary": f"{city.name} · {kind.zh} {kind.en}: 单个要素 one feature",
        "parameters": [
            {
                "name": "fid",
                "in": "path",
                "required": True,
                "description": f"{kind.id_field}",
                "schema": {"type": "string"},
            },
            {"$ref": "#/components/parameters/f"},
        ],
        "responses": {
            "200": _content("A feature", GEOJSON, {"$ref": f"#/components/schemas/{kind.name}"}),
            **_faults("400", "404", "429"),
        },
    }
    return {
        f"/collections/{id}": _get(f"collection_{name}", f"{city.name} · {kind.zh} {kind.en}", "Collection", JSON),
        f"/collections/{id}/items": {"get": items},
        f"/collections/{id}/items/{{fid}}": {"get": item},
    }


def _get(name: str, summary: str, schema: str, type: str) -> Described:
    return {
        "get": {
            "operationId": name,
            "tags": ["capabilities"],
            "summary": summary,
            "parameters": [{"$ref": "#/components/parameters/f"}],
            "responses": {
                "200": _content(summary, type, {"$ref": f"#/components/schemas/{schema}"}),
                **_faults("400", "404", "429"),
            },
        }
    }


def _content(text: str, type: str, schema: Described) -> Described:
    found = {"description": text, "content": {type: {"schema": schema}}}
    if type != OPENAPI:
        found["content"]["text/html"] = {"schema": {"type": "string"}}  # type: ignore[index]
    return found


def _faults(*codes: str) -> Described:
    return {code: {"$ref": f"#/components/responses/Fault{code}"} for code in codes}


def _responses() -> Described:
    words = {
        "400": "Parameters that are unknown or wrong",
        "404": "There is no such thing",
        "429": "Too many requests; see Retry-After",
    }
    return {
        f"Fault{code}": {"description": text, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Fault"}}}}
        for code, text in words.items()
    }


def _parameter(field: Field) -> Described:
    kind = field.type if field.type in ("boolean", "number", "integer") else "string"
    return {
        "name": field.name, "in": "query", "required": False, "style": "form", "explode": False,
        "description": f"{field.zh} {field.en}", "schema": {"type": kind},
    }  # fmt: skip


def _parameters() -> Described:
    number = {"type": "number"}

    def query(name: str, text: str, schema: Described) -> Described:
        return {"name": name, "in": "query", "required": False, "style": "form", "explode": False,
                "description": text, "schema": schema}  # fmt: skip

    return {
        "f": query("f", "表现形式 Form of the answer", {"type": "string", "enum": ["json", "html"]}),
        "bbox": query(
            "bbox", "范围 west,south,east,north (WGS 84 degrees); six numbers with heights are taken as well",
            {"type": "array", "items": number, "minItems": 4, "maxItems": 6},
        ),
        "datetime": query(
            "datetime", "时间 A day, a moment or an interval (RFC 3339), .. for an open end; of outlets: last verified",
            {"type": "string"},
        ),
        "limit": query(
            "limit", "每页条数 Features per page; more than the maximum gives the maximum",
            {"type": "integer", "minimum": 1, "maximum": rules()["items_most"], "default": rules()["items_default"]},
        ),
        "offset": query("offset", "跳过条数 Features to skip", {"type": "integer", "minimum": 0, "default": 0}),
    }  # fmt: skip


def _schemas() -> Described:
    text, links = {"type": "string"}, {"type": "array", "items": {"$ref": "#/components/schemas/Link"}}
    geometry = {
        "type": "object",
        "nullable": True,
        "required": ["type"],
        "properties": {"type": text, "coordinates": {"type": "array", "items": {}}},
    }
    found: Described = {
        "Link": _object(("href", "rel"), href=text, rel=text, type=text, title=text),
        "Fault": _object(("code",), code=text, description=text),
        "LandingPage": _object(("links",), title=text, description=text, links=links),
        "Conformance": _object(("conformsTo",), conformsTo={"type": "array", "items": text}, links=links),
        "Collection": _object(
            ("id", "links"), id=text, title=text, description=text, itemType=text, extent={"type": "object"},
            crs={"type": "array", "items": text}, origin={"type": "object"}, links=links,
        ),
        "Collections": _object(
            ("collections", "links"), links=links,
            collections={"type": "array", "items": {"$ref": "#/components/schemas/Collection"}},
        ),
    }  # fmt: skip
    for kind in kinds().values():
        fields = {each.name: each.schema() for each in kind.fields}
        found[kind.name] = _object(
            ("type", "id", "geometry", "properties"), type={"type": "string", "enum": ["Feature"]}, id=text, geometry=geometry,
            properties={"type": "object", "properties": fields}, links=links,
        )  # fmt: skip
        found[f"{kind.name}_page"] = _object(
            ("type", "features"), type={"type": "string", "enum": ["FeatureCollection"]},
            features={"type": "array", "items": {"$ref": f"#/components/schemas/{kind.name}"}}, links=links,
            timeStamp={"type": "string", "format": "date-time"}, numberMatched={"type": "integer", "minimum": 0},
            numberReturned={"type": "integer", "minimum": 0},
        )  # fmt: skip
    return found


def _object(required: tuple[str, ...], **properties: Described) -> Described:
    return {"type": "object", "required": list(required), "properties": properties}
