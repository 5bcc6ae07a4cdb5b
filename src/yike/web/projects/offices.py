"""Which office leads what: the city's own paper as rows of ``leads/``, our defaults where it is silent; never in code."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from yike.web.accounts.roles import offices_of
from yike.web.areas.models import City
from yike.web.lists.choices import labels

ROOM = "yike.web.projects"


@dataclass(frozen=True)
class Lead:
    """Who leads and supports one kind of project, where its money comes from, and which clause says so."""

    lead: str
    supporting: tuple[str, ...]
    funding: str
    clause: str
    grade: str


def _rows(name: str) -> list[dict[str, str]]:
    path = resources.files(ROOM).joinpath("leads").joinpath(f"{name}.csv")
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@cache
def _table(name: str) -> dict[str, Lead]:
    return {
        row["what"]: Lead(
            row["lead"], tuple(row["supporting"].split()), row["funding"],
            f"{row['source']} {row['clause']}".strip(), row["grade"],
        )
        for row in _rows(name)
    }  # fmt: skip


def lead_of(slug: str, business_type: str, kind: str = "outlet") -> Lead:
    """Return who leads a project by default: by its business type, else by its kind.

    Examples
    --------
    >>> lead_of("jincheng", "community_canteen").lead, lead_of("jincheng", "fresh_food_store").clause
    ('civil_affairs', 'S0 三（二）4')
    >>> lead_of("elsewhere", "bakery").grade, lead_of("jincheng", "", "gate").lead
    ('OURS', 'housing')
    """
    tables = {row["city"]: row["table"] for row in _rows("cities")}
    own = _table(tables[slug]) if slug in tables else {}
    for what in (business_type, f"kind:{kind}"):
        for rows in (own, _table("default")):
            if what in rows:
                return rows[what]
    return _table("default")["kind:other"]


def offices(city: City) -> dict[str, dict[str, str]]:
    """Return the offices of a city by code, {zh, en}: its own names where it has a table, general ones else."""
    general = {code: {"zh": row["zh"], "en": row["en"]} for code, row in labels(ROOM, "offices").items()}
    own = {code: {"zh": row["zh"], "en": row["en"]} for code, row in offices_of(city.slug).items()}
    return {**general, **own}


def office_name(city: City, code: str, lang: str = "zh") -> str:
    """Return an office's name in one language; a name that is in no table is its own."""
    found = offices(city).get(code)
    return found["zh" if lang.startswith("zh") else "en"] if found else code
