"""kill -9 of the study worker at 20 random moments: every study ends, once, with the figures of an undisturbed run.

Real worker processes on a city in a home and a database file of its own. Sometimes the whole worker is killed (its hand
goes with it and the lease must run out), sometimes the hand alone. The moments are drawn from a seed and spread over the
work by how far all studies together have come.

On a larger city: ``python tests/web/test_queue_kill.py --kills 20 --studies 3 --home FOLDER`` with a copy of a YIKE_HOME.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SCENE = Path(__file__).with_name("kill_scene.py")
ROOT = Path(__file__).resolve().parents[2]
LEASE_S = 2.0
HANDS = 0.7  #: part of the kills that meet the hand alone
JOBS = "SELECT state, worker, best, id FROM queue_job WHERE kind = 'studies.measure' AND id > ? ORDER BY id"


class Workers:
    """So many workers at a time: one that was killed is started again."""

    def __init__(self, env: dict[str, str], number: int) -> None:
        self.env = env
        self.running = [self._start() for _ in range(number)]

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "django", "work", "--parent", str(os.getpid())]
        return subprocess.Popen(command, env=self.env, stderr=subprocess.DEVNULL)

    def again(self) -> None:
        self.running = [each if each.poll() is None else self._start() for each in self.running]

    def kill(self, worker: int, hand: bool) -> bool:
        """Kill -9 a worker, or its hand alone; whether there was one."""
        found = hands_of(worker) if hand else [worker]
        for each in found:
            os.kill(each, signal.SIGKILL)
        return bool(found)

    def end(self) -> None:
        for each in self.running:
            each.terminate()
        for each in self.running:
            each.wait(30)


def hands_of(worker: int) -> list[int]:
    """The children of a process."""
    try:
        return [
            int(each) for each in Path(f"/proc/{worker}/task/{worker}/children").read_text(encoding="ascii").split()
        ]
    except FileNotFoundError:
        return []


def disturb(
    home: Path, env: dict[str, str], after: int, kills: int, number: int, seed: int, longest_s: float
) -> list[dict[str, Any]]:
    """Have workers do the studies put after a job and kill them; return what was killed and when."""
    chance = random.Random(seed)
    moments = sorted(chance.random() for _ in range(kills))
    workers, done = Workers(env, number), []
    began = time.monotonic()
    database = sqlite3.connect(home / "yike.sqlite3", timeout=20, isolation_level=None)
    try:
        while True:
            jobs = database.execute(JOBS, (after,)).fetchall()
            if all(state not in ("waiting", "running") for state, *_ in jobs):
                return done
            assert time.monotonic() - began < longest_s, f"the studies do not end: {jobs}"
            far = sum(1.0 if state == "done" else best for state, _, best, _ in jobs) / len(jobs)
            held = [(int(worker.split("-")[-2]), pk) for state, worker, _, pk in jobs if state == "running"]
            alive = {each.pid for each in workers.running if each.poll() is None}
            held = [each for each in held if each[0] in alive]
            if len(done) < kills and held and far >= moments[len(done)] * 0.95:
                pid, pk = chance.choice(held)
                hand = chance.random() < HANDS
                if workers.kill(pid, hand):
                    done.append(
                        {"at": round(time.monotonic() - began, 2), "far": round(far, 3), "job": pk, "hand": hand}
                    )
                    time.sleep(0.1)
            workers.again()
            time.sleep(0.05)
    finally:
        workers.end()
        database.close()


def trial(
    home: Path, folder: str, *, kills: int, studies: int, workers: int, seed: int, longest_s: float
) -> dict[str, Any]:
    """The whole trial in one home; returns the studies as they ended and the kills."""
    env = {
        **os.environ, "YIKE_HOME": str(home), "YIKE_DATABASE": "", "DJANGO_SETTINGS_MODULE": "yike.web.settings",
        "YIKE_QUEUE_LEASE": str(LEASE_S), "YIKE_TLS": "",
    }  # fmt: skip
    began = time.monotonic()
    begin = [sys.executable, SCENE, "begin", str(studies), folder]
    first = int(subprocess.run(begin, env=env, check=True, stdout=subprocess.PIPE).stdout)
    ready = time.monotonic()
    done = disturb(home, env, first, kills, workers, seed, longest_s)
    over = time.monotonic()
    tell = [sys.executable, SCENE, "tell", str(first)]
    told = json.loads(subprocess.run(tell, env=env, check=True, stdout=subprocess.PIPE).stdout)
    return {"studies": told, "kills": done, "prepared_s": ready - began, "disturbed_s": over - ready}


def check(found: dict[str, Any], kills: int, studies: int) -> None:
    """Every study ended, once, and with the figures of the undisturbed one."""
    first, *others = found["studies"]
    assert len(others) == studies and len(found["kills"]) == kills
    assert first["tries"] == 1 and first["state"] == "done"
    assert sum(each["tries"] for each in others) > studies, "no kill ever met a job"
    for each in others:
        assert (each["state"], each["job_state"], each["faults"]) == ("done", "done", []), each["faults"]
        assert each["jobs"] == 1 and each["ends"] == 1, "ended more than once"
        assert each["digest"] == first["digest"] == each["result"]["digest"]
        assert each["headline"] == first["headline"] and each["figures"] == first["figures"]
        assert each["files"] == first["files"], "a table of results differs"
        assert each["left"] == []


def test_studies_survive_twenty_kills():
    from web import town

    home = Path(tempfile.mkdtemp(prefix="yike-kill-"))
    try:
        found = trial(home, str(town.folder()), kills=20, studies=6, workers=3, seed=20261125, longest_s=600)
        check(found, 20, 6)
        assert {each["hand"] for each in found["kills"]} == {True, False}
        assert len({each["job"] for each in found["kills"]}) > 3, "the kills were not spread over the studies"
    finally:
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=20)
    asked.add_argument("--studies", type=int, default=3)
    asked.add_argument("--workers", type=int, default=1)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--home", default="", help="a YIKE_HOME with a city (a copy: it is written to)")
    asked.add_argument("--city", default="", help="folder of a city to be read into an empty home")
    given = asked.parse_args()
    place = Path(given.home or tempfile.mkdtemp(prefix="yike-kill-"))
    result = trial(
        place, given.city, kills=given.kills, studies=given.studies, workers=given.workers, seed=given.seed,
        longest_s=7200,
    )  # fmt: skip
    check(result, given.kills, given.studies)
    tries = [each["tries"] for each in result["studies"][1:]]
    print(json.dumps({"kills": result["kills"], "tries": tries, "disturbed_s": round(result["disturbed_s"], 1)}))
