"""The page that explains the interfaces to people, made from the OpenAPI description itself: no script, no other site."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve
from django.views.decorators.http import require_safe

from yike.web.accounts.keys import scopes
from yike.web.areas.models import City
from yike.web.open.formats import WRITERS
from yike.web.open.limits import read_limits
from yike.web.open.tables import kinds

METHODS = ("get", "post", "put", "patch", "delete")


@require_safe
def api_page(request: HttpRequest) -> HttpResponse:
    """Show every operation of /api/, the layers of /ogc/, the files of /export/, keys and limits."""
    limits = [
        {"who": each.who, "prefix": each.prefix, "minute": round(each.per_s * 60), "burst": round(each.burst)}
        for each in read_limits()
    ]
    page = {
        "operations": operations(), "cities": City.objects.all(), "kinds": kinds().values(), "formats": list(WRITERS),
        "limits": limits, "scopes": scopes().values(),
    }  # fmt: skip
    return render(request, "open/api.html", page)


def described(request: HttpRequest | None = None) -> dict[str, Any]:
    """Return the OpenAPI description. It is asked for by its address: the interface lies above this floor."""
    from django.test import RequestFactory

    asked = request or RequestFactory().get("/api/openapi.json")
    match = resolve("/api/openapi.json")
    return json.loads(match.func(asked, *match.args, **match.kwargs).content)


@cache
def operations() -> tuple[dict[str, Any], ...]:
    """Return every operation with what a page needs: address, words, parameters, answers, who may."""
    told = described()
    return tuple(
        {
            "id": operation["operationId"],
            "method": method.upper(),
            "path": path,
            "summary": operation.get("summary", ""),
            "text": operation.get("description", ""),
            "parameters": [_parameter(each) for each in operation.get("parameters", ())],
            "body": ", ".join(operation.get("requestBody", {}).get("content", {})),
            "answers": ", ".join(str(code) for code in operation["responses"]),
            "locked": bool(operation.get("security")),
        }
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    )


def _parameter(told: dict[str, Any]) -> dict[str, Any]:
    schema = told.get("schema", {})
    kinds_of = [each.get("type") for each in schema.get("anyOf", [schema]) if each.get("type") not in (None, "null")]
    default = schema.get("default")
    return {
        "name": told["name"],
        "required": told.get("required", False),
        "type": " | ".join(kinds_of),
        "default": "" if default in (None, "") else default,
        "text": told.get("description") or schema.get("description", ""),
    }
