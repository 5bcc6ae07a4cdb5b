"""How each layer of the map is drawn: a shape and a letter (``marks.csv``), and the chips that choose (``chips.csv``)."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

from yike.web.map.groups import groups

INK = "#1b1b1d"


@dataclass(frozen=True)
class Mark:
    """One layer as the map draws it, in one language; ``path`` is an SVG path in a box of 24."""

    group: str
    name: str
    letter: str
    shape: str
    path: str


@dataclass(frozen=True)
class Chip:
    """A shortcut under the search box: a layer, or some business types."""

    code: str
    name: str
    group: str
    types: str  #: codes, with commas


def _rows(table: str) -> list[dict[str, str]]:
    text = resources.files("yike.web.map").joinpath(table).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def marks(lang: str) -> tuple[Mark, ...]:
    """Return the marks in the order of the layers, and last the one of outlets in no layer."""
    names = {group.code: group.en if lang == "en" else group.zh for group in groups()}
    names["other"] = "Others" if lang == "en" else "其他"
    order = list(names)
    found = [
        Mark(row["group"], names[row["group"]], row[f"letter_{lang}"], row["shape"], row["path"])
        for row in _rows("marks.csv")
        if row["group"] in names
    ]
    return tuple(sorted(found, key=lambda mark: order.index(mark.group)))


@cache
def chips(lang: str) -> tuple[Chip, ...]:
    """Return the shortcuts in their order."""
    return tuple(
        Chip(row["code"], row[lang], row["group"], row["types"].replace("|", ",")) for row in _rows("chips.csv")
    )


def mark_rows() -> list[dict[str, str]]:
    """Return the table of marks as scripts want it."""
    return [
        {key: row[key] for key in ("group", "letter_zh", "letter_en", "shape", "path")} for row in _rows("marks.csv")
    ]
