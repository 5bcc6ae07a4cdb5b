"""From a checked row to the records of the register: the outlet, what it does, what it charges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils import timezone

from yike.web.areas.models import City
from yike.web.outlets.importing import bulk
from yike.web.outlets.importing.values import Values
from yike.web.outlets.models import Function, Outlet, Price
from yike.web.outlets.naming import cell_of, new_key, pinyin_of


@dataclass
class Record:
    """One row of the table as it would enter the register."""

    row: int
    values: Values  #: of the cells that were filled in
    types: tuple[str, ...]
    lon: float
    lat: float
    area: int | None  #: key of the area that holds it
    action: str = "add"  #: add, update, unchanged, skip, fault
    outlet: int | None = None  #: key of the outlet of the register that it is
    double: str = ""  #: what it is likely a double of: "row 12", or the key of an outlet
    choices: tuple[str, ...] = field(default=())  #: what may be chosen for it, the default first

    @property
    def name(self) -> str:
        return str(self.values.get("name", ""))


def fields_of(record: Record) -> dict[str, Any]:
    """Return the columns of the outlet that a row fills in (not its types and prices)."""
    told = {name: value for name, value in record.values.items() if name != "prices"}
    told |= {"lon": record.lon, "lat": record.lat, "h3": cell_of(record.lon, record.lat), "area_id": record.area}
    if "name" in told:
        told["pinyin"], told["initials"] = pinyin_of(record.name)
    if "verified_at" in told:
        told["verified_by"] = "import"
    return told


def new_outlet(record: Record, city: City, source: str) -> Outlet:
    """Return the outlet that a row adds; not saved."""
    told = fields_of(record)
    told.setdefault("key", new_key())
    told.setdefault("state", "open")
    return Outlet(city=city, source=source[:120], made_up=city.made_up, **told)


COLUMNS = tuple(field.attname for field in Outlet._meta.concrete_fields if not field.primary_key)


def add_all(records: Sequence[Record], city: City, source: str) -> list[Outlet]:
    """Write the outlets of many rows with their functions and prices; in the caller's transaction."""
    outlets = [new_outlet(record, city, source) for record in records]
    now = timezone.now()
    for outlet in outlets:
        outlet.added_at = outlet.changed_at = now
    last = Outlet.objects.aggregate(last=Max("pk"))["last"] or 0
    bulk.insert(Outlet, COLUMNS, ([getattr(outlet, name) for name in COLUMNS] for outlet in outlets))
    keys = dict(Outlet.objects.filter(city=city, pk__gt=last).values_list("key", "pk"))
    for outlet in outlets:
        outlet.pk = keys[outlet.key]
    pairs = list(zip(outlets, records, strict=True))
    add_functions((outlet.pk, code) for outlet, record in pairs for code in record.types)
    add_prices((outlet.pk, line) for outlet, record in pairs for line in record.values.get("prices", ()))
    return outlets


def add_functions(rows: Iterable[tuple[int, str]]) -> None:
    """Write functions of outlets: (key of the outlet, code)."""
    bulk.insert(Function, ("outlet_id", "code"), rows)


def add_prices(rows: Iterable[tuple[int, tuple[str, str, str]]]) -> None:
    """Write lines of price lists: (key of the outlet, (item, yuan, unit))."""
    lines = ((pk, item, Decimal(yuan), unit) for pk, (item, yuan, unit) in rows)
    bulk.insert(Price, ("outlet_id", "item", "yuan", "unit"), lines)
