"""The register as the engine sees it: outlets in rows, what each serves, which of them count; and how it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from yike.standards.catalogue import Catalogue
from yike.web.areas.models import City
from yike.web.outlets.models import Function, Outlet
from yike.web.studies.models import SupplyChange

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stock:
    """O outlets of one city at one moment; a change makes a new one, so readers never see half of it.

    ``places`` grows when an outlet is added or moves: what is reckoned from places alone holds until then.
    ``types`` are those an outlet counts for (a vegetable van is a vegetable shop too).
    """

    key: tuple[str, ...]
    name: tuple[str, ...]
    lon: Floats
    lat: Floats
    types: tuple[tuple[str, ...], ...]
    counts: NDArray[np.bool_]  #: open, so that it is coverage
    hours: tuple[str, ...]
    through: int  #: id of the last supply change in it
    places: int = 0
    row: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "row", {key: k for k, key in enumerate(self.key)})

    @cached_property
    def serving(self) -> tuple[tuple[str, ...], NDArray[np.int64], NDArray[np.int64]]:
        """The types there are, and pairs of an outlet's row and the number of a type it serves, by row."""
        codes = tuple(dict.fromkeys(code for types in self.types for code in types))
        number = {code: k for k, code in enumerate(codes)}
        row = np.repeat(np.arange(len(self)), [len(types) for types in self.types])
        return codes, row, np.array([number[code] for types in self.types for code in types], np.int64)

    def __len__(self) -> int:
        return len(self.key)


def counting_for(types: Iterable[str], catalogue: Catalogue) -> tuple[str, ...]:
    """Return the types an outlet counts for: its own and those the catalogue lets them stand for."""
    more = {each.code: each.counts_for for each in catalogue.types}
    return tuple(dict.fromkeys(code for own in types for code in (own, *more.get(own, ()))))


def read_stock(city: City, catalogue: Catalogue) -> Stock:
    """Read a city's outlets from the register, whatever their state."""
    last = SupplyChange.objects.filter(city=city).order_by("-id").values_list("id", flat=True).first() or 0
    columns = ("id", "key", "name", "lon", "lat", "state", "hours")
    rows = list(Outlet.objects.filter(city=city).order_by("id").values_list(*columns))
    serves: dict[int, list[str]] = {}
    for outlet, code in Function.objects.filter(outlet__city=city).order_by("id").values_list("outlet_id", "code"):
        serves.setdefault(outlet, []).append(code)
    return Stock(
        key=tuple(row[1] for row in rows),
        name=tuple(row[2] for row in rows),
        lon=np.array([row[3] for row in rows], float),
        lat=np.array([row[4] for row in rows], float),
        types=tuple(counting_for(serves.get(row[0], ()), catalogue) for row in rows),
        counts=np.array([row[5] == "open" for row in rows], bool),
        hours=tuple(row[6] for row in rows),
        through=last,
    )


def take_up(stock: Stock, changes: list[SupplyChange], catalogue: Catalogue) -> Stock:
    """Return the stock after some changes, names and hours read anew for the outlets they touch."""
    said = {
        key: (name, hours)
        for key, name, hours in Outlet.objects.filter(key__in={each.outlet for each in changes}).values_list(
            "key", "name", "hours"
        )
    }
    key, name, hours, types = list(stock.key), list(stock.name), list(stock.hours), list(stock.types)
    lon, lat, counts, row = list(stock.lon), list(stock.lat), list(stock.counts), dict(stock.row)
    moved = False
    for each in changes:
        k = row.setdefault(each.outlet, len(key))
        if k == len(key):
            key.append(each.outlet)
            name.append("")
            hours.append("")
            types.append(())
            lon.append(np.nan)
            lat.append(np.nan)
            counts.append(False)
        moved = moved or (lon[k], lat[k]) != (each.lon, each.lat)
        lon[k], lat[k], counts[k] = each.lon, each.lat, each.counts
        types[k] = counting_for(each.types, catalogue)
        name[k], hours[k] = said.get(each.outlet, (name[k], hours[k]))
    return replace(
        stock, key=tuple(key), name=tuple(name), hours=tuple(hours), types=tuple(types), lon=np.array(lon, float),
        lat=np.array(lat, float), counts=np.array(counts, bool), through=changes[-1].id, places=stock.places + moved,
    )  # fmt: skip
