"""The columns of the register as a table file may carry them: fields, known heads, known words, limits."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from yike.ingest.outlets import state_words

ROOM = "yike.web.outlets.importing"
TABLES = {"childcare_sessions": "childcare"}  #: fields whose table in ``outlets/`` has another name


@dataclass(frozen=True)
class Field:
    """One field of the register: how its cells are read, its names, and how long a text may be (0: any)."""

    name: str
    kind: str
    zh: str
    en: str
    longest: int


def table(name: str, room: str = ROOM) -> list[dict[str, str]]:
    """Return the rows of one of our tables, none where it is not there."""
    path = resources.files(room).joinpath(name)
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) if path.is_file() else []


@cache
def fields() -> dict[str, Field]:
    """Return the fields that can be imported, in their order."""
    rows = table("columns.csv")
    return {
        row["field"]: Field(row["field"], row["kind"], row["zh"], row["en"], int(row["longest"] or 0)) for row in rows
    }


@cache
def limit(key: str) -> float:
    """Return one of our limits (``limits.csv``)."""
    return {row["key"]: float(row["value"]) for row in table("limits.csv")}[key]


@cache
def weight(code: str) -> str:
    """Return what a finding does to its row: ``fault`` keeps it out, ``question`` asks, ``note`` only tells."""
    return {row["code"]: row["weight"] for row in table("faults.csv")}.get(code, "fault")


def plain(word: str) -> str:
    """Return a word without outer spaces and case, full-width brackets and signs as half-width ones."""
    return unicodedata.normalize("NFKC", word).strip().casefold()


@cache
def words(field: str) -> dict[str, str]:
    """Return the code that each known word of a field stands for.

    The register's own table of the field (``outlets/<field>.csv``: code, zh, en) comes first, then our further words.
    """
    if field == "state":
        return {plain(word): state for word, state in state_words().items() if word}
    own = table(f"{TABLES.get(field, field)}.csv", "yike.web.outlets")
    found = {plain(row[name]): row["code"] for row in own for name in ("code", "zh", "en")}
    codes = set(found.values())
    for row in table("words.csv"):
        if row["field"] == field and (not codes or row["value"] in codes):
            found.setdefault(plain(row["word"]), row["value"])
    return found


@cache
def _heads() -> dict[str, str]:
    return {plain(row["word"]): row["field"] for row in table("heads.csv")}


def propose(heads: Sequence[str]) -> dict[str, str]:
    """Return field → head for the heads we know; the first of several heads for one field is taken.

    Examples
    --------
    >>> propose(["店名", "经度", "纬度", "老板"])
    {'name': '店名', 'lon': '经度', 'lat': '纬度'}
    """
    proposed: dict[str, str] = {}
    for head in heads:
        field = _heads().get(plain(head))
        if field:
            proposed.setdefault(field, head)
    return proposed


def fitting(columns: Mapping[str, str], heads: Iterable[str]) -> dict[str, str]:
    """Return what of a mapping (field → head) can be used with these heads."""
    there = set(heads)
    return {field: head for field, head in columns.items() if field in fields() and head in there}
