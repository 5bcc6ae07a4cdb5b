"""The hand: the process in which jobs are carried out, one at a time, for the worker that started it.

Numeric code may crash, fill the memory or hold the interpreter for long; then only the hand is lost, and its worker
goes on renewing leases meanwhile. A hand whose worker is gone ends at once: what it was doing is another worker's now.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from typing import IO, Any

from yike.web.queue.leash import end_with_parent

READY = "ready"


def main() -> None:
    """Take jobs from standard input, a line of JSON each, and answer a line when one has ended."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what the work prints must not look like an answer
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which lets the job go first
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with_parent(int(sys.argv[1]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yike.web.settings")
    import django

    django.setup()
    answers.write(READY + "\n")
    for line in _lines(sys.stdin):
        answers.write(f"{_carry_out(json.loads(line))} {_memory_mib():.0f}\n")


def _lines(orders: IO[str]) -> Iterator[str]:
    """Give the orders one by one; a thread reads, so that the end of the worker ends us in the middle of a job."""
    from queue import SimpleQueue

    waiting: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        for line in orders:
            waiting.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield waiting.get()


def _carry_out(order: dict[str, Any]) -> str:
    from django.db import OperationalError, close_old_connections

    from yike.web.queue.carrying import carry_out
    from yike.web.queue.models import Job

    try:
        close_old_connections()
        held = Job.objects.select_related("city", "area", "person")
        job = held.filter(pk=order["job"], worker=order["worker"], tries=order["tries"], state="running").first()
        return carry_out(job) if job is not None else "lost"
    except OperationalError as error:  # not even the end could be written: the lease runs out, another try follows
        logging.getLogger(__name__).warning("job %s: %s", order["job"], error)
        return "lost"


def _memory_mib() -> float:
    """Return the most that this process ever held in memory."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()
