"""Many workers at one queue: in its own process and database, for test_queue.py.

``python tests/web/queue_scene.py JOBS WORKERS`` puts jobs, has that many threads take them at once, each with a connection of
its own, and prints which worker took which job.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main(jobs: int, workers: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "yike.web.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from web.cast import tree
    from yike.web.queue import handler, put
    from yike.web.queue.carrying import carry_out
    from yike.web.queue.models import Job
    from yike.web.queue.taking import take

    call_command("migrate", verbosity=0, interactive=False)
    handler("test.none")(lambda job: {"done": job.id})
    city = tree()["city"].city
    for k in range(jobs):
        put("test.none", city, title=str(k), payload={})
    keyed = [put("test.none", city, title="one", payload={}, key="same").pk for _ in range(3)]
    taken: list[tuple[str, int]] = []
    start = threading.Barrier(workers)

    def work(name: str) -> None:
        start.wait()
        while (job := take(name)) is not None:
            taken.append((name, job.pk))
            carry_out(job)
        connection.close()

    threads = [threading.Thread(target=work, args=(f"w{k}",)) for k in range(workers)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    states = sorted(set(Job.objects.values_list("state", "tries")))
    json.dump({"taken": taken, "states": states, "keyed": keyed, "jobs": Job.objects.count()}, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
