"""The platform as its readers meet it: a server of its own on loopback, over the small demonstration city.

The city is read in once a run and process; its folder goes with the run. Browser tests ask for the fixture ``served``.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from web import town

STARTS_S = 90


@dataclass(eq=False)
class Served:
    """A running server and what its city holds."""

    address: str
    files: Path  #: the folder that the city was read from

    def json(self, path: str) -> Any:
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return json.loads(answer.read())

    @cached_property
    def home(self) -> tuple[float, float]:
        """Of homes spread over the city the one with the most types within their minutes: lon, lat."""
        with (self.files / "residents.csv").open(encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        places = [(float(row["经度"]), float(row["纬度"])) for row in rows[:: max(1, len(rows) // 24)]]
        return max(places, key=self._met)

    def _met(self, place: tuple[float, float]) -> int:
        try:
            return sum(
                each["met"] for each in self.json(f"/api/quarter?lon={place[0]}&lat={place[1]}&when=any")["types"]
            )
        except urllib.error.HTTPError:
            return -1

    @property
    def areas(self) -> dict[str, str]:
        """One area's code by level."""
        found = json.loads((self.files / "areas.geojson").read_text(encoding="utf-8"))
        return {each["properties"]["level"]: each["properties"]["code"] for each in found["features"]}

    @property
    def circle(self) -> str:
        with (self.files / "circles.csv").open(encoding="utf-8-sig") as file:
            return next(csv.DictReader(file))["圈编号"]

    def outlet(self, **query: str) -> dict[str, Any]:
        """The first outlet of a list."""
        from urllib.parse import urlencode

        return dict(self.json(f"/api/outlets?{urlencode({**query, 'limit': 1})}")["outlets"][0])


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def serving() -> Iterator[Served]:
    """Read the small city into a home of its own and serve it until the end.

    While writing tests, ``YIKE_SERVED="http://127.0.0.1:8000 folder"`` names a server and its city's folder to use instead.
    """
    if given := os.environ.get("YIKE_SERVED"):
        address, folder = given.split(" ", 1)
        yield Served(address, Path(folder))
        return
    home = tempfile.mkdtemp(prefix="yike-served-")
    port = _free_port()
    env = {
        **os.environ,
        "YIKE_HOME": home,
        "YIKE_DATABASE": "",
        "DJANGO_SETTINGS_MODULE": "yike.web.settings",
        "YIKE_TLS": "",
    }
    tools = Path(sys.executable).parent
    server = None
    try:
        subprocess.run(
            [tools / "yike", "city", "add", town.folder(), "--default"], env=env, check=True, capture_output=True
        )
        command = [
            tools / "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--workers",
            "1",
            "--blocking-threads",
            "4",
        ]
        server = subprocess.Popen(
            [*command, "yike.web.wsgi:application"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        found = Served(f"http://127.0.0.1:{port}", town.folder())
        _wait(found)
        yield found
    finally:
        if server is not None:
            server.terminate()
            server.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def _wait(served: Served) -> None:
    """Wait until the server answers."""
    last: Exception | None = None
    until = time.monotonic() + STARTS_S
    while time.monotonic() < until:
        try:
            served.json("/api/types")
            return
        except OSError as error:
            last = error
            time.sleep(0.2)
    raise RuntimeError(f"the server did not answer: {last}")
