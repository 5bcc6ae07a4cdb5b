"""HiGHS as prover: linear and mixed-integer programs as sparse columns, a known solution to begin with, a proven bound.

Every program is a minimisation. The solver is Huangfu and Hall's HiGHS (Math. Prog. Comp. 10, 2018), through highspy.
"""

# mypy: disable-error-code="no-untyped-call"

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]


class Quiet(highspy.Highs):
    """HiGHS that is silent from the beginning: made plainly it prints its banner on stdout once a process."""

    def enableCallbacks(self) -> None:
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()


@dataclass(frozen=True)
class Program:
    """Minimise ``cost @ x`` with ``row_low <= matrix @ x <= row_high`` and ``low <= x <= high``; some ``x`` whole."""

    cost: Floats
    low: Floats
    high: Floats
    whole: NDArray[np.bool_]
    matrix: sparse.csr_matrix
    row_low: Floats
    row_high: Floats


@dataclass(frozen=True)
class Proof:
    """What HiGHS found: ``x`` (None without any solution), its value, a lower bound, and the rows' prices of a linear one."""

    status: str  #: optimal, infeasible, time or failed
    x: Floats | None
    value: float
    bound: float
    prices: Floats | None
    seconds: float


def solve(
    program: Program, seconds: float, gap: float = 0.0, absolute: float = 0.0, start: Floats | None = None,
    nodes: int | None = None,
) -> Proof:  # fmt: skip
    """Solve a mixed-integer program; the bound holds whatever the status.

    Parameters
    ----------
    seconds, gap
        Time limit and relative gap at which to stop.
    absolute
        Stop when value and bound are this near: just below 1 where values are whole numbers.
    start
        A feasible ``x`` to begin with.
    nodes
        Stop after so many nodes: unlike time, that is the same on a busy machine.

    Examples
    --------
    >>> one = Program(np.array([1.0, 1.0]), np.zeros(2), np.ones(2), np.array([True, True]),
    ...               sparse.csr_matrix([[1.0, 1.0]]), np.array([1.0]), np.array([np.inf]))
    >>> proof = solve(one, 10)
    >>> proof.status, proof.value
    ('optimal', 1.0)
    """
    solver = _solver(program, seconds)
    solver.setOptionValue("mip_rel_gap", float(gap))
    solver.setOptionValue("mip_abs_gap", float(max(absolute, 1e-9)))
    if nodes is not None:
        solver.setOptionValue("mip_max_nodes", nodes)
    if start is not None:
        known = highspy.HighsSolution()
        known.col_value = start.tolist()
        solver.setSolution(known)
    solver.run()
    info, status = solver.getInfo(), solver.getModelStatus()
    found = np.asarray(solver.getSolution().col_value)
    has = (
        len(found) == len(program.cost)
        and np.isfinite(info.objective_function_value)
        and info.primal_solution_status == 2
    )
    told = {
        highspy.HighsModelStatus.kOptimal: "optimal",
        highspy.HighsModelStatus.kInfeasible: "infeasible",
        highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
        highspy.HighsModelStatus.kTimeLimit: "time",
        highspy.HighsModelStatus.kSolutionLimit: "time",
        highspy.HighsModelStatus.kInterrupt: "time",
    }.get(status, "failed")
    bound = (
        info.mip_dual_bound
        if program.whole.any()
        else (info.objective_function_value if told == "optimal" else -np.inf)
    )
    value = info.objective_function_value if has else np.inf
    return Proof(told, found if has else None, value, float(bound), None, solver.getRunTime())


def solve_linear(program: Program, seconds: float) -> Proof:
    """Solve without whole numbers by the interior point method; ``prices`` are the rows' dual values.

    The bound is minus infinity unless it came to an end; prices are a good beginning even then.
    """
    solver = _solver(program, seconds, linear=True)
    solver.setOptionValue("solver", "ipm")
    solver.run()
    done = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    solution = solver.getSolution()
    value = solver.getInfo().objective_function_value if done else np.inf
    infeasible = solver.getModelStatus() in (
        highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible
    )  # fmt: skip
    return Proof(
        "optimal" if done else "infeasible" if infeasible else "time",
        np.asarray(solution.col_value) if done else None,
        value,
        value if done else -np.inf,
        np.asarray(solution.row_dual) if done else None,
        solver.getRunTime(),
    )


def _solver(program: Program, seconds: float, linear: bool = False) -> Quiet:
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(program.cost), len(program.row_low)
    model.col_cost_, model.col_lower_, model.col_upper_ = program.cost, program.low, program.high
    model.row_lower_, model.row_upper_ = program.row_low, program.row_high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = program.matrix.indptr
    model.a_matrix_.index_ = program.matrix.indices
    model.a_matrix_.value_ = program.matrix.data
    if not linear:
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        model.integrality_ = [kinds[each] for each in program.whole.astype(int)]
    solver = Quiet()
    solver.setOptionValue("time_limit", float(max(seconds, 0.01)))
    solver.passModel(model)
    return solver
