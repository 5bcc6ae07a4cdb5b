"""A study of a city beside its own: what was asked, how far it is, what it found."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.db import models

from yike.web.areas.models import City
from yike.web.queue.models import STATES, Job
from yike.web.studies.place import city_folder

RUNS = "studies"  #: folder of a city's studies, one folder each


class StudyRun(models.Model):
    """One study: its settings (`yike.web.studies.runs.choices.Choices`), its folder, its figures."""

    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="runs")
    key = models.CharField(max_length=20, unique=True)  # in addresses, and the folder's name
    name = models.CharField(max_length=80)
    settings = models.JSONField(default=dict)
    person = models.ForeignKey("accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=9, choices=[(each, each) for each in STATES], default="waiting")
    faults = models.JSONField(default=list)  # why it failed
    through = models.BigIntegerField(default=0)  # id of the last supply change in its register
    digest = models.CharField(max_length=64, blank=True)
    standard = models.CharField(max_length=80, blank=True)  # with its version
    headline = models.JSONField(default=dict)  # `Study.headline`
    figures = models.JSONField(default=dict)  # by level and place: `yike.web.studies.runs.telling.figures_of`
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)
    adopted_at = models.DateTimeField(null=True)  # when it became the city's own

    class Meta:
        app_label = "studies"
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        """The study's folder."""
        return city_folder(self.city.slug) / RUNS / self.key

    @property
    def link(self) -> str:
        return f"/desk/studies/{self.key}/"

    @property
    def is_open(self) -> bool:
        """Whether it is waiting or being measured."""
        return self.state in ("waiting", "running")

    @property
    def files(self) -> list[Path]:
        """Map sheets and the offline page, where they were drawn."""
        folder = self.folder / "maps"
        return sorted(each for each in folder.glob("*") if each.suffix in (".png", ".html"))

    def remove_files(self) -> None:
        """Delete the folder with all in it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def as_json(self) -> dict[str, Any]:
        """Return the study for machines, without figures by place."""
        return {
            "key": self.key, "city": self.city.slug, "name": self.name, "state": self.state, "settings": self.settings,
            "job": self.job_id, "digest": self.digest, "standard": self.standard, "made_at": self.made_at,
            "ended_at": self.ended_at, "headline": self.headline, "faults": self.faults,
        }  # fmt: skip
