"""What a search can find in one city: outlets, areas, streets and places, business types, by every name they go by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from yike.web.areas.models import Area, City
from yike.web.areas.placing import outlines_of
from yike.web.areas.saying import initials, syllables
from yike.web.map.errands import plain, spaced
from yike.web.map.table import Shown
from yike.web.map.tiles import base_of
from yike.web.map.words_index import Texts

KINDS = ("type", "area", "street", "place", "outlet")  #: in the order in which equals are told


@dataclass(frozen=True)
class Record:
    """One thing that can be found. ``also`` are further names it goes by."""

    kind: str
    key: str
    name: str
    detail: str = ""
    name_en: str = ""
    lon: float | None = None
    lat: float | None = None
    also: tuple[str, ...] = ()


Said = tuple[str, str, tuple[int, ...]]


@lru_cache(maxsize=200_000)
def said_of(name: str) -> Said:
    """Return a name in pinyin, its initials, and the lengths of its syllables."""
    parts = syllables(name)
    return "".join(parts), initials(parts), tuple(len(part) for part in parts)


plain_of = lru_cache(maxsize=200_000)(plain)  # an index is made anew with each change, of much the same names


@dataclass(frozen=True)
class Names:
    """Records with the arrays in which their names are searched; row k of every answer is record k."""

    records: tuple[Record, ...]
    names: Texts
    said: Texts  #: in pinyin, a match begins at a syllable
    short: Texts  #: first letters
    english: Texts  #: a match begins at a word

    @classmethod
    def of(cls, records: Sequence[Record]) -> Names:
        names: list[str] = []
        said: list[Said] = []
        owner: list[int] = []
        words: list[list[str]] = []
        word_owner: list[int] = []
        for k, record in enumerate(records):
            for name in (record.name, *record.also):
                names.append(plain_of(name))
                said.append(said_of(name))
                owner.append(k)
            if record.name_en:
                words.append(spaced(record.name_en).split())
                word_owner.append(k)
        return cls(
            tuple(records),
            Texts.of(names, owner),
            Texts.of([each[0] for each in said], owner, [each[2] for each in said]),
            Texts.of([each[1] for each in said], owner),
            Texts.of(["".join(each) for each in words], word_owner, [[len(part) for part in each] for each in words]),
        )

    def __len__(self) -> int:
        return len(self.records)


@dataclass(frozen=True)
class OutletWords:
    """What else outlets are found by, in the rows of their table: addresses, and the lines of their price lists."""

    shown: Shown

    @cached_property
    def addresses(self) -> Texts:
        rows = self.shown.rows
        return Texts.of([plain_of(row.address) for row in rows], range(len(rows)))

    @cached_property
    def items(self) -> Texts:
        pairs = [(k, plain_of(item)) for k, row in enumerate(self.shown.rows) for item in row.items]
        return Texts.of([item for _, item in pairs], [k for k, _ in pairs])

    @cached_property
    def by_service(self) -> dict[str, NDArray[np.bool_]]:
        """(N,) whether each outlet does an add-on service, by code."""
        found: dict[str, NDArray[np.bool_]] = {}
        for k, row in enumerate(self.shown.rows):
            for code in row.services:
                found.setdefault(code, np.zeros(len(self.shown.rows), bool))[k] = True
        return found


def places_of(city: City, shown: Shown) -> list[Record]:
    """Return what a city has besides outlets: business types, areas, streets and named places of its base map."""
    types = [
        Record("type", kind.code, kind.zh, kind.category, kind.en, also=tuple(_parts(kind.zh))) for kind in shown.kinds
    ]
    areas = list(Area.objects.filter(city_id=city.pk).order_by("code"))
    by_id = {area.pk: area for area in areas}
    found = [
        Record("area", area.code, area.name, _above(area, by_id), area.name_en, area.lon, area.lat) for area in areas
    ]
    base = base_of(city.slug)
    if base is not None:
        names = base.names()
        names = names[~names["kind"].isin(["city", "county"])]
        held = outlines_of(city).hold(names["lon"].to_numpy(), names["lat"].to_numpy())
        for (kind, name, lon, lat), pk in zip(names.itertuples(index=False, name=None), held.tolist(), strict=True):
            where = by_id.get(pk)
            detail = f"{_above(where, by_id)}{where.name}" if where else ""
            kind = "street" if kind == "street" else "place"
            found.append(Record(kind, f"{lon:.5f},{lat:.5f}", name, detail, "", lon, lat))
    return types + found


def _parts(name: str) -> Iterable[str]:
    """Return the single names in one like 母婴用品专柜/体验店 or 综合超市(社区超市)."""
    return [part for part in re.split(r"[()（）/]", name) if part != name and len(part) > 1]


def _above(area: Area, by_id: dict[int, Area]) -> str:
    """Return the names of the areas above one, widest first, without the city."""
    names: list[str] = []
    above = by_id.get(area.parent_id) if area.parent_id else None
    while above is not None and above.parent_id:
        names.append(above.name)
        above = by_id.get(above.parent_id)
    return "".join(reversed(names))


def outlets_of(shown: Shown) -> list[Record]:
    """Return the outlets of a table, in its rows."""
    return [Record("outlet", row.key, row.name, row.address, "", row.lon, row.lat) for row in shown.rows]
