"""Which projects a page lists: filters of the address, within the person's reach."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from yike.web.accounts.models import Person
from yike.web.accounts.rights import within_reach
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.lists.choices import choices, type_choices
from yike.web.lists.tables import Asked, Column, Filter, area_choices, area_named
from yike.web.projects.models import Project
from yike.web.projects.offices import ROOM


def asked_of(given: QueryDict, city: City, person: Person, lang: str) -> Asked:
    """Return what an address asks of the project list."""
    areas = Area.objects.filter(within_reach(person, "projects.see", "path"), city=city)
    circles = Circle.objects.filter(city=city).values_list("code", "name")
    filters = (
        Filter("area", _("区域"), area_choices(areas)),
        Filter("circle", _("生活圈"), list(circles[:1000])),
        Filter("type", _("业态"), type_choices(lang)),
        Filter("kind", _("类别"), choices(ROOM, "kinds", lang)),
        Filter("state", _("状态"), choices(ROOM, "state_names", lang)),
        Filter("source", _("资金来源"), choices(ROOM, "funding", lang)),
        Filter("q", _("名称")),
    )
    columns = (
        Column("name", _("项目"), "name"),
        Column("area", _("区域"), "area__code"),
        Column("cost", _("投资（元）"), "cost_yuan", True),
        Column("people", _("新增覆盖人数"), "people_gained", True),
        Column("lead", _("牵头单位"), "lead"),
        Column("days", _("起止"), "starts_on"),
        Column("state", _("状态"), "state"),
    )
    return Asked(filters, columns, given, "-people")


def found(asked: Asked, city: City, person: Person) -> QuerySet[Project]:
    """Return the projects that an address asks for, in its order."""
    projects = Project.objects.filter(within_reach(person, "projects.see"), city=city).select_related(
        "area", "circle", "space"
    )
    fields = {"type": "business_type", "kind": "kind", "state": "state", "source": "source", "circle": "circle__code"}
    for name, column in fields.items():
        if asked[name]:
            projects = projects.filter(**{column: asked[name]})
    area = area_named(city, asked["area"])
    if area:
        projects = projects.filter(area__path__startswith=area.path)
    if q := asked["q"]:
        projects = projects.filter(Q(name__icontains=q) | Q(key=q))
    return projects.order_by(*asked.order())
