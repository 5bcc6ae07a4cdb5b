"""The end of a job, written once: only where the job still stands as the writer knows it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.timezone import now

from yike.errors import Fault
from yike.web.queue.models import Job, JobLine
from yike.web.queue.signals import job_ended

ENDS = {"done": "已完成", "failed": "失败", "cancelled": "已取消"}


def end(pk: int, to: str, *, result: Any = None, faults: tuple[Fault, ...] = (), **where: Any) -> bool:
    """Write a job's end (state ``to``) if it still matches ``where``; return whether it did.

    Receivers of `job_ended` are told inside the transaction.
    """
    with transaction.atomic():
        found: dict[str, Any] = {"share": 1.0} if to == "done" else {}
        changed = Job.objects.filter(pk=pk, **where).update(
            state=to, result=result, faults=[each.as_json() for each in faults], ended_at=now(), lease_until=None,
            **found,
        )  # fmt: skip
        if changed:
            JobLine.objects.create(job_id=pk, text=ENDS[to])
            for each in faults:
                JobLine.objects.create(job_id=pk, text=each.text("zh").replace("\n", " ")[:400])
            job_ended.send(Job, job=Job.objects.select_related("city", "area", "person").get(pk=pk))
    return bool(changed)
