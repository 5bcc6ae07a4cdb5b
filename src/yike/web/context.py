"""What every page knows: the city in hand, whether it is made up, the 适老 mode."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from yike.web.areas.models import City


def page(request: HttpRequest) -> dict[str, Any]:
    """Return what templates share. ``request.city`` is set by views that are about one city."""
    city = getattr(request, "city", None) or City.objects.order_by("-is_default", "slug").first()
    return {
        "city": city,
        "made_up": bool(city and city.made_up),
        "large": request.COOKIES.get("large") == "1",
        "lang": getattr(request, "LANGUAGE_CODE", "zh-hans"),
    }
