"""The page 所说与所缺: what residents ask against what was measured, and the way from a silent desert to a need."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, reach_of
from yike.web.areas.models import Area, City
from yike.web.lists.choices import label, labels, number, type_name
from yike.web.lists.exporting import export
from yike.web.lists.pages import city_of, perform
from yike.web.lists.tables import area_choices
from yike.web.needs import actions as needs
from yike.web.projects.crossing import KINDS, Cell, cross
from yike.web.projects.offices import ROOM
from yike.web.projects.tracing import uncovered
from yike.web.wording import language


def crossing(request: HttpRequest) -> HttpResponse:
    """Needs laid against coverage, by community and type: filtered by area and kind; as CSV with ``?format=csv``."""
    person = need(request, "projects.see")
    city, lang = city_of(request, person), language()
    if request.method == "POST":
        return _listed(request, person, city)
    area = _area(request, person, city)
    cells = cross(city, area)
    told = Counter(each.kind for each in cells)
    kind = request.GET.get("kind", "")
    shown = [each for each in cells if not kind or each.kind == kind]
    if request.GET.get("format") == "csv":
        return _csv(city, shown, lang)
    most = int(number(ROOM, "cells_shown"))
    areas = Area.objects.filter(city=city, path__startswith=_widest(person, city).path).exclude(level="community")
    page: dict[str, Any] = {
        "area": area, "areas": area_choices(areas, "street"), "kind": kind, "most": most, "more": max(0, len(shown) - most),
        "kinds": [(code, label(ROOM, "crossing", code, lang), told[code], labels(ROOM, "crossing")[code][f"say_{lang}"])
                  for code in KINDS],
        "cells": [(each, type_name(each.business_type, lang), label(ROOM, "crossing", each.kind, lang),
                   round(100 * each.share)) for each in shown[:most]],
        "far": round(100 * number(ROOM, "far_share")), "near": round(100 * number(ROOM, "near_share")),
        "silent": round(number(ROOM, "silent_people")), "measured": bool(cells),
        "study": cells[0].study[:12] if cells else "", "standard": cells[0].standard if cells else "",
        "may_list": bool(reach_of(person, "needs.add_gap")),
    }  # fmt: skip
    return render(request, "projects/crossing.html", page)


def _widest(person: Person, city: City) -> Area:
    """Return the widest area of a city whose projects a person sees."""
    root = city.root
    paths = sorted((path for path in reach_of(person, "projects.see") if path.startswith(root.path)), key=len)
    return city.areas.filter(path=paths[0]).first() or root if paths else root


def _area(request: HttpRequest, person: Person, city: City) -> Area:
    """Return the area asked for, where the person sees projects; 404 where they do not."""
    code = request.GET.get("area", "")
    area = city.areas.filter(code=code).first() if code else _widest(person, city)
    if area is None or not may(person, "projects.see", area):
        raise Http404(code)
    return area


def _csv(city: City, cells: list[Cell], lang: str) -> HttpResponse:
    heads = [
        _("社区代码"),
        _("社区"),
        _("业态"),
        _("判断"),
        _("提出人数"),
        _("条数"),
        _("人口"),
        _("未覆盖人数"),
        _("测算摘要"),
        _("标准"),
    ]
    rows = [
        [
            each.area.code, each.area.name, type_name(each.business_type, lang), label(ROOM, "crossing", each.kind, lang),
            each.asked, each.asks, each.people, round(each.uncovered, 1), each.study, each.standard,
        ]
        for each in cells
    ]  # fmt: skip
    return export("csv", city, "needs-vs-gaps", heads, rows, city.made_up)


def _listed(request: HttpRequest, person: Person, city: City) -> HttpResponse:
    """Make a need of a cell's gap, with the people uncovered as they are now."""
    area = city.areas.filter(code=request.POST.get("area", "")).first()
    code = request.POST.get("type", "")
    if area is None:
        raise Http404
    people, study = uncovered(area, code)
    deed = needs.deed_at(person, area)
    perform(request, lambda: needs.add_gap(deed, city, code, people, study), _("已列为需求。"))
    return HttpResponseRedirect(request.get_full_path())
