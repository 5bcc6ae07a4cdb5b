"""From which network address a request comes, with as many proxies in front of us as ``YIKE_PROXIES`` says."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the address: of the connection itself, or what the nearest of our own proxies saw; never what a client claims."""
    direct = str(request.META.get("REMOTE_ADDR") or "")
    proxies: int = settings.PROXIES
    if not proxies:
        return direct
    claimed = [each.strip() for each in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if each.strip()]
    return claimed[-proxies] if len(claimed) >= proxies else direct
