"""The list of circles: class, people, what is present, compliance against the original and the current boundary."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yike.errors import YikeError
from yike.standards.catalogue import load_catalogue
from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, reach_of, within_reach
from yike.web.areas.models import Area, City
from yike.web.circles.models import CLASSES, Circle
from yike.web.circling.views.common import area_choices, asked, class_choices, class_name, named, people_words
from yike.web.lists.choices import number
from yike.web.lists.exporting import harmless
from yike.web.outlets.models import Function
from yike.web.studies.figures import TEN_FIFTEEN
from yike.web.studies.live import live
from yike.web.studies.models import CircleFigure

ROOM = "yike.web.circling"
SORTS = ("code", "name", "class", "people", "communities", "basic", "quality", "share", "moved", "version")


@dataclass(frozen=True)
class Row:
    """One circle of the list. Shares are percent of residents, None where nothing is measured."""

    code: str
    name: str
    grade: str
    state: str
    people: float
    communities: int
    basic: int
    quality: int
    share: float | None
    original: float | None
    version: int

    @property
    def moved(self) -> float | None:
        """Points by which the current boundary differs from the original one."""
        return None if self.share is None or self.original is None else self.share - self.original

    @property
    def shown_class(self) -> str:
        return class_name(self.grade)


@require_safe
def circles(request: HttpRequest) -> HttpResponse:
    """The list."""
    person, city = asked(request)
    filters = _filters(request)
    rows, of = rows_of(person, city, filters)
    query = request.GET.copy()
    for name in ("sort", "page"):
        query.pop(name, None)
    sorted_by = request.GET.copy()
    sorted_by.pop("page", None)
    part = Paginator(rows, int(number(ROOM, "rows_a_page"))).get_page(request.GET.get("page"))
    page = {
        "rows": part.object_list, "many": len(rows), "part": part, "sorted": sorted_by.urlencode(),
        "filters": filters, "of": of, "people": people_words(sum(row.people for row in rows)), "city": city,
        "areas": area_choices(person, city), "classes": class_choices(), "query": request.GET.urlencode(),
        "base": query.urlencode(), "source": source_of(city), "may_draw": may_somewhere(person, "circling.draw"),
        "free": free_communities(person, city), "any": Circle.objects.filter(city=city).exists(),
    }  # fmt: skip
    return render(request, "circling/circles.html", page)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The list as CSV, as filtered and sorted."""
    person, city = asked(request)
    rows, of = rows_of(person, city, _filters(request))
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="circles-{city.slug}.csv"'
    writer = csv.writer(answer)
    heads = [_("圈编号"), _("名称"), _("类别"), _("居民"), _("社区数"), _("基本保障类（种）"), _("品质提升类（种）"),
             _("“10 和 15”达标居民（%，现边界）"), _("同上（%，原边界）"), _("边界版本"), _("来源")]  # fmt: skip
    writer.writerow(heads)
    source = source_of(city) + (" 演示数据" if city.made_up else "")
    for row in rows:
        told = [_percent(row.share), _percent(row.original)]
        counts = [f"{row.basic}/{of['basic']}", f"{row.quality}/{of['quality']}"]
        writer.writerow([row.code, harmless(row.name), row.shown_class, round(row.people), row.communities, *counts, *told,
                         row.version, source])  # fmt: skip
    return answer


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def may_somewhere(person: Person, verb: str) -> bool:
    return bool(reach_of(person, verb))


def free_communities(person: Person, city: City) -> int:
    """Return how many communities with people, of those a person sees, are in no circle."""
    seen = Area.objects.filter(within_reach(person, "circling.see", "path"), city=city, level="community", people__gt=0)
    return seen.exclude(circles__state="standing").count()


def source_of(city: City) -> str:
    """Return study and standard that the list's figures are from."""
    try:
        engine = live(city)
    except YikeError:  # a city without a study: its register is told, its coverage is not
        return _("本市尚未测算")
    catalogue = engine.catalogue
    return _("测算 %(digest)s · 标准 %(standard)s") % {
        "digest": engine.digest[:8], "standard": f"{catalogue.name} {catalogue.version}",
    }  # fmt: skip


