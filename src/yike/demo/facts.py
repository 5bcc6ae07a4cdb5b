"""What a demonstration city is made from: a folder of facts and sizes, and our own numbers as rows."""

from __future__ import annotations

import csv
import tomllib
import zlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.errors import Fault, StudyError

Floats = NDArray[np.float64]
METRES_A_DEGREE = 111_320.0, 110_574.0  #: of longitude at the equator, of latitude at 35° within 0.4 %
COMMITTEE = ("居委会", "居民委员会", "社区")  #: how names of urban communities end; all others are villages
CITY = "jincheng"  #: the folder that ships


@dataclass(frozen=True)
class City:
    """One folder of facts.

    ``tree`` has a row per community: ``code, name, street_code, street, county_code, county`` and whether it is a
    ``committee`` (居委会) rather than a village.
    """

    facts: dict[str, Any]
    tree: pd.DataFrame
    seats: pd.DataFrame
    settlements: pd.DataFrame
    sizes: pd.DataFrame
    words: dict[str, tuple[str, ...]]

    @property
    def plane(self) -> Plane:
        return Plane(float(self.facts["lon"]), float(self.facts["lat"]))


@dataclass(frozen=True)
class Plane:
    """A flat map in metres around one point; good to half a percent over a city."""

    lon: float
    lat: float

    @property
    def scale(self) -> Floats:
        """Metres of one degree east and north."""
        return np.array([METRES_A_DEGREE[0] * np.cos(np.radians(self.lat)), METRES_A_DEGREE[1]])

    def lonlat(self, xy: Floats) -> Floats:
        """Return degrees, rounded to the 1e-7 that a map file keeps."""
        return np.round(xy / self.scale + np.array([self.lon, self.lat]), 7)

    def xy(self, lonlat: Floats) -> Floats:
        """Return metres."""
        return (np.asarray(lonlat, float) - np.array([self.lon, self.lat])) * self.scale


def stream(seed: int, room: str) -> np.random.Generator:
    """Return the random numbers of one room: what another room draws does not change them."""
    return np.random.default_rng([seed, zlib.crc32(room.encode())])


def load_city(name: str = CITY) -> City:
    """Read a folder of facts that ships with yike."""
    folder = resources.files("yike.demo").joinpath(name)
    tree = _table(folder, "tree.csv")
    words = _table(folder, "names.csv")
    return City(
        facts=tomllib.loads(folder.joinpath("city.toml").read_text(encoding="utf-8")),
        tree=tree.assign(committee=tree["name"].str.endswith(COMMITTEE)),
        seats=_numbers_in(_table(folder, "seats.csv"), "lon", "lat", "area_km2"),
        settlements=_numbers_in(_table(folder, "settlements.csv"), "lon", "lat", "in_town_villages",
                                "people_per_committee", "market_streets"),
        sizes=_numbers_in(_table(folder, "sizes.csv"), "people", "committees", "in_town_villages", "villages",
                          "outline_km"),
        words={str(kind): tuple(part["word"]) for kind, part in words.groupby("kind", sort=False)},
    )  # fmt: skip


def size_of(city: City, size: str) -> pd.Series:
    """Return the row of a size.

    Raises
    ------
    StudyError
        ``demo.size_unknown``.
    """
    found = city.sizes[city.sizes["size"] == size]
    if found.empty:
        raise StudyError(Fault("demo.size_unknown", values={"size": size, "known": ", ".join(city.sizes["size"])}))
    return found.iloc[0]


def _table(folder: Traversable, name: str) -> pd.DataFrame:
    rows = csv.DictReader(folder.joinpath(name).read_text(encoding="utf-8").splitlines())
    return pd.DataFrame(list(rows), dtype=object)


def _numbers_in(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return table.assign(**{each: pd.to_numeric(table[each]) for each in columns})


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of one of our own tables (``<name>.csv``), whatever the city."""
    text = resources.files("yike.demo").joinpath(f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@cache
def number(key: str) -> float:
    """Return one of our own numbers (``numbers.csv``)."""
    return next(float(row["value"]) for row in rows("numbers") if row["key"] == key)
