"""Crosswalks: other people's categories → business types, as tables a planner can open and mend.

A category may serve several types; one that is known to be none of ours ("-") is not the same as one nobody has
looked at yet: the second kind is listed with counts, never dropped silently.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from yike.errors import Fault, Row, StandardError, raise_all
from yike.standards.packs import load_types

NONE_OF_OURS = "-"  #: in the column types: known, and serves no business type
SHIPPED = ("osm", "amap", "words")
Category = str | Mapping[str, str]
SEPARATORS = re.compile(r"[|；;、,，/]+")


@dataclass(frozen=True)
class Rule:
    """One row: a category (and for tags a further tag that must be there) and the types it serves."""

    key: str  #: tag key, or "" for codes and words
    value: str  #: tag value, code or word
    also: tuple[str, str] | None  #: a further tag (key, value) that must be there
    types: tuple[str, ...]


@dataclass(frozen=True)
class Crosswalk:
    """The rows of one crosswalk and how to ask them."""

    name: str
    kind: str  #: "tags" (mapping of tags), "codes" (six digits or 大类;中类;小类), "words"
    rules: tuple[Rule, ...]
    unmapped_keys: tuple[str, ...] = field(default=())  #: tags: the keys by which an unknown place is named

    @cached_property
    def _table(self) -> dict[tuple[str, str], list[Rule]]:
        table: dict[tuple[str, str], list[Rule]] = {}
        for rule in self.rules:
            table.setdefault((rule.key, rule.value), []).append(rule)
        return table

    def types_of(self, category: Category) -> tuple[str, ...] | None:
        """Return the types that a category serves, () for none of ours, None when it is not known.

        Examples
        --------
        >>> osm = load_crosswalk("osm")
        >>> osm.types_of({"shop": "convenience"}), osm.types_of({"amenity": "bench"}), osm.types_of({"shop": "no-such"})
        (('convenience_store',), (), None)
        """
        if isinstance(category, str):
            return self._of_text(category)
        return self._of_tags(category)

    def _of_tags(self, tags: Mapping[str, str]) -> tuple[str, ...] | None:
        found: dict[str, None] = {}
        known = False
        for key, value in tags.items():
            if key not in self.unmapped_keys:
                continue
            for part in value.split(";"):
                for rule in self._table.get((key, part.strip()), ()):
                    if rule.also is None or _has(tags, rule.also):
                        known = True
                        found |= dict.fromkeys(rule.types)
        return tuple(found) if known else None

    def _of_text(self, text: str) -> tuple[str, ...] | None:
        whole = self._one(text.strip())
        if whole is not None:
            return whole
        found: dict[str, None] = {}
        known = False
        # Several categories in one cell: 大类;中类;小类 use ";" inside, so "|" alone parts codes.
        for part in text.split("|") if self.kind == "codes" else SEPARATORS.split(text):
            types = self._one(part.strip())
            known |= types is not None
            found |= dict.fromkeys(types or ())
        return tuple(found) if known else None

    def _one(self, text: str) -> tuple[str, ...] | None:
        rules = self._table.get(("", text))
        return None if rules is None else tuple(dict.fromkeys(code for rule in rules for code in rule.types))

    def name_of(self, category: Category) -> str:
        """Return how an unknown category is named in a list."""
        if isinstance(category, str):
            return category.strip() or '""'
        named = [f"{key}={category[key]}" for key in self.unmapped_keys if key in category]
        return ", ".join(named) or '""'


def _has(tags: Mapping[str, str], wanted: tuple[str, str]) -> bool:
    given = tags.get(wanted[0], "")
    return bool(given) if wanted[1] == "*" else wanted[1] in (part.strip() for part in given.split(";"))


def load_crosswalk(name: str | Path) -> Crosswalk:
    """Read a crosswalk: "osm" (tags), "amap" (codes of the map provider), "words" (Chinese words), or a file.

    A file of your own has the columns ``category, types``; types are joined with "|", "-" means none of ours.

    Raises
    ------
    StandardError
        ``standards.crosswalk_unknown``, ``standards.columns_missing``, ``standards.crosswalk_bad`` with every row that
        names a type nobody defines.
    """
    if str(name) in SHIPPED:
        text = resources.files("yike.standards").joinpath("crosswalks", f"{name}.csv").read_text(encoding="utf-8")
    elif Path(name).is_file():
        text = Path(name).read_text(encoding="utf-8-sig")
    else:
        raise StandardError(Fault("standards.crosswalk_unknown", values={"name": str(name), "known": ", ".join(SHIPPED)}))
    rows = list(csv.DictReader(text.splitlines()))
    kind = {"osm": "tags", "amap": "codes"}.get(str(name), "words")
    make = {"tags": _tag_rules, "codes": _code_rules, "words": _word_rules}[kind]
    wanted = {"tags": {"key", "value", "types"}, "codes": {"code", "name", "types"}, "words": {"category", "types"}}[kind]
    absent = sorted(wanted - set(rows[0] if rows else ()))
    if absent:
        raise StandardError(Fault("standards.columns_missing", values={"table": str(name), "columns": ", ".join(absent)}))
    _check(rows, str(name))
    rules = tuple(rule for row in rows for rule in make(row))
    keys = tuple(dict.fromkeys(rule.key for rule in rules)) if kind == "tags" else ()
    return Crosswalk(str(name), kind, rules, keys)


def _types(row: Mapping[str, str]) -> tuple[str, ...]:
    return () if row["types"] == NONE_OF_OURS else tuple(row["types"].split("|"))


def _tag_rules(row: Mapping[str, str]) -> list[Rule]:
    also = tuple((row.get("also") or "").split("=", 1))
    return [Rule(row["key"], row["value"], (also[0], also[1]) if len(also) == 2 else None, _types(row))]


def _code_rules(row: Mapping[str, str]) -> list[Rule]:
    """A code is written with six digits, without leading zeros by some spreadsheets, or as its three names."""
    names = {row["code"], row["code"].lstrip("0"), row["name"]}
    return [Rule("", name, None, _types(row)) for name in sorted(names)]


def _word_rules(row: Mapping[str, str]) -> list[Rule]:
    return [Rule("", row["category"].strip(), None, _types(row))]


def _check(rows: Sequence[Mapping[str, Any]], name: str) -> None:
    codes = {each.code for each in load_types()}
    bad: tuple[Row, ...] = tuple(
        (number, f"{row['types']!r}")
        for number, row in enumerate(rows, start=2)
        if row["types"] != NONE_OF_OURS and not codes.issuperset((row["types"] or "").split("|"))
    )
    raise_all(StandardError, [Fault("standards.crosswalk_bad", bad, {"name": name})] if bad else [])


def map_categories(
    crosswalk: Crosswalk, categories: Sequence[Category]
) -> tuple[list[tuple[str, ...]], Counter[str]]:
    """Return the types of every category, () where none, and the categories nobody has looked at with their counts.

    Each different category is asked once.

    Examples
    --------
    >>> found, unknown = map_categories(load_crosswalk("words"), ["修鞋", "早餐店、打印", "飞碟维护"])
    >>> found, dict(unknown)
    ([('community_workshop',), ('breakfast', 'photo_print'), ()], {'飞碟维护': 1})
    """
    asked: dict[Any, tuple[str, ...] | None] = {}
    found: list[tuple[str, ...]] = []
    unknown: Counter[str] = Counter()
    for category in categories:
        key = category if isinstance(category, str) else frozenset(category.items())
        if key not in asked:
            asked[key] = crosswalk.types_of(category)
        types = asked[key]
        if types is None:
            unknown[crosswalk.name_of(category)] += 1
        found.append(types or ())
    return found, unknown
