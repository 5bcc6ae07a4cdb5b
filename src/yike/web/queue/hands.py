"""A worker's end of the pipe to its hand: start it, give it an order, hear its answer, kill it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from queue import Empty, SimpleQueue

from yike.web.queue.hand import READY
from yike.web.queue.limits import limit
from yike.web.queue.models import Job

STARTS_S = 120  #: longest start of a hand


class Hand:
    """One child process that carries out jobs."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "yike.web.queue.hand", str(os.getpid())]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self._answers: SimpleQueue[str] = SimpleQueue()
        self._jobs, self._mib = 0, 0.0
        threading.Thread(target=self._read, daemon=True).start()
        self.ready = False

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._answers.put(line.strip())

    @property
    def dead(self) -> bool:
        return self.process.poll() is not None

    def is_ready(self, wait_s: float) -> bool:
        """Whether it can take a job, waiting a little for it."""
        self.ready = self.ready or self.answer(wait_s) == READY
        return self.ready

    def answer(self, wait_s: float) -> str:
        """Return its next answer; "" where none came in so many seconds."""
        try:
            return self._answers.get(timeout=wait_s)
        except Empty:
            return ""

    def give(self, job: Job) -> None:
        """Order it to carry out a job; a hand that has just died hears nothing and is found dead."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps({"job": job.pk, "worker": job.worker, "tries": job.tries}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.process.wait()

    def heard(self, answer: str) -> None:
        """Note the end of a job."""
        self._jobs += 1
        self._mib = float(answer.split()[-1])

    @property
    def is_spent(self) -> bool:
        """Whether it should be replaced: it has done many jobs, or holds much memory."""
        return self._jobs >= limit("jobs_per_hand") or self._mib > 1024 * limit("hand_gib")

    def kill(self) -> None:
        """End it at once and wait until it is gone."""
        self.process.kill()
        self.process.wait()

    def how_it_ended(self) -> tuple[str, bool]:
        """Return in words how it ended, and whether by itself (a crash) rather than by a kill from outside."""
        code = self.process.wait()
        if code >= 0:
            return f"exit {code}", True
        name = signal.Signals(-code).name
        return name, name not in ("SIGKILL", "SIGTERM")
