"""The register of idle spaces at the desk: the table with its map, one space, a new one, import, export."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, person_of, reach_of
from yike.web.areas.models import Area, City
from yike.web.lists.choices import choices, label, type_choices, type_name
from yike.web.lists.exporting import FORMATS, export
from yike.web.lists.history import history, through_projects
from yike.web.lists.import_views import Importer, begin, job_page
from yike.web.lists.pages import city_json, city_of, perform, posted_point
from yike.web.lists.states import can
from yike.web.lists.tables import page_of, points, row
from yike.web.spaces import actions, importing
from yike.web.spaces.fields import EDITED, ROOM, TOLD, allowed_uses
from yike.web.spaces.filtering import asked_of, found
from yike.web.spaces.models import Space, SpaceImport, SpacePhoto
from yike.web.wording import language

TONES = {"free": "ask", "reserved": "good", "used": "ink", "withdrawn": "soft"}


@require_safe
def table(request: HttpRequest) -> HttpResponse:
    """The register: filters in the address, sums, a map beside it."""
    person = need(request, "spaces.see")
    city, lang = city_of(request, person), language()
    asked = asked_of(request.GET, city, person, lang)
    spaces = found(asked, city, person)
    page = page_of(spaces, request.GET)
    free = spaces.filter(state="free")
    drawn = spaces.values_list("lon", "lat", "name", "key", "state")
    context = {
        "asked": asked, "page": page, "formats": FORMATS, "rows": [_row(each, asked, lang) for each in page],
        "free": free.count(), "free_m2": sum(free.values_list("area_m2", flat=True)),
        "may_add": bool(reach_of(person, "spaces.add")), "may_import": bool(reach_of(person, "spaces.import_check")),
        "points": points(city_json(city), ((lon, lat, name, f"/desk/spaces/{key}/", TONES[state])
                                           for lon, lat, name, key, state in drawn)),
        "legend": [(TONES[code], name) for code, name in choices(ROOM, "state_names", lang)],
    }  # fmt: skip
    return render(request, "spaces/table.html", context)


def _row(space: Space, asked: Any, lang: str) -> dict[str, Any]:
    cells = (
        label(ROOM, "kinds", space.kind, lang), f"{space.area_m2:,.0f}", f"{space.rent_yuan:,.0f}",
        label(ROOM, "state_names", space.state, lang), label(ROOM, "land_use", space.land_use, lang),
        space.area.name if space.area else "",
    )  # fmt: skip
    return row(f"/desk/spaces/{space.key}/", space.name, cells, asked)


@require_safe
def download(request: HttpRequest, form: str) -> HttpResponse:
    """The filtered register as CSV, XLSX or GeoJSON; it can be imported again."""
    person = need(request, "spaces.see")
    city, lang = city_of(request, person), language()
    if form not in FORMATS:
        raise Http404
    spaces = found(asked_of(request.GET, city, person, lang), city, person)
    heads = [
        _("编号"), _("名称"), _("类型"), _("经度"), _("纬度"), _("面积"), _("权属"), _("允许用途"), _("用地变更"), _("年租金"),
        _("改造费用"), _("现状"), _("可用日期"), _("状态"), _("社区代码"), _("社区"), _("地址"), _("来源"),
    ]  # fmt: skip
    rows = (
        [
            each.key, each.name, label(ROOM, "kinds", each.kind, lang), each.lon, each.lat, each.area_m2, each.owner,
            "、".join(type_name(code, lang) for code in each.uses), label(ROOM, "land_use", each.land_use, lang), each.rent_yuan,
            each.conversion_yuan, each.condition, each.free_from, label(ROOM, "state_names", each.state, lang),
            each.area.code if each.area else "", each.area.name if each.area else "", each.address, each.source,
        ]
        for each in spaces
    )  # fmt: skip
    return export(form, city, "spaces", heads, rows, city.made_up)


def space_for(request: HttpRequest, key: str) -> tuple[Person, Space]:
    """Return who asks and the space; to whom may not see it, it is as if it were not there."""
    person = need(request, "spaces.see")
    space = Space.objects.select_related("city", "area").filter(key=key).first()
    if space is None or not may(person, "spaces.see", space.area or space.city.root):
        raise Http404(key)
    request.city = space.city  # type: ignore[attr-defined]
    return person, space


def detail(request: HttpRequest, key: str) -> HttpResponse:
    """One space: what it is, what it may become, its change of land use, pictures, projects, history."""
    person, space = space_for(request, key)
    if request.method == "POST":
        return _acted(request, person, space)
    lang, area = language(), space.area or space.city.root
    allowed = {name: may(person, f"spaces.{name}", area) for name in
               ("edit", "set_state", "set_land_use", "withdraw", "add_photo", "remove_photo")}  # fmt: skip
    steps = [(code, name) for code, name in choices(ROOM, "state_names", lang)
             if code != "withdrawn" and can_become(space, code)]  # fmt: skip
    context = {
        "space": space, "kind": label(ROOM, "kinds", space.kind, lang), "state": label(ROOM, "state_names", space.state, lang),
        "land_use": label(ROOM, "land_use", space.land_use, lang), "allowed": allowed, "steps": steps,
        "land_steps": land_steps(space, lang), "held": actions.held_by(space),
        "own_uses": bool(space.uses), "uses": [(code, type_name(code, lang)) for code in allowed_uses(space)],
        "fields": form_fields(space, lang, EDITED), "photos": list(space.photos.all()),
        "place": {"city": city_json(space.city), "point": [space.lon, space.lat]},
        "points": points(city_json(space.city), [(space.lon, space.lat, space.name, request.path, TONES[space.state])]),
        "may_withdraw": allowed["withdraw"] and can(ROOM, space.state, "spaces.withdraw"),
        "projects": [(each, label("yike.web.projects", "state_names", each.state, lang))
                     for each in space.projects.order_by("-id")],
        "history": history("spaces.space", space.key, ROOM, lang, lambda name, value: told(name, value, lang),
                           through_projects(space.projects.select_related("site__proposal"))),
    }  # fmt: skip
    return render(request, "spaces/detail.html", context)


def can_become(space: Space, state: str) -> bool:
    """Return whether a space may be taken to a state by hand."""
    from yike.web.lists.states import ways

    return (space.state, state, "spaces.set_state") in ways(ROOM)


def land_steps(space: Space, lang: str) -> list[tuple[str, str]]:
    """Return the next steps of a change of land use."""
    from yike.web.lists.choices import table as rows

    return [
        (each["to"], label(ROOM, "land_use", each["to"], lang))
        for each in rows(ROOM, "land_use_steps")
        if each["from"] == space.land_use
    ]


def told(name: str, value: Any, lang: str) -> str | None:
    """Return a value of a space in words, None for one that is shown as it is."""
    tables = {"state": "state_names", "space_state": "state_names", "land_use": "land_use", "kind": "kinds"}
    if name in tables:
        return label(ROOM, tables[name], str(value), lang)
    if name == "uses" and isinstance(value, list):
        return "、".join(type_name(code, lang) for code in value)
    return None


def form_fields(space: Space | None, lang: str, names: tuple[str, ...], posted: Any = None) -> list[dict[str, Any]]:
    """Return the fields of a form, with what is known or was posted."""
    kinds = {"kind": "one", "uses": "many", "land_use": "one", "area_m2": "number", "rent_yuan": "number",
             "conversion_yuan": "number", "free_from": "date"}  # fmt: skip
    lists = {
        "kind": choices(ROOM, "kinds", lang),
        "uses": type_choices(lang),
        "land_use": choices(ROOM, "land_use", lang),
    }
    hints = {
        "uses": _("不选即按类型的通常用途。"), "conversion_yuan": _("留空则按面积和业态估算。"),
        "owner": _("只写单位或权属性质，不写个人姓名和电话。"),
    }  # fmt: skip
    found_fields = []
    for name in names:
        value = (
            posted.getlist(name)
            if posted and name == "uses"
            else posted.get(name, "")
            if posted
            else _value(space, name)
        )
        found_fields.append(
            {
                "name": name, "label": label(ROOM, "field_names", name, lang), "kind": kinds.get(name, "text"), "value": value,
                "choices": lists.get(name, ()), "needed": name in ("name", "kind", "area_m2"), "hint": hints.get(name, ""),
            }
        )  # fmt: skip
    return found_fields


def _value(space: Space | None, name: str) -> Any:
    if space is None:
        return [] if name == "uses" else ""
    value = getattr(space, name)
    if name == "free_from":
        return value.isoformat() if value else ""
    if name in ("area_m2", "rent_yuan", "conversion_yuan"):
        return "" if value is None else f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    return value


def posted_fields(request: HttpRequest, names: tuple[str, ...]) -> dict[str, Any]:
    """Return a form's fields as they were sent."""
    return {name: request.POST.getlist(name) if name == "uses" else request.POST.get(name, "") for name in names}


