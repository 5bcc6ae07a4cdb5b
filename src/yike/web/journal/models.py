"""Lines of the journal. Each carries the digest of the line before it, so a changed or missing line shows."""

from __future__ import annotations

import json
from typing import Any

from django.db import models


class Line(models.Model):
    """One act: who did what, when, to which record. Never changed, never deleted (the database refuses it).

    A refused attempt is a line too: its verb begins with ``refused.``
    """

    at = models.DateTimeField(db_index=True)
    verb = models.CharField(max_length=80, db_index=True)
    person = models.ForeignKey("accounts.Person", null=True, on_delete=models.PROTECT, related_name="+")
    roles = models.CharField(
        max_length=200, blank=True
    )  # the roles held at that moment; "console" on the server itself
    kind = models.CharField(max_length=40, blank=True)  # of record, as "outlets.outlet"
    record = models.CharField(max_length=150, blank=True, db_index=True)
    area = models.CharField(max_length=15, blank=True, db_index=True)
    said = models.TextField(default="{}")  # the change as JSON text: text comes back from any database as it went in
    before = models.CharField(max_length=64, unique=True)  # digest of the line before: no two lines follow one
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("id",)

    @property
    def change(self) -> dict[str, Any]:
        """What changed: field -> [before, after]; never personal data."""
        return json.loads(self.said)
