"""The list of needs at the desk: grouped by type and area, one by one, one need, a new one, import, export."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, reach_of, within_reach
from yike.web.areas.models import Area
from yike.web.areas.placing import area_at
from yike.web.lists.choices import choices, label, number, type_choices, type_name
from yike.web.lists.exporting import FORMATS, export
from yike.web.lists.history import history, through_projects
from yike.web.lists.import_views import Importer, begin, job_page
from yike.web.lists.importing import TableImport
from yike.web.lists.pages import city_json, city_of, perform, posted_point
from yike.web.lists.reading import ROOM as LISTS
from yike.web.lists.states import can
from yike.web.lists.tables import Asked, area_choices, page_of, points, row
from yike.web.needs import actions, importing
from yike.web.needs.filtering import asked_of, found, grouped
from yike.web.needs.models import Need, NeedImport
from yike.web.needs.privacy import ROOM
from yike.web.wording import language

TONES = {"open": "ask", "planned": "good", "met": "ink", "declined": "soft"}


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The list: grouped by type and area, or one by one (``?view=each``)."""
    person = need(request, "needs.see")
    city, lang = city_of(request, person), language()
    asked = asked_of(request.GET, city, person, lang)
    needs = found(asked, city, person)
    each = request.GET.get("view") == "each"
    opened = needs.filter(state="open")
    context: dict[str, Any] = {
        "asked": asked, "formats": FORMATS, "each": each, "open": opened.count(), "total": needs.count(),
        "people": opened.order_by().aggregate(total=Sum("people"))["total"] or 0,
        "may_add": bool(reach_of(person, "needs.add")), "may_import": bool(reach_of(person, "needs.import_check")),
        "may_cross": bool(reach_of(person, "projects.see")),
        "points": points(city_json(city), _drawn(needs)),
        "legend": [(TONES[code], name) for code, name in choices(ROOM, "state_names", lang)],
    }  # fmt: skip
    if each:
        page = page_of(needs, request.GET)
        context |= {"page": page, "rows": [_row(one, asked, lang) for one in page]}
    else:
        page = Paginator(list(grouped(needs)), int(number(LISTS, "page"))).get_page(request.GET.get("page"))
        context |= {"page": page, "groups": [(one, type_name(one.business_type, lang)) for one in page]}
    return render(request, "needs/table.html", context)


def _drawn(needs: Any) -> Any:
    """Give the points of needs: their own, else the middle of their area."""
    rows = needs.values_list("lon", "lat", "area__lon", "area__lat", "business_type", "key", "state")
    lang = language()
    for lon, lat, area_lon, area_lat, code, key, state in rows:
        yield (
            lon if lon is not None else area_lon, lat if lat is not None else area_lat, type_name(code, lang),
            f"/desk/needs/{key}/", TONES[state],
        )  # fmt: skip


def _row(one: Need, asked: Asked, lang: str) -> dict[str, Any]:
    cells = (
        one.area.name, f"{one.people:,.0f}", label(ROOM, "sources", one.source, lang), one.asked_on or "—",
        one.text[:60] or "—", label(ROOM, "state_names", one.state, lang),
    )  # fmt: skip
    return row(f"/desk/needs/{one.key}/", type_name(one.business_type, lang), cells, asked)


@require_safe
def download(request: HttpRequest, form: str) -> HttpResponse:
    """The filtered list as CSV, XLSX or GeoJSON."""
    person = need(request, "needs.see")
    city, lang = city_of(request, person), language()
    if form not in FORMATS:
        raise Http404
    needs = found(asked_of(request.GET, city, person, lang), city, person).prefetch_related("projects")
    heads = [
        _("编号"), _("业态"), _("内容"), _("人数"), _("来源"), _("来源编号"), _("日期"), _("社区代码"), _("社区"), _("经度"),
        _("纬度"), _("状态"), _("答复"), _("项目"),
    ]  # fmt: skip
    rows = (
        [
            one.key, type_name(one.business_type, lang), one.text, one.people, label(ROOM, "sources", one.source, lang),
            one.reference, one.asked_on, one.area.code, one.area.name, one.lon, one.lat,
            label(ROOM, "state_names", one.state, lang), one.answer, "、".join(each.name for each in one.projects.all()),
        ]
        for one in needs
    )  # fmt: skip
    return export(form, city, "needs", heads, rows, city.made_up)