def _filters(request: HttpRequest) -> dict[str, str]:
    told = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "class", "area", "state", "sort")}
    if told["sort"].lstrip("-") not in SORTS:
        told["sort"] = "code"
    return told


def rows_of(person: Person, city: City, filters: dict[str, str]) -> tuple[list[Row], dict[str, int]]:
    """Return the rows a person may see, filtered and sorted; and of how many types each category is."""
    state = "dissolved" if filters["state"] == "dissolved" else "standing"
    chosen = Circle.every.filter(city=city, state=state)
    if state == "standing":
        seen = Area.objects.filter(within_reach(person, "circling.see", "path"), city=city)
        chosen = chosen.filter(communities__in=seen)
    elif not may(person, "circling.see", city.root):
        chosen = chosen.none()
    if filters["class"] in CLASSES:
        chosen = chosen.filter(grade=filters["class"])
    if filters["q"]:
        chosen = chosen.filter(Q(name__icontains=filters["q"]) | Q(code__iexact=filters["q"]))
    if filters["area"] and (area := city.areas.filter(code=filters["area"]).first()):
        chosen = chosen.filter(communities__path__startswith=area.path)
    ids = set(chosen.values_list("pk", flat=True))
    present, of = _present(city)
    shares = _shares(city)
    numbers = dict(Circle.every.filter(pk__in=ids).annotate(n=Count("versions")).values_list("pk", "n"))
    many = dict(Circle.every.filter(pk__in=ids).annotate(n=Count("communities")).values_list("pk", "n"))
    rows = [
        Row(
            each.code, named(each), each.grade, each.state, each.people, many[each.pk],
            len(present.get(each.pk, {}).get("basic", ())), len(present.get(each.pk, {}).get("quality", ())),
            shares.get((each.pk, "current")), shares.get((each.pk, "original")), numbers[each.pk],
        )
        for each in Circle.every.filter(pk__in=ids)
    ]  # fmt: skip
    return _sorted(rows, filters["sort"]), of


def _sorted(rows: list[Row], sort: str) -> list[Row]:
    name, down = sort.lstrip("-"), sort.startswith("-")
    rows.sort(key=lambda row: row.code)
    values = {row.code: CLASSES.index(row.grade) if name == "class" else getattr(row, name) for row in rows}
    known = [row for row in rows if values[row.code] is not None]
    known.sort(key=lambda row: values[row.code], reverse=down)
    return known + [row for row in rows if values[row.code] is None]


def _present(city: City) -> tuple[dict[int, dict[str, set[str]]], dict[str, int]]:
    """Return by circle and category the gate's types with an open outlet, and how many such types there are."""
    try:
        catalogue = live(city).catalogue
    except YikeError:
        catalogue = load_catalogue()
    kinds = {each.code: each.category for each in catalogue.types if each.counted_in_gate}
    circle_of: dict[int, int] = dict(
        Circle.objects.filter(city=city, communities__isnull=False).values_list("communities", "pk")
    )
    rows = Function.objects.filter(outlet__city=city, outlet__state="open", outlet__area__isnull=False)
    found: dict[int, dict[str, set[str]]] = {}
    for area, code in rows.values_list("outlet__area_id", "code").order_by().distinct():
        circle = circle_of.get(area)
        if circle is not None and code in kinds:
            found.setdefault(circle, {}).setdefault(kinds[code], set()).add(code)
    of = {category: sum(each == category for each in kinds.values()) for category in ("basic", "quality")}
    return found, of


def _shares(city: City) -> dict[tuple[int, str], float]:
    """Return the share of residents with "10 & 15", in percent, by circle and boundary, for the first walker."""
    try:
        walker = live(city).walkers[0]
    except YikeError:
        return {}
    rows: Any = CircleFigure.objects.filter(city=city, walker=walker, requirement=TEN_FIFTEEN, people__gt=0)
    told = rows.values_list("circle_id", "version", "people_met", "people")
    return {(circle, version): 100 * met / people for circle, version, met, people in told}
