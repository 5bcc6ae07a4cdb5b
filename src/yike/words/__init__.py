"""Every word a person reads that is not an error: rows of ``<room>.csv`` in Chinese and English."""

from __future__ import annotations

import csv
import os
from functools import cache
from importlib import resources
from typing import Any

LANGUAGES = ("zh", "en")


@cache
def _table() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for table in sorted(resources.files("yike.words").iterdir(), key=lambda p: p.name):
        if table.name.endswith(".csv"):
            for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines()):
                found[row["key"]] = {"zh": row["zh"], "en": row["en"]}
    return found


def say(key: str, lang: str = "zh", **values: Any) -> str:
    """Return the words of a key in one language, with values put in.

    Raises
    ------
    KeyError
        The key has no row: a fault of the program, never of its input.

    Examples
    --------
    >>> say("walk.minutes", "zh", n=12), say("walk.minutes", "en", n=12)
    ('12 分钟', '12 min')
    """
    return raw(key, lang).format(**values)


def raw(key: str, lang: str) -> str:
    """Return the words of a key with the places for its values left open."""
    return _table()[key][lang]


def language(given: str | None = None) -> str:
    """Return the language to speak: the one given, else that of the machine, Chinese where neither tells.

    Examples
    --------
    >>> language("en"), language("zh")
    ('en', 'zh')
    """
    if given in LANGUAGES:
        return given
    machine = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "en" if machine.lower().startswith("en") else "zh"
