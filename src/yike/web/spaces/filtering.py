"""Which spaces a page lists: filters of the address, within the person's reach."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from yike.web.accounts.models import Person
from yike.web.accounts.rights import within_reach
from yike.web.areas.models import Area, City
from yike.web.lists.choices import choices, labels, type_choices
from yike.web.lists.tables import Asked, Column, Filter, area_choices, area_named
from yike.web.spaces.fields import ROOM, kind_uses
from yike.web.spaces.models import Space


def asked_of(given: QueryDict, city: City, person: Person, lang: str) -> Asked:
    """Return what an address asks of the register."""
    areas = Area.objects.filter(within_reach(person, "spaces.see", "path"), city=city)
    filters = (
        Filter("q", _("名称、地址")),
        Filter("kind", _("类型"), choices(ROOM, "kinds", lang)),
        Filter("state", _("状态"), choices(ROOM, "state_names", lang)),
        Filter("use", _("可作业态"), type_choices(lang)),
        Filter("area", _("区域"), area_choices(areas)),
        Filter("least", _("面积至少（平方米）"), kind="number"),
        Filter("land_use", _("用地变更"), choices(ROOM, "land_use", lang)),
    )
    columns = (
        Column("name", _("名称"), "name"),
        Column("kind", _("类型"), "kind"),
        Column("area_m2", _("面积（平方米）"), "area_m2", True),
        Column("rent", _("年租金（元）"), "rent_yuan", True),
        Column("state", _("状态"), "state"),
        Column("land_use", _("用地变更"), "land_use"),
        Column("area", _("社区"), "area__code"),
    )
    return Asked(filters, columns, given, "name")


def found(asked: Asked, city: City, person: Person) -> QuerySet[Space]:
    """Return the spaces that an address asks for, in its order."""
    spaces = Space.objects.filter(within_reach(person, "spaces.see"), city=city).select_related("area")
    if q := asked["q"]:
        spaces = spaces.filter(Q(name__icontains=q) | Q(address__icontains=q) | Q(key=q))
    for name in ("kind", "state", "land_use"):
        if asked[name]:
            spaces = spaces.filter(**{name: asked[name]})
    least = asked.number("least")
    if least is not None:
        spaces = spaces.filter(area_m2__gte=least)
    area = area_named(city, asked["area"])
    if area:
        spaces = spaces.filter(area__path__startswith=area.path)
    if asked["use"]:
        spaces = spaces.filter(may_become(asked["use"]))
    return spaces.order_by(*asked.order())


def may_become(business_type: str) -> Q:
    """Return the condition that a space may hold a business type: by its own list, else by its kind."""
    kinds = [kind for kind in labels(ROOM, "kinds") if business_type in kind_uses(kind)]
    own = Space.objects.exclude(uses=[]).values_list("pk", "uses")
    named = [pk for pk, uses in own if business_type in uses]
    condition: Any = Q(pk__in=named) | (Q(uses=[]) & Q(kind__in=kinds))
    return condition
