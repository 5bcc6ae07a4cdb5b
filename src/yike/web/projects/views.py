"""The project list at the desk: table with sums, map and chart of months; one project with its trace; a new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, reach_of, within_reach
from yike.web.areas.models import Area
from yike.web.journal.verbs import Deed
from yike.web.lists.choices import choices, label, type_choices, type_name
from yike.web.lists.exporting import export
from yike.web.lists.history import accepted, history
from yike.web.lists.pages import city_json, city_of, perform
from yike.web.lists.states import can
from yike.web.lists.tables import Asked, area_choices, page_of, points, row
from yike.web.needs.models import Need
from yike.web.projects import actions, sums
from yike.web.projects.filtering import asked_of, found
from yike.web.projects.gantt import chart
from yike.web.projects.models import Project
from yike.web.projects.offices import ROOM, lead_of, office_name, offices
from yike.web.projects.tracing import GOING
from yike.web.spaces.models import Space
from yike.web.wording import language

TONES = {"listed": "ask", "approved": "ask", "building": "good", "finished": "ink", "dropped": "soft"}
FORMATS = ("csv", "xlsx", "geojson")


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The list: filters in the address, sums of money by source and year, map, chart."""
    person = need(request, "projects.see")
    city, lang = city_of(request, person), language()
    asked = asked_of(request.GET, city, person, lang)
    projects = found(asked, city, person)
    every, page = list(projects), page_of(projects, request.GET)
    counted = sums.counted(every)
    context = {
        "asked": asked, "page": page, "formats": FORMATS, "rows": [_row(each, asked, lang) for each in page],
        "yuan": sums.total(every), "count": len(counted), "gained": sum(each.people_gained for each in counted),
        "sources": [{**each, "name": each["zh" if lang == "zh" else "en"]} for each in sums.by_source(every)],
        "years": sums.by_year(every), "chart": chart(sorted(every, key=_by_start)),
        "points": points(city_json(city), (_point(each) for each in every)),
        "legend": [(TONES[code], name) for code, name in choices(ROOM, "state_names", lang)],
        "may_add": bool(reach_of(person, "projects.add")),
    }  # fmt: skip
    return render(request, "projects/table.html", context)


def _by_start(project: Project) -> tuple[str, str]:
    return f"{project.starts_on or '9'}", project.key


def _point(project: Project) -> tuple[float | None, float | None, str, str, str]:
    at: Space | Area = project.space or project.area
    return at.lon, at.lat, project.name, f"/desk/projects/{project.key}/", TONES[project.state]


def what_of(project: Project, lang: str) -> str:
    """Return what a project builds, in words: its business type, else its kind."""
    return type_name(project.business_type, lang) if project.business_type else label(ROOM, "kinds", project.kind, lang)


def _row(project: Project, asked: Asked, lang: str) -> dict[str, Any]:
    days = "\u2060–\u2060".join(f"{day:%Y.%m}" if day else "…" for day in (project.starts_on, project.ends_on))
    cells = (
        project.area.name, f"{project.cost_yuan:,.0f}", f"{project.people_gained:,.0f}",
        office_name(project.city, project.lead, lang) or "—", days, label(ROOM, "state_names", project.state, lang),
    )  # fmt: skip
    return row(f"/desk/projects/{project.key}/", project.name, cells, asked)


@require_safe
def download(request: HttpRequest, form: str) -> HttpResponse:
    """The filtered list as CSV, XLSX or GeoJSON, each project with what it answers."""
    person = need(request, "projects.see")
    city, lang = city_of(request, person), language()
    if form not in FORMATS:
        raise Http404
    projects = found(asked_of(request.GET, city, person, lang), city, person).prefetch_related("needs", "gaps__area")
    heads = [
        _("编号"), _("项目"), _("类别"), _("业态"), _("区域代码"), _("区域"), _("生活圈"), _("空间"), _("经度"), _("纬度"),
        _("投资（元）"), _("资金来源"), _("牵头单位"), _("配合单位"), _("开始"), _("完成"), _("新增覆盖人数"), _("状态"),
        _("回应的需求"), _("回应的缺口"), _("测算摘要"), _("标准"),
    ]  # fmt: skip
    rows = (
        [
            each.key, each.name, label(ROOM, "kinds", each.kind, lang), type_name(each.business_type, lang), each.area.code,
            each.area.name, each.circle.name if each.circle else "", each.space.name if each.space else "",
            *_point(each)[:2], each.cost_yuan, label(ROOM, "funding", each.source, lang), office_name(city, each.lead, lang),
            "、".join(office_name(city, code, lang) for code in each.supporting), each.starts_on, each.ends_on,
            round(each.people_gained, 1), label(ROOM, "state_names", each.state, lang),
            "、".join(one.reference or one.key for one in each.needs.all()),
            "；".join(f"{gap.area.name} {gap.people:.0f}" for gap in each.gaps.all()), each.study, each.standard,
        ]
        for each in projects
    )  # fmt: skip
    return export(form, city, "projects", heads, rows, city.made_up)


