"""Pages of an area or a circle: sentence, map, matrix, gaps, worst homes, hours."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yike.errors import YikeError
from yike.web.accounts.rights import may, need, person_of
from yike.web.areas.models import Area
from yike.web.lists.pages import city_json, perform
from yike.web.needs import actions as needs
from yike.web.seeing import merged, telling
from yike.web.seeing.asking import Choice, choice, days_told, hour_told
from yike.web.seeing.charts import histogram_svg, week_svg
from yike.web.seeing.failing import PAGE, Failing, failing, reasons
from yike.web.seeing.hours import week_of
from yike.web.seeing.now import seen
from yike.web.seeing.part import Part, part_of
from yike.web.seeing.places import SEE, Place, asked, home_of, of_area
from yike.web.wording import language

GAPS_SHOWN = 10
WORST_SHOWN = 6


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """My area: the widest I may see."""
    return redirect(of_area(home_of(need(request, SEE))).path)


def _opened(request: HttpRequest, code: str, circle: bool) -> tuple[Place, Choice, Part] | HttpResponse:
    """Return the place asked and its measures; a page that says what to do where the city has no study yet."""
    place = asked(request, code, circle)
    try:
        return place, *choice(request, place)
    except YikeError:
        return render(request, "seeing/no_study.html", {"place": place, "name": place.shown(language())}, status=404)


@require_safe
def place(request: HttpRequest, code: str, circle: bool = False) -> HttpResponse:
    """What a place lacks."""
    opened = _opened(request, code, circle)
    if isinstance(opened, HttpResponse):
        return opened
    here, chosen, part = opened
    lang = language()
    page = _frame(request, here, chosen, part, lang)
    if len(part.rows):
        page |= _measured(part, chosen, lang) | {"needs_here": _may_need(request, here)}
    return render(request, "seeing/place.html", page)


def _may_need(request: HttpRequest, here: Place) -> bool:
    """Whether the person may turn gaps of a place into needs; needs are of areas, not of circles."""
    return here.area is not None and may(person_of(request), "needs.add_gap", here.area)


def _frame(request: HttpRequest, here: Place, chosen: Choice, part: Part, lang: str) -> dict[str, Any]:
    """Return what all pages of a place share."""
    now = part.seen
    chain = here.area.chain()[:-1] if here.area else []
    person = person_of(request)
    above = (each for each in Area.objects.filter(code__in=chain) if may(person, "seeing.see", each))
    known = {each.code: each for each in above}
    return {
        "place": here, "name": here.shown(lang), "chosen": chosen, "sources": now.sources,
        "digest": now.engine.digest[:12], "standard": now.standard, "through": now.stock.through,
        "chain": [(f"/desk/area/{each}/", of_area(known[each]).shown(lang)) for each in chain if each in known],
        "sentence": telling.sentence(part, lang), "walkers": telling.walkers_told(now, lang),
        "types": telling.columns(part, lang), "type_name": getattr(telling.kind_of(now, chosen.code), lang),
        "limit_min": part.served.strictest(part.served.types.index(chosen.code)).limit_ms / 60_000,
        "days": list(enumerate(days_told())), "clocks": range(24), "hour_told": hour_told(chosen.hour),
        "query": chosen.query(), "some": bool(len(part.rows)),
    }  # fmt: skip


def _measured(part: Part, chosen: Choice, lang: str) -> dict[str, Any]:
    """Return everything told of a place in which people live."""
    now, here = part.seen, part.place
    gaps = telling.type_gaps(part, lang)
    others = [part_of(seen(here.city, who), here) for who in now.watched.walkers]
    bins = part.bins(chosen.code, _edges(part))
    title = _("%(name)s：居民步行到最近的%(type)s要几分钟") % {
        "name": here.shown(lang), "type": getattr(telling.kind_of(now, chosen.code), lang),
    }  # fmt: skip
    worst = failing(part, chosen.code, chosen.hour)
    columns = (*part.served.types, "name", "people", "both")
    sorts = {key: chosen.query(sort=key if chosen.sort == f"-{key}" else f"-{key}") for key in columns}
    made = telling.matrix(part, lang, chosen.category, chosen.sort)
    for head in made["columns"]:
        head["sort"] = sorts[head["code"]]
    return {
        "sorts": sorts, "cats": {key or "all": chosen.query(cat=key) for key in ("basic", "quality", "")},
        "matrix": made, "gaps": gaps,
        "gaps_top": [row for row in gaps if row["is_gap"]][:GAPS_SHOWN], "states": telling.state_counts(gaps),
        "ranked": telling.ranked_gaps(part, lang, GAPS_SHOWN), "penalty": telling.penalties(others, lang),
        "classes": telling.classes_told(part, chosen.code, chosen.hour, lang), "spread": _spread(part, chosen.code, lang),
        "histogram": histogram_svg(_edges(part), bins["people"].tolist(), title, _("走不到")), "histogram_title": title,
        "both": telling.percent(float(part.ten_fifteen[0])), "worst": _homes_told(worst, 0, WORST_SHOWN, lang),
        "failing": len(worst), "failing_people": telling.people_told(worst.people, lang),
        "map_data": _map_data(part, chosen, "minutes"), "merged": merged.summary(part, lang),
        "basic": telling.basic_spread(part),
    }  # fmt: skip


def _edges(part: Part) -> tuple[float, ...]:
    """Return the edges of the histogram: every minute as far as walks were searched."""
    return tuple(float(each) for each in range(int(part.seen.ground.routes.limit_s // 60) + 1))


def _spread(part: Part, code: str, lang: str) -> list[dict[str, Any]]:
    """Return mean, median, worst tenth and Gini of the minutes: the place first, then its parts, the worst first."""
    frame = part.spread(code)
    names = {area.code: of_area(area) for area in part.place.parts()}
    rows = []
    for row in frame.to_dict("records"):
        told = {
            name: "" if not np.isfinite(row[name]) else f"{row[name]:.1f}"
            for name in ("mean_min", "median_min", "worst_tenth_from_min", "worst_tenth_mean_min")
        }
        whole = row["level"] == "all"
        name = (
            part.place.shown(lang) if whole else names[row["area"]].shown(lang) if row["area"] in names else row["area"]
        )
        missing = row["people"] - row["people_reached"]
        rows.append(told | {
            "name": name, "whole": whole, "gini": "" if not np.isfinite(row["gini"]) else f"{row['gini']:.2f}",
            "limit": f"{row['limit_min']:g}", "unreached": telling.people_told(missing, lang),
            "worst": -missing / max(row["people"], 1),
        })  # fmt: skip
    return [rows[0], *sorted(rows[1:], key=lambda row: row["worst"])[:GAPS_SHOWN]]


def _homes_told(found: Failing, first: int, number: int, lang: str) -> list[dict[str, Any]]:
    words = reasons()
    listed = found.page(first, number)
    names = {
        each.code: of_area(each).shown(lang)
        for each in Area.objects.filter(code__in={home.community for home in listed})
    }
    return [
        {"home": home, "where": names.get(home.community, ""), "people": f"{home.people:.0f}", "reason": words[home.reason],
         "at": f"{home.lon:.5f},{home.lat:.5f}", "minutes": "" if home.minutes is None else f"{home.minutes:.1f}"}
        for home in listed
    ]  # fmt: skip


def _map_data(part: Part, chosen: Choice, layer: str) -> dict[str, Any]:
    """Return what the map's script needs."""
    lon, lat, city = part.residents.lon, part.residents.lat, part.place.city
    return {
        "city": city_json(city), "code": part.place.code, "type": chosen.code, "who": chosen.who, "hour": chosen.hour,
        "layer": layer, "attribution": _trace(part), "through": part.seen.stock.through,
        "stamp": f"{part.seen.engine.digest[:8]}.{len(part.rows)}",
        "bounds": [float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())],
    }  # fmt: skip


