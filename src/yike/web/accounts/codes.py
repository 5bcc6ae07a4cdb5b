"""One-time codes by SMS: made, sent, tried. How many and how long is in ``limits.csv``; the code itself is never kept."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from yike.web.accounts import sms
from yike.web.accounts.limits import limit
from yike.web.accounts.models import PhoneCode
from yike.web.accounts.phones import cipher, print_of
from yike.web.areas.models import City


class TooMany(Exception):
    """Too many codes for one phone or from one address; ``wait_s`` seconds help, if known."""

    def __init__(self, wait_s: int = 0) -> None:
        super().__init__(wait_s)
        self.wait_s = wait_s


def send_code(phone: str, city: City, address: str) -> PhoneCode:
    """Make a code, keep its fingerprint, send it.

    Raises
    ------
    TooMany
        One of the limits of phone or address is reached.
    """
    digits = limit("code_digits")
    code = f"{secrets.randbelow(10**digits):0{digits}}"
    now = timezone.now()
    with transaction.atomic():
        of_phone, of_address = print_of(phone), print_of(address, "address")
        _alone(of_phone)
        _within_limits(of_phone, of_address)
        kept = PhoneCode(
            city=city, phone_cipher=cipher(phone), phone_print=of_phone, address_print=of_address, at=now,
            until=now + timedelta(minutes=limit("code_minutes")),
        )  # fmt: skip
        kept.code_print = print_of(f"{kept.pk}:{code}", "code")
        PhoneCode.objects.filter(phone_print=of_phone, used_at=None, until__gt=now).update(until=now)  # one at a time
        kept.save()
        PhoneCode.objects.filter(at__lt=now - timedelta(days=1)).delete()
    text = _("【一刻】验证码 %(code)s，%(n)d 分钟内有效。不要告诉任何人。")
    sms.send(phone, text % {"code": code, "n": limit("code_minutes")})
    return kept


def _alone(of_phone: str) -> None:
    """Let one request for a phone go at a time (SQLite's writing transactions are alone anyway)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(of_phone[:15], 16)])


def _within_limits(of_phone: str, of_address: str) -> None:
    now = timezone.now()
    to_phone = PhoneCode.objects.filter(phone_print=of_phone)
    last = to_phone.order_by("-at").first()
    waited = (now - last.at).total_seconds() if last else limit("code_wait_seconds")
    if waited < limit("code_wait_seconds"):
        raise TooMany(int(limit("code_wait_seconds") - waited) + 1)
    hour, day = now - timedelta(hours=1), now - timedelta(days=1)
    full = (
        to_phone.filter(at__gt=hour).count() >= limit("code_sends_hour")
        or to_phone.filter(at__gt=day).count() >= limit("code_sends_day")
        or PhoneCode.objects.filter(address_print=of_address, at__gt=hour).count() >= limit("code_sends_address_hour")
    )
    if full:
        raise TooMany


def try_code(key: UUID | str | None, typed: str) -> PhoneCode | None:
    """Return the code's record if ``typed`` is it, for the first time, in time and within its tries; else None."""
    with transaction.atomic():
        kept = PhoneCode.objects.select_for_update().filter(pk=key).first() if key else None
        if kept is None or kept.used_at or kept.until <= timezone.now() or kept.tries >= limit("code_tries"):
            return None
        kept.tries += 1
        right = hmac.compare_digest(kept.code_print, print_of(f"{kept.pk}:{typed.strip()}", "code"))
        kept.used_at = timezone.now() if right else None
        kept.save(update_fields=("tries", "used_at"))
        return kept if right else None


def is_spent(key: UUID | str | None) -> bool:
    """Return whether a code can no longer be tried: unknown, used, too old, or tried too often."""
    kept = PhoneCode.objects.filter(pk=key).first() if key else None
    return kept is None or bool(kept.used_at) or kept.until <= timezone.now() or kept.tries >= limit("code_tries")
