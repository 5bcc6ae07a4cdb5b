"""Pages of proposals: the list with its form, one proposal with its proof, sites, curve; the matchmaker."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, within_reach
from yike.web.areas.models import Area, City
from yike.web.lists.exporting import harmless
from yike.web.outlets.views.common import city_of, perform
from yike.web.outlets.wording import language
from yike.web.proposals import actions
from yike.web.proposals.api import proposal_for
from yike.web.proposals.choices import state_name
from yike.web.proposals.form import settings_of
from yike.web.proposals.matching import matches
from yike.web.proposals.models import Proposal
from yike.web.proposals.telling import curve, names, proof, site_json
from yike.web.proposals.templatetags.money import people, wan

CODE = re.compile(r"(?<!\d)\d{12}(?!\d)")  #: of an area
SHOWN = 100  #: proposals on the list


def listing(request: HttpRequest) -> HttpResponse:
    """The proposals of my areas, newest first; and the form that asks for another."""
    person = need(request, "proposals.see")
    city, area = _place(request, person)
    if request.method == "POST":
        asked = perform(request, lambda: settings_of(request.POST))
        made = asked and perform(
            request, lambda: actions.solve(actions.deed_in(person, area), city, request.POST.get("name", ""), asked)
        )
        if made:
            return HttpResponseRedirect(f"/desk/proposals/{made.pk}/")
    found = Proposal.objects.filter(within_reach(person, "proposals.see"), city=city).select_related("area", "person")
    lang = language()
    rows = [
        {
            "proposal": each,
            "state": state_name(each.state, lang),
            "proof": proof(each),
            "spent": wan((each.answer or {}).get("spent_yuan")),
            "gained": people((each.answer or {}).get("objective")),
        }
        for each in found[:SHOWN]
    ]
    page = {
        "rows": rows, "area": area, "areas": _areas(person, city),
        "types": [(code, name[lang]) for code, name in names().items()],
        "may_solve": may(person, "proposals.solve", area), "posted": request.POST,
    }  # fmt: skip
    return render(request, "proposals/list.html", page)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal: the sentence, the proof, its sites with lock and forbid, the curve, what changes where."""
    person = need(request, "proposals.see")
    proposal = _proposal(request, person, pk)
    answer, lang, words = proposal.answer or {}, language(), names()
    kept = {tuple(pair) for pair in proposal.settings.get("locked", ())}
    sites = [
        {**site_json(each), "name": words[each.business_type][lang], "pair": f"{each.space.key}|{each.business_type}",
         "kept": (each.space.key, each.business_type) in kept}
        for each in proposal.sites.select_related("space", "area")
    ]  # fmt: skip
    page = {
        "proposal": proposal, "answer": answer, "sites": sites, "state": state_name(proposal.state, lang),
        "proof": proof(proposal), "curve": curve(answer), "by_area": _named(answer.get("by_area", ())),
        "by_type": [{**row, "name": words[row["business_type"]][lang]} for row in answer.get("by_type", ())],
        "conflicts": _named_in(each[lang] for each in answer.get("conflicts", ())),
        "relaxed": _named_in(each["relax"][lang] for each in answer.get("conflicts", ()) if each.get("relax")),
        "job": proposal.job if proposal.state == "solving" else None, "stale": _stale(proposal),
        "may_solve": may(person, "proposals.solve", proposal.area),
        "may_accept": may(person, "proposals.accept", proposal.area),
        "forbidden": [{"pair": "|".join(pair), "space": pair[0], "name": words[pair[1]][lang] if pair[1] else _("全部业态")}
                      for pair in proposal.settings.get("forbidden", ())],
    }  # fmt: skip
    return render(request, "proposals/detail.html", page)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Solve again with what the form locks, forbids, and changes of the settings."""
    person = need(request, "proposals.see")
    proposal = _proposal(request, person, pk)
    pairs = {
        name: tuple(_pair(text) for text in request.POST.getlist(name))
        for name in ("lock", "unlock", "forbid", "allow")
    }
    if "locks_shown" in request.POST:  # a site shown as locked whose tick was taken away
        pairs["unlock"] = tuple(
            _pair(text) for text in request.POST.getlist("was_locked") if _pair(text) not in pairs["lock"]
        )
    asked = perform(request, lambda: settings_of(request.POST, only_given=True))
    made = asked is not None and perform(
        request,
        lambda: actions.solve_again(
            person, proposal, actions.Again(**pairs, settings=asked if asked is not True else {})
        ),
    )
    return HttpResponseRedirect(f"/desk/proposals/{made.pk if made else pk}/")


@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Accept, rename or drop."""
    person = need(request, "proposals.see")
    proposal = _proposal(request, person, pk)
    deed = actions.deed_on(person, proposal)
    if act == "accept":
        keys = perform(request, lambda: actions.accept(deed))
        if keys:
            messages.success(
                request, _("已采纳，项目清单增加 %(n)d 项。") % {"n": len(keys) if isinstance(keys, list) else 0}
            )
            return HttpResponseRedirect(f"/desk/projects/?proposal={pk}")
    elif act == "rename":
        perform(request, lambda: actions.rename(deed, request.POST.get("name", "")), _("已改名。"))
    elif act == "drop":
        perform(request, lambda: actions.drop(deed), _("已放弃；仍可查看。"))
    else:
        raise Http404(act)
    return HttpResponseRedirect(f"/desk/proposals/{pk}/")


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The sites as CSV that a spreadsheet opens, with where the figures come from."""
    person = need(request, "proposals.see")
    proposal = _proposal(request, person, pk)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    mark = "-demonstration-data" if proposal.city.made_up else ""
    answer["Content-Disposition"] = f'attachment; filename="proposal-{pk}{mark}.csv"'
    answer.write("\ufeff")
    heads = ["order", "space", "space_name", "business_type", "zh", "area", "area_name", "lon", "lat", "area_m2", "cost_yuan",
             "people_gained", "minutes_saved", "yuan_per_person", "locked"]  # fmt: skip
    writer = csv.writer(answer)
    writer.writerow([*heads, "study", "standard", "mark"])
    for site in proposal.sites.select_related("space", "area"):
        row = site_json(site)
        told = [harmless(row[head]) if row[head] is not None else "" for head in heads]
        writer.writerow([*told, proposal.study, proposal.standard, "演示数据" if proposal.city.made_up else ""])
    return answer


@require_safe
def match(request: HttpRequest) -> HttpResponse:
    """The matchmaker: what a space can become, or which spaces fix a type's gap in an area."""
    person = need(request, "proposals.see")
    city, area = _place(request, person)
    page = matches(city, area, request.GET.get("space", ""), request.GET.get("type", ""))
    return render(request, "proposals/match.html", {**page, "area": area, "areas": _areas(person, city)})


