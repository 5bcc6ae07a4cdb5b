"""What pages of registers share: who asks, of which city, and how a verb is done from a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest

from yike.errors import YikeError
from yike.web.accounts.models import Person
from yike.web.accounts.rights import LoginNeeded, person_of
from yike.web.areas.models import City
from yike.web.wording import error_words


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


def posted_point(request: HttpRequest) -> tuple[float, float] | None:
    """Return (lon, lat) from a form; None where it holds no point on the globe."""
    try:
        lon, lat = float(request.POST.get("lon", "")), float(request.POST.get("lat", ""))
    except ValueError:
        return None
    return (lon, lat) if -180 <= lon <= 180 and -90 <= lat <= 90 else None


def city_json(city: City) -> dict[str, Any]:
    """Return what the pages' scripts know of a city."""
    return {
        "slug": city.slug, "name": city.name, "name_en": city.name_en, "made_up": city.made_up,
        "bounds": [city.west, city.south, city.east, city.north], "center": [city.lon, city.lat],
    }  # fmt: skip
