"""People and what they are where. Phones are kept as a cipher and a keyed fingerprint, never in clear."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone

from yike.web.accounts.rights import ROLES, forget_grants
from yike.web.areas.models import Area, City


class Person(AbstractUser):
    """Someone who logs in: staff with a name, a password and a second factor; residents and merchants by phone."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=60, blank=True)  # staff only: shown in the journal
    city = models.ForeignKey(City, null=True, blank=True, on_delete=models.SET_NULL, related_name="people")
    phone_cipher = models.BinaryField(default=b"", blank=True)
    phone_print = models.CharField(max_length=64, blank=True, db_index=True)  # keyed fingerprint, to find by phone
    password_set_at = models.DateTimeField(default=timezone.now)
    factor_step = models.BigIntegerField(default=0)  # of the last one-time code used: none is good twice

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("phone_print",), condition=~models.Q(phone_print=""), name="one_phone"),
        )

    def __str__(self) -> str:
        return self.name or self.get_username()

    def set_password(self, raw_password: str | None) -> None:
        """Set the password, and since when it holds."""
        super().set_password(raw_password)
        self.password_set_at = timezone.now()


class Grant(models.Model):
    """A role of a person in an area; deny by default, so no grant means no right."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=[(each, each) for each in ROLES])
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="grants")
    office = models.CharField(max_length=40, blank=True)  # of a department officer: one of the offices
    until = models.DateField(null=True, blank=True)  # the last day on which it holds
    since = models.DateField(default=timezone.localdate)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "role", "area"), name="one_grant"),)

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        forget_grants(self.person)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        forget_grants(self.person)
        return super().delete(*args, **kwargs)


class UsedPassword(models.Model):
    """The hash of a password a person had, so that it is not taken again."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="used_passwords")
    word = models.CharField(max_length=128)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)


class Sitting(models.Model):
    """One login that lasts: a session is good only while its sitting is there."""

    key = models.CharField(max_length=32, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="sittings")
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("began_at", "id")


class Invitation(models.Model):
    """A link by which a staff person sets a password, once; only the link's fingerprint is kept."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="invitations")
    link_print = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)


class PhoneCode(models.Model):
    """A one-time code on its way to a phone: kept as a keyed fingerprint, for some minutes and some tries."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="+")
    phone_cipher = models.BinaryField()
    phone_print = models.CharField(max_length=64)
    address_print = models.CharField(max_length=64)
    code_print = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=("phone_print", "at")), models.Index(fields=("address_print", "at")))


from yike.web.accounts.keys import ApiKey  # noqa: E402, F401  (its table belongs to this app)
