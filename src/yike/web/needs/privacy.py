"""What is personal in a text, found and taken out: phones, ID and card numbers, mail, names, door numbers.

The patterns are rows of ``personal.csv``; ``surnames.csv`` holds family names, with a mark at those that are rather
words (高平, 方便): they are taken for names only beside a title or after a word that names somebody. What is found is
replaced by the kind in brackets, so that the sentence still reads. No method finds every name; what is kept is
therefore never shown outside the desk, and the original file is not kept at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache, partial

from yike.web.lists.choices import table

ROOM = "yike.web.needs"
HALF = {0xFF00 + k: 0x20 + k for k in range(0x5F) if chr(0x20 + k).isalnum() or chr(0x20 + k) in "+-@"}  #: ８ as 8


@cache
def _patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Return (kind, its name in Chinese, pattern) in the order of the table."""
    names = table(ROOM, "surnames")
    every = "|".join(sorted((row["surname"] for row in names), key=len, reverse=True))
    sure = "|".join(
        sorted((row["surname"] for row in names if not row["careful"]), key=len, reverse=True),
    )
    return tuple(
        (row["kind"], row["zh"], re.compile(
            row["pattern"].replace("{surname}", f"(?:{every})").replace("{sure}", f"(?:{sure})")
        ))
        for row in table(ROOM, "personal")
    )  # fmt: skip


def without_persons(text: str) -> tuple[str, Counter[str]]:
    """Return a text without what is personal in it, and how many of each kind were taken out.

    Examples
    --------
    >>> told, out = without_persons("王小明反映小区没有菜店，电话13812345678，希望尽快解决")
    >>> told
    '〔姓名〕反映小区没有菜店，电话〔电话〕，希望尽快解决'
    >>> dict(out)
    {'phone': 1, 'name': 1}
    >>> without_persons("高平市文昌社区反映买菜不方便")[0]
    '高平市文昌社区反映买菜不方便'
    """
    clean = text.translate(HALF)
    found: Counter[str] = Counter()
    for kind, zh, pattern in _patterns():
        clean, times = pattern.subn(partial(_masked, zh=zh), clean)
        if times:
            found[kind] += times
    return clean, found


def _masked(match: re.Match[str], zh: str) -> str:
    """Return what stands in the place of a match: only the named part of it is taken out, where it has one."""
    whole = match.group(0)
    if "name" not in match.re.groupindex:
        return f"〔{zh}〕"
    begin, end = (at - match.start(0) for at in match.span("name"))
    return f"{whole[:begin]}〔{zh}〕{whole[end:]}"


PHONE_OR_ID = re.compile(r"1[3-9]\d{9}|[1-9]\d{5}(18|19|20)\d{2}\d{2}\d{2}\d{3}[\dXx]")


def is_person(reference: str) -> bool:
    """Return whether a ticket's number is somebody's phone or ID number and cannot be kept as it is.

    Examples
    --------
    >>> is_person("13812345678"), is_person("JC20260403-00012"), is_person("20260403000120")
    (True, False, False)
    """
    return PHONE_OR_ID.fullmatch(unicodedata.normalize("NFKC", reference).strip()) is not None
