"""A worker kept beside a server: started with it, started again when it dies, ended with it."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from types import TracebackType

log = logging.getLogger(__name__)
AGAIN_S, LATEST_S = 0.5, 10.0  #: wait before a worker that died is started again: at first, at most
STEADY_S = 5.0  #: a worker that lived so long starts again at once
ENDS_S = 15.0  #: time a worker has to give its job back


class KeptWorker:
    """As a context: one worker runs as long as the block does."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="keeps the worker", daemon=True)

    def __enter__(self) -> KeptWorker:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join(ENDS_S + 5)

    def _keep(self) -> None:
        """Run one worker after the other; the thread that starts a worker must live as long as it (`end_with_parent`)."""
        wait = AGAIN_S
        while not self._ending.is_set():
            began = time.monotonic()
            worker = subprocess.Popen([sys.executable, "-m", "django", "work", "--parent", str(os.getpid())])
            while worker.poll() is None and not self._ending.wait(0.2):
                pass
            if self._ending.is_set():
                _end(worker)
                return
            wait = AGAIN_S if time.monotonic() - began > STEADY_S else min(2 * wait, LATEST_S)
            log.warning("the worker ended (%s); another starts in %.1f s", worker.returncode, wait)
            self._ending.wait(wait)


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(ENDS_S)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
