"""What may be written into an outlet's fields: each is cleaned and checked in one place, for pages, drafts and proposals."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from stdnum.cn import uscc as credit_code
from stdnum.exceptions import ValidationError

from yike.errors import Fault, Row, raise_all
from yike.web.outlets.choices import business_types, labels, limit
from yike.web.outlets.hours_text import osm_of
from yike.web.outlets.models import Outlet
from yike.web.outlets.states import RegisterError

#: Fields that `outlets.edit` writes; hours, prices, types, place and state have verbs of their own.
EDITED = (
    "name", "address", "ownership", "floor_area_m2", "phone", "services", "payments", "manual_counter", "barrier_free",
    "nursing_room", "delivery", "childcare_sessions", "uscc", "guarantees_supply", "smart_terminal", "distinctions",
    "mobile", "schedule", "permit",
)  # fmt: skip
OWNER_MAY_NOT = ("guarantees_supply", "distinctions")  # given by the authorities, not claimed
LISTS = {
    "services": "services",
    "payments": "payments",
    "childcare_sessions": "childcare",
    "distinctions": "distinctions",
}
PHONE = re.compile(r"[0-9+\-（）() ]{5,30}")


class Bad(ValueError):
    """A value that its field does not take; the message is the value as given."""


def _text(name: str) -> Callable[[Any], str]:
    longest = Outlet._meta.get_field(name).max_length or 200  # type: ignore[union-attr]

    def clean(value: Any) -> str:
        text = "" if value is None else str(value).replace("\x00", "").strip()
        if len(text) > longest:
            raise Bad(f"{text[:20]}… > {longest}")
        return text

    return clean


def _yes_no(value: Any) -> bool | None:
    if value in (None, "", "unknown"):
        return None
    if value in (True, "true", "yes", "on", "1", 1):
        return True
    if value in (False, "false", "no", "0", 0):
        return False
    raise Bad(str(value))


def _flag(value: Any) -> bool:
    return bool(_yes_no(value))


def _codes(table: str) -> Callable[[Any], list[str]]:
    def clean(value: Any) -> list[str]:
        given = [str(each) for each in value] if isinstance(value, (list, tuple)) else [str(value)] if value else []
        unknown = [each for each in given if each not in labels(table)]
        if unknown:
            raise Bad(", ".join(unknown))
        return [code for code in labels(table) if code in given]

    return clean


def _one_of(table: str) -> Callable[[Any], str]:
    def clean(value: Any) -> str:
        if str(value) not in labels(table):
            raise Bad(str(value))
        return str(value)

    return clean


def _area_m2(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        number = Decimal(str(value)).quantize(Decimal("0.1"))
    except InvalidOperation as error:
        raise Bad(str(value)) from error
    if not 0 < number < 10_000_000:
        raise Bad(str(value))
    return number


def _phone(value: Any) -> str:
    text = _text("phone")(value)
    if text and not PHONE.fullmatch(text):
        raise Bad(text)
    return text


def clean_uscc(value: Any) -> str:
    """Return a unified social credit code in its plain form; "" stays "".

    Raises
    ------
    RegisterError
        ``outlets.uscc``: form or check digit.

    Examples
    --------
    >>> clean_uscc(" 9111 0000 6000 37341l")
    '91110000600037341L'
    """
    text = "" if value is None else str(value).strip()
    if not text:
        return ""
    try:
        return str(credit_code.validate(text))
    except ValidationError as error:
        raise RegisterError(Fault("outlets.uscc", values={"code": text[:20]})) from error


CLEANERS: dict[str, Callable[[Any], Any]] = {
    **{name: _text(name) for name in ("name", "address", "schedule", "permit")},
    **{name: _codes(table) for name, table in LISTS.items()},
    **{name: _yes_no for name in ("manual_counter", "barrier_free", "nursing_room", "delivery")},
    **{name: _flag for name in ("guarantees_supply", "smart_terminal", "mobile")},
    "ownership": _one_of("ownership"),
    "floor_area_m2": _area_m2,
    "phone": _phone,
    "uscc": clean_uscc,
}


def clean_fields(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return checked values of the fields in ``given``.

    Raises
    ------
    RegisterError
        All faults at once: ``outlets.field_bad`` (with the field named), ``outlets.uscc``, ``outlets.name_missing``.
    """
    clean: dict[str, Any] = {}
    bad: list[Row] = []
    faults: list[Fault] = []
    for name, value in given.items():
        if name not in CLEANERS:
            bad.append((None, name))
            continue
        try:
            clean[name] = CLEANERS[name](value)
        except Bad as error:
            bad.append((None, f"{name}: {error}"))
        except RegisterError as error:
            faults += error.faults
    if clean.get("name") == "":
        faults.append(Fault("outlets.name_missing"))
    if bad:
        faults.append(Fault("outlets.field_bad", tuple(bad)))
    raise_all(RegisterError, faults)
    return clean


def clean_types(codes: Any) -> list[str]:
    """Return business types in the catalogue's order, each once.

    Raises
    ------
    RegisterError
        ``outlets.types_missing``, ``outlets.type_strange``.
    """
    given = [str(each) for each in codes or ()]
    if not given:
        raise RegisterError(Fault("outlets.types_missing"))
    unknown = tuple((None, code) for code in given if code not in business_types())
    if unknown:
        raise RegisterError(Fault("outlets.type_strange", unknown))
    return [code for code in business_types() if code in given]


def clean_hours(text: Any) -> tuple[str, str]:
    """Return (as said, OSM opening hours) of an hours text; ("", "") when nothing is said.

    Raises
    ------
    RegisterError
        ``outlets.hours``: not understood; nothing is guessed.
    """
    said = str(text or "").strip()[:200]
    if not said:
        return "", ""
    told = osm_of(said)
    if told is None or len(told) > 200:
        raise RegisterError(Fault("outlets.hours", values={"text": said}))
    return said, told


def clean_prices(lines: Any) -> list[tuple[str, Decimal, str]]:
    """Return (item, yuan, unit) of each line of a price list.

    Raises
    ------
    RegisterError
        ``outlets.field_bad`` with each line that is not a price.
    """
    clean: list[tuple[str, Decimal, str]] = []
    bad: list[Row] = []
    for number, line in enumerate(lines or (), start=1):
        item, unit = str(line.get("item") or "").strip(), str(line.get("unit") or "").strip()
        if not item and line.get("yuan") in (None, ""):
            continue
        try:
            yuan = Decimal(str(line.get("yuan"))).quantize(Decimal("0.01"))
        except InvalidOperation:
            yuan = Decimal(-1)
        if not item or len(item) > 60 or len(unit) > 20 or not 0 <= yuan < 10_000_000:
            bad.append((number, f"{item or '—'} {line.get('yuan')}"[:60]))
        else:
            clean.append((item, yuan, unit))
    if bad or len(clean) > limit("prices_per_outlet"):
        raise RegisterError(Fault("outlets.field_bad", tuple(bad)))
    return clean
