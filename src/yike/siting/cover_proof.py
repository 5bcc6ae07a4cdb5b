"""Covering for HiGHS: the linear relaxation's prices, and the exact answer on what is not settled yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yike.siting import loops
from yike.siting.prover import Program, solve, solve_linear

if TYPE_CHECKING:
    from yike.siting.cover_ground import CoverGround

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CoverProgram:
    """The program of a cover: columns are the free sites, then one per kind of demand (the same free sites)."""

    program: Program
    sites: NDArray[np.int64]  #: the free sites, columns 0 …
    kind: NDArray[np.int64]  #: (R,) the row of each demand, -1 where nothing is open about it
    fixed: float  #: weight covered by the sites that are IN

    @staticmethod
    def of(here: CoverGround, state: NDArray[np.int8]) -> CoverProgram:
        """Build it: minimise minus the weight covered; demands with the same free sites become one."""
        sites = np.flatnonzero(state == loops.FREE)
        rows, n_demands = len(here.start_d) - 1, len(here.start_d) - 1
        table = sparse.csr_matrix((np.ones(len(here.site_d)), here.site_d, here.start_d), shape=(rows, len(state)))
        inside = table @ (state == loops.IN).astype(float) > 0
        fixed = float(here.weight[inside].sum())
        table = table[:, sites].tocsr()
        about = np.flatnonzero(~inside & (here.weight > 0) & (np.diff(table.indptr) > 0))
        table = table[about]
        first, kind_of = same_rows(table)
        weight = np.bincount(kind_of, weights=here.weight[about], minlength=len(first))
        kind = np.full(n_demands, -1, np.int64)
        kind[about] = kind_of
        table = table[first]
        n, m = len(first), len(sites)
        limits = [sparse.hstack([sparse.identity(n), -table]) if m else sparse.csr_matrix((n, n))]
        high: list[NDArray[np.float64]] = [np.zeros(n)]
        settled = state == loops.IN
        limits.append(sparse.hstack([sparse.csr_matrix((1, n)), sparse.csr_matrix(np.ones((1, m)))]))
        high.append(np.array([float(here.most - settled.sum())]))
        if np.isfinite(here.budget):
            limits.append(sparse.hstack([sparse.csr_matrix((1, n)), sparse.csr_matrix(here.cost[sites][None, :])]))
            high.append(np.array([here.budget - here.cost[settled].sum()]))
        matrix = sparse.vstack(limits).tocsr()
        program = Program(
            np.r_[-weight, np.zeros(m)], np.zeros(n + m), np.ones(n + m), np.r_[np.zeros(n, bool), np.ones(m, bool)],
            matrix, np.full(matrix.shape[0], -np.inf), np.concatenate(high),
        )  # fmt: skip
        return CoverProgram(program, sites, kind, fixed)

    def point(self, chosen: NDArray[np.bool_]) -> Floats:
        """Return the columns' values of a choice of sites."""
        n = len(self.program.cost) - len(self.sites)
        open_sites = chosen[self.sites].astype(float)
        covered = -(self.program.matrix[:n, n:] @ open_sites) > 0
        return np.r_[covered.astype(float), open_sites]


def same_rows(table: sparse.csr_matrix) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first row of each kind of equal rows, and the kind of every row.

    Rows are told apart by two sums of random 64-bit numbers of their columns.
    """
    rng = np.random.default_rng(20)
    keys = rng.integers(0, 1 << 62, size=(2, table.shape[1]), dtype=np.int64)
    start, column = table.indptr, table.indices
    sums = np.zeros((table.shape[0], 2), np.int64)
    for k in range(2):
        running = np.r_[0, np.cumsum(keys[k][column])]  # wraps around, the difference does not mind
        sums[:, k] = running[start[1:]] - running[start[:-1]]
    _, first, kind = np.unique(sums, axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), kind.reshape(-1).astype(np.int64)


def linear_prices(here: CoverGround, seconds: float) -> tuple[Floats | None, Floats | None]:
    """Return the demands' prices (R,) in the linear relaxation and the sites' shares (S,); None when time ran out."""
    whole = CoverProgram.of(here, here.state)
    if len(whole.sites) == 0:
        return None, None
    proof = solve_linear(whole.program, seconds)
    if proof.prices is None or proof.x is None:
        return None, None
    n = len(whole.program.cost) - len(whole.sites)
    kinds = np.bincount(whole.kind[whole.kind >= 0], weights=here.weight[whole.kind >= 0], minlength=n)
    part = np.clip(-proof.prices[:n] / np.maximum(kinds, 1e-300), 0.0, 1.0)
    price = np.zeros(len(here.weight))
    about = whole.kind >= 0
    price[about] = here.weight[about] * part[whole.kind[about]]
    share = np.zeros(len(here.state))
    share[whole.sites] = proof.x[n:]
    return price, share


@dataclass(frozen=True)
class CoverProof:
    """What the prover adds: a better choice or None, and a bound on the weight covered."""

    chosen: NDArray[np.bool_] | None
    bound: float


def prove_cover(
    here: CoverGround, state: NDArray[np.int8], known: NDArray[np.bool_], value: float, seconds: float, absolute: float,
    nodes: int | None = None,
) -> CoverProof:  # fmt: skip
    """Solve what ``state`` leaves open; a choice outside of it cannot beat ``value``, so the bound is at least that."""
    left = CoverProgram.of(here, state)
    settled = state == loops.IN
    if len(left.sites) == 0:
        return CoverProof(settled, max(left.fixed, value))
    fits = not (known & (state == loops.OUT)).any() and not (settled & ~known).any()
    start = left.point(known) if fits else None
    proof = solve(left.program, seconds, absolute=absolute, start=start, nodes=nodes)
    if proof.status == "infeasible":
        return CoverProof(None, value)
    chosen = None
    if proof.x is not None:
        chosen = settled.copy()
        chosen[left.sites[proof.x[-len(left.sites) :] > 0.5]] = True
    return CoverProof(chosen, max(left.fixed - proof.bound, value) if np.isfinite(proof.bound) else np.inf)
