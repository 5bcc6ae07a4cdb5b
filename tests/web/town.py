"""The small demonstration city, loaded: written and measured once a run, read into the database for each test that asks."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path

from yike.demo import write
from yike.study.run import Silent
from yike.web.areas.models import City
from yike.web.studies import figures, live
from yike.web.studies.adding import add_city


def folder() -> Path:
    """Return the folder of the small demonstration city; the processes of one run share it."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    base = Path(tempfile.gettempdir(), f"yike-town-{run}")
    base.mkdir(exist_ok=True)
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / "city" / "city.toml").is_file():
            write(base / "city", "small", 1)
    return base / "city"


def forget() -> None:
    """Close what this process has open of cities: a test's city has the key of another test's."""
    live._OPEN.clear()
    live._NAMED.clear()
    figures._WATCHED.clear()


def load() -> City:
    """Read the city into the database."""
    forget()
    return add_city(folder(), default=True, progress=Silent(), tell=lambda key: None)
