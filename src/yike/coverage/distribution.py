"""How minutes are spread over people: the middle, the worst tenth, inequality, and the histogram."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.coverage.groups import Groups
from yike.coverage.measure import Coverage, share
from yike.errors import Fault, InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Sorted:
    """People of each area in the order of their minutes, with running sums that begin anew in each area."""

    group: NDArray[np.int64]  #: (M,)
    minutes: Floats  #: (M,) inf = no way
    weight: Floats  #: (M,) people
    start: NDArray[np.int64]  #: (G + 1,)

    def running(self, values: Floats) -> Floats:
        """Return sums of ``values`` from the beginning of each area."""
        total = np.concatenate([[0.0], np.cumsum(values)])
        return np.asarray(total[1:] - total[self.start[:-1]][self.group])


def _sort(groups: Groups, minutes: Floats, people: Floats) -> Sorted:
    """Sort points within areas by minutes; points with nobody are left out; ties keep the order of ids."""
    everyone = groups.points[: groups.start[1]]
    place = np.empty(groups.n_points, dtype=np.int64)
    place[everyone[np.argsort(minutes[everyone], kind="stable")]] = np.arange(groups.n_points)
    lived_in = people[groups.points] > 0
    points, group = groups.points[lived_in], groups.of[lived_in]
    order = np.argsort(group * groups.n_points + place[points])  # keys differ, so one fast sort does for both
    points, group = points[order], group[order]
    start = np.concatenate([[0], np.cumsum(np.bincount(group, minlength=len(groups)))]).astype(np.int64)
    return Sorted(group, minutes[points], people[points], start)


def _quantile_rows(line: Sorted, part: int, of: int, total: Floats) -> NDArray[np.int64]:
    """Return per area the first row by which ``part / of`` of its people are reached; -1 where nobody lives.

    Compared as ``running * of >= part * total``, exact for whole numbers of people.
    """
    enough = line.running(line.weight) * of >= part * total[line.group]
    enough[line.start[1:][np.diff(line.start) > 0] - 1] = True
    rows = np.full(len(total), -1, dtype=np.int64)
    hits = np.flatnonzero(enough)
    first_group, first = np.unique(line.group[hits], return_index=True)
    rows[first_group] = hits[first]
    return rows


def _pick(values: Floats, rows: NDArray[np.int64]) -> Floats:
    """Return values at rows, NaN for row -1 and for infinite values."""
    found = values[rows] if len(values) else np.full(len(rows), np.nan)
    return np.where((rows >= 0) & np.isfinite(found), found, np.nan)


def _spread(line: Sorted, limit_min: float, n_groups: int) -> dict[str, Floats]:
    """Return the measures of one type for all areas; see `distribution` for the definitions."""
    capped = np.minimum(line.minutes, limit_min)
    total = np.bincount(line.group, weights=line.weight, minlength=n_groups).astype(float)
    reached = np.isfinite(line.minutes)
    walked = np.where(reached, line.minutes, 0.0) * line.weight
    on_foot = np.bincount(line.group, weights=line.weight * reached, minlength=n_groups).astype(float)
    area = line.running(line.weight * capped)
    sums = np.bincount(line.group, weights=line.weight * capped, minlength=n_groups).astype(float)
    tenth = _quantile_rows(line, 9, 10, total)
    above = line.running(line.weight) - 0.9 * total[line.group]
    tail = sums[line.group] - area + above * capped
    twice = np.bincount(line.group, weights=line.weight * (2 * area - line.weight * capped), minlength=n_groups)
    return {
        "people": total,
        "people_reached": on_foot,
        "mean_min": share(np.bincount(line.group, weights=walked, minlength=n_groups).astype(float), on_foot),
        "median_min": _pick(line.minutes, _quantile_rows(line, 1, 2, total)),
        "worst_tenth_from_min": _pick(line.minutes, tenth),
        "worst_tenth_mean_min": share(np.nan_to_num(_pick(tail, tenth)), 0.1 * total),
        "gini": np.where(sums > 0, 1 - share(twice.astype(float), total * sums), np.where(total > 0, 0.0, np.nan)),
    }


def distribution(coverage: Coverage, types: Collection[str] | None = None) -> pd.DataFrame:
    """Return how the minutes to the nearest outlet are spread over people, per area and type.

    Returns
    -------
    pandas.DataFrame
        level, area, business_type, walker, people; ``people_reached`` (a way within the limit
        searched); ``mean_min`` over those reached; ``median_min`` and ``worst_tenth_from_min`` over
        all people (the minutes by which 50 % and 90 % are there; null = beyond the limit searched);
        ``worst_tenth_mean_min`` and ``gini`` over all people, with the unreached counted at the
        limit searched: lower bounds, ``limit_min`` tells the limit.

    Notes
    -----
    Weighted Gini by the Lorenz curve: ``1 - sum(w_i (S_i + S_(i-1))) / (W S)`` with people ``w``,
    running person-minutes ``S`` in ascending order. The worst tenth's mean is the average over the
    last 10 % of people on that curve; a point that straddles the mark counts in part.
    """
    tables = []
    for code in coverage.types if types is None else [each for each in coverage.types if each in types]:
        minutes = coverage.seconds_to(code).astype(float) / 60
        line = _sort(coverage.groups, minutes, coverage.residents.people)
        limit_min = coverage.limit_s / 60
        spread = _spread(line, limit_min, len(coverage.groups))
        tables.append(coverage.groups.frame(business_type=code, walker=coverage.walker, limit_min=limit_min, **spread))
    return pd.concat(tables, ignore_index=True)


def histogram(
    coverage: Coverage, edges_min: Sequence[float] = (0, 5, 10, 15), types: Collection[str] | None = None
) -> pd.DataFrame:
    """Return people per area, type and band of minutes; a band holds ``from_min < minutes <= to_min``.

    The first band begins with 0 included; the last row of each area (``to_min`` null) holds everybody
    beyond the last edge or without a way, so that the bands sum to the people of the area.

    Raises
    ------
    InputError
        ``coverage.edges``: edges do not ascend, or go beyond the limit searched.
    """
    edges = [float(edge) for edge in edges_min]
    if len(edges) < 2 or sorted(set(edges)) != edges or edges[-1] * 60 > coverage.limit_s:
        values = {"edges": ", ".join(f"{edge:g}" for edge in edges), "limit": f"{coverage.limit_s / 60:g}"}
        raise InputError(Fault("coverage.edges", values=values))
    tables = []
    inner = np.float32(np.array(edges[1:]) * 60)
    for code in coverage.types if types is None else [each for each in coverage.types if each in types]:
        band = np.searchsorted(inner, coverage.seconds_to(code), side="left")
        for b in range(len(edges)):
            people = coverage.groups.sum(coverage.residents.people * (band == b))
            to_min = edges[b + 1] if b + 1 < len(edges) else np.nan
            tables.append(
                coverage.groups.frame(
                    business_type=code, walker=coverage.walker, from_min=edges[b], to_min=to_min, people=people
                )
            )
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True)
class Spread:
    """How a number is spread over people: the mean never stands alone."""

    mean: float
    median: float
    worst_tenth: float  #: mean of the tenth of the people who have it worst; who straddles the mark counts in part
    gini: float


def spread_of(values: Floats, people: Floats, *, high_is_worse: bool) -> Spread:
    """Return how any number of homes (minutes of a loop, types in time) is spread over their people.

    Parameters
    ----------
    values : float (R,)
        Finite numbers of at least 0.
    people : float (R,)
        People of each home; those of 0 do not count.
    high_is_worse
        Whether the worst tenth is that of the highest numbers (minutes) or of the lowest (types in time).

    Returns
    -------
    Spread
        NaN everywhere where nobody lives; Gini 0 where all numbers are 0.

    Examples
    --------
    >>> found = spread_of(np.array([1.0, 2.0, 9.0]), np.array([5.0, 4.0, 1.0]), high_is_worse=True)
    >>> found.mean, found.median, found.worst_tenth, round(found.gini, 9)
    (2.2, 1.0, 9.0, 0.4)
    """
    order = np.argsort(values, kind="stable")
    value, weight = values[order], people[order]
    total, area = float(weight.sum()), np.cumsum(value * weight)
    if total <= 0:
        return Spread(*[float("nan")] * 4)
    heap = np.cumsum(weight)
    tenth = np.minimum(weight, np.maximum(0.0, heap - 0.9 * total if high_is_worse else 0.1 * total - (heap - weight)))
    twice = float((weight * (2 * area - weight * value)).sum())
    gini = 1 - twice / (total * float(area[-1])) if area[-1] > 0 else 0.0
    middle = float(value[np.searchsorted(heap, total / 2)])
    return Spread(float(area[-1]) / total, middle, float((tenth * value).sum()) / float(tenth.sum()), gini)
