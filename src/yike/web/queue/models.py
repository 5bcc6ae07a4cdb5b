"""Long jobs. A job is taken by one worker at a time, which holds a lease that it renews; a lease that ran out is taken again."""

from __future__ import annotations

from django.db import models

from yike.web.areas.models import Area, City

STATES = ("waiting", "running", "done", "failed", "cancelled")


class Job(models.Model):
    """One long job: what is to be done (``kind``, a handler's name) with what (``payload``), for whom, and how far it is."""

    kind = models.CharField(max_length=60, db_index=True)
    title = models.CharField(max_length=200, blank=True)  # as people read it
    city = models.ForeignKey(City, on_delete=models.CASCADE, related_name="jobs")
    area = models.ForeignKey(Area, null=True, on_delete=models.SET_NULL, related_name="+")
    person = models.ForeignKey("accounts.Person", null=True, on_delete=models.SET_NULL, related_name="+")
    payload = models.JSONField(default=dict)
    key = models.CharField(max_length=120, blank=True, db_index=True)  # two open jobs of one key are one job
    state = models.CharField(max_length=9, choices=[(each, each) for each in STATES], default="waiting", db_index=True)
    share = models.FloatField(default=0)  # done, 0 to 1
    step = models.CharField(max_length=200, blank=True)  # what is being done now
    result = models.JSONField(null=True)
    faults = models.JSONField(default=list)  # why it failed: `Fault.as_json`
    stop_asked = models.BooleanField(default=False)
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, db_index=True)
    tries = models.PositiveIntegerField(default=0)  # how often it was taken: with the worker, who may write to it
    best = models.FloatField(default=0)  # the greatest share any try came to
    idle_tries = models.PositiveIntegerField(default=0)  # tries since one got further than all before
    crashes = models.PositiveIntegerField(default=0)  # of them, those in which the work itself crashed
    made_at = models.DateTimeField(auto_now_add=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("key",),
                condition=models.Q(state__in=("waiting", "running"), stop_asked=False) & ~models.Q(key=""),
                name="one_open_job_of_a_key",
            ),
        )

    @property
    def is_open(self) -> bool:
        """Whether it is waiting or running."""
        return self.state in ("waiting", "running")

    @property
    def link(self) -> str:
        """The page of what the job is about; "" for none."""
        return str((self.result or {}).get("link") or self.payload.get("link") or "")


class JobLine(models.Model):
    """One line of a job's log."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="lines")
    at = models.DateTimeField(auto_now_add=True)
    text = models.CharField(max_length=400)

    class Meta:
        ordering = ("id",)
