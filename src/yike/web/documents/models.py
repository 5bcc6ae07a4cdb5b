"""Documents made: which plan, of what, from which figures, and the files."""

from __future__ import annotations

from django.db import models

from yike.web.areas.models import Area, City
from yike.web.circles.models import Circle
from yike.web.queue.models import Job

KINDS = ("city_plan", "circle_plan")


class Document(models.Model):
    """One plan as files. ``figures`` lists every number in it: id, value, words, where it comes from."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="documents")
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="+")
    circle = models.ForeignKey(Circle, null=True, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=12, choices=[(each, each) for each in KINDS])
    title = models.CharField(max_length=200)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    figures = models.JSONField(default=list)
    files = models.JSONField(default=dict)  # {"docx": path below media, "pdf": …, "xlsx": …}
    pages = models.PositiveIntegerField(default=0)
    study = models.CharField(max_length=64, blank=True)
    standard = models.CharField(max_length=60, blank=True)
    through = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)  # of figures and templates
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-id",)
