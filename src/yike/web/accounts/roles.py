"""Roles as data: names, how one logs in, where a role may be held, and who may give it (``roles.csv``)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from yike.web.accounts.rights import grants_of

if TYPE_CHECKING:
    from yike.web.accounts.models import Person
    from yike.web.areas.models import Area, City


@dataclass(frozen=True)
class Role:
    """One role. ``levels`` are those of areas it may be held in; ``grants`` the roles its holder may give and take."""

    name: str
    zh: str
    en: str
    login: str  # "password" (with a second factor) or "phone"
    rank: int
    levels: tuple[str, ...]
    grants: tuple[str, ...]

    @property
    def staff(self) -> bool:
        """Whether it is a role of staff."""
        return self.login == "password"

    def called(self, lang: str) -> str:
        """Return its name in a language."""
        return self.en if lang == "en" else self.zh


@cache
def roles() -> dict[str, Role]:
    """Return all roles by name, in the order of the table."""
    text = resources.files("yike.web.accounts").joinpath("roles.csv").read_text(encoding="utf-8")
    return {
        row["role"]: Role(
            row["role"], row["zh"], row["en"], row["login"], int(row["rank"]),
            tuple(row["levels"].split()), tuple(row["grants"].split()),
        )
        for row in csv.DictReader(text.splitlines())
    }  # fmt: skip


@cache
def offices_of(slug: str) -> dict[str, dict[str, str]]:
    """Return the offices of a city by code, {} where none are listed: ``offices/cities.csv`` names the city's table."""
    folder = resources.files("yike.web.accounts").joinpath("offices")
    index = csv.DictReader(folder.joinpath("cities.csv").read_text(encoding="utf-8").splitlines())
    table = next((row["table"] for row in index if row["city"] == slug), None)
    if table is None:
        return {}
    rows = csv.DictReader(folder.joinpath(f"{table}.csv").read_text(encoding="utf-8").splitlines())
    return {row["code"]: row for row in rows}


def may_give(person: Person, role: str, area: Area) -> bool:
    """Return whether a person may give or take a role in an area: by one of their own roles there, never a higher one."""
    asked = roles()[role]
    return any(
        role in roles()[held].grants and asked.rank <= roles()[held].rank and area.path.startswith(path)
        for held, path in grants_of(person)
    )


def fits(role: str, area: Area, office: str, city: City) -> bool:
    """Return whether a role can be held in an area, with the office a department officer needs."""
    known = offices_of(city.slug)
    if role != "department_officer":
        return area.level in roles()[role].levels and not office
    return area.level in roles()[role].levels and (office in known if known else bool(office))


def is_staff(person: Person) -> bool:
    """Return whether someone must log in as staff do: marked as staff, or holding any role of staff today."""
    return person.is_staff or any(roles()[role].staff for role, _ in grants_of(person))
