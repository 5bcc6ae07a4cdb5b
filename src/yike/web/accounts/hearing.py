"""What is done when Django, allauth or axes say that somebody logged in, failed, or changed a factor."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from yike.web.accounts import sittings
from yike.web.accounts.deeds import tell
from yike.web.accounts.limits import limit
from yike.web.accounts.models import Person
from yike.web.accounts.roles import is_staff
from yike.web.areas.models import Area


def home_of(person: Person) -> Area | None:
    """Return the area under which a person's own logins are written: that of their first grant, else their city."""
    first = person.grants.select_related("area").order_by("area__path").first()
    return first.area if first else (person.city.root if person.city else None)


@receiver(user_logged_in)
def logged_in(request: HttpRequest, user: Person, **more: Any) -> None:
    sittings.begin(request, user)
    if is_staff(user):
        tell("session.began", user, home_of(user))


@receiver(user_logged_out)
def logged_out(request: HttpRequest, **more: Any) -> None:
    sittings.end(request)


@receiver(user_locked_out)
def locked_out(request: Any, username: str | None, **more: Any) -> None:
    """Write a lock-out once, when it begins; a name that nobody has could be a password typed in the wrong field."""
    person = Person.objects.filter(username=username or "").first()
    if person is not None and getattr(request, "axes_failures_since_start", None) == limit("lockout_tries"):
        tell("session.locked_out", person, home_of(person))


@receiver(authenticator_added)
@receiver(authenticator_reset)
def factor_added(request: HttpRequest, user: Person, authenticator: Authenticator, **more: Any) -> None:
    codes = authenticator.type == Authenticator.Type.RECOVERY_CODES
    tell("factor.recovery_codes" if codes else "factor.added", user, home_of(user))
    if not codes:
        sittings.end_all(user, but=request.session.get(sittings.KEY, ""))


@receiver(authenticator_removed)
def factor_removed(request: HttpRequest, user: Person, authenticator: Authenticator, **more: Any) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        tell("factor.removed", user, home_of(user))


@receiver(password_changed)
def password_was_changed(request: HttpRequest, user: Person, **more: Any) -> None:
    tell("password.changed", user, home_of(user))
    sittings.end_all(user, but=request.session.get(sittings.KEY, ""))
