"""Pages of an area and of a living circle: sentence, dial, shares against the standard, outlets, what lies within."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yike.report.minutes import minute_classes
from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.map.asking import is_large, language, name_of
from yike.web.map.dial import LARGE, PAGE, Spoke, class_of_minutes, draw_dial
from yike.web.map.pages import map_data
from yike.web.map.qr import qr_svg
from yike.web.outlets.choices import business_types, type_name
from yike.web.outlets.models import Function, Outlet
from yike.web.studies.models import CircleFigure, Figure

LEAST_PEOPLE = 5  #: public figures never tell of fewer people than this
MOST_OUTLETS = 60
RULE = "ten_fifteen"


def label_of(thing: Area | Circle, lang: str) -> str:
    return thing.name_en if lang == "en" and thing.name_en else thing.name


def level_told(level: str) -> str:
    names = {"city": _("市"), "county": _("县（市、区）"), "street": _("街道（乡镇）"), "community": _("社区（村）")}
    return names[level]


def people_told(people: float, lang: str) -> str:
    """Return a number of people as it is said: in 万 in Chinese from ten thousand on, with commas in English.

    Examples
    --------
    >>> people_told(648383, "zh"), people_told(648383, "en"), people_told(7706, "zh")
    ('64.8 万', '648,383', '7706')
    """
    if lang == "zh":
        return f"{people / 10_000:.1f} 万" if people >= 10_000 else f"{people:.0f}"
    return f"{people:,.0f}"


def figures_told(figures: Sequence[Figure | CircleFigure], lang: str) -> dict[str, Any]:
    """Return sentence, dial and table of an area's figures for its first walker; empty where too few people live."""
    rows = [each for each in figures if each.people >= LEAST_PEOPLE]
    walkers = [each.walker for each in rows]
    who = "adult" if "adult" in walkers else next(iter(walkers), "")
    mine = [each for each in rows if each.walker == who]
    kinds = business_types()
    typed = sorted(
        (each for each in mine if each.business_type in kinds), key=lambda each: list(kinds).index(each.business_type)
    )
    best: dict[str, Figure | CircleFigure] = {}
    for each in typed:  # of several requirements on one type, the shortest walk is the one told first
        if each.business_type not in best or each.limit_s < best[each.business_type].limit_s:
            best[each.business_type] = each
    told = [row_of(each, lang) for each in best.values()]
    spokes = [Spoke(row["code"], row["name"], row["category"], row["median"], row["limit"]) for row in told]
    whole = next((each for each in mine if each.requirement == RULE), None)
    return {"rows": told, "spokes": spokes, "whole": whole, "some": bool(told), "first": mine[0] if mine else None}


def row_of(each: Figure | CircleFigure, lang: str) -> dict[str, Any]:
    """Return one business type's figure as the table tells it."""
    share = 100 * each.people_met / each.people
    median = None if each.median_s is None else each.median_s / 60
    return {
        "code": each.business_type, "name": type_name(each.business_type, lang),
        "category": business_types()[each.business_type].category, "limit": each.limit_s / 60,
        "share": share, "shown": f"{share:.0f} %" if share in (0, 100) or 1 <= share <= 99 else f"{share:.1f} %",
        "median": median,
        "median_shown": "" if median is None else f"{median:.1f}" if median < 10 else f"{median:.0f}",
        "class": class_of_minutes(median).id, "short": share < 50,
    }  # fmt: skip


def sentence_of(name: str, people: float, told: dict[str, Any], lang: str) -> str:
    """Say the area's figures in one sentence."""
    if not told["some"]:
        return _("%(name)s还没有测算。") % {"name": name}
    basic = [row for row in told["rows"] if row["category"] == "basic"]
    lacking = sorted((row for row in basic if row["short"]), key=lambda row: row["share"])
    sep = "、" if lang == "zh" else ", "
    parts = [
        _("%(name)s有居民 %(people)s 人，%(met)s 类基本服务中有 %(good)s 类，一半以上的人在规定时间内走得到")
        % {"name": name, "people": people_told(people, lang), "met": len(basic), "good": len(basic) - len(lacking)}
    ]
    if lacking:
        parts.append(_("，最缺 %(names)s") % {"names": sep.join(row["name"] for row in lacking[:3])})
    return "".join(parts) + _("。")


