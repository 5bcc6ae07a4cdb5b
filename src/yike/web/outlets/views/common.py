"""What the register's pages share: who asks, of which city, and how a verb is done from a form."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may
from yike.web.lists.pages import city_json, city_of, logged_in, perform, posted_point
from yike.web.outlets.models import Outlet


def outlet_for(request: HttpRequest, person: Person, key: str, verb: str = "outlets.see") -> Outlet:
    """Return an outlet the person may see; to anybody else it is as if it were not there (404)."""
    found = Outlet.objects.select_related("city", "area", "moved_to").filter(key=key).first()
    if found is None or not may(person, verb, found.area or found.city.root, found.owner_id):
        raise Http404(key)
    request.city = found.city  # type: ignore[attr-defined]
    return found


def posted_prices(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the lines of a price list from a form: item, yuan, unit side by side."""
    lines = zip(
        request.POST.getlist("price_item"),
        request.POST.getlist("price_yuan"),
        request.POST.getlist("price_unit"),
        strict=False,
    )
    return [
        {"item": item, "yuan": yuan.replace("，", "").replace("元", "").strip(), "unit": unit}
        for item, yuan, unit in lines
    ]


def price_rows(outlet: Outlet | None, spare: int = 3) -> list[dict[str, Any]]:
    """Return the lines of a price form: those kept, and some empty ones."""
    kept = (
        [{"item": p.item, "yuan": f"{Decimal(p.yuan):f}", "unit": p.unit} for p in outlet.prices.all()]
        if outlet
        else []
    )
    return kept + [{"item": "", "yuan": "", "unit": ""}] * spare


__all__ = [
    "PermissionDenied",
    "city_json",
    "city_of",
    "logged_in",
    "outlet_for",
    "perform",
    "posted_point",
    "posted_prices",
    "price_rows",
]
