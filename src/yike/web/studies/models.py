"""Figures that follow the register: changes of supply in their order, and the coverage after them."""

from __future__ import annotations

from django.db import models

from yike.web.areas.models import Area, City


class SupplyChange(models.Model):
    """One change of what counts as supply: an outlet began, ceased, moved, or serves other types.

    Every process that answers questions replays these in order of ``id`` over the study's own table.
    """

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="supply_changes")
    outlet = models.CharField(max_length=60)
    counts = models.BooleanField()  # whether it counts after this change
    types = models.JSONField(default=list)
    lon = models.FloatField()
    lat = models.FloatField()
    at = models.DateTimeField(auto_now_add=True)
    effect = models.JSONField(default=list)  # per type and walker: people gained, people met before and after
    told = models.BooleanField(default=False)  # whether figures include it


class Figure(models.Model):
    """Coverage of one business type in one area for one walker, as it is now.

    ``people_met / people`` are residents within the requirement's minutes; every figure names its study.
    """

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="figures")
    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="figures")
    requirement = models.CharField(max_length=80)
    business_type = models.CharField(max_length=40)
    walker = models.CharField(max_length=20)
    limit_s = models.FloatField()
    people = models.FloatField()
    people_met = models.FloatField()
    study = models.CharField(max_length=64)  # digest of the study
    standard = models.CharField(max_length=60)  # with its version
    through = models.BigIntegerField(default=0)  # id of the last supply change it includes

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("area", "requirement", "walker"), name="one_figure"),
        )
        indexes = (models.Index(fields=("city", "business_type", "walker")),)
