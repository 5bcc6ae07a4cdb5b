"""Having circles proposed, looking at the proposal, accepting some of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from yike.circles.targets import FORBID, barrier_kinds
from yike.errors import Fault, InputError, Row, raise_all
from yike.study.circling import COMMITTEES
from yike.web.accounts.deeds import Deed
from yike.web.accounts.rights import may
from yike.web.circling import actions
from yike.web.circling.proposing import Asked
from yike.web.circling.views.common import asked as who_asks
from yike.web.circling.views.common import deed_area, map_json
from yike.web.circling.views.drawing import circles_by_community
from yike.web.lists.pages import perform
from yike.web.queue.models import Job
from yike.web.wording import language
from yike.words import say

NUMBERS = ("least", "most", "walk")


@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Put a proposal into the queue and show it."""
    person, city = who_asks(request, "circling.propose")

    def put() -> Job:
        told = asked_for(request)
        where = city.areas.filter(code=told.area).first() or deed_area(person, city, "circling.propose", [])
        job = actions.propose(Deed(person, where), city, told if told.area else _within(told, where.code))
        return job

    job = perform(request, put)
    return redirect(f"/desk/circles/proposed/{job.pk}/" if job else "/desk/circles/new/?how=propose")


def _within(told: Asked, code: str) -> Asked:
    return Asked(**{**vars(told), "area": code})


def asked_for(request: HttpRequest) -> Asked:
    """Return what a form asks for; raises ``circling.number`` for all numbers that are none."""
    numbers: dict[str, float | None] = {}
    bad: list[Row] = []
    for name in NUMBERS:
        text = request.POST.get(name, "").strip()
        try:
            numbers[name] = float(text) if text else None
        except ValueError:
            bad.append((None, text[:40]))
    raise_all(InputError, [Fault("circling.number", values={"value": text}) for _row, text in bad])
    crossing = tuple(
        (each.kind, FORBID if text == _("不许") else text)
        for each in barrier_kinds()
        if (text := request.POST.get(f"crossing_{each.kind}", "").strip()[:20])
    )
    return Asked(
        area=request.POST.get("area", "")[:15], urban=request.POST.get("only") == COMMITTEES,
        free=bool(request.POST.get("free")), crossing=crossing, **numbers,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def proposed(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposal: its progress, then its circles on the map and as a list; POST accepts those that are ticked."""
    person, _city = who_asks(request)
    job = get_object_or_404(Job.objects.select_related("city", "area"), pk=pk, kind="circling.propose")
    if job.area is None or not may(person, "circling.see", job.area):
        raise Http404(pk)
    request.city = job.city  # type: ignore[attr-defined]
    if request.method == "POST":
        picks = [int(each) for each in request.POST.getlist("pick") if each.isdecimal() and len(each) < 6]
        taking = bool(request.POST.get("taking"))
        made = perform(request, lambda: actions.accept_proposal(Deed(person, job.area), job, picks, taking))
        if made:
            messages.success(request, _("已采纳 %(n)s 个生活圈。") % {"n": len(made)})
            return redirect("/desk/circles/")
    rows = shown_rows(job)
    lang = language()
    result: dict[str, Any] = job.result or {}
    features = [
        {
            "type": "Feature",
            "id": row["k"],
            "geometry": row["outline"],
            "properties": {"name": row["name"], "k": row["k"]},
        }
        for row in rows
        if row["outline"]
    ]
    page = {
        "job": job, "rows": rows, "result": result, "may_accept": may(person, "circling.accept_proposal", job.area),
        "objective": objective_told(result, lang) if rows else "",
        "map_data": map_json(job.city, features={"type": "FeatureCollection", "features": features}),
        "good": sum(not row["bent"] for row in rows), "faults": job.faults, "city": job.city,
    }  # fmt: skip
    return render(request, "circling/proposed.html", page)


def shown_rows(job: Job) -> list[dict[str, Any]]:
    """Return a proposal's circles as the page shows them."""
    if job.state != "done" or not job.result:
        return []
    lang, held = language(), circles_by_community(job.city)
    names = dict(job.city.areas.filter(level="community").values_list("code", "name"))
    return [
        {
            "k": k, "name": row["name"], "people": row["people"], "walk": row["mean_walk_min"], "outline": row["outline"],
            "communities": [names.get(code, code) for code in row["communities"]],
            "bent": [say(f"circles.bent_{kind}", lang, n=amount) for kind, amount in row["bent"]],
            "taken": sorted({held[code]["circle_name"] for code in row["communities"] if code in held}),
        }
        for k, row in enumerate(job.result["circles"])
    ]  # fmt: skip


def objective_told(result: dict[str, Any], lang: str) -> str:
    """Say what a proposal costs and of what that is made."""
    parts = {key: result[f"{key}_part"] for key in ("walk", "crossing", "far", "size")}
    return say("circles.objective", lang, total=result["objective"], **parts)
