"""我的一刻钟: the page, the part of it that the map shows in its sheet, and the picture to share."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.timezone import get_current_timezone, localdate, localtime, now
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe
from ninja.errors import HttpError

from yike.errors import YikeError
from yike.report.minutes import minute_classes
from yike.web.areas.models import City
from yike.web.map.asking import (
    Asked,
    asked_of,
    city_asked,
    is_large,
    language,
    name_of,
    quarter_asked,
    said,
    times,
    walkers_of,
)
from yike.web.map.dial import LARGE, PAGE, SHEET, Spoke, class_of_minutes, draw_dial
from yike.web.map.hours import now_of
from yike.web.map.marks import mark_rows
from yike.web.map.pages import map_data
from yike.web.map.picture import share_picture
from yike.web.map.qr import qr_svg
from yike.web.studies.live import live


@require_safe
@ensure_csrf_cookie
def near(request: HttpRequest) -> HttpResponse:
    """The page: pick a home, then the dial, the sentence and the table."""
    city, asked, lang = city_asked(request), asked_of(request), language(request)
    page: dict[str, Any] = {
        "asked": asked, "walkers": walkers_of(city, lang), "times": times(), "city_name": name_of(city, lang),
        "map_data": {**map_data(city, lang), "from": [asked.lon, asked.lat] if asked.lon is not None else None, "who": asked.who},
    }  # fmt: skip
    if asked.lon is not None:
        page |= answer_of(city, asked, lang, is_large(request))
        page["link"] = request.build_absolute_uri()
        page["query"] = request.GET.urlencode()
        page["qr"] = qr_svg(page["link"], _("这一页的二维码"))
    return render(request, "map/near.html", page)


@require_safe
def part(request: HttpRequest) -> HttpResponse:
    """The answer alone, for the map's sheet; a fault is told as JSON."""
    city, asked, lang = city_asked(request), asked_of(request), language(request)
    if asked.lon is None:
        return JsonResponse({"message": _("没有给出地点。")}, status=422)
    page = answer_of(city, asked, lang, is_large(request))
    if "fault" in page:
        return JsonResponse({"message": page["fault"]}, status=422)
    page["page_link"] = "/near/?" + urlencode(_address(city, asked))
    return render(request, "map/near_part.html", {**page, "asked": asked})


@require_safe
def picture(request: HttpRequest) -> HttpResponse:
    """The picture to share, as SVG: dial, sentence, QR code of the page, and where the figures come from."""
    city, asked, lang = city_asked(request), asked_of(request), language(request)
    page: dict[str, Any] = {"fault": _("没有给出地点。")}
    if asked.lon is not None:
        page = answer_of(city, asked, lang)
    if "fault" in page:
        return HttpResponse(page["fault"], status=422, content_type="text/plain; charset=utf-8")
    link = request.build_absolute_uri("/near/?" + urlencode(_address(city, asked)))
    title = _("我的一刻钟 · %(city)s") % {"city": name_of(city, lang)}
    dial = draw_dial(page["spokes"], page["told"], lang, SHEET, "picture")
    svg = share_picture(title, page["told"], dial, link, [page["when_who"], page["trace"]], city.made_up)
    return HttpResponse(svg, content_type="image/svg+xml; charset=utf-8")


def _address(city: City, asked: Asked) -> dict[str, Any]:
    return {
        "city": city.slug,
        "lon": f"{asked.lon:.6f}",
        "lat": f"{asked.lat:.6f}",
        "who": asked.who,
        "when": asked.when,
    }


def answer_of(city: City, asked: Asked, lang: str, large: bool = False) -> dict[str, Any]:
    """Return what the answer's template shows: spokes, sentence, rows; or ``fault``, why there is none."""
    try:
        answer = quarter_asked(city, asked)
    except YikeError as error:
        return {"fault": said(error, lang)}
    except HttpError:
        return {"fault": _("时间写得不对，例如 07:00。")}
    spokes = [
        Spoke(each["code"], each[lang], each["category"], each["minutes"], each["limit_min"])
        for each in answer["types"]
    ]
    told = answer["sentence"][lang]
    when = datetime.fromisoformat(answer["when"]) if answer["when"] else None
    study = answer["study"]
    walker = dict(walkers_of(city, lang)).get(answer["who"], answer["who"])
    clock = f"{localtime(when):%Y-%m-%d %H:%M}" if when else _("不管开没开门")
    return {
        "spokes": spokes, "told": told, "dial": draw_dial(spokes, told, lang, LARGE if large else PAGE, "near"), "answer": answer,
        "tables": tables_of([row_of(each, spoke, when, lang) for each, spoke in zip(answer["types"], spokes, strict=True)]),
        "classes": [{"id": each.id, "name": each.name(lang)} for each in minute_classes()],
        "when_who": f"{walker} · {clock}", "unseen": _named(city, answer["unseen"], lang),
        "trace": _("%(study)s · %(standard)s · 摘要 %(digest)s · %(date)s") % {
            "study": study["name"] if lang == "zh" else name_of(city, lang), "standard": study["standard"],
            "digest": study["digest"][:12], "date": localdate().isoformat(),
        },
    }  # fmt: skip


def _named(city: City, codes: list[str], lang: str) -> str:
    """Return the names of types, one after the other."""
    catalogue = live(city).catalogue
    return ("、" if lang == "zh" else ", ").join(getattr(catalogue.type(code), lang) for code in codes)


def tables_of(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]], str]]:
    """Return the rows by category, basic types first, each with its minutes."""
    found = []
    for category in ("basic", "quality"):
        mine = [row for row in rows if row["category"] == category]
        if mine:
            found.append((category, mine, mine[0]["limit"]))
    return found


def row_of(each: dict[str, Any], spoke: Spoke, when: datetime | None, lang: str) -> dict[str, Any]:
    """Return one row of the table: type, minutes with their class, nearest outlet, how long it is open."""
    outlet = each["outlet"]
    until = ""
    if outlet is not None:
        moment = localtime(when) if when else localtime(now(), get_current_timezone())
        until = now_of(outlet["hours"], moment).told
    return {
        "code": each["code"], "name": each[lang], "category": each["category"], "met": each["met"], "outlet": outlet,
        "limit": f"{each['limit_min']:g}", "until": until, "class": class_of_minutes(spoke.minutes).id,
        "minutes": None if spoke.minutes is None else f"{spoke.minutes:.0f}" if spoke.minutes >= 10 else f"{spoke.minutes:.1f}",
    }  # fmt: skip


__all__ = ["answer_of", "mark_rows", "near", "part", "picture"]
