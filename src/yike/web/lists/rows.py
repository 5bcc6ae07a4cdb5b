"""Where the rows of a table lie, for lists whose rows name a community or stand at a point; and columns that are not there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.errors import Fault, InputError
from yike.web.areas.models import Area, City
from yike.web.areas.placing import outlines_of
from yike.web.lists.choices import plain
from yike.web.lists.importing import Finding
from yike.web.lists.reading import Table


@dataclass(frozen=True)
class Places:
    """Rows on the ground: degrees (NaN: no point) and the key of the area each lies in (-1: not known)."""

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    area: NDArray[np.int64]

    def values(self, i: int) -> dict[str, Any]:
        """Return the values of row ``i`` for its record."""
        there = bool(np.isfinite(self.lon[i]))
        point = {"lon": round(float(self.lon[i]), 6), "lat": round(float(self.lat[i]), 6)} if there else {}
        return {**point, "area_id": int(self.area[i])}


def absent_columns(table: Table, needed: Iterable[str], *, placed: bool) -> None:
    """Refuse a table without needed columns; ``placed``: every row needs a point.

    Raises
    ------
    InputError
        ``lists.columns`` with the fields and the file's own heads.
    """
    shapes = table.sheet.geometry is not None
    asked = [*needed, *(("lon", "lat") if placed and not shapes else ())]
    absent = [field for field in asked if field not in table.columns]
    if not placed and not shapes and not {"code", "community", "lon"} & set(table.columns):
        absent.append("community")
    if absent:
        values = {"path": table.name, "heads": ", ".join(table.sheet.heads)}
        raise InputError(Fault("lists.columns", tuple((None, field) for field in absent), values))


def read_places(table: Table, city: City, area: Area, found: list[Finding], *, needed: bool = True) -> Places:
    """Return where the rows lie; what cannot be right goes to ``found``.

    A row's own community (code or name) goes before the one its point lies in, and the difference is told
    (``lists.community_other``, a note). Without ``needed`` a row may have a community and no point.
    """
    lon, lat = table.wgs84
    held = outlines_of(city).hold(lon, lat)
    codes, names = table.texts("code"), table.texts("community")
    tree = Tree(city)
    where = np.full(len(table), -1, np.int64)
    told = [table.texts(field) for field in ("lon", "lat")]
    for i, row in enumerate(table.rows):
        point = ", ".join(filter(None, (told[0][i], told[1][i])))
        has_point = bool(np.isfinite(lon[i]))
        own, code = tree.find(codes[i], names[i])
        if code:
            found.append(Finding(row, code, "community", codes[i] or names[i]))
        elif has_point and held[i] < 0 and not (tree.bare and tree.in_box(lon[i], lat[i])):
            found.append(Finding(row, _why_outside(city, table, i), "lon", point))
        elif not has_point and (needed or not own):
            found.append(Finding(row, _why_absent(city, table, i, point), "lon", point[:80]))
        else:
            where[i] = own or (held[i] if held[i] >= 0 else tree.root)
            if own and held[i] >= 0 and held[i] != own and tree.lowest(own):
                found.append(Finding(row, "lists.community_other", "community", codes[i] or names[i]))
            if not tree.path(int(where[i])).startswith(area.path):
                found.append(Finding(row, "import.not_yours", "community", codes[i] or names[i] or point))
    return Places(lon, lat, where)


def _why_absent(city: City, table: Table, i: int, point: str) -> str:
    """Return why a row has no place on the globe: nothing told, no numbers, exchanged, or outside it."""
    x, y = (values[i] for values in table.points)
    if np.isfinite(x) and np.isfinite(y):
        return "import.swapped" if _why_outside(city, table, i) == "import.swapped" else "import.outside_globe"
    return "import.place_number" if table.sheet.geometry is None and point else "import.place_missing"


def _why_outside(city: City, table: Table, i: int) -> str:
    """Return whether a point outside the city would lie inside it with its coordinates exchanged."""
    x, y = (values[i] for values in table.points)
    turned = outlines_of(city).hold([y], [x])[0] >= 0 if np.isfinite(x) and np.isfinite(y) else False
    return "import.swapped" if turned else "import.outside"


class Tree:
    """A city's areas by code and by name."""

    def __init__(self, city: City) -> None:
        rows = list(city.areas.values_list("pk", "code", "name", "path", "level"))
        self.city = city
        self.paths = {pk: path for pk, _, _, path, _ in rows}
        self.levels = {pk: level for pk, _, _, _, level in rows}
        self.codes = {code: pk for pk, code, _, _, _ in rows}
        self.names: dict[str, list[int]] = {}
        for pk, _, name, _, _ in rows:
            for each in {plain(name), plain(_short(name))}:
                self.names.setdefault(each, []).append(pk)
        self.root = min(self.paths, key=lambda pk: len(self.paths[pk]))
        self.bare = not len(outlines_of(city))

    def find(self, code: str, name: str) -> tuple[int, str]:
        """Return the area of a code or, without one, of a name (0: none given), and the code of a fault."""
        if code:
            return (self.codes[code], "") if code in self.codes else (0, "lists.community_unknown")
        if not name:
            return 0, ""
        if name in self.codes:
            return self.codes[name], ""
        found = self.names.get(plain(name)) or self.names.get(plain(_short(name))) or []
        found = [pk for pk in found if self.levels[pk] == "community"] or found
        if len(found) == 1:
            return found[0], ""
        return 0, "lists.community_several" if found else "lists.community_unknown"

    def path(self, pk: int) -> str:
        return self.paths.get(pk, "")

    def lowest(self, pk: int) -> bool:
        return self.levels.get(pk) == "community"

    def in_box(self, lon: float, lat: float) -> bool:
        city = self.city
        return city.east <= city.west or (city.west <= lon <= city.east and city.south <= lat <= city.north)


def _short(name: str) -> str:
    """Return a community's name without the words for its kind, as people write it.

    Examples
    --------
    >>> _short("文昌社区居委会"), _short("文昌社区"), _short("东沟村委会")
    ('文昌', '文昌', '东沟')
    """
    for word in ("社区居民委员会", "社区居委会", "居民委员会", "居委会", "村民委员会", "村委会", "社区", "村"):
        if name.endswith(word) and len(name) > len(word):
            return name[: -len(word)]
    return name
