"""What people say they have to do, and which business types and services do it: 配钥匙, 修拉链, "print something".

Words come from ``errands.csv`` and from the catalogue's own crosswalk of words; ``fillers.csv`` holds what people say
around them (我想, 附近哪里能 …).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from yike.standards.crosswalk import NONE_OF_OURS, load_crosswalk

HAN = re.compile(r"[\u3400-\u9fff]")
SIGNS = re.compile(r"[^\w]+|_")


@dataclass(frozen=True)
class Errand:
    """What a query asks to get done."""

    words: tuple[str, ...]  #: the words it was known by
    types: tuple[str, ...]
    services: tuple[str, ...]
    whole: bool  #: whether nothing else was said: else the errand is a guess beside the name that was meant


def plain(text: str) -> str:
    """Return a text as names are compared: full-width signs made half-width, lower case, signs and spaces gone.

    Examples
    --------
    >>> plain("晋美便利店（沁丰街店） Ａ1")
    '晋美便利店沁丰街店a1'
    """
    return SIGNS.sub("", unicodedata.normalize("NFKC", text).lower())


def spaced(text: str) -> str:
    """Return a text in lower case with single spaces for signs, and one at each end, so that words can be found whole.

    Examples
    --------
    >>> spaced("Shoe-repair, please")
    ' shoe repair please '
    """
    return f" {SIGNS.sub(' ', unicodedata.normalize('NFKC', text).lower()).strip()} "


def _rows(table: str) -> Iterator[dict[str, str]]:
    text = resources.files("yike.web.map").joinpath(table).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


@cache
def _known() -> tuple[dict[str, tuple[tuple[str, ...], tuple[str, ...]]], frozenset[str]]:
    """Return (types, services) by word, Chinese words plain and English ones spaced; and the fillers."""
    found: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    for rule in load_crosswalk("words").rules:
        types = tuple(code for code in rule.types if code != NONE_OF_OURS)
        word = plain(rule.value)
        if types and HAN.search(word) and len(word) >= 2:
            found[word] = types, ()
    for row in _rows("errands.csv"):
        does = tuple(filter(None, row["types"].split("|"))), tuple(filter(None, row["services"].split("|")))
        for word in filter(None, row["zh"].split("|")):
            found[plain(word)] = does
        for word in filter(None, row["en"].split("|")):
            found[spaced(word)] = does
    return found, frozenset(row["word"] for row in _rows("fillers.csv"))


@cache
def _longest() -> int:
    return max(len(word) for word in _known()[0])


def errand_of(query: str) -> Errand | None:
    """Return what a query asks to get done, None where nothing in it is known.

    Examples
    --------
    >>> errand = errand_of("附近哪里能配钥匙？")
    >>> errand.words, errand.types, errand.whole
    (('配钥匙',), ('community_workshop',), True)
    >>> errand_of("王记修鞋铺").whole, errand_of("人民路")
    (False, None)
    """
    known, fillers = _known()
    if HAN.search(query):
        words, rest = _taken(plain(query), known)
        for filler in sorted(fillers, key=len, reverse=True):
            rest = rest.replace(filler, "") if HAN.search(filler) else rest
    else:
        words, rest = _taken(spaced(query), known)
        rest = "".join(word for word in rest.split() if word not in fillers)
    if not words:
        return None
    types = tuple(dict.fromkeys(code for word in words for code in known[word][0]))
    services = tuple(dict.fromkeys(code for word in words for code in known[word][1]))
    return Errand(tuple(word.strip() for word in words), types, services, rest == "")


def _taken(text: str, known: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> tuple[list[str], str]:
    """Return the known words of a text, longest first at each place, and what is left of it."""
    words: list[str] = []
    rest, at = "", 0
    while at < len(text):
        for length in range(min(_longest(), len(text) - at), 1, -1):
            if (word := text[at : at + length]) in known:
                words.append(word)
                at += length - word.endswith(" ")  # the space that ends one English word begins the next
                break
        else:
            rest += text[at]
            at += 1
    return words, rest


def beginning(query: str) -> Errand | None:
    """Return the errand that a query is the beginning of, while it is being typed; None for one character."""
    text = plain(query)
    if len(text) < 2 or not HAN.search(text):
        return None
    words = [word for word in _known()[0] if word.startswith(text)][:8]
    types = tuple(dict.fromkeys(code for word in words for code in _known()[0][word][0]))
    return Errand(tuple(words), types, (), False) if words and len(types) <= 3 else None
