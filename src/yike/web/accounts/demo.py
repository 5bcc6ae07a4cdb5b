"""The people of a made-up city: one for every role, with words drawn at this installation and written where only it can read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from yike.errors import Fault, InputError
from yike.web.accounts import actions
from yike.web.accounts.deeds import Deed, at_console
from yike.web.accounts.factors import set_factor
from yike.web.accounts.models import Person
from yike.web.accounts.passwords import put_password, random_password
from yike.web.accounts.phones import cipher, print_of
from yike.web.accounts.roles import offices_of, roles
from yike.web.areas.models import Area, City
from yike.web.home import home

NAMES = {
    "city_planner": "planner", "county_officer": "county", "street_officer": "street", "community_worker": "worker",
    "department_officer": "office", "reviewer": "reviewer", "auditor": "auditor", "operator": "operator",
}  # fmt: skip
PHONES = {"merchant": "12000000001", "resident": "12000000002"}


def make_demo_people(city: City) -> list[str]:
    """Make one person for every role of a made-up city; return the lines that tell how to log in as each.

    Made once, they stay: asked again, the lines of the first time come back from ``YIKE_HOME/demo-logins.txt``.

    Raises
    ------
    InputError
        ``accounts.real_city``: the city is real.
    """
    if not city.made_up:
        raise InputError(Fault("accounts.real_city", values={"city": city.slug}))
    path = home() / "demo-logins.txt"
    with transaction.atomic():
        _clear_way(city)
        there = Person.objects.filter(username=_name(city, "operator"), city=city).exists()
        kept = _kept(path, city)
        if there and kept:
            return kept
        lines = [_head(city), *_staff(city), *_by_phone(city)]
    _keep(path, city, lines)
    return lines


def _clear_way(city: City) -> None:
    """Do nothing if the names are free or ours; a name that somebody real has is refused."""
    taken = Person.objects.filter(username__in=[_name(city, each) for each in NAMES.values()]).exclude(city=city)
    if taken.exists():
        raise InputError(
            Fault("accounts.name_taken", values={"names": ", ".join(sorted(each.username for each in taken))})
        )


def _name(city: City, short: str) -> str:
    """Return a user name: plain for the first made-up city, with the city's own for any other."""
    holder = Person.objects.filter(username="operator").select_related("city").first()
    alone = holder is None or holder.city_id == city.pk
    return short if alone else f"{short}-{city.slug}"


def _head(city: City) -> str:
    return f"演示数据 {city.name} · demonstration people of {city.slug}; /accounts/login/"


def _areas(city: City) -> dict[str, Area]:
    """Return one area of each level, each inside the one before, the most peopled."""
    found = {"city": city.root}
    for above, level in (("city", "county"), ("county", "street"), ("street", "community")):
        below = found.get(above) and found[above].children.order_by("-people", "code").first()
        if below:
            found[level] = below
    return found


def _staff(city: City) -> Iterator[str]:
    areas = _areas(city)
    for role, short in NAMES.items():
        area = areas.get(roles()[role].levels[0])
        if area is None:
            continue
        username, password = _name(city, short), random_password()
        person = Person.objects.filter(username=username).first()
        if person is None:
            office = next(iter(offices_of(city.slug)), "office") if role == "department_officer" else ""
            deed = Deed(None, area, actions.KIND, username)
            person, _link = at_console(actions.invite, deed, username, f"演示{roles()[role].zh}", role, office)
        put_password(person, password)
        person.invitations.all().delete()
        secret = set_factor(person)
        words = f"{roles()[role].zh} {roles()[role].en} · {area.name}"
        yield f"{words}: {username} {password}  TOTP {secret}  (manage.py totp {username})"


def _by_phone(city: City) -> Iterator[str]:
    for role, phone in PHONES.items():
        person = at_console(actions.enrol, Deed(None, city.root), city, cipher(phone), print_of(phone))
        if role == "merchant":
            at_console(actions.become_merchant, actions.deed_of(person), city)
        yield f"{roles()[role].zh} {roles()[role].en}: {phone}  (验证码在服务器控制台 the code is on the server's console)"


def _keep(path: Path, city: City, lines: list[str]) -> None:
    """Write the lines beside those of other cities, readable by the owner alone."""
    others = path.read_text(encoding="utf-8").split("\n\n") if path.is_file() else []
    blocks = [each.strip() for each in others if each.strip() and not each.startswith(_head(city))] + ["\n".join(lines)]
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write("\n\n".join(blocks) + "\n")


def _kept(path: Path, city: City) -> list[str]:
    """Return the lines written for a city before, [] for none."""
    blocks = path.read_text(encoding="utf-8").split("\n\n") if path.is_file() else []
    return next((each.strip().splitlines() for each in blocks if each.startswith(_head(city))), [])
