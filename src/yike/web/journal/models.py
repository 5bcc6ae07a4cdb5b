"""Lines of the journal. Each carries the digest of the line before it, so a changed or missing line shows."""

from __future__ import annotations

from django.db import models


class Line(models.Model):
    """One act: who did what, when, to which record. Never changed, never deleted (the database refuses it)."""

    at = models.DateTimeField(db_index=True)
    verb = models.CharField(max_length=60, db_index=True)
    person = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    roles = models.CharField(max_length=120, blank=True)  # the roles held at that moment
    kind = models.CharField(max_length=40)  # of record, as "outlets.outlet"
    record = models.CharField(max_length=60, db_index=True)
    area = models.CharField(max_length=15, blank=True, db_index=True)
    change = models.JSONField(default=dict)  # field -> [before, after]; never personal data
    before = models.CharField(max_length=64)  # digest of the line before
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("id",)
