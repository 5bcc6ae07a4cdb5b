"""Needs: what is asked for, where, by how many, and who said so. Never who asked: people are a number here."""

from __future__ import annotations

from django.db import models

from yike.web.areas.models import Area, City
from yike.web.lists.importing import TableImport

SOURCES = ("resident", "hotline", "survey", "gap", "staff")  #: 居民、12345、问卷、缺口、工作人员
STATES = ("open", "planned", "met", "declined")  #: 待办、已列项目、已满足、不予办理（附理由）


class Need(models.Model):
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="needs")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="needs")  # community, or a wider area
    key = models.CharField(max_length=60, unique=True)
    business_type = models.CharField(max_length=40, db_index=True)
    people = models.FloatField(default=1)  # how many ask, or how many lack it
    source = models.CharField(max_length=9, choices=[(each, each) for each in SOURCES])
    reference = models.CharField(
        max_length=120, blank=True
    )  # number of the hotline's ticket, of the survey's row, the study's digest
    text = models.CharField(max_length=400, blank=True)  # what was said, phones and names taken out
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    asked_on = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=[(each, each) for each in STATES], default="open", db_index=True)
    answer = models.CharField(max_length=400, blank=True)  # what is told to who asked
    made_up = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-people", "id")

    def __str__(self) -> str:
        return self.key


class NeedImport(TableImport):
    """One table of needs on its way into the list. Phones, names and ID numbers are out of it before it is written."""


class NeedWord(models.Model):
    """A city's own word: which business type a category of its hotline or survey means; "" = none of ours."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="need_words")
    category = models.CharField(max_length=120)
    business_type = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("category",)
        constraints = (models.UniqueConstraint(fields=("city", "category"), name="one_need_word"),)
