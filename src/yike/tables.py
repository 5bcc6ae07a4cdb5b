"""The input nouns as checked columns: Ways, Residents, Outlets, Areas, Buildings, Walls, Doors.

Every table is a frozen value around columns that were checked once, when it was made.
Coordinates are WGS 84 degrees, ``lon`` before ``lat``. Readers of files (``ingest``) make
these values; nobody behind them checks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.errors import Fault, InputError, Row, raise_all

LEVELS = ("city", "county", "street", "community")  #: 市、县、街道（乡镇）、社区, widest first

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Ways:
    """Lines of a map with their tags, as flat arrays: way ``i`` runs over ``refs[start[i]:start[i+1]]``.

    ``refs`` index the vertices ``lon, lat, node_id``; the same vertex in two ways is the same
    place on the ground, and two vertices at one place are *not* joined (a bridge over a street).
    ``tags[key]`` holds for each way the value of that tag, or "" where it has none; ``node_tags``
    the same for each vertex. Only the keys the reader was asked for are there.
    """

    way_id: Ints  #: (W,)
    start: Ints  #: (W + 1,)
    refs: NDArray[np.int32]  #: vertices in the order they are walked
    lon: Floats  #: (V,)
    lat: Floats  #: (V,)
    node_id: Ints  #: (V,) ids of the source, for reference only
    tags: dict[str, pd.Categorical]  #: key -> (W,) values
    node_tags: dict[str, pd.Categorical]  #: key -> (V,) values


def _faults(frame: pd.DataFrame, table: str, needed: Sequence[str], numbers: Sequence[str]) -> list[Fault]:
    """Return every fault of the columns of ``frame``; rows are counted from 1."""
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        return [Fault("tables.column_missing", values={"table": table, "columns": ", ".join(missing)})]
    faults: list[Fault] = []

    def add(code: str, bad: NDArray[np.bool_], column: str) -> None:
        rows: tuple[Row, ...] = tuple((int(i) + 1, str(frame[column].iloc[i])) for i in np.flatnonzero(bad))
        if rows:
            faults.append(Fault(code, rows, {"table": table, "column": column}))

    add("tables.value_missing", frame["id"].isna().to_numpy() | (frame["id"].astype(str) == "").to_numpy(), "id")
    add("tables.id_duplicate", frame["id"].duplicated().to_numpy(), "id")
    for column in numbers:
        value = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=float)
        add("tables.not_number", ~np.isfinite(value), column)
        if column == "lon":
            add("tables.lonlat_range", np.abs(value) > 180, column)
        elif column == "lat":
            add("tables.lonlat_range", np.abs(value) > 90, column)
        else:
            add("tables.negative", value < 0, column)
    return faults


@dataclass(frozen=True)
class Residents:
    """Residents' points: where people live, how many, in which area, and how the point was placed.

    Columns of ``frame``: ``id`` (str), ``lon``, ``lat``, ``people`` (float, >= 0), one 12-digit code
    per level of `LEVELS` ("" where unknown) and ``method`` (how the people got to this point).

    Raises
    ------
    InputError
        Any code of ``tables.*``, all faults at once.

    Examples
    --------
    >>> import pandas as pd
    >>> homes = Residents(pd.DataFrame({"id": ["a"], "lon": [112.8], "lat": [35.5], "people": [3]}))
    >>> homes.people.sum(), homes.frame.columns.tolist()[-2:]
    (np.float64(3.0), ['community', 'method'])
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        numbers = ("lon", "lat", "people")
        raise_all(InputError, _faults(self.frame, "residents", ("id", *numbers), numbers))
        texts = (*LEVELS, "method")
        frame = self.frame.reindex(columns=["id", *numbers, *texts]).reset_index(drop=True)
        frame = frame.astype({"id": str, **dict.fromkeys(numbers, float)})
        frame[list(texts)] = frame[list(texts)].astype(object).fillna("").astype(str)
        object.__setattr__(self, "frame", frame)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def lon(self) -> Floats:
        return self.frame["lon"].to_numpy(dtype=float)

    @property
    def lat(self) -> Floats:
        return self.frame["lat"].to_numpy(dtype=float)

    @property
    def people(self) -> Floats:
        return self.frame["people"].to_numpy(dtype=float)


