"""Cells of tables and forms: what a text must be to become a value; the code of the message where it is not."""

from __future__ import annotations

import math
import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
MARKUP = re.compile(r"<\s*/?\s*[a-zA-Z!]")
UNITS = re.compile(r"\s*(㎡|m²|m2|平方米|平米|人|户|people)$", re.I)  #: that may follow a number
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m", "%Y年%m月")
MOST_YUAN = Decimal("999999999999.99")


def plain(told: str) -> str:
    """Return a text without the signs that no database keeps."""
    return told.replace("\x00", "").encode("utf-8", "replace").decode()


Read = tuple[object, str]  #: the value (None where there is none) and the code of a fault, "" for none


def text(told: str, longest: int) -> Read:
    """Read a text; ``lists.markup``, ``lists.text_long``."""
    clean = told.strip()
    if CONTROL.search(clean) or MARKUP.search(clean):
        return None, "lists.markup"
    return (None, "lists.text_long") if len(clean) > longest else (clean, "")


def positive(told: str) -> Read:
    """Read a number above zero; ``lists.number_bad``."""
    try:
        value = float(UNITS.sub("", told.strip().replace(",", "").replace("，", "")) or "nan")
    except ValueError:
        return None, "lists.number_bad"
    return (value, "") if math.isfinite(value) and 0 < value < 1e9 else (None, "lists.number_bad")


def yuan(told: str) -> Read:
    """Read money of zero yuan or more, 万 counted; ``lists.yuan_bad``."""
    clean = told.strip().replace(",", "").replace("，", "").replace("元", "").replace("/年", "").replace("￥", "")
    times = Decimal(10_000) if clean.endswith("万") else Decimal(1)
    try:
        value = Decimal(clean.rstrip("万").strip()) * times
    except InvalidOperation:
        return None, "lists.yuan_bad"
    good = value.is_finite() and 0 <= value <= MOST_YUAN
    return (value.quantize(Decimal("0.01")), "") if good else (None, "lists.yuan_bad")


def day(told: str) -> Read:
    """Read a day as people write it; ``lists.date_bad``."""
    clean = told.strip().split("T")[0].split(" ")[0]
    for form in DATES:
        try:
            found = datetime.strptime(clean, form).date()
        except ValueError:
            continue
        return (found, "") if date(1990, 1, 1) <= found <= date(2100, 1, 1) else (None, "lists.date_bad")
    return None, "lists.date_bad"
