"""The merchant's pages: my outlets and registrations, three steps to register or claim, and keeping what is one's own."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, person_of
from yike.web.areas.models import City
from yike.web.journal.chain import Deed
from yike.web.outlets import actions
from yike.web.outlets.choices import business_types, label, labels, limit, type_name
from yike.web.outlets.deeds import deed_of, deed_on
from yike.web.outlets.hours_now import state_at
from yike.web.outlets.models import Outlet, Registration
from yike.web.outlets.views.common import city_json, city_of, logged_in, outlet_for, perform, posted_point, price_rows
from yike.web.outlets.views.detail import proposals_of
from yike.web.outlets.views.editing import STEPS, edit_outlet, edited_fields, posted_closures
from yike.web.outlets.wording import language

OWN_STEPS = ("outlets.pause", "outlets.reopen", "outlets.close")


def member(request: HttpRequest) -> tuple[Person, City]:
    """Return who is logged in and their city; who is not is led to the login page and back."""
    person = logged_in(request)
    return person, city_of(request, person)


@require_safe
def entry(request: HttpRequest) -> HttpResponse:
    """我来登记: which way in is mine."""
    city_of(request, person_of(request))
    return render(request, "outlets/entry.html", {"trades": labels("licence_free"), "lang_key": language()})


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """My outlets, my registrations and how they stand, proposals that wait for my yes."""
    person, _city = member(request)
    lang = language()
    outlets = person.outlets.select_related("area").exclude(state__in=("revoked", "moved"))
    page = {
        "outlets": [
            {
                "outlet": each,
                "state": label("state_names", each.state, lang),
                "now": state_at(each),
                "waiting": each.proposals.filter(outcome="").count(),
            }
            for each in outlets
        ],
        "registrations": person.registrations.select_related("outlet"),
    }
    return render(request, "outlets/merchant_home.html", page)


@require_safe
def claim(request: HttpRequest, key: str) -> HttpResponse:
    """ "Is this outlet yours?": the page that the map's card leads to; whoever is not logged in does that first."""
    _person, city = member(request)
    found = Outlet.objects.filter(key=key, city=city, state__in=("open", "paused")).first()
    if found is None:
        raise Http404
    return render(request, "outlets/claim.html", {"outlet": found})


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a registration: of a new outlet, or of the one chosen on the map."""
    person, city = member(request)
    key = request.POST.get("key", "")
    outlet = Outlet.objects.filter(key=key, city=city, state__in=("open", "paused")).first() if key else None
    if key and outlet is None:
        raise Http404
    kind = "claim" if outlet else "new"
    known = person.registrations.filter(kind=kind, state="draft", outlet=outlet).first()
    if known is None:
        deed = Deed(person, city.root, "outlets.registration", "", person.pk)
        known = perform(request, lambda: actions.keep_draft(deed, city, kind, 3 if outlet else 1, {}, outlet))
    return redirect(f"/merchant/registrations/{known.pk}/" if known else "/merchant/")


def _mine(request: HttpRequest, pk: int) -> tuple[Person, Registration]:
    person = logged_in(request)
    found = person.registrations.select_related("outlet__area", "city").filter(pk=pk).first()
    if found is None:
        raise Http404
    request.city = found.city  # type: ignore[attr-defined]
    return person, found


@ensure_csrf_cookie
def registration(request: HttpRequest, pk: int) -> HttpResponse:
    """One of three steps of a registration: place, what it is, papers. The draft is kept at each."""
    person, found = _mine(request, pk)
    if found.kind == "stall" or found.state in ("waiting", "accepted"):
        return render(request, "outlets/registration_state.html", {"registration": found})
    try:
        asked = int(request.GET.get("step") or found.step)
    except ValueError:
        asked = found.step
    at_step = max(1, min(3, asked)) if found.kind == "new" else 3
    if request.method == "POST":
        return _kept(request, person, found, at_step)
    lang = language()
    page = {
        "registration": found,
        "step": at_step,
        "data": found.data,
        "documents": found.documents.all(),
        "types": [(each.code, each.zh if lang == "zh" else each.en) for each in business_types().values()],
        "ownerships": [(code, label("ownership", code, lang)) for code in labels("ownership")],
        "given": {
            "city": city_json(found.city),
            "point": [found.data.get("lon"), found.data.get("lat")],
            "claim_metres": limit("claim_metres"),
        },
        "limit_mb": int(limit("document_bytes")) // 1_000_000,
    }
    return render(request, "outlets/registration_step.html", page)


def _kept(request: HttpRequest, person: Person, found: Registration, at_step: int) -> HttpResponse:
    """Keep a step's form; the last step sends the registration in."""
    here = f"/merchant/registrations/{found.pk}/"
    data: dict[str, Any] = {}
    if at_step == 1:
        point = posted_point(request)
        if point is None:
            messages.error(request, _("请在地图上点选位置。"))
            return HttpResponseRedirect(f"{here}?step=1")
        data = {"lon": point[0], "lat": point[1], "address": request.POST.get("address", "").strip()[:200]}
    elif at_step == 2:
        data = {name: request.POST.get(name, "").strip()[:200] for name in ("name", "hours", "phone", "ownership")}
        data |= {"types": request.POST.getlist("types"), "phone_public": request.POST.get("phone_public") == "on"}
    else:
        data = {"uscc": request.POST.get("uscc", "").strip()[:30]}
        if found.kind == "claim":
            data |= {
                "phone": request.POST.get("phone", "").strip()[:30],
                "phone_public": request.POST.get("phone_public") == "on",
            }
    kept = perform(
        request, lambda: actions.keep_draft(deed_of(person, found), found.city, found.kind, at_step + 1, data)
    )
    if kept is None or at_step < 3:
        return HttpResponseRedirect(f"{here}?step={at_step + 1 if kept else at_step}")
    if not _attached(request, person, found):
        return HttpResponseRedirect(f"{here}?step=3")
    if request.POST.get("send") != "yes":
        return HttpResponseRedirect(f"{here}?step=3")
    found.refresh_from_db()
    act = actions.claim if found.kind == "claim" else actions.register
    sent = perform(request, lambda: act(deed_of(person, found)), _("已提交，社区审核后会在这里告知结果。"))
    return HttpResponseRedirect("/merchant/" if sent else f"{here}?step=3")


