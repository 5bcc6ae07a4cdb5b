"""What the wizard keeps: imports with their files' digests, what each did to which outlet, and a city's own words."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from yike.web.areas.models import Area, City

STATES = ("uploaded", "checked", "applied", "undone")


class Import(models.Model):
    """One table on its way into the register. Its rows must lie in the tree of ``area``."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="imports")
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, default="uploaded", choices=[(each, each) for each in STATES])
    name = models.CharField(max_length=120)  # of the file, as it was called
    digest = models.CharField(max_length=64)  # SHA-256 of the file
    size = models.PositiveBigIntegerField()
    rows = models.PositiveIntegerField()
    heads = models.JSONField(default=list)
    columns = models.JSONField(default=dict)  # field -> head
    datum = models.CharField(max_length=8, default="wgs84")
    crosswalk = models.CharField(max_length=8, default="words")  # words, amap, own
    choices = models.JSONField(default=dict)  # row -> skip, update, add
    leave_out = models.BooleanField(default=False)  # rows with faults are left out
    counts = models.JSONField(default=dict)  # of the last check, and of what was applied
    result = models.CharField(max_length=64, blank=True)  # digest of what the last check told
    begun_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name


class ImportedRow(models.Model):
    """What an import did to one outlet, and what is needed to take it back."""

    job = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="outlets")
    outlet = models.ForeignKey("outlets.Outlet", null=True, on_delete=models.SET_NULL, related_name="+")
    key = models.CharField(max_length=60, db_index=True)
    row = models.PositiveIntegerField()
    action = models.CharField(max_length=6)  # add, update
    before = models.JSONField(null=True)  # the outlet, its functions and prices; null where it was added
    after = models.CharField(max_length=64)  # digest of the outlet as the import left it
    outcome = models.CharField(max_length=8, blank=True)  # of an undo: removed, closed, restored, left

    class Meta:
        ordering = ("id",)


class OwnWord(models.Model):
    """A city's own row of a crosswalk: which business types a category of its tables means; none = none of ours."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="own_words")
    category = models.CharField(max_length=120)
    types = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("category",)
        constraints = (models.UniqueConstraint(fields=("city", "category"), name="one_own_word"),)


class Mapping(models.Model):
    """Which head held which field the last time a city had a table with these heads."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="+")
    heads = models.CharField(max_length=64)  # digest of the set of heads
    columns = models.JSONField(default=dict)
    datum = models.CharField(max_length=8, default="wgs84")
    crosswalk = models.CharField(max_length=8, default="words")
    used_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("city", "heads"), name="one_mapping"),)
