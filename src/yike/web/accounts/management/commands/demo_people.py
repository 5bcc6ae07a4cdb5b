"""``manage.py demo_people CITY``: one person for every role of a made-up city, and how to log in as each."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from yike.errors import YikeError
from yike.web.accounts.demo import make_demo_people
from yike.web.areas.models import City


class Command(BaseCommand):
    help = "为演示城市建立每种角色各一人 One person for every role of a made-up city."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("city", help="slug")

    def handle(self, *args: Any, city: str, **options: Any) -> None:
        found = City.objects.filter(slug=city).first()
        if found is None:
            raise CommandError(f"没有这个城市 no such city: {city}")
        try:
            self.stdout.write("\n".join(make_demo_people(found)))
        except YikeError as problem:
            raise CommandError("\n".join(f"{each.text('zh')}\n{each.text()}" for each in problem.faults)) from problem
