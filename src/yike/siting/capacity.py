"""Problems with capacity: a site serves at most so much weight, a demand may be shared among sites.

One program for all: ``y`` = the part of a demand that a site serves, ``x`` = a site is opened. HiGHS solves it, beginning
with the sites of the problem without capacity (whose bound also holds here).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from yike.siting.answer import Answer, Clock, answer
from yike.siting.cover_hunt import CoverHunt
from yike.siting.faults import SitingFaults
from yike.siting.problem import Bools, Floats, Ground
from yike.siting.prover import Program, Proof, solve

Shares = tuple[NDArray[np.int64], NDArray[np.int64], Floats]


def sharing(here: Ground, pair_cost: Floats, site_cost: Floats, everybody: bool) -> Program:
    """Return the program over (pairs, sites): least ``pair_cost @ y + site_cost @ x``."""
    pairs, e, s = here.pairs, len(here.pairs.site), here.pairs.n_sites
    capacity = np.minimum(here.capacity if here.capacity is not None else np.inf, here.weight.sum())
    at = np.arange(e)
    by_demand = sparse.csr_matrix((np.ones(e), at, pairs.start), shape=(len(pairs), e))
    load = sparse.csr_matrix((here.weight[pairs.demand], (pairs.site, at)), shape=(s, e))
    uses = sparse.csr_matrix((np.ones(e), (at, pairs.site)), shape=(e, s))
    new = (~here.existing).astype(float)
    parts: list[Any] = [
        sparse.hstack([by_demand, sparse.csr_matrix((len(pairs), s))]),
        sparse.hstack([load, -sparse.diags(capacity)]),
        sparse.hstack([sparse.identity(e), -uses]),
        sparse.hstack([sparse.csr_matrix((1, e)), sparse.csr_matrix(new[None, :])]),
    ]
    low = [np.full(len(pairs), 1.0 if everybody else 0.0), np.full(s + e + 1, -np.inf)]
    high = [np.ones(len(pairs)), np.zeros(s + e), np.array([float(here.most)])]
    if np.isfinite(here.money):
        parts.append(sparse.hstack([sparse.csr_matrix((1, e)), sparse.csr_matrix((here.cost * new)[None, :])]))
        low.append(np.array([-np.inf]))
        high.append(np.array([here.money]))
    x_low = ((here.state == 1) | here.existing).astype(float)
    x_high = ((here.state >= 0) | here.existing).astype(float)
    return Program(
        np.r_[pair_cost, site_cost], np.r_[np.zeros(e), x_low], np.r_[np.ones(e), x_high],
        np.r_[np.zeros(e, bool), np.ones(s, bool)], sparse.vstack(parts).tocsr(), np.concatenate(low), np.concatenate(high),
    )  # fmt: skip


def with_sites(program: Program, open_sites: Bools) -> Floats | None:
    """Return the best sharing for given sites as a point of the program, None when they do not do."""
    e = len(program.cost) - len(open_sites)
    fixed = np.r_[program.low[:e], open_sites.astype(float)], np.r_[program.high[:e], open_sites.astype(float)]
    found = solve(
        Program(program.cost, *fixed, np.zeros(len(program.cost), bool), program.matrix, program.row_low, program.row_high), 30.0
    )  # fmt: skip
    return found.x if found.status == "optimal" else None


def shares_of(here: Ground, x: Floats) -> Shares:
    """Return demand, site and weight of every part of a sharing."""
    part = x[: len(here.pairs.site)]
    used = np.flatnonzero(part > 1e-7)
    demand = here.pairs.demand[used].astype(np.int64)
    return demand, here.pairs.site[used].astype(np.int64), part[used] * here.weight[demand]


def _told(problem: str, here: Ground, clock: Clock, proof: Proof, sign: float, other: float = np.inf) -> Answer:
    """Return the answer of a proof, or raise ``siting.no_answer``; ``other`` is a bound from elsewhere."""
    if proof.x is None and proof.status == "infeasible":
        SitingFaults().of("siting.limits_conflict", relax=relaxations(here, 10.0)).stop()
    if proof.x is None:
        SitingFaults().of("siting.no_answer", seconds=clock.effort.seconds).stop()
    assert proof.x is not None
    chosen = (proof.x[len(here.pairs.site) :] > 0.5) & ~here.existing
    bound = sign * proof.bound
    bound = min(bound, other) if sign < 0 else bound
    value = sign * proof.value
    bound = max(bound, value) if sign < 0 else min(bound, value)
    return answer(problem, here, chosen, value, bound, clock, "highs", shares_of(here, proof.x))


def mclp_with_capacity(here: Ground, clock: Clock) -> Answer:
    """Cover the most weight; what a site covers is limited by its capacity."""
    hunt = CoverHunt(here, clock)
    hunt.begin()
    hunt.descend()
    program = sharing(here, -here.weight[here.pairs.demand], np.zeros(here.pairs.n_sites), everybody=False)
    proof = solve(program, clock.left, gap=clock.effort.gap, start=with_sites(program, hunt.chosen | here.existing))
    return _told("mclp", here, clock, proof, -1.0, hunt.already + hunt.bound)


def median_with_capacity(here: Ground, clock: Clock) -> Answer:
    """Serve everybody at the least sum; what a site serves is limited by its capacity."""
    pair_cost = here.pairs.cost * here.weight[here.pairs.demand]
    program = sharing(here, pair_cost, np.zeros(here.pairs.n_sites), everybody=True)
    return _told("p_median", here, clock, solve(program, clock.left, gap=clock.effort.gap), 1.0)


def lscp_with_capacity(here: Ground, clock: Clock) -> Answer:
    """Serve everybody by the least costly sites; what a site serves is limited by its capacity."""
    cost = np.where(here.existing, 0.0, here.cost)
    program = sharing(here, np.zeros(len(here.pairs.site)), cost, everybody=True)
    whole = bool((cost == np.rint(cost)).all())
    proof = solve(program, clock.left, gap=clock.effort.gap, absolute=0.999 if whole else 0.0)
    if whole and np.isfinite(proof.bound):
        proof = Proof(proof.status, proof.x, proof.value, float(np.ceil(proof.bound - 1e-6)), None, proof.seconds)
    return _told("lscp", here, clock, proof, 1.0)


def relaxations(here: Ground, seconds: float) -> dict[str, str]:
    """Return in two languages how far one limit must give when the others stay: number, money, or capacity."""
    nothing, ones = np.zeros(len(here.pairs.site)), (~here.existing).astype(float)
    en, zh = [], []
    if here.p is not None:
        found = solve(sharing(replace(here, p=None), nothing, ones, everybody=True), seconds)
        if found.x is not None:
            en.append(f"p = {round(found.value)}")
            zh.append(f"p = {round(found.value)}")
    if here.budget is not None:
        found = solve(sharing(replace(here, budget=None), nothing, here.cost * ones, everybody=True), seconds)
        if found.x is not None:
            en.append(f"a budget of {found.value:g}")
            zh.append(f"预算 {found.value:g}")
    most = solve(sharing(here, -here.weight[here.pairs.demand], 0.0 * ones, everybody=False), seconds)
    if most.x is not None:
        lacking = float(here.weight.sum()) + most.value
        en.append(f"{lacking:g} less demand, or more capacity or reach for it")
        zh.append(f"减少需求 {lacking:g}，或为其增加容量或放宽距离")
    return {"en": "; ".join(en), "zh": "；".join(zh)}
