"""How a name is said: its syllables in pinyin without tones, as people type them.

The dictionary is pypinyin's; what it says wrongly of places and surnames is put right by ``place_sounds.csv``
(朝阳 is chao yang). Words are found longest first, which is ten times faster than the library's own walk.
"""

from __future__ import annotations

import csv
import unicodedata
from functools import cache, lru_cache
from importlib import resources

LONGEST = 6  #: characters of the longest word that is looked up


@cache
def _words() -> tuple[dict[str, list[list[str]]], dict[int, str], dict[str, tuple[str, ...]]]:
    """Return the library's words and characters, and our own words."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

    text = resources.files("yike.web.areas").joinpath("place_sounds.csv").read_text(encoding="utf-8")
    own = {row["word"]: tuple(row["sound"].split()) for row in csv.DictReader(text.splitlines())}
    return PHRASES_DICT, PINYIN_DICT, own


def _plain(sound: str) -> str:
    """Return a syllable without its tone; ü is typed v."""
    marked = unicodedata.normalize("NFD", sound.replace("ü", "v").replace("ǖ", "v").replace("ǘ", "v"))
    marked = marked.replace("u\u0308", "v")
    return "".join(sign for sign in marked if not unicodedata.combining(sign)).lower()


@lru_cache(maxsize=50_000)
def _sound(word: str) -> tuple[str, ...]:
    """Return the syllables of a word that a dictionary has; a character none has says nothing."""
    phrases, characters, own = _words()
    if word in own:
        return own[word]
    if len(word) == 1:
        found = characters.get(ord(word))
        return (_plain(found.split(",")[0]),) if found else ()
    return tuple(_plain(each[0]) for each in phrases[word])


def syllables(name: str) -> list[str]:
    """Return the syllables of a name; letters and digits stay together, other signs fall away.

    Examples
    --------
    >>> syllables("朝阳路小修铺"), syllables("老李修鞋A1"), syllables("长治银行")
    (['chao', 'yang', 'lu', 'xiao', 'xiu', 'pu'], ['lao', 'li', 'xiu', 'xie', 'a1'], ['chang', 'zhi', 'yin', 'hang'])
    """
    phrases, _, own = _words()
    found: list[str] = []
    at, run = 0, ""
    while at < len(name):
        sign = name[at]
        if sign.isascii() or not "\u3400" <= sign <= "\u9fff":
            if sign.isalnum():
                run += sign.lower()
            elif run:
                found.append(run)
                run = ""
            at += 1
            continue
        if run:
            found.append(run)
            run = ""
        length = min(LONGEST, len(name) - at)
        while length > 1 and (word := name[at : at + length]) not in phrases and word not in own:
            length -= 1
        found.extend(_sound(name[at : at + length]))
        at += length
    return [*found, run] if run else found


def initials(said: list[str]) -> str:
    """Return the first letters of syllables, as people type them to be quick; letters and digits whole.

    Examples
    --------
    >>> initials(syllables("小修铺"))
    'xxp'
    """
    return "".join(each[0] if each.isalpha() else each for each in said)
