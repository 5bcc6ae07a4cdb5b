"""The short way of what everybody asks for all the time: tiles, the list, search.

These answers depend on nothing but the address and the register; session, login, language and CSRF have no part in
them, and take longer than the answers themselves. `TileLane` stands behind the security middleware (HTTPS, nosniff),
`PublicLane` behind the rate limit, so that /api/ stays under it. Whatever is not known here goes the usual way.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, URLResolver, resolve
from django.urls.resolvers import RegexPattern
from django.utils.cache import patch_vary_headers

from yike.web.map.tile_urls import urlpatterns

Answer = Callable[[HttpRequest], HttpResponse]
PUBLIC = ("/api/outlets", "/api/search", "/api/types", "/api/cities", "/api/quarter", "/api/route")
#: read only, without session and person
WORTH_BYTES = 1400  #: what fits one packet is sent as it is


class TileLane:
    """Middleware: tiles are answered at once."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.tiles = URLResolver(RegexPattern("^/"), urlpatterns)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith("/tiles/"):
            return self.get_response(request)
        try:
            match = self.tiles.resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        return match.func(request, *match.args, **match.kwargs)


class PublicLane:
    """Middleware: the public lists are answered without session, login and language."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.views: dict[str, Answer] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in PUBLIC or request.method != "GET":
            return self.get_response(request)
        view = self.views.get(request.path_info)
        if view is None:
            view = self.views[request.path_info] = resolve(request.path_info).func
        return squeezed(request, view(request))


def squeezed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return an answer gzipped quickly where that is worth it: on a phone's line bytes cost more than our core."""
    patch_vary_headers(response, ("Accept-Encoding",))
    if len(response.content) > WORTH_BYTES and "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        response.content = gzip.compress(response.content, 1, mtime=0)
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Content-Length"] = str(len(response.content))
    return response
