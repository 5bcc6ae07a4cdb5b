"""The second factor of staff: one-time codes of an authenticator app (TOTP), enciphered where kept, good once."""

from __future__ import annotations

import time

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from yike.web.accounts.models import Person
from yike.web.accounts.phones import cipher, decipher

STEP_S = 30  #: of RFC 6238


class Factors(DefaultMFAAdapter):
    """What allauth asks us about second factors."""

    error_messages = {  # noqa: RUF012
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("动态口令不对。请看手机上此刻的六位数字，用过的不能再用。"),
    }

    def encrypt(self, text: str) -> str:
        return cipher(text).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return decipher(encrypted_text.encode())

    def get_totp_label(self, user: Person) -> str:
        return user.get_username()


def has_factor(person: Person) -> bool:
    """Return whether a person has set up one-time codes."""
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()


def set_factor(person: Person) -> str:
    """Give a person a new second factor and return its secret: for the people of a made-up city, who have no phone."""
    Authenticator.objects.filter(user=person).delete()
    made = generate_totp_secret()
    TOTP.activate(person, made)
    return made


def code_now(person: Person) -> str | None:
    """Return the code that a person's app shows now, None where there is no second factor."""
    kept = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    return _code(Factors().decrypt(kept.data["secret"]), _step()) if kept else None


def spend(person: Person, secret: str, typed: str) -> bool:
    """Return whether ``typed`` is a code of about now that was not used before, nor any later one; it is then used up."""
    around = range(_step() - settings.MFA_TOTP_TOLERANCE, _step() + settings.MFA_TOTP_TOLERANCE + 1)
    found = next((step for step in around if _code(secret, step) == typed.replace(" ", "")), None)
    if found is None:
        return False
    return bool(Person.objects.filter(pk=person.pk, factor_step__lt=found).update(factor_step=found))


def _step() -> int:
    return int(time.time()) // STEP_S


def _code(secret: str, step: int) -> str:
    return format_hotp_value(hotp_value(secret, step))
