"""The register's tables of choices and limits: rows of CSV files in this folder, read once."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources

from yike.standards.catalogue import BusinessType, load_catalogue


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of ``<name>.csv``."""
    path = resources.files("yike.web.outlets").joinpath(f"{name}.csv")
    return tuple(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@cache
def labels(name: str) -> dict[str, dict[str, str]]:
    """Return code → {zh, en} of a table of choices, in the order of its rows.

    Examples
    --------
    >>> labels("payments")["cash"]["zh"]
    '现金'
    """
    key = "kind" if name == "reports" else "code"
    return {row[key]: {"zh": row["zh"], "en": row["en"]} for row in table(name)}


def label(name: str, code: str, lang: str = "zh") -> str:
    """Return the name of a choice in one language; the code itself where nobody named it."""
    found = labels(name).get(code)
    return found["zh" if lang.startswith("zh") else "en"] if found else code


@cache
def limit(name: str) -> float:
    """Return one of the register's own numbers (``limits.csv``)."""
    return {row["name"]: float(row["value"]) for row in table("limits")}[name]


@cache
def business_types() -> dict[str, BusinessType]:
    """Return the business types of the standard's catalogue by code."""
    return {each.code: each for each in load_catalogue().types}


def type_name(code: str, lang: str = "zh") -> str:
    """Return a business type's name in one language."""
    found = business_types().get(code)
    return (found.zh if lang.startswith("zh") else found.en) if found else code


def trade_type(trade: str) -> str | None:
    """Return the business type of a licence-free trade (``licence_free.csv``); None when it is none of them."""
    return {row["code"]: row["business_type"] for row in table("licence_free")}.get(trade)
