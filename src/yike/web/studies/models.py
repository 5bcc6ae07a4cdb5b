"""Figures that follow the register: changes of supply in their order, and the coverage after them."""

from __future__ import annotations

from django.db import models

from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle


class SupplyChange(models.Model):
    """One change of what counts as supply: an outlet began, ceased, moved, or serves other types.

    Every process that answers questions takes these up in the order of ``id``.
    """

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="supply_changes")
    outlet = models.CharField(max_length=60)  # its key
    counts = models.BooleanField()  # whether it counts as coverage after this change
    types = models.JSONField(default=list)
    lon = models.FloatField()
    lat = models.FloatField()
    at = models.DateTimeField(auto_now_add=True)
    effect = models.JSONField(default=list)  # per walker and type: people gained, homes whose walk changed
    told = models.BooleanField(default=False, db_index=True)  # whether figures include it


class Told(models.Model):
    """Coverage as it is now: residents within the minutes of one requirement, for one walker.

    ``people_met / people`` is the share; every figure names its study, its standard and the last change it includes.
    ``requirement`` is one of the standard's, or the name of a rule of presence ("ten_fifteen") with no business type.
    """

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="+")
    requirement = models.CharField(max_length=80)
    business_type = models.CharField(max_length=40, blank=True)
    walker = models.CharField(max_length=20)
    limit_s = models.FloatField()
    people = models.FloatField()
    people_met = models.FloatField()
    people_met_first = models.FloatField()  # when the study was made: what trends are told against
    median_s = models.FloatField(null=True)  # of the walk to the nearest outlet; null = more than half have no way
    study = models.CharField(max_length=64)  # digest of the study
    standard = models.CharField(max_length=60)  # with its version
    through = models.BigIntegerField(default=0)  # id of the last supply change it includes

    class Meta:
        abstract = True


class Figure(Told):
    """Coverage of an area."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="figures")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("area", "requirement", "walker"), name="one_figure"),)
        indexes = (models.Index(fields=("city", "business_type", "walker")),)


VERSIONS = ("current", "original")  #: boundaries that a circle's figures are told against


class CircleFigure(Told):
    """Coverage of a living circle, within its boundary as it is now and within its first one.

    ``people_met_first`` of the current boundary is what it was when the boundary was drawn.
    """

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="figures")
    version = models.CharField(max_length=8, choices=[(each, each) for each in VERSIONS], default="current")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("circle", "version", "requirement", "walker"), name="one_circle_version_figure"
            ),
        )


from yike.web.studies.runs.models import StudyRun  # noqa: E402, F401 - Django looks for models here
