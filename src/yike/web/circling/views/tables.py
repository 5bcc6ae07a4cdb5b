"""Importing tables about communities: facts and programmes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yike.web.accounts.deeds import Deed
from yike.web.accounts.rights import may, reach_of, within_reach
from yike.web.areas.models import Area
from yike.web.circling import facts as verbs
from yike.web.circling.models import CommunityFact, Programme
from yike.web.circling.views.common import asked, circle_for, deed_area
from yike.web.lists.pages import perform

__all__ = ["facts", "programmes", "remove", "tables"]


@require_safe
def tables(request: HttpRequest) -> HttpResponse:
    """What has been imported, and two forms."""
    person, city = asked(request)
    seen = Area.objects.filter(within_reach(person, "circling.see", "path"), city=city)
    told = CommunityFact.objects.filter(area__in=seen)
    years = list(told.values("year", "source").annotate(last=Max("pk")).order_by("-year", "source")[:12])
    counts = {key: told.exclude(**{key: None}).values("area").distinct().count()
              for key in (*verbs.COUNTS, *verbs.MONEY)}  # fmt: skip
    page = {
        "city": city, "years": years, "counts": counts, "communities": seen.filter(level="community").count(),
        "programmes": Programme.objects.filter(area__in=seen).count(),
        "may": {name: bool(reach_of(person, f"circling.{name}")) for name in ("import_facts", "import_programmes")},
    }  # fmt: skip
    return render(request, "circling/tables.html", page)


def _import(request: HttpRequest, verb: str, act: Callable[..., Any]) -> HttpResponse:
    person, city = asked(request, verb)
    file = request.FILES.get("file")
    if file is None:
        messages.error(request, _("请选择文件。"))
        return redirect("/desk/circles/tables/")
    area = deed_area(person, city, verb, [])
    source = request.POST.get("source", "")
    found = perform(request, lambda: act(Deed(person, area), area, file.chunks(), file.name or "", source))
    if found:
        told = {"added": found.added, "changed": found.changed, "same": found.same}
        messages.success(request, _("新增 %(added)d 行，更新 %(changed)d 行，未变 %(same)d 行。") % told)
    return redirect("/desk/circles/tables/")


@require_POST
def facts(request: HttpRequest) -> HttpResponse:
    """Import facts of communities."""
    return _import(request, "circling.import_facts", verbs.import_facts)


@require_POST
def programmes(request: HttpRequest) -> HttpResponse:
    """Import programmes."""
    return _import(request, "circling.import_programmes", verbs.import_programmes)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a programme, and go back to the circle."""
    person, _city = asked(request)
    found = Programme.objects.select_related("area").filter(pk=pk).first()
    if found is None or not may(person, "circling.see", found.area):
        raise Http404(pk)
    perform(request, lambda: verbs.remove_programme(Deed(person, found.area), found), _("已删除。"))
    code = request.POST.get("circle", "")
    if code:
        circle_for(request, code)
        return redirect(f"/desk/circles/{code}/")
    return redirect("/desk/circles/tables/")
