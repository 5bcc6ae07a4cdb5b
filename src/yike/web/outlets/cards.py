"""The public card of an outlet as JSON: only what anybody may know; nothing of an owner, a reporter or a voucher's giver."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from yike.web.outlets.choices import business_types, labels
from yike.web.outlets.confidence import confidence_of
from yike.web.outlets.hours_now import state_at
from yike.web.outlets.models import Outlet

SHOWN = ("open", "paused")  #: states that the public map shows


def _named(table: str, codes: list[str]) -> list[dict[str, str]]:
    known = labels(table)
    return [{"code": code, **known.get(code, {"zh": code, "en": code})} for code in codes]


def card(outlet: Outlet) -> dict[str, Any]:
    """Return the card. Times are in the installation's own time; a point is WGS 84."""
    now, types = state_at(outlet), business_types()
    codes = [each.code for each in outlet.functions.all()]
    today = timezone.localdate()
    return {
        "key": outlet.key, "name": outlet.name, "state": outlet.state, "address": outlet.address,
        "types": [{"code": c, "zh": types[c].zh, "en": types[c].en, "category": types[c].category} for c in codes if c in types],
        "lon": outlet.lon, "lat": outlet.lat, "area": outlet.area.name if outlet.area else "",
        "open": now.open, "opens": now.opens, "closes": now.closes, "hours": outlet.hours, "hours_text": outlet.hours_text,
        "closures": [{"begins": c.begins, "ends": c.ends} for c in outlet.closures.all() if c.ends >= today],
        "phone": outlet.phone, "ownership": outlet.ownership,
        "services": _named("services", outlet.services), "payments": _named("payments", outlet.payments),
        "childcare_sessions": _named("childcare", outlet.childcare_sessions),
        "distinctions": _named("distinctions", outlet.distinctions),
        "manual_counter": outlet.manual_counter, "barrier_free": outlet.barrier_free, "nursing_room": outlet.nursing_room,
        "delivery": outlet.delivery, "guarantees_supply": outlet.guarantees_supply, "smart_terminal": outlet.smart_terminal,
        "mobile": outlet.mobile, "schedule": outlet.schedule, "licence_free": outlet.licence_free,
        "prices": [{"item": p.item, "yuan": f"{p.yuan:f}", "unit": p.unit} for p in outlet.prices.all()],
        "photos": [{"url": p.file.url, "width": p.width, "height": p.height} for p in outlet.photos.all()],
        "verified_at": outlet.verified_at, "confidence": round(confidence_of(outlet), 3), "source": outlet.source,
        "made_up": outlet.made_up, "city": outlet.city.slug,
    }  # fmt: skip
