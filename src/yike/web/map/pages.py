"""The public map and the page about the data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from yike.standards.nouns import BusinessType
from yike.web.areas.models import Area, City
from yike.web.map.asking import city_asked, language, name_of, walkers_of
from yike.web.map.groups import group_of
from yike.web.map.marks import chips, mark_rows, marks
from yike.web.map.shown import kinds_of, shown_of
from yike.web.map.tiles import told as tiles_told

VERIFIED_DAYS = 90


@require_safe
@ensure_csrf_cookie
def home(request: HttpRequest, slug: str | None = None) -> HttpResponse:
    """The map; ``?embed=1`` is the bare map that other sites may show in a frame."""
    if not City.objects.exists():
        return render(request, "map/no_city.html", status=404 if slug else 200)
    city, lang, embed = city_asked(request, slug), language(request), request.GET.get("embed") == "1"
    page = {
        "city_name": name_of(city, lang), "embed": embed, "marks": marks(lang), "chips": chips(lang),
        "walkers": walkers_of(city, lang), "root": Area.objects.filter(city=city, parent=None).first(),
        "cities": City.objects.exclude(pk=city.pk),
        "map_data": {**map_data(city, lang), "place": place_of(city, request.GET.get("o", ""))},
    }  # fmt: skip
    answer = render(request, "map/home.html", page)
    if embed:
        answer.xframe_options_exempt = True
        answer._csp_replace = {"frame-ancestors": ["*"]}  # type: ignore[attr-defined]
    return answer


def place_of(city: City, key: str) -> list[float] | None:
    """Return where an outlet of the address stands, so that the map opens there."""
    shown = shown_of(city) if key else None
    row = shown.row.get(key) if shown else None
    return None if shown is None or row is None else [shown.rows[row].lon, shown.rows[row].lat]


def map_data(city: City, lang: str) -> dict[str, Any]:
    """Return what the map's script needs to know: where the city is, its tiles, marks and business types."""
    told = tiles_told(city)
    base = told["base"] or {}
    picture = getattr(settings, "BASEMAP", "")
    return {
        "city": {
            "slug": city.slug, "shown": name_of(city, lang), "bounds": told["bounds"], "center": told["center"],
            "base": base.get("tiles"),
        },
        "marks": mark_rows(), "types": types_told(kinds_of(city)),
        "raster": {"tiles": [picture]} if picture else None,
        "attribution": getattr(settings, "BASEMAP_ATTRIBUTION", "") if picture else attribution(city, base, lang),
    }  # fmt: skip


def types_told(kinds: tuple[BusinessType, ...]) -> dict[str, dict[str, str]]:
    """Return names and layer of the business types by code."""
    return {kind.code: {"zh": kind.zh, "en": kind.en, "group": group_of(kind.code)} for kind in kinds}


def attribution(city: City, base: dict[str, Any], lang: str) -> str:
    """Return whose map this is, as plain text, with its date."""
    if city.made_up:
        return _("演示数据：街道和网点都是虚构的")
    return f"{base.get('attribution', '')} · {base.get('date', '')}".strip(" ·")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Sources, licences, the method in short, how fresh the register is, interfaces and downloads."""
    city = city_asked(request) if City.objects.exists() else None
    page: dict[str, Any] = {}
    if city:
        rows = shown_of(city).rows
        since = localdate() - timedelta(days=VERIFIED_DAYS)
        fresh = sum(row.verified_at is not None and row.verified_at >= since for row in rows)
        page = {
            "city_name": name_of(city, language(request)), "outlets": len(rows), "fresh": fresh,
            "fresh_share": round(100 * fresh / len(rows)) if rows else None, "base": tiles_told(city)["base"],
            "study": study_told(city, language(request)), "days": VERIFIED_DAYS,
        }  # fmt: skip
    return render(request, "map/about.html", page)


def study_told(city: City, lang: str) -> dict[str, Any] | None:
    """Return what a city's figures come from: study, standard, digest; None before its study."""
    from yike.errors import YikeError
    from yike.web.studies.live import live

    try:
        engine = live(city)
    except YikeError:
        return None
    catalogue = engine.catalogue
    return {
        "name": engine.study.settings.name if lang == "zh" else name_of(city, lang),
        "standard": f"{catalogue.name} {catalogue.version}",
        "digest": engine.digest,
    }
