"""/add/stall/: a licence-free stall enters itself: phone (by logging in), photo, place, trade, posted prices."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie

from yike.web.accounts.models import Person
from yike.web.areas.models import City
from yike.web.journal.chain import Deed
from yike.web.outlets import actions
from yike.web.outlets.actions.supply import Entry
from yike.web.outlets.choices import label, trade_type
from yike.web.outlets.models import Outlet
from yike.web.outlets.naming import new_key
from yike.web.outlets.views.common import city_json, perform, posted_point, posted_prices, price_rows
from yike.web.outlets.views.merchants import member
from yike.web.outlets.views.worker import form_choices
from yike.web.outlets.wording import language


@ensure_csrf_cookie
def stall(request: HttpRequest) -> HttpResponse:
    """The form; what was typed stays when something is refused."""
    person, city = member(request)
    if request.method == "POST" and _entered(request, person, city):
        return HttpResponseRedirect("/merchant/")
    lang, choices = language(), form_choices()
    typed = request.POST or _returned(request, person)
    rows = posted_prices(request) if request.POST else _kept_prices(typed.get("draft_key", ""))
    rows += [{"item": "", "yuan": "", "unit": ""}] * max(0, 3 - len(rows))
    page = {
        "trades": choices["trades"],
        "payments": choices["payments"],
        "typed": typed,
        "prices": rows,
        "paid": typed.getlist("payments") if typed.get("trade") else ["cash"],
        "draft_key": typed.get("draft_key") or str(uuid.uuid4()),
        "given": {"city": city_json(city), "point": [typed.get("lon"), typed.get("lat")]},
        "lang_key": lang,
    }
    return render(request, "outlets/stall.html", page, status=400 if request.POST else 200)


def _returned(request: HttpRequest, person: Person) -> QueryDict:
    """Return what a stall that was sent back said (``?again=``), as its form would post it; empty for a new one."""
    typed = QueryDict(mutable=True)
    again = request.GET.get("again", "")
    found = (
        person.registrations.filter(pk=int(again), kind="stall", state="returned").first()
        if again.isdecimal()
        else None
    )
    if found is None or found.outlet is None:
        return typed
    kept = found.outlet
    typed.update({"draft_key": str(kept.draft_key), "name": kept.name, "trade": kept.trade, "lon": str(kept.lon)})
    typed.update({"lat": str(kept.lat), "address": kept.address, "hours": kept.hours_text, "permit": kept.permit})
    typed.update(
        {"phone": kept.phone, "mobile": "on" if kept.mobile else "", "phone_public": "on" if kept.phone else ""}
    )
    typed.setlist("payments", list(kept.payments))
    return typed


def _kept_prices(draft_key: str) -> list[dict[str, str]]:
    found = Outlet.objects.filter(draft_key=draft_key).first() if draft_key else None
    return price_rows(found, 1) if found else []


def _entered(request: HttpRequest, person: Person, city: City) -> bool:
    """Enter the stall that a form tells; tell what is refused."""
    typed, trade = request.POST, request.POST.get("trade", "")
    point = posted_point(request) or (0.0, 0.0)
    try:
        draft_key = uuid.UUID(typed.get("draft_key", ""))
    except ValueError:
        draft_key = uuid.uuid4()
    mobile = typed.get("mobile") == "on"
    name = typed.get("name", "").strip() or (label("licence_free", trade) + _("摊") if trade_type(trade) else "")
    fields = {
        "address": typed.get("address", ""),
        "payments": typed.getlist("payments"),
        "ownership": "individual",
        "mobile": mobile,
        "permit": typed.get("permit", "") if mobile else "",
        "phone": typed.get("phone", "") if typed.get("phone_public") == "on" else "",
    }
    entry = Entry(
        city,
        name,
        [],
        *point,
        fields,
        typed.get("hours", ""),
        posted_prices(request),
        trade,
        draft_key,
    )
    deed = Deed(person, city.root, "outlets.outlet", new_key(), person.pk)
    done = perform(
        request,
        lambda: actions.add_stall(deed, entry, request.FILES.get("photo")),
        _("已登记。社区见证后就会出现在地图上。"),
    )
    return done is not None
