"""Carrying out one job that this process holds: the handler runs, and its end is written where the try still holds it."""

from __future__ import annotations

import logging
from typing import Any

from django.db import OperationalError

from yike.errors import Fault, YikeError
from yike.web.queue.ending import end
from yike.web.queue.handlers import HANDLERS
from yike.web.queue.models import Job
from yike.web.queue.running import Cancelled, Lost, Running
from yike.web.queue.taking import broken_off

log = logging.getLogger(__name__)


def carry_out(job: Job) -> str:
    """Run a taken job to its end; return its state, "lost" where another worker has it now, "waiting" to be tried again."""
    running = Running(job)
    held: dict[str, Any] = {"worker": job.worker, "tries": job.tries, "state": "running"}
    try:
        if job.kind not in HANDLERS:
            raise YikeError(Fault("queue.unknown_kind", values={"kind": job.kind}))
        result = HANDLERS[job.kind](running)
        return "done" if end(job.pk, "done", result=result, **held) else "lost"
    except Cancelled:
        return "cancelled" if end(job.pk, "cancelled", **held) else "lost"
    except Lost:
        return "lost"
    except YikeError as error:
        return "failed" if end(job.pk, "failed", faults=error.faults, **held) else "lost"
    except OperationalError as error:  # the database was busy or away: nothing is wrong with the job
        log.warning("job %s (%s): %s", job.pk, job.kind, error)
        broken_off(job, f"{type(error).__name__}: {error}"[:300], crashed=False)
        return "waiting"
    except Exception as error:
        log.exception("job %s (%s)", job.pk, job.kind)
        why = f"{type(error).__name__}: {error}"[:300]
        fault = Fault("queue.broke", values={"why": why})
        return "failed" if end(job.pk, "failed", faults=(fault,), **held) else "lost"
