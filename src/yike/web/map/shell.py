"""What makes the pages an app on a phone: icon, manifest, service worker, offline page; and the switch to 适老版."""

from __future__ import annotations

import json
from importlib import resources

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from yike.web.map.templatetags.assets import entry, files_of

A_YEAR = 365 * 24 * 3600
SHELL = (
    "base.css",
    "page.js",
    "map.css",
    "map.js",
    "near.js",
    "worker.css",
    "worker.js",
)  #: entries that work without a network after the first visit


@require_safe
def large(request: HttpRequest) -> HttpResponse:
    """Switch 适老版 on or off for this reader and go back; a link, so that it works without scripts and can be shared."""
    there = request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        there, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        there = "/"
    answer = HttpResponseRedirect(there)
    if request.GET.get("on") == "0":
        answer.delete_cookie("large", samesite="Lax")
    else:
        answer.set_cookie("large", "1", max_age=A_YEAR, samesite="Lax", secure=settings.ON_TLS)
    answer["Cache-Control"] = "no-store"
    return answer


@require_safe
@cache_control(max_age=3600)
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app's manifest."""
    icon = [{"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}]
    icon += [
        {"src": f"/icon-{n}.png", "sizes": f"{n}x{n}", "type": "image/png", "purpose": "any maskable"}
        for n in (192, 512)
    ]
    told = {
        "name": _("一刻 · 一刻钟便民生活圈"), "short_name": _("一刻"), "start_url": "/", "scope": "/", "display": "standalone",
        "background_color": "#ffffff", "theme_color": "#ffffff", "icons": icon, "lang": request.LANGUAGE_CODE,
        "shortcuts": [{"name": _("我的一刻钟"), "url": "/near/"}],
    }  # fmt: skip
    return JsonResponse(told, content_type="application/manifest+json")


def _icon(name: str) -> bytes:
    return resources.files("yike.web.map").joinpath("icons", name).read_bytes()


@require_safe
@cache_control(max_age=7 * 24 * 3600)
def icon_svg(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_icon("icon.svg"), content_type="image/svg+xml")


@require_safe
@cache_control(max_age=7 * 24 * 3600)
def icon_png(request: HttpRequest, size: int) -> HttpResponse:
    """The same icon as pixels, for phones that want them."""
    from yike.web.map.icon import draw_icon

    return HttpResponse(draw_icon(size), content_type="image/png")


@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the list of built files it keeps; a new build makes a new worker."""
    files = sorted(
        {file for name in SHELL if name.endswith(".js") for file in files_of(name)}
        | {entry(n)["file"] for n in SHELL if n.endswith(".css")}
    )
    body = resources.files("yike.web.map").joinpath("sw.js").read_text(encoding="utf-8")
    given = f"const SHELL = {json.dumps([static(file) for file in files])};\n"
    return HttpResponse(given + body, content_type="text/javascript", headers={"Service-Worker-Allowed": "/"})


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a network where nothing was kept."""
    return render(request, "map/offline.html")
