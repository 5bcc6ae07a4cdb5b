"""Scenarios: a list of changes over the register as it is; nothing of the baseline is touched."""

from __future__ import annotations

from django.db import models

from yike.web.areas.models import Area, City


class Scenario(models.Model):
    """``changes`` is a list of {"verb": add|move|close|gate|link|walker|limit, "on": bool, …}; see docs/method/scenarios.md."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="scenarios")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")  # whose planning it is
    name = models.CharField(max_length=80)
    person = models.ForeignKey("accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    changes = models.JSONField(default=list)
    effect = models.JSONField(null=True)  # as last measured
    study = models.CharField(max_length=64, blank=True)  # digest of the study it was measured over
    through = models.BigIntegerField(default=0)  # the last supply change in that baseline
    made_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-changed_at",)
