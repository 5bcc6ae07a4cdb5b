"""Staff pages of people: who has which role where; invite, give, take back, stop."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from yike.web.accounts import actions
from yike.web.accounts.deeds import Deed
from yike.web.accounts.factors import has_factor
from yike.web.accounts.forms import GrantForm, InviteForm
from yike.web.accounts.models import Grant, Person
from yike.web.accounts.rights import may, need, reach_of, within_reach
from yike.web.accounts.roles import may_give, offices_of, roles
from yike.web.areas.models import Area, City

SEE = "accounts.see_people"
A_PAGE = 50
ON_PERSON = ("disable", "restore", "reset_password", "reset_factor")


def lang() -> str:
    """Return the language of the page: "zh" or "en"."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def _seen_by(person: Person) -> QuerySet[Person]:
    """Return the staff a person may see: with a role in their tree, and, city-wide, those who have none now."""
    roots = Area.objects.filter(parent=None).filter(within_reach(person, SEE, "path"))
    here = Grant.objects.filter(within_reach(person, SEE)).values("person")
    without = Q(grants=None, city__areas__in=roots.filter(path__in=reach_of(person, SEE)))
    return Person.objects.filter(Q(pk__in=here) | without, is_staff=True).distinct()


def _rows(grants: Any, by: Person) -> list[dict[str, Any]]:
    """Return grants as the pages show them."""
    return [
        {
            "grant": each, "role": roles()[each.role].called(lang()), "office": _office(each),
            "may_revoke": each.person_id != by.pk and may_give(by, each.role, each.area),
        }
        for each in grants
    ]  # fmt: skip


def _office(held: Grant) -> str:
    known = offices_of(held.area.city.slug).get(held.office, {})
    return known.get("en" if lang() == "en" else "zh", held.office)


@require_GET
def people(request: HttpRequest) -> HttpResponse:
    """List the staff in one's tree."""
    by = need(request, SEE)
    asked, role = request.GET.get("q", "").strip(), request.GET.get("role", "")
    here = Grant.objects.filter(within_reach(by, SEE)).select_related("area__city").order_by("area__path", "role")
    found = _seen_by(by).prefetch_related(Prefetch("grants", here, "here")).order_by("username")
    if asked:
        found = found.filter(Q(username__icontains=asked) | Q(name__icontains=asked))
    if role in roles():
        found = found.filter(grants__in=here.filter(role=role))
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    shown = [{"person": each, "grants": _rows(each.here, by)} for each in page]  # type: ignore[attr-defined]
    choices = [(name, each.called(lang())) for name, each in roles().items() if each.staff]
    query = {"q": asked, "role": role}
    may_invite = bool(reach_of(by, "accounts.invite"))
    return render(
        request, "accounts/people.html",
        {"rows": shown, "page": page, "roles": choices, "query": query, "may_invite": may_invite},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Invite somebody; the page then shows the link to hand over, once."""
    by = need(request, "accounts.invite")
    form = InviteForm(request.POST or None, by=by, city=_city(by), verb="accounts.invite", lang=lang())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        deed = Deed(by, given["area"], actions.KIND, given["username"])
        person, link = actions.invite(
            deed, given["username"], given["name"], given["role"], given["office"], given["until"]
        )
        return _show_link(request, person, link)
    return render(request, "accounts/invite.html", {"form": form})


def _show_link(request: HttpRequest, person: Person, link: str) -> HttpResponse:
    address = request.build_absolute_uri(reverse("invitation", args=(link,)))
    return render(request, "accounts/link.html", {"person": person, "address": address})


def _city(by: Person) -> City:
    first = Area.objects.filter(within_reach(by, SEE, "path")).select_related("city").order_by("path").first()
    if first is None:
        raise PermissionDenied
    return first.city


def _found(by: Person, username: str) -> Person:
    person = _seen_by(by).filter(username=username).first()
    if person is None:
        raise Http404
    return person


def _area_of(by: Person, person: Person, verb: str) -> Area | None:
    """Return the area in which ``by`` may act on a person: of one of the person's roles, else the city."""
    held = [each.area for each in person.grants.select_related("area").order_by("area__path")]
    areas = held or ([person.city.root] if person.city else [])
    return next((area for area in areas if may(by, verb, area)), None)


@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, username: str) -> HttpResponse:
    """Show one person, and give a further role."""
    by = need(request, SEE)
    found = _found(by, username)
    form = GrantForm(request.POST or None, by=by, city=_city(by), verb="accounts.grant", lang=lang())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        deed = actions.deed_on(by, found, given["area"])
        actions.grant(deed, found, given["role"], given["office"], given["until"])
        messages.success(request, _("已授予。"))
        return redirect("person", username)
    held = (
        found.grants.filter(within_reach(by, SEE)).select_related("area__city", "person").order_by("area__path", "role")
    )
    elsewhere = found.grants.exclude(pk__in=held.values("pk")).exists()
    acts = [act for act in ON_PERSON if by.pk != found.pk and not elsewhere and _area_of(by, found, f"accounts.{act}")]
    page = {
        "found": found, "grants": _rows(held, by), "form": form, "acts": acts, "elsewhere": elsewhere,
        "has_factor": has_factor(found), "may_grant": found.is_active and found.pk != by.pk,
    }  # fmt: skip
    return render(request, "accounts/person.html", page)


@require_POST
def revoke(request: HttpRequest, username: str, pk: int) -> HttpResponse:
    """Take one role back."""
    by = need(request, SEE)
    held = get_object_or_404(Grant.objects.select_related("area", "person"), pk=pk, person=_found(by, username))
    actions.revoke(actions.deed_on(by, held.person, held.area), held)
    messages.success(request, _("已收回。"))
    return redirect("person", username) if _seen_by(by).filter(username=username).exists() else redirect("people")


@require_POST
def act(request: HttpRequest, username: str, what: str) -> HttpResponse:
    """Stop or restore an account, send a new link, take a lost second factor away."""
    by = need(request, SEE)
    found = _found(by, username)
    if what not in ON_PERSON:
        raise Http404
    deed = actions.deed_on(by, found, _area_of(by, found, f"accounts.{what}"))
    done = getattr(actions, what)(deed, found)
    if what == "reset_password":
        return _show_link(request, found, done)
    messages.success(request, _("已办。"))
    return redirect("person", username)
