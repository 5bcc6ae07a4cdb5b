"""Workers: the loop that takes jobs and has them done by a hand; and the same without processes, for tests."""

from __future__ import annotations

import logging
import os
import signal
import socket
import time
from typing import Any
from uuid import uuid4

from django.db import OperationalError, close_old_connections

from yike.web.queue.carrying import carry_out
from yike.web.queue.ending import end
from yike.web.queue.hands import STARTS_S, Hand
from yike.web.queue.limits import limit
from yike.web.queue.models import Job
from yike.web.queue.taking import broken_off, forget_old, give_back, is_stopping, renew, take

log = logging.getLogger(__name__)
GLANCE_S = 0.2  #: how soon a worker sees that it should end
TIDY_S = 3600.0  #: how often old jobs are deleted


def worker_name() -> str:
    """Return a name no other worker has or had: host, process and a random part."""
    return f"{socket.gethostname()[:40]}-{os.getpid()}-{uuid4().hex[:8]}"


def run_waiting(most: int = 1000) -> int:
    """Run the jobs that wait, one after the other, in this process; return how many were taken.

    Jobs that jobs put are run too. For tests, and where no worker runs.
    """
    name, done = worker_name(), 0
    while done < most and (job := take(name)) is not None:
        carry_out(job)
        done += 1
    return done


class Worker:
    """Takes one job after the other until it is asked to end; the job in hand is then given back."""

    def __init__(self) -> None:
        self.name = worker_name()
        self.ending = False
        self._hand: Hand | None = None
        self._tidied = -TIDY_S
        self._failed_starts = 0

    def end(self, *_: Any) -> None:
        """Ask it to end (a signal's handler)."""
        self.ending = True

    def run(self, *, until_empty: bool = False) -> None:
        """Work until asked to end, or until nothing waits."""
        signal.signal(signal.SIGTERM, self.end)
        signal.signal(signal.SIGINT, self.end)
        try:
            while not self.ending:
                close_old_connections()
                hand = self._ready_hand()
                job = self._next() if hand else None
                if hand and job:
                    self._have_done(hand, job)
                elif until_empty and hand:
                    return
                else:
                    self._tidy()
                    time.sleep(limit("poll_seconds"))
        finally:
            if self._hand is not None:
                self._hand.kill()

    def _next(self) -> Job | None:
        try:
            return take(self.name)
        except OperationalError as error:
            log.warning("the queue cannot be read: %s", error)
            return None

    def _ready_hand(self) -> Hand | None:
        """Return a hand that can take a job, starting one where needed; None while it is not ready."""
        hand = self._hand
        if hand is not None and (hand.dead or hand.is_spent):
            self._failed_starts = 0 if hand.ready else self._failed_starts + 1
            hand.kill()
            hand = None
            if self._failed_starts:
                log.error("the working process does not start (%s times)", self._failed_starts)
                self._sleep(min(2.0**self._failed_starts, 60.0))
        if hand is None and not self.ending:
            hand = self._hand = Hand()
        until = time.monotonic() + STARTS_S
        while hand is not None and not hand.is_ready(GLANCE_S):
            if self.ending or hand.dead:
                return None
            if time.monotonic() > until:
                hand.kill()
        return hand

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not self.ending:
            time.sleep(GLANCE_S)

    def _have_done(self, hand: Hand, job: Job) -> None:
        """Have a taken job carried out, and renew its lease meanwhile."""
        hand.give(job)
        beat = limit("lease_seconds") / limit("beats")
        renewed, asked = time.monotonic(), 0.0
        while not (answer := hand.answer(min(GLANCE_S, beat))):
            if self.ending:
                hand.kill()
                give_back(job)
                return
            if hand.dead and not (answer := hand.answer(GLANCE_S)):
                why, crashed = hand.how_it_ended()
                broken_off(job, why, crashed=crashed)
                return
            if answer:
                break
            if time.monotonic() - renewed >= beat:
                renewed = time.monotonic()
                if not self._goes_on(hand, job):
                    return
                asked = (asked or renewed) if is_stopping(job) else 0.0
                if asked and renewed - asked > limit("stop_seconds"):
                    hand.kill()
                    end(job.pk, "cancelled", worker=job.worker, tries=job.tries, state="running")
                    return
        hand.heard(answer)

    def _goes_on(self, hand: Hand, job: Job) -> bool:
        """Renew the lease; a hand whose job is no longer ours, because it was ended or taken, is let go."""
        try:
            if renew(job):
                return True
        except OperationalError as error:
            log.warning("the lease of job %s could not be renewed: %s", job.pk, error)
            return True
        if not hand.answer(GLANCE_S):  # it may have ended the job just now
            hand.kill()
        return False

    def _tidy(self) -> None:
        if time.monotonic() - self._tidied >= TIDY_S:
            self._tidied = time.monotonic()
            forget_old()
