"""A list as a page shows it: columns that sort, filters that live in the address, one page of rows, points for the map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict

from yike.web.areas.models import Area, City
from yike.web.lists.choices import number
from yike.web.lists.reading import ROOM


@dataclass(frozen=True)
class Column:
    """One column: its name on the page, the field it sorts by ("" for none), whether it holds numbers."""

    name: str
    head: str
    sort: str = ""
    number: bool = False


@dataclass(frozen=True)
class Filter:
    """One filter: a choice among ``choices``, or a text where there are none."""

    name: str
    label: str
    choices: Sequence[tuple[str, str]] | None = None
    kind: str = "text"  #: text, number, date


@dataclass
class Asked:
    """What an address asks for: filters of known names and values, and an order."""

    filters: Sequence[Filter]
    columns: Sequence[Column]
    given: QueryDict
    default: str  #: name of the column a list is ordered by, with "-" downwards
    values: dict[str, str] = field(default_factory=dict)
    sort: str = ""

    def __post_init__(self) -> None:
        for each in self.filters:
            told = self.given.get(each.name, "").replace("\x00", "").strip()[:80]
            known = each.choices is None or told in {code for code, _ in each.choices}
            self.values[each.name] = told if known else ""
        asked = self.given.get("sort", "")
        sorts = {each.name for each in self.columns if each.sort}
        self.sort = asked if asked.lstrip("-") in sorts else self.default

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def filtered(self) -> bool:
        """Whether any filter is set."""
        return any(self.values.values())

    def number(self, name: str) -> float | None:
        """Return a filter as a number, None where it holds none."""
        try:
            value = float(self.values[name])
        except ValueError:
            return None
        return value if abs(value) < 1e15 else None

    def query(self, **more: str) -> str:
        """Return the filters as the query of an address, without what is empty or as it would be anyway."""
        pairs = {**self.values, "sort": self.sort, **more}
        return urlencode({k: v for k, v in pairs.items() if v and (k, v) != ("sort", self.default)})

    def order(self) -> list[str]:
        """Return the order of the rows, for ``order_by``."""
        down = "-" if self.sort.startswith("-") else ""
        by = next(each.sort for each in self.columns if each.name == self.sort.lstrip("-"))
        return [down + by, "pk"]

    def heads(self) -> list[dict[str, Any]]:
        """Return the heads with the query that sorts by each: again, the other way round."""
        found = []
        for each in self.columns:
            up, down = self.sort == each.name, self.sort == f"-{each.name}"
            query = self.query(sort=f"-{each.name}" if up else each.name) if each.sort else ""
            told = "ascending" if up else "descending" if down else ""
            found.append(
                {"head": each.head, "query": query, "number": each.number, "sorted": told, "sorts": bool(each.sort)}
            )
        return found

    def fields(self) -> list[dict[str, Any]]:
        """Return the filters as a form shows them."""
        return [
            {
                "name": each.name,
                "label": each.label,
                "choices": each.choices,
                "kind": each.kind,
                "value": self[each.name],
            }
            for each in self.filters
        ]


def page_of(found: QuerySet[Any], given: QueryDict) -> Page[Any]:
    """Return the page of a list that an address asks for."""
    return Paginator(found, int(number(ROOM, "page"))).get_page(given.get("page"))


def row(url: str, name: str, cells: Sequence[Any], asked: Asked) -> dict[str, Any]:
    """Return one row: its link and name, then its cells with their heads."""
    rest = asked.columns[1:]
    return {
        "url": url, "name": name,
        "cells": [{"text": text, "head": column.head, "number": column.number}
                  for text, column in zip(cells, rest, strict=True)],
    }  # fmt: skip


def points(
    city_json: Mapping[str, Any], rows: Iterable[tuple[float | None, float | None, str, str, str]]
) -> dict[str, Any]:
    """Return what the map beside a list draws: (lon, lat, name, address of its page, tone) each; no more than the map bears."""
    most = int(number(ROOM, "map_points"))
    kept = [list(each) for each in rows if each[0] is not None and each[1] is not None]
    return {"city": dict(city_json), "points": kept[:most]}


def area_choices(areas: QuerySet[Area], lowest: str = "community", most: int = 2500) -> list[tuple[str, str]]:
    """Return (code, name) of areas as a form shows a tree: indented by their level."""
    rows = areas.order_by("path").values_list("code", "name", "path", "level")
    kept = [each for each in rows if lowest == "community" or each[3] != "community"]
    return [(code, "\u3000" * (path.count("/") - 1) + name) for code, name, path, _ in kept[:most]]


def area_named(city: City, code: str) -> Area | None:
    """Return a city's area by its code, None for none."""
    return city.areas.filter(code=code).first() if code else None
