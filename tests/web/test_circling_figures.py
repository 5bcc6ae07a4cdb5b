"""Figures of circles against the original and the current boundary, followed live; proposals made by the queue; pages."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from web import town
from web.cast import person
from yike.study import store
from yike.web.accounts.deeds import Deed
from yike.web.areas.models import Area
from yike.web.circles.models import Circle, CircleVersion
from yike.web.circling import actions
from yike.web.circling.models import CommunityFact, Programme, Shed
from yike.web.circling.profile import profile_of
from yike.web.circling.proposing import Asked, shed_of
from yike.web.outlets import actions as register
from yike.web.outlets.models import Outlet
from yike.web.queue import run_waiting
from yike.web.queue.models import Job
from yike.web.studies.figures import TEN_FIFTEEN, watched
from yike.web.studies.live import live
from yike.web.studies.models import CircleFigure, SupplyChange

pytestmark = pytest.mark.django_db


def told(circle: Circle, version: str) -> dict[tuple[str, str], tuple[float, float]]:
    rows = CircleFigure.objects.filter(circle=circle, version=version)
    return {(each.requirement, each.walker): (each.people, each.people_met) for each in rows}


def recounted(city, codes: list[str]) -> dict[tuple[str, str], tuple[float, float]]:
    """The figures of some communities counted home by home, without the platform's groups."""
    now = watched(city)
    residents = store.residents(live(city).study)
    inside = np.isin(residents.frame["community"].to_numpy(dtype=str), codes)
    people, found = residents.people, {}
    for who, watch in now.walkers.items():
        for limit in watch.limits:
            met = watch.met(limit)
            found[limit.requirement.id, who] = float(people[inside].sum()), float(people[inside & met].sum())
        found[TEN_FIFTEEN, who] = float(people[inside].sum()), float(people[inside & watch.ten_fifteen()].sum())
    return found


def same(found: dict, wanted: dict) -> None:
    assert found.keys() == wanted.keys()
    for key, (people, met) in wanted.items():
        assert found[key] == (pytest.approx(people), pytest.approx(met)), key


def test_both_boundaries_are_told_and_both_follow_the_register(demo_city, django_capture_on_commit_callbacks):
    planner = person("city_planner", demo_city.root)
    first, second = Circle.objects.order_by("code")
    assert {each.number for each in CircleVersion.objects.all()} == {1}, "a city comes with the first version of each"
    before = sorted(first.communities.values_list("code", flat=True))
    same(told(first, "current"), recounted(demo_city, before))
    same(told(first, "original"), recounted(demo_city, before))
    gone, kept = before[0], before[1:]
    with django_capture_on_commit_callbacks(execute=True):
        actions.revise(Deed(planner, demo_city.root), first, kept, "调出一个社区")
    joined = [*second.communities.values_list("code", flat=True), gone]
    with django_capture_on_commit_callbacks(execute=True):
        actions.revise(Deed(planner, demo_city.root), second, joined, "并入")
    same(told(first, "current"), recounted(demo_city, kept))
    same(told(first, "original"), recounted(demo_city, before))
    same(told(second, "current"), recounted(demo_city, joined))
    assert told(first, "current") != told(first, "original")
    outlet = Outlet.objects.filter(state="open", area__code=gone).order_by("-users").first()
    with django_capture_on_commit_callbacks(execute=True):
        register.close(Deed(planner, outlet.area, "outlets.outlet", outlet.key), "搬走了")
    assert CircleFigure.objects.filter(through__gt=0).exists()
    same(told(first, "current"), recounted(demo_city, kept))
    same(told(first, "original"), recounted(demo_city, before))
    same(told(second, "current"), recounted(demo_city, joined))
    medians = CircleFigure.objects.filter(circle=first, version="original").exclude(median_s=None)
    assert medians.exists()


