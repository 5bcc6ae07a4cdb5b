"""English names of areas: the pinyin of the name with the word for its kind."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from yike.web.areas.saying import syllables


@cache
def _suffixes() -> list[tuple[str, str]]:
    table = resources.files("yike.web.areas").joinpath("suffixes.csv").read_text(encoding="utf-8")
    rows = [(row["zh"], row["en"]) for row in csv.DictReader(table.splitlines())]
    return sorted(rows, key=lambda row: -len(row[0]))


def english(name: str) -> str:
    """Return the English form of an area's Chinese name; what is not Chinese stays as it is.

    Examples
    --------
    >>> english("东街街道办事处"), english("泽州县"), english("城区"), english("Helsinki")
    ('Dongjie Subdistrict', 'Zezhou County', 'Chengqu', 'Helsinki')
    """
    if name.isascii():
        return name
    for zh, en in _suffixes():
        stem = name.removesuffix(zh)
        if stem != name and len(stem) >= 2:
            return f"{_spelled(stem)} {en}"
    return _spelled(name)


def _spelled(text: str) -> str:
    return "".join(syllables(text)).capitalize()
