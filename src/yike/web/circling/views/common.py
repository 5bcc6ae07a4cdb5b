"""What the pages of circles share: the city, the circle asked for, its names."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, reach_of, within_reach
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.circles.reading import grades
from yike.web.circling.drawing import area_of, common_area
from yike.web.lists.pages import city_json, city_of
from yike.web.wording import language

SEE = "circling.see"


def asked(request: HttpRequest, verb: str = SEE) -> tuple[Person, City]:
    """Return who asks and of which city; raises LoginNeeded, PermissionDenied."""
    person = need(request, verb)
    return person, city_of(request, person)


def circle_for(request: HttpRequest, code: str) -> tuple[Person, Circle, Area]:
    """Return who asks, the circle, dissolved or not, and the area it is in; 404 where the person may not see it."""
    person = need(request, SEE)
    found = Circle.every.select_related("city").filter(code=code).first()
    if found is None:
        raise Http404(code)
    area = area_of(found)
    seen = may(person, SEE, area) or any(may(person, SEE, each) for each in found.communities.all())
    if not seen:
        raise Http404(code)
    request.city = found.city  # type: ignore[attr-defined]
    return person, found, area


def class_name(grade: str) -> str:
    """Return the name of a class in the page's language."""
    return grades()[grade][language()]


def class_choices() -> list[tuple[str, str]]:
    return [(code, row[language()]) for code, row in grades().items()]


def named(thing: Area | Circle) -> str:
    """Return a name in the page's language."""
    return thing.name_en if language() == "en" and thing.name_en else thing.name


def area_choices(person: Person, city: City, verb: str = SEE) -> list[tuple[str, str]]:
    """Return the areas above communities in which a person may do something: code and name, with an indent for streets."""
    rows = Area.objects.filter(within_reach(person, verb, "path"), city=city).exclude(level="community")
    depth = {"city": 0, "county": 0, "street": 1, "community": 1}
    return [(each.code, "　" * depth[each.level] + named(each)) for each in rows.order_by("path")]


def deed_area(person: Person, city: City, verb: str, areas: list[Area]) -> Area:
    """Return where a right is asked: what holds all of the areas, else the first area the person may do it in."""
    if areas:
        return common_area(areas, city)
    path = next(iter(reach_of(person, verb)), "")
    return Area.objects.filter(city=city, path=path).first() or city.root


def people_words(people: float) -> str:
    """Return a number of people as it is said: in 万 in Chinese from ten thousand on, with commas in English.

    Examples
    --------
    >>> people_words(9120.4)
    '9120'
    """
    if language() == "en":
        return f"{people:,.0f}"
    return f"{people / 10_000:.1f} 万" if people >= 10_000 else f"{people:.0f}"


def map_json(city: City, **more: Any) -> dict[str, Any]:
    """Return what the map's script knows."""
    return {"city": city_json(city), **more}