def project_for(request: HttpRequest, key: str) -> tuple[Person, Project]:
    """Return who asks and the project; to whom may not see it, it is as if it were not there."""
    person = need(request, "projects.see")
    known = (
        Project.objects.select_related("city", "area", "circle", "space", "site__proposal__area")
        .filter(key=key)
        .first()
    )
    if known is None or not may(person, "projects.see", known.area):
        raise Http404(key)
    request.city = known.city  # type: ignore[attr-defined]
    return person, known


STEPS = ("approve", "start", "finish")
ACTS: dict[str, Callable[[Deed, str], Project]] = {
    "approve": actions.approve, "start": actions.start, "finish": actions.finish, "drop": actions.drop,
}  # fmt: skip


def detail(request: HttpRequest, key: str) -> HttpResponse:
    """One project: money, offices, days, and where it comes from and what it answers."""
    person, project = project_for(request, key)
    if request.method == "POST":
        return _acted(request, person, project)
    lang, city = language(), project.city
    lead = lead_of(city.slug, project.business_type, project.kind)
    going = project.state in GOING[:3]
    offered = {name: may(person, f"projects.{name}", project.area) and can(ROOM, project.state, f"projects.{name}")
               for name in (*STEPS, "drop")}  # fmt: skip
    offered |= {
        name: going and may(person, f"projects.{name}", project.area) for name in ("edit", "link_need", "unlink_need")
    }
    context = {
        "project": project, "what": what_of(project, lang), "kind": label(ROOM, "kinds", project.kind, lang),
        "state": label(ROOM, "state_names", project.state, lang), "funding": label(ROOM, "funding", project.source, lang),
        "lead": office_name(city, project.lead, lang), "clause": lead.clause if lead.lead == project.lead else "",
        "supporting": [office_name(city, code, lang) for code in project.supporting], "offered": offered,
        "fields": form_fields(project, lang), "needs": [_need(one, lang) for one in project.needs.select_related("area")],
        "gaps": [(gap, type_name(gap.business_type, lang)) for gap in project.gaps.select_related("area")],
        "sees_proposal": project.site is not None and may(person, "proposals.see", project.site.proposal.area),
        "others": _linkable(project), "chart": chart([project]),
        "points": points(city_json(city), [_point(project)]),
        "history": history("projects.project", project.key, ROOM, lang, lambda name, value: told(project, name, value, lang),
                           [accepted(project.site.proposal_id, project.site.proposal.name)] if project.site else []),
    }  # fmt: skip
    return render(request, "projects/detail.html", context)


def _need(one: Need, lang: str) -> tuple[Need, str, str]:
    room = "yike.web.needs"
    return one, label(room, "sources", one.source, lang), label(room, "state_names", one.state, lang)


def _linkable(project: Project, most: int = 60) -> list[Need]:
    """Return open needs of the project's type near it that it does not answer yet: of its street, most people first."""
    area = project.area.parent or project.area
    found_needs = Need.objects.filter(city=project.city, state="open", area__path__startswith=area.path)
    if project.business_type:
        found_needs = found_needs.filter(business_type=project.business_type)
    return list(found_needs.select_related("area")[:most])


def told(project: Project, name: str, value: Any, lang: str) -> str | None:
    """Return a value of a project in words, None for one that is shown as it is."""
    if name in ("state", "space_state"):
        return label(ROOM if name == "state" else "yike.web.spaces", "state_names", str(value), lang)
    if name == "source":
        return label(ROOM, "funding", str(value), lang)
    if name == "lead":
        return office_name(project.city, str(value), lang)
    if name == "supporting" and isinstance(value, list):
        return "、".join(office_name(project.city, code, lang) for code in value)
    return type_name(str(value), lang) if name == "business_type" else None


