"""Pages of the queue: the list of jobs, one job with its log, and the moving part of it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, within_reach
from yike.web.lists.pages import logged_in, perform
from yike.web.queue import actions
from yike.web.queue.models import STATES, Job
from yike.web.wording import language

SEE, A_PAGE, LINES = "queue.see", 40, 400


def job_for(request: HttpRequest, person: Person, pk: int) -> Job:
    """Return a job the person may see, or put; to anybody else it is as if it were not there (404)."""
    found = Job.objects.select_related("city", "area", "person").filter(pk=pk).first()
    if found is None or not (may(person, SEE, found.area) or found.person_id == person.pk):
        raise Http404
    request.city = found.city  # type: ignore[attr-defined]
    return found


@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """All jobs of my areas and my own, newest first; by state, and only mine."""
    person = need(request, SEE)
    mine = Q(person=person)
    found = Job.objects.select_related("area", "person", "city").filter(within_reach(person, SEE) | mine)
    counts = {each: found.filter(state=each).count() for each in STATES}
    state = request.GET.get("state", "")
    if state in STATES:
        found = found.filter(state=state)
    if request.GET.get("mine"):
        found = found.filter(mine)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    for job in page:
        job.may_cancel = job.is_open and may(person, "queue.cancel", job.area, job.person_id)  # type: ignore[attr-defined]
    told = {
        "page": page,
        "counts": counts,
        "state": state,
        "mine": bool(request.GET.get("mine")),
        "total": sum(counts.values()),
    }
    return render(request, "queue/jobs.html", told)


def _told(person: Person, job: Job) -> dict[str, Any]:
    lang = language()
    return {
        "job": job, "faults": [str(each.get(lang, "")) for each in job.faults],
        "may_cancel": job.is_open and may(person, "queue.cancel", job.area, job.person_id),
    }  # fmt: skip


@never_cache
@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """One job: how far it is, its log, why it failed and what to do, and where its result is."""
    person = logged_in(request)
    found = job_for(request, person, pk)
    lines = list(found.lines.order_by("-id")[:LINES])[::-1]
    return render(request, "queue/job.html", {**_told(person, found), "lines": lines})


@never_cache
@require_safe
def part(request: HttpRequest, pk: int) -> HttpResponse:
    """The moving part of a job; once it has ended, the page around it is asked to load anew."""
    person = logged_in(request)
    found = job_for(request, person, pk)
    if not found.is_open:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "queue/progress.html", {**_told(person, found), "inner": True})


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a job to stop."""
    person = logged_in(request)
    found = job_for(request, person, pk)
    perform(request, lambda: actions.cancel(actions.deed_on(person, found), found), _("已要求停止。"))
    return redirect("job", pk=pk)
