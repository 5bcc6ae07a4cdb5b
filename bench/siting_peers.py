"""Siting beside HiGHS alone and spopt: time, value and gap of one run (see README.md); writes siting_results.json."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from yike.siting import Effort, Pairs, Rules, mclp, p_median
from yike.siting.answer import gap_of
from yike.siting.prover import Program, solve


@dataclass(frozen=True)
class Question:
    """A drawn town: homes in clusters, sites among them."""

    problem: str
    demands: int
    sites: int
    p: int
    gap: float
    cost: np.ndarray
    weight: np.ndarray
    within: float
    pairs: Pairs

    @property
    def name(self) -> str:
        return f"{self.problem} {self.demands} x {self.sites}, p = {self.p}"


@dataclass(frozen=True)
class Line:
    """One line of the table; ``ratio`` = this one's processor seconds over ours."""

    question: str
    method: str
    seconds: float
    cpu_seconds: float
    value: float | None
    bound: float | None
    gap: float | None
    ratio: float


def drawn(problem: str, demands: int, sites: int, p: int, gap: float, seed: int = 7) -> Question:
    """MCLP: homes around 40 centres in a square of 10 km, a site reaches 400 m; p-median: homes all over the square.

    Straight distances: the peers take a matrix, and this is about solvers, not about walks.
    """
    rng = np.random.default_rng(seed)
    centres = rng.random((40, 2)) * 10_000
    homes = centres[rng.integers(0, 40, demands)] + rng.normal(0, 900, (demands, 2))
    if problem != "MCLP":
        homes = rng.random((demands, 2)) * 10_000
    places = homes[rng.choice(demands, sites, replace=False)]
    cost = np.hypot(homes[:, None, 0] - places[None, :, 0], homes[:, None, 1] - places[None, :, 1])
    weight = rng.integers(1, 100, demands).astype(float)
    within = 400.0 if problem == "MCLP" else np.inf
    return Question(problem, demands, sites, p, gap, cost, weight, within, Pairs.of_matrix(cost, within))


def ours(q: Question) -> tuple[float, float]:
    """Our own answer, from the sparse pairs."""
    found = (mclp if q.problem == "MCLP" else p_median)(q.pairs, q.weight, Rules(p=q.p), Effort(gap=q.gap))
    return found.objective, found.bound


def highs(q: Question, seconds: float) -> tuple[float, float]:
    """The textbook program, given to HiGHS as it is, until the same gap or the time is over."""
    pairs = q.pairs
    n, e, s = len(pairs), len(pairs.site), pairs.n_sites
    if q.problem == "MCLP":
        table = sparse.csr_matrix((np.ones(e), pairs.site, pairs.start), shape=(n, s))
        rows = [sparse.hstack([sparse.identity(n), -table]), sparse.csr_matrix(np.r_[np.zeros(n), np.ones(s)][None, :])]
        first, low, high, costs = n, np.full(n + 1, -np.inf), np.r_[np.zeros(n), q.p], np.r_[-q.weight, np.zeros(s)]
    else:
        at = np.arange(e)
        once = sparse.csr_matrix((np.ones(e), at, pairs.start), shape=(n, e))
        uses = sparse.csr_matrix((np.ones(e), (at, pairs.site)), shape=(e, s))
        rows = [
            sparse.hstack([once, sparse.csr_matrix((n, s))]),
            sparse.hstack([sparse.identity(e), -uses]),
            sparse.csr_matrix(np.r_[np.zeros(e), np.ones(s)][None, :]),
        ]
        first, low = e, np.r_[np.ones(n), np.full(e + 1, -np.inf)]
        high, costs = np.r_[np.ones(n), np.zeros(e), q.p], np.r_[q.weight[pairs.demand] * pairs.cost, np.zeros(s)]
    whole = np.r_[np.zeros(first, bool), np.ones(s, bool)]
    program = Program(costs, np.zeros(first + s), np.ones(first + s), whole, sparse.vstack(rows).tocsr(), low, high)
    proof = solve(program, seconds, gap=q.gap)
    sign = -1.0 if q.problem == "MCLP" else 1.0
    return sign * proof.value, sign * proof.bound


def spopt(q: Question, seconds: float) -> tuple[float, float]:
    """spopt's class of the same name, solved by the solver that comes with it."""
    import pulp
    from spopt.locate import MCLP, PMedian

    solver = pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds, gapRel=q.gap)
    if q.problem == "MCLP":
        model = MCLP.from_cost_matrix(q.cost, q.weight, q.within, p_facilities=q.p)
    else:
        model = PMedian.from_cost_matrix(q.cost, q.weight, p_facilities=q.p)
    found = model.solve(solver)
    chosen = [j for j, name in enumerate(found.fac2cli) if len(name)]
    near = q.cost[:, chosen].min(axis=1)
    value = q.weight[near <= q.within].sum() if q.problem == "MCLP" else float((near * q.weight).sum())
    return float(value), np.nan  # it does not tell a bound


def timed(q: Question, method: str, work: Callable[[], tuple[float, float]], mine: float | None) -> Line:
    """Time one answer."""
    wall, cpu, kids = time.perf_counter(), time.process_time(), os.times()
    value, bound = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = os.times()
    cpu += after.children_user + after.children_system - kids.children_user - kids.children_system
    known, proven = bool(np.isfinite(value)), bool(np.isfinite(bound))
    line = Line(
        q.name, method, round(wall, 5), round(cpu, 5), float(value) if known else None, float(bound) if proven else None,
        round(gap_of(value, bound), 5) if known and proven else None, round(cpu / (mine or cpu), 1),
    )  # fmt: skip
    print(line, flush=True)
    return line


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seconds", type=float, default=60.0, help="limit for the peers")
    asked.add_argument("--without", default="", help="peers to leave out: spopt")
    asked.add_argument("--out", type=Path, default=Path(__file__).parent / "siting_results.json")
    options = asked.parse_args()
    lines: list[Line] = []
    for asked_of, with_spopt in (
        (("MCLP", 2_000, 200, 15, 0.01), True),
        (("p-median", 400, 100, 10, 0.001), True),
        (("MCLP", 20_000, 2_000, 40, 0.01), False),
        (("p-median", 2_000, 500, 20, 0.001), False),
    ):
        q = drawn(*asked_of)
        ours(q)  # compiled code is warm
        rounds = sorted(
            (timed(q, "yike", lambda q=q: ours(q), None) for _ in range(3)), key=lambda line: line.cpu_seconds
        )
        mine = rounds[1]
        lines.append(mine)
        lines.append(timed(q, "HiGHS alone", lambda q=q: highs(q, options.seconds), mine.cpu_seconds))
        if with_spopt and "spopt" not in options.without:
            lines.append(timed(q, "spopt 0.7.0, CBC", lambda q=q: spopt(q, options.seconds), mine.cpu_seconds))
    for line in lines:
        gap = "" if line.gap is None else f"{line.gap:.3%}"
        value = "" if line.value is None else f"{line.value:,.0f}"
        times = f"{line.seconds:.3f} | {line.cpu_seconds:.3f} | {line.ratio:,.1f}"
        print(f"| {line.question} | {line.method} | {times} | {value} | {gap} |")
    options.out.write_text(json.dumps([asdict(line) for line in lines], indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
