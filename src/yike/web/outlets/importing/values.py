"""How one cell of a table is read: text → fields of the outlet, or the code of what is wrong with it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from yike.web.outlets.hours_text import osm_of
from yike.web.outlets.importing.columns import fields, limit, plain, words

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
MARKUP = re.compile(
    r"<\s*[/!?a-zA-Z]|&#|&[a-z]+;|javascript:|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]"
)
PHONE = re.compile(
    r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,5})?|[48]00-?\d{3,4}-?\d{3,4}|1[02]\d{3}|9[56]\d{3,4}|\+\d{6,15}"
)
CLOCK = re.compile(r"(\d{1,3})\s*[::点时]\s*(\d{1,3})?")
DAY = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})"
)
SEVERAL = re.compile(r"[|;、,/+，；\n]+")
PRICES = re.compile(r"[;；|\n]+")
PRICE = re.compile(
    r"(?P<item>.*?[^\d\s:.\-¥])[\s:]*¥?(?P<yuan>-?\d+(?:\.\d{1,2})?)\s*(?:元|块钱?|yuan|CNY)?\s*(?P<least>起)?"
    r"\s*(?:[/每]\s*(?P<unit>\S{1,20}))?"
)  # after NFKC
UNKNOWN_WORD = {
    "state": "import.state_unknown", "ownership": "import.ownership_unknown", "payments": "import.payment_unknown",
    "services": "import.service_unknown", "childcare_sessions": "import.session_unknown",
    "distinctions": "import.distinction_unknown",
}  # fmt: skip

Values = dict[str, Any]  #: field of the model → value; ``prices`` is a list of (item, yuan, unit)


class Unfit(ValueError):
    """A cell cannot be taken; carries the code that tells why."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@lru_cache(maxsize=200_000)
def read_cell(field: str, text: str, today: date) -> tuple[Values, str]:
    """Return the values of one cell that is not empty, and the code of what is wrong with it ("" where nothing is).

    With a code whose weight is ``note`` the values are taken all the same; with a fault the row stays out.
    """
    try:
        return READERS[fields()[field].kind](field, text, today)
    except Unfit as unfit:
        return {}, unfit.code


def _text(field: str, text: str, today: date) -> tuple[Values, str]:
    if MARKUP.search(text):
        raise Unfit("import.markup")
    if field == "id" and not ID.fullmatch(text):
        raise Unfit("import.id_bad")
    if len(text) > fields()[field].longest:
        raise Unfit("import.name_long" if field == "name" else "import.text_long")
    return {"key" if field == "id" else field: text}, ""


def _word(field: str, text: str, today: date) -> tuple[Values, str]:
    found = words(field).get(plain(text))
    if found is None:
        raise Unfit(UNKNOWN_WORD[field])
    return {field: found}, ""


def _words(field: str, text: str, today: date) -> tuple[Values, str]:
    known = words(field)
    parts = [plain(text)] if plain(text) in known else [plain(part) for part in SEVERAL.split(text) if part.strip()]
    found, strange = {known[part] for part in parts if part in known}, [part for part in parts if part not in known]
    return {field: sorted(found)} if found or not strange else {}, UNKNOWN_WORD[field] if strange else ""


def _yes_no(field: str, text: str, today: date) -> tuple[Values, str]:
    found = words("yes_no").get(plain(text))
    if found is None:
        raise Unfit("import.yes_no")
    return {field: found == "yes"}, ""


def _hours(field: str, text: str, today: date) -> tuple[Values, str]:
    """Keep the text as said and the hours as OSM writes them; a time that does not exist is a fault."""
    _text(field, text, today)
    if any(int(hour) > 24 or int(minute or 0) > 59 for hour, minute in CLOCK.findall(plain(text))):
        raise Unfit("import.hours_impossible")
    osm = osm_of(text) or ""
    return {"hours_text": text, "hours": osm[:200]}, "" if osm else "import.hours_unread"


def _phone(field: str, text: str, today: date) -> tuple[Values, str]:
    compact = re.sub(r"[\s()]|(?<=^\+\d\d)-", "", plain(text))
    if not PHONE.fullmatch(compact):
        raise Unfit("import.phone_bad")
    return {"phone": compact}, ""


def _area(field: str, text: str, today: date) -> tuple[Values, str]:
    number = re.sub(r"(?:平方米|平米|㎡|m2|m²|,|\s)", "", plain(text))
    try:
        area = Decimal(number)
    except InvalidOperation:
        raise Unfit("import.floor_area_bad") from None
    if not area.is_finite() or area <= 0:
        raise Unfit("import.floor_area_bad")
    if area > limit("floor_area_m2"):
        raise Unfit("import.floor_area_large")
    return {"floor_area_m2": area.quantize(Decimal("0.1"))}, ""


def _uscc(field: str, text: str, today: date) -> tuple[Values, str]:
    from stdnum.cn import uscc
    from stdnum.exceptions import ValidationError

    try:
        return {"uscc": uscc.validate(plain(text).upper())}, ""
    except ValidationError:
        raise Unfit("import.uscc_bad") from None


def _prices(field: str, text: str, today: date) -> tuple[Values, str]:
    """Read "配钥匙 5元;修鞋 10元/双" as lines of item, yuan and unit."""
    if MARKUP.search(text):
        raise Unfit("import.markup")
    lines = []
    for part in filter(None, (each.strip() for each in PRICES.split(text))):
        found = PRICE.fullmatch(unicodedata.normalize("NFKC", part))
        if not found or len(found["item"].strip()) > 55:
            raise Unfit("import.price_unread")
        yuan = Decimal(found["yuan"]).quantize(Decimal("0.01"))
        if yuan < 0:
            raise Unfit("import.price_negative")
        if yuan > limit("price_yuan"):
            raise Unfit("import.price_large")
        item = found["item"].strip() + ("（起）" if found["least"] else "")
        lines.append((item, str(yuan), found["unit"] or ""))
    return {"prices": lines}, ""


def _date(field: str, text: str, today: date) -> tuple[Values, str]:
    found = DAY.fullmatch(plain(text))
    try:
        day = date(*(int(part) for part in found.groups() if part)) if found else None
    except ValueError:
        day = None
    if day is None or day.year < 1990:
        raise Unfit("import.date_bad")
    if day > today:
        raise Unfit("import.date_future")
    return {field: day}, ""


READERS: dict[str, Callable[[str, str, date], tuple[Values, str]]] = {
    "text": _text, "word": _word, "words": _words, "yes_no": _yes_no, "hours": _hours, "phone": _phone, "area": _area,
    "uscc": _uscc, "prices": _prices, "date": _date,
}  # fmt: skip
