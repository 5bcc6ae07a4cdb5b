"""A city with studies waiting in a home of its own, and what became of them: for test_queue_kill.py, in its own process.

``python tests/web/kill_scene.py begin N FOLDER`` reads in the city of a folder ("" = the city that is there), has one study
measured undisturbed and puts N like it into the queue, and prints
the number of the first job; ``… tell FIRST`` prints all of them as JSON.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
NAME = "同一测算"
CHOICES: dict[str, Any] = {
    "walkers": ["adult", "elder"],
    "paces": {"elder": 50.0},
    "limits": {"breakfast.walk_min": 7.0},
}


def awake() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "yike.web.settings"
    import django

    django.setup()


def begin(number: int, folder: str) -> None:
    from django.core.management import call_command

    from web.cast import person
    from yike.study.run import Silent
    from yike.web.areas.models import City
    from yike.web.queue import run_waiting
    from yike.web.studies.actions import start_study
    from yike.web.studies.adding import add_city
    from yike.web.studies.runs.actions import deed_at

    call_command("migrate", verbosity=0, interactive=False)
    if folder:
        city = add_city(Path(folder), default=True, progress=Silent(), tell=lambda key: None)
    else:
        city = City.objects.get(is_default=True)
    planner = person("city_planner", city.root)
    first = start_study(deed_at(planner, city), city, NAME, CHOICES)
    assert run_waiting() == 1
    print(first.job.pk)
    for _ in range(number):
        start_study(deed_at(planner, city), city, NAME, CHOICES)


def told(first: int) -> list[dict[str, Any]]:
    """Return the studies with their jobs, the undisturbed one first."""
    from yike.study import Study
    from yike.web.queue.models import Job
    from yike.web.studies.runs.models import StudyRun

    found = []
    for run in StudyRun.objects.filter(job__gte=first).order_by("id"):
        receipts = Study.open(run.folder).receipts()
        job = Job.objects.get(pk=run.job_id)
        found.append({
            "key": run.key, "state": run.state, "digest": run.digest, "headline": run.headline, "figures": run.figures,
            "jobs": Job.objects.filter(kind="studies.measure", payload__run=run.pk).count(),
            "job_state": job.state, "result": job.result, "tries": job.tries, "faults": job.faults,
            "ends": job.lines.filter(text="已完成").count(),
            "files": {step: each["files"] for step, each in receipts.items()},
            "left": sorted(each.name for each in run.folder.parent.glob(f".{run.key}*")) + [
                each.name for each in run.folder.glob(".work/*")],
        })  # fmt: skip
    return found


if __name__ == "__main__":
    awake()
    if sys.argv[1] == "begin":
        begin(int(sys.argv[2]), sys.argv[3])
    else:
        json.dump(told(int(sys.argv[2])), sys.stdout)
