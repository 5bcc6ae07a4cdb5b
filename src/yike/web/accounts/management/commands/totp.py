"""``manage.py totp USERNAME``: the code an authenticator app would show now; for people of made-up cities only."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yike.web.accounts.factors import code_now
from yike.web.accounts.models import Person


class Command(BaseCommand):
    help = "演示人员此刻的动态口令 The one-time code of a demonstration person, now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        person = Person.objects.filter(username=username).select_related("city").first()
        if person is None:
            raise CommandError(f"没有这个人 no such person: {username}")
        real = person.grants.filter(area__city__made_up=False).exists()
        if real or person.city is None or not person.city.made_up:
            raise CommandError(f"{username} 不属于演示城市，不能显示 is not of a made-up city: not shown")
        code = code_now(person)
        if code is None:
            raise CommandError(f"{username} 还没有动态口令 has no second factor")
        self.stdout.write(code)
