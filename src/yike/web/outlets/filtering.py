"""The register's filters as the address holds them, and the outlets they leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from yike.web.accounts.models import Person
from yike.web.accounts.rights import within_reach
from yike.web.areas.models import Area
from yike.web.outlets.confidence import VERIFIED_DAYS
from yike.web.outlets.models import STATES, Outlet

SORTS = {
    "name": "pinyin",
    "state": "state",
    "area": "area__code",
    "verified": "verified_at",
    "changed": "changed_at",
    "users": "users",
}
KEPT = ("q", "state", "type", "area", "verified", "owner", "stall", "sort")


def cleaned(query: QueryDict) -> dict[str, Any]:
    """Return the filters of an address: only known names and values; ``state`` is a list."""
    found: dict[str, Any] = {name: query.get(name, "").replace("\x00", "").strip()[:80] for name in KEPT}
    found["state"] = [each for each in query.getlist("state") if each in STATES]
    found["sort"] = found["sort"] if found["sort"].lstrip("-") in SORTS else "name"
    for name in ("verified", "owner", "stall"):
        found[name] = found[name] if found[name] in ("yes", "no") else ""
    return found


def as_query(filters: dict[str, Any], **more: Any) -> str:
    """Return filters as the query of an address, without what is empty."""
    pairs = {**filters, **more}
    return urlencode(
        {name: value for name, value in pairs.items() if value and (name, value) != ("sort", "name")}, doseq=True
    )


def outlets_for(person: Person) -> QuerySet[Outlet]:
    """Return the outlets a person sees at the desk."""
    return Outlet.objects.filter(within_reach(person, "outlets.see"))


def filtered(person: Person, filters: dict[str, Any]) -> QuerySet[Outlet]:
    """Return the outlets that filters leave of those a person sees, in the order asked for."""
    found = outlets_for(person)
    if q := filters["q"]:
        low = q.lower().replace(" ", "")
        match = Q(name__icontains=q) | Q(address__icontains=q) | Q(key=q) | Q(uscc=q.upper())
        if low.isascii():
            match |= Q(pinyin__contains=low) | Q(initials__startswith=low)
        found = found.filter(match)
    if filters["state"]:
        found = found.filter(state__in=filters["state"])
    if filters["type"]:
        found = found.filter(functions__code=filters["type"])
    if filters["area"]:
        area = Area.objects.filter(code=filters["area"]).first()
        found = found.filter(area__path__startswith=area.path) if area else found.none()
    recent = Q(verified_at__gte=timezone.localdate() - timedelta(days=VERIFIED_DAYS))
    for name, condition in (("verified", recent), ("owner", Q(owner__isnull=False)), ("stall", Q(licence_free=True))):
        if filters[name]:
            found = found.filter(condition) if filters[name] == "yes" else found.exclude(condition)
    down = "-" if filters["sort"].startswith("-") else ""
    return found.order_by(down + SORTS[filters["sort"].lstrip("-")], "pk")
