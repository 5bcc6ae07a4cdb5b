"""What is known of circles beside their boundary: facts of communities, programmes they belong to, walk-sheds."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models

from yike.web.areas.models import Area, City
from yike.web.circles.models import CircleVersion


class CommunityFact(models.Model):
    """What a table tells of one community in one year; null is "not known", never zero.

    Income and consumption are yuan a person and year, as statistics tell them (人均可支配收入、人均消费支出).
    """

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="facts")
    year = models.PositiveSmallIntegerField()
    households = models.FloatField(null=True, validators=(MinValueValidator(0),))
    people_60 = models.FloatField(null=True)  # people of 60 and more
    people_u14 = models.FloatField(null=True)  # people of 14 and less
    income_yuan = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    consumption_yuan = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    source = models.CharField(max_length=200)
    made_up = models.BooleanField(default=False)  # 演示数据

    class Meta:
        ordering = ("area__code", "year")
        constraints = (models.UniqueConstraint(fields=("area", "year"), name="one_community_fact"),)


class Programme(models.Model):
    """A programme that is carried out somewhere (老旧小区改造、完整社区、城市更新、15分钟社区生活圈规划)."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="programmes")
    kind = models.CharField(max_length=24)  # a code of programmes.csv
    name = models.CharField(max_length=120)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="programmes")  # it, and all in its tree
    year = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=200, blank=True)
    made_up = models.BooleanField(default=False)  # 演示数据

    class Meta:
        ordering = ("kind", "-year", "name")
        constraints = (models.UniqueConstraint(fields=("area", "kind", "name"), name="one_programme"),)

    def __str__(self) -> str:
        return self.name


class Shed(models.Model):
    """Drawn from a study when first asked for: the centre of a circle's boundary and what is within its walk.

    It can be drawn again at any time; ``study`` is the digest of the study it was drawn from.
    """

    version = models.OneToOneField(CircleVersion, on_delete=models.CASCADE, related_name="shed")
    lon = models.FloatField(null=True)  # null: no home of the circle is on the walking network
    lat = models.FloatField(null=True)
    shape = models.JSONField(null=True)  # GeoJSON, WGS 84
    minutes = models.FloatField()
    mean_walk_min = models.FloatField(null=True)  # of the circle's people to the centre
    far_people = models.FloatField(null=True)  # beyond the minutes
    study = models.CharField(max_length=64)
