"""The queue: who holds a job, and that nobody else can write to it; leases, tries, cancelling; real workers and hands."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import OperationalError, transaction
from django.utils.timezone import now

from web.cast import person, tree
from yike.errors import Fault, StudyError
from yike.web.queue import HANDLERS, Cancelled, Lost, Running, handler, put, run_waiting, stop
from yike.web.queue.carrying import carry_out
from yike.web.queue.limits import limit
from yike.web.queue.models import Job, JobLine
from yike.web.queue.signals import job_ended
from yike.web.queue.taking import broken_off, forget_old, give_back, renew, take

pytestmark = pytest.mark.django_db
SCENE = Path(__file__).with_name("queue_scene.py")


@pytest.fixture
def city():
    return tree()["city"].city


@pytest.fixture
def does():
    """Register the handler of "test.job" for one test."""

    def register(function):
        handler("test.job")(function)
        return function

    yield register
    HANDLERS.pop("test.job", None)


def a_job(city, **more):
    return put("test.job", city, title="任务", payload=more.pop("payload", {}), **more)


def run_out(job):
    Job.objects.filter(pk=job.pk).update(lease_until=now() - timedelta(seconds=1))


# --- putting ---


def test_two_open_jobs_of_one_key_are_one(city, does):
    does(lambda job: {})
    first = a_job(city, key="k")
    assert a_job(city, key="k").pk == first.pk
    assert a_job(city, key="other").pk != first.pk and a_job(city).pk != a_job(city).pk
    take("w")
    assert a_job(city, key="k").pk == first.pk, "a running job is open too"
    assert stop(first)
    second = a_job(city, key="k")
    assert second.pk != first.pk, "a job that is stopping is not open any more"
    assert {each.pk for each in iter(lambda: take("w"), None)}.isdisjoint({second.pk}), (
        "it waits until the first has ended"
    )


def test_a_job_of_no_handler_is_a_mistake_of_the_program(city):
    with pytest.raises(ValueError, match=r"no handler"):
        put("test.unknown", city, title="x", payload={})


def test_a_job_stands_where_its_city_stands(city, does):
    does(lambda job: {})
    assert a_job(city).area == city.root


# --- taking, leases, fencing ---


def test_a_taken_job_is_taken_again_only_when_its_lease_ran_out(city, does):
    does(lambda job: {})
    a_job(city)
    first = take("one")
    assert (first.state, first.worker, first.tries) == ("running", "one", 1) and take("two") is None
    assert renew(first)
    run_out(first)
    second = take("two")
    assert (second.pk, second.worker, second.tries) == (first.pk, "two", 2)
    assert not renew(first) and not give_back(first) and renew(second)


def test_who_lost_the_job_can_write_nothing(city, does):
    told = []

    def work(job):
        told.append(job.tries)
        if job.tries == 1:
            run_out(job.job)
            assert take("two") is not None
            with pytest.raises(Lost), job.writing():
                city.name = "written by who lost it"
                city.save()
            with pytest.raises(Lost):
                job.tell(0.5, "late")
        return {"by": job.tries}

    does(work)
    job = a_job(city)
    assert carry_out(take("one")) == "lost"
    job.refresh_from_db()
    city.refresh_from_db()
    assert (job.state, job.worker, job.result, job.step, city.name) == ("running", "two", None, "", "画城")
    assert carry_out(job) == "done"
    job.refresh_from_db()
    assert (job.state, job.result, told) == ("done", {"by": 2}, [1, 2])


def test_the_same_worker_in_an_earlier_try_is_fenced_too(city, does):
    does(lambda job: {})
    a_job(city)
    early = take("w")
    run_out(early)
    late = take("w")
    assert carry_out(early) == "lost" and carry_out(late) == "done"


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_two_workers_never_take_the_same_job(where, request, tmp_path):
    address = request.getfixturevalue("postgres") if where == "postgres" else ""
    env = {**os.environ, "YIKE_HOME": str(tmp_path), "YIKE_DATABASE": address}
    found = subprocess.run([sys.executable, SCENE, "60", "6"], env=env, check=True, capture_output=True, timeout=120)
    told = json.loads(found.stdout)
    assert len(set(told["keyed"])) == 1 and told["jobs"] == 61
    assert sorted(Counter(pk for _, pk in told["taken"]).values()) == [1] * 61
    assert told["states"] == [["done", 1]]
    assert len({name for name, _ in told["taken"]}) > 1


# --- ends ---


def test_a_result_faults_and_what_broke(city, does):
    heard = []
    job_ended.connect(receiver := lambda sender, job, **more: heard.append((job.pk, job.state)))
    outcome = {}

    def work(job):
        job.tell(0.4, "走路")
        job.log("一行")
        if "raise" in outcome:
            raise outcome["raise"]
        return {"answer": 42, "link": "/desk/"}

    does(work)
    good = a_job(city)
    run_waiting()
    good.refresh_from_db()
    assert (good.state, good.result["answer"], good.share, good.link) == ("done", 42, 1.0, "/desk/")
    assert [each.text for each in good.lines.all()] == ["一行", "已完成"] and good.began_at and good.ended_at
    outcome["raise"] = StudyError(Fault("study.missing", values={"path": "x"}))
    bad = a_job(city)
    run_waiting()
    bad.refresh_from_db()
    assert bad.state == "failed" and bad.faults[0]["code"] == "study.missing" and "yike init" in bad.faults[0]["zh"]
    outcome["raise"] = ZeroDivisionError("by hand")
    broke = a_job(city)
    run_waiting()
    broke.refresh_from_db()
    assert broke.state == "failed" and broke.faults[0]["code"] == "queue.broke" and "by hand" in broke.faults[0]["en"]
    assert heard == [(good.pk, "done"), (bad.pk, "failed"), (broke.pk, "failed")]
    job_ended.disconnect(receiver)


def test_a_database_that_was_busy_is_no_fault_of_the_job(city, does):
    def work(job):
        if job.tries < 3:
            raise OperationalError("database is locked")
        return {}

    does(work)
    job = a_job(city)
    assert run_waiting() == 3
    job.refresh_from_db()
    assert (job.state, job.tries) == ("done", 3)


def test_cancelling(city, does, monkeypatch):
    monkeypatch.setattr("yike.web.queue.running.limit", lambda key: 0.0 if key == "tell_seconds" else limit(key))
    seen = []

    def work(job):
        job.tell(0.1, "一")
        stop(Job.objects.get(pk=job.id))
        try:
            job.tell(0.2, "二")
        except Cancelled:
            seen.append("stopped")
            raise
        return {}

    does(work)
    waiting, running = a_job(city), a_job(city)
    assert stop(waiting)
    waiting.refresh_from_db()
    assert waiting.state == "cancelled" and not stop(waiting)
    run_waiting()
    running.refresh_from_db()
    assert (running.state, seen, running.result) == ("cancelled", ["stopped"], None)


def test_a_job_that_was_asked_to_stop_is_not_taken_again(city, does):
    does(lambda job: pytest.fail("it was begun again"))
    job = a_job(city)
    take("one")
    stop(job)
    run_out(job)
    assert take("two") is None
    job.refresh_from_db()
    assert job.state == "cancelled"


# --- tries ---


def test_a_job_that_gets_no_further_is_given_up(city, does):
    does(lambda job: {})
    job = a_job(city)
    for _ in range(int(limit("tries"))):
        assert take("w") is not None
        run_out(job)
    assert take("w") is None
    job.refresh_from_db()
    assert (job.state, job.faults[0]["code"]) == ("failed", "queue.given_up")


def test_getting_further_counts_anew(city, does):
    does(lambda job: {})
    job = a_job(city)
    for k in range(2 * int(limit("tries"))):
        taken = take("w")
        assert taken is not None
        Running(taken).tell(0.01 * (k + 1), "weiter")
        run_out(job)
    job.refresh_from_db()
    assert (job.state, job.idle_tries) == ("running", 0)


def test_a_work_that_crashes_is_given_up_soon_and_lets_others_go_first(city, does):
    does(lambda job: {})
    bad, good = a_job(city), a_job(city)
    broken_off(take("w"), "SIGSEGV", crashed=True)
    assert take("w").pk == good.pk, "a job that broke stands behind"
    for _ in range(int(limit("crashes")) - 1):
        broken_off(take("w"), "SIGSEGV", crashed=True)
    bad.refresh_from_db()
    assert (bad.state, bad.faults[0]["code"]) == ("failed", "queue.crashed") and "SIGSEGV" in bad.faults[0]["zh"]


def test_a_job_given_back_has_lost_no_try(city, does):
    does(lambda job: {})
    job = a_job(city)
    assert give_back(take("w"))
    job.refresh_from_db()
    assert (job.state, job.worker, job.idle_tries, job.tries) == ("waiting", "", 0, 1)


def test_old_jobs_are_forgotten(city, does):
    does(lambda job: {})
    old, young = a_job(city), a_job(city)
    run_waiting()
    Job.objects.filter(pk=old.pk).update(ended_at=now() - timedelta(days=limit("keep_days") + 1))
    assert forget_old() == 1
    assert list(Job.objects.values_list("pk", flat=True)) == [young.pk]
    assert not JobLine.objects.filter(job_id=old.pk).exists()


# --- telling ---


def test_progress_is_written_seldom_and_a_new_step_at_once(city, does, django_assert_max_num_queries):
    def work(job):
        with django_assert_max_num_queries(6):
            for k in range(1000):
                job.tell(k / 1000, "步行")
        job.tell(0.999, "判断")
        shown = Job.objects.get(pk=job.id)
        assert (shown.share, shown.step) == (0.999, "判断")
        return {}

    does(work)
    job = a_job(city)
    run_waiting()
    job.refresh_from_db()
    assert job.state == "done", job.faults


def test_writing_is_kept_or_undone_whole(city, does):
    def work(job):
        with pytest.raises(RuntimeError), job.writing():
            JobLine.objects.create(job_id=job.id, text="half")
            raise RuntimeError
        with job.writing():
            assert transaction.get_connection().in_atomic_block
            JobLine.objects.create(job_id=job.id, text="whole")
        return {"who": job.person.username, "area": job.area.code, "city": job.city.slug, "payload": job.payload}

    does(work)
    planner = person("city_planner", city.root)
    job = a_job(city, person=planner, payload={"a": 1})
    run_waiting()
    job.refresh_from_db()
    assert [each.text for each in job.lines.all()] == ["whole", "已完成"], job.faults
    assert job.result == {"who": planner.username, "area": city.root.code, "city": "drawn", "payload": {"a": 1}}


# --- a real worker ---


@pytest.fixture
def yard(tmp_path):
    """A home and database with a city, and a module of handlers that real workers know."""
    (tmp_path / "yard_jobs.py").write_text(YARD, encoding="utf-8")
    (tmp_path / "yard_settings.py").write_text(
        "from yike.web.settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, 'yard_jobs.Yard']\n", encoding="utf-8"
    )
    env = {
        **os.environ, "YIKE_HOME": str(tmp_path), "YIKE_DATABASE": "", "DJANGO_SETTINGS_MODULE": "yard_settings",
        "PYTHONPATH": os.pathsep.join([str(tmp_path), str(SCENE.parents[1]), os.environ.get("PYTHONPATH", "")]),
        "YIKE_QUEUE_LEASE": "3",
    }  # fmt: skip
    return env


YARD = """
import os, signal, sys, time
from django.apps import AppConfig

