"""Idle spaces: place, area, owner, what they may be used for, on which terms, in which state."""

from __future__ import annotations

from django.db import models

from yike.web.areas.models import Area, City
from yike.web.lists.importing import TableImport

LAND_USE = (
    "not_needed",
    "needed",
    "applied",
    "granted",
    "refused",
)  #: a change of use: 无需变更、需变更、已申请、已批准、未批准
STATES = ("free", "reserved", "used", "withdrawn")  #: 可用、已预留、已利用、已撤回


class Space(models.Model):
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="spaces")
    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="spaces")  # community
    key = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)  # a code of kinds.csv
    lon = models.FloatField()
    lat = models.FloatField()
    address = models.CharField(max_length=200, blank=True)
    area_m2 = models.FloatField()
    owner = models.CharField(max_length=80, blank=True)  # an office or a kind of owner; never a private person's name
    uses = models.JSONField(default=list)  # business types allowed; empty: what its kind allows
    land_use = models.CharField(max_length=12, choices=[(each, each) for each in LAND_USE], default="not_needed")
    rent_yuan = models.DecimalField(max_digits=14, decimal_places=2, default=0)  # a year
    conversion_yuan = models.DecimalField(
        max_digits=14, decimal_places=2, null=True
    )  # null: reckoned from area and type
    condition = models.CharField(max_length=80, blank=True)
    free_from = models.DateField(null=True)
    state = models.CharField(max_length=9, choices=[(each, each) for each in STATES], default="free", db_index=True)
    source = models.CharField(max_length=200, blank=True)
    made_up = models.BooleanField(default=False)  # 演示数据
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name


class SpacePhoto(models.Model):
    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="photos")
    file = models.FileField(upload_to="spaces/%Y/%m/")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)


class SpaceImport(TableImport):
    """One table of idle spaces on its way into the register."""
