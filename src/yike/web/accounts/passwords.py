"""Rules of passwords, with their numbers from ``limits.csv``; and the one way to set one."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from yike.web.accounts.limits import limit
from yike.web.accounts.models import Person, UsedPassword

KINDS = (str.isupper, str.islower, str.isdigit, lambda sign: not sign.isalnum())


class LongEnough:
    """As many characters as the rule asks for."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < limit("password_length"):
            raise ValidationError(self.get_help_text(), "too_short")

    def get_help_text(self) -> str:
        return _("口令至少 %(n)d 个字符。") % {"n": limit("password_length")}


class KindsEnough:
    """As many kinds of characters as the rule asks for: capitals, small letters, digits, signs."""

    def validate(self, password: str, user: Any = None) -> None:
        if sum(any(kind(sign) for sign in password) for kind in KINDS) < limit("password_classes"):
            raise ValidationError(self.get_help_text(), "too_plain")

    def get_help_text(self) -> str:
        return _("大写字母、小写字母、数字、符号中至少用 %(n)d 种。") % {"n": limit("password_classes")}


class NotUsedBefore:
    """None of the last passwords of this person."""

    def validate(self, password: str, user: Any = None) -> None:
        if not isinstance(user, Person) or not user.pk:
            return
        last = [user.password, *user.used_passwords.values_list("word", flat=True)[: limit("password_history")]]
        if any(word and check_password(password, word) for word in last):
            raise ValidationError(self.get_help_text(), "used_before")

    def get_help_text(self) -> str:
        return _("不能与最近 %(n)d 次用过的口令相同。") % {"n": limit("password_history")}


def put_password(person: Person, word: str) -> None:
    """Set a password that passed the rules, and keep its hash among the last ones."""
    person.set_password(word)
    person.save(update_fields=("password", "password_set_at"))
    UsedPassword.objects.create(person=person, word=person.password)
    kept = person.used_passwords.values_list("pk", flat=True)[: limit("password_history")]
    person.used_passwords.exclude(pk__in=list(kept)).delete()


def is_expired(person: Person) -> bool:
    """Return whether a person's password must be changed now; one who has none (OIDC) has none to change."""
    if not person.has_usable_password():
        return False
    return person.password_set_at < timezone.now() - timedelta(days=limit("password_days"))


def random_password() -> str:
    """Return a password that passes the rules, hard to guess and free of signs that look alike."""
    letters = "abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKMNPQRSTUVWXYZ", "23456789", "-+="
    word = [secrets.choice(each) for each in letters]
    word += [secrets.choice("".join(letters[:3])) for _ in range(max(12, limit("password_length")))]
    secrets.SystemRandom().shuffle(word)
    return "".join(word)
