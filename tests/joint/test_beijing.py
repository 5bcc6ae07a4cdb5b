"""Real Beijing: a study of the tagged extracts, and a joint proposal whose candidates are buildings of the map."""

from __future__ import annotations

from pathlib import Path

import real_inputs
from yike.siting.joint import JointSettings, solve
from yike.study import Study
from yike.study.proposing import candidates_from_buildings, study_ground


def test_a_joint_proposal_for_the_tagged_extracts(shared_data: Path, tmp_path: Path):
    folder = tmp_path / "b"
    words = ["adult" if word == "adult,elder" else word for word in real_inputs.options("b")]
    real_inputs.timed("init", str(folder), *words)
    real_inputs.timed("run", str(folder))
    study = Study.open(folder)
    ground = study_ground(study, candidates_from_buildings(study).value)
    assert len(ground.spaces) == 31 and (ground.why == "").sum() >= 25
    told = solve(ground, JointSettings(budget_yuan=1_000_000, seconds=10))
    assert told.status in ("optimal", "within_gap") and told.gap <= 0.01
    assert told.spent_yuan <= 1_000_000 and told.sites and told.alone["ratio"] >= 1
    assert told.people_types_after > told.people_types_before
