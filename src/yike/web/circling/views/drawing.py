"""Drawing a circle by hand: communities on a map and in a list; and changing the boundary of one."""

from __future__ import annotations

from typing import Any

import shapely
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from yike.circles import load_targets
from yike.circles.targets import barrier_kinds
from yike.web.accounts.deeds import Deed
from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, reach_of, within_reach
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.circling import actions
from yike.web.circling.drawing import area_of, common_area
from yike.web.circling.views.common import (
    area_choices,
    asked,
    circle_for,
    class_choices,
    deed_area,
    map_json,
    named,
)
from yike.web.lists.pages import perform
from yike.web.wording import language

FINE = 2e-5  #: degrees (2 m) by which outlines on this map are simplified
VERBS = {"draw": "circling.draw", "propose": "circling.propose"}


@require_safe
def communities(request: HttpRequest) -> JsonResponse:
    """The communities of an area as GeoJSON, each with its people and the circle it is in."""
    person, city = asked(request)
    area = city.areas.filter(code=request.GET.get("within", "")).first() or city.root
    rows = Area.objects.within(area).filter(within_reach(person, "circling.see", "path"), city=city, level="community")
    held = circles_by_community(city)
    features = [
        {
            "type": "Feature", "geometry": _outline(each), "id": k,
            "properties": {"code": each.code, "name": named(each), "people": round(each.people), **held.get(each.code, {})},
        }
        for k, each in enumerate(rows.order_by("code"))
    ]  # fmt: skip
    return JsonResponse({"type": "FeatureCollection", "features": features})


def _outline(area: Area) -> dict[str, Any] | None:
    if not area.boundary:
        return None
    shape = shapely.simplify(shapely.geometry.shape(area.boundary), FINE)
    found: dict[str, Any] = shapely.geometry.mapping(shapely.set_precision(shape, 1e-6))
    return found


def circles_by_community(city: City) -> dict[str, dict[str, str]]:
    """Return code and name of the circle that each community is in."""
    rows = Circle.objects.filter(city=city, communities__isnull=False)
    named_in = "name_en" if language() == "en" else "name"
    return {
        community: {"circle": code, "circle_name": name or zh}
        for community, code, name, zh in rows.values_list("communities__code", "code", named_in, "name")
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Draw a circle by hand, or have circles proposed."""
    person, city = asked(request, "circling.draw")
    codes = request.POST.getlist("community")
    if request.method == "POST":
        name, grade, why = (request.POST.get(field, "") for field in ("name", "grade", "why"))
        where = deed_area(person, city, "circling.draw", list(Area.objects.filter(city=city, code__in=codes)))
        made = perform(request, lambda: actions.draw(Deed(person, where), city, name, grade, codes, why), _("已划定。"))
        if made:
            return redirect(f"/desk/circles/{made.code}/")
    within = chosen_area(request, person, city)
    page = {
        **_choosing(person, city, within, codes), "classes": class_choices(), "posted": request.POST,
        "targets": load_targets(), "barriers": _barriers(), "proposing": request.GET.get("how") == "propose",
        "jobs": recent_jobs(city, person),
    }  # fmt: skip
    return render(request, "circling/new.html", page)


def recent_jobs(city: City, person: Person) -> list[dict[str, Any]]:
    """Return the newest proposals of a city that a person may look at, done or under way."""
    from yike.web.queue.models import Job

    seen = within_reach(person, "circling.see")
    rows = Job.objects.filter(seen, city=city, kind="circling.propose").order_by("-id")[:5]
    return [{"pk": each.pk, "title": each.title, "state": each.state, "at": each.made_at} for each in rows]


def _barriers() -> list[dict[str, Any]]:
    lang = language()
    return [
        {"kind": each.kind, "name": getattr(each, lang), "minutes": f"{each.crossing_min:g}"
         if each.crossing_min < 1e9 else _("不许")}
        for each in barrier_kinds()
    ]  # fmt: skip


def chosen_area(request: HttpRequest, person: Person, city: City) -> Area:
    """Return the area whose communities are shown: the one asked for, else the first county or street of the person's."""
    asked_for = city.areas.filter(code=request.POST.get("within") or request.GET.get("within") or "").first()
    if asked_for and may(person, "circling.see", asked_for):
        return asked_for
    path = next(iter(reach_of(person, "circling.draw")), city.root.path)
    first = Area.objects.filter(city=city, path=path).first() or city.root
    if first.level == "city":
        return first.children.order_by("-people", "code").first() or first
    return first


def _choosing(person: Person, city: City, within: Area, codes: list[str], mine: Circle | None = None) -> dict[str, Any]:
    """Return what a page of choosing communities shows: the list below the map, and what the map's script knows."""
    held = circles_by_community(city)
    rows = Area.objects.within(within).filter(
        within_reach(person, "circling.see", "path"), city=city, level="community"
    )
    chosen = set(codes)
    listed = [
        {"code": each.code, "name": named(each), "people": each.people, "chosen": each.code in chosen,
         "circle": "" if mine and held.get(each.code, {}).get("circle") == mine.code
         else held.get(each.code, {}).get("circle_name", "")}
        for each in rows.order_by("code")
    ]  # fmt: skip
    shown = {each["code"] for each in listed}
    elsewhere = Area.objects.filter(city=city, code__in=chosen - shown)
    listed += [{"code": e.code, "name": named(e), "people": e.people, "chosen": True, "circle": ""} for e in elsewhere]
    data = map_json(
        city,
        shapes=f"/desk/circles/communities.json?city={city.slug}&within={within.code}",
        own=mine.code if mine else "",
    )
    return {
        "city": city,
        "communities": listed,
        "within": within,
        "areas": area_choices(person, city),
        "map_data": data,
    }


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """Change the boundary of a circle: a new version is appended."""
    person, circle, area = circle_for(request, code)
    before = list(circle.communities.values_list("code", flat=True))
    codes = request.POST.getlist("community") if request.method == "POST" else before
    if request.method == "POST":
        both = list(Area.objects.filter(city=circle.city, code__in={*codes, *before}))
        where = common_area(both, circle.city) if both else area
        why = request.POST.get("why", "")
        if perform(
            request, lambda: actions.revise(Deed(person, where), circle, codes, why), _("新的边界已保存为新版本。")
        ):
            return redirect(f"/desk/circles/{circle.code}/")
    within = city_part(request, circle) or area
    page = {**_choosing(person, circle.city, within, codes, circle), "circle": circle, "name": named(circle),
            "posted": request.POST}  # fmt: skip
    return render(request, "circling/edit.html", page)


def city_part(request: HttpRequest, circle: Circle) -> Area | None:
    """Return the area whose communities an edit shows: the one asked for, else the street or county round the circle."""
    asked_for = circle.city.areas.filter(code=request.GET.get("within", "")).first()
    if asked_for:
        return asked_for
    here = area_of(circle)
    if here.level in ("community", "street") and here.parent:
        return here.parent if here.level == "street" else here.parent.parent or here.parent
    return here
