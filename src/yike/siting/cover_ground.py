"""The arrays that the loops of covering take: a cover held both ways, weights, and what may be chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yike.siting.problem import Bools, Floats, Ground, Pairs


@dataclass(frozen=True)
class CoverGround:
    """The arrays of `loops`: a cover held both ways, weights and the sites' states."""

    start_s: NDArray[np.int64]
    dem_s: NDArray[np.int32]
    start_d: NDArray[np.int64]
    site_d: NDArray[np.int32]
    weight: Floats
    state: NDArray[np.int8]
    cost: Floats
    most: int
    budget: float

    @staticmethod
    def of(here: Ground) -> CoverGround:
        """Return the ground of a problem; what existing outlets cover weighs nothing any more."""
        start_s, dem_s, _ = here.pairs.by_site
        weight = here.weight.copy()
        weight[covered_by(here.pairs, here.existing)] = 0.0
        return CoverGround(
            start_s, dem_s, here.pairs.start, here.pairs.site, weight, here.state, here.cost, here.most, here.money
        )

    def narrowed(self, sites: NDArray[np.int64]) -> CoverGround:
        """Return the ground with only ``sites``, numbered anew in that order."""
        rows, n_sites = len(self.start_d) - 1, len(self.state)
        table = sparse.csr_matrix((np.ones(len(self.site_d)), self.site_d, self.start_d), shape=(rows, n_sites))
        table = table[:, sites].tocsr()
        turned = table.tocsc()
        return replace(
            self, start_s=turned.indptr.astype(np.int64), dem_s=turned.indices.astype(np.int32),
            start_d=table.indptr.astype(np.int64), site_d=table.indices.astype(np.int32), state=self.state[sites],
            cost=self.cost[sites],
        )  # fmt: skip

    @property
    def both(self) -> tuple[Any, ...]:
        """The cover both ways and the weights, as the loops take them."""
        return self.start_s, self.dem_s, self.start_d, self.site_d, self.weight

    @property
    def limits(self) -> tuple[Any, ...]:
        """What may be chosen, as the loops take it."""
        return self.state, self.cost, self.most, self.budget


def covered_by(pairs: Pairs, sites: Bools) -> Bools:
    """Return the demands (R,) that one of ``sites`` (S,) covers."""
    return np.bincount(pairs.demand, weights=sites[pairs.site], minlength=len(pairs)) > 0
