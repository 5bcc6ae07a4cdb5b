"""Pages and JSON of jobs and studies: who sees what, what a planner starts, compares, adopts, drops."""

from __future__ import annotations

import shutil

import pytest

from web.cast import person, tree
from yike.study import Study
from yike.web.journal.models import Line
from yike.web.outlets.models import Outlet
from yike.web.queue import HANDLERS, handler, put, run_waiting
from yike.web.studies.models import Figure, StudyRun
from yike.web.studies.place import study_folder

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas():
    @handler("test.add")
    def add(job):
        job.log("加一")
        return {"sum": 1, "link": "/desk/"}

    yield tree()
    HANDLERS.pop("test.add")


def test_a_job_is_seen_and_cancelled_by_its_owner_and_its_tree(client, areas):
    city = areas["city"].city
    worker, other = person("community_worker", areas["c1s1a"]), person("street_officer", areas["c2s1"])
    mine = put("test.add", city, title="我的任务", payload={}, area=areas["c1s1a"], person=worker)
    client.force_login(worker)
    assert "我的任务" in client.get("/desk/jobs/").content.decode()
    assert client.get(f"/api/jobs/{mine.pk}").json()["state"] == "waiting"
    client.force_login(other)
    assert "我的任务" not in client.get("/desk/jobs/").content.decode()
    assert (
        client.get(f"/desk/jobs/{mine.pk}/").status_code == client.get(f"/desk/jobs/{mine.pk}/part/").status_code == 404
    )
    assert (
        client.get(f"/api/jobs/{mine.pk}").status_code == client.post(f"/api/jobs/{mine.pk}/cancel").status_code == 404
    )
    client.force_login(person("auditor", areas["city"]))
    assert client.get(f"/desk/jobs/{mine.pk}/").status_code == 200
    assert client.post(f"/desk/jobs/{mine.pk}/cancel/").status_code == 403, "an auditor only looks"
    client.force_login(person("county_officer", areas["c1"]))
    assert client.post(f"/desk/jobs/{mine.pk}/cancel/").status_code == 302
    mine.refresh_from_db()
    assert mine.state == "cancelled"
    assert Line.objects.filter(verb="queue.cancel", record=str(mine.pk)).count() == 1
    assert client.post(f"/api/jobs/{mine.pk}/cancel").json()["faults"][0]["code"] == "queue.ended"


def test_the_moving_part_asks_for_the_whole_page_at_the_end(client, areas):
    job = put("test.add", areas["city"].city, title="任务", payload={})
    client.force_login(person("city_planner", areas["city"]))
    page = client.get(f"/desk/jobs/{job.pk}/").content.decode()
    assert f'hx-get="/desk/jobs/{job.pk}/part/"' in page and "style=" not in page
    part = client.get(f"/desk/jobs/{job.pk}/part/")
    assert part.status_code == 200 and "排队中" in part.content.decode()
    run_waiting()
    part = client.get(f"/desk/jobs/{job.pk}/part/")
    assert part.headers["HX-Refresh"] == "true" and part.content == b""
    page = client.get(f"/desk/jobs/{job.pk}/").content.decode()
    assert "加一" in page and 'href="/desk/"' in page and "已完成" in page


def test_a_link_that_is_not_ours_is_not_shown(client, areas):
    job = put("test.add", areas["city"].city, title="任务", payload={"link": "//elsewhere.example/"})
    client.force_login(person("city_planner", areas["city"]))
    assert "elsewhere" not in client.get(f"/desk/jobs/{job.pk}/").content.decode()


# --- studies ---


def form(**more):
    return {"name": "老人慢走", "standard": "jincheng", "walker": ["adult", "elder"], "outlets": "register", "hours": "one",
            "pace-elder": "40", "limit-breakfast.walk_min": "5", **more}  # fmt: skip


def figures(city):
    rows = Figure.objects.filter(city=city, area=city.root, walker="elder")
    return dict(rows.values_list("business_type", "people_met"))


@pytest.fixture
def own_city(demo_city):
    """The small city, whose study may be changed: its folder goes afterwards, other tests read it in anew."""
    yield demo_city
    shutil.rmtree(study_folder(demo_city).parent)


