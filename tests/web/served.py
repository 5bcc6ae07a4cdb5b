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
ROOT = Path(__file__).parents[2]


@dataclass(eq=False)
class Served:
    """A running server and what its city holds."""

    address: str
    files: Path  #: the folder that the city was read from
    env: dict[str, str]  #: of the server; commands run in it work on the same city

    def json(self, path: str) -> Any:
        with urllib.request.urlopen(self.address + path, timeout=30) as answer:
            return json.loads(answer.read())

    def manage(self, *words: str, told: str = "") -> str:
        """Run one of the platform's commands on this server's city; return what it printed."""
        ran = subprocess.run(
            [sys.executable, "manage.py", *words], env=self.env, input=told, capture_output=True, text=True, cwd=ROOT
        )
        assert ran.returncode == 0, ran.stderr[-2000:]
        return ran.stdout

    def ask(self, program: str) -> Any:
        """Run a few lines of Python beside the server and return what they leave in ``answer``."""
        said = self.manage("shell", "--no-imports", "-c", f"{program}\nimport json\nprint('@@' + json.dumps(answer))")
        return json.loads(said.rsplit("@@", 1)[1])

    def sitting(self, role: str) -> dict[str, str]:
        """Log somebody in who has a role in the whole city; return the cookie."""
        program = f"""
import sys
sys.path[:0] = ["tests"]
from django.conf import settings
from django.test import Client
from web.cast import person
from yike.web.areas.models import City
client = Client()
client.force_login(person("{role}", City.objects.get().root))
answer = {{"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}}
"""
        return {**self.ask(program), "url": self.address}

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
def serving(worker: bool = False) -> Iterator[Served]:
    """Read the small city into a home of its own and serve it until the end, with a worker of the queue beside it if asked.

    While writing tests, ``YIKE_SERVED="http://127.0.0.1:8000 folder"`` names a server and its city's folder to use instead.
    """
    if given := os.environ.get("YIKE_SERVED"):
        address, folder = given.split(" ", 1)
        yield Served(address, Path(folder), dict(os.environ))
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
    running: list[subprocess.Popen[bytes]] = []
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
        quiet = {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        running.append(subprocess.Popen([*command, "yike.web.wsgi:application"], **quiet))
        if worker:
            running.append(subprocess.Popen([sys.executable, "manage.py", "work"], cwd=ROOT, **quiet))
        found = Served(f"http://127.0.0.1:{port}", town.folder(), env)
        _wait(found)
        yield found
    finally:
        for each in running:
            each.terminate()
        for each in running:
            each.wait(30)
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
