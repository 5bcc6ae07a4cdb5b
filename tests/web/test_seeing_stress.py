"""The stress page: its numbers are those of closing the same things for good."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from web.cast import person
from yike.access.walk import Supply, walk_times
from yike.study.stress import load_needs
from yike.web.areas.models import Area
from yike.web.outlets import actions
from yike.web.outlets.deeds import deed_on
from yike.web.outlets.models import Outlet
from yike.web.seeing.now import seen
from yike.web.seeing.part import part_of
from yike.web.seeing.places import of_area

pytestmark = pytest.mark.django_db


def has(now):
    """Whether each home has each need in time (R, N), by walks to each type of it."""
    found = []
    for need in load_needs():
        supply = Supply.of(now.at, now.stock.types, need.types, now.stock.counts)
        times = walk_times(now.ground.routes, now.homes, supply).seconds
        found.append((times <= need.limit_ms / 1000).any(axis=1))
    return np.stack(found, axis=1)


@pytest.fixture
def planner(demo_city, client):
    someone = person("city_planner", demo_city.root)
    client.force_login(someone)
    return someone


def test_closing_outlets_for_good_leaves_what_was_told(demo_city, client, planner, django_capture_on_commit_callbacks):
    root = demo_city.root
    answer = client.get(f"/api/seeing/{root.code}/stress?way=top&number=12").json()
    keys = [each["key"] for each in answer["closed"]]
    assert len(keys) == 12
    before = has(seen(demo_city))
    classes = np.frombuffer(client.get(f"/api/seeing/{root.code}/stress/values?way=top&number=12").content, "<u2")
    for key in keys:
        with django_capture_on_commit_callbacks(execute=True):
            actions.close(deed_on(planner, Outlet.objects.get(key=key)), "关门")
    now = seen(demo_city)
    after = has(now)
    lost = before & ~after
    assert answer["whole"]["lost"]["food"] == pytest.approx(float(now.weight @ lost[:, 0]))
    assert answer["whole"]["lost"]["medicine"] == pytest.approx(float(now.weight @ lost[:, 1]))
    assert answer["whole"]["lost_any"] == pytest.approx(float(now.weight @ lost.any(axis=1)))
    assert sum(row["lost_any"] for row in answer["parts"]) == pytest.approx(answer["whole"]["lost_any"])
    order = part_of(now, of_area(root)).rows
    home = now.watched.people.residents.frame["community"].to_numpy()
    for row in answer["communities"]:
        assert row["lost_any"] == pytest.approx(float((now.weight * lost.any(axis=1))[home == row["code"]].sum()))
    assert sum(row["lost_any"] for row in answer["communities"]) == pytest.approx(answer["whole"]["lost_any"])
    assert ((classes == 2) == lost.any(axis=1)[order]).all()
    assert ((classes == 0) == (before & after).all(axis=1)[order]).all()


def test_the_worst_single_closure_is_told_first(demo_city, client, planner):
    root = demo_city.root
    page = client.get(f"/desk/stress/?area={root.code}")
    singles = page.context["singles"]
    assert singles and singles[0]["people"] > 0
    for each in singles[:3]:
        told = client.get(f"/api/seeing/{root.code}/stress?way=list&outlets={each['key']}").json()
        assert told["whole"]["lost_any"] == pytest.approx(each["people"])
        assert [one["key"] for one in told["closed"]] == [each["key"]]


def test_a_road_and_a_line(demo_city, client, planner):
    root = demo_city.root
    page = client.get(f"/desk/stress/?area={root.code}")
    road = page.context["roads"][0]
    shown = client.get("/desk/stress/", {"area": root.code, "way": "road", "road": road})
    assert f"封闭{road}" in shown.context["told"]
    whole = shown.context["result"]["whole"]
    assert 0 < whole["cut_off"] <= whole["lost_any"]
    line = f"{demo_city.west},{demo_city.lat};{demo_city.east},{demo_city.lat}"
    cut = client.get("/desk/stress/", {"area": root.code, "way": "line", "line": line})
    assert "截断" in cut.context["told"] and cut.context["map_data"]["done"]
    text = client.get("/desk/stress/export.csv", {"area": root.code, "way": "road", "road": road}).content.decode(
        "utf-8-sig"
    )
    head, first, *_ = csv.reader(io.StringIO(text))
    assert first[0] == root.code and float(first[head.index("失去任一项")]) == round(whole["lost_any"])


@pytest.mark.parametrize(
    "query",
    ["way=road&road=没有这条路", "way=line&line=1,2", "way=line&line=x,y;1,2", "way=line&line=0,0;0.1,0.1", "way=list&outlets=",
     "way=list&outlets=nobody", "way=line&line=nan,1;2,3", "way=line&line=500,1;2,3"],
)  # fmt: skip
def test_what_cannot_be_closed_is_said(demo_city, client, planner, query):
    root = demo_city.root
    page = client.get(f"/desk/stress/?area={root.code}&{query}")
    assert page.status_code == 200 and "told" not in page.context and 'class="message error"' in page.content.decode()
    assert client.get(f"/api/seeing/{root.code}/stress?{query}").status_code == 422
    assert client.get(f"/desk/stress/export.csv?area={root.code}&{query}").status_code == 404


def test_an_area_counts_its_own_people_only(demo_city, client):
    street = Area.objects.filter(city=demo_city, level="street", people__gt=100).first()
    client.force_login(person("street_officer", street))
    told = client.get("/desk/stress/?way=top&number=3")
    assert told.context["place"].code == street.code
    assert told.context["result"]["whole"]["people"] == pytest.approx(
        part_of(seen(demo_city), of_area(street)).people[0]
    )
    assert {row["code"] for row in told.context["result"]["rows"]} <= {each.code for each in street.children.all()}
