"""The list of failing homes: who, which types, how many minutes, which outlet would be nearest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.coverage.measure import Coverage


def failing_homes(
    coverage: Coverage, nearest: NDArray[np.integer[Any]] | None = None, outlet_ids: Sequence[str] = ()
) -> pd.DataFrame:
    """List every residents' point and walking requirement that is not met.

    Parameters
    ----------
    coverage
        R points × Q requirements.
    nearest
        (R, T) row of the nearest outlet per type in the order of ``coverage.types``, -1 = none
        (``access.walk.nearest_k(...).outlet[:, :, 0]``).
    outlet_ids
        (O,) ids of the outlets that ``nearest`` points to.

    Returns
    -------
    pandas.DataFrame
        id, lon, lat, people, community, requirement, business_type, minutes (null = no way within
        the limit searched), limit_min, over_min (null likewise), nearest, why (why the point
        reaches nothing, "" otherwise), walker, clause, grade; by id, then in catalogue order.
    """
    homes = coverage.residents.frame
    order = np.argsort(homes["id"].to_numpy(dtype=str), kind="stable")
    at, q = np.nonzero(~coverage.met[order])
    home = order[at]
    column = np.array([coverage.types.index(each.requirement.business_type) for each in coverage.limits], dtype=int)[q]
    seconds = coverage.seconds[home, column].astype(float)
    minutes = np.where(np.isfinite(seconds), seconds / 60, np.nan)
    limit_min = np.array([each.limit_s / 60 for each in coverage.limits])[q]
    told = {
        name: _repeated([str(getattr(each.requirement, name)) for each in coverage.limits], q)
        for name in ("id", "business_type", "clause", "grade")
    }
    table = homes.loc[home, ["id", "lon", "lat", "people", "community"]].reset_index(drop=True)
    return table.assign(
        requirement=told["id"],
        business_type=told["business_type"],
        minutes=minutes,
        limit_min=limit_min,
        over_min=minutes - limit_min,
        nearest="" if nearest is None else _repeated([*map(str, outlet_ids), ""], nearest[home, column]),
        why=_repeated(coverage.why.tolist(), home),
        walker=coverage.walker,
        clause=told["clause"],
        grade=told["grade"],
    )


def _repeated(words: Sequence[str], rows: NDArray[np.integer[Any]]) -> pd.Categorical:
    """Return ``words[rows]`` with each word kept once; of many homes and few words the copies would cost most."""
    codes, known = pd.factorize(np.array(words, dtype=object))
    return pd.Categorical.from_codes(codes[rows], known)


def failing_summary(coverage: Coverage) -> pd.DataFrame:
    """List every residents' point that fails something, once: id, people, community, failing (count), types, why.

    ``types`` joins the failing business types with "|", each once, in catalogue order.
    """
    homes = coverage.residents.frame
    codes = [each.requirement.business_type for each in coverage.limits]
    failed = ~coverage.met
    at = np.flatnonzero(failed.any(axis=1))
    at = at[np.argsort(homes["id"].to_numpy(dtype=str)[at], kind="stable")]
    patterns, which = np.unique(failed[at], axis=0, return_inverse=True)
    named = [list(dict.fromkeys(code for code, no in zip(codes, row, strict=True) if no)) for row in patterns]
    table = homes.loc[at, ["id", "lon", "lat", "people", "community"]].reset_index(drop=True)
    return table.assign(
        failing=np.array([len(each) for each in named], dtype=np.int64)[which],
        types=np.array(["|".join(each) for each in named], dtype=object)[which],
        why=coverage.why[at],
    ).sort_values(["failing", "people", "id"], ascending=[False, False, True], ignore_index=True)