class Yard(AppConfig):
    name = "yard_jobs"
    label = "yard"
    path = os.path.dirname(os.path.abspath(__file__))
    def ready(self):
        from yike.web.queue import handler
        @handler("yard.add")
        def add(job):
            print("this goes to the log, not to the worker")
            return {"sum": sum(job.payload["n"])}
        @handler("yard.crash")
        def crash(job):
            os.kill(os.getpid(), signal.SIGSEGV)
        @handler("yard.long")
        def long(job):
            for k in range(600):
                job.tell(0.5, "long")
                time.sleep(0.05)
            return {}

if __name__ == "__main__":
    import json, django
    django.setup()
    from django.core.management import call_command
    call_command("migrate", verbosity=0, interactive=False)
    from web.cast import tree
    from yike.web.areas.models import City
    from yike.web.queue import put
    city = City.objects.first() or tree()["city"].city
    for kind, payload in json.loads(sys.argv[1]):
        put(kind, city, title=kind, payload=payload)
"""


def rows(env):
    with sqlite3.connect(Path(env["YIKE_HOME"]) / "yike.sqlite3", timeout=20) as database:
        found = database.execute(
            "SELECT kind, state, result, tries, idle_tries, crashes, worker FROM queue_job ORDER BY id"
        )
        return [
            dict(zip(("kind", "state", "result", "tries", "idle", "crashes", "worker"), row, strict=True))
            for row in found
        ]


def ask(env, *jobs):
    subprocess.run([sys.executable, Path(env["YIKE_HOME"]) / "yard_jobs.py", json.dumps(jobs)], env=env, check=True)


def until(env, holds):
    """Wait until the jobs are as they should be; returns them."""
    latest = time.monotonic() + 90
    while not holds(found := rows(env)):
        assert time.monotonic() < latest, found
        time.sleep(0.1)
    return found


def test_a_real_worker_survives_its_work_and_gives_back_what_it_holds(yard):
    ask(yard, ["yard.crash", {}], ["yard.add", {"n": [1, 2]}], ["yard.long", {}])
    with sqlite3.connect(Path(yard["YIKE_HOME"]) / "yike.sqlite3") as database:
        database.execute("UPDATE queue_job SET idle_tries = 9 WHERE kind = 'yard.long'")  # so that it is taken last
    worker = subprocess.Popen([sys.executable, "-m", "django", "work"], env=yard, stderr=subprocess.DEVNULL)
    try:
        crash, add, _long = until(yard, lambda found: found[-1]["state"] == "running")
        assert (crash["state"], crash["tries"], crash["crashes"]) == ("failed", 3, 2) and limit("crashes") == 3
        assert (add["state"], json.loads(add["result"]), add["tries"]) == ("done", {"sum": 3}, 1)
        worker.terminate()
        assert worker.wait(20) == 0
        last = rows(yard)[-1]
        assert (last["state"], last["worker"], last["idle"]) == ("waiting", "", 0), (
            "it got further, so none of its tries counts"
        )
    finally:
        worker.kill()
        worker.wait()
