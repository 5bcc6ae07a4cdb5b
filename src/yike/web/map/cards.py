"""An outlet's card: as a page, as the part that the map shows in its sheet, and the two taps that say it is wrong."""

from __future__ import annotations

import json
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_POST, require_safe

from yike.errors import YikeError
from yike.web.map.asking import Asked, asked_of, language, said
from yike.web.map.groups import group_of
from yike.web.map.hours import now_of, schema_hours, week_of
from yike.web.map.qr import qr_svg
from yike.web.outlets.choices import label, table, type_name
from yike.web.outlets.models import Outlet

SHOWN = ("open", "paused")
GONE = ("closed", "moved", "revoked")


def outlet_of(request: HttpRequest, key: str) -> Outlet:
    """Return an outlet that the public may know of, open or gone; raises Http404."""
    found = Outlet.objects.select_related("city", "area").filter(key=key, state__in=(*SHOWN, *GONE)).first()
    if found is None:
        raise Http404(key)
    request.city = found.city  # type: ignore[attr-defined]
    return found


@require_safe
@ensure_csrf_cookie
def card(request: HttpRequest, key: str) -> HttpResponse:
    """The page of one outlet."""
    outlet, asked, lang = outlet_of(request, key), asked_of(request), language(request)
    page = card_of(outlet, asked, lang)
    link = request.build_absolute_uri(f"/o/{outlet.key}/")
    page |= {"link": link, "qr": qr_svg(link, _("%(name)s的二维码") % {"name": outlet.name}), "whole": True}
    page["schema_json"] = json_for_page(schema_of(outlet, page, link))
    return render(request, "map/card.html", page, status=200 if outlet.state in SHOWN else 410)


@require_safe
@ensure_csrf_cookie
def part(request: HttpRequest, key: str) -> HttpResponse:
    """The card alone, for the map's sheet."""
    outlet = outlet_of(request, key)
    return render(request, "map/card_part.html", card_of(outlet, asked_of(request), language(request)))


def card_of(outlet: Outlet, asked: Asked, lang: str) -> dict[str, Any]:
    """Return what a card shows; nothing of an owner, a reporter or a voucher."""
    here = localtime()
    codes = list(outlet.functions.order_by("id").values_list("code", flat=True))
    today = here.date()
    shut = next((each for each in outlet.closures.all() if each.begins <= today <= each.ends), None)
    facts = [
        (_("无障碍"), outlet.barrier_free),
        (_("母婴室"), outlet.nursing_room),
        (_("送货上门"), outlet.delivery),
        (_("人工窗口"), outlet.manual_counter),
    ]
    return {
        "outlet": outlet, "lang": lang, "types": [type_name(code, lang) for code in codes],
        "group": next(filter(None, map(group_of, codes)), "other"),
        "now": now_of(outlet.hours, here, paused=outlet.state == "paused" or shut is not None), "shut": shut,
        "week": week_of(outlet.hours, here), "prices": list(outlet.prices.all()), "photos": list(outlet.photos.all()),
        "payments": [{"code": code, "name": label("payments", code, lang)} for code in outlet.payments],
        "cash": "cash" in outlet.payments if outlet.payments else None,
        "services": [label("services", code, lang) for code in outlet.services],
        "childcare": [label("childcare", code, lang) for code in outlet.childcare_sessions],
        "distinctions": [label("distinctions", code, lang) for code in outlet.distinctions],
        "ownership": label("ownership", outlet.ownership, lang) if outlet.ownership not in ("", "unknown") else "",
        "facts": [(name, has) for name, has in facts if has is not None],
        "kinds": [{"code": row["kind"], "name": row[lang]} for row in table("reports")],
        "walk": walk_of(outlet, asked, lang), "asked": asked, "gone": outlet.state in GONE,
    }  # fmt: skip


def json_for_page(told: dict[str, Any]) -> str:
    """Return JSON that can stand inside a script element: nothing in it can end the element."""
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def walk_of(outlet: Outlet, asked: Asked, lang: str) -> dict[str, Any] | None:
    """Return minutes and metres from the place that was given; ``why`` where there is no way; None without a place."""
    from yike.web.studies.live import live

    if asked.lon is None or asked.lat is None or outlet.state not in SHOWN:
        return None
    try:
        found = live(outlet.city).route(asked.lon, asked.lat, outlet.key, asked.who)
    except YikeError as error:
        return {"why": said(error, lang)}
    if found is None:
        return {"why": _("15 分钟内走不到。")}
    minutes = found.seconds / 60
    return {
        "minutes": f"{minutes:.0f}" if minutes >= 10 else f"{minutes:.1f}",
        "metres": f"{round(found.length_m, -1):.0f}",
    }


def schema_of(outlet: Outlet, page: dict[str, Any], link: str) -> dict[str, Any]:
    """Return the card for machines: schema.org LocalBusiness."""
    told: dict[str, Any] = {
        "@context": "https://schema.org", "@type": "LocalBusiness", "@id": link, "url": link, "name": outlet.name,
        "geo": {"@type": "GeoCoordinates", "longitude": outlet.lon, "latitude": outlet.lat},
        "description": "、".join(page["types"]),
    }  # fmt: skip
    if outlet.address:
        told["address"] = {
            "@type": "PostalAddress",
            "streetAddress": outlet.address,
            "addressLocality": outlet.city.name,
            "addressCountry": "CN",
        }
    if outlet.phone:
        told["telephone"] = outlet.phone
    if page["week"]:
        told["openingHoursSpecification"] = schema_hours(page["week"])
    if page["payments"]:
        told["paymentAccepted"] = ", ".join(each["name"] for each in page["payments"])
    if page["prices"]:
        told["hasOfferCatalog"] = {
            "@type": "OfferCatalog",
            "itemListElement": [
                {"@type": "Offer", "name": each.item, "price": str(each.yuan), "priceCurrency": "CNY"}
                for each in page["prices"]
            ],
        }
    return told


@require_POST
def report(request: HttpRequest, key: str) -> HttpResponse:
    """The second tap of 信息有误: says closed, wrong or moved; works without scripts."""
    from yike.web.outlets.actions.reports import report as say_wrong
    from yike.web.outlets.deeds import deed_on
    from yike.web.outlets.origins import origin_of

    outlet, lang = outlet_of(request, key), language(request)
    person = request.user if request.user.is_authenticated else None
    try:
        say_wrong(
            deed_on(person, outlet), request.POST.get("kind", ""), request.POST.get("note", ""), origin_of(request)
        )
        message, status = _("谢谢。社区会去看一看，改好后地图上就能看到。"), 200
    except YikeError as error:
        message, status = said(error, lang), 422
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"message": message}, status=status)
    from django.contrib import messages

    messages.add_message(request, messages.SUCCESS if status == 200 else messages.ERROR, message)
    return HttpResponseRedirect(f"/o/{outlet.key}/")


__all__ = ["card", "card_of", "outlet_of", "part", "report"]
