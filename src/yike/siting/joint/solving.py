"""One call for the joint problem: build, search, prove, tell."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yike.errors import Fault, InputError
from yike.siting.joint.alone import sited_alone
from yike.siting.joint.answer import Conflict, JointAnswer
from yike.siting.joint.conflicts import conflict, locked_conflicts, share_conflicts
from yike.siting.joint.curve import money_curve
from yike.siting.joint.ground import JointGround
from yike.siting.joint.lagrange import dual_bound
from yike.siting.joint.problem import Problem, build_problem
from yike.siting.joint.prove import Model, build_model, people_of, prove
from yike.siting.joint.search import State, search
from yike.siting.joint.settings import JointSettings
from yike.siting.joint.telling import building_order, people_gaining, tell_areas, tell_sites, tell_types

Tell = Callable[[float, str], None]
Floats = NDArray[np.float64]
EXACT = 1e-6  #: a gap that is none
NEARER, SOON = 0.25, 0.2  #: HiGHS goes on to a quarter of the gap asked, but for a fifth of the seconds only
PARTS = {"search": 0.15, "curve": 0.15}  #: of the seconds; proving has what is left


def solve(
    ground: JointGround,
    settings: JointSettings,
    *,
    tell: Tell | None = None,
    stopped: Callable[[], None] | None = None,
) -> JointAnswer:
    """Choose which types to build in which spaces so that most person-types are newly covered.

    Parameters
    ----------
    ground
        From `yike.study.proposing`; kept by the caller, for solving again is quick.
    settings
        Money, types, conditions, locks.
    tell
        Told the share done (0 to 1) and the key of the step's words (``joint.step.*``).
    stopped
        Asked often; what it raises goes through.

    Raises
    ------
    InputError
        ``joint.no_space``, ``joint.walker_other``, ``joint.type_unknown``, ``joint.space_unknown``,
        ``joint.area_unknown``. Conditions that conflict are no error: they are an answer, see `JointAnswer.conflicts`.
    """
    began = time.perf_counter()
    tell, stopped = tell or (lambda share, step: None), stopped or (lambda: None)
    if len(ground.spaces) == 0:
        raise InputError(Fault("joint.no_space"))
    if settings.walker and settings.walker != ground.walker:
        values = {"asked": settings.walker, "walker": ground.walker}
        raise InputError(Fault("joint.walker_other", values=values))
    tell(0.02, "joint.step.problem")
    problem = build_problem(ground, settings)
    if found := locked_conflicts(ground, settings, problem):
        return _none(ground, settings, problem, found, began)
    tell(0.08, "joint.step.search")
    alone = State.empty(problem, np.inf, np.full(len(problem.area_m2), np.inf)).gains()
    people = ground.residents.people * problem.homes
    uncovered = np.array([people[ground.uncovered(code)].sum() for code in problem.types])
    split, single = sited_alone(problem, alone, uncovered)
    best = search(problem, settings.seconds * PARTS["search"], stopped, starts=(single.chosen,))
    tell(0.25, "joint.step.prove")
    known = _proved(problem, settings, best, began, stopped)
    if known is None:
        model = build_model(problem)
        return _none(ground, settings, problem, share_conflicts(settings, problem, model, stopped), began)
    tell(0.8, "joint.step.curve")
    curve, knee = money_curve(problem, alone, known.state, settings.seconds * PARTS["curve"], stopped)
    tell(0.95, "joint.step.tell")
    compared = {"people_types": single.value, "split": split, "ratio": _ratio(known.state.value, single.value)}
    return _told(ground, settings, problem, known, (curve, knee, compared), began)


def _ratio(joint: float, single: float) -> float | None:
    return joint / single if single > 0 else None


@dataclass(frozen=True)
class _Known:
    """The best set, the people on edges, and what is proven of it."""

    state: State
    flow: Floats
    value: float
    bound: float
    status: str
    missed: bool = False  #: the least share is not kept: no set that keeps it was found in time


def _proved(
    problem: Problem, settings: JointSettings, best: State, began: float, stopped: Callable[[], None]
) -> _Known | None:
    """Bound the search's set, and better it with HiGHS while there is time; None where no set meets the conditions."""
    flow: Floats | None = best.flow
    model: Model | None = None
    bound = dual_bound(problem, best.value)
    if best.short > EXACT:
        model = build_model(problem)
        flow = people_of(model, best.chosen)
    if flow is not None and _gap(best.value, bound) <= EXACT:
        return _Known(best, flow, best.value, best.value, "optimal")
    model = model or build_model(problem)
    left = settings.seconds * (1 - PARTS["curve"]) - (time.perf_counter() - began)
    linear = prove(model, left, relaxed=True, stopped=stopped)
    if linear.status == "infeasible":
        return None
    if linear.status == "optimal":
        bound = max(min(bound, linear.bound), best.value)
    if flow is not None and _gap(best.value, bound) <= settings.gap * NEARER:
        near = _gap(best.value, bound) <= EXACT
        return _Known(best, flow, best.value, bound, "optimal" if near else "within_gap")
    left -= linear.seconds
    begin = None if flow is None else (best.chosen, flow)
    enough = settings.gap * (1 - 1e-6), SOON * settings.seconds
    proof = prove(model, left, gap=settings.gap * NEARER, enough=enough, begin=begin, stopped=stopped)
    if proof.status == "infeasible":
        return None
    bound = min(bound, proof.bound) if np.isfinite(proof.bound) else bound
    if proof.chosen is not None:
        better = State.of(problem, proof.chosen)
        through = better.flow if better.short <= EXACT else people_of(model, proof.chosen)
        if through is not None and (flow is None or better.value > best.value + EXACT):
            best, flow = better, through
    if flow is None:
        return _Known(best, best.flow, best.value, max(bound, best.value), "time", missed=True)
    bound = max(bound, best.value)
    gap = _gap(best.value, bound)
    status = "optimal" if gap <= EXACT else "within_gap" if gap <= settings.gap else "time"
    return _Known(best, flow, best.value, bound, status)


