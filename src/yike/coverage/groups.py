"""Residents' points gathered into areas: communities, streets, counties, the city, everyone, and circles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from yike.errors import Fault, InputError, raise_all
from yike.tables import LEVELS, Residents

Floats = npt.NDArray[np.float64]
Circles = Mapping[str, npt.NDArray[np.bool_] | Collection[str]]
EVERYONE = "all"  #: level and area of all residents together
CIRCLE = "circle"  #: level of the drawn circles


@dataclass(frozen=True)
class Groups:
    """G areas and which of R residents' points lie in each; the first is everyone; circles may overlap.

    Points are listed within an area in the order of their ids, so that a sum over an area does not
    depend, to the last bit, on the order of rows in a file.
    """

    level: tuple[str, ...]  #: (G,)
    area: tuple[str, ...]  #: (G,) code, "" = points whose area of that level is not known
    start: npt.NDArray[np.int64]  #: (G + 1,) group g holds ``points[start[g]:start[g + 1]]``
    points: npt.NDArray[np.int64]  #: (M,) rows of the residents' table
    n_points: int

    def __len__(self) -> int:
        return len(self.level)

    @property
    def of(self) -> npt.NDArray[np.int64]:
        """(M,) the group of each entry of ``points``."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def sum(self, values: npt.ArrayLike) -> Floats:
        """Return the sums over each area of a column (R,) or of columns (R, K): (G,) or (G, K)."""
        columns = np.asarray(values, dtype=float)[self.points]
        of = self.of
        if columns.ndim == 1:
            return np.bincount(of, weights=columns, minlength=len(self)).astype(float)
        return np.stack([np.bincount(of, weights=each, minlength=len(self)) for each in columns.T], axis=1)

    def frame(self, **columns: Any) -> pd.DataFrame:
        """Return a table with one row per area: level, area and the given columns (G,)."""
        return pd.DataFrame({"level": list(self.level), "area": list(self.area), **columns})


def _by_code(level: str, codes: npt.NDArray[Any], order: npt.NDArray[np.int64]) -> list[tuple[str, str, Any]]:
    """Return one (level, code, points) per code; points keep the given order."""
    names, index = np.unique(codes[order], return_inverse=True)
    if len(names) == 1 and names[0] == "":
        return []
    ends = np.cumsum(np.bincount(index, minlength=len(names)))[:-1]
    parts = np.split(order[np.argsort(index, kind="stable")], ends)
    return [(level, str(name), part) for name, part in zip(names, parts, strict=True)]


def _circle_mask(
    name: str, members: Any, n: int, held: Mapping[str, npt.NDArray[np.int64]]
) -> tuple[npt.NDArray[np.bool_], list[Fault]]:
    """Return the points of one circle, from a mask (R,) or from area codes of any level; ``held``: points by code."""
    if isinstance(members, np.ndarray) and members.dtype == np.bool_:
        if members.shape == (n,):
            return members, []
        values = {"circle": name, "n_mask": members.size, "n_points": n}
        return np.zeros(n, dtype=bool), [Fault("coverage.circle_length", values=values)]
    codes = {str(code) for code in members} - {""}
    strange = tuple((None, code) for code in sorted(codes.difference(held)))
    mask = np.zeros(n, dtype=bool)
    for code in codes & set(held):
        mask[held[code]] = True
    return mask, [Fault("coverage.circle_area_unknown", strange, {"circle": name})] if strange else []


def group_residents(residents: Residents, circles: Circles | None = None) -> Groups:
    """Gather residents' points by every level of area they know, plus everyone, plus circles.

    Parameters
    ----------
    residents
        R points with one area code per level; a level that no point knows is left out, and points
        without a code stand together under the area "" so that the parts still sum to the whole.
    circles
        Name of circle -> mask (R,) of its points, or the codes of the areas it is made of.

    Raises
    ------
    InputError
        ``coverage.circle_length``, ``coverage.circle_area_unknown``: all circles at once.

    Examples
    --------
    >>> homes = Residents(pd.DataFrame({"id": ["a", "b"], "lon": 0.0, "lat": 0.0, "people": [1, 2],
    ...                                 "community": ["X", "Y"]}))
    >>> groups = group_residents(homes, {"ring": ["Y"]})
    >>> list(zip(groups.level, groups.area, groups.sum(homes.people).tolist()))
    [('all', 'all', 3.0), ('community', 'X', 1.0), ('community', 'Y', 2.0), ('circle', 'ring', 2.0)]
    """
    order = np.argsort(residents.frame["id"].to_numpy(dtype=str), kind="stable")
    found: list[tuple[str, str, Any]] = [(EVERYONE, EVERYONE, order)]
    for level in LEVELS:
        found += _by_code(level, residents.frame[level].to_numpy(dtype=str), order)
    faults: list[Fault] = []
    held = {code: part for level, code, part in found if level != EVERYONE}
    for name in sorted(circles or {}):
        mask, trouble = _circle_mask(name, (circles or {})[name], len(residents), held)
        faults += trouble
        found.append((CIRCLE, name, order[mask[order]]))
    raise_all(InputError, faults)
    levels, areas, parts = zip(*found, strict=True)
    start = np.concatenate([[0], np.cumsum([len(part) for part in parts])]).astype(np.int64)
    return Groups(levels, areas, start, np.concatenate(parts).astype(np.int64), len(residents))
