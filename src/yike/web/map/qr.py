"""QR codes as SVG: of an outlet's card, of a circle's page, of a page to share."""

from __future__ import annotations

import io

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from yike.web.circles.models import Circle
from yike.web.outlets.models import Outlet


def qr_body(text: str) -> tuple[str, int]:
    """Return the dark modules of a QR code as an SVG path, and its side in modules with the quiet zone."""
    code = segno.make(text, error="m", micro=False)
    rows = [bytes(row) for row in code.matrix_iter(scale=1, border=4)]
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return path, len(rows)


def qr_svg(text: str, label: str) -> SafeString:
    """Return a QR code as an SVG element to stand in a page."""
    path, side = qr_body(text)
    return mark_safe(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {side} {side}" role="img" aria-label="{escape(label)}" '
        f'shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#1b1b1d"/></svg>'
    )


def _answer(request: HttpRequest, path: str, label: str) -> HttpResponse:
    out = io.StringIO(qr_svg(request.build_absolute_uri(path), label))
    return HttpResponse(out.getvalue(), content_type="image/svg+xml")


@require_safe
@cache_control(max_age=24 * 3600, public=True)
def outlet_qr(request: HttpRequest, key: str) -> HttpResponse:
    """The QR code to hang in a shop: leads to its card."""
    found = Outlet.objects.filter(key=key).exclude(state="planned").first()
    if found is None:
        raise Http404(key)
    return _answer(request, f"/o/{found.key}/", _("%(name)s的二维码") % {"name": found.name})


@require_safe
@cache_control(max_age=24 * 3600, public=True)
def circle_qr(request: HttpRequest, code: str) -> HttpResponse:
    """The QR code of a living circle: leads to its page."""
    found = Circle.objects.filter(code=code).first()
    if found is None:
        raise Http404(code)
    return _answer(request, f"/circle/{found.code}/", _("%(name)s的二维码") % {"name": found.name})
