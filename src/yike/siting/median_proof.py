"""The p-median for HiGHS in its radius form, on the sites that are not settled yet.

With the distinct costs ``c_0 < c_1 < … < c_K`` of a demand (``c_K`` what settled sites offer), its cost is
``c_0 + Σ (c_k+1 - c_k) z_k`` where ``z_k = 1`` when no site within ``c_k`` is open: ``z_k + Σ x_j (cost = c_k) >= z_k-1``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yike.siting import loops
from yike.siting.prover import Program, solve

if TYPE_CHECKING:
    from yike.siting.median_hunt import MedianGround


@dataclass(frozen=True)
class MedianProof:
    """What the prover adds: a better choice or None, and a bound from below."""

    chosen: NDArray[np.bool_] | None
    bound: float


def radius_program(here: MedianGround, state: NDArray[np.int8]) -> tuple[Program, NDArray[np.int64], float]:
    """Return the program over (steps, free sites), the free sites, and the constant part of the sum."""
    sites = np.flatnonzero(state == loops.FREE)
    column = np.full(len(state), -1, np.int64)
    column[sites] = np.arange(len(sites))
    demand = np.repeat(np.arange(len(here.base)), np.diff(here.start))
    base = here.base.copy()
    settled = state[here.site] == loops.IN
    np.minimum.at(base, demand[settled], here.cost[settled])
    keep = (state[here.site] == loops.FREE) & (here.cost < base[demand])
    i, j, c = demand[keep], column[here.site[keep]], here.cost[keep]
    new = np.r_[True, (i[1:] != i[:-1]) | (c[1:] != c[:-1])] if len(i) else np.zeros(0, bool)
    step = np.cumsum(new) - 1
    at = np.flatnonzero(new)
    step_demand, step_cost = i[at], c[at]
    n, m = len(at), len(sites)
    last = np.r_[step_demand[1:] != step_demand[:-1], True] if n else np.zeros(0, bool)
    after = np.where(last, base[step_demand], np.r_[step_cost[1:], 0.0]) if n else np.zeros(0)
    first = np.r_[True, step_demand[1:] != step_demand[:-1]] if n else np.zeros(0, bool)
    constant = float(step_cost[first].sum() + base.sum() - base[step_demand[first]].sum())
    before = np.flatnonzero(~first)
    links = sparse.identity(n, format="csr") - sparse.csr_matrix(
        (np.ones(len(before)), (before, before - 1)), shape=(n, n)
    )
    opens = sparse.csr_matrix((np.ones(len(j)), (step, j)), shape=(n, m))
    rows = [sparse.hstack([links, opens])]
    low, high = [np.where(first, 1.0, 0.0)], [np.full(n, np.inf)]
    rows.append(sparse.hstack([sparse.csr_matrix((1, n)), sparse.csr_matrix(np.ones((1, m)))]))
    low.append(np.array([-np.inf]))
    high.append(np.array([float(here.most - (state == loops.IN).sum())]))
    if np.isfinite(here.budget):
        rows.append(sparse.hstack([sparse.csr_matrix((1, n)), sparse.csr_matrix(here.yuan[sites][None, :])]))
        low.append(np.array([-np.inf]))
        high.append(np.array([here.budget - here.yuan[state == loops.IN].sum()]))
    program = Program(
        np.r_[after - step_cost, np.zeros(m)], np.zeros(n + m), np.ones(n + m), np.r_[np.zeros(n, bool), np.ones(m, bool)],
        sparse.vstack(rows).tocsr(), np.concatenate(low), np.concatenate(high),
    )  # fmt: skip
    return program, sites, constant


def prove_median(
    here: MedianGround, state: NDArray[np.int8], known: NDArray[np.bool_], value: float, seconds: float, absolute: float
) -> MedianProof:
    """Solve what ``state`` leaves open; a choice outside of it cannot be below ``value``."""
    program, sites, constant = radius_program(here, state)
    settled = state == loops.IN
    if len(sites) == 0 or len(program.cost) == len(sites):
        return MedianProof(settled, min(constant, value))
    fits = not (known & (state == loops.OUT)).any() and not (settled & ~known).any()
    n, start = len(program.cost) - len(sites), None
    if fits:
        open_sites = known[sites].astype(float)
        near = program.matrix[:n, n:] @ open_sites > 0
        start = np.r_[np.zeros(n), open_sites]
        closed = 1.0
        for k in range(n):
            closed = 0.0 if near[k] else (1.0 if program.row_low[k] > 0 else closed)
            start[k] = closed
    proof = solve(program, seconds, absolute=absolute, start=start)
    if proof.status == "infeasible":
        return MedianProof(None, value)
    chosen = None
    if proof.x is not None:
        chosen = settled.copy()
        chosen[sites[proof.x[n:] > 0.5]] = True
    return MedianProof(chosen, min(constant + proof.bound, value) if np.isfinite(proof.bound) else -np.inf)
