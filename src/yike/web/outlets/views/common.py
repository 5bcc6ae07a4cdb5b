"""What the register's pages share: who asks, of which city, and how a verb is done from a form."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from yike.errors import YikeError
from yike.web.accounts.models import Person
from yike.web.accounts.rights import LoginNeeded, may, person_of
from yike.web.areas.models import City
from yike.web.outlets.models import Outlet
from yike.web.outlets.wording import error_words


def logged_in(request: HttpRequest) -> Person:
    """Return who is logged in; raises LoginNeeded, which leads to the login page."""
    person = person_of(request)
    if person is None:
        raise LoginNeeded
    return person


def city_of(request: HttpRequest, person: Person | None = None) -> City:
    """Return the city a page is about and set it for the page: ``?city=``, else where the person has a role, else the default."""
    city = City.objects.filter(slug=request.GET.get("city") or request.POST.get("city") or "").first()
    if city is None and person is not None:
        grant = person.grants.select_related("area__city").order_by("id").first()
        city = grant.area.city if grant else getattr(person, "city", None)
    city = city or City.objects.order_by("-is_default", "slug").first()
    if city is None:
        raise Http404
    request.city = city  # type: ignore[attr-defined]
    return city


def outlet_for(request: HttpRequest, person: Person, key: str, verb: str = "outlets.see") -> Outlet:
    """Return an outlet the person may see; to anybody else it is as if it were not there (404)."""
    found = Outlet.objects.select_related("city", "area", "moved_to").filter(key=key).first()
    if found is None or not may(person, verb, found.area or found.city.root, found.owner_id):
        raise Http404(key)
    request.city = found.city  # type: ignore[attr-defined]
    return found


def perform(request: HttpRequest, act: Callable[[], Any], done: str = "") -> Any:
    """Do a verb from a page: what it refuses becomes a message. Return what it returned (True for None), or None if refused."""
    try:
        result = act()
    except YikeError as error:
        for text in error_words(error):
            messages.error(request, text)
        return None
    if done:
        messages.success(request, done)
    return True if result is None else result


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


def posted_point(request: HttpRequest) -> tuple[float, float] | None:
    """Return (lon, lat) from a form; None where it holds no point on the globe."""
    try:
        lon, lat = float(request.POST.get("lon", "")), float(request.POST.get("lat", ""))
    except ValueError:
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def price_rows(outlet: Outlet | None, spare: int = 3) -> list[dict[str, Any]]:
    """Return the lines of a price form: those kept, and some empty ones."""
    kept = (
        [{"item": p.item, "yuan": f"{Decimal(p.yuan):f}", "unit": p.unit} for p in outlet.prices.all()]
        if outlet
        else []
    )
    return kept + [{"item": "", "yuan": "", "unit": ""}] * spare


def city_json(city: City) -> dict[str, Any]:
    """Return what the pages' scripts know of a city."""
    return {
        "slug": city.slug, "name": city.name, "name_en": city.name_en, "made_up": city.made_up,
        "bounds": [city.west, city.south, city.east, city.north], "center": [city.lon, city.lat],
    }  # fmt: skip


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
