"""Living circles: name, class, and the communities they are made of; a community is in one circle at most."""

from __future__ import annotations

from typing import Any

from django.db import models

from yike.web.areas.models import Area, City

CLASSES = ("basic", "upgraded", "quality")  #: 基本型、提升型、品质型
STATES = ("standing", "dissolved")  #: 现有、已撤销: a dissolved circle is kept with its history and holds no community


class Standing(models.Manager["Circle"]):
    """Circles that stand: what every list and map shows."""

    def get_queryset(self) -> models.QuerySet[Circle]:
        return super().get_queryset().filter(state="standing")


class Circle(models.Model):
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="circles")
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    name_en = models.CharField(max_length=120, blank=True)
    grade = models.CharField(max_length=9, choices=[(each, each) for each in CLASSES], default="basic")
    communities = models.ManyToManyField(Area, related_name="circles")
    boundary = models.JSONField(null=True)  # union of its communities, GeoJSON
    people = models.FloatField(default=0)
    state = models.CharField(max_length=9, choices=[(each, each) for each in STATES], default="standing")

    objects = Standing()
    every: models.Manager[Circle] = models.Manager()  # with the dissolved ones

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    @property
    def version(self) -> CircleVersion | None:
        """Its boundary as it is now."""
        return self.versions.order_by("-number").first()

    def append(self, why: str, person: Any = None) -> CircleVersion:
        """Keep the boundary as it is now as the next version; called after every change of it."""
        last = self.versions.order_by("-number").values_list("number", flat=True).first() or 0
        codes = sorted(self.communities.values_list("code", flat=True))
        return CircleVersion.objects.create(
            circle=self, number=last + 1, communities=codes, boundary=self.boundary, people=self.people, why=why,
            person=person,
        )  # fmt: skip


class CircleVersion(models.Model):
    """A boundary of a circle: appended when it changes, never overwritten; the first is the original one."""

    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    communities = models.JSONField(default=list)  # codes, sorted
    boundary = models.JSONField(null=True)
    people = models.FloatField(default=0)
    why = models.CharField(max_length=200, blank=True)
    person = models.ForeignKey("accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("circle", "number")
        constraints = (models.UniqueConstraint(fields=("circle", "number"), name="one_circle_version"),)
