"""Pages of the wizard: file, columns, check, apply; and the history of imports with undo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from yike.errors import InputError
from yike.ingest.datum import DATUMS
from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, reach_of, within_reach
from yike.web.areas.models import Area
from yike.web.outlets.choices import business_types, type_name
from yike.web.outlets.importing import forms, steps, telling
from yike.web.outlets.importing.actions import deed_on, import_undo
from yike.web.outlets.importing.columns import fields, limit
from yike.web.outlets.importing.findings import Finding
from yike.web.outlets.importing.models import Import
from yike.web.outlets.importing.preparing import CROSSWALKS
from yike.web.outlets.importing.reading import KINDS, NEEDED, missing_columns, open_table
from yike.web.outlets.importing.store import opened
from yike.web.outlets.models import Outlet

CHECK = "outlets.import_check"
SHOWN = 50  #: rows of a list on one page
SAMPLES = 3  #: values shown beside a head


def lang() -> str:
    """Return the language of the page as the messages know it."""
    return "en" if (get_language() or "").startswith("en") else "zh"


def _areas(person: Person) -> list[Area]:
    """Return the widest areas into which a person may import."""
    found: list[Area] = []
    for area in Area.objects.filter(path__in=reach_of(person, CHECK)).select_related("city").order_by("path"):
        if not any(wider.holds(area) for wider in found):
            found.append(area)
    return found


def _job(request: HttpRequest, pk: int, *states: str) -> tuple[Person, Import]:
    """Return the person and the import, if the person may work on it; others get 404, so that nothing is learnt."""
    person = need(request, CHECK)
    jobs = Import.objects.select_related("city", "area").filter(within_reach(person, CHECK))
    job = get_object_or_404(jobs, pk=pk, **({"state__in": states} if states else {}))
    request.city = job.city  # type: ignore[attr-defined]
    return person, job


def _page(request: HttpRequest, name: str, job: Import | None, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, f"outlets/importing/{name}.html", {"job": job, "step": name, **more}, status=status)


def _faults(error: InputError) -> list[dict[str, Any]]:
    """Return the faults of a file as a page lists them: rows first, then what to do."""
    found = []
    for fault in error.faults:
        lines = fault.text(lang()).split("\n")
        found.append({"what": lines[0].split(": ", 1)[1], "rows": lines[1:-1], "remedy": lines[-1], "code": fault.code})
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Step 1: a file, and the area into which it goes; below it the imports so far."""
    person = need(request, CHECK)
    areas = _areas(person)
    faults: list[dict[str, Any]] = []
    if request.method == "POST":
        area = next((each for each in areas if each.code == request.POST.get("area")), areas[0])
        need(request, CHECK, area)
        file = request.FILES.get("file")
        try:
            if file is not None:
                job = steps.take_file(person, area, file.name or "", file.chunks())
                return redirect("import_columns", pk=job.pk)
        except InputError as error:
            faults = _faults(error)
    jobs = Paginator(Import.objects.select_related("area", "by").filter(within_reach(person, CHECK)), SHOWN)
    more = {"areas": areas, "faults": faults, "jobs": jobs.get_page(request.GET.get("page")), "kinds": ",".join(KINDS)}
    most = {
        "megabytes": int(limit("file_bytes") / 1e6),
        "most_rows": int(limit("rows")),
        "days": int(limit("keep_days")),
    }
    return _page(request, "file", None, 422 if faults else 200, **more, **most)


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """A corrected file for an import: its columns are known by now, so it is checked at once."""
    person, job = _job(request, pk, "uploaded", "checked")
    file = request.FILES.get("file")
    if file is None:
        return redirect("import_check", pk=job.pk)
    try:
        job = steps.take_file(person, job.area, file.name or "", file.chunks(), job)
        job = steps.recheck(person, job)
    except InputError as error:
        return _check_page(request, job, _faults(error))
    return redirect("import_check" if job.state == "checked" else "import_columns", pk=job.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 2: which head holds what, datum, crosswalk."""
    person, job = _job(request, pk, "uploaded", "checked")
    faults: list[dict[str, Any]] = []
    if request.method == "POST":
        forms.put_columns(job, request.POST)
        try:
            job = steps.recheck(person, job)
            if job.state == "checked" and job.result:
                return redirect("import_check", pk=job.pk)
        except InputError as error:
            faults = _faults(error)
    try:
        return _columns_page(request, job, faults)
    except InputError as error:
        return _gone(request, error)


def _gone(request: HttpRequest, error: InputError) -> HttpResponse:
    """The file of an import is no longer there: say so and lead back to the first step."""
    fault = _faults(error)[0]
    messages.error(request, f"{fault['what']} {fault['remedy']}")
    return redirect("import_begin")


def _columns_page(request: HttpRequest, job: Import, faults: list[dict[str, Any]]) -> HttpResponse:
    table = open_table(opened(job), job.columns)
    samples = {head: [text for text in table.sheet.texts(head) if text][:SAMPLES] for head in job.heads}
    placed = table.sheet.geometry is not None
    rows = [
        {
            "field": each, "name": each.en if lang() == "en" else each.zh, "head": job.columns.get(each.name, ""),
            "needed": each.name in NEEDED and not (placed and each.name in ("lon", "lat")),
            "samples": " · ".join(samples.get(job.columns.get(each.name, ""), ())),
        }
        for each in fields().values()
        if not (placed and each.name in ("lon", "lat"))
    ]  # fmt: skip
    missing = [fields()[name].en if lang() == "en" else fields()[name].zh for name in missing_columns(table)]
    spare = [
        {"head": head, "samples": " · ".join(samples[head])} for head in job.heads if head not in job.columns.values()
    ]
    names = {
        "wgs84": gettext("WGS 84（GPS、手机定位）"), "gcj02": gettext("GCJ-02（高德、腾讯地图）"),
        "bd09": gettext("BD-09（百度地图）"), "cgcs2000": gettext("CGCS2000（天地图、测绘成果）"),
        "words": gettext("中文业态词"), "amap": gettext("高德类别代码"), "own": gettext("只用本市自己的对照"),
    }  # fmt: skip
    datums, walks = ([(each, names[each]) for each in several] for several in (DATUMS, CROSSWALKS))
    more = {"rows": rows, "spare": spare, "datums": datums, "crosswalks": walks, "faults": faults, "placed": placed}
    tried = request.method == "POST"
    return _page(
        request, "columns", job, 422 if tried else 200, missing=missing if tried or job.columns else [], **more
    )


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 3: what would happen, and everything that is doubtful; choices are made here."""
    person, job = _job(request, pk, "uploaded", "checked")
    if request.method == "POST":
        forms.put_choices(job, request.POST)
        words = forms.words_of(request.POST, telling.told(job).unmapped)
        try:
            job = steps.recheck(person, job, words)
        except InputError as error:
            return _check_page(request, job, _faults(error))
        return redirect("import_apply" if request.POST.get("next") == "apply" else "import_check", pk=job.pk)
    if job.state != "checked":
        return redirect("import_columns", pk=job.pk)
    return _check_page(request, job, [])


def _check_page(request: HttpRequest, job: Import, faults: list[dict[str, Any]]) -> HttpResponse:
    told = telling.told(job)
    weight = request.GET.get("weight", "fault")
    code = request.GET.get("code", "")
    found = [each for each in told.of(weight) if not code or each.code == code]
    page = Paginator([_shown(each) for each in found], SHOWN).get_page(request.GET.get("page"))
    kinds = {each: [(_shown(first), count) for first, count in told.kinds(each)] for each in ("fault", "note")}
    doubles = Paginator(told.doubles, SHOWN).get_page(request.GET.get("doubles"))
    beside = _beside(doubles.object_list)
    types = [(code, type_name(code, lang())) for code in business_types()]
    return _page(
        request, "check", job, 422 if faults else 200, faults=faults, findings=page, weight=weight, code=code, kinds=kinds,
        doubles=doubles, beside=beside, unmapped=list(told.unmapped.items())[:200], types=types,
        notes=[_faults(InputError(note))[0] for note in told.notes], counts=job.counts,
    )  # fmt: skip


def _shown(finding: Any) -> dict[str, Any]:
    what, remedy = finding.words(lang())
    return {
        "row": finding.row, "column": finding.column(lang()), "value": finding.value, "what": what, "remedy": remedy,
        "code": finding.code,
    }  # fmt: skip


def _beside(doubles: Any) -> list[dict[str, Any]]:
    """Return rows that may be doubles beside what they resemble, with what can be chosen."""
    keys = [each["double"] for each in doubles]
    known = {each.key: each for each in Outlet.objects.filter(key__in=keys).prefetch_related("functions")}
    names = {"skip": gettext("跳过"), "update": gettext("更新库中网点"), "add": gettext("作为新网点新增")}
    rows = []
    for each in doubles:
        outlet = known.get(each["double"])
        types = [type_name(code, lang()) for code in each["types"]]
        like = [type_name(function.code, lang()) for function in outlet.functions.all()] if outlet else []
        chosen = "update" if each["action"] == "unchanged" else each["action"]
        choices = [(name, names[name], name == chosen) for name in each["choices"]]
        rows.append(
            {**each, "type_names": "、".join(types), "outlet": outlet, "like": "、".join(like), "choices": choices}
        )
    return rows


@require_safe
def download(request: HttpRequest, pk: int, what: str, kind: str) -> HttpResponse:
    """The faults as a list, or the whole table with its faults beside the rows; as CSV or XLSX."""
    _, job = _job(request, pk, "uploaded", "checked")
    told = telling.told(job)
    try:
        rows = telling.finding_rows(told.findings, lang())
        if what == "table":
            rows = telling.marked_rows(open_table(opened(job), job.columns), told.findings, lang())
    except InputError as error:
        return _gone(request, error)
    body = telling.as_xlsx(rows) if kind == "xlsx" else telling.as_csv(rows)
    types = {
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "csv": "text/csv; charset=utf-8",
    }
    headers = {"Content-Disposition": f'attachment; filename="import-{job.pk}-{what}.{kind}"'}
    return HttpResponse(body, content_type=types[kind], headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 4: what will happen, said once more; then it happens, whole or not at all."""
    person, job = _job(request, pk, "checked")
    faults: list[dict[str, Any]] = []
    if request.method == "POST":
        need(request, "outlets.import_apply", job.area)
        try:
            steps.apply(person, job)
            return redirect("import_done", pk=job.pk)
        except InputError as error:
            faults = _faults(error)
            job.refresh_from_db()
    blocked = bool(job.counts.get("fault")) and not job.leave_out
    return _page(request, "apply", job, 422 if faults else 200, faults=faults, counts=job.counts, blocked=blocked)


@require_safe
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """One import of the history: what it did, and the way back."""
    person, job = _job(request, pk)
    if job.state in ("uploaded", "checked"):
        return redirect("import_check" if job.state == "checked" else "import_columns", pk=job.pk)
    rows = Paginator(job.outlets.select_related("outlet"), SHOWN).get_page(request.GET.get("page"))
    left = job.outlets.filter(outcome="left").count()
    return _page(
        request, "done", job, rows=rows, left=left, may_undo=may(person, "outlets.import_undo", job.area),
        words={"edited": Finding(0, "import.edited_since").words(lang())}, counts=job.counts,
        outcomes=_outcomes(job),
    )  # fmt: skip


def _outcomes(job: Import) -> list[tuple[str, int]]:
    names = {
        "removed": gettext("已移除"),
        "closed": gettext("已停业"),
        "restored": gettext("已恢复"),
        "left": gettext("保持现状"),
    }
    return [(name, job.outlets.filter(outcome=outcome).count()) for outcome, name in names.items()]


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back."""
    person, job = _job(request, pk)
    need(request, "outlets.import_undo", job.area)
    try:
        counts = import_undo(deed_on(person, job), job, force=request.POST.get("force") == "on")
    except InputError as error:
        messages.error(request, _faults(error)[0]["what"])
        return redirect("import_done", pk=job.pk)
    put = counts["removed"] + counts["closed"] + counts["restored"]
    messages.success(request, ngettext("已撤销 %(n)d 个网点的改动。", "已撤销 %(n)d 个网点的改动。", put) % {"n": put})
    return redirect("import_done", pk=job.pk)


@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """The categories that a city has assigned to business types."""
    person = need(request, CHECK)
    areas = _areas(person)
    request.city = areas[0].city  # type: ignore[attr-defined]
    rows = [
        {"category": word.category, "types": "、".join(type_name(code, lang()) for code in word.types), "at": word.at}
        for word in areas[0].city.own_words.all()
    ]
    return _page(request, "words", None, rows=rows)


__all__ = ["again", "apply", "begin", "check", "columns", "done", "download", "undo", "words"]