def _trace(part: Part) -> str:
    """Return what a map names as its source."""
    now = part.seen
    values = {"digest": now.engine.digest[:12], "standard": now.standard, "n": now.stock.through}
    return _("测算 %(digest)s · 标准 %(standard)s · 截至网点变更第 %(n)s 号") % values


@require_safe
def homes(request: HttpRequest, code: str, circle: bool = False) -> HttpResponse:
    """All homes of a place that a type does not reach in time, worst first."""
    opened = _opened(request, code, circle)
    if isinstance(opened, HttpResponse):
        return opened
    here, chosen, part = opened
    lang = language()
    page = _frame(request, here, chosen, part, lang)
    if len(part.rows):
        found = failing(part, chosen.code, chosen.hour)
        shown = Paginator(range(len(found)), PAGE).get_page(request.GET.get("page"))
        first = shown.start_index() - 1 if len(found) else 0
        page |= {
            "page": shown, "failing": len(found), "failing_people": telling.people_told(found.people, lang),
            "rows": _homes_told(found, first, PAGE, lang), "map_data": _map_data(part, chosen, "minutes"),
            "classes": telling.classes_told(part, chosen.code, chosen.hour, lang),
        }  # fmt: skip
    return render(request, "seeing/homes.html", page)


@require_safe
def hours(request: HttpRequest, code: str, circle: bool = False) -> HttpResponse:
    """A week of one type, as a piece of the page: it is fetched after the rest is there."""
    opened = _opened(request, code, circle)
    if isinstance(opened, HttpResponse):
        return opened
    here, chosen, part = opened
    lang = language()
    page = _frame(request, here, chosen, part, lang)
    if len(part.rows):
        week = week_of(part, chosen.code)
        best, least = int(week.maybe.argmax()), int(week.maybe.argmin())
        title = _("%(name)s：一周里几点走得到营业的%(type)s") % {"name": here.shown(lang), "type": page["type_name"]}
        page |= {
            "week": week_svg(week.maybe.tolist(), days_told(), title), "unknown": week.unknown, "outlets": week.outlets,
            "most": telling.percent(float(week.maybe[best])), "most_at": hour_told(best),
            "least": telling.percent(float(week.maybe[least])), "least_at": hour_told(least),
            "sure": telling.percent(float(week.sure[best])),
        }  # fmt: skip
    return render(request, "seeing/hours.html", page)


