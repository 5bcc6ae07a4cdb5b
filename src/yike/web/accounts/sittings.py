"""Logins that last: begun, kept alive, ended. A session is good only while its sitting is in the database."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from yike.web.accounts.limits import limit
from yike.web.accounts.models import Person, Sitting
from yike.web.accounts.roles import is_staff

KEY = "sitting"  #: in the session
NOTED_EVERY = timedelta(minutes=1)  # how exactly "last seen" is kept: one write a minute, not one a page


def begin(request: HttpRequest, person: Person) -> None:
    """Begin a sitting for who has just logged in; the oldest beyond the number allowed end."""
    sort = sort_of(person)
    sitting = Sitting.objects.create(key=secrets.token_hex(16), person=person)
    request.session[KEY] = sitting.key
    request.session.set_expiry(0 if sort == "staff" else limit("phone_hours") * 3600)
    kept = person.sittings.order_by("-began_at", "-id").values_list("pk", flat=True)[: limit(f"{sort}_sittings")]
    person.sittings.exclude(pk__in=list(kept)).delete()


def goes_on(request: HttpRequest, person: Person) -> bool:
    """Return whether the request's sitting still holds, and note that it was seen; one past its time is ended."""
    sitting = Sitting.objects.filter(key=request.session.get(KEY, ""), person=person).first()
    if sitting is None:
        return False
    now, sort = timezone.now(), sort_of(person)
    idle = timedelta(minutes=limit(f"{sort}_idle_minutes"))
    if now - sitting.seen_at > idle or now - sitting.began_at > timedelta(hours=limit(f"{sort}_hours")):
        sitting.delete()
        return False
    if now - sitting.seen_at > NOTED_EVERY:
        Sitting.objects.filter(pk=sitting.pk).update(seen_at=now)
    return True


def is_fresh(request: HttpRequest) -> bool:
    """Return whether the request's login began a moment ago."""
    since = timezone.now() - timedelta(minutes=limit("fresh_minutes"))
    return Sitting.objects.filter(key=request.session.get(KEY, ""), began_at__gt=since).exists()


def end(request: HttpRequest) -> None:
    """End the request's sitting."""
    Sitting.objects.filter(key=request.session.get(KEY, "")).delete()


def end_all(person: Person, but: str = "") -> None:
    """End a person's sittings everywhere, but for one."""
    person.sittings.exclude(key=but).delete()


def sort_of(person: Person) -> str:
    """Return which numbers hold for a person: "staff" or "phone"."""
    return "staff" if is_staff(person) else "phone"
