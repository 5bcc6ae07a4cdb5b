"""Crosswalks: other people's categories → business types, as tables a planner can open and mend.

A category may serve several types; one that is known to be none of ours ("-") is not the same as one nobody has
looked at yet: the second kind is listed with counts, never dropped silently.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import cast

from yike.errors import Fault, Row, StandardError, raise_all
from yike.standards.packs import load_types
from yike.standards.rows import Folder, read_rows

NONE_OF_OURS = "-"  #: in the column types: known, and serves no business type
SHIPPED = ("osm", "amap", "words")
COLUMNS = {"tags": ("key", "value", "types"), "codes": ("code", "name", "types"), "words": ("category", "types")}
Category = str | Mapping[str, str]
SEPARATORS = re.compile(r"[|;、,/+&\s]+")  #: between several words or codes in one cell, after NFKC
CODE = re.compile(r"(\d{1,6})(\.0)?")


@dataclass(frozen=True)
class Rule:
    """One row: a category (and for tags a further tag that must be there) and the types it serves."""

    key: str  #: tag key, or "" for codes and words
    value: str  #: tag value, code or word
    also: tuple[str, frozenset[str]] | None  #: a further tag and the values of it that count ("*" = any)
    types: tuple[str, ...]

    def holds(self, tags: Mapping[str, str]) -> bool:
        """Return whether the further tag is there."""
        if self.also is None:
            return True
        given = set(_values(tags.get(self.also[0], "")))
        return bool(given) if "*" in self.also[1] else not given.isdisjoint(self.also[1])


@dataclass(frozen=True)
class Answer:
    """What a crosswalk knows of one category."""

    types: tuple[str, ...]  #: business types it serves, without repetition
    known: bool  #: whether any part of it was found; known with no types means none of ours
    unknown: tuple[str, ...]  #: the parts nobody has looked at


@dataclass(frozen=True)
class Crosswalk:
    """The rows of one crosswalk and how to ask them."""

    name: str
    kind: str  #: "tags" (mapping of tags), "codes" (six digits or 大类;中类;小类), "words"
    rules: tuple[Rule, ...]

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The tag keys that the rows speak of, in their order."""
        return tuple(dict.fromkeys(rule.key for rule in self.rules if rule.key))

    @cached_property
    def tags_read(self) -> tuple[str, ...]:
        """All tag keys that decide an answer: `keys` and the further tags of the rows."""
        return tuple(dict.fromkeys((*self.keys, *(rule.also[0] for rule in self.rules if rule.also))))

    @cached_property
    def _table(self) -> dict[tuple[str, str], list[Rule]]:
        table: dict[tuple[str, str], list[Rule]] = {}
        for rule in self.rules:
            table.setdefault((rule.key, rule.value), []).append(rule)
        return table

    def types_of(self, category: Category) -> tuple[str, ...] | None:
        """Return the types that a category serves, () for none of ours, None when nobody has looked at it.

        Examples
        --------
        >>> osm = load_crosswalk("osm")
        >>> osm.types_of({"shop": "convenience"}), osm.types_of({"amenity": "bench"}), osm.types_of({"shop": "no-such"})
        (('convenience_store',), (), None)
        >>> osm.types_of({"amenity": "restaurant", "cuisine": "italian;pizza"})
        ('special_catering',)
        """
        answer = self.ask(category)
        return answer.types if answer.known else None

    def ask(self, category: Category) -> Answer:
        """Return types, whether the category is known, and its unknown parts.

        Several categories in one cell are asked one by one. Rows with a further tag go before rows without.
        """
        parts = self._text_parts(category) if isinstance(category, str) else self._tag_parts(category)
        types: dict[str, None] = {}
        known, unknown = False, []
        for part, found in parts:
            if found is None:
                unknown.append(part)
            else:
                known = True
                types |= dict.fromkeys(found)
        return Answer(tuple(types), known, tuple(unknown))

    def _tag_parts(self, tags: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, ...] | None]]:
        for key in self.keys:
            for value in _values(tags.get(key, "")):
                rules = self._table.get((key, value), [])
                holding = [rule for rule in rules if rule.also is not None and rule.holds(tags)]
                holding = holding or [rule for rule in rules if rule.also is None]
                yield f"{key}={value}", tuple(code for rule in holding for code in rule.types) if holding else None

    def _text_parts(self, text: str) -> Iterator[tuple[str, tuple[str, ...] | None]]:
        whole = self._one(text)
        if whole is not None:
            yield text, whole
            return
        plain = _plain(text)
        # 大类;中类;小类 has ";" inside, so among names of codes "|" alone parts them.
        names = self.kind == "codes" and not re.fullmatch(r"[\d.|;、,/+&\s]+", plain)
        for part in plain.split("|") if names else SEPARATORS.split(plain):
            if part.strip():
                yield part.strip(), self._one(part)

    def _one(self, text: str) -> tuple[str, ...] | None:
        plain = _plain(text)
        rules = self._table.get(("", _code(plain) if self.kind == "codes" else plain))
        return None if rules is None else tuple(dict.fromkeys(code for rule in rules for code in rule.types))


