"""JSON and pages of the planning desk: who may, every fault at once, kept scenarios, comparison, the ranking of gates."""

from __future__ import annotations

import json

import pytest

from web.cast import person, tree
from yike.web.journal.models import Line
from yike.web.queue import run_waiting
from yike.web.scenarios.living import table_of
from yike.web.scenarios.models import Scenario
from yike.web.scenarios.trying import worst_homes

pytestmark = pytest.mark.django_db


def post(client, path, body, method="post"):
    return getattr(client, method)(path, json.dumps(body), content_type="application/json")


def add_at(city):
    home = worst_homes(table_of(city), "", city.root)[0]
    return {"verb": "add", "types": ["repair"], "lon": home["lon"], "lat": home["lat"]}


def asking_and_keeping(client, city):
    add = {**add_at(city), "yuan": 30000}
    answer = post(client, "/api/scenarios/try", {"changes": [add], "kind": "repair", "point": [add["lon"], add["lat"]]})
    told = answer.json()
    assert answer.status_code == 200 and told["total"]["people_types_gained"] > 0 and told["dial"]["met_after"] > 0
    assert told["total"]["yuan"] == 30000 and told["total"]["yuan_per_person_type"] > 0
    assert not Scenario.objects.exists(), "trying writes nothing"
    made = post(client, "/api/scenarios", {"name": " 一个修理点 ", "changes": [add, {**add, "on": False}]})
    assert made.status_code == 201, made.content
    one = Scenario.objects.get()
    assert (one.name, len(one.changes), one.study) == ("一个修理点", 2, told["study"]) and "homes" not in one.effect
    assert one.effect["total"] == told["total"]
    assert client.get(f"/api/scenarios/{one.pk}").json()["name"] == "一个修理点"
    assert post(client, f"/api/scenarios/{one.pk}", {"name": "另一个名字"}, "patch").json()["name"] == "另一个名字"
    assert post(client, f"/api/scenarios/{one.pk}", {"changes": [add]}, "put").json()["changes"] == [
        {**add, "on": True}
    ]
    assert [each["id"] for each in client.get("/api/scenarios").json()] == [one.pk]
    assert (
        post(client, "/api/scenarios", {"name": "", "changes": []}).json()["faults"][0]["code"] == "scenarios.name_bad"
    )
    assert post(client, "/api/scenarios", {"name": "x" * 81, "changes": []}).status_code == 422
    one.refresh_from_db()
    return one


def faults_at_once(client):
    bad = post(
        client,
        "/api/scenarios/try",
        {"changes": [{"verb": "close", "outlet": "no"}, {"verb": "walker", "who": "ghost"}]},
    )
    assert bad.status_code == 422
    assert {each["code"] for each in bad.json()["faults"]} == {"scenarios.outlet_unknown", "scenarios.walker_unknown"}
    huge = '{"changes": [{"verb": "add", "types": ["repair"], "lon": 1e400, "lat": ' + "9" * 400 + "}]}"
    assert client.post("/api/scenarios/try", huge, content_type="application/json").status_code == 422
    assert post(client, "/api/scenarios/try", {"city": "nowhere"}).status_code == 404
    assert post(client, "/api/scenarios/try", {"area": "999"}).status_code == 404
    assert client.get("/api/scenarios/homes?kind=repair&bbox=1,2,3").status_code == 422
    assert (
        client.get("/api/scenarios/homes?kind=none&bbox=1,2,3,4").json()["faults"][0]["code"]
        == "scenarios.type_unknown"
    )
    assert client.get("/api/scenarios/999999").status_code == 404


def gates_by_the_queue(client, city):
    plain = client.get("/api/scenarios/gates").json()
    assert plain["gates"] and not plain["ranked"] and {each["kind"] for each in plain["gates"]} <= {"door", "compound"}
    job = post(client, "/api/scenarios/gates/rank", {}).json()
    assert post(client, "/api/scenarios/gates/rank", {}).json()["id"] == job["id"], "one ranking at a time"
    assert client.get("/api/scenarios/gates").json()["job"]["id"] == job["id"]
    run_waiting()
    ranked = client.get("/api/scenarios/gates").json()
    minutes = [each["minutes"] for each in ranked["gates"]]
    assert ranked["ranked"] and ranked["current"] and minutes == sorted(minutes, reverse=True) and minutes[0] > 0
    best = ranked["gates"][0]
    told = post(
        client, "/api/scenarios/try", {"changes": [{"verb": "gate", **{k: best[k] for k in ("kind", "lon", "lat")}}]}
    ).json()
    assert told["total"]["minutes_saved"] == pytest.approx(best["minutes"], abs=1)


