"""Taking jobs: one conditional update decides who holds a job, on SQLite as on PostgreSQL; and what becomes of broken tries.

``tries`` grows at every taking and never falls. Together with the worker's name it is the token that every later write
is conditional on: who lost the lease can write nothing more, however late it wakes.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now
from django.utils.timezone import now

from yike.errors import Fault
from yike.web.queue.ending import end
from yike.web.queue.limits import lease_end, limit
from yike.web.queue.models import Job, JobLine


def free_jobs() -> QuerySet[Job]:
    """Return the jobs that may be taken, next first.

    Waiting ones and those whose lease ran out; jobs with broken tries let the others go first; a job whose key is held
    by one that is still stopping waits for it.
    """
    held = Job.objects.filter(state="running", lease_until__gte=Now()).exclude(key="").values("key")
    free = Q(state="waiting") | Q(state="running", lease_until__lt=Now())
    return Job.objects.filter(free).exclude(key__in=held).order_by("idle_tries", "id")


def take(worker: str) -> Job | None:
    """Take the next job for a worker; None where there is none.

    A job that was asked to stop, or was broken off too often, is ended instead of taken.
    """
    for seen in free_jobs()[:20]:
        if seen.stop_asked:
            end(seen.pk, "cancelled", tries=seen.tries, state=seen.state)
        elif seen.idle_tries >= limit("tries"):
            fault = Fault("queue.given_up", values={"tries": seen.idle_tries})
            end(seen.pk, "failed", faults=(fault,), tries=seen.tries, state=seen.state)
        elif _grab(seen, worker):
            return Job.objects.select_related("city", "area", "person").get(pk=seen.pk)
    return None


def _grab(seen: Job, worker: str) -> bool:
    """Compare and set: the job is ours if nobody has taken it since it was seen."""
    with transaction.atomic():
        still = Job.objects.filter(pk=seen.pk, tries=seen.tries)
        still = still.filter(Q(state="waiting") | Q(state="running", lease_until__lt=Now()))
        taken = still.update(
            state="running", worker=worker, tries=seen.tries + 1, idle_tries=F("idle_tries") + 1, share=0.0, step="",
            began_at=Coalesce("began_at", Now()), lease_until=lease_end(),
        )  # fmt: skip
        if taken and seen.tries:
            JobLine.objects.create(job_id=seen.pk, text=f"第 {seen.tries + 1} 次执行")
    return bool(taken)


def renew(job: Job) -> bool:
    """Renew the lease; return whether the worker still holds the job."""
    return bool(_mine(job).update(lease_until=lease_end()))


def is_stopping(job: Job) -> bool:
    """Whether a job that is held was asked to stop."""
    return _mine(job).filter(stop_asked=True).exists()


def give_back(job: Job) -> bool:
    """Let others take a job at once, as if it had not been tried: the worker was asked to end."""
    changed = {"state": "waiting", "worker": "", "lease_until": None, "idle_tries": F("idle_tries") - 1}
    return bool(_mine(job).filter(idle_tries__gt=0).update(**changed)) or bool(
        _mine(job).update(state="waiting", worker="", lease_until=None)
    )


def broken_off(job: Job, why: str, *, crashed: bool) -> None:
    """Write that a try ended with its process: others may try again, unless it crashed by itself too often."""
    with transaction.atomic():
        held = _mine(job).select_for_update().first()
        if held is None:
            return
        JobLine.objects.create(job_id=job.pk, text=f"计算进程中断：{why}")
        if held.stop_asked:
            end(job.pk, "cancelled", tries=job.tries, state="running")
        elif crashed and held.crashes + 1 >= limit("crashes"):
            fault = Fault("queue.crashed", values={"times": held.crashes + 1, "why": why})
            end(job.pk, "failed", faults=(fault,), tries=job.tries, state="running")
        else:
            more = {"crashes": held.crashes + 1} if crashed else {}
            _mine(job).update(state="waiting", worker="", lease_until=None, **more)


def _mine(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, worker=job.worker, tries=job.tries, state="running")


def forget_old() -> int:
    """Delete jobs that ended ``keep_days`` ago; return how many."""
    before = now() - timedelta(days=limit("keep_days"))
    return Job.objects.filter(ended_at__lt=before).delete()[1].get("queue.Job", 0)
