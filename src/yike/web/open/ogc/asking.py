"""What a client asks of a collection: bbox, datetime, limit, offset, fields; every fault is told at once."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import is_naive, localtime, make_aware

from yike.web.open.ogc.links import CRS84
from yike.web.open.records import Box
from yike.web.open.tables import Field, Kind, rules

FORMATS = ("json", "html")
FAR = 10_000_000  #: no collection is longer; a larger offset is a mistake
OPEN_END = ("", "..")
CRS = ("crs", "bbox-crs")  #: of Part 2; GDAL and QGIS send them all the same, and the one there is may be named


class BadAsking(ValueError):
    """Parameters that are unknown or wrong; ``faults`` says which and how to mend them."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass
class Asking:
    """What was asked of a collection's items."""

    box: Box | None = None
    since: date | None = None
    until: date | None = None
    limit: int = 0
    offset: int = 0
    fields: dict[str, Any] = field(default_factory=dict)


def check_only(query: QueryDict, known: tuple[str, ...]) -> None:
    """Refuse parameters that a page does not know, a format that it does not have, and the same parameter twice."""
    faults = [f'unknown parameter "{name}"; known: {", ".join(known)}' for name in query if name not in known]
    faults += [f'parameter "{name}" is given more than once' for name in query if len(query.getlist(name)) > 1]
    if query.get("f", "json") not in FORMATS:
        faults.append(f"f is one of {', '.join(FORMATS)}")
    if faults:
        raise BadAsking(faults)


def asked(query: QueryDict, kind: Kind) -> Asking:
    """Read the parameters of an items request.

    Raises
    ------
    BadAsking
        Unknown parameters or wrong values, all of them.
    """
    check_only(query, ("f", "bbox", "datetime", "limit", "offset", *CRS, *kind.filters))
    asking, faults = Asking(limit=rules()["items_default"]), list[str]()
    for name, value in query.items():
        try:
            _take(asking, kind, name, str(value))
        except ValueError as error:
            faults.append(str(error))
    if faults:
        raise BadAsking(faults)
    return asking


def _take(asking: Asking, kind: Kind, name: str, value: str) -> None:
    match name:
        case "f":
            pass
        case "crs" | "bbox-crs":
            if value != CRS84:
                raise ValueError(f"{name} is {CRS84}")
        case "bbox":
            asking.box = box_of(value)
        case "datetime":
            asking.since, asking.until = interval_of(value)
        case "limit":
            asking.limit = min(_number(name, value, 1), rules()["items_most"])
        case "offset":
            asking.offset = _number(name, value, 0)
        case _:
            asking.fields[name] = value_of(kind.filters[name], value)


def _number(name: str, value: str, least: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 8 and least <= int(value) <= FAR):
        raise ValueError(f"{name} is a whole number from {least} to {FAR}")
    return int(value)


def box_of(value: str) -> Box:
    """Read ``west,south,east,north``, or the same with heights (which are not looked at).

    Examples
    --------
    >>> box_of("112.8,35.5,112.9,35.6")
    (112.8, 35.5, 112.9, 35.6)
    """
    wrong = ValueError(
        "bbox is west,south,east,north in degrees of longitude and latitude (or six numbers with heights)"
    )
    try:
        numbers = [float(part) for part in value.split(",")]
    except ValueError:
        raise wrong from None
    if len(numbers) == 6:
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4 or not all(math.isfinite(each) for each in numbers):
        raise wrong
    west, south, east, north = numbers
    if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
        raise wrong
    return west, south, east, north


def interval_of(value: str) -> tuple[date | None, date | None]:
    """Read a day, a moment or an interval of RFC 3339 as days of this installation's time zone.

    Examples
    --------
    >>> interval_of("2026-11-01/..")
    (datetime.date(2026, 11, 1), None)
    """
    parts = value.split("/")
    if len(parts) == 1:
        day = _day(parts[0])
        return day, day
    if len(parts) != 2 or (parts[0] in OPEN_END and parts[1] in OPEN_END):
        raise ValueError("datetime is a day, a moment (RFC 3339), or an interval start/end in which .. is an open end")
    since, until = (None if part in OPEN_END else _day(part) for part in parts)
    if since and until and since > until:
        raise ValueError("datetime ends before it begins")
    return since, until


def _day(text: str) -> date:
    try:
        day = parse_date(text)
        moment: datetime | None = None if day else parse_datetime(text)
        if day:
            return day
        if moment:
            return localtime(make_aware(moment) if is_naive(moment) else moment).date()
    except (ValueError, OverflowError):
        pass
    raise ValueError(f'datetime: "{text[:40]}" is neither a day (2026-11-24) nor a moment (2026-11-24T07:00:00Z)')


def value_of(described: Field, value: str) -> Any:
    """Read the value of a field's parameter."""
    if described.type == "boolean":
        if value not in ("true", "false"):
            raise ValueError(f"{described.name} is true or false")
        return value == "true"
    if not value.isprintable() or len(value) > 200:
        raise ValueError(f"{described.name} is a text of at most 200 characters on one line")
    return value
