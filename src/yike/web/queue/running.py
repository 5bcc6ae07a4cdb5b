"""A job as its handler sees it: what is asked, where to tell how far it is, and whether to stop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.db import transaction

from yike.web.queue.limits import lease_end, limit

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from yike.web.accounts.models import Person
    from yike.web.areas.models import Area, City
    from yike.web.queue.models import Job

STEP, LINE = 200, 400  #: longest text of a step, of a line of the log
FINE = 0.01  #: a share must grow so much to count as getting further


class Cancelled(Exception):
    """Somebody asked this job to stop. A handler may tidy up and must let it pass."""


class Lost(Exception):
    """Another worker holds the job now: nothing may be written any more, and nothing tidied up."""


class Running:
    """A job under way in this process, held by one worker in its ``tries``-th try."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.id: int = job.pk
        self.tries: int = job.tries
        self._share, self._step, self._best = 0.0, "", job.best
        self._asked_at = self._wrote_at = 0.0

    @property
    def payload(self) -> dict[str, Any]:
        """What was asked for, as it was put."""
        return self.job.payload

    @property
    def city(self) -> City:
        return self.job.city

    @property
    def area(self) -> Area | None:
        return self.job.area

    @property
    def person(self) -> Person | None:
        """Who put the job; None for the program itself."""
        return self.job.person

    def mine(self) -> QuerySet[Job]:
        """The job's row as long as this try holds it: what a write is conditional on."""
        from yike.web.queue.models import Job

        return Job.objects.filter(pk=self.id, worker=self.job.worker, tries=self.tries, state="running")

    def tell(self, share: float, step: str = "") -> None:
        """Tell how much is done (0 to 1) and what is being done now; "" leaves the step as it was.

        Written at most every ``tell_seconds``, a new step at once. It renews the lease too.

        Raises
        ------
        Cancelled, Lost
            See `stopped`.
        """
        step = step[:STEP] or self._step
        fresh = step != self._step
        self._share, self._step = min(max(share, 0.0), 1.0), step
        if fresh or time.monotonic() - self._wrote_at >= limit("tell_seconds"):
            self._write()
        self.stopped()

    def _write(self) -> None:
        further: dict[str, Any] = {}
        if self._share >= self._best + FINE:
            self._best = self._share
            further = {"best": self._best, "idle_tries": 0, "crashes": 0}
        if not self.mine().update(share=self._share, step=self._step, lease_until=lease_end(), **further):
            raise Lost(self.id)
        self._wrote_at = time.monotonic()

    def log(self, text: str) -> None:
        """Add a line to the job's log."""
        from yike.web.queue.models import JobLine

        JobLine.objects.create(job_id=self.id, text=text[:LINE])

    def stopped(self) -> None:
        """Go on, or raise; asked of the database at most every ``tell_seconds``.

        Raises
        ------
        Cancelled
            Somebody asked to stop.
        Lost
            Another worker took the job.
        """
        if time.monotonic() - self._asked_at < limit("tell_seconds"):
            return
        self._asked_at = time.monotonic()
        asked = self.mine().values_list("stop_asked", flat=True).first()
        if asked is None:
            raise Lost(self.id)
        if asked:
            raise Cancelled(self.id)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that is kept only if this try still holds the job: for records a handler writes.

        Raises
        ------
        Lost
            Another worker took the job; nothing of the block is kept.
        """
        with transaction.atomic():
            if self.mine().select_for_update().first() is None:
                raise Lost(self.id)
            yield
