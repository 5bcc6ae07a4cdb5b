"""The least costly sites that cover everybody: greedy, pruning, and HiGHS; also the test whether p sites and a budget suffice."""

# mypy: disable-error-code="call-arg"

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yike.siting import loops
from yike.siting.answer import gap_of
from yike.siting.cover_proof import same_rows
from yike.siting.problem import Bools, Floats, Ground, Pairs
from yike.siting.prover import Program, solve, solve_linear

ANY = 1e30  #: an absolute gap that the first solution closes


@dataclass(frozen=True)
class SetCover:
    """Sites that cover all of ``need`` at the least cost; ``most`` and ``budget`` are further limits."""

    pairs: Pairs
    need: Bools  #: (R,) demands to be covered
    state: NDArray[np.int8]
    cost: Floats
    most: int
    budget: float = np.inf

    @staticmethod
    def of(here: Ground, cost: Floats | None = None, limited: bool = True) -> SetCover:
        """Return the cover problem of a ground: what existing outlets cover is not needed any more."""
        stands = np.bincount(here.pairs.demand, weights=here.existing[here.pairs.site], minlength=len(here.pairs)) > 0
        most = here.most if limited else here.pairs.n_sites
        money = here.money if limited else np.inf
        return SetCover(here.pairs, ~stands, here.state, here.cost if cost is None else cost, most, money)

    def greedy(self) -> Bools | None:
        """Return a cover by gain per cost without superfluous sites, or None where that breaks a limit."""
        start_s, dem_s, _ = self.pairs.by_site
        both = (start_s, dem_s, self.pairs.start, self.pairs.site, self.need.astype(float))
        chosen = self.state == loops.IN
        count, gain = loops.begin(*both, chosen)
        loops.add_greedily(*both, self.state, self.cost, len(chosen), np.inf, True, chosen, count, gain)
        if (count[self.need] == 0).any():
            return None
        for j in sorted(np.flatnonzero(chosen & (self.state == loops.FREE)), key=lambda k: (-self.cost[k], k)):
            mine = dem_s[start_s[j] : start_s[j + 1]]
            if (count[mine][self.need[mine]] > 1).all():
                chosen[j] = False
                count[mine] -= 1
        fits = chosen.sum() <= self.most and self.cost[chosen].sum() <= self.budget + 1e-9
        return chosen if fits else None

    def program(self) -> tuple[Program, NDArray[np.int64], float]:
        """Return the program over the free sites, the free sites, and the cost of the settled ones."""
        sites = np.flatnonzero(self.state == loops.FREE)
        n = len(self.need)
        table = sparse.csr_matrix(
            (np.ones(len(self.pairs.site)), self.pairs.site, self.pairs.start), shape=(n, len(self.state))
        )
        settled = self.state == loops.IN
        rows = table[np.flatnonzero(self.need & ~(table @ settled.astype(float) > 0))][:, sites].tocsr()
        first, _ = same_rows(rows)
        rows = rows[np.sort(first)]
        parts = [rows, sparse.csr_matrix(np.ones((1, len(sites))))]
        low, high = [np.ones(rows.shape[0]), np.array([-np.inf])], [np.full(rows.shape[0], np.inf)]
        high.append(np.array([float(self.most - settled.sum())]))
        if np.isfinite(self.budget):
            parts.append(sparse.csr_matrix(self.cost[sites][None, :]))
            low.append(np.array([-np.inf]))
            high.append(np.array([self.budget - self.cost[settled].sum()]))
        m = len(sites)
        return (
            Program(self.cost[sites], np.zeros(m), np.ones(m), np.ones(m, bool), sparse.vstack(parts).tocsr(),
                    np.concatenate(low), np.concatenate(high)),
            sites, float(self.cost[settled].sum()),
        )  # fmt: skip

    def least(self, seconds: float, gap: float = 0.0, any_will_do: bool = False) -> Cheapest:
        """Seek the least costly cover; with ``any_will_do`` the first one found."""
        known = self.greedy()
        program, sites, settled = self.program()
        if known is not None and any_will_do:
            return Cheapest("optimal", known, float(self.cost[known].sum()), settled)
        if (program.row_low[: program.matrix.shape[0]] > 0).any() and len(sites) == 0:
            return Cheapest("infeasible", None, np.inf, np.inf)
        if len(sites) == 0:
            return Cheapest("optimal", self.state == loops.IN, settled, settled)
        whole = bool((self.cost == np.rint(self.cost)).all())
        linear = solve_linear(program, seconds / 3)
        if linear.status == "infeasible":
            return Cheapest("infeasible", None, np.inf, np.inf)
        bound = settled + max(0.0, linear.bound)
        bound = float(np.ceil(bound - 1e-6)) if whole and np.isfinite(bound) else bound
        if known is not None and gap_of(float(self.cost[known].sum()), bound) <= gap:
            return Cheapest("optimal", known, float(self.cost[known].sum()), bound)
        start = None if known is None else known[sites].astype(float)
        proof = solve(program, seconds, gap=gap, absolute=ANY if any_will_do else 0.999 if whole else 0.0, start=start)
        if proof.status == "infeasible":
            return Cheapest("infeasible", None, np.inf, np.inf)
        chosen, value = known, np.inf if known is None else float(self.cost[known].sum())
        if proof.x is not None and settled + proof.value < value - 1e-9:
            chosen = self.state == loops.IN
            chosen[sites[proof.x > 0.5]] = True
            value = float(self.cost[chosen].sum())
        told = settled + proof.bound if np.isfinite(proof.bound) else 0.0
        bound = max(bound, float(np.ceil(told - 1e-6)) if whole else told)
        return Cheapest(proof.status, chosen, value, min(bound, value))


@dataclass(frozen=True)
class Cheapest:
    """The least costly cover: ``chosen`` None when there is none, or none was found in time (status ``time``)."""

    status: str
    chosen: Bools | None
    value: float
    bound: float
