"""Money of the project list: by source of funding, by year, by state; what was dropped does not count."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from yike.web.lists.choices import labels
from yike.web.projects.models import Project
from yike.web.projects.offices import ROOM


def counted(projects: Iterable[Project]) -> list[Project]:
    """Return the projects that go on or are done."""
    return [each for each in projects if each.state != "dropped"]


def by_source(projects: Iterable[Project]) -> list[dict[str, Any]]:
    """Return {code, zh, en, yuan, projects} per source of funding, in the order of ``funding.csv``; "" where none is told."""
    held = counted(projects)
    named = {**labels(ROOM, "funding"), "": {"zh": "未定", "en": "not decided"}}
    found = []
    for code, row in named.items():
        mine = [each for each in held if each.source == code]
        if mine:
            yuan = sum((each.cost_yuan for each in mine), Decimal(0))
            found.append({"code": code, "zh": row["zh"], "en": row["en"], "yuan": yuan, "projects": len(mine)})
    return found


def by_year(projects: Iterable[Project]) -> list[dict[str, Any]]:
    """Return {year, yuan, projects} by the year in which the works begin; year None where no start is told."""
    years: dict[int | None, list[Project]] = {}
    for each in counted(projects):
        years.setdefault(each.starts_on.year if each.starts_on else None, []).append(each)
    ordered = sorted(years, key=lambda year: (year is None, year or 0))
    return [
        {"year": year, "yuan": sum((each.cost_yuan for each in years[year]), Decimal(0)), "projects": len(years[year])}
        for year in ordered
    ]


def total(projects: Iterable[Project]) -> Decimal:
    """Return the yuan of all that count."""
    return sum((each.cost_yuan for each in counted(projects)), Decimal(0))
