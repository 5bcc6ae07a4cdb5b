"""The pages of an import, for any list: choose a file, see all that was found, apply, undo."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from yike.errors import YikeError
from yike.ingest.datum import DATUMS
from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, within_reach
from yike.web.areas.models import Area, City
from yike.web.journal.verbs import Deed
from yike.web.lists.choices import label, number
from yike.web.lists.exporting import harmless
from yike.web.lists.importing import Checked, TableImport
from yike.web.lists.pages import city_of, perform
from yike.web.lists.reading import KINDS, ROOM, Table, read_upload
from yike.web.wording import language

SHOWN = 12  #: rows shown as they would be written


@dataclass(frozen=True)
class Importer:
    """One list's way in: its verbs, how a table is checked, and what is chosen with a file."""

    room: str  #: package of the app
    app: str
    model: type[TableImport]
    base: str  #: address of the pages
    check: Callable[[Table, City, Area, Mapping[str, str]], Checked]
    deed_of: Callable[[Person | None, TableImport], Deed]
    act_check: Callable[..., Any]
    act_apply: Callable[..., Any]
    act_undo: Callable[..., Any]
    words: Callable[[], dict[str, Any]]  #: what the pages say, in the page's language
    shown: tuple[str, ...]  #: fields shown of rows ready to be written
    choices: Callable[[], list[tuple[str, str, list[tuple[str, str]]]]] = field(default=list)  #: (name, label, choices)
    told: Callable[[str, Any], str] = field(default=lambda name, value: str(value))  #: a value in words
    more: Callable[[TableImport], dict[str, Any]] = field(default=lambda job: {})  #: further things a page tells
    answer: Callable[[HttpRequest, TableImport], bool] = field(default=lambda request, job: False)  #: further forms


def begin(request: HttpRequest, way: Importer) -> HttpResponse:
    """Choose a file; nothing is written until it has been looked at."""
    person = need(request, f"{way.app}.import_check")
    city = city_of(request, person)
    areas = list(city.areas.filter(within_reach(person, f"{way.app}.import_check", "path")).order_by("path"))
    areas = [each for each in areas if not any(other != each and other.holds(each) for other in areas)]
    if not areas:
        raise PermissionDenied(f"{way.app}.import_check")
    faults: list[Any] = []
    if request.method == "POST":
        try:
            job = _taken(request, way, person, city, areas)
            return HttpResponseRedirect(f"{way.base}{job.pk}/")
        except YikeError as error:
            faults = _told(error)
    jobs = way.model._default_manager.filter(within_reach(person, f"{way.app}.import_check")).filter(city=city)
    page = {
        "way": way, "words": way.words(), "areas": areas, "faults": faults, "kinds": ",".join(KINDS), "datums": DATUMS,
        "megabytes": int(number(ROOM, "file_bytes") / 1e6), "most": int(number(ROOM, "rows")),
        "jobs": jobs.select_related("area", "by")[:30], "choices": way.choices(), "base": way.base,
    }  # fmt: skip
    return render(request, "lists/import_begin.html", page, status=400 if faults else 200)


def _told(error: YikeError) -> list[dict[str, Any]]:
    """Return an error's faults for a page: what, rows, remedy."""
    from yike.errors import messages

    lang, found = language(), []
    for fault in error.faults:
        words = messages()[fault.code]
        values = {"n": len(fault.rows), **{k: v[lang] if isinstance(v, dict) else v for k, v in fault.values.items()}}
        what, remedy = (words.zh, words.remedy_zh) if lang == "zh" else (words.en, words.remedy_en)
        rows = [f"{row}  {text}" if row else text for row, text in fault.rows[:40]]
        found.append({"what": what.format(**values), "rows": rows, "remedy": remedy.format(**values)})
    return found


def _taken(request: HttpRequest, way: Importer, person: Person, city: City, areas: list[Area]) -> TableImport:
    from yike.errors import Fault, InputError

    file = request.FILES.get("file")
    if file is None:
        raise InputError(Fault("lists.file_needed"))
    area = next((each for each in areas if each.code == request.POST.get("area")), areas[0])
    datum = request.POST.get("datum", "wgs84")
    table = read_upload(file.chunks(), str(file.name), way.room, datum if datum in DATUMS else "wgs84")
    chosen = {name: request.POST.get(name, "") for name, _, _ in way.choices()}
    known = {name: {code for code, _ in codes} for name, _, codes in way.choices()}
    chosen = {name: told if told in known[name] else next(iter(known[name])) for name, told in chosen.items()}
    checked = way.check(table, city, area, chosen)
    job = way.model(city=city, area=area, name=table.name, digest=table.digest, spare=table.spare[:60])
    job.choices = chosen
    way.act_check(way.deed_of(person, job), job, checked)
    return job


def job_page(request: HttpRequest, pk: int, way: Importer) -> HttpResponse:
    """One import: what it would do and what was found; apply; what it did; undo."""
    person = need(request, f"{way.app}.import_check")
    job = way.model._default_manager.select_related("city", "area", "by").filter(pk=pk).first()
    if job is None or not may(person, f"{way.app}.import_check", job.area):
        raise Http404
    request.city = job.city  # type: ignore[attr-defined]
    if request.method == "POST":
        _answered(request, way, person, job)
        return HttpResponseRedirect(request.path)
    if request.GET.get("format") == "csv":
        return _faults_csv(job)
    lang = language()
    notes = set(job.choices.get("notes", ()))
    findings = [
        {"row": each.row, "field": label(way.room, "field_names", each.field, lang) if each.field else "",
         "value": each.value, "what": each.words(lang)[0], "remedy": each.words(lang)[1], "fault": each.code not in notes}
        for each in job.found
    ]  # fmt: skip
    findings.sort(key=lambda each: not each["fault"])
    page = {
        "way": way, "words": way.words(), "job": job, "base": way.base, "counts": job.counts,
        "findings": Paginator(findings, int(number(ROOM, "page"))).get_page(request.GET.get("page")),
        "heads": [label(way.room, "field_names", name, lang) for name in way.shown],
        "ready": [(row, action, [way.told(name, values.get(name, "")) for name in way.shown])
                  for row, action, _, values in job.ready[:SHOWN]],
        "outcomes": job.counts.get("undone"), **way.more(job),
    }  # fmt: skip
    return render(request, "lists/import_job.html", page)


def _answered(request: HttpRequest, way: Importer, person: Person, job: TableImport) -> None:
    do, deed = request.POST.get("do"), way.deed_of(person, job)
    if do == "apply":
        leave_out = request.POST.get("leave_out") == "on"
        perform(request, lambda: way.act_apply(deed, job, leave_out), _("已应用。"))
    elif do == "undo":
        told = perform(request, lambda: way.act_undo(deed, job))
        if told:
            from django.contrib import messages

            text = _("已撤销：移除 %(removed)d 条，恢复 %(restored)d 条，保持现状 %(left)d 条。")
            messages.success(request, text % told)
    elif not way.answer(request, job):
        raise Http404


def _faults_csv(job: TableImport) -> HttpResponse:
    """Return all that was found as a table to work through."""
    lang, out = language(), io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("行"), _("列"), _("内容"), _("问题"), _("改法")])
    for each in job.found:
        writer.writerow([each.row, *(harmless(text) for text in (each.field, each.value, *each.words(lang)))])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="findings-{job.pk}.csv"'
    return answer
