"""A table beside the register: which outlet a row is, whether it would change it, and of what it is likely a double."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import cos, floor, hypot, radians

import numpy as np
from numpy.typing import NDArray

from yike.ingest.datum import DATUMS, to_wgs84
from yike.ingest.files import number
from yike.ingest.outlets import plain_name
from yike.web.areas.models import Area, City
from yike.web.outlets.importing.columns import limit, table
from yike.web.outlets.importing.findings import Finding
from yike.web.outlets.importing.making import Record
from yike.web.outlets.models import Function, Outlet, Price

DEGREE_M = 111_195.0  #: metres of a degree of latitude
SAME_DEGREES = 1e-6  #: a tenth of a metre: places nearer than this are one
AT_ONCE = 900  #: keys of one question to the database
GONE = ("moved", "revoked")  #: an outlet in these states is nobody's double


@dataclass(frozen=True)
class Known:
    """What must be known of an outlet to find doubles of it."""

    pk: int
    key: str
    name: str
    lon: float
    lat: float
    path: str  #: of its area
    state: str
    owned: bool


class Nearby:
    """Things by name and place: those of one name within the distance of doubles are found at once."""

    def __init__(self, lat: float) -> None:
        self.reach = number("duplicate_m")
        self.step_y = self.reach / DEGREE_M
        self.step_x = self.step_y / max(0.1, cos(radians(lat)))
        self.cells: dict[tuple[str, int, int], list[tuple[float, float, object]]] = defaultdict(list)

    def _cell(self, lon: float, lat: float) -> tuple[int, int]:
        return floor(lon / self.step_x), floor(lat / self.step_y)

    def add(self, name: str, lon: float, lat: float, thing: object) -> None:
        self.cells[(name, *self._cell(lon, lat))].append((lon, lat, thing))

    def find(self, name: str, lon: float, lat: float) -> Iterable[object]:
        """Yield the things of this name within reach of a place."""
        x, y = self._cell(lon, lat)
        for column in (x - 1, x, x + 1):
            for line in (y - 1, y, y + 1):
                for east, north, thing in self.cells.get((name, column, line), ()):
                    if hypot((east - lon) / self.step_x, (north - lat) / self.step_y) <= 1:
                        yield thing


class Register:
    """The outlets of a city, as a table is held against them."""

    def __init__(self, city: City) -> None:
        self.city = city
        columns = ("pk", "key", "name", "lon", "lat", "area__path", "state", "owner_id")
        rows = Outlet.objects.filter(city=city).order_by("pk").values_list(*columns)
        root = city.root.path
        self.known = [
            Known(pk, key, name, lon, lat, path or root, state, owner is not None)
            for pk, key, name, lon, lat, path, state, owner in rows
        ]
        self.by_key = {each.key: each for each in self.known}

    def settle(
        self, records: Sequence[Record], area: Area, choices: Mapping[int, str], with_types: bool
    ) -> list[Finding]:
        """Decide for every row that can enter what it would do; return the questions and faults that come up.

        ``choices`` (row → skip, update, add) are those of the person; a row without one takes the first that is safe.
        """
        open_rows = [record for record in records if record.action == "add"]
        found = self._by_id(open_rows, area)
        found += self._doubles([record for record in open_rows if not record.outlet], area, choices)
        found += self._compare([record for record in open_rows if record.outlet], with_types)
        return found

    def _by_id(self, records: Sequence[Record], area: Area) -> list[Finding]:
        """Match rows by their ids; an id of another tree or city is a fault."""
        keys = [str(record.values["key"]) for record in records if "key" in record.values]
        strange = taken(key for key in keys if key not in self.by_key)
        found = []
        for record in records:
            key = record.values.get("key")
            known = self.by_key.get(key) if key else None
            if key in strange or (known and not known.path.startswith(area.path)):
                record.action = "fault"
                found.append(Finding(record.row, "import.id_elsewhere", "id", str(key)))
            elif known:
                record.outlet, record.action = known.pk, "update"
        return found

    def _doubles(self, records: Sequence[Record], area: Area, choices: Mapping[int, str]) -> list[Finding]:
        """Ask about rows that look like an outlet of the register or like an earlier row."""
        nearby = Nearby((self.city.south + self.city.north) / 2)
        for each in self.known:
            if each.state not in GONE:
                nearby.add(plain_name(each.name), each.lon, each.lat, each)
        found = []
        for record in records:
            if record.action != "add":
                continue
            name = plain_name(record.name)
            double = next(iter(nearby.find(name, record.lon, record.lat)), None) if name else None
            if isinstance(double, Known):
                mine = double.path.startswith(area.path)
                record.double = double.key
                record.choices = ("skip", "update", "add") if mine else ("skip", "add")
                if self._chosen(record, choices) == "update":
                    record.outlet = double.pk
                found.append(Finding(record.row, "import.double_register", "name", f"{record.name} ≈ {double.key}"))
            elif isinstance(double, Record):
                record.double = f"#{double.row}"
                record.choices = (
                    ("add", "skip") if "key" in record.values and "key" in double.values else ("skip", "add")
                )
                self._chosen(record, choices)
                found.append(Finding(record.row, "import.double_file", "name", f"{record.name} ≈ #{double.row}"))
            if not record.double:
                nearby.add(name, record.lon, record.lat, record)
        return found

    def _chosen(self, record: Record, choices: Mapping[int, str]) -> str:
        chosen = choices.get(record.row, "")
        record.action = chosen if chosen in record.choices else record.choices[0]
        return record.action

    def _compare(self, records: Sequence[Record], with_types: bool) -> list[Finding]:
        """Tell rows that change nothing from those that do; steps between states that are not allowed are faults."""
        outlets, types, prices = outlets_of([record.outlet for record in records if record.outlet])
        found = []
        for record in records:
            outlet = outlets[record.outlet or 0]
            state = record.values.get("state", outlet.state)
            if not changes(record, outlet, types[outlet.pk], prices[outlet.pk], with_types):
                record.action = "unchanged"
            elif outlet.owner_id is not None:
                record.action = "skip"
                found.append(Finding(record.row, "import.owned", "", outlet.key))
            elif state != outlet.state and (outlet.state, state) not in steps():
                record.action = "fault"
                found.append(Finding(record.row, "import.state_step", "state", f"{outlet.state} → {state}"))
        return found

    def nearer_in(
        self, names: Sequence[str], x: NDArray[np.float64], y: NDArray[np.float64], datum: str
    ) -> dict[str, object]:
        """Return the datum in which the points lie much nearer to outlets of the same names, {} where none does."""
        places: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for each in self.known:
            places[plain_name(each.name)].append((each.lon, each.lat))
        at = [i for i, name in enumerate(names) if len(places.get(plain_name(name), ())) == 1]
        if len(at) < 5:
            return {}
        there = np.array([places[plain_name(names[i])][0] for i in at])
        medians: dict[str, float] = {}
        for other in DATUMS:
            lon, lat = to_wgs84(x[at], y[at], other)
            metres = DEGREE_M * np.hypot((lon - there[:, 0]) * np.cos(np.radians(lat)), lat - there[:, 1])
            near = metres[metres <= limit("same_place_m")]
            medians[other] = float(np.median(near)) if len(near) >= 5 else np.inf
        best = min(medians, key=lambda name: medians[name])
        if medians[best] >= (1 - limit("shift_gain")) * medians[datum] or medians[datum] <= number("duplicate_m"):
            return {}
        metres_now = round(medians[datum]) if np.isfinite(medians[datum]) else "?"
        return {"datum": datum, "other": best, "metres": metres_now, "least": round(medians[best]), "outlets": len(at)}


def taken(asked: Iterable[str]) -> set[str]:
    """Return which keys outlets bear already, of any city."""
    keys = list(asked)
    found: set[str] = set()
    for start in range(0, len(keys), AT_ONCE):
        found.update(Outlet.objects.filter(key__in=keys[start : start + AT_ONCE]).values_list("key", flat=True))
    return found


def steps() -> set[tuple[str, str]]:
    """Return the steps between states that an import may take (``outlets/states.csv``)."""
    rows = table("states.csv", "yike.web.outlets")
    return {(row["from"], row["to"]) for row in rows if row["verb"] == "outlets.import_apply"}


Prices = list[tuple[str, Decimal, str]]


def outlets_of(keys: Sequence[int]) -> tuple[dict[int, Outlet], dict[int, set[str]], dict[int, Prices]]:
    """Return outlets by key, with the codes of their functions and the lines of their price lists."""
    outlets: dict[int, Outlet] = {}
    types: dict[int, set[str]] = defaultdict(set)
    prices: dict[int, Prices] = defaultdict(list)
    for start in range(0, len(keys), AT_ONCE):
        some = keys[start : start + AT_ONCE]
        outlets |= Outlet.objects.in_bulk(some)
        for pk, code in Function.objects.filter(outlet__in=some).values_list("outlet_id", "code"):
            types[pk].add(code)
        lines = Price.objects.filter(outlet__in=some).order_by("pk")
        for pk, item, yuan, unit in lines.values_list("outlet_id", "item", "yuan", "unit"):
            prices[pk].append((item, yuan, unit))
    return outlets, types, prices


def changes(record: Record, outlet: Outlet, types: set[str], prices: Prices, with_types: bool) -> bool:
    """Whether a row would change an outlet; a cell that is empty never does."""
    if max(abs(record.lon - outlet.lon), abs(record.lat - outlet.lat)) > SAME_DEGREES or record.area != outlet.area_id:
        return True
    if with_types and set(record.types) != types:
        return True
    lines = record.values.get("prices")
    if lines is not None and [(item, Decimal(yuan), unit) for item, yuan, unit in lines] != prices:
        return True
    return any(getattr(outlet, name) != value for name, value in record.values.items() if name not in ("prices", "key"))
