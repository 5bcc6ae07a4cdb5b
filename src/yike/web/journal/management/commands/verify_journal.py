"""``manage.py verify_journal``: prove the journal; status 1 and the first broken line when it does not hold."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yike.web.journal.chain import prove
from yike.web.journal.models import Line

WHY = {
    "changed": ("内容与摘要不符，被改过", "its content is not that of its digest: it was changed"),
    "parted": ("与上一行接不上，之间有行被删或插入", "it does not follow the line before: one was taken out or put in"),
}


class Command(BaseCommand):
    help = "验证日志链是否完整 Prove that no line of the journal was changed, taken out or put in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--holds", metavar="DIGEST", help="the head written down earlier: it must still be there")

    def handle(self, *args: Any, holds: str | None = None, **options: Any) -> None:
        proof = prove()
        if proof.broken is not None:
            zh, en = WHY[proof.why]
            raise CommandError(f"第 {proof.broken} 行：{zh}。 Line {proof.broken}: {en}.", returncode=1)
        if holds and not Line.objects.filter(digest=holds).exists():
            raise CommandError(f"找不到 {holds}：末尾的行被截掉。 {holds} is gone: the end was cut off.", returncode=1)
        self.stdout.write(f"日志完整，共 {proof.lines} 行。 The journal holds: {proof.lines} lines.")
        self.stdout.write(f"head {proof.head}")
