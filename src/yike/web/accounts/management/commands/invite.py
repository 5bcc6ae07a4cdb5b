"""``manage.py invite CITY ROLE USERNAME``: the first people of a city, from the server's own command line."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from yike.web.accounts import actions
from yike.web.accounts.deeds import Deed, at_console
from yike.web.accounts.models import Person
from yike.web.accounts.roles import roles
from yike.web.areas.models import Area, City


class Command(BaseCommand):
    help = "邀请工作人员，打印一次性链接 Invite staff and print the one-time link (first of all a city's operator)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("city", help="slug")
        parser.add_argument("role", choices=[name for name, role in roles().items() if role.staff])
        parser.add_argument("username")
        parser.add_argument("--name", default="")
        parser.add_argument("--area", default="", help="12 位代码 code; default: the city")
        parser.add_argument("--office", default="")

    def handle(self, *args: Any, city: str, role: str, username: str, **options: Any) -> None:
        found = City.objects.filter(slug=city).first()
        code = options["area"]
        area: Area | None = None
        if found is not None:
            area = Area.objects.filter(city=found, code=code).first() if code else found.root
        if area is None:
            raise CommandError(f"没有这个城市或区域 no such city or area: {city} {code}")
        if Person.objects.filter(username__iexact=username).exists():
            raise CommandError(f"这个用户名已有人用 this name is taken: {username}")
        deed = Deed(None, area, actions.KIND, username)
        try:
            _person, link = at_console(actions.invite, deed, username, options["name"], role, options["office"])
        except PermissionDenied as problem:
            raise CommandError(
                f"{role} 不能设在这一级区域，或缺少部门 cannot be held there, or needs an office"
            ) from problem
        self.stdout.write(reverse("invitation", args=(link,)))
