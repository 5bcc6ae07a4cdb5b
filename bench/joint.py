"""The joint problem of the full demonstration city: own search and bound, HiGHS alone, and the whole answer.

    python bench/joint.py STUDY SPACES [--out bench/joint_results.json]

STUDY is a finished study folder, SPACES its register of idle spaces. One JSON line per budget and way; README.md tells how
they are measured.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from yike.siting.joint import JointSettings, Spaces, read_spaces, solve
from yike.siting.joint.lagrange import dual_bound
from yike.siting.joint.problem import build_problem
from yike.siting.joint.prove import build_model, prove
from yike.siting.joint.search import search
from yike.study import Study
from yike.study.proposing import candidates_from_buildings, study_ground

BUDGETS = (1e6, 5e6, 20e6)
WIDE = (5e6, 20e6)  #: budgets of the wide case: all types, and the buildings of the map beside the spaces
GAP = 0.01
SECONDS = 60.0


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what some work gives, its seconds on the wall, and its seconds of computing."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work()
    return found, time.perf_counter() - wall, time.process_time() - cpu


def lines(case: str, ground: Any, budget: float, types: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Measure one budget in every way."""
    asked = JointSettings(budget_yuan=budget, types=types, gap=GAP, seconds=SECONDS)
    problem, *made = timed(lambda: build_problem(ground, asked))
    size = {"case": case, "budget_yuan": budget, "types": len(problem.types), "spaces": len(ground.spaces),
            "options": len(problem.options), "groups": len(problem.group_people), "edges": len(problem.edge_group),
            "problem_s": round(made[0], 3)}  # fmt: skip
    own, *own_s = timed(lambda: search(problem, SECONDS, lambda: None))
    bound, *bound_s = timed(lambda: dual_bound(problem, own.value))
    model = build_model(problem)
    linear, *linear_s = timed(lambda: prove(model, SECONDS, relaxed=True))
    near, *near_s = timed(lambda: prove(model, SECONDS, gap=GAP))
    same, *same_s = timed(lambda: prove(model, max(own_s[0], 0.5), gap=0.0))
    told, *told_s = timed(lambda: solve(ground, asked))
    best = min(bound, told.bound, linear.bound, near.bound)  # nan-free: each is a bound, inf where there is none
    rows = [
        ("own search and own bound", own.value, bound, [a + b for a, b in zip(own_s, bound_s, strict=True)]),
        ("own search and the linear relaxation", own.value, linear.bound,
         [a + b for a, b in zip(own_s, linear_s, strict=True)]),
        ("HiGHS alone, until 1 %", near.value, near.bound, near_s),
        ("HiGHS alone, as long as own search", same.value, same.bound, same_s),
        ("the whole answer (search, proof, curve, telling)", told.objective, told.bound, told_s),
    ]  # fmt: skip
    return [
        {**size, "way": way, "value": None if np.isnan(value) else round(value, 1),
         "bound": round(limit, 1) if np.isfinite(limit) else None,
         "gap": None if np.isnan(value) else round(1 - value / limit, 5),
         "below_best_bound": None if np.isnan(value) else round(1 - value / best, 5), "seconds": round(wall, 2),
         "computing_s": round(cpu, 2),
         **({"alone": told.alone["people_types"], "joint_per_alone": round(told.alone["ratio"], 4),
             "sites": len(told.sites)} if way.startswith("the whole") else {})}
        for way, value, limit, (wall, cpu) in rows
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("study")
    parser.add_argument("spaces")
    parser.add_argument("--out", default=str(Path(__file__).with_name("joint_results.json")))
    asked = parser.parse_args()
    spaces = read_spaces(asked.spaces).value
    ground, wall, cpu = timed(lambda: study_ground(Study.open(asked.study), spaces))
    solve(ground, JointSettings(budget_yuan=1e5, seconds=2))  # compiled code is warm
    found = [row for budget in BUDGETS for row in lines("basic types, idle spaces", ground, budget)]
    more = candidates_from_buildings(Study.open(asked.study)).value.frame
    wide = study_ground(Study.open(asked.study), Spaces(pd.concat([spaces.frame, more], ignore_index=True)))
    found += [row for budget in WIDE for row in lines("all types, with buildings", wide, budget, wide.types)]
    for row in found:
        print(json.dumps(row, ensure_ascii=False))
    about = {"study": ground.study, "digest": ground.digest, "people": float(ground.residents.people.sum()),
             "points": len(ground.residents), "ground_s": round(wall, 2), "ground_computing_s": round(cpu, 2),
             "cores": os.cpu_count(), "load": os.getloadavg()[0]}  # fmt: skip
    Path(asked.out).write_text(json.dumps({"about": about, "lines": found}, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
