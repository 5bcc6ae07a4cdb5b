"""Proposals over the small demonstration city: solved by the job, locked and forbidden, accepted once, seen by who may."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from web.cast import person
from yike.errors import YikeError
from yike.web.journal.models import Line
from yike.web.proposals import actions
from yike.web.proposals.actions import Again
from yike.web.proposals.ground import ground_of
from yike.web.proposals.models import Proposal
from yike.web.proposals.settings import merged
from yike.web.proposals.telling import curve, proof
from yike.web.queue import run_waiting
from yike.web.spaces.models import Space
from yike.web.studies.figures import watched
from yike.web.studies.stock import counting_for

pytestmark = pytest.mark.django_db
BUDGET = 1_000_000.0


@pytest.fixture
def planner(demo_city):
    return person("city_planner", demo_city.root)


def solved(city, who, **settings):
    made = actions.solve(actions.deed_in(who, city.root), city, "", {"budget_yuan": BUDGET, **settings})
    assert made.state == "solving" and made.job.state == "waiting"
    run_waiting()
    made.refresh_from_db()
    return made


@pytest.fixture
def proposal(demo_city, planner):
    return solved(demo_city, planner)


def test_an_answer_keeps_its_budget_and_proves_itself(demo_city, proposal):
    answer, sites = proposal.answer, list(proposal.sites.all())
    assert proposal.state == "solved" and sites
    assert float(sum(site.cost_yuan for site in sites)) == pytest.approx(answer["spent_yuan"], abs=0.01 * len(sites))
    assert answer["spent_yuan"] <= BUDGET
    assert 0 < answer["objective"] <= answer["bound"] * (1 + 1e-9)
    assert 0 <= answer["gap"] <= 0.01
    assert answer["objective"] >= answer["alone"]["people_types"]
    assert proposal.study and proposal.standard
    assert "0." in proof(proposal) or proposal.answer["status"] == "optimal"


def test_what_is_gained_equals_the_register_with_the_sites_opened(demo_city, proposal):
    """A second opinion: the sites are opened in a scenario over the living city, and people within the minutes are counted."""
    from yike.access.whatif import AddOutlet, Scenario

    watch = next(iter(watched(demo_city).walkers.values()))
    scenario = Scenario(watch.scenario.base)
    before, codes = scenario.people_met(), list(watch.scenario.base.supply.types)
    for site in proposal.sites.select_related("space"):
        spot = watch.ground.standing.place([site.space.lon], [site.space.lat])
        scenario.apply(AddOutlet(spot, counting_for((site.business_type,), watch.catalogue)))
    gained = dict(zip(codes, scenario.people_met() - before, strict=True))
    for row in proposal.answer["by_type"]:
        won = row["met_after"] - row["met_before"]
        if row["sites"] and not proposal.settings["capacity"]:
            assert won == pytest.approx(gained[row["business_type"]]), row
        else:  # an outlet's capacity may leave some of them out, never more
            assert won <= gained[row["business_type"]] + 1e-6, row


def test_without_capacity_the_gain_is_exactly_the_register_s(demo_city, planner):
    proposal = solved(demo_city, planner, capacity=False, viable=False)
    test_what_is_gained_equals_the_register_with_the_sites_opened(demo_city, proposal)
    assert sum(row["met_after"] - row["met_before"] for row in proposal.answer["by_type"]) == pytest.approx(
        proposal.answer["objective"]
    )


def test_solving_again_keeps_what_is_locked_and_leaves_what_is_forbidden(demo_city, planner, proposal):
    first, *rest = [(site.space.key, site.business_type) for site in proposal.sites.select_related("space")]
    made = actions.solve_again(planner, proposal, Again(lock=(first,), forbid=(rest[0],)))
    run_waiting()
    made.refresh_from_db()
    pairs = {(site.space.key, site.business_type): site for site in made.sites.select_related("space")}
    assert made.before == proposal and made.state == "solved"
    assert first in pairs and pairs[first].locked
    assert rest[0] not in pairs
    assert made.answer["objective"] <= proposal.answer["bound"] * (1 + 1e-9)
    proposal.refresh_from_db()
    assert proposal.state == "solved" and proposal.sites.count() == len(rest) + 1  # the one before stays


def test_locking_allows_and_forbidding_unlocks():
    old = {"locked": [["a", "x"], ["b", "y"]], "forbidden": [["c", "z"]], "budget_yuan": 1.0}
    made = merged(old, Again(lock=(("c", "z"),), forbid=(("b", ""),), settings={"budget_yuan": 2.0}))
    assert made == {"locked": [["a", "x"], ["c", "z"]], "forbidden": [["b", ""]], "budget_yuan": 2.0}


def test_accepting_takes_the_spaces_once(demo_city, planner, proposal):
    other = solved(demo_city, planner)
    keys = actions.accept(actions.deed_on(planner, proposal))
    spaces = {site.space_id for site in proposal.sites.all()}
    assert len(keys) == proposal.sites.count() > 0
    assert set(Space.objects.filter(pk__in=spaces).values_list("state", flat=True)) == {"reserved"}
    with pytest.raises(YikeError) as refused:
        actions.accept(actions.deed_on(planner, other))
    assert refused.value.code == "proposals.spaces_taken"
    with pytest.raises(YikeError, match=r"proposals\.state"):
        actions.accept(actions.deed_on(planner, proposal))
    assert Line.objects.filter(verb="proposals.accept").count() == 1
    again = solved(demo_city, planner)  # what is taken is no candidate any more
    assert not spaces & set(again.sites.values_list("space_id", flat=True))


def test_the_impossible_says_which_conditions_conflict(demo_city, planner, proposal, client):
    dear = proposal.sites.order_by("-cost_yuan").first()
    made = solved(demo_city, planner, budget_yuan=1.0, locked=[[dear.space.key, dear.business_type]])
    assert made.state == "infeasible" and not made.sites.exists()
    conflict = made.answer["conflicts"][0]
    assert conflict["relax"]["value"] == pytest.approx(float(dear.cost_yuan), rel=0.01)
    client.force_login(planner)
    page = client.get(f"/desk/proposals/{made.pk}/").content.decode()
    assert conflict["zh"] in page and conflict["relax"]["zh"] in page


def test_settings_are_refused_with_all_their_faults(demo_city, planner):
    with pytest.raises(YikeError) as refused:
        actions.solve(
            actions.deed_in(planner, demo_city.root), demo_city, "", {"budget_yuan": -1, "types": ["nothing"], "x": 1}
        )
    assert len(refused.value.faults) >= 2
    assert not Proposal.objects.exists()
    with pytest.raises(YikeError, match=r"proposals\.space_unknown"):
        actions.solve(actions.deed_in(planner, demo_city.root), demo_city, "", {"locked": [["nowhere", "repair"]]})


def test_who_may_not_sees_nothing(demo_city, proposal, client):
    county = demo_city.areas.filter(level="county").first()
    officer = person("county_officer", county)
    client.force_login(officer)
    for path in (f"/desk/proposals/{proposal.pk}/", f"/desk/proposals/{proposal.pk}/sites.csv"):
        assert client.get(path).status_code == 404, path
    assert client.get(f"/api/proposals/{proposal.pk}").status_code == 404
    with pytest.raises(PermissionDenied):
        actions.accept(actions.deed_on(officer, proposal))
    worker = person("community_worker", demo_city.areas.filter(level="community").first())
    with pytest.raises(PermissionDenied):
        actions.solve(actions.deed_in(worker, worker.grants.first().area), demo_city, "", {"budget_yuan": 1.0})
    assert Client().get(f"/desk/proposals/{proposal.pk}/").status_code == 302


def test_pages_and_files(demo_city, planner, proposal, client):
    client.force_login(planner)
    page = client.get(f"/desk/proposals/{proposal.pk}/").content.decode()
    assert proof(proposal) in page and proposal.study[:12] in page and "演示数据" in page
    assert "<polyline" in page
    assert client.get("/desk/proposals/").content.decode().count(f"/desk/proposals/{proposal.pk}/") == 1
    rows = client.get(f"/desk/proposals/{proposal.pk}/sites.csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == proposal.sites.count() + 1 and "演示数据" in rows[1]
    made = client.post("/desk/proposals/", {"budget": "50", "area": demo_city.root.code, "least": "x", "years": "y"})
    assert made.status_code == 200 and made.content.decode().count("least: x") == 1  # both faults, nothing begun
    assert client.post("/desk/proposals/", {"budget": "50", "area": demo_city.root.code}).status_code == 302
    assert Proposal.objects.first().settings["budget_yuan"] == 500_000


def test_the_curve_rises_and_ends_at_the_axes(proposal):
    drawn = curve(proposal.answer)
    points = [tuple(map(float, pair.split(","))) for pair in drawn["line"].split()]
    assert points == sorted(points) and all(a[1] >= b[1] for a, b in pairwise(points))
    assert drawn["elbow"] and drawn["left"] <= drawn["elbow"]["x"] <= drawn["right"]


def test_json(demo_city, planner, client):
    client.force_login(planner)

    def post(path, told):
        return client.post(path, json.dumps(told), content_type="application/json")

    begun = post("/api/proposals", {"city": demo_city.slug, "settings": {"budget_yuan": BUDGET}})
    assert begun.status_code == 202
    pk = begun.json()["id"]
    assert client.get(f"/api/proposals/{pk}").json()["state"] == "solving"
    run_waiting()
    told = client.get(f"/api/proposals/{pk}").json()
    assert told["state"] == "solved" and told["made_up"] and told["sites"][0]["yuan_per_person"] > 0
    pair = [told["sites"][0]["space"], told["sites"][0]["business_type"]]
    assert post(f"/api/proposals/{pk}/again", {"lock": [pair]}).status_code == 202
    assert post(f"/api/proposals/{pk}/accept", {}).json()["projects"]
    assert post(f"/api/proposals/{pk}/accept", {}).status_code == 409
    assert post("/api/proposals", {"city": demo_city.slug, "settings": {"budget_yuan": "much"}}).status_code == 422
    assert post("/api/proposals", {"city": "nowhere"}).status_code == 404


def test_the_matchmaker_both_ways(demo_city, planner, proposal, client):
    client.force_login(planner)
    site = proposal.sites.select_related("space").first()
    page = client.get(f"/desk/proposals/match/?space={site.space.key}").content.decode()
    assert f"type={site.business_type}" in page
    page = client.get(f"/desk/proposals/match/?type={site.business_type}").content.decode()
    assert f"space={site.space.key}" in page
    assert "请选择空间" in client.get("/desk/proposals/match/?space=nothing").content.decode()


def test_the_ground_is_kept_until_spaces_or_register_change(demo_city):
    first = ground_of(demo_city)
    assert ground_of(demo_city) is first
    space = Space.objects.filter(city=demo_city).first()
    space.state = "withdrawn"
    space.save()
    assert ground_of(demo_city) is not first


def test_a_cancelled_job_leaves_nothing_waiting(demo_city, planner):
    from yike.web.queue import stop

    made = actions.solve(actions.deed_in(planner, demo_city.root), demo_city, "", {"budget_yuan": BUDGET})
    stop(made.job)
    run_waiting()
    made.refresh_from_db()
    assert made.state == "failed"