def pages(client, city, one):
    community = city.areas.filter(level="community", people__gt=0).first()
    page = client.get(f"/desk/plan/?area={community.code}").content.decode()
    assert community.name in page and '"worst"' in page and "演示数据" in page
    assert one.name in client.get(f"/desk/plan/{one.pk}/").content.decode()
    other = Scenario.objects.create(
        city=city, area=city.root, name="关一家", changes=[{"verb": "close", "outlet": "gone"}]
    )
    shown = client.get(f"/desk/plan/compare/?ids={other.pk},{one.pk},{one.pk},x").content.decode()
    assert shown.index("关一家") < shown.index(one.name) and "受益人数" in shown and "不在营业状态" in shown
    sheet = client.get(f"/desk/plan/compare/?ids={one.pk}&format=csv")
    assert sheet["Content-Type"].startswith("text/csv") and one.name in sheet.content.decode()
    assert "演示数据" in sheet.content.decode() and one.study[:8] in sheet.content.decode()
    assert "没有选中方案" in client.get("/desk/plan/compare/").content.decode()
    assert client.get("/desk/plan/999999/").status_code == 404
    other.delete()


def test_a_planner_asks_keeps_ranks_and_compares(demo_city, client):
    client.force_login(person("city_planner", demo_city.root))
    one = asking_and_keeping(client, demo_city)
    faults_at_once(client)
    gates_by_the_queue(client, demo_city)
    pages(client, demo_city, one)
    assert client.delete(f"/api/scenarios/{one.pk}").status_code == 200 and not Scenario.objects.exists()
    done = list(Line.objects.filter(verb__startswith="scenarios.").order_by("id").values_list("verb", flat=True))
    assert done == [
        "scenarios.save",
        "scenarios.rename",
        "scenarios.change",
        "scenarios.rank_gates",
        "scenarios.rank_gates",
        "scenarios.drop",
    ]


def test_who_may(demo_city, client):
    street = demo_city.areas.filter(level="street").first()
    community, elsewhere = demo_city.areas.filter(parent=street).first(), demo_city.areas.filter(level="county").last()
    assert post(client, "/api/scenarios/try", {}).status_code == 401
    assert client.get("/desk/plan/").status_code == 302
    client.force_login(person())
    for path in ("/api/scenarios/gates", "/api/scenarios/homes?kind=repair&bbox=1,2,3,4"):
        assert client.get(path).status_code == 403
    assert post(client, "/api/scenarios/try", {}).status_code == 403 and client.get("/desk/plan/").status_code == 403
    client.force_login(person("community_worker", community))
    assert post(client, "/api/scenarios/try", {"area": community.code}).status_code == 200
    assert post(client, "/api/scenarios", {"area": community.code, "name": "x", "changes": []}).status_code == 403
    client.force_login(person("street_officer", street))
    assert post(client, "/api/scenarios", {"area": community.code, "name": "社区的", "changes": []}).status_code == 201
    if elsewhere.path not in street.path:
        assert (
            post(client, "/api/scenarios", {"area": elsewhere.code, "name": "别处的", "changes": []}).status_code == 403
        )
    one = Scenario.objects.get()
    client.force_login(person("auditor", demo_city.root))
    assert client.get(f"/api/scenarios/{one.pk}").status_code == 200
    assert client.delete(f"/api/scenarios/{one.pk}").status_code == 403 and Scenario.objects.exists()


def test_a_city_without_a_study_says_what_to_do(client):
    areas = tree()
    client.force_login(person("city_planner", areas["city"]))
    page = client.get("/desk/plan/").content.decode()
    assert "还没有测算" in page and "/desk/studies/" in page
    assert post(client, "/api/scenarios/try", {"city": "drawn"}).status_code == 404
