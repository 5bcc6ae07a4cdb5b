"""The desk's page of one outlet: as it is, what may be done with it, what waits, its history."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, verbs
from yike.web.areas.models import Area
from yike.web.journal.models import Line
from yike.web.outlets import actions
from yike.web.outlets.choices import business_types, label, table, type_name
from yike.web.outlets.confidence import confidence_of
from yike.web.outlets.deeds import deed_on
from yike.web.outlets.hours_now import state_at
from yike.web.outlets.models import Outlet
from yike.web.outlets.states import can
from yike.web.outlets.views.common import city_json, outlet_for, perform, posted_point, price_rows
from yike.web.outlets.views.editing import STEPS, edit_outlet, edited_fields, field_name
from yike.web.outlets.wording import language


def detail(request: HttpRequest, key: str) -> HttpResponse:
    """One outlet: as it is, what may be done with it, reports and proposals that wait, its history."""
    person = need(request, "outlets.see")
    outlet = outlet_for(request, person, key)
    if request.method == "POST":
        return _acted(request, person, outlet)
    lang = language()
    area = outlet.area or outlet.city.root
    now = state_at(outlet)
    page = {
        "outlet": outlet,
        "state": label("state_names", outlet.state, lang),
        "now": now,
        "area": area,
        "types": [(each.code, type_name(each.code, lang)) for each in outlet.functions.all()],
        "type_codes": [each.code for each in outlet.functions.all()],
        "city_given": {"city": city_json(outlet.city), "point": [outlet.lon, outlet.lat]},
        "all_types": [(each.code, each.zh if lang == "zh" else each.en) for each in business_types().values()],
        "steps": [
            (
                name,
                verbs()[name].zh if lang == "zh" else verbs()[name].en,
                name in ("outlets.revoke", "outlets.withdraw_voucher"),
            )
            for name in STEPS
            if _offered(person, outlet, name, area)
        ],
        "may_edit": may(person, "outlets.edit", area),
        "may_verify": outlet.counts and may(person, "outlets.verify", area),
        "may_place": may(person, "outlets.place", area),
        "owned": bool(outlet.owner_id),
        "fields": edited_fields(outlet, lang),
        "prices": price_rows(outlet),
        "confidence": round(100 * confidence_of(outlet)),
        "reports": [(each, label("reports", each.kind, lang)) for each in outlet.reports.filter(outcome="")],
        "proposals": proposals_of(outlet, lang),
        "history": history_of(outlet, lang),
        "vouchers": outlet.vouchers.select_related("area").order_by("-given_at"),
        "trade": label("licence_free", outlet.trade, lang) if outlet.trade else "",
    }
    return render(request, "outlets/detail.html", page)


def _offered(person: Person, outlet: Outlet, name: str, area: Area) -> bool:
    if not can(outlet.state, name) or not may(person, name, area, outlet.owner_id):
        return False
    if name == "outlets.vouch":
        return outlet.licence_free
    standing = outlet.licence_free and outlet.vouchers.filter(withdrawn_at=None).exists()
    if name == "outlets.withdraw_voucher":
        return standing
    return not (outlet.licence_free and not standing and name in ("outlets.open", "outlets.reopen"))


def proposals_of(outlet: Outlet, lang: str) -> list[dict[str, Any]]:
    """Return the proposals that wait on an outlet, their changes in words."""
    return [
        {"proposal": each, "changes": [(field_name(name, lang), value) for name, value in each.changes.items()]}
        for each in outlet.proposals.filter(outcome="")
    ]


def history_of(outlet: Outlet, lang: str) -> list[dict[str, Any]]:
    """Return the outlet's lines of the journal, newest first; a name of a person is for staff only, and this page is."""
    found = (
        Line.objects.filter(kind="outlets.outlet", record=outlet.key)
        .exclude(verb__startswith="refused.")
        .select_related("person")
        .order_by("-id")[:60]
    )
    return [
        {
            "at": line.at,
            "what": _verb_name(line.verb, lang),
            "who": (line.person.name if line.person else "") or line.roles or _("未登录"),
            "changes": [(_change_name(name, lang), _told(name, change, lang)) for name, change in line.change.items()],
        }
        for line in found
    ]


def _verb_name(name: str, lang: str) -> str:
    known = verbs().get(name)
    return name if known is None else known.zh if lang == "zh" else known.en


def _change_name(name: str, lang: str) -> str:
    """Return what changed, in words; "report 7 closed" keeps its number."""
    first, _space, rest = name.partition(" ")
    known = next((row[lang] for row in table("change_names") if row["name"] == first), None)
    return field_name(name, lang) if known is None else f"{known} {rest}".strip()


def _told(name: str, change: Any, lang: str) -> str:
    """Return [before, after] as words."""
    if not (isinstance(change, list) and len(change) == 2):
        return str(change)

    def word(value: Any) -> str:
        if value in ("", None, []):
            return "—"
        if isinstance(value, bool):
            return _("有") if value else _("没有")
        if name == "state":
            return label("state_names", str(value), lang)
        if name == "types" and isinstance(value, list):
            return "、".join(type_name(code, lang) for code in value)
        return "、".join(map(str, value)) if isinstance(value, list) else str(value)

    return f"{word(change[0])} → {word(change[1])}"


def _acted(request: HttpRequest, person: Person, outlet: Outlet) -> HttpResponse:
    """Do what a form of the page asks for."""
    do, deed = request.POST.get("do", ""), deed_on(person, outlet)
    reason = request.POST.get("reason", "")
    back = HttpResponseRedirect(request.path)
    if do == "outlets.verify":
        perform(request, lambda: actions.verify(deed), _("已核实。"))
    elif do in STEPS:
        perform(request, lambda: STEPS[do](deed, reason), _("已办理。"))
    elif do in ("outlets.place", "outlets.move"):
        point = posted_point(request)
        if point is None:
            messages.error(request, _("请在地图上点选位置。"))
        elif do == "outlets.place":
            perform(request, lambda: actions.place(deed, *point), _("位置已更正。"))
        else:
            new = perform(
                request, lambda: actions.move(deed, *point, request.POST.get("address", "")), _("已登记迁址。")
            )
            back = HttpResponseRedirect(f"/desk/outlets/{new.key}/") if new else back
    elif do == "outlets.set_types":
        perform(request, lambda: actions.set_types(deed, request.POST.getlist("type")), _("业态已修改。"))
    elif do == "settle":
        right = request.POST.get("right") == "yes"
        perform(
            request, lambda: actions.settle_report(deed, int(request.POST.get("report") or 0), right), _("已办结。")
        )
    elif do in ("accept_proposal", "decline_proposal"):
        pk, act = int(request.POST.get("proposal") or 0), getattr(actions, do)
        perform(request, lambda: act(deed, pk), _("已答复。"))
    elif do == "remove_photo":
        perform(request, lambda: actions.remove_photo(deed, int(request.POST.get("photo") or 0)), _("照片已删除。"))
    elif do == "edit":
        edit_outlet(request, person, outlet)
    else:
        raise Http404
    return back