def _gap(value: float, bound: float) -> float:
    return max(bound - value, 0.0) / bound if bound > 0 else 0.0


def _told(
    ground: JointGround, settings: JointSettings, problem: Problem, known: _Known, also: tuple[Any, ...], began: float
) -> JointAnswer:
    order = building_order(problem, known.state.chosen)
    before, total = _now(ground, problem)
    curve, knee, compared = also
    asked = f"{(settings.least_share or 0):.2%}"
    missed = (conflict("joint.share_unknown", "seconds", settings.seconds * 4, share=asked),) if known.missed else ()
    return JointAnswer(
        status=known.status,
        objective=known.value,
        bound=known.bound,
        gap=_gap(known.value, known.bound),
        seconds=time.perf_counter() - began,
        spent_yuan=known.state.spent,
        people_types_before=before,
        people_types_after=before + float(known.flow.sum()),
        people_types_total=total,
        people_gaining=people_gaining(ground, problem, known.flow),
        sites=tell_sites(ground, settings, problem, order, known.flow),
        by_type=tell_types(ground, problem, order, known.flow),
        by_area=tell_areas(ground, settings, problem, known.flow),
        curve=curve,
        elbow_yuan=knee,
        alone=compared,
        conflicts=missed,
        **_named(ground, settings),
    )


def _none(
    ground: JointGround, settings: JointSettings, problem: Problem, conflicts: tuple[Conflict, ...], began: float
) -> JointAnswer:
    """Return the answer that there is none, and why."""
    before, total = _now(ground, problem)
    return JointAnswer(
        status="infeasible", objective=0.0, bound=0.0, gap=0.0, seconds=time.perf_counter() - began, spent_yuan=0.0,
        people_types_before=before, people_types_after=before, people_types_total=total, people_gaining=0.0,
        conflicts=conflicts, **_named(ground, settings),
    )  # fmt: skip


def _now(ground: JointGround, problem: Problem) -> tuple[float, float]:
    """Return person-types covered now, and residents × types."""
    people = ground.residents.people * problem.homes
    met = sum(float(people[~ground.uncovered(code)].sum()) for code in problem.types)
    return met, float(people.sum()) * len(problem.types)


def _named(ground: JointGround, settings: JointSettings) -> dict[str, Any]:
    return {
        "budget_yuan": settings.budget_yuan, "years": settings.years, "settings": settings.as_json(),
        "study": ground.study, "standard": ground.standard, "digest": ground.digest, "walker": ground.walker,
    }  # fmt: skip