def _acted(request: HttpRequest, person: Person, space: Space) -> HttpResponse:
    """Do what a form of the page asks for."""
    do, deed, reason = request.POST.get("do", ""), actions.deed_on(person, space), request.POST.get("reason", "")
    if do == "edit":
        point = posted_point(request)
        given = posted_fields(request, EDITED)
        perform(request, lambda: actions.edit(deed, given, point), _("已保存。"))
    elif do == "state":
        perform(request, lambda: actions.set_state(deed, request.POST.get("state", ""), reason), _("状态已变更。"))
    elif do == "withdraw":
        perform(request, lambda: actions.withdraw(deed, reason), _("已撤回。"))
    elif do == "land_use":
        status = request.POST.get("status", "")
        perform(request, lambda: actions.set_land_use(deed, status, reason), _("用地变更进展已登记。"))
    elif do == "photo" and "photo" in request.FILES:
        perform(request, lambda: actions.add_photo(deed, request.FILES["photo"]), _("照片已添加。"))
    elif do == "remove_photo" and request.POST.get("photo", "").isdecimal():
        pk = int(request.POST["photo"][:15])
        perform(request, lambda: actions.remove_photo(deed, pk), _("照片已删除。"))
    elif do != "photo":
        raise Http404
    return HttpResponseRedirect(request.path)


