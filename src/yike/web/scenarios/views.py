"""Pages of the planning desk: one scenario on the map, and several side by side."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from yike.errors import YikeError
from yike.network.walkers import load_walkers
from yike.web.accounts.rights import may, need, reach_of, within_reach
from yike.web.areas.models import Area, City
from yike.web.lists.exporting import export
from yike.web.scenarios.choices import limit, table
from yike.web.scenarios.comparing import compared
from yike.web.scenarios.living import Table, table_of
from yike.web.scenarios.models import Scenario
from yike.web.scenarios.trying import source, worst_communities, worst_homes
from yike.web.studies.live import city_named
from yike.web.wording import error_words, language


@require_safe
@ensure_csrf_cookie
def desk(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """The planning desk, empty or with a scenario; ``?area=`` opens it at an area with its worst homes."""
    person = need(request, "scenarios.see")
    scenario = get_object_or_404(Scenario.objects.select_related("area", "city"), pk=pk) if pk else None
    if scenario and not may(person, "scenarios.see", scenario.area):
        raise Http404("scenario")
    city = scenario.city if scenario else _city(request)
    request.city = city  # type: ignore[attr-defined]  # read by yike.web.context.page
    area = scenario.area if scenario else _area(request, city)
    page: dict[str, Any] = {"scenario": scenario, "area": area, "city_name": city.name}
    try:
        laid = table_of(city)
        page["plan"] = plan_data(request, laid, area, scenario)
        page["source"] = source(laid, laid.living(""))
    except YikeError as error:
        page["faults"] = error_words(error)
    page["kept"] = Scenario.objects.filter(within_reach(person, "scenarios.see"), city=city).select_related("area")[:50]
    return render(request, "scenarios/desk.html", page)


def _city(request: HttpRequest) -> City:
    found = city_named(request.GET.get("city", "")[:50])
    if found is None:
        raise Http404("city")
    return found


def _area(request: HttpRequest, city: City) -> Area:
    """Return the area that the address names, or the highest the person may plan in."""
    code = request.GET.get("area", "")
    if code:
        found = get_object_or_404(Area, city=city, code=code[:15])
    else:
        reach = reach_of(request.user, "scenarios.see")  # type: ignore[arg-type]
        found = city.areas.filter(path__in=reach).order_by("path").first() or city.root
    need(request, "scenarios.see", found)
    return found


def plan_data(request: HttpRequest, laid: Table, area: Area, scenario: Scenario | None) -> dict[str, Any]:
    """Return what the page's script needs to know."""
    city, catalogue = laid.city, laid.engine.catalogue
    known = laid.living("").scenario.base.supply.types
    names = load_walkers()
    laid.living("").streets.warm()
    return {
        "city": {
            "slug": city.slug, "bounds": [city.west, city.south, city.east, city.north], "center": [city.lon, city.lat],
        },
        "area": {"code": area.code, "name": area.name, "level": area.level, "bounds": _bounds(laid, area)},
        "scenario": {"id": scenario.pk, "name": scenario.name, "changes": scenario.changes} if scenario else None,
        "types": [
            {"code": each.code, "zh": each.zh, "en": each.en, "category": each.category}
            for each in catalogue.types
            if each.code in known
        ],
        "walkers": [{"code": who, "zh": names[who].zh, "en": names[who].en} for who in laid.walkers if who in names],
        "crossings": [{"code": row["crossing"], "zh": row["zh"], "en": row["en"]} for row in table("crossings")],
        "worst": worst_homes(laid, "", area),
        "worst_communities": worst_communities(laid, "", area) if area.level != "community" else [],
        "areas": _areas(request, city),
        "scopes": _scopes(request, area),
        "may_save": may(request.user, "scenarios.save", area),  # type: ignore[arg-type]
        "may_propose": may(request.user, "proposals.solve", area),  # type: ignore[arg-type]
        "most_changes": int(limit("most_changes")),
        "homes_most": int(limit("homes_most")),
    }  # fmt: skip


def _areas(request: HttpRequest, city: City) -> list[dict[str, str]]:
    """Return counties and streets that the person may plan in, to go to."""
    reach = within_reach(request.user, "scenarios.see", "path")  # type: ignore[arg-type]
    rows = Area.objects.filter(reach, city=city).exclude(level="community").order_by("path")
    return [{"code": each.code, "name": each.name, "level": each.level} for each in rows]


def _scopes(request: HttpRequest, area: Area) -> list[dict[str, Any]]:
    """Return the areas above this one, and itself, in which the person may propose; a county is the usual one."""
    chain = sorted(Area.objects.filter(city=area.city, code__in=area.chain()), key=lambda each: each.path)
    mine = [each for each in chain if may(request.user, "proposals.solve", each)]  # type: ignore[arg-type]
    usual = next((each for each in mine if each.level == "county"), mine[0] if mine else None)
    usual = area if area.level == "city" else usual
    return [{"code": each.code, "name": each.name, "chosen": each == usual} for each in mine]


def _bounds(laid: Table, area: Area) -> list[float] | None:
    """Return the box of an area's homes, None where nobody lives: an outline holds hills and fields as well."""
    rows = laid.rows_in(area.level, area.code)
    if not len(rows):
        return None
    lon, lat = laid.lon[rows], laid.lat[rows]
    return [float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())]


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Several scenarios side by side, each measured over the register as it is now."""
    person = need(request, "scenarios.see")
    asked = [int(each) for each in request.GET.get("ids", "").split(",") if each.isascii() and each.isdigit()]
    rows = Scenario.objects.filter(within_reach(person, "scenarios.see"), pk__in=[n for n in asked if n < 1 << 63])
    found = sorted(rows.select_related("area", "city"), key=lambda each: asked.index(each.pk))
    found = [each for each in found if each.city_id == found[0].city_id][: int(limit("compared"))]
    if found:
        request.city = found[0].city  # type: ignore[attr-defined]
    if found and request.GET.get("format") in ("csv", "xlsx"):
        return _as_table(found, request.GET["format"])
    return render(request, "scenarios/compare.html", {"compared": compared(found, language()), "scenarios": found})


def _as_table(scenarios: list[Scenario], form: str) -> HttpResponse:
    """Return the comparison as a download."""
    told, city = compared(scenarios, language()), scenarios[0].city
    rows = [
        [line.get("title", line["name"]), *(cell["value"] for cell in line["cells"])]
        for line in (*told.lines, *told.types)
    ]
    source = told.source or {"study": "", "standard": ""}
    rows.append([f"{source['study'][:8]} {source['standard']}", *[None] * len(scenarios)])
    return export(form, city, "scenarios", ["", *(each.name for each in scenarios)], rows, city.made_up)
