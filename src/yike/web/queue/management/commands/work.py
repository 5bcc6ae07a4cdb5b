"""``manage.py work``: a worker for the long jobs; as many as wanted may run, on one machine or several."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from yike.web.queue.leash import end_with_parent
from yike.web.queue.worker import Worker


class Command(BaseCommand):
    help = "执行后台任务（测算、求解、文档），Ctrl-C 结束 Carry out background jobs until Ctrl-C."
    requires_system_checks: tuple[str, ...] = ()  # pages are no business of a worker, and it starts faster

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="做完排队的任务就结束 End when nothing waits")
        parser.add_argument("--parent", type=int, default=0, help="随此进程结束 End with this process")

    def handle(self, *args: Any, once: bool, parent: int, **options: Any) -> None:
        if parent:
            end_with_parent(parent, signal.SIGTERM)
        Worker().run(until_empty=once)
