"""The small demonstration city, written once, and its study, run once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from yike.demo import study_of, write
from yike.study import Study, run


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "small"
    write(folder, "small", 1)
    return folder


@pytest.fixture(scope="session")
def study(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Study:
    made = study_of(small, tmp_path_factory.mktemp("demo-study") / "study", walkers=("adult",), hours=(31,))
    run(made)
    return made


@pytest.fixture(scope="session")
def outlets(small: Path) -> pd.DataFrame:
    return pd.read_csv(small / "outlets.csv", dtype=str, keep_default_na=False)


@pytest.fixture(scope="session")
def residents(small: Path) -> pd.DataFrame:
    return pd.read_csv(small / "residents.csv", dtype={"社区代码": str})
