"""The one place that answers "may this person do this here": verb × role × area, from tables; deny by default.

Every app has a ``verbs.csv``: one row per verb, one column per role, and in the cell how far the right reaches from
the area of the grant: ``tree`` (it and all below), ``here`` (it alone), ``owner`` (records the person owns, anywhere in
the city), ``any`` (every record of the city). An empty cell is no. Verbs whose second word begins with ``see`` are
rights to read: nothing is done, so they have no function.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from django.db.models import Q
    from django.http import HttpRequest

    from yike.web.accounts.models import Person
    from yike.web.areas.models import Area

ROLES = (
    "city_planner", "county_officer", "street_officer", "community_worker", "department_officer",
    "merchant", "resident", "reviewer", "auditor", "operator",
)  # fmt: skip
ANYONE = "anyone"  #: who has not logged in
REACHES = ("", "tree", "here", "owner", "any")
APPS = (
    "areas", "accounts", "journal", "queue", "circles", "outlets", "spaces", "needs", "studies", "seeing", "circling",
    "scenarios", "proposals", "projects", "documents", "map", "open",
)  # fmt: skip


class LoginNeeded(PermissionDenied):
    """Nobody is logged in, and the page needs somebody; the guard leads to the login page."""


@dataclass(frozen=True)
class Verb:
    """One verb with its names and how far each role's right to it reaches."""

    name: str
    zh: str
    en: str
    reach: dict[str, str]

    @property
    def reads(self) -> bool:
        """Whether it is a right to read: no function carries it out."""
        return self.name.split(".")[-1].startswith("see")


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
            wrong = row["verb"] in found or not set(reach.values()) <= set(REACHES) or reach[ANYONE] not in ("", "any")
            if wrong or row["verb"].split(".")[0] != app:
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
    if person is None or not person.is_authenticated:
        return known.reach[ANYONE] == "any"
    if not person.is_active:
        return False
    narrowing = getattr(person, "narrowing", None)  # a key acts for them: accounts/keys.py
    if narrowing is not None and not narrowing.allows(verb, area.path if area else ""):
        return False
    if known.reach[ANYONE] == "any":
        return True
    if area is None or not area.path:
        return False
    owns = owner_id is not None and owner_id == person.pk
    return any(_reaches(known.reach[role], path, area.path, owns) for role, path in grants_of(person))


def _reaches(reach: str, granted: str, path: str, owns: bool) -> bool:
    if not granted:
        return False
    same_city = granted.split("/")[0] == path.split("/")[0]
    match reach:
        case "tree":
            return path.startswith(granted)
        case "here":
            return path == granted
        case "owner":
            return owns and same_city
        case "any":
            return same_city
    return False


def grants_of(person: Any) -> list[tuple[str, str]]:
    """Return (role, path of the area) of a person's grants that hold today; kept with this object until a grant is saved."""
    from django.db.models import Q
    from django.utils.timezone import localdate

    if not hasattr(person, "_grants_today"):
        live = person.grants.filter(Q(until=None) | Q(until__gte=localdate()))
        person._grants_today = [pair for pair in live.values_list("role", "area__path") if pair[0] in ROLES]
    return person._grants_today


def forget_grants(person: Any) -> None:
    """Make `grants_of` read a person's grants again: they have changed."""
    person.__dict__.pop("_grants_today", None)


def reach_of(person: Person | None, verb: str) -> list[str]:
    """Return paths of areas in whose trees a person may do ``verb`` (``here``, ``tree`` and ``any``), for lists."""
    known = verbs()[verb]
    if person is None or not person.is_authenticated or not person.is_active:
        return []
    found = []
    for role, path in grants_of(person):
        if known.reach[role] == "any":
            found.append(path.split("/")[0] + "/")
        elif known.reach[role] in ("tree", "here"):
            found.append(path)
    narrowing = getattr(person, "narrowing", None)
    if narrowing is None:
        return found
    return narrowing.cut(found) if narrowing.allows(verb, "") else []


def within_reach(person: Person | None, verb: str, path_field: str = "area__path") -> Q:
    """Return the condition that a list holds only what a person may do ``verb`` on; with no right, nothing."""
    from django.db.models import Q

    condition = Q(pk__in=[])
    for path in reach_of(person, verb):
        condition |= Q(**{f"{path_field}__startswith": path})
    return condition


def roles_at(person: Person | None, area: Area) -> str:
    """Return the role in which a person acts in an area: that of the nearest grant above it, "" for none."""
    if person is None or not person.is_authenticated:
        return ""
    held = [(path, role) for role, path in grants_of(person) if area.path.startswith(path)]
    return max(held, key=lambda pair: (len(pair[0]), -ROLES.index(pair[1])))[1] if held else ""


def person_of(request: HttpRequest) -> Person | None:
    """Return who is logged in, None for nobody."""
    person = getattr(request, "user", None)
    return person if person is not None and person.is_authenticated and person.is_active else None


def need(request: HttpRequest, verb: str, area: Area | None = None, owner_id: int | None = None) -> Person:
    """Return who is logged in, if they may do ``verb`` in ``area`` (None: somewhere at all).

    Raises
    ------
    LoginNeeded
        Nobody is logged in: the guard leads to the login page and back.
    PermissionDenied
        The person may not.
    """
    person = person_of(request)
    if person is None:
        raise LoginNeeded(verb)
    if not (may(person, verb, area, owner_id) if area is not None else reach_of(person, verb)):
        raise PermissionDenied(verb)
    return person