def need_for(request: HttpRequest, key: str) -> tuple[Person, Need]:
    """Return who asks and the need; to whom may not see it, it is as if it were not there."""
    person = need(request, "needs.see")
    one = Need.objects.select_related("city", "area").filter(key=key).first()
    if one is None or not may(person, "needs.see", one.area):
        raise Http404(key)
    request.city = one.city  # type: ignore[attr-defined]
    return person, one


def detail(request: HttpRequest, key: str) -> HttpResponse:
    """One need: what is asked, by how many, who said so, the projects that answer it, its history."""
    person, one = need_for(request, key)
    if request.method == "POST":
        return _acted(request, person, one)
    lang = language()
    offered = {
        name: may(person, f"needs.{name}", one.area) and (name == "edit" or can(ROOM, one.state, f"needs.{name}"))
        for name in ("edit", "answer", "decline", "reopen")
    }
    context = {
        "need": one, "type": type_name(one.business_type, lang), "state": label(ROOM, "state_names", one.state, lang),
        "source": label(ROOM, "sources", one.source, lang), "offered": offered, "fields": form_fields(one, lang),
        "projects": [(each, label("yike.web.projects", "state_names", each.state, lang))
                     for each in one.projects.order_by("-id")],
        "history": history("needs.need", one.key, ROOM, lang, lambda name, value: told(name, value, lang),
                           through_projects(one.projects.select_related("site__proposal"))),
    }  # fmt: skip
    return render(request, "needs/detail.html", context)


def told(name: str, value: Any, lang: str) -> str | None:
    """Return a value of a need in words, None for one that is shown as it is."""
    if name == "state":
        return label(ROOM, "state_names", str(value), lang)
    if name == "source":
        return label(ROOM, "sources", str(value), lang)
    return type_name(str(value), lang) if name == "business_type" else None


FIELDS = ("business_type", "people", "text", "source", "reference", "asked_on")


def form_fields(one: Need | None, lang: str, posted: Any = None) -> list[dict[str, Any]]:
    """Return the fields of a form, with what is known or was posted."""
    sources = [(code, name) for code, name in choices(ROOM, "sources", lang) if code in actions.BY_HAND]
    lists = {"business_type": type_choices(lang), "source": sources}
    kinds = {"business_type": "one", "source": "one", "people": "number", "text": "long", "asked_on": "date"}
    hints = {"text": _("电话、姓名、证件号会被去除，不会保存。")}
    values = posted or {name: _value(one, name) for name in FIELDS}
    names = [
        name
        for name in FIELDS
        if one is None or one.source in actions.BY_HAND or name in ("business_type", "people", "text")
    ]
    return [
        {
            "name": name, "label": label(ROOM, "field_names", name, lang), "kind": kinds.get(name, "text"),
            "value": values.get(name, ""), "choices": lists.get(name, ()), "needed": name == "business_type",
            "hint": hints.get(name, ""),
        }
        for name in names
    ]  # fmt: skip


def _value(one: Need | None, name: str) -> str:
    if one is None:
        return "staff" if name == "source" else ""
    value = getattr(one, name)
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _acted(request: HttpRequest, person: Person, one: Need) -> HttpResponse:
    """Do what a form of the page asks for."""
    do, deed, text = request.POST.get("do", ""), actions.deed_on(person, one), request.POST.get("text", "")
    if do == "edit":
        given = {name: request.POST.get(name, "") for name in FIELDS if name in request.POST}
        perform(request, lambda: actions.edit(deed, given), _("已保存。"))
    elif do == "answer":
        perform(request, lambda: actions.answer(deed, text), _("已答复并办结。"))
    elif do == "decline":
        perform(request, lambda: actions.decline(deed, text), _("已告知不予办理及原因。"))
    elif do == "reopen":
        perform(request, lambda: actions.reopen(deed, text), _("已重新受理。"))
    else:
        raise Http404
    return HttpResponseRedirect(request.path)


