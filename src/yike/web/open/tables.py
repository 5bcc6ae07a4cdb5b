"""What is open: kinds of record and their fields, as rows of ``kinds.csv`` and ``fields.csv``.

The same rows make the GeoJSON, the OpenAPI, the files of the bulk export, the sheet that explains them and the views for
desktop programs, so that a field means the same and is called the same in all of them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

TYPES = ("string", "number", "integer", "boolean", "date", "list")


@dataclass(frozen=True)
class Field:
    """One public field of a kind of record."""

    name: str
    type: str  # one of `TYPES`
    filter: bool  # whether OGC API Features takes it as a query parameter
    zh: str
    en: str

    def schema(self) -> dict[str, Any]:
        """Return the field in the words of JSON Schema."""
        described: dict[str, Any] = {"title": self.zh, "description": self.en, "nullable": True}
        if self.type == "list":
            return described | {"type": "array", "items": {"type": "string"}}
        if self.type == "date":
            return described | {"type": "string", "format": "date"}
        return described | {"type": self.type}


@dataclass(frozen=True)
class Kind:
    """One kind of record: outlets, areas, circles or coverage."""

    name: str
    id_field: str
    time_field: str  # "" where records have no time of their own
    shown: tuple[str, ...]  # names of the fields that a list for people shows
    zh: str
    en: str
    zh_about: str
    en_about: str
    fields: tuple[Field, ...]

    @property
    def filters(self) -> dict[str, Field]:
        """Fields that one can ask for, by name."""
        return {field.name: field for field in self.fields if field.filter}

    @property
    def columns(self) -> list[Field]:
        """Fields that a list for people shows."""
        return [field for field in self.fields if field.name in self.shown]

    def title(self, lang: str) -> str:
        """Return the name in Chinese, or in English for ``lang`` en."""
        return self.en if lang == "en" else self.zh

    def about(self, lang: str) -> str:
        """Return what the records are, in Chinese or English."""
        return self.en_about if lang == "en" else self.zh_about


def rows(table: str) -> list[dict[str, str]]:
    """Return the rows of a table of this app."""
    text = resources.files("yike.web.open").joinpath(table).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def rules() -> dict[str, int]:
    """Return the numbers of ``rules.csv``: how many people are few, how long a page is."""
    return {row["rule"]: int(row["value"]) for row in rows("rules.csv")}


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds of record by name."""
    fields: dict[str, list[Field]] = {}
    for row in rows("fields.csv"):
        if row["type"] not in TYPES:
            raise ValueError(f"open/fields.csv: {row['kind']}.{row['name']} is of type {row['type']}")
        fields.setdefault(row["kind"], []).append(
            Field(row["name"], row["type"], row["filter"] == "yes", row["zh"], row["en"])
        )
    few = rules()["few_people"]
    return {
        row["kind"]: Kind(
            row["kind"], row["id_field"], row["time_field"], tuple(row["shown"].split()), row["zh"], row["en"],
            row["zh_about"].format(few=few), row["en_about"].format(few=few), tuple(fields[row["kind"]]),
        )
        for row in rows("kinds.csv")
    }  # fmt: skip
