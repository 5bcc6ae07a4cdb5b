"""Tables of choices beside a model: rows of CSV files in an app's folder, read once; names of business types."""

from __future__ import annotations

import csv
import unicodedata
from functools import cache
from importlib import resources

from yike.standards.catalogue import BusinessType, load_catalogue


@cache
def table(room: str, name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of ``<name>.csv`` in the folder of a package.

    Examples
    --------
    >>> [row["code"] for row in table("yike.web.spaces", "state_names")]
    ['free', 'reserved', 'used', 'withdrawn']
    """
    path = resources.files(room).joinpath(f"{name}.csv")
    return tuple(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@cache
def labels(room: str, name: str) -> dict[str, dict[str, str]]:
    """Return the rows of a table of choices by their code, in its order."""
    return {row["code"]: row for row in table(room, name)}


def label(room: str, name: str, code: str, lang: str = "zh") -> str:
    """Return the name of a choice in one language; the code itself where nobody named it."""
    found = labels(room, name).get(code)
    return found["zh" if lang.startswith("zh") else "en"] if found else code


def choices(room: str, name: str, lang: str) -> list[tuple[str, str]]:
    """Return (code, name) of every row, for a form."""
    return [(code, row["zh" if lang.startswith("zh") else "en"]) for code, row in labels(room, name).items()]


@cache
def number(room: str, key: str) -> float:
    """Return one of a room's own numbers (``numbers.csv``)."""
    return {row["key"]: float(row["value"]) for row in table(room, "numbers")}[key]


def plain(word: str) -> str:
    """Return a word without outer spaces and case, full-width signs as half-width ones."""
    return unicodedata.normalize("NFKC", word).strip().casefold()


@cache
def coded(room: str, name: str) -> dict[str, str]:
    """Return the code that each known word stands for: code, zh, en and what a column ``words`` holds, parted by "|"."""
    found: dict[str, str] = {}
    for row in table(room, name):
        for word in (row["code"], row["zh"], row["en"], *filter(None, (row.get("words") or "").split("|"))):
            found.setdefault(plain(word), row["code"])
    return found


@cache
def heads(room: str) -> dict[str, str]:
    """Return the field that each known head of a column stands for (``heads.csv``: field, word)."""
    return {plain(row["word"]): row["field"] for row in table(room, "heads")}


@cache
def business_types() -> dict[str, BusinessType]:
    """Return the business types of the standard's catalogue by code."""
    return {each.code: each for each in load_catalogue().types}


def type_name(code: str, lang: str = "zh") -> str:
    """Return a business type's name in one language."""
    found = business_types().get(code)
    return (found.zh if lang.startswith("zh") else found.en) if found else code


def type_choices(lang: str) -> list[tuple[str, str]]:
    """Return (code, name) of every business type, for a form."""
    return [(code, type_name(code, lang)) for code in business_types()]


@cache
def type_words() -> dict[str, str]:
    """Return business types by code and by their names in both languages."""
    return {plain(word): each.code for each in business_types().values() for word in (each.code, each.zh, each.en)}
