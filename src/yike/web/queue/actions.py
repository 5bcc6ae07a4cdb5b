"""What people do to jobs. Putting one is part of the verb that needs it, not a verb of its own."""

from __future__ import annotations

from yike.errors import Fault, YikeError
from yike.web.journal.verbs import Deed, Person, verb
from yike.web.queue.models import Job
from yike.web.queue.putting import stop


def deed_on(person: Person | None, job: Job) -> Deed:
    """Return the deed of an act on a job: its area and who put it decide who may."""
    return Deed(person, job.area, "queue.job", str(job.pk), job.person_id)


@verb("queue.cancel")
def cancel(deed: Deed, job: Job) -> None:
    """Ask a job to stop: a waiting one is cancelled at once, a running one at its next step.

    Raises
    ------
    YikeError
        ``queue.ended``: it has ended already.
    """
    if not stop(job):
        raise YikeError(Fault("queue.ended"))
    deed.change = {"kind": job.kind, "stop_asked": [False, True]}
