"""From requirements to types: who is served by a business type when all of its walking requirements count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yike.coverage.limits import WalkLimit
from yike.coverage.measure import Coverage


@dataclass(frozen=True)
class Served:
    """R residents' points × K business types that can be judged by walking."""

    types: tuple[str, ...]  #: (K,) in the order of the walk times
    limits: tuple[tuple[WalkLimit, ...], ...]  #: (K,) the limits that were applied
    met: NDArray[np.bool_]  #: (R, K)

    def strictest(self, k: int) -> WalkLimit:
        """Return the shortest of a type's limits."""
        return min(self.limits[k], key=lambda each: (each.limit_ms, each.requirement.id))


def served(coverage: Coverage) -> Served:
    """Judge each type by all of its walking requirements at once.

    A standard may ask a type for minutes and for metres: a point is served when it meets every one.
    Requirements that are editable defaults only (grades R, NF) count when the type has no other.
    """
    by_type: dict[str, list[int]] = {}
    for q, limit in enumerate(coverage.limits):
        by_type.setdefault(limit.requirement.business_type, []).append(q)
    types = tuple(code for code in coverage.types if code in by_type)
    met = np.zeros((len(coverage.residents), len(types)), dtype=bool)
    limits: list[tuple[WalkLimit, ...]] = []
    for k, code in enumerate(types):
        rows = by_type[code]
        firm = [q for q in rows if not coverage.limits[q].default_only] or rows
        met[:, k] = coverage.met[:, firm].all(axis=1)
        limits.append(tuple(coverage.limits[q] for q in firm))
    return Served(types, tuple(limits), met)