def page_of(
    city: City,
    name: str,
    people: float,
    figures: Sequence[Figure | CircleFigure],
    codes: Sequence[str],
    lang: str,
    large: bool,
) -> dict[str, Any]:
    """Return what pages of areas and circles share; ``codes`` are the areas whose outlets are listed."""
    told = figures_told(figures, lang)
    sentence = sentence_of(name, people, told, lang)
    open_here = Outlet.objects.filter(city=city, state="open", area__in=Area.objects.filter(code__in=codes))
    if len(codes) == 1 and (only := Area.objects.get(code=codes[0])).level != "community":
        open_here = Outlet.objects.filter(city=city, state="open", area__path__startswith=only.path)
    counts = Counter(Function.objects.filter(outlet__in=open_here).values_list("code", flat=True))
    listed = list(open_here.order_by("pinyin", "name")[:MOST_OUTLETS].prefetch_related("functions"))
    first = told["first"]
    return {
        **told, "sentence": sentence, "classes": [{"id": each.id, "name": each.name(lang)} for each in minute_classes()],
        "dial": draw_dial(told["spokes"], sentence, lang, LARGE if large else PAGE, "area") if told["spokes"] else "",
        "counts": [{"name": type_name(code, lang), "n": n} for code, n in counts.most_common()],
        "outlets": [
            {"key": each.key, "name": each.name, "types": [type_name(f.code, lang) for f in each.functions.all()]}
            for each in listed
        ],
        "outlets_n": open_here.count(), "city_name": name_of(city, lang),
        "trace": _("%(standard)s · 摘要 %(digest)s") % {"standard": first.standard, "digest": first.study[:12]} if first else "",
        "whole_share": f"{100 * told['whole'].people_met / told['whole'].people:.0f}" if told["whole"] else "",
    }  # fmt: skip


@require_safe
def area(request: HttpRequest, code: str) -> HttpResponse:
    """The page of a city, county, street or community."""
    found = Area.objects.select_related("city", "parent").filter(code=code).first()
    if found is None:
        raise Http404(code)
    request.city = found.city  # type: ignore[attr-defined]
    lang = language(request)
    chain = {each.code: each for each in Area.objects.filter(code__in=found.chain())}
    figures = list(Figure.objects.filter(area=found))
    page = page_of(found.city, label_of(found, lang), found.people, figures, [found.code], lang, is_large(request))
    page |= {
        "area": found, "name": label_of(found, lang), "level": level_told(found.level),
        "chain": [{"code": each, "name": label_of(chain[each], lang)} for each in found.chain()[:-1] if each in chain],
        "children": [{"code": each.code, "name": label_of(each, lang)} for each in found.children.all()],
        "circles": [{"code": each.code, "name": label_of(each, lang)} for each in found.circles.all()],
        "map_link": map_link(found.city, found.lon, found.lat, found.level), "map_data": map_data(found.city, lang),
    }  # fmt: skip
    return render(request, "map/area.html", page)


@require_safe
def circle(request: HttpRequest, code: str) -> HttpResponse:
    """The page of a living circle."""
    found = Circle.objects.select_related("city").filter(code=code).first()
    if found is None:
        raise Http404(code)
    request.city = found.city  # type: ignore[attr-defined]
    lang = language(request)
    inside = list(found.communities.all())
    figures = list(CircleFigure.objects.filter(circle=found, version="current"))
    page = page_of(
        found.city,
        label_of(found, lang),
        found.people,
        figures,
        [each.code for each in inside],
        lang,
        is_large(request),
    )
    grades = {"basic": _("基本型"), "upgraded": _("提升型"), "quality": _("品质型")}
    middle = [each for each in inside if each.lon is not None and each.lat is not None]
    lon = sum(each.lon or 0 for each in middle) / len(middle) if middle else None
    lat = sum(each.lat or 0 for each in middle) / len(middle) if middle else None
    link = request.build_absolute_uri(f"/circle/{found.code}/")
    page |= {
        "circle": found, "name": label_of(found, lang), "grade": grades[found.grade],
        "children": [{"code": each.code, "name": label_of(each, lang)} for each in inside],
        "map_link": map_link(found.city, lon, lat, "community"), "map_data": map_data(found.city, lang),
        "qr": qr_svg(link, _("%(name)s的二维码") % {"name": label_of(found, lang)}), "link": link,
    }  # fmt: skip
    return render(request, "map/circle.html", page)


def map_link(city: City, lon: float | None, lat: float | None, level: str) -> str:
    """Return the address of the map at a place."""
    zoom = {"city": 11, "county": 12, "street": 13.5, "community": 15}[level]
    base = "/" if city.is_default else f"/city/{city.slug}/"
    return base if lon is None or lat is None else f"{base}?at={lon:.5f},{lat:.5f},{zoom}"
