"""Cities and their trees of areas. An area is known by its 12-digit code; a city by a short name in addresses."""

from __future__ import annotations

from django.db import models

from yike.tables import LEVELS


class City(models.Model):
    """One city of this installation: its tree, its study, and whether all of it is made up."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    made_up = models.BooleanField(default=False)  # 演示数据
    is_default = models.BooleanField(default=False)  # the one that "/" shows
    west = models.FloatField(default=0)
    south = models.FloatField(default=0)
    east = models.FloatField(default=0)
    north = models.FloatField(default=0)
    lon = models.FloatField(default=0)  # where the map opens
    lat = models.FloatField(default=0)
    sources = models.TextField(blank=True)  # whose data this is, as its licence asks to be told
    digest = models.CharField(max_length=64, blank=True)  # of the files it was made from
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("slug",)

    def __str__(self) -> str:
        return self.name

    @property
    def root(self) -> Area:
        """The city's own area."""
        return self.areas.get(parent=None)


class AreaSet(models.QuerySet["Area"]):
    def within(self, area: Area) -> AreaSet:
        """Areas of the tree under ``area``, with itself."""
        return self.filter(path__startswith=area.path)


class Area(models.Model):
    """One area of a city's tree. ``path`` is the codes from the root, each followed by a slash."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="areas")
    code = models.CharField(max_length=15, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    level = models.CharField(max_length=9, choices=[(each, each) for each in LEVELS], db_index=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=80, db_index=True)
    boundary = models.JSONField(null=True)  # GeoJSON geometry, WGS 84; null where the outline is not known
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    people = models.FloatField(default=0)

    objects = AreaSet.as_manager()

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    def holds(self, other: Area) -> bool:
        """Whether ``other`` is this area or lies in its tree."""
        return other.path.startswith(self.path)

    def chain(self) -> list[str]:
        """Codes from the root to this area."""
        return self.path.rstrip("/").split("/")
