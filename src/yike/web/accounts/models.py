"""People and what they are where. Phones are kept as a cipher and a keyed fingerprint, never in clear."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from yike.web.accounts.rights import ROLES
from yike.web.areas.models import Area


class Person(AbstractUser):
    """Someone who logs in: staff with a name, a password and a second factor; residents and merchants by phone."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=60, blank=True)  # staff only: shown in the journal
    phone_cipher = models.BinaryField(default=b"", blank=True)
    phone_print = models.CharField(max_length=64, blank=True, db_index=True)  # keyed fingerprint, to find by phone


class Grant(models.Model):
    """A role of a person in an area; deny by default, so no grant means no right."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=[(each, each) for each in ROLES])
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="grants")
    office = models.CharField(max_length=40, blank=True)  # of a department officer: one of the offices
    until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("person", "role", "area"), name="one_grant"),)