def new(request: HttpRequest) -> HttpResponse:
    """Enter a space: its fields and a tap on the map."""
    person = need(request, "spaces.add")
    city, lang = city_of(request, person), language()
    posted = request.POST if request.method == "POST" else None
    if posted is not None:
        point = posted_point(request)
        made = _entered(request, person, city, point)
        if made is not None:
            return HttpResponseRedirect(f"/desk/spaces/{made.key}/")
    context = {"fields": form_fields(None, lang, TOLD, posted), "place": {"city": city_json(city), "point": None},
               "posted": {"lon": posted.get("lon", ""), "lat": posted.get("lat", "")} if posted else {}}  # fmt: skip
    return render(request, "spaces/new.html", context, status=400 if posted else 200)


def _entered(request: HttpRequest, person: Person, city: City, point: tuple[float, float] | None) -> Space | None:
    from django.contrib import messages

    from yike.web.areas.placing import area_at

    if point is None:
        messages.error(request, _("请在地图上点选位置。"))
        return None
    area: Area = area_at(city, *point) or city.root
    deed = actions.deed_at(person, area if may(person, "spaces.add", area) else _own(person, city))
    given = {k: v for k, v in posted_fields(request, TOLD).items() if k != "land_use" or v}
    made: Space | None = perform(request, lambda: actions.add(deed, city, *point, given), _("已登记。"))
    return made


def _own(person: Person, city: City) -> Area:
    """Return the widest area where a person may add spaces."""
    path = next(iter(sorted(reach_of(person, "spaces.add"), key=len)), "")
    return city.areas.filter(path=path).first() or city.root


@require_safe
def photo(request: HttpRequest, pk: int) -> FileResponse:
    """A picture of a space, to who may see the space."""
    found_photo = SpacePhoto.objects.select_related("space__area", "space__city").filter(pk=pk).first()
    if found_photo is None:
        raise Http404
    space = found_photo.space
    if not may(person_of(request), "spaces.see", space.area or space.city.root):
        raise Http404
    try:
        answer = FileResponse(found_photo.file.open("rb"), content_type="image/jpeg")
    except FileNotFoundError:
        raise Http404 from None
    answer["Cache-Control"], answer["X-Content-Type-Options"] = "no-store", "nosniff"
    return answer


def _words() -> dict[str, Any]:
    return {
        "title": _("导入闲置空间"), "list": _("闲置空间"), "back": "/desk/spaces/",
        "lead": _("选一张闲置空间表。应用之前，登记册不会有任何改动。"),
        "heads": _("必需：名称、类型、面积、经纬度；可有：编号、权属、允许用途、用地变更、年租金、改造费用、现状、可用日期。"),
    }  # fmt: skip


WAY = Importer(
    room=ROOM, app="spaces", model=SpaceImport, base="/desk/spaces/import/",
    check=lambda upload, city, area, chosen: importing.check(upload, city, area), deed_of=actions.deed_of,
    act_check=actions.import_check, act_apply=actions.import_apply, act_undo=actions.import_undo, words=_words,
    shown=("name", "kind", "area_m2", "owner", "rent_yuan", "lon", "lat"),
    told=lambda name, value: told(name, value, language()) or str(value),
)  # fmt: skip


def import_begin(request: HttpRequest) -> HttpResponse:
    """Choose a table of spaces."""
    return begin(request, WAY)


def import_job(request: HttpRequest, pk: int) -> HttpResponse:
    """One import of spaces."""
    return job_page(request, pk, WAY)
