"""Pages of studies: all of a city with their trend, one with its figures and files, several side by side."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yike.study import Study
from yike.study import notes as study_notes
from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, reach_of, within_reach
from yike.web.areas.models import Area, City
from yike.web.lists.pages import city_of, perform
from yike.web.queue.models import Job
from yike.web.studies.place import has_study, study_folder
from yike.web.studies.runs import actions
from yike.web.studies.runs.describing import (
    OWN,
    Entry,
    compared,
    differing,
    entry_of,
    own_entry,
    profile_names,
    settings_words,
    walker_of,
)
from yike.web.studies.runs.forms import choices_from, offered
from yike.web.studies.runs.models import StudyRun
from yike.web.studies.runs.trend import trend_of
from yike.web.wording import language

SEE, MOST = "studies.see_studies", 5
KINDS = {".png": "image/png", ".html": "text/html; charset=utf-8"}


def _city(request: HttpRequest) -> tuple[Person, City]:
    """Return who asks and the city; a study is of the whole city, so a right anywhere in it shows it."""
    person = need(request, SEE)
    city = city_of(request, person)
    _seen(person, city)
    return person, city


def _seen(person: Person, city: City) -> None:
    if not any(path.startswith(city.root.path) for path in reach_of(person, SEE)):
        raise PermissionDenied(SEE)


def run_for(request: HttpRequest, key: str) -> tuple[Person, StudyRun]:
    """Return a study the person may see; to anybody else it is as if it were not there (404)."""
    person = need(request, SEE)
    found = StudyRun.objects.select_related("city", "job", "person").filter(key=key).first()
    if found is None:
        raise Http404
    try:
        _seen(person, found.city)
    except PermissionDenied as refused:
        raise Http404 from refused
    request.city = found.city  # type: ignore[attr-defined]
    return person, found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def studies(request: HttpRequest) -> HttpResponse:
    """All studies of the city, and the form of a new one."""
    person, city = _city(request)
    posted = None
    if request.method == "POST":
        deed, posted = actions.deed_at(person, city), request.POST
        made = perform(request, lambda: actions.start_study(deed, city, posted.get("name", ""), choices_from(posted)))
        if made:
            return redirect("study", key=made.key)
    lang = language()
    runs = list(StudyRun.objects.filter(city=city).select_related("person", "job"))
    rows = [{"run": each, "told": _sums(each), "words": settings_words(each.settings, lang)} for each in runs]
    own = own_entry(city, lang)
    walkers = tuple(Study.open(study_folder(city)).settings.walkers) if own else ("adult",)
    given = Study.open(study_folder(city)).settings.standard if own else ""
    standard = given if given in profile_names() else "national"
    page = {
        "rows": rows, "own": own, "own_told": own.headline["walkers"][walkers[0]] if own else None,
        "first_walker": walker_of(walkers[0], lang), "may_start": may(person, "studies.start_study", city.root),
        "form": offered(standard, walkers, posted, lang), "base": has_study(city),
        "trend": trend_of([each for each in runs if each.state == "done"], walkers[0]),
    }  # fmt: skip
    return render(request, "studies/studies.html", page, status=400 if posted else 200)


def _sums(run: StudyRun) -> dict[str, Any] | None:
    walkers = run.headline.get("walkers", {})
    return next(iter(walkers.values()), None) if run.state == "done" else None


@never_cache
@require_safe
def study(request: HttpRequest, key: str) -> HttpResponse:
    """One study: settings, progress, figures, receipts, log, files."""
    person, run = run_for(request, key)
    lang, root = language(), run.city.root
    jobs = Job.objects.filter(payload__run=run.pk, kind__startswith="studies.").order_by("id")
    page: dict[str, Any] = {
        "run": run, "words": settings_words(run.settings, lang), "job": next((each for each in jobs if each.is_open), None),
        "jobs": jobs, "faults": [str(each.get(lang, "")) for each in run.faults],
        "lines": run.job.lines.all() if run.job else (), "may_start": may(person, "studies.start_study", root),
        "may_adopt": run.state == "done" and may(person, "studies.adopt_study", root),
        "may_draw": run.state == "done" and may(person, "studies.draw_study", root),
        "may_drop": may(person, "studies.drop_study", root), "ask": request.GET.get("ask", ""), "files": run.files,
    }  # fmt: skip
    if run.state == "done":
        page |= _found(request, run, lang)
        told = {each["area"] for each in (*page["areas"], *page["worst"])}
        mine = Area.objects.filter(within_reach(person, "seeing.see", "path"), code__in=told)
        page["open_to_me"] = set(mine.values_list("code", flat=True))
    return render(request, "studies/study.html", page)


def _found(request: HttpRequest, run: StudyRun, lang: str) -> dict[str, Any]:
    """Return the figures of a finished study for one walker."""
    walkers = list(run.headline["walkers"])
    walker = request.GET.get("walker", walkers[0])
    if walker not in walkers:
        raise Http404
    figures = run.figures[walker]
    opened = Study.open(run.folder) if (run.folder / "study.toml").is_file() else None
    receipts = opened.receipts() if opened else {}
    return {
        "walker": walker, "walkers": [(each, walker_of(each, lang)) for each in walkers],
        "told": run.headline["walkers"][walker], "areas": [each for each in figures["areas"] if each["level"] != "all"],
        "worst": [each for rows in figures["worst"].values() for each in rows],
        "types": compared([entry_of(run, lang)], walker, lang)["same"],
        "receipts": [{"step": name, **each} for name, each in receipts.items()],
        "notes": [str(each[lang]) for each in (study_notes(opened) if opened else ())],
    }  # fmt: skip


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Several finished studies side by side: what differs in what was asked, and in the figures."""
    _person, city = _city(request)
    lang, keys = language(), list(dict.fromkeys(request.GET.getlist("run")))[:MOST]
    runs = {each.key: each for each in StudyRun.objects.filter(city=city, key__in=keys, state="done")}
    own = own_entry(city, lang) if OWN in keys else None
    entries = [own if key == OWN else entry_of(runs[key], lang) for key in keys if key in runs or (key == OWN and own)]
    found: list[Entry] = [each for each in entries if each is not None]
    walkers = list(dict.fromkeys(walker for each in found for walker in each.headline["walkers"]))
    walker = request.GET.get("walker") or (walkers[0] if walkers else "")
    page = {
        "entries": found, "walker": walker, "walkers": [(each, walker_of(each, lang)) for each in walkers],
        "differing": differing(found), "figures": compared(found, walker, lang) if len(found) > 1 else None,
        "keys": [each.key for each in found],
    }  # fmt: skip
    return render(request, "studies/compare.html", page)


@require_POST
def act(request: HttpRequest, key: str, what: str) -> HttpResponse:
    """Draw, adopt or drop a study; dropping and adopting were asked once on the study's page."""
    person, run = run_for(request, key)
    deed = actions.deed_on(person, run)
    if what == "drop":
        gone = perform(request, lambda: actions.drop_study(deed, run), _("已删除测算“%(name)s”。") % {"name": run.name})
        return redirect("studies") if gone else redirect("study", key=key)
    if what == "adopt":
        perform(request, lambda: actions.adopt_study(deed, run), _("正在换成全市测算，完成后各处指标随之更新。"))
    else:
        perform(request, lambda: actions.draw_study(deed, run))
    return redirect("study", key=key)


@require_safe
def file(request: HttpRequest, key: str, name: str) -> FileResponse:
    """Send a map sheet, or the offline page as a file to keep."""
    _person, run = run_for(request, key)
    found = next((each for each in run.files if each.name == name), None)
    if found is None:
        raise Http404
    page = found.suffix == ".html"
    return FileResponse(
        found.open("rb"), content_type=KINDS[found.suffix], as_attachment=page, filename=f"{run.name}-{name}"
    )
