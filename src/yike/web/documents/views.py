"""Pages of plans: the list, one plan with its pages and numbers, one number traced back; files for those with the right."""

from __future__ import annotations

import tempfile
import zipfile
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yike.report.documents.templates import KINDS
from yike.web.accounts.models import Person
from yike.web.accounts.rights import may, need, reach_of, within_reach
from yike.web.areas.models import Area
from yike.web.circles.models import Circle
from yike.web.documents import actions, tracing
from yike.web.documents.models import Document
from yike.web.documents.places import (
    area_of,
    circles_in,
    issuing_office,
    own_templates,
    path_of,
    place_of,
)
from yike.web.documents.previews import page_file
from yike.web.lists.pages import city_of, perform
from yike.web.queue.models import Job
from yike.web.studies.runs.describing import walker_of
from yike.web.wording import language
from yike.words import say

SEE = "documents.see"
A_PAGE = 50
MEASURED = ("share", "count", "people", "minutes", "m2", "yuan")  #: units whose bare value has a word of its own
A_PAGE_OF_FIGURES = 100  #: numbers on one page of a plan
SORTS = {"title": "title", "pages": "pages", "made": "made_at"}
TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  #: files that can be downloaded, with their media types


def _plans(request: HttpRequest, person: Person) -> QuerySet[Document]:
    """Return the plans a person may see of the city at hand, filtered and sorted as the address asks."""
    found = (
        Document.objects.filter(within_reach(person, SEE), city=city_of(request, person))
        .select_related("area", "circle")
        .defer("figures")
    )
    if request.GET.get("kind") in KINDS:
        found = found.filter(kind=request.GET["kind"])
    if words := request.GET.get("q", "").strip()[:60]:
        found = found.filter(Q(title__icontains=words) | Q(area__name__icontains=words))
    sort = request.GET.get("sort", "")
    column = SORTS.get(sort.lstrip("-"))
    order = [f"-{column}" if sort.startswith("-") else column] if column else ["-kind", "title"]
    return found.order_by(*order, "id")


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All plans of my areas; the form that makes more; what is being made now."""
    person = need(request, SEE)
    city = city_of(request, person)
    found = _plans(request, person)
    areas = [each for each in Area.objects.filter(within_reach(person, actions.MAKE, "path"), city=city)
             .filter(level__in=("city", "county")).order_by("path")]  # fmt: skip
    circles = [each for area in areas[:1] for each in circles_in(area)]
    sort = request.GET.get("sort", "")
    page = {
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")), "total": found.count(), "city": city,
        "areas": areas, "circles": circles, "office": issuing_office(city), "today": localdate().isoformat(),
        "jobs": Job.objects.filter(within_reach(person, SEE), city=city, kind=actions.MAKE, state__in=("waiting", "running")),
        "sorts": {name: f"-{name}" if sort == name else name for name in SORTS}, "q": request.GET.get("q", "")[:60],
        "kind": request.GET.get("kind", ""), "kinds": _kinds(),
    }  # fmt: skip
    return render(request, "documents/list.html", page)


def _kinds() -> list[tuple[str, str]]:
    return [("city_plan", _("总体方案")), ("circle_plan", _("生活圈子方案"))]


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Ask for plans: of a circle, an area, its circles, or all."""
    person = need(request, SEE)
    city = city_of(request, person)
    circle = Circle.objects.filter(city=city, code=request.POST.get("circle", "")).first()
    area = area_of(circle) if circle else Area.objects.filter(city=city, code=request.POST.get("area", "")).first()
    if area is None:
        raise Http404("area")
    office = request.POST.get("office", "").strip() or issuing_office(city)
    perform(
        request,
        lambda: actions.make(
            actions.deed_in(person, area), request.POST.get("wanted", ""), office, _day(request), circle
        ),
        _("已开始编制，完成后在下表中查看。"),
    )
    return HttpResponseRedirect("/desk/documents/")


def _day(request: HttpRequest) -> date:
    try:
        return date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return localdate()