def _plain(text: str) -> str:
    """Return a text with full-width forms, case and outer spaces evened out: "生鲜超市（菜店）" = "生鲜超市(菜店)"."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _values(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _code(text: str) -> str:
    """Return six digits for a code without its leading zero, as a spreadsheet number, or cut to a class ("0501").

    Examples
    --------
    >>> [_code(text) for text in ("050118", "50118", "50118.0", "0501", "05", "餐饮服务")]
    ['050118', '050118', '050118', '050100', '050000', '餐饮服务']
    """
    found = CODE.fullmatch(text)
    if not found:
        return text
    digits = found.group(1)
    return (("0" if len(digits) % 2 else "") + digits).ljust(6, "0")


def load_crosswalk(name: str | Path, own: str | Path | None = None, codes: Collection[str] = ()) -> Crosswalk:
    """Read a crosswalk: "osm" (tags), "amap" (codes of the map provider), "words" (Chinese words), or a file.

    Parameters
    ----------
    name
        A shipped crosswalk, or a CSV file with the columns ``category, types`` (words), ``code, name, types`` (codes)
        or ``key, value, types`` and perhaps ``also`` (tags). Types are joined with "|"; "-" means none of ours.
    own
        A file with the same columns whose rows stand before those of ``name``.
    codes
        Business types that exist beside the shipped ones, such as those of a city's own pack.

    Raises
    ------
    StandardError
        ``standards.crosswalk_unknown``; ``standards.encoding``; ``standards.columns_missing``;
        ``standards.cells_many``; ``standards.crosswalk_bad`` with every row that names a type nobody defines;
        ``standards.crosswalk_twice`` with every row that stands twice.
    """
    allowed = {*(each.code for each in load_types()), *codes}
    kind, rules = _rules(name, allowed)
    if own is not None:
        own_kind, first = _rules(own, allowed)
        if own_kind != kind:
            absent = ", ".join(COLUMNS[kind])
            raise StandardError(Fault("standards.columns_missing", values={"table": str(own), "columns": absent}))
        replaced = {(rule.key, rule.value, rule.also) for rule in first}
        rules = (*first, *(rule for rule in rules if (rule.key, rule.value, rule.also) not in replaced))
    return Crosswalk(str(name) if own is None else f"{name}+{Path(own).name}", kind, rules)


def _rules(name: str | Path, allowed: Collection[str]) -> tuple[str, tuple[Rule, ...]]:
    """Return the kind of a crosswalk file, told by its columns, and its rules."""
    folder = cast(Folder, resources.files("yike.standards"))
    file = folder.joinpath("crosswalks", f"{name}.csv") if str(name) in SHIPPED else Path(name)
    if not file.is_file():
        known = ", ".join(SHIPPED)
        raise StandardError(Fault("standards.crosswalk_unknown", values={"name": str(name), "known": known}))
    faults: list[Fault] = []
    rows = read_rows(file, str(name), ("types",), faults)
    head = set(rows[0][1]) if rows else set(COLUMNS["words"])
    kind = next((each for each in ("tags", "codes") if head.issuperset(COLUMNS[each])), "words")
    absent = [column for column in COLUMNS[kind] if column not in head]
    if absent:
        faults.append(Fault("standards.columns_missing", values={"table": str(name), "columns": ", ".join(absent)}))
    raise_all(StandardError, faults)
    made = [(number, rule) for number, row in rows for rule in _made(kind, row)]
    raise_all(StandardError, _faults(made, rows, str(name), allowed))
    return kind, tuple(rule for _, rule in made)


def _faults(
    made: Sequence[tuple[int, Rule]], rows: Sequence[tuple[int, dict[str, str]]], name: str, allowed: Collection[str]
) -> list[Fault]:
    bad: list[Row] = [
        (number, repr(row["types"]))
        for number, row in rows
        if row["types"] != NONE_OF_OURS and not set(row["types"].split("|")).issubset(allowed)
    ]
    seen: dict[tuple[object, ...], int] = {}
    twice: list[Row] = []
    for number, rule in made:
        first = seen.setdefault((rule.key, rule.value, rule.also), number)
        if first != number:
            twice.append((number, f"{rule.key}={rule.value}".lstrip("=") + f" (row {first})"))
    found = [("standards.crosswalk_bad", bad), ("standards.crosswalk_twice", twice)]
    return [Fault(code, tuple(rows), {"name": name}) for code, rows in found if rows]


def _made(kind: str, row: Mapping[str, str]) -> list[Rule]:
    """Return the rules of one row: a code is asked for by its digits and by its three names, a class by fewer names."""
    types = () if row["types"] == NONE_OF_OURS else tuple(row["types"].split("|"))
    if kind == "tags":
        key, _, values = row.get("also", "").partition("=")
        also = (key, frozenset(values.split("|"))) if key else None
        return [Rule(row["key"], row["value"], also, types)]
    if kind == "words":
        return [Rule("", _plain(row["category"]), None, types)]
    code, names = _code(row["code"]), _plain(row["name"]).split(";")
    asked = [code, ";".join(names)]
    asked += [";".join(names[:2])] if code.endswith("00") else []
    asked += [names[0]] if code.endswith("0000") else []
    return [Rule("", each, None, types) for each in dict.fromkeys(asked)]


def with_own(walk: Crosswalk, rows: Mapping[str, Sequence[str]]) -> Crosswalk:
    """Return a crosswalk of words or codes in which rows of one's own (category → types, none = none of ours) stand first.

    Examples
    --------
    >>> own = with_own(load_crosswalk("words"), {"飞碟维护": ["repair"], "早餐": []})
    >>> own.types_of("飞碟维护、药店"), own.types_of("早餐")
    (('repair', 'pharmacy'), ())
    """
    asked = {
        (_code(_plain(text)) if walk.kind == "codes" else _plain(text)): tuple(types) for text, types in rows.items()
    }
    kept = tuple(rule for rule in walk.rules if rule.value not in asked)
    return Crosswalk(walk.name, walk.kind, (*(Rule("", text, None, types) for text, types in asked.items()), *kept))


def map_categories(crosswalk: Crosswalk, categories: Sequence[Category]) -> tuple[list[tuple[str, ...]], Counter[str]]:
    """Return the types of every category, () where none, and what nobody has looked at with its counts.

    A category of which nothing is known is counted under its whole text (tags: all its tags that the crosswalk could
    have known); of one that is known in part, the unknown parts are counted. Each different category is asked once.

    Examples
    --------
    >>> found, unknown = map_categories(load_crosswalk("words"), ["修鞋", "早餐店、打印", "早餐、飞碟维护", "飞碟维护"])
    >>> found, dict(unknown)
    ([('community_workshop',), ('breakfast', 'photo_print'), ('breakfast',), ()], {'飞碟维护': 2})
    """
    asked: dict[str | frozenset[tuple[str, str]], Answer] = {}
    found: list[tuple[str, ...]] = []
    unknown: Counter[str] = Counter()
    for category in categories:
        if isinstance(category, str):
            key: str | frozenset[tuple[str, str]] = category
        else:
            key = frozenset((tag, category[tag]) for tag in crosswalk.tags_read if tag in category)
        if key not in asked:
            asked[key] = crosswalk.ask(category)
        answer = asked[key]
        if answer.known:
            unknown.update(answer.unknown)
        else:
            unknown[_whole(category, answer)] += 1
        found.append(answer.types)
    return found, unknown


def _whole(category: Category, answer: Answer) -> str:
    text = category.strip() if isinstance(category, str) else ", ".join(answer.unknown)
    return text or '""'
