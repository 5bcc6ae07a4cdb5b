"""The page of one circle: profile, map of boundary and walk-shed, history, what may be done; and the profile as CSV."""

from __future__ import annotations

import csv
from typing import Any

import shapely
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yike.web.accounts.deeds import Deed
from yike.web.accounts.rights import may
from yike.web.areas.models import Area
from yike.web.circles.models import Circle
from yike.web.circling import actions
from yike.web.circling import facts as tables
from yike.web.circling.profile import HOMES, IDLE, REGISTER, Fact, Profile, profile_of
from yike.web.circling.proposing import shed_of
from yike.web.circling.views.common import circle_for, class_choices, class_name, map_json, named, people_words
from yike.web.lists.choices import choices, label, type_name
from yike.web.lists.exporting import harmless
from yike.web.lists.pages import perform
from yike.web.studies.figures import TEN_FIFTEEN
from yike.web.wording import language

ROOM = "yike.web.circling"


@require_safe
def circle(request: HttpRequest, code: str) -> HttpResponse:
    """The page of one circle."""
    person, found, area = circle_for(request, code)
    told, lang = profile_of(found), language()
    last = found.version
    shed = shed_of(last) if last else None
    rights = {name: may(person, f"circling.{name}", area)
              for name in ("revise", "rename", "set_class", "dissolve", "add_programme", "remove_programme")}  # fmt: skip
    page = {
        "circle": found, "name": named(found), "people": people_words(found.people),
        "class_name": class_name(found.grade), "profile": told, "lang": lang,
        "facts": [fact_row(each, told) for each in told.facts.values()], "types": type_rows(told), "whole": whole(told),
        "figures": figure_rows(told), "classes": class_choices(), "rights": rights, "shed": shed, "version": last,
        "versions": version_rows(found), "kinds": choices(ROOM, "programmes", lang),
        "spaces": [{**each, "kind": label("yike.web.spaces", "kinds", each["kind"], lang),
                    "state": label("yike.web.spaces", "state_names", each["state"], lang)} for each in told.spaces],
        "inside": [(each, may(person, "seeing.see", each)) for each in found.communities.order_by("code")],
        "city": found.city,
        "map_data": map_json(found.city, features=_shapes(found, shed), fit=True),
    }  # fmt: skip
    return render(request, "circling/circle.html", page)


def _shapes(found: Circle, shed: Any) -> dict[str, Any]:
    """Return what the map shows: communities, original boundary, walk-shed and centre."""
    features = [
        {"type": "Feature", "geometry": each.boundary, "properties": {"part": "community", "name": named(each)}}
        for each in found.communities.exclude(boundary=None)
    ]
    first = found.versions.filter(number=1).first()
    if first and first.boundary and first.boundary != found.boundary:
        features.append({"type": "Feature", "geometry": first.boundary, "properties": {"part": "original"}})
    if shed and shed.shape:
        features.append({"type": "Feature", "geometry": shed.shape, "properties": {"part": "shed"}})
    if shed and shed.lon is not None:
        centre = shapely.geometry.mapping(shapely.Point(shed.lon, shed.lat))
        features.append({"type": "Feature", "geometry": centre, "properties": {"part": "centre"}})
    return {"type": "FeatureCollection", "features": features}


def source_told(fact: Fact) -> str:
    """Return where a fact is from in the page's language; the names that imported tables give themselves stay."""
    parts = fact.source.split("；") if fact.source else ()
    return "；".join(gettext(part) if part in (HOMES, REGISTER, IDLE) else part for part in parts)


def fact_row(fact: Fact, profile: Profile) -> dict[str, Any]:
    """Return a fact as the page says it; unknown is said as unknown."""
    lang = language()
    number = None if fact.value is None else 100 * fact.value if fact.is_share else fact.value
    digits = 1 if fact.is_share or fact.key == "m2_per_100_households" else 0
    shown = _("不详") if number is None else f"{number:,.{digits}f} {getattr(fact, f'unit_{lang}')}"
    source = "；".join(filter(None, (source_told(fact), str(fact.year or "")))) or _("没有导入")
    return {"name": getattr(fact, lang), "shown": shown, "known": fact.value is not None, "note": _of(fact, profile),
            "source": source, "made_up": fact.made_up}  # fmt: skip


def _of(fact: Fact, profile: Profile) -> str:
    """Say of how many outlets or communities a fact is known."""
    if fact.of is None:
        return ""
    if fact.key in ("chain_rate", "outlet_area_m2", "m2_per_100_households"):
        total = profile.facts["outlets"].value or 0
        return _("%(total)d 家在营网点中 %(n)d 家有记录") % {"total": total, "n": fact.of}
    many = len(profile.circle["communities"])
    return "" if fact.of == many else _("%(total)d 个社区中 %(n)d 个有数据") % {"total": many, "n": fact.of}


