"""Coverage: which residents' points meet which walking requirement, and the shares of people who do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.coverage.groups import Circles, Groups, group_residents
from yike.coverage.limits import WalkLimit, check_limits, walk_limits, within
from yike.errors import Fault, InputError, StandardError, raise_all
from yike.tables import Residents

if TYPE_CHECKING:
    from yike.access.walk import WalkTimes
    from yike.standards.catalogue import Catalogue

COLUMNS = (
    "level", "area", "requirement", "business_type", "category", "measure", "limit_s", "walker", "people",
    "people_met", "share", "points", "pack", "clause", "grade", "default_only",
)  # fmt: skip
NO_WAY = "no_way"  #: attached to the network, but no outlet of any type within the times' limit


@dataclass(frozen=True)
class Coverage:
    """R residents' points × Q walking requirements: met or not, for one walker under one catalogue.

    A point that is not attached to the network, or reaches nothing, meets nothing; it stays in
    every denominator, and ``why`` tells it apart ("" for a point that reaches something).
    """

    residents: Residents
    seconds: NDArray[np.float32]  #: (R, T) in the row order of ``residents``; inf = no way within ``limit_s``
    types: tuple[str, ...]  #: (T,) business type codes
    limit_s: float  #: how far the walk times were searched
    walker: str
    catalogue: Catalogue
    limits: tuple[WalkLimit, ...]  #: (Q,)
    met: NDArray[np.bool_]  #: (R, Q)
    why: NDArray[np.object_]  #: (R,)
    groups: Groups

    def column(self, requirement: str) -> NDArray[np.bool_]:
        """Return (R,) who meets the requirement of that id."""
        return np.asarray(self.met[:, [each.requirement.id for each in self.limits].index(requirement)])

    def seconds_to(self, business_type: str) -> NDArray[np.float32]:
        """Return (R,) seconds to the nearest outlet of a type."""
        return np.asarray(self.seconds[:, self.types.index(business_type)])

    def to_frame(self, names: Mapping[str, str] | None = None) -> pd.DataFrame:
        """Return the long table of shares: one row per area and requirement (coverage.parquet).

        Columns: level, area, area_name, requirement, business_type, category, measure, limit_s,
        walker, people, people_met, share (null where nobody lives), points, pack, clause, grade,
        default_only. ``names`` maps area codes to names.
        """
        people = self.groups.sum(self.residents.people)
        points = self.groups.sum(np.ones(len(self.residents))).astype(np.int64)
        parts = [self._share_rows(q, people, points) for q in range(len(self.limits))]
        table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
        table.insert(2, "area_name", [(names or {}).get(each, "") for each in table["area"]])
        return table

    def _share_rows(self, q: int, people: NDArray[np.float64], points: NDArray[np.int64]) -> pd.DataFrame:
        limit = self.limits[q]
        asked = limit.requirement
        people_met = self.groups.sum(self.residents.people * self.met[:, q])
        return self.groups.frame(
            requirement=asked.id,
            business_type=asked.business_type,
            category=self.catalogue.type(asked.business_type).category,
            measure=asked.measure,
            limit_s=limit.limit_s,
            walker=self.walker,
            people=people,
            people_met=people_met,
            share=share(people_met, people),
            points=points,
            pack=asked.pack,
            clause=asked.clause,
            grade=asked.grade,
            default_only=limit.default_only,
        )

    def unreached(self) -> pd.DataFrame:
        """Return people who reach nothing, by area and reason: level, area, why, people, points."""
        parts = []
        for why in sorted(set(self.why.tolist()) - {""}):
            here = self.why == why
            people, points = self.groups.sum(self.residents.people * here), self.groups.sum(here)
            part = self.groups.frame(why=why, people=people, points=points.astype(np.int64))
            parts.append(part[part["points"] > 0])
        columns = ["level", "area", "why", "people", "points"]
        return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def share(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return part / whole, NaN where the whole is nothing.

    Examples
    --------
    >>> share(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist()
    [0.25, nan]
    """
    shares = np.full(np.shape(whole), np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


def rows_of(residents: Residents, ids: Sequence[str] | NDArray[Any]) -> NDArray[np.int64]:
    """Return for each residents' point its row in a table with ``ids``.

    Raises
    ------
    InputError
        ``coverage.resident_missing`` (points without a row), ``coverage.resident_twice``.
    """
    index = pd.Index(np.asarray(ids, dtype=str))
    twice = tuple((None, str(each)) for each in index[index.duplicated()].unique())
    raise_all(InputError, [Fault("coverage.resident_twice", twice)] if twice else [])
    rows = np.asarray(index.get_indexer(pd.Index(residents.frame["id"].to_numpy(dtype=str))), dtype=np.int64)
    names = residents.frame["id"].to_numpy()
    absent = tuple((int(i) + 1, str(names[i])) for i in np.flatnonzero(rows < 0))
    raise_all(InputError, [Fault("coverage.resident_missing", absent)] if absent else [])
    return rows


def _columns(limits: Sequence[WalkLimit], types: Sequence[str]) -> list[int]:
    """Return the walk times' column of each limit; every type that was not walked to is told at once."""
    absent = sorted({each.requirement.business_type for each in limits} - set(types))
    faults = [Fault("coverage.type_not_walked", tuple((None, code) for code in absent))] if absent else []
    raise_all(StandardError, faults)
    return [tuple(types).index(each.requirement.business_type) for each in limits]


def measure_coverage(
    residents: Residents,
    walk_times: WalkTimes,
    catalogue: Catalogue,
    *,
    m_per_min: float | None = None,
    types: Collection[str] | None = None,
    circles: Circles | None = None,
    why: NDArray[np.object_] | None = None,
    groups: Groups | None = None,
) -> Coverage:
    """Tell for every residents' point and every effective walking requirement whether it is met.

    Met means: the walk to the nearest open outlet of the type takes no longer than the
    requirement allows. Shares are of people, not of points; see ``docs/method/coverage.md``.

    Parameters
    ----------
    residents
        R points.
    walk_times
        Seconds to the nearest outlet per type; matched to ``residents`` by id, in any order.
    catalogue
        The standard; its `walk_requirements` are tested.
    m_per_min
        The walker's level pace; needed when a requirement is in metres.
    types
        Test these business types only; all of the catalogue by default.
    circles
        Extra areas, see `yike.coverage.group_residents`.
    why
        (R,) reason for each point that is not attached to the network, "" when attached
        (``Attachment.why``). Without it such points are told as "no_way".
    groups
        The areas of the same residents, where they were gathered before; ``circles`` is not looked at then.

    Raises
    ------
    InputError, StandardError
        ``coverage.resident_missing``, ``coverage.resident_twice``, ``coverage.circle_*``,
        ``coverage.pace_missing``, ``coverage.limit_too_long``, ``coverage.type_not_walked``.
    """
    seconds = walk_times.seconds[rows_of(residents, walk_times.ids)]
    limits = walk_limits(catalogue, m_per_min, types)
    check_limits(limits, walk_times.limit_s)
    columns = _columns(limits, walk_times.types)
    met = np.zeros((len(residents), len(limits)), dtype=bool)
    for q, (limit, t) in enumerate(zip(limits, columns, strict=True)):
        met[:, q] = within(seconds[:, t], limit.limit_ms)
    reasons = np.full(len(residents), "", dtype=object) if why is None else np.asarray(why, dtype=object).copy()
    lost = ~np.isfinite(seconds).any(axis=1)
    reasons[lost & (reasons == "")] = NO_WAY
    groups = groups or group_residents(residents, circles)
    return Coverage(
        residents,
        seconds,
        tuple(walk_times.types),
        walk_times.limit_s,
        walk_times.walker,
        catalogue,
        limits,
        met,
        reasons,
        groups,
    )
