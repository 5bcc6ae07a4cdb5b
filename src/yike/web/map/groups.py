"""Layers of the public map: which outlets belong to 一店一早, 小修小补 …, by their types or by a flag of theirs."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Group:
    """One layer of the map."""

    code: str
    zh: str
    en: str
    types: tuple[str, ...]
    flag: str  #: field of an outlet that puts it into the layer whatever its types, "" = none


@cache
def groups() -> tuple[Group, ...]:
    """Return the layers in the order in which the map lists them.

    Examples
    --------
    >>> [group.zh for group in groups()][:3]
    ['一店一早', '一菜一修', '一老一小']
    """
    text = resources.files("yike.web.map").joinpath("groups.csv").read_text(encoding="utf-8")
    return tuple(
        Group(row["code"], row["zh"], row["en"], tuple(filter(None, row["types"].split("|"))), row["flag"])
        for row in csv.DictReader(text.splitlines())
    )


@cache
def group_codes() -> tuple[str, ...]:
    """Return the codes of the layers, in their order."""
    return tuple(group.code for group in groups())


@cache
def group_of(business_type: str) -> str:
    """Return the first layer that a business type belongs to, "" where none does."""
    return next((group.code for group in groups() if business_type in group.types), "")