def type_rows(profile: Profile) -> dict[str, list[dict[str, Any]]]:
    """Return the types of each category, those that are missing first."""
    lang = language()
    found: dict[str, list[dict[str, Any]]] = {"basic": [], "quality": []}
    for each in profile.types:
        if each["counted"] and each["category"] in found:
            found[each["category"]].append({"code": each["code"], "name": each[lang], "outlets": each["outlets"]})
    return {category: sorted(rows, key=lambda row: row["outlets"] > 0) for category, rows in found.items()}


def whole(profile: Profile) -> dict[str, Any] | None:
    """Return the share of residents with "10 & 15", now and within the original boundary, for the first walker."""
    rows = [each for each in profile.figures if each["requirement"] == TEN_FIFTEEN and each["share"] is not None]
    first = next((each for each in rows if each["walker"] == "adult"), rows[0] if rows else None)
    if first is None:
        return None
    return {"share": 100 * first["share"], "original": None if first["share_original"] is None
            else 100 * first["share_original"], "study": first["study"], "standard": first["standard"]}  # fmt: skip


def figure_rows(profile: Profile) -> list[dict[str, Any]]:
    """Return coverage by type for the first walker, the least covered first."""
    walkers = [each["walker"] for each in profile.figures]
    who = "adult" if "adult" in walkers else next(iter(walkers), "")
    rows = [
        {"name": type_name(each["business_type"], language()), "limit": each["limit_min"], "share": 100 * each["share"],
         "original": None if each["share_original"] is None else 100 * each["share_original"],
         "median": each["median_min"]}
        for each in profile.figures
        if each["walker"] == who and each["business_type"] and each["share"] is not None
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row["share"], row["name"]))


def version_rows(found: Circle) -> list[dict[str, Any]]:
    """Return the history, newest first, each with what it added and left out."""
    rows: list[dict[str, Any]] = []
    before: set[str] | None = None
    names = dict(Area.objects.filter(city=found.city, level="community").values_list("code", "name"))
    for each in found.versions.select_related("person").order_by("number"):
        codes = set(each.communities)
        added: set[str] = codes - before if before is not None else set()
        left: set[str] = before - codes if before is not None else set()
        rows.append({
            "number": each.number, "at": each.at, "why": each.why, "communities": len(codes), "people": each.people,
            "added": [names.get(code, code) for code in sorted(added)],
            "left": [names.get(code, code) for code in sorted(left)],
        })  # fmt: skip
        before = codes
    return rows[::-1]


@require_safe
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The profile as CSV: one row a fact and one a type, each with its source."""
    _person, found, _area = circle_for(request, code)
    told, lang = profile_of(found), language()
    answer = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="circle-{found.code}.csv"'
    writer = csv.writer(answer)
    writer.writerow([_("指标"), _("数值"), _("单位"), _("来源"), _("年份"), _("说明")])
    for fact in told.facts.values():
        value = "" if fact.value is None else f"{100 * fact.value:.1f}" if fact.is_share else f"{fact.value:g}"
        mark = "演示数据" if fact.made_up else ""
        note = "；".join(filter(None, (_of(fact, told), "" if fact.value is not None else _("不详"), mark)))
        writer.writerow([getattr(fact, lang), value, getattr(fact, f"unit_{lang}"), harmless(source_told(fact)), fact.year or "",
                         harmless(note)])  # fmt: skip
    for each in told.types:
        mark = "演示数据" if told.made_up else ""
        writer.writerow([each[lang], each["outlets"], _("家"), _("网点登记册"), "", mark])
    return answer


# --- what may be done -------------------------------------------------------------------------------


def _back(found: Circle) -> HttpResponse:
    return redirect(f"/desk/circles/{found.code}/")


@require_POST
def rename(request: HttpRequest, code: str) -> HttpResponse:
    """Give the circle another name."""
    person, found, area = circle_for(request, code)
    name, name_en = request.POST.get("name", ""), request.POST.get("name_en", "")
    perform(request, lambda: actions.rename(Deed(person, area), found, name, name_en), _("已改名。"))
    return _back(found)


@require_POST
def set_class(request: HttpRequest, code: str) -> HttpResponse:
    """Set the circle's class."""
    person, found, area = circle_for(request, code)
    grade = request.POST.get("grade", "")
    perform(request, lambda: actions.set_class(Deed(person, area), found, grade), _("类别已更新。"))
    return _back(found)


@require_POST
def dissolve(request: HttpRequest, code: str) -> HttpResponse:
    """Dissolve the circle; its history stays."""
    person, found, area = circle_for(request, code)
    why = request.POST.get("why", "")
    perform(request, lambda: actions.dissolve(Deed(person, area), found, why), _("已撤销，历史版本仍保留。"))
    return _back(found)


@require_POST
def add_programme(request: HttpRequest, code: str) -> HttpResponse:
    """Note a programme in one of the circle's communities."""
    person, found, _area = circle_for(request, code)
    where = found.communities.filter(code=request.POST.get("community", "")).first() or found.communities.first()
    told = [request.POST.get(field, "") for field in ("kind", "name", "year", "source")]
    if where:
        perform(request, lambda: tables.add_programme(Deed(person, where), where, *told), _("已登记。"))
    return _back(found)
