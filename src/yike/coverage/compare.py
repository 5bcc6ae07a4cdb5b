"""Two walkers side by side: who is covered as an adult but not as an elder."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from yike.coverage.measure import Coverage, share
from yike.coverage.presence import BOTH, Presence
from yike.errors import Fault, InputError


def _check_same(first: Coverage, second: Coverage) -> None:
    """Raise ``coverage.not_comparable`` unless both measure the same homes, areas and requirements."""
    differ = [
        name
        for name, same in (
            ("residents", first.residents.frame[["id", "people"]].equals(second.residents.frame[["id", "people"]])),
            ("areas", (first.groups.level, first.groups.area) == (second.groups.level, second.groups.area)),
            ("requirements", [e.requirement.id for e in first.limits] == [e.requirement.id for e in second.limits]),
        )
        if not same
    ]
    if differ:
        raise InputError(Fault("coverage.not_comparable", values={"what": ", ".join(differ)}))


def _four_ways(
    coverage: Coverage, first: NDArray[np.bool_], second: NDArray[np.bool_]
) -> dict[str, NDArray[np.float64]]:
    """Return people per area covered as both, as the first only, as the second only, as neither."""
    weight, groups = coverage.residents.people, coverage.groups
    people, only_first = groups.sum(weight), groups.sum(weight * (first & ~second))
    return {
        "people": people,
        "people_both": groups.sum(weight * (first & second)),
        "people_only_first": only_first,
        "people_only_second": groups.sum(weight * (second & ~first)),
        "people_neither": groups.sum(weight * ~(first | second)),
        "share_only_first": share(only_first, people),
    }


def compare_walkers(first: Coverage, second: Coverage) -> pd.DataFrame:
    """Return per area and requirement the people covered as one walker, the other, both or neither.

    With an adult first and an elder second, ``people_only_first`` is the *elder penalty*: people who
    would be covered if they walked like adults. A requirement in metres asks the same distance of
    everyone, so there only ways and waits make a difference.

    Returns
    -------
    pandas.DataFrame
        level, area, requirement, business_type, first, second, people, people_both,
        people_only_first, people_only_second, people_neither, share_only_first, grade.

    Raises
    ------
    InputError
        ``coverage.not_comparable``: other residents, areas or requirements.
    """
    _check_same(first, second)
    parts = [
        first.groups.frame(
            requirement=limit.requirement.id,
            business_type=limit.requirement.business_type,
            first=first.walker,
            second=second.walker,
            **_four_ways(first, first.met[:, q], second.met[:, q]),
            grade=limit.requirement.grade,
        )
        for q, limit in enumerate(first.limits)
    ]
    return pd.concat(parts, ignore_index=True)


def compare_presence(first: Presence, second: Presence) -> pd.DataFrame:
    """Return the same for a presence rule as a whole ("10 & 15"), one row per area; errors as `compare_walkers`."""
    _check_same(first.coverage, second.coverage)
    return first.coverage.groups.frame(
        rule=first.parts[0].rule,
        part=BOTH,
        first=first.coverage.walker,
        second=second.coverage.walker,
        **_four_ways(first.coverage, first.compliant, second.compliant),
    )
