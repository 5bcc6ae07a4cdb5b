"""Putting a job into the queue, and asking one to stop; both inside the caller's verb and transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction

from yike.web.queue.handlers import HANDLERS

if TYPE_CHECKING:
    from yike.web.accounts.models import Person
    from yike.web.areas.models import Area, City
    from yike.web.queue.models import Job


def put(
    kind: str,
    city: City,
    *,
    title: str,
    payload: dict[str, Any],
    area: Area | None = None,
    person: Person | None = None,
    key: str = "",
) -> Job:
    """Put a job into the queue, or return the open job of the same key: two open jobs of one key are one.

    Parameters
    ----------
    kind
        A handler's name.
    title
        As people read it in the list of jobs.
    payload
        What the handler needs, as JSON. ``link`` in it, or in the result, is the page of what the job is about.
    area
        Where the job is seen and cancelled; the city's root by default.
    key
        Names what the job makes, where only one may be under way. A job that was asked to stop is not open any more.
    """
    from yike.web.queue.models import Job

    if kind not in HANDLERS:
        raise ValueError(f"no handler for jobs of kind {kind}")
    where = area or city.areas.filter(parent=None).first()
    made = Job(kind=kind, city=city, title=title[:200], payload=payload, area=where, person=person, key=key[:120])
    while True:
        try:
            with transaction.atomic():
                made.save(force_insert=True)
            return made
        except IntegrityError:
            there = Job.objects.filter(key=made.key, stop_asked=False, state__in=("waiting", "running")).first()
            if not made.key or (there is None and Job.objects.filter(pk=made.pk).exists()):
                raise
            if there is not None:
                return there


def stop(job: Job) -> bool:
    """Ask a job to stop; return whether it was still open. A waiting job is cancelled at once, a running one stops itself."""
    from yike.web.queue.ending import end
    from yike.web.queue.models import Job

    if end(job.pk, "cancelled", state="waiting"):
        return True
    return bool(Job.objects.filter(pk=job.pk, state="running").update(stop_asked=True))