@dataclass(frozen=True)
class Outlets:
    """Outlets (网点): each serves one or several business types from one place.

    Columns of ``frame``: ``id``, ``name``, ``types`` (list of business type codes), ``lon``, ``lat``,
    ``hours`` (OSM opening hours, "" = not known), ``state`` ("open", "planned", "paused", "closed" …;
    only open ones count as coverage) and ``source``.

    Raises
    ------
    InputError
        Any code of ``tables.*``, all faults at once.
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        numbers = ("lon", "lat")
        raise_all(InputError, _faults(self.frame, "outlets", ("id", "types", *numbers), numbers))
        frame = self.frame.reindex(columns=["id", "name", "types", *numbers, "hours", "state", "source"])
        frame = frame.reset_index(drop=True).astype({"id": str, "lon": float, "lat": float})
        for name, default in (("name", ""), ("hours", ""), ("state", "open"), ("source", "")):
            frame[name] = frame[name].astype(object).fillna(default).astype(str)
        frame["types"] = [tuple(types) for types in frame["types"]]
        object.__setattr__(self, "frame", frame)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def lon(self) -> Floats:
        return self.frame["lon"].to_numpy(dtype=float)

    @property
    def lat(self) -> Floats:
        return self.frame["lat"].to_numpy(dtype=float)

    @property
    def is_open(self) -> Bools:
        """Whether each outlet counts as coverage: a planned or closed one never does."""
        return (self.frame["state"] == "open").to_numpy()


@dataclass(frozen=True)
class Areas:
    """The tree of areas. Columns: ``code`` (12 digits), ``name``, ``level``, ``parent`` ("" at the root), ``geometry``.

    ``geometry`` holds shapely polygons in WGS 84, or None where the outline is not known.
    """

    frame: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)

    def at(self, level: str) -> pd.DataFrame:
        """Return the rows of one level of `LEVELS`, in file order."""
        return self.frame[self.frame["level"] == level].reset_index(drop=True)


@dataclass(frozen=True)
class Buildings:
    """Buildings.

    Columns: ``id``, ``lon``, ``lat`` (a point inside), ``footprint_m2``, ``levels``, ``use``, ``residential`` (bool),
    ``geometry``.
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        columns = ["id", "lon", "lat", "footprint_m2", "levels", "use", "residential", "geometry"]
        object.__setattr__(self, "frame", self.frame if len(self.frame) else pd.DataFrame(columns=columns))

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True)
class Walls:
    """What nobody walks through.

    Columns: ``kind`` (wall, fence, retaining_wall …), ``closed`` (bool), ``compound`` (bool), ``geometry``.

    ``compound`` marks a closed wall round homes: what is inside may be used at a trip's own ends only.
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        columns = ["kind", "closed", "compound", "geometry"]
        object.__setattr__(self, "frame", self.frame if len(self.frame) else pd.DataFrame(columns=columns))

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True)
class Doors:
    """Mapped entrances and gates.

    Columns: ``id``, ``lon``, ``lat``, ``kind`` ("entrance" or "gate"), ``access``, ``vertex`` (index into `Ways`, -1
    when on none).
    """

    frame: pd.DataFrame

    def __post_init__(self) -> None:
        columns = ["id", "lon", "lat", "kind", "access", "vertex"]
        object.__setattr__(self, "frame", self.frame if len(self.frame) else pd.DataFrame(columns=columns))

    def __len__(self) -> int:
        return len(self.frame)


@dataclass(frozen=True)
class StreetMap:
    """All that one map file tells about the ground and what stands on it."""

    ways: Ways
    buildings: Buildings
    walls: Walls
    doors: Doors
    places: (
        pd.DataFrame
    )  #: tagged shops and services: ``id, name, lon, lat, hours, tags`` (dict key -> value), one row each
    areas: pd.DataFrame  #: administrative outlines and land use: ``id, name, kind, level, geometry``
    squares: pd.DataFrame  #: walkable areas: ``way`` (index into `Ways`), ``geometry``
    drawn: pd.DataFrame  #: for the picture only, courses of water, tracks, names of places: ``name, kind, geometry``
