"""保供 stress test at the desk: what closes, who loses food and medicine, where."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yike.errors import YikeError
from yike.study.stress import Closing
from yike.web.accounts.rights import need
from yike.web.circles.models import Circle
from yike.web.seeing import strain, telling
from yike.web.seeing.asking import choice
from yike.web.seeing.exports import as_csv
from yike.web.seeing.part import Part
from yike.web.seeing.places import SEE, Place, asked, home_of
from yike.web.seeing.views import _frame, _map_data, _opened
from yike.web.wording import error_words, language

SINGLES_SHOWN = 15


def _place(request: HttpRequest) -> tuple[str, bool]:
    """Return the code of the area or circle asked, by default the widest the person may see, and whether it is a circle."""
    code = request.GET.get("area", "")[:40]
    return (code, Circle.objects.filter(code=code).exists()) if code else (home_of(need(request, SEE)).code, False)


def asked_of(request: HttpRequest) -> strain.Asked:
    """Return what the form asks to close."""
    way, number = request.GET.get("way", ""), request.GET.get("number", "5")
    return strain.Asked(
        way if way in strain.WAYS else "", request.GET.get("need", "")[:20],
        int(number) if number.isdecimal() and len(number) < 4 else 5, request.GET.get("outlets", "")[:8000],
        request.GET.get("road", "")[:80], request.GET.get("line", "")[:4000],
    )  # fmt: skip


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The form, the outlets whose closure alone costs most, and the effect of what is asked."""
    opened = _opened(request, *_place(request))
    if isinstance(opened, HttpResponse):
        return opened
    here, chosen, part = opened
    lang, wish = language(), asked_of(request)
    shown = _frame(request, here, chosen, part, lang) | {"asked": wish, "map_data": None}
    if len(part.rows):
        shown |= {
            "singles": strain.worst_singles(part, SINGLES_SHOWN, lang), "roads": strain.road_names(part),
            "needs": [(each.id, getattr(each, lang)) for each in strain.ground_of(part.seen).needs],
            "classes": strain.class_names(), "map_data": _map_data(part, chosen, "stress") | {"asked": vars(wish)},
        }  # fmt: skip
        shown |= _effect(request, here, part, wish, lang)
    return render(request, "seeing/stress.html", shown)


def _effect(request: HttpRequest, here: Place, part: Part, wish: strain.Asked, lang: str) -> dict[str, Any]:
    """Return who loses what; a message for what cannot be closed."""
    if not wish.way:
        return {}
    try:
        closure = strain.closure_of(part, wish)
    except YikeError as error:
        for text in error_words(error):
            messages.error(request, text)
        return {}
    result = strain.told(part, strain.strain_of(part, closure), lang)
    result["communities"] = strain.by_community(part, strain.strain_of(part, closure), lang)
    closed = strain.closed_outlets(part, closure)
    return {
        "told": strain.sentence(part, closure, wish, result, lang), "result": _words(result, lang), "closed": closed,
        "map_data": _map_data(part, _choice(request, here), "stress") | {"asked": vars(wish), "closed": closed, "done": True},
    }  # fmt: skip


def _choice(request: HttpRequest, here: Place) -> Any:
    return choice(request, here)[0]


def _words(result: dict[str, Any], lang: str) -> dict[str, Any]:
    for row in (result["whole"], *result["rows"], *result["communities"]):
        row["lost_told"] = [telling.people_told(row["lost"][code], lang) for code, _name in result["needs"]]
        row["any_told"] = telling.people_told(row["lost_any"], lang)
        row["people_told"] = telling.people_told(row["people"], lang)
    return result


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The table of a stress test as CSV."""
    code, circle = _place(request)
    here = asked(request, code, circle)
    try:
        part = choice(request, here)[1]
        closure: Closing = strain.closure_of(part, asked_of(request))
    except YikeError as error:
        raise Http404(code) from error
    if len(part.rows) == 0:
        raise Http404(code)
    found = strain.strain_of(part, closure)
    result, communities = strain.told(part, found, language()), strain.by_community(part, found, language())
    heads = [_("代码"), _("名称"), _("居民"), *(_("失去%(need)s") % {"need": name} for _code, name in result["needs"])]
    heads += [_("失去任一项"), _("家门口的路被封"), _("关闭的网点"), _("封闭的路段"), _("截断处")]
    what = [
        "|".join(each["key"] for each in strain.closed_outlets(part, closure)),
        len(closure.links),
        len(closure.cuts),
    ]
    rows = [
        [row["code"], row["name"], round(row["people"]), *(round(row["lost"][key]) for key, _name in result["needs"]),
         round(row["lost_any"]), round(row["cut_off"]), *what]
        for row in (result["whole"], *communities)
    ]  # fmt: skip
    return as_csv(f"stress-{here.code}", heads, rows, part.seen.sources)