KINDS = {"business_type": "one", "source": "one", "lead": "one", "supporting": "many", "starts_on": "date", "ends_on": "date",
         "cost_yuan": "number", "people_gained": "number"}  # fmt: skip


def form_fields(project: Project | None, lang: str, posted: Any = None, city: Any = None) -> list[dict[str, Any]]:
    """Return the fields of a form, with what is known or was posted."""
    city = project.city if project else city
    named = [(code, row["zh" if lang == "zh" else "en"]) for code, row in offices(city).items()]
    lists = {
        "business_type": type_choices(lang),
        "source": choices(ROOM, "funding", lang),
        "lead": named,
        "supporting": named,
    }
    return [
        {
            "name": name, "label": label(ROOM, "field_names", name, lang), "kind": KINDS.get(name, "text"),
            "value": _value(project, name, posted), "choices": lists.get(name, ()), "needed": False, "hint": "",
        }
        for name in actions.GIVEN
    ]  # fmt: skip


def _value(project: Project | None, name: str, posted: Any) -> Any:
    if posted is not None:
        return posted.getlist(name) if name == "supporting" else posted.get(name, "")
    if project is None:
        return [] if name == "supporting" else ""
    value = getattr(project, name)
    if name in ("cost_yuan", "people_gained"):
        return f"{float(value):g}" if float(value) < 1e6 else f"{float(value):.0f}"
    return value.isoformat() if hasattr(value, "isoformat") else value


def posted_fields(request: HttpRequest) -> dict[str, Any]:
    """Return a form's fields as they were sent."""
    return {
        name: request.POST.getlist(name) if name == "supporting" else request.POST.get(name, "")
        for name in actions.GIVEN
    }


def _acted(request: HttpRequest, person: Person, project: Project) -> HttpResponse:
    """Do what a form of the page asks for."""
    do, deed, reason = request.POST.get("do", ""), actions.deed_on(person, project), request.POST.get("reason", "")
    act = ACTS.get(do)
    if act is not None:
        perform(request, lambda: act(deed, reason), _("已办理。"))
    elif do == "edit":
        perform(request, lambda: actions.edit(deed, posted_fields(request)), _("已保存。"))
    elif do in ("link_need", "unlink_need"):
        one = Need.objects.filter(key=request.POST.get("need", ""), city=project.city).first()
        if one is None or not may(person, "needs.see", one.area):
            messages.error(request, _("请选择需求。"))
        else:
            joined = actions.link_need if do == "link_need" else actions.unlink_need
            perform(request, lambda: joined(deed, one), _("已办理。"))
    else:
        raise Http404
    return HttpResponseRedirect(request.path)


def new(request: HttpRequest) -> HttpResponse:
    """Enter a project by hand: what, where, in which space, for how much."""
    person = need(request, "projects.add")
    city, lang = city_of(request, person), language()
    areas = Area.objects.filter(within_reach(person, "projects.add", "path"), city=city)
    spaces = Space.objects.filter(within_reach(person, "spaces.see"), city=city, state="free")
    posted = request.POST if request.method == "POST" else None
    if posted is not None:
        made = _entered(request, person, city, areas, spaces)
        if made is not None:
            return HttpResponseRedirect(f"/desk/projects/{made.key}/")
    context = {
        "fields": form_fields(None, lang, posted, city), "areas": area_choices(areas), "kinds": choices(ROOM, "kinds", lang),
        "spaces": list(spaces.values_list("key", "name")[:2000]), "posted": posted or request.GET,
    }  # fmt: skip
    return render(request, "projects/new.html", context, status=400 if posted else 200)


def _entered(request: HttpRequest, person: Person, city: Any, areas: Any, spaces: Any) -> Project | None:
    space = spaces.filter(key=request.POST.get("space", "")).first()
    area = (space.area if space else None) or areas.filter(code=request.POST.get("area", "")).first()
    if area is None:
        messages.error(request, _("请选择区域或空间。"))
        return None
    deed = actions.deed_at(person, area)
    made: Project | None = perform(
        request, lambda: actions.add(deed, city, request.POST.get("kind", "outlet"), posted_fields(request), space=space),
        _("已列入。"),
    )  # fmt: skip
    return made
