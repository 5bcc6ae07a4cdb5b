"""Proposals: one answer of the joint problem, its sites, what each wins and costs, and how near to the best it is proven."""

from __future__ import annotations

from django.db import models

from yike.web.areas.models import Area, City
from yike.web.queue.models import Job
from yike.web.spaces.models import Space

STATES = ("solving", "solved", "infeasible", "failed", "accepted", "dropped")


class Proposal(models.Model):
    """``settings`` are those of `JointSettings` (budget_yuan, types, locked …); ``answer`` is `JointAnswer.as_json`."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="proposals")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    person = models.ForeignKey("accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    before = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="after")  # solved again from
    settings = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=[(each, each) for each in STATES], default="solving", db_index=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    answer = models.JSONField(null=True)
    study = models.CharField(max_length=64, blank=True)  # digest
    standard = models.CharField(max_length=60, blank=True)
    through = models.BigIntegerField(default=0)
    made_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)


class Site(models.Model):
    """One outlet that a proposal builds: a business type in a space."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="sites")
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="+")
    business_type = models.CharField(max_length=40)
    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="+")  # community
    locked = models.BooleanField(default=False)
    cost_yuan = models.DecimalField(max_digits=14, decimal_places=2)
    area_m2 = models.FloatField()
    people_gained = models.FloatField()  # newly within the minutes of this type, counted in order of building
    minutes_saved = models.FloatField()  # people × minutes
    gains = models.JSONField(default=list)  # [{"area": community code, "people": …, "minutes_saved": …}]
    order = models.PositiveIntegerField()

    class Meta:
        ordering = ("order",)
        constraints = (models.UniqueConstraint(fields=("proposal", "space", "business_type"), name="one_site"),)
