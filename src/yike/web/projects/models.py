"""Projects: grown from accepted proposals (or entered), each with the needs and gaps it answers, place, money, offices, time."""

from __future__ import annotations

from django.db import models

from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.needs.models import Need
from yike.web.proposals.models import Site
from yike.web.spaces.models import Space

KINDS = ("outlet", "gate", "path", "digital", "governance", "other")
STATES = ("listed", "approved", "building", "finished", "dropped")  #: 已列入、已批复、在建、已完工、已撤销


class Project(models.Model):
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="projects")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="projects")  # community, or wider
    circle = models.ForeignKey(Circle, null=True, on_delete=models.SET_NULL, related_name="projects")
    key = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=[(each, each) for each in KINDS], default="outlet")
    business_type = models.CharField(max_length=40, blank=True)
    site = models.OneToOneField(Site, null=True, on_delete=models.PROTECT, related_name="project")
    space = models.ForeignKey(Space, null=True, on_delete=models.PROTECT, related_name="projects")
    needs = models.ManyToManyField(Need, related_name="projects")
    cost_yuan = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    source = models.CharField(max_length=40, blank=True)  # a code of funding.csv
    lead = models.CharField(max_length=80, blank=True)  # an office of offices.csv
    supporting = models.JSONField(default=list)  # offices
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    people_gained = models.FloatField(default=0)
    state = models.CharField(max_length=9, choices=[(each, each) for each in STATES], default="listed", db_index=True)
    study = models.CharField(max_length=64, blank=True)  # digest of the study its gain comes from
    standard = models.CharField(max_length=60, blank=True)
    made_up = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name


class ProjectGap(models.Model):
    """A gap that a project answers: the type and the area it was found in, and for how many people."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="gaps")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    business_type = models.CharField(max_length=40)
    people = models.FloatField()  # uncovered when it was listed
    study = models.CharField(max_length=64)
