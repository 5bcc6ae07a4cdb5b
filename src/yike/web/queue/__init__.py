"""Long jobs: a table in the database, taken by worker processes with a lease and a heartbeat.

An app registers what it can do in its ``jobs.py`` (imported by its ``AppConfig.ready``) and puts jobs inside its verbs::

    @handler("proposals.solve")
    def solve(job: Running) -> dict[str, Any]:
        job.tell(0.2, "求解")
        ...
        with job.writing():      # one transaction, only while this worker still holds the job
            proposal.save()
        return {"proposal": 7, "link": "/desk/proposals/7/"}

    put("proposals.solve", city, title="…", payload={"proposal": 7}, area=area, person=deed.by, key="proposal-7")

A handler is idempotent: the job of a killed worker is taken again from the beginning.
"""

from yike.web.queue.handlers import HANDLERS, handler
from yike.web.queue.putting import put, stop
from yike.web.queue.running import Cancelled, Lost, Running

__all__ = ["HANDLERS", "Cancelled", "Lost", "Running", "handler", "put", "run_waiting", "stop"]


def run_waiting(most: int = 1000) -> int:
    """Run the waiting jobs in this process; see `yike.web.queue.worker.run_waiting`."""
    from yike.web.queue.worker import run_waiting as run

    return run(most)