def test_a_dissolved_circle_has_no_figures_and_a_new_one_has_both(demo_city, django_capture_on_commit_callbacks):
    planner = person("city_planner", demo_city.root)
    first = Circle.objects.order_by("code").first()
    codes = sorted(first.communities.values_list("code", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        actions.dissolve(Deed(planner, demo_city.root), first, "重划")
    assert not CircleFigure.objects.filter(circle=first).exists()
    with django_capture_on_commit_callbacks(execute=True):
        made = actions.draw(Deed(planner, demo_city.root), demo_city, "新圈", "basic", codes[:2])
    same(told(made, "current"), recounted(demo_city, codes[:2]))
    assert told(made, "original") == told(made, "current")


def test_a_process_that_opened_the_city_before_sees_the_new_boundary(demo_city, django_capture_on_commit_callbacks):
    """Another process drew: this one's groups are of old; the next change of the register finds the new ones."""
    planner = person("city_planner", demo_city.root)
    first = Circle.objects.order_by("code").first()
    now = watched(demo_city)
    stamp, people = now.stamp, now.people
    kept = sorted(first.communities.values_list("code", flat=True))[1:]
    with django_capture_on_commit_callbacks(execute=True):
        actions.revise(Deed(planner, demo_city.root), first, kept)
    now.stamp, now.people = stamp, people  # as it was before
    for watch in now.walkers.values():
        watch.people = people
    outlet = Outlet.objects.filter(state="open", area__code=kept[0]).order_by("-users").first()
    with django_capture_on_commit_callbacks(execute=True):
        register.close(Deed(planner, outlet.area, "outlets.outlet", outlet.key), "搬走了")
    same(told(first, "current"), recounted(demo_city, kept))


def test_a_new_circle_is_told_with_changes_that_another_process_followed(demo_city, django_capture_on_commit_callbacks):
    planner = person("city_planner", demo_city.root)
    first = Circle.objects.order_by("code").first()
    codes = sorted(first.communities.values_list("code", flat=True))
    watched(demo_city)
    outlet = Outlet.objects.filter(state="open", area__code=codes[0]).order_by("-users").first()
    Outlet.objects.filter(pk=outlet.pk).update(state="closed")
    change = SupplyChange.objects.create(city=demo_city, outlet=outlet.key, counts=False, types=[], lon=outlet.lon,
                                         lat=outlet.lat, told=True)  # fmt: skip
    with django_capture_on_commit_callbacks(execute=True):
        actions.revise(Deed(planner, demo_city.root), first, codes[:-1])
    assert set(CircleFigure.objects.filter(circle=first, version="current").values_list("through", flat=True)) == {
        change.pk
    }
    fresh = told(first, "current")
    town.forget()  # a process that opens the city now reckons everything from the register
    same(fresh, recounted(demo_city, codes[:-1]))


def test_the_demonstration_city_comes_with_facts_and_programmes(demo_city):
    with (town.folder() / "community_facts.csv").open(encoding="utf-8-sig") as file:
        rows = {row["社区代码"]: row for row in csv.DictReader(file)}
    assert CommunityFact.objects.count() == len(rows)
    assert CommunityFact.objects.filter(made_up=True).count() == len(rows)
    assert Programme.objects.exists()
    circle = Circle.objects.order_by("code").first()
    codes = list(circle.communities.values_list("code", flat=True))
    profile = profile_of(circle)
    assert profile.made_up
    assert profile.facts["households"].value == sum(float(rows[code]["户数"]) for code in codes)
    assert profile.facts["people_60"].value == sum(float(rows[code]["60岁以上人数"]) for code in codes)
    residents = store.residents(live(demo_city).study).frame
    assert profile.facts["people"].value == residents.loc[residents["community"].isin(codes), "people"].sum()
    assert profile.study == live(demo_city).digest
    shares = {(each["requirement"], each["walker"]): each["share"] for each in profile.figures}
    for key, (people, met) in told(circle, "current").items():
        assert shares[key] == pytest.approx(met / people)


def test_a_walk_shed_is_drawn_once_from_the_study(demo_city):
    circle = Circle.objects.order_by("code").first()
    found = shed_of(circle.version)
    assert found.shape["type"] in ("Polygon", "MultiPolygon")
    assert 0 < found.mean_walk_min < 30
    again = shed_of(circle.version)
    assert (again.pk, Shed.objects.count()) == (found.pk, 1)
    Shed.objects.update(study="of old", lon=0)
    assert shed_of(circle.version).lon == pytest.approx(found.lon), "another study draws it anew"


def test_circles_are_proposed_by_the_queue_and_accepted(demo_city, client, django_capture_on_commit_callbacks):
    planner = person("city_planner", demo_city.root)
    client.force_login(planner)
    answer = client.post("/desk/circles/propose/", {"city": demo_city.slug, "least": "3000", "most": "9000"})
    job = Job.objects.get(kind="circling.propose")
    assert answer["Location"] == f"/desk/circles/proposed/{job.pk}/"
    assert client.get(answer["Location"]).status_code == 200
    run_waiting()
    job.refresh_from_db()
    assert job.state == "done", job.faults
    rows = job.result["circles"]
    members = sorted(code for row in rows for code in row["communities"])
    lived = Area.objects.filter(city=demo_city, level="community", people__gt=0)
    assert members == sorted(lived.values_list("code", flat=True)), "each community in exactly one"
    page = client.get(answer["Location"]).content.decode()
    assert rows[0]["name"] in page
    assert job.result["study"][:8] in page
    picks = [str(k) for k in range(len(rows))]
    refused = client.post(answer["Location"], {"pick": picks})
    assert refused.status_code == 200
    assert "已在其他生活圈" in refused.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(answer["Location"], {"pick": picks, "taking": "1"})
    assert Circle.objects.count() == len(rows)
    for circle in Circle.objects.all():
        codes = sorted(circle.communities.values_list("code", flat=True))
        same(told(circle, "current"), recounted(demo_city, codes))


def test_a_proposal_of_what_nobody_lives_in_is_refused(demo_city):
    planner = person("city_planner", demo_city.root)
    with pytest.raises(Exception, match=r"circles\.nothing"):
        actions.propose(Deed(planner, demo_city.root), demo_city, Asked(free=True, urban=True))
    with pytest.raises(Exception, match=r"circles\.target"):
        actions.propose(Deed(planner, demo_city.root), demo_city, Asked(least=90_000))
    assert not Job.objects.exists()


def test_pages_by_role(demo_city, client):
    circle = Circle.objects.order_by("code").first()
    street = circle.communities.first().parent
    pages = ["/desk/circles/", f"/desk/circles/{circle.code}/", f"/desk/circles/{circle.code}/profile.csv",
             "/desk/circles/export.csv", "/desk/circles/tables/", "/desk/circles/communities.json",
             "/desk/circles/?sort=-share&q=圈&class=basic", "/desk/circles/?state=dissolved"]  # fmt: skip
    for path in pages:
        assert client.get(path).status_code in (302, 403), path
    client.force_login(person())
    for path in pages:
        assert client.get(path).status_code in (403, 404), path
    client.force_login(person("community_worker", street))
    for path in pages:
        assert client.get(path).status_code == 200, path
    assert client.get("/desk/circles/new/").status_code == 403
    assert client.post(f"/desk/circles/{circle.code}/dissolve/", {"why": "不该"}).status_code == 403
    client.force_login(person("city_planner", demo_city.root))
    for path in ("/desk/circles/new/", "/desk/circles/new/?how=propose", f"/desk/circles/{circle.code}/edit/"):
        assert client.get(path).status_code == 200, path
    assert client.get("/desk/circles/nothing/").status_code == 404
    page = client.get(f"/desk/circles/{circle.code}/").content.decode()
    assert "演示数据" in page
    assert live(demo_city).digest[:8] in page
    assert "style=" not in page
    answer = client.post("/desk/circles/new/", {"name": "", "grade": "basic", "community": ["1"]})
    assert answer.status_code == 200
    assert "缺少名称" in answer.content.decode()
    shapes = client.get("/desk/circles/communities.json").json()["features"]
    assert {each["properties"]["circle"] for each in shapes if "circle" in each["properties"]} == set(
        Circle.objects.values_list("code", flat=True)
    )