def _document(request: HttpRequest, pk: int, verb: str = SEE) -> tuple[Person, Document]:
    """Return who asks and the plan asked for; to whom may not see it, it is as if it were not there."""
    person = need(request, verb)
    found = Document.objects.select_related("city", "area", "circle", "job").filter(pk=pk).first()
    if found is None or not may(person, verb, found.area):
        raise Http404(pk)
    request.city = found.city  # type: ignore[attr-defined]
    return person, found


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan: its pages, its numbers with their sources, its files."""
    person, document = _document(request, pk)
    lang, words = language(), request.GET.get("q", "").strip()[:60]
    rows = [
        {
            **each,
            "text": each[lang],
            "told": each["what"].get(lang, ""),
            "from": say(f"documents.origin.{each['table']}", lang),
            "walker": walker_of(each["walker"], lang),
        }
        for each in document.figures
    ]
    if words:
        rows = [each for each in rows if words in f"{each['id']} {each['told']} {each['text']} {each['from']}"]
    shown = {
        "document": document, "page": Paginator(rows, A_PAGE_OF_FIGURES).get_page(request.GET.get("page")),
        "found": len(rows), "total": len(document.figures), "q": words,
        "numbers": range(1, document.pages + 1), "files": _files(document),
        "may_drop": may(person, "documents.drop", document.area),
        "may_make": may(person, actions.MAKE, document.area), "office": issuing_office(document.city),
        "stale": document.study != tracing.digest_now(document.city), "today": localdate().isoformat(),
    }  # fmt: skip
    return render(request, "documents/detail.html", shown)


def _files(document: Document) -> list[tuple[str, int]]:
    """Return the kinds of files there are, with their sizes in kB."""
    found = [(suffix, path_of(document, suffix)) for suffix in TYPES]
    return [(suffix, max(1, path.stat().st_size // 1024)) for suffix, path in found if path is not None]


@require_POST
def drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a plan."""
    person, document = _document(request, pk)
    perform(
        request, lambda: actions.drop(actions.deed_in(person, document.area), document), _("已删除；可以随时重新编制。")
    )
    return HttpResponseRedirect("/desk/documents/")


def _name(document: Document, suffix: str) -> str:
    """Return a file's name as it is saved; made-up data is named so."""
    mark = f"-{say('documents.made_up', 'zh')}" if document.city.made_up else ""
    title = document.title.replace("/", "_").replace("\\", "_")  # people name circles: no folder comes out of a title
    return f"{title}{mark}.{suffix}"


@require_safe
def download(request: HttpRequest, pk: int, suffix: str) -> FileResponse:
    """Send one file of a plan."""
    document = _document(request, pk)[1]
    path = path_of(document, suffix) if suffix in TYPES else None
    if path is None:
        raise Http404(suffix)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=_name(document, suffix), content_type=TYPES[suffix]
    )


@require_safe
def everything(request: HttpRequest) -> HttpResponse | FileResponse:
    """Send the files of all plans on the list as one archive; ``type`` leaves one kind of file."""
    person = need(request, SEE)
    suffixes = [request.GET["type"]] if request.GET.get("type") in TYPES else list(TYPES)
    out = tempfile.TemporaryFile()  # noqa: SIM115 the answer closes it when it is sent
    number = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as file:
        for document in _plans(request, person).select_related("city"):
            for suffix in suffixes:
                if path := path_of(document, suffix):
                    number += 1
                    file.write(path, f"{place_of(document).file}-{_name(document, suffix)}")
    if not number:
        out.close()
        messages.error(request, _("没有可以下载的方案。"))
        return HttpResponseRedirect("/desk/documents/")
    out.seek(0)
    return FileResponse(
        out, as_attachment=True, filename=f"{say('documents.zip', language())}.zip", content_type="application/zip"
    )


@require_safe
def page(request: HttpRequest, pk: int, number: int) -> FileResponse:
    """Send the picture of a page."""
    document = _document(request, pk)[1]
    path = page_file(document, number)
    if path is None:
        raise Http404(number)
    answer = FileResponse(path.open("rb"), content_type="image/png")
    answer["Cache-Control"] = "private, max-age=60"
    return answer


@require_safe
def figure(request: HttpRequest, pk: int, figure: str) -> HttpResponse:
    """One number of a plan: where it comes from, and whether it still holds."""
    document = _document(request, pk)[1]
    found = next((each for each in document.figures if each["id"] == figure), None)
    if found is None:
        raise Http404(figure)
    traced, lang = perform(request, lambda: tracing.trace(document, found)), language()
    if not traced:  # the city has no study any more, or its templates have faults: the message says which
        return HttpResponseRedirect(f"/desk/documents/{pk}/")
    shown: dict[str, Any] = {
        "document": document, "trace": traced, "figure": found, "text": found[lang], "told": found["what"].get(lang, ""),
        "now": traced.now.text(lang) if traced.now is not None else "", "recounted": traced.recounted_text(lang),
        "from": say(f"documents.origin.{found['table']}", lang), "study_now": tracing.digest_now(document.city),
        "unit": say(f"documents.measured.{found['unit']}", lang) if found["unit"] in MEASURED else "",
        "walker": walker_of(found["walker"], lang),
        "place": (traced.place.name_en if lang == "en" and traced.place.name_en else traced.place.name) if traced.place else "",
    }  # fmt: skip
    return render(request, "documents/figure.html", shown)


@require_safe
def template(request: HttpRequest, kind: str) -> HttpResponse:
    """Send a text template as it is used now: a city's own, or the one that ships."""
    person = need(request, SEE)
    if kind not in KINDS:
        raise Http404(kind)
    city = city_of(request, person)
    if not any(path.startswith(city.root.path) for path in reach_of(person, SEE)):
        raise Http404(kind)
    from yike.report.documents.templates import load_templates

    found = perform(request, lambda: load_templates(own_templates(city)))
    if not found:
        return HttpResponseRedirect("/desk/documents/")
    answer = HttpResponse(found[kind].text, content_type="application/toml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{kind}.toml"'
    return answer