def _proposal(request: HttpRequest, person: Person, pk: int) -> Proposal:
    found = proposal_for(person, pk)
    if found is None:
        raise Http404(pk)
    request.city = found.city  # type: ignore[attr-defined]
    return found


def _areas(person: Person, city: City) -> list[Area]:
    """Areas of a city down to the streets that a person may look at, for a form's list."""
    levels = ("city", "county", "street")
    seen = Area.objects.filter(within_reach(person, "proposals.see", "path"), city=city, level__in=levels)
    return list(seen.order_by("path"))


def _place(request: HttpRequest, person: Person) -> tuple[City, Area]:
    """The area that the page is about, and its city: the area asked for, else the widest that the person sees there.

    One that is not there and one that the person may not see are the same: 404, never another area in its place.
    """
    asked = request.POST.get("area") or request.GET.get("area") or ""
    known = Area.objects.filter(within_reach(person, "proposals.see", "path")).select_related("city")
    there = known.filter(code=asked) if asked else known.filter(city=city_of(request, person))
    found = there.order_by("path").first()
    if found is None:
        raise Http404(asked)
    request.city = found.city  # type: ignore[attr-defined]
    return found.city, found


def _named(rows: Any) -> list[dict[str, Any]]:
    names = dict(Area.objects.filter(code__in={row["area"] for row in rows}).values_list("code", "name"))
    return [{**row, "name": names.get(row["area"], row["area"])} for row in rows]


def _named_in(texts: Iterable[str]) -> list[str]:
    """Return texts of the engine with codes of areas given as names."""
    told = list(texts)
    codes = {code for text in told for code in CODE.findall(text)}
    names = dict(Area.objects.filter(code__in=codes).values_list("code", "name"))
    return [CODE.sub(lambda found: names.get(found[0], found[0]), text) for text in told]


def _pair(text: str) -> tuple[str, str]:
    space, _bar, kind = text.partition("|")
    return space.replace("\x00", ""), kind.replace("\x00", "")


def _stale(proposal: Proposal) -> int:
    """Return how many changes of supply came after the answer."""
    from yike.web.studies.models import SupplyChange

    if proposal.state not in ("solved", "infeasible"):
        return 0
    return SupplyChange.objects.filter(city=proposal.city, id__gt=proposal.through).count()
