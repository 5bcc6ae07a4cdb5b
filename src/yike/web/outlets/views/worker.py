"""The community worker's page on a phone: where I stand, photo, type, name, done; and the way in of its drafts."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from yike.web.accounts.rights import need
from yike.web.outlets.choices import business_types, labels, limit, table
from yike.web.outlets.views.common import city_json, city_of
from yike.web.outlets.wording import language


@require_safe
@ensure_csrf_cookie
def new(request: HttpRequest) -> HttpResponse:
    """The page. It names nobody and holds no record, for the device keeps it to work without a network."""
    person = need(request, "outlets.add")
    city = city_of(request, person)
    page = {"given": {"city": city_json(city), **form_choices(), "photo_side": int(limit("photo_side"))}}
    answer = render(request, "outlets/new.html", page)
    answer["Vary"] = "Cookie"
    return answer


def form_choices() -> dict[str, Any]:
    """Return the choices of the short form in the page's language: trades that need no licence, types by category, payments."""
    lang = language()
    types = business_types().values()
    return {
        "trades": [
            {"code": row["code"], "name": row[lang], "type": row["business_type"]} for row in table("licence_free")
        ],
        "types": [
            {"code": t.code, "name": t.zh if lang == "zh" else t.en, "category": t.category} for t in types if t.walked
        ],
        "payments": [{"code": code, "name": names[lang]} for code, names in labels("payments").items()],
    }
