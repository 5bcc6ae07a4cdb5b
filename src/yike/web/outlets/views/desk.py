"""The desk: the inbox, the weekly checks, registrations to be answered."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, reach_of, within_reach
from yike.web.accounts.roles import is_staff
from yike.web.areas.models import Area
from yike.web.outlets import actions, papers
from yike.web.outlets.choices import label, type_name
from yike.web.outlets.confidence import Check, checks, verified_share
from yike.web.outlets.deeds import deed_of, deed_on
from yike.web.outlets.inbox import items_for
from yike.web.outlets.models import Document, Outlet, Registration
from yike.web.outlets.views.common import PermissionDenied, city_of, logged_in, outlet_for, perform
from yike.web.outlets.wording import language

FIGURES = ["studies/inbox_figures.html", "outlets/no_figures.html"]  # the floor above puts its own piece here


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me, oldest first; my area's three figures."""
    person = logged_in(request)
    if not is_staff(person):
        raise PermissionDenied
    city_of(request, person)
    grants = list(person.grants.select_related("area").order_by("area__path"))
    items = items_for(person)
    page = {
        "items": items, "overdue": sum(item.overdue for item in items), "inbox_figures": FIGURES,
        "my_area": grants[0].area if grants else None,
        "adds": any(may(person, "outlets.add", grant.area) for grant in grants),
        "checks": bool(reach_of(person, "outlets.see_checks")),
    }  # fmt: skip
    return render(request, "outlets/inbox.html", page)


def _checks_for(person: Person, area: Area | None) -> list[Check]:
    asked = Outlet.objects.filter(within_reach(person, "outlets.see_checks"))
    return list(checks(asked.filter(area__path__startswith=area.path) if area else asked))


@require_safe
def check_list(request: HttpRequest) -> HttpResponse:
    """The few checks of a community that matter most; whoever sees several communities chooses one or sees all."""
    person = need(request, "outlets.see_checks")
    city_of(request, person)
    communities = Area.objects.filter(
        within_reach(person, "outlets.see_checks", "path"), outlets__isnull=False
    ).distinct()
    area = communities.filter(code=request.GET.get("area", "")).first()
    lang = language()
    rows = [
        {
            "check": check, "types": "、".join(type_name(each.code, lang) for each in check.outlet.functions.all()),
            "reports": "、".join(dict.fromkeys(label("reports", kind, lang) for kind in check.reports)),
            "percent": round(100 * check.confidence),
            "users": round(check.outlet.users),
        }
        for check in _checks_for(person, area)
    ]  # fmt: skip
    grant = person.grants.select_related("area").order_by("area__path").first()
    share = verified_share(area or grant.area) if grant else None
    page = {"rows": rows, "communities": communities[:400], "area": area, "share": share,
            "percent": round(100 * share.share) if share and share.share is not None else None}  # fmt: skip
    return render(request, "outlets/checks.html", page)


@require_POST
def check_done(request: HttpRequest, key: str) -> HttpResponse:
    """One tap of the list: it is as told, or it is gone."""
    person = need(request, "outlets.see_checks")
    outlet = outlet_for(request, person, key)
    deed = deed_on(person, outlet)
    if request.POST.get("answer") == "gone":
        perform(
            request, lambda: actions.close(deed, _("核查时已不在")), _("已登记停业：%(name)s") % {"name": outlet.name}
        )
    else:
        perform(request, lambda: actions.verify(deed), _("已核实：%(name)s") % {"name": outlet.name})
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    area = request.POST.get("area", "")
    return redirect(f"/desk/checks/?area={area}" if area.isalnum() else "/desk/checks/")


def _registration(request: HttpRequest, pk: int, verb: str) -> tuple[Registration, Person]:
    person = logged_in(request)
    found = Registration.objects.select_related("outlet__area", "outlet__city", "city", "person").filter(pk=pk).first()
    deed = deed_of(person, found) if found else None
    if found is None or deed is None or not may(person, verb, deed.area, deed.owner_id):
        raise Http404
    request.city = found.city  # type: ignore[attr-defined]
    return found, person


def registration(request: HttpRequest, pk: int) -> HttpResponse:
    """One registration: what was filled in, its papers, accept or send back; for a stall, vouch or send back."""
    found, person = _registration(request, pk, "outlets.see_documents")
    if found.outlet is None or found.person_id == person.pk:
        raise Http404
    if request.method == "POST":
        return _answer(request, found)
    lang = language()
    area = found.outlet.area or found.city.root
    page = {
        "registration": found, "outlet": found.outlet, "documents": found.documents.all(),
        "types": [type_name(each.code, lang) for each in found.outlet.functions.all()],
        "trade": label("licence_free", found.outlet.trade, lang) if found.outlet.trade else "",
        "may_vouch": may(person, "outlets.vouch", area), "may_accept": may(person, "outlets.accept", area),
        "other_code": found.outlet.uscc and found.outlet.uscc != found.data.get("uscc", found.outlet.uscc),
    }  # fmt: skip
    return render(request, "outlets/registration.html", page)


def _answer(request: HttpRequest, found: Registration) -> HttpResponseRedirect:
    person = logged_in(request)
    answer, reason = request.POST.get("answer"), request.POST.get("reason", "")
    outlet = found.outlet
    if outlet is None:
        raise Http404
    if answer == "accept":
        done = perform(request, lambda: actions.accept(deed_of(person, found)), _("已通过，网点开始计入覆盖。"))
    elif answer == "vouch":
        done = perform(request, lambda: actions.vouch(deed_on(person, outlet)), _("已见证，摊点已上图。"))
    elif answer == "send_back":
        done = perform(request, lambda: actions.send_back(deed_of(person, found), reason), _("已退回，并告知原因。"))
    else:
        done = None
    return HttpResponseRedirect("/desk/" if done else request.path)


@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """A paper of a registration, to its maker and to who answers it; to anybody else it is not there."""
    paper = Document.objects.filter(pk=pk).first()
    if paper is None:
        raise Http404
    _registration(request, paper.registration_id, "outlets.see_documents")
    kinds = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
    headers = {
        "Content-Disposition": f'attachment; filename="document-{paper.pk}.{paper.kind}"',
        "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox",
    }  # fmt: skip
    return HttpResponse(papers.take(paper.token), content_type=kinds[paper.kind], headers=headers)