MERGED = ("merging", "loop", "loop_any")


@require_safe
def merging(request: HttpRequest, code: str, circle: bool = False) -> HttpResponse:
    """圈圈相融: sub-circles overlaid home by home, and the loop of a grandparent."""
    opened = _opened(request, code, circle)
    if isinstance(opened, HttpResponse):
        return opened
    here, chosen, part = opened
    lang = language()
    layer = request.GET.get("layer", "")
    layer = layer if layer in MERGED else MERGED[0]
    page = _frame(request, here, chosen, part, lang) | {"layer": layer}
    if len(part.rows):
        page |= {
            "merged": merged.summary(part, lang), "rows": merged.table(part, lang), "heads": merged.heads(part, lang),
            "loop": merged.loop_told(part, lang), "map_data": _map_data(part, chosen, layer),
            "layers": [
                ("merging", _("四个圈齐了几个")), ("loop", _("走一圈，按顺序")), ("loop_any", _("走一圈，顺序不限")),
            ],
        }  # fmt: skip
    return render(request, "seeing/merging.html", page)


@require_POST
def need_of_gap(request: HttpRequest, code: str) -> HttpResponse:
    """Turn a gap of an area into a need, with today's people."""
    here = asked(request, code)
    person = need(request, "needs.add_gap", here.area)
    try:
        chosen, part = choice(request, here)
    except YikeError as error:
        raise Http404(code) from error
    wanted = request.POST.get("type", "")
    gap = next((row for row in telling.type_gaps(part, language()) if row["business_type"] == wanted), None)
    if gap is None or here.area is None:
        raise Http404(wanted)
    area = here.area
    perform(
        request,
        lambda: needs.add_gap(
            needs.deed_at(person, area), here.city, wanted, gap["people_uncovered"], part.seen.engine.digest
        ),
        _("已列入需求清单：%(area)s缺%(type)s，%(people)s 人走不到。")
        % {"area": here.shown(language()), "type": gap["name"], "people": gap["people_told"]},
    )
    back = request.POST.get("back", "")
    return redirect(back if back.startswith("/desk/area/") else f"{here.path}?{chosen.query()}")
