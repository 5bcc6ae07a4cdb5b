"""The journal on the staff side: found by person, verb, record, area and day, within one's own tree; and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime, make_aware
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from yike.web.accounts.models import Person
from yike.web.accounts.rights import need, within_reach
from yike.web.accounts.templatetags.roles import verb_name
from yike.web.areas.models import Area
from yike.web.journal.models import Line

SEE = "journal.see"
A_PAGE = 50
HEAD = ("line", "at", "person", "roles", "verb", "name", "kind", "record", "area", "change", "digest")


class Asked(forms.Form):
    """What is looked for; every field may be left empty."""

    person = forms.CharField(label=_("用户名"), required=False, max_length=150)
    verb = forms.CharField(label=_("事项"), required=False, max_length=80)
    record = forms.CharField(label=_("对象"), required=False, max_length=150)
    area = forms.CharField(label=_("区域代码"), required=False, max_length=15)
    since = forms.DateField(label=_("从"), required=False, widget=forms.DateInput({"type": "date"}))
    until = forms.DateField(label=_("到"), required=False, widget=forms.DateInput({"type": "date"}))


def lines_for(person: Person, asked: dict[str, Any]) -> QuerySet[Line]:
    """Return the lines of a person's tree that match, newest first; a line of no area is nobody's to see here."""
    seen = Area.objects.filter(within_reach(person, SEE, "path"))
    if asked.get("area"):
        top = seen.filter(code=asked["area"]).first()
        seen = seen.filter(path__startswith=top.path) if top else seen.none()
    found = Line.objects.filter(area__in=seen.values("code")).select_related("person").order_by("-id")
    if asked.get("person"):
        found = found.filter(person__username=asked["person"])
    if asked.get("verb"):
        found = found.filter(Q(verb__in=_verbs_called(asked["verb"])) | Q(verb__startswith=asked["verb"]))
    if asked.get("record"):
        found = found.filter(record=asked["record"])
    if asked.get("since"):
        found = found.filter(at__gte=_midnight(asked["since"]))
    if asked.get("until"):
        found = found.filter(at__lt=_midnight(asked["until"] + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return make_aware(datetime.combine(day, time.min))


def _verbs_called(words: str) -> list[str]:
    """Return the verbs whose name on the page holds the words typed."""
    return [
        name for name in Line.objects.order_by().values_list("verb", flat=True).distinct() if words in verb_name(name)
    ]


@require_GET
def journal(request: HttpRequest) -> HttpResponse:
    """Show what was done, newest first."""
    by = need(request, SEE)
    form = Asked(request.GET)
    found = lines_for(by, form.cleaned_data) if form.is_valid() else Line.objects.none()
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    names = dict(Area.objects.filter(code__in={line.area for line in page}).values_list("code", "name"))
    rows = [{"line": line, "area": names.get(line.area, line.area), "change": _words(line)} for line in page]
    return render(request, "journal/journal.html", {"form": form, "page": page, "rows": rows})


def _words(line: Line) -> list[tuple[str, str]]:
    """Return a change as pairs of field and "before → after"."""
    return [
        (key, " → ".join(_word(each) for each in both) if isinstance(both, list) else _word(both))
        for key, both in line.change.items()
    ]


def _word(value: Any) -> str:
    return "—" if value in ("", None) else str(value)


class _Echo:
    """A file that gives back what is written to it, for rows sent as they are made."""

    def write(self, row: str) -> str:
        return row


@require_GET
def journal_csv(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    """Send all lines that match, in their order, with their digests."""
    by = need(request, SEE)
    form = Asked(request.GET)
    if not form.is_valid():
        return render(request, "journal/journal.html", {"form": form, "rows": []}, status=400)
    writer = csv.writer(_Echo())

    def rows() -> Iterator[str]:
        yield "\ufeff"  # so that Excel reads Chinese
        yield writer.writerow(HEAD)
        for line in lines_for(by, form.cleaned_data).order_by("id").iterator(1000):
            yield writer.writerow(_safe(each) for each in _row(line))

    answer = StreamingHttpResponse(rows(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="journal.csv"'
    return answer


def _row(line: Line) -> tuple[Any, ...]:
    at = localtime(line.at).isoformat(timespec="microseconds")
    who = line.person.get_username() if line.person else ""
    name = verb_name(line.verb)
    return (line.pk, at, who, line.roles, line.verb, name, line.kind, line.record, line.area, line.said, line.digest)


def _safe(cell: Any) -> Any:
    """Keep a spreadsheet from reading a cell as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
