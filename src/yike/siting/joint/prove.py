"""The joint problem for HiGHS: the exact model, a bound for any set, and better sets while there is time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, vstack

from yike.siting.joint.options import ALL
from yike.siting.joint.problem import Problem
from yike.siting.prover import Quiet

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Model:
    """max ``gain`` · (y, x) over ``low`` <= ``rows`` · (y, x) <= ``high``; y (N) binary, x (E) people on edges."""

    gain: Floats
    upper: Floats
    rows: csr_array
    low: Floats
    high: Floats
    n_options: int


def build_model(problem: Problem, *, budget: bool = True, floors: bool = True) -> Model:
    """Put a problem into rows; see docs/method/joint.md for the formulas."""
    p = problem
    n, e, lanes = len(p.options), len(p.edge_group), len(p.lane_option)
    option = p.lane_option[p.edge_lane]
    cap = np.minimum(p.group_people[p.edge_group], p.lane_cap[p.edge_lane])
    parts: list[csr_array] = []
    low: list[Floats] = []
    high: list[Floats] = []

    def rows(y: tuple[Any, Any, Any], x: tuple[Any, Any, Any], many: int, lows: Any, highs: Any) -> None:
        value = np.concatenate([np.asarray(y[0], float), np.asarray(x[0], float)])
        row = np.concatenate([np.asarray(y[1], np.int64), np.asarray(x[1], np.int64)])
        column = np.concatenate([np.asarray(y[2], np.int64), np.asarray(x[2], np.int64) + n])
        parts.append(coo_array((value, (row, column)), shape=(many, n + e)).tocsr())
        low.append(np.broadcast_to(np.asarray(lows, float), many))
        high.append(np.broadcast_to(np.asarray(highs, float), many))

    none: tuple[Any, Any, Any] = ([], [], [])
    every = np.arange(e)
    rows(none, (np.ones(e), p.edge_group, every), len(p.group_people), -np.inf, p.group_people)
    rows((-cap, every, option), (np.ones(e), every, every), e, -np.inf, 0.0)
    total = np.bincount(p.edge_lane, weights=cap, minlength=lanes)
    tight = p.lane_cap < np.minimum(total, ALL)
    _lanes(rows, p, tight, p.lane_cap, -np.inf, 0.0)
    own = np.zeros(lanes, bool)
    own[p.option_lane[:-1]] = p.option_need > 0
    _lanes(rows, p, own, p.option_need[p.lane_option], 0.0, np.inf)
    used, place = np.unique(p.option_space, return_inverse=True)
    rows((p.option_area, place, np.arange(n)), none, len(used), -np.inf, p.area_m2[used])
    pairs = int(p.option_pair.max()) + 1 if n else 0
    least = np.zeros(pairs)
    least[list(p.locked)] = 1.0
    rows((np.ones(n), p.option_pair, np.arange(n)), none, pairs, least, 1.0)
    if floors and len(p.shortage):
        area = p.group_area[p.edge_group]
        inside = area >= 0
        rows(none, (np.ones(inside.sum()), area[inside], every[inside]), len(p.shortage), p.shortage, np.inf)
    if budget and np.isfinite(p.budget_yuan):
        rows((p.option_cost, np.zeros(n), np.arange(n)), none, 1, -np.inf, p.budget_yuan)
    upper = np.concatenate([np.ones(n), cap])
    gain = np.concatenate([np.zeros(n), p.edge_weight])
    return Model(gain, upper, vstack(parts).tocsr(), np.concatenate(low), np.concatenate(high), n)


def _lanes(rows: Any, p: Problem, which: Bools, value: Floats, low: float, high: float) -> None:
    """Add rows Σ x of a lane − value · y for some lanes."""
    lane = np.flatnonzero(which)
    place = np.full(len(which), -1)
    place[lane] = np.arange(len(lane))
    edge = np.flatnonzero(which[p.edge_lane])
    y = (-value[lane], np.arange(len(lane)), p.lane_option[lane])
    rows(y, (np.ones(len(edge)), place[p.edge_lane[edge]], edge), len(lane), low, high)


@dataclass(frozen=True)
class Proof:
    """What HiGHS knows: the best set it has (None where it has none), its value, and the bound none can beat."""

    status: str  #: "optimal", "limit" or "infeasible"
    value: float
    bound: float
    chosen: Bools | None
    flow: Floats | None
    seconds: float


def prove(
    model: Model,
    seconds: float,
    *,
    gap: float = 0.0,
    enough: tuple[float, float] = (0.0, np.inf),
    begin: tuple[Bools, Floats] | None = None,
    stopped: Callable[[], None] = lambda: None,
    least: bool = False,
    relaxed: bool = False,
) -> Proof:
    """Solve a model; ``begin`` is a known solution (y, x), ``least`` minimises instead, ``relaxed`` lets y be fractions.

    ``gap`` ends the work at once; ``enough`` is (a larger gap, seconds): that gap ends it after so long.

    HiGHS 1.16 may better a known solution while it simplifies the model and still hand back the old one under the new
    value; such an answer is noticed and the model solved again from nothing.
    """
    began = time.perf_counter()
    if not len(model.gain):
        return _empty(model)
    solver = _solver(model, seconds, gap, least, relaxed)
    if begin is not None:
        known = highspy.HighsSolution()
        known.col_value = np.concatenate([begin[0].astype(float), begin[1]]).tolist()
        solver.setSolution(known)
    _run(solver, stopped, enough)
    found = _read(solver, model, time.perf_counter() - began, relaxed)
    if begin is not None and found.chosen is not None and found.flow is not None:
        told = float(model.gain @ np.concatenate([found.chosen, found.flow]))
        if abs(told - found.value) > 1e-6 * max(1.0, abs(found.value)):
            left = seconds - (time.perf_counter() - began)
            return prove(model, left, gap=gap, enough=enough, stopped=stopped, least=least, relaxed=relaxed)
    return found


def _empty(model: Model) -> Proof:
    """Return the proof of a model without options: nothing is built, where that is allowed."""
    none = np.zeros(0)
    if (model.low > 1e-9).any() or (model.high < -1e-9).any():
        return Proof("infeasible", np.nan, np.nan, None, None, 0.0)
    return Proof("optimal", 0.0, 0.0, none.astype(bool), none, 0.0)


def _solver(model: Model, seconds: float, gap: float, least: bool, relaxed: bool) -> Any:
    solver = Quiet()  # type: ignore[no-untyped-call]
    solver.setOptionValue("time_limit", max(seconds, 0.1))
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("mip_feasibility_tolerance", 1e-7)
    solver.passModel(_lp(model, least, relaxed))
    return solver


def _run(solver: Any, stopped: Callable[[], None], enough: tuple[float, float]) -> None:
    """Run the solver, and end it when ``stopped`` raises or it is near enough."""
    raised: list[BaseException] = []

    def look(event: Any) -> None:
        try:
            stopped()
            told = event.data_out
            if told.running_time >= enough[1] and told.mip_gap <= enough[0]:
                event.interrupt()
        except BaseException as error:  # carried out of the solver and raised below
            raised.append(error)
            event.interrupt()

    solver.cbMipInterrupt.subscribe(look)
    solver.run()
    if raised:
        raise raised[0]


def _lp(model: Model, least: bool, relaxed: bool) -> Any:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(model.gain), model.rows.shape[0]
    lp.col_cost_ = model.gain
    lp.col_lower_, lp.col_upper_ = np.zeros(len(model.gain)), model.upper
    lp.row_lower_, lp.row_upper_ = model.low, model.high
    lp.sense_ = highspy.ObjSense.kMinimize if least else highspy.ObjSense.kMaximize
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = model.rows.indptr, model.rows.indices
    lp.a_matrix_.value_ = model.rows.data
    if not relaxed:
        whole, part = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        lp.integrality_ = [whole] * model.n_options + [part] * (len(model.gain) - model.n_options)
    return lp


def _read(solver: Any, model: Model, seconds: float, relaxed: bool) -> Proof:
    state, told = solver.getModelStatus(), solver.getInfo()
    kinds = highspy.HighsModelStatus
    if state in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
        return Proof("infeasible", np.nan, np.nan, None, None, seconds)
    status = "optimal" if state == kinds.kOptimal else "limit"
    solution = np.array(solver.getSolution().col_value)
    found = len(solution) and told.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    value = float(told.objective_function_value) if found else np.nan
    bound = value if relaxed else float(told.mip_dual_bound)
    n = model.n_options
    chosen = solution[:n] > 0.5 if found else None
    return Proof(status, value, bound, chosen, solution[n:] if found else None, seconds)


def people_of(model: Model, chosen: Bools) -> Floats | None:
    """Return people on edges (E,) for a set as it is, least shares kept; None where they cannot be kept with it."""
    if not len(model.gain):
        return _empty(model).flow
    solver = _solver(model, 60.0, 0.0, False, True)
    fixed = chosen.astype(float)
    solver.changeColsBounds(model.n_options, np.arange(model.n_options, dtype=np.int32), fixed, fixed)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found = np.array(solver.getSolution().col_value)[model.n_options :]
    return np.maximum(found, 0.0)
