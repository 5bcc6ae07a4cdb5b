"""From simple Chinese hours text (周一至周五 8:00-18:00，周末休息) to OSM opening hours.

Only what can be said without guessing is translated; any text with a leftover that no word of
``words.csv`` explains is refused as a whole, and the caller treats the outlet's hours as not known.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache
from importlib import resources

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_CHINESE = re.compile(r"[\u4e00-\u9fff]|24h", re.IGNORECASE)
_CLOCK = re.compile(
    r"(上午|早上|早晨|凌晨|中午|下午|晚上|晚|早|次日|翌日|第二天)?(\d{1,2})(?:[:点时](\d{1,2})?分?)(半)?"
)
_SHORT_DAYS = re.compile(
    r"(?:周|星期|礼拜)([一二三四五六日天])(?:(?:、|和|及)?([一二三四五六日天]))+(?![一二三四五六日天])"
)
_TOKEN = re.compile(r"Mo-Su|Mo-Fr|Sa-Su|Mo|Tu|We|Th|Fr|Sa|Su|PH|off|\d\d:\d\d|[-,;]")
_HOUR_SPAN = re.compile(r"(?<![\d:])(\d{1,2})\s*(?:-|~|至|到)\s*(\d{1,2})([点时])")
_SPAN = re.compile(rf"{_CLOCK.pattern}\s*-\s*{_CLOCK.pattern}")
_SPOKEN = re.compile(
    r"(?<![周期拜])([零〇一二两三四五六七八九十]{1,3})(?=[点时分])"
    r"|(?<=[点时])([零〇一二两三四五六七八九十]{1,3})(?![点时\u4e00-\u9fff])"
)
_EARLY_LATE = re.compile(r"早(\d{1,2})(?:至|到|-)?晚(\d{1,2})(?![\d:点时])")
_NIGHT = ("晚上", "晚")
_MORNING = ("上午", "早上", "早晨", "早", "凌晨")
_NEXT_DAY = ("次日", "翌日", "第二天")


@cache
def _words() -> tuple[tuple[str, str], ...]:
    """Return (word, meaning) of ``words.csv``, longest word first so that 24小时营业 goes before 24小时."""
    table = resources.files("yike.hours").joinpath("words.csv").read_text(encoding="utf-8")
    rows = [(row["word"], row["meaning"]) for row in csv.DictReader(table.splitlines())]
    return tuple(sorted(rows, key=lambda row: (-len(row[0]), row[0])))


def is_chinese(text: str) -> bool:
    """Return whether an hours text is written in Chinese words and needs translating.

    Examples
    --------
    >>> is_chinese("全天"), is_chinese("Mo-Fr 08:00-18:00")
    (True, False)
    """
    return _CHINESE.search(text) is not None


def _minutes(part: str | None, hour_text: str, minute_text: str | None, half: str | None) -> int | None:
    """Return minutes after midnight of 8点半, 下午2点, 晚上12点; None for what cannot be meant (上午14点)."""
    hour, minute = int(hour_text), 30 if half else int(minute_text or 0)
    if hour > 24 or minute > 59 or hour * 60 + minute > 1440:
        return None
    if (part in _MORNING and hour > 12) or (part in _NEXT_DAY and hour > 12):
        return None
    if part == "凌晨" and hour == 12:
        hour = 0
    elif part in _NIGHT and hour == 12:
        hour = 24
    elif (part in (*_NIGHT, "下午") and hour < 12) or (part == "中午" and hour < 3):
        hour += 12
    return hour * 60 + minute


def _span(match: re.Match[str]) -> str:
    """Return hh:mm-hh:mm for a span; an end without a part of day takes the afternoon or evening of its start."""
    begin, end = _minutes(*match.groups()[:4]), _minutes(*match.groups()[4:])
    if begin is None or end is None:
        return match.group(0)
    if match.group(1) in (*_NIGHT, "下午", "中午") and match.group(5) is None and begin < end + 720 <= 1440:
        end += 720
    return f" {begin // 60 % 24:02d}:{begin % 60:02d}-{end // 60:02d}:{end % 60:02d} "


def _spread_days(match: re.Match[str]) -> str:
    """Return 周一、周二、周三 for 周一二三."""
    return "、".join("周" + day for day in re.findall("[一二三四五六日天]", match.group(0)))


def _digits(match: re.Match[str]) -> str:
    """Return 6, 10, 22, 30 for 六, 十, 二十二, 三十; a numeral that is none stays as it is."""
    word = match.group(1) or match.group(2)
    ones = {each: k for k, each in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
    tens, ten, rest = word.rpartition("十")
    if len(tens) > 1 or len(rest) > 1 or not (ten or len(word) == 1):
        return word
    return str((ones[tens] if tens else 1) * 10 + (ones[rest] if rest else 0)) if ten else str(ones[word])


def _plain(text: str) -> str:
    """Return the text in half-width signs with one sign for "to", one for "and" and one for "then"."""
    text = unicodedata.normalize("NFKC", text).strip()
    text = _SPOKEN.sub(_digits, text)
    text = _EARLY_LATE.sub(r"早\1点-晚\2点", text)
    text = re.sub(r"每(?=周|星期|礼拜)", "", text)
    text = re.sub(r"(周|星期|礼拜)([一二三四五六日天])(?:至|到|~|-|—|–)([一二三四五六日天])", r"\1\2-\1\3", text)
    text = _SHORT_DAYS.sub(_spread_days, text)
    for word, meaning in _words():
        text = re.sub(re.escape(word), f" {meaning} ", text, flags=re.IGNORECASE)
    text = re.sub(r"至|到|~|～|[—–−‐‑-]+", "-", text)
    text = _SPAN.sub(_span, _HOUR_SPAN.sub(r"\1\3-\2\3", text))
    text = re.sub(r"[、,和及/]", ",", text)
    return re.sub(r"[;。\n|]", ";", re.sub(r":\s*(?=\D)|[()\[\]【】\"]", " ", text))


def _tokens(text: str) -> list[str] | None:
    """Return the tokens of a plain text, or None when something in it is not understood."""
    tokens: list[str] = []
    at = 0
    for match in _TOKEN.finditer(text):
        if text[at : match.start()].strip():
            return None
        tokens.append(match.group(0))
        at = match.end()
    return None if text[at:].strip() else tokens


def _joined(tokens: list[str], i: int, kind: str) -> tuple[str, int]:
    """Return the day or the range of days (or of clock times) that begins at token ``i``, and what follows it."""
    if i + 2 < len(tokens) and tokens[i + 1] == "-" and re.fullmatch(kind, tokens[i + 2]):
        return f"{tokens[i]}-{tokens[i + 2]}", i + 3
    return tokens[i], i + 1


def _rules(tokens: list[str]) -> list[tuple[list[str], list[str]]] | None:
    """Gather tokens into rules (days, spans); days after spans, and every "off", end a rule. None = not understood."""
    rules: list[tuple[list[str], list[str]]] = []
    days: list[str] = []
    spans: list[str] = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token == "-":
            return None
        if token in (",", ";"):
            i += 1
        elif token[0].isdigit():
            span, i = _joined(tokens, i, r"\d\d:\d\d")
            if span not in spans:
                spans.append(span)
        elif token == "off":
            if spans or not days:
                return None
            rules.append((days, [token]))
            days, i = [], i + 1
        else:
            if spans:
                rules.append((days, spans))
                days, spans = [], []
            day, i = _joined(tokens, i, "|".join(DAYS))
            days.append(day)
    if days == ["Mo-Su"] and not spans and len(rules) == 1 and not rules[0][0]:
        return [(days, rules[0][1])]  # 7:00-21:00 全年无休: the days come last
    if days and not spans:
        return None
    return [*rules, (days, spans)] if spans else rules


def from_chinese(text: str) -> str | None:
    """Translate simple Chinese hours into OSM opening hours; None when any part is not understood.

    Understood: days and ranges of days (周一至周五, 周一、三、五, 每天, 工作日, 周末, 节假日), one or
    more spans of time (8:00-18:00, 早8点到晚6点, 8点半至次日2点), all day (全天, 24小时) and closed (休息).
    Rules keep the order written, closed days last, for they are meant as exceptions. A text that only
    tells when a place is closed does not tell when it is open: None.

    Examples
    --------
    >>> from_chinese("周一至周五 8:00-18:00，周末休息")
    'Mo-Fr 08:00-18:00; Sa-Su off'
    >>> from_chinese("每天 早6点半至晚9点"), from_chinese("24小时营业")
    ('Mo-Su 06:30-21:00', '24/7')
    >>> from_chinese("看老板心情") is None
    True
    """
    tokens = _tokens(_plain(text))
    rules = _rules(tokens) if tokens else None
    opening = [(days, spans) for days, spans in rules or [] if spans != ["off"]]
    if not opening or any("-" not in span for _, spans in opening for span in spans):
        return None
    closing = [(days, spans) for days, spans in rules or [] if spans == ["off"]]
    told = [" ".join(part for part in (",".join(days), ",".join(spans)) if part) for days, spans in opening + closing]
    return "24/7" if told in (["00:00-24:00"], ["Mo-Su 00:00-24:00"]) else "; ".join(told)