def test_a_planner_starts_compares_adopts_and_drops_a_study(client, own_city):
    demo_city = own_city
    planner = person("city_planner", demo_city.root)
    client.force_login(planner)
    page = client.get("/desk/studies/").content.decode()
    assert "还没有另做的测算" in page and 'placeholder="53"' in page
    bad = client.post("/desk/studies/", form(**{"name": "", "pace-elder": "fast", "limit-breakfast.walk_min": "99"}))
    text = bad.content.decode()
    assert bad.status_code == 400 and "需要名称" in text and "2 处" not in text and "fast" in text and "99" in text
    assert not StudyRun.objects.exists()
    answer = client.post("/desk/studies/", form())
    run = StudyRun.objects.get()
    assert answer.headers["Location"] == run.link and run.job.state == "waiting"
    assert "正在" not in client.get(run.link).content.decode() and "hx-get" in client.get(run.link).content.decode()
    assert client.post(f"{run.link}drop/").status_code == 302 and StudyRun.objects.exists(), "a job is under way"
    assert run_waiting() == 1
    run.refresh_from_db()
    assert (run.state, run.faults) == ("done", [])
    page = client.get(run.link + "?walker=elder").content.decode()
    assert run.digest[:12] in page and run.standard in page and "own-limits" in run.standard
    side = client.get(f"/desk/studies/compare/?run=city&run={run.key}&walker=elder").content.decode()
    assert "10 → 5" in side and "53 → 40" in side and "老人慢走" in side and run.digest[:12] in side
    before = figures(demo_city)
    assert client.post(f"{run.link}adopt/").status_code == 302
    assert run_waiting() == 1
    after = figures(demo_city)
    people = run.headline["people"]
    assert set(Figure.objects.filter(city=demo_city).values_list("study", flat=True)) == {run.digest}
    assert after["breakfast"] < before["breakfast"]
    for code, share in run.headline["walkers"]["elder"]["coverage"]["basic"].items():
        if code in after:
            assert after[code] / people == pytest.approx(share, abs=1e-9), code
    assert Line.objects.filter(verb="studies.adopt_study", record=run.key).count() == 1
    assert not list(study_folder(demo_city).parent.glob("study.*"))
    changed = run.headline["walkers"]["elder"]["coverage"]["basic"]
    for outlets in ("register", "files"):  # a study beside one that was adopted begins at the standard again
        client.post(
            "/desk/studies/",
            {"name": outlets, "standard": "jincheng", "walker": "elder", "outlets": outlets, "hours": "one"},
        )
        run_waiting()
        plain = StudyRun.objects.first()
        assert (plain.state, plain.standard) == ("done", "jincheng 2025-09-19"), plain.faults
        assert plain.headline["walkers"]["elder"]["coverage"]["basic"]["breakfast"] > changed["breakfast"]
    folder = run.folder
    assert client.get(run.link + "?ask=drop").content.decode().count("不能恢复") == 1
    client.post(f"{run.link}drop/")
    assert not StudyRun.objects.filter(key=run.key).exists()
    assert folder.is_dir(), "the files go when the transaction is over, which a test's never is"


def test_a_study_of_the_register_measures_the_register_as_it_is(client, demo_city):
    """The same figures as the city's own study while nothing has changed; one outlet less when one has closed."""
    base = Study.open(study_folder(demo_city)).headline()
    client.force_login(person("city_planner", demo_city.root))
    plain = {
        "name": "登记",
        "standard": "jincheng",
        "walker": ["adult", "elder"],
        "outlets": "register",
        "hours": "all",
    }
    client.post("/desk/studies/", plain)
    run_waiting()
    first = StudyRun.objects.get()
    assert first.state == "done", first.faults
    assert first.headline["walkers"] == base["walkers"] and first.headline["hours"] == base["hours"]
    assert first.headline["types_unseen"] == base["types_unseen"] and first.standard == "jincheng 2025-09-19"
    gone = demo_city.outlets.filter(state="open", functions__code="breakfast").first()
    Outlet.objects.filter(pk=gone.pk).update(state="closed")
    client.post("/desk/studies/", {**plain, "name": "少一家"})
    client.post("/desk/studies/", {**plain, "name": "原来的文件", "outlets": "files"})
    assert run_waiting() == 2
    files, less = StudyRun.objects.exclude(pk=first.pk)
    assert less.headline["outlets_open"] == base["outlets_open"] - 1
    assert files.headline["walkers"] == base["walkers"] and files.headline["outlets_open"] == base["outlets_open"]
    taken = [line.text for line in less.job.lines.all() if "沿用" in line.text]
    assert len(taken) >= 4, "ground, areas, residents and network are the city's own"


def test_a_study_is_shown_to_staff_and_started_by_planners_only(client, demo_city):
    run = StudyRun.objects.create(
        city=demo_city, key="abc", name="别的", settings={"standard": "jincheng", "walkers": ["adult"]}
    )
    for role in ("street_officer", "auditor"):
        client.force_login(person(role, demo_city.areas.filter(level="street").first()))
        assert "别的" in client.get("/desk/studies/").content.decode()
        assert client.get(run.link).status_code == 200
        assert client.post("/desk/studies/", form()).status_code == 403
        assert client.post(f"{run.link}adopt/").status_code == 403
    client.force_login(person("merchant", demo_city.root))
    assert client.get("/desk/studies/").status_code == client.get(run.link).status_code == 403
    client.force_login(person())
    assert client.get(run.link).status_code == 403


def test_sheets_and_the_offline_page_are_drawn_and_sent(client, demo_city):
    client.force_login(person("city_planner", demo_city.root))
    client.post("/desk/studies/", form(walker=["adult"], name="出图"))
    run_waiting()
    run = StudyRun.objects.get()
    client.post(f"{run.link}draw/")
    assert run_waiting() == 1
    names = [each.name for each in run.files]
    assert "map.html" in names and any(name.startswith("overview") for name in names)
    page = client.get(run.link).content.decode()
    assert all(f"{run.link}files/{name}" in page for name in names)
    sent = client.get(f"{run.link}files/map.html")
    assert "attachment" in sent.headers["Content-Disposition"] and b"".join(sent.streaming_content).startswith(
        b"<!doctype html>"
    )
    assert client.get(f"{run.link}files/study.toml").status_code == 404
