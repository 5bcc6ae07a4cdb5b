"""Which needs a page lists: filters of the address, within the person's reach; and the same grouped by type and area."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.http import QueryDict
from django.utils.translation import gettext as _

from yike.web.accounts.models import Person
from yike.web.accounts.rights import within_reach
from yike.web.areas.models import Area, City
from yike.web.lists.choices import choices, type_choices
from yike.web.lists.tables import Asked, Column, Filter, area_choices, area_named
from yike.web.needs.models import Need
from yike.web.needs.privacy import ROOM


def asked_of(given: QueryDict, city: City, person: Person, lang: str) -> Asked:
    """Return what an address asks of the list of needs."""
    areas = Area.objects.filter(within_reach(person, "needs.see", "path"), city=city)
    filters = (
        Filter("type", _("业态"), type_choices(lang)),
        Filter("area", _("区域"), area_choices(areas)),
        Filter("source", _("来源"), choices(ROOM, "sources", lang)),
        Filter("state", _("状态"), choices(ROOM, "state_names", lang)),
        Filter("q", _("内容、编号")),
    )
    columns = (
        Column("type", _("业态"), "business_type"),
        Column("area", _("区域"), "area__code"),
        Column("people", _("人数"), "people", True),
        Column("source", _("来源"), "source"),
        Column("date", _("日期"), "asked_on"),
        Column("text", _("内容")),
        Column("state", _("状态"), "state"),
    )
    return Asked(filters, columns, given, "-people")


def found(asked: Asked, city: City, person: Person) -> QuerySet[Need]:
    """Return the needs that an address asks for, in its order."""
    needs = Need.objects.filter(within_reach(person, "needs.see"), city=city).select_related("area")
    if asked["type"]:
        needs = needs.filter(business_type=asked["type"])
    for name in ("source", "state"):
        if asked[name]:
            needs = needs.filter(**{name: asked[name]})
    area = area_named(city, asked["area"])
    if area:
        needs = needs.filter(area__path__startswith=area.path)
    if q := asked["q"]:
        needs = needs.filter(Q(text__icontains=q) | Q(reference=q) | Q(key=q))
    return needs.order_by(*asked.order())


@dataclass(frozen=True)
class Group:
    """Needs of one type in one area, together."""

    business_type: str
    area_code: str
    area_name: str
    people: float
    asks: int
    open: int
    last: date | None


def grouped(needs: QuerySet[Need]) -> Iterable[Group]:
    """Return needs by type and area, most people first."""
    rows = (
        needs.order_by()
        .values("business_type", "area__code", "area__name")
        .annotate(
            total=Sum("people"), asks=Count("pk"), last=Max("asked_on"), waiting=Count("pk", filter=Q(state="open"))
        )
        .order_by("-total", "business_type", "area__code")
    )
    for row in rows:
        yield Group(
            row["business_type"], row["area__code"], row["area__name"], row["total"], row["asks"], row["waiting"], row["last"]
        )  # fmt: skip
