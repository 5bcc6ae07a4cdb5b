"""The small demonstration city with its register of idle spaces, run once."""

from __future__ import annotations

from pathlib import Path

import pytest

from yike.demo import study_of, write
from yike.siting.joint import JointGround, read_spaces
from yike.study import Study, run
from yike.study.proposing import study_ground


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("joint") / "small"
    write(folder, "small", 1)
    return folder


@pytest.fixture(scope="session")
def study(city: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    made = study_of(city, tmp_path_factory.mktemp("joint-study") / "study", walkers=("adult",), hours=(31,))
    run(made)
    return made


@pytest.fixture(scope="session")
def ground(city: Path, study: Study) -> JointGround:
    return study_ground(study, read_spaces(city / "idle_spaces.csv").value)