def _attached(request: HttpRequest, person: Person, found: Registration) -> bool:
    """Keep the papers that came with a form; False when one is refused."""
    for file in request.FILES.getlist("document"):
        content, title = file.read(int(limit("document_bytes")) + 1), str(file.name)
        deed = deed_of(person, found)
        if perform(request, partial(actions.attach_document, deed, title, content)) is None:
            return False
    return True


@require_POST
def remove_document(request: HttpRequest, pk: int, document: int) -> HttpResponse:
    """Remove a paper of a registration that was not sent in."""
    person, found = _mine(request, pk)
    perform(request, lambda: actions.remove_document(deed_of(person, found), document), _("材料已删除。"))
    return redirect(f"/merchant/registrations/{pk}/?step=3")


def outlet(request: HttpRequest, key: str) -> HttpResponse:
    """One of my outlets: hours, prices, days shut, pause or reopen, proposals by others."""
    person = logged_in(request)
    mine = outlet_for(request, person, key, "outlets.edit")
    if mine.owner_id != person.pk:
        raise Http404
    if request.method == "POST":
        return _own_act(request, person, mine)
    lang = language()
    area = mine.area or mine.city.root
    page = {
        "outlet": mine,
        "state": label("state_names", mine.state, lang),
        "now": state_at(mine),
        "types": [type_name(each.code, lang) for each in mine.functions.all()],
        "fields": edited_fields(mine, lang, owner=True),
        "prices": price_rows(mine),
        "closures": mine.closures.all(),
        "proposals": proposals_of(mine, lang),
        "photos": mine.photos.all(),
        "steps": [
            (name, name.split(".")[1])
            for name in OWN_STEPS
            if may(person, name, area, mine.owner_id) and _possible(mine, name)
        ],
    }
    return render(request, "outlets/merchant_outlet.html", page)


def _possible(outlet: Outlet, name: str) -> bool:
    from yike.web.outlets.states import can

    return can(outlet.state, name) and not (name == "outlets.reopen" and outlet.state == "closed")


def _own_act(request: HttpRequest, person: Person, mine: Outlet) -> HttpResponse:
    do, deed = request.POST.get("do", ""), deed_on(person, mine)
    if do in OWN_STEPS:
        perform(request, lambda: STEPS[do](deed, request.POST.get("reason", "")), _("已办理。"))
    elif do == "closures":
        try:
            spans = posted_closures(request)
        except ValueError:
            messages.error(request, _("日期填写有误。"))
        else:
            perform(request, lambda: actions.set_closures(deed, spans), _("临时歇业已保存。"))
    elif do in ("accept_proposal", "decline_proposal"):
        act, pk = getattr(actions, do), int(request.POST.get("proposal") or 0)
        perform(request, lambda: act(deed, pk), _("已答复。"))
    elif do == "photo" and "photo" in request.FILES:
        perform(request, lambda: actions.add_photo(deed, request.FILES["photo"]), _("照片已添加。"))
    elif do == "remove_photo":
        perform(request, lambda: actions.remove_photo(deed, int(request.POST.get("photo") or 0)), _("照片已删除。"))
    elif do == "edit":
        edit_outlet(request, person, mine)
    return HttpResponseRedirect(request.path)
