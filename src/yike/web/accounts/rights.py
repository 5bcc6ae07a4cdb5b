"""The one place that answers "may this person do this here": verb × role × area, from tables; deny by default.

Every app has a ``verbs.csv``: one row per verb, one column per role, and in the cell how far the right reaches from
the area of the grant: ``tree`` (it and all below), ``here`` (it alone), ``owner`` (records the person owns, anywhere in
the city), ``any`` (every record of the city). An empty cell is no.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from yike.web.accounts.models import Person
    from yike.web.areas.models import Area

ROLES = (
    "city_planner", "county_officer", "street_officer", "community_worker", "department_officer",
    "merchant", "resident", "reviewer", "auditor", "operator",
)  # fmt: skip
ANYONE = "anyone"  #: who has not logged in
REACHES = ("", "tree", "here", "owner", "any")
APPS = ("areas", "accounts", "journal", "circles", "outlets", "studies", "map", "open")


@dataclass(frozen=True)
class Verb:
    """One verb with its names and how far each role's right to it reaches."""

    name: str
    zh: str
    en: str
    reach: dict[str, str]


@cache
def verbs() -> dict[str, Verb]:
    """Return all verbs of all apps by name."""
    found: dict[str, Verb] = {}
    for app in APPS:
        table = resources.files(f"yike.web.{app}").joinpath("verbs.csv")
        if not table.is_file():
            continue
        for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
            reach = {role: (row.get(role) or "").strip() for role in (*ROLES, ANYONE)}
            if row["verb"] in found or not set(reach.values()) <= set(REACHES):
                raise ValueError(f"{app}/verbs.csv: {row['verb']}")
            found[row["verb"]] = Verb(row["verb"], row["zh"], row["en"], reach)
    return found


def may(person: Person | None, verb: str, area: Area | None, owner_id: int | None = None) -> bool:
    """Return whether ``person`` (None: not logged in) may do ``verb`` on a record in ``area`` owned by ``owner_id``.

    An unknown verb, an inactive person, an expired grant and a record outside every granted area are all no.
    """
    known = verbs().get(verb)
    if known is None:
        return False
    if known.reach[ANYONE] == "any":
        return True
    if person is None or not person.is_active or not person.is_authenticated or area is None:
        return False
    return any(_reaches(known.reach[role], path, area, owner_id == person.pk) for role, path in _grants(person))


def _reaches(reach: str, granted: str, area: Area, owns: bool) -> bool:
    same_city = granted.split("/")[0] == area.path.split("/")[0]
    match reach:
        case "tree":
            return area.path.startswith(granted)
        case "here":
            return area.path == granted
        case "owner":
            return owns and same_city
        case "any":
            return same_city
    return False


def _grants(person: Any) -> list[tuple[str, str]]:
    """Return (role, path of the area) of a person's grants that hold today, read once per request's person."""
    from django.db.models import Q
    from django.utils.timezone import localdate

    if not hasattr(person, "_grants_today"):
        live = person.grants.filter(Q(until=None) | Q(until__gte=localdate()))
        person._grants_today = list(live.values_list("role", "area__path"))
    return person._grants_today  # type: ignore[no-any-return]


def reach_of(person: Person | None, verb: str) -> list[str]:
    """Return paths of areas in whose trees a person may do ``verb`` (``here``, ``tree`` and ``any``), for lists."""
    known = verbs()[verb]
    if person is None or not person.is_authenticated or not person.is_active:
        return []
    found = []
    for role, path in _grants(person):
        if known.reach[role] == "any":
            found.append(path.split("/")[0] + "/")
        elif known.reach[role] in ("tree", "here"):
            found.append(path)
    return found
