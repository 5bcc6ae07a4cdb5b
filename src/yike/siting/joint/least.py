"""The smallest relaxations of a least share: the least budget that meets it, the largest share that can be met."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, hstack, vstack

from yike.siting.joint.problem import Problem
from yike.siting.joint.prove import Model, build_model, prove
from yike.siting.joint.settings import JointSettings


def least_budget(problem: Problem, seconds: float, stopped: Callable[[], None]) -> float | None:
    """Return the least money that meets all conditions, None where no money does (or none was found in time)."""
    model = build_model(problem, budget=False)
    costs = np.concatenate([problem.option_cost, np.zeros(len(problem.edge_group))])
    found = prove(replace(model, gain=costs), seconds, stopped=stopped, least=True)
    return None if found.chosen is None else float(problem.option_cost[found.chosen].sum())


def largest_share(
    settings: JointSettings, problem: Problem, seconds: float, stopped: Callable[[], None]
) -> tuple[float | None, str]:
    """Return the largest least share that can be met within the other conditions, and an area that has no more.

    None where none was found in time, or where the other conditions alone cannot be met.
    """
    p = problem
    met = (settings.least_share or 0.0) * p.area_total - p.shortage
    model = build_model(p, floors=False)
    edges, inside = len(p.edge_group), p.group_area[p.edge_group] >= 0
    area = p.group_area[p.edge_group][inside]
    column = np.flatnonzero(inside) + model.n_options
    reach = csr_array((np.ones(len(area)), (area, column)), shape=(len(p.areas), model.n_options + edges))
    rows = _joined(model, reach, -p.area_total)
    told = Model(
        gain=np.concatenate([np.zeros(len(model.gain)), [1.0]]),
        upper=np.concatenate([model.upper, [settings.least_share or 0.0]]),
        rows=rows,
        low=np.concatenate([model.low, -met]),
        high=np.concatenate([model.high, np.full(len(p.areas), np.inf)]),
        n_options=model.n_options,
    )
    found = prove(told, seconds, stopped=stopped)
    if found.flow is None:
        return None, ""
    share = float(found.value)
    new = np.bincount(area, weights=found.flow[:-1][inside], minlength=len(p.areas))
    return share, p.areas[int(((met + new) / p.area_total).argmin())]


def _joined(model: Model, reach: csr_array, per_share: np.ndarray) -> csr_array:
    """Add the column of the share and the rows: people covered of each area, less its residents times the share."""
    column = csr_array(np.concatenate([np.zeros(model.rows.shape[0]), per_share])[:, None])
    return hstack([vstack([model.rows, reach]), column]).tocsr()