def new(request: HttpRequest) -> HttpResponse:
    """Enter a need: what, how many, where."""
    person = need(request, "needs.add")
    city, lang = city_of(request, person), language()
    areas = Area.objects.filter(within_reach(person, "needs.add", "path"), city=city)
    posted = request.POST if request.method == "POST" else None
    if posted is not None:
        point = posted_point(request)
        area = areas.filter(code=posted.get("area", "")).first() or (area_at(city, *point) if point else None)
        if area is None:
            from django.contrib import messages

            messages.error(request, _("请选择社区，或在地图上点选位置。"))
        else:
            given = {name: posted.get(name, "") for name in FIELDS}
            made = perform(
                request, lambda: actions.add(actions.deed_at(person, area), city, given, point), _("已登记。")
            )
            if made:
                return HttpResponseRedirect(f"/desk/needs/{made.key}/")
    context = {
        "fields": form_fields(None, lang, posted), "areas": area_choices(areas),
        "place": {"city": city_json(city), "point": None},
        "posted": {name: posted.get(name, "") for name in ("lon", "lat", "area")} if posted else {},
    }  # fmt: skip
    return render(request, "needs/new.html", context, status=400 if posted else 200)


def _words() -> dict[str, Any]:
    return {
        "title": _("导入需求"), "list": _("需求清单"), "back": "/desk/needs/",
        "lead": _("选一张 12345 工单或问卷表。文件不会保存；电话、姓名、证件号先去除，再登记。"),
        "heads": _("必需：类别或内容，以及社区（代码或名称）或经纬度；可有：编号、人数、日期、来源。联系人、电话等列不会读取。"),
    }  # fmt: skip


def _removed(job: TableImport) -> dict[str, Any]:
    """Return how much of what kind was taken out, and the categories nobody knows."""
    lang = language()
    kinds = {"phone": _("电话"), "name": _("姓名"), "identity": _("证件号"), "card": _("银行卡号"), "email": _("邮箱"),
             "door": _("门牌"), "reference": _("用作编号的电话或证件号")}  # fmt: skip
    parts = [f"{name} {job.counts[f'out_{kind}']}" for kind, name in kinds.items() if job.counts.get(f"out_{kind}")]
    removed = _("已去除个人信息：%(parts)s。") % {"parts": "、".join(parts)} if parts else _("没有发现个人信息。")
    unknown: dict[str, int] = {}
    for _row_number, category, _key, _values in job.choices.get("waiting", []):
        unknown[category] = unknown.get(category, 0) + 1
    shown = sorted(unknown.items(), key=lambda pair: -pair[1])[:60] if job.state == "checked" else []
    return {"removed": removed, "unknown": shown, "types": type_choices(lang)}


def _answer(request: HttpRequest, job: TableImport) -> bool:
    """Take the types of categories nobody knew."""
    if request.POST.get("do") != "words" or not isinstance(job, NeedImport):
        return False
    words = {}
    for k in range(60):
        told_type, category = request.POST.get(f"word-{k}", ""), request.POST.get(f"category-{k}", "")
        if told_type and category:
            words[category] = "" if told_type == "-" else told_type
    person = need(request, "needs.import_check", job.area)
    checked = importing.sorted_again(job, words)
    perform(request, lambda: actions.import_check(actions.deed_of(person, job), job, checked, words), _("已重新归类。"))
    return True


def _sources() -> list[tuple[str, str, list[tuple[str, str]]]]:
    sources = [(code, name) for code, name in choices(ROOM, "sources", language()) if code in ("hotline", "survey")]
    return [("source", _("来源"), sources)]


def _shown(name: str, value: Any) -> str:
    return told(name, value, language()) or (
        "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
    )


WAY = Importer(
    room=ROOM, app="needs", model=NeedImport, base="/desk/needs/import/",
    check=lambda upload, city, area, chosen: importing.check(upload, city, area, chosen["source"]), deed_of=actions.deed_of,
    act_check=actions.import_check, act_apply=actions.import_apply, act_undo=actions.import_undo, words=_words,
    shown=("business_type", "people", "text", "source", "reference", "asked_on"), choices=_sources, told=_shown, more=_removed,
    answer=_answer,
)  # fmt: skip


def import_begin(request: HttpRequest) -> HttpResponse:
    """Choose a table of needs."""
    return begin(request, WAY)


def import_job(request: HttpRequest, pk: int) -> HttpResponse:
    """One import of needs."""
    return job_page(request, pk, WAY)
