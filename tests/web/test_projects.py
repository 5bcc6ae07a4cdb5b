"""The project list: grown from an accepted proposal, its verbs, what it takes along, the trace both ways, pages, sums."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import Client

from web.cast import person, tree
from web.lists_scene import STUDY, figure, lines, need, pages_built, proposal, space
from yike.web.accounts.rights import verbs
from yike.web.areas.models import Area
from yike.web.circles.models import Circle
from yike.web.journal.models import Line
from yike.web.journal.verbs import Deed
from yike.web.lists.choices import business_types, labels, table
from yike.web.lists.states import ListError, ways
from yike.web.needs.models import Need
from yike.web.projects import actions, crossing, sums
from yike.web.projects.gantt import chart
from yike.web.projects.models import KINDS, STATES, Project, ProjectGap
from yike.web.projects.offices import ROOM, lead_of, office_name, offices
from yike.web.projects.tracing import projects_for_gap, projects_for_need, projects_in_space, uncovered
from yike.web.proposals.actions import accept
from yike.web.proposals.models import Proposal
from yike.web.spaces.models import Space

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def built(settings: Any, tmp_path: Any) -> None:
    pages_built(settings, tmp_path)


@pytest.fixture
def areas() -> dict[str, Area]:
    return tree()


def accepted(areas: dict[str, Area]) -> Proposal:
    made = proposal(areas)
    planner = person("city_planner", areas["city"])
    accept(Deed(planner, made.area, "proposals.proposal", str(made.pk)))
    made.refresh_from_db()
    return made


def project_of(areas: dict[str, Area], **more: Any) -> Project:
    planner = person("city_planner", areas["city"])
    area = areas[more.pop("where", "c1s1a")]
    given = {"business_type": "breakfast", "cost_yuan": "20万", **more.pop("given", {})}
    return actions.add(actions.deed_at(planner, area), area.city, more.pop("kind", "outlet"), given, **more)


def by(areas: dict[str, Area], project: Project, role: str = "city_planner", where: str = "city") -> Any:
    return actions.deed_on(person(role, areas[where]), project)


# --- grown from a proposal ---


def test_an_accepted_proposal_becomes_one_project_a_site(areas):
    asked = [need(areas["c1s1a"], people=5), need(areas["c1s1b"]), need(areas["c1s1b"], "repair"), need(areas["c2s1a"]),
             need(areas["c1s1a"], state="declined")]  # fmt: skip
    figure(areas["c1s1a"], "breakfast", 100, 40)
    figure(areas["c1s1a"], "breakfast", 100, 90, "breakfast.metres")
    figure(areas["c1s1b"], "breakfast", 100, 100)
    circle = Circle.objects.create(city=areas["city"].city, code="Q1", name="东圈")
    circle.communities.add(areas["c1s1a"])
    made = accepted(areas)
    projects = list(Project.objects.order_by("site__order"))
    assert [each.business_type for each in projects] == ["breakfast", "repair", "breakfast"]
    first = projects[0]
    assert first.name == "11a社区早餐店（空间K1）" and first.area == areas["c1s1a"] and first.circle == circle
    assert (first.cost_yuan, first.people_gained, first.study, first.standard) == (
        Decimal("120000.50"),
        90,
        STUDY,
        "jincheng 1",
    )
    assert (first.lead, first.source, first.state, first.made_up) == ("commerce", "enterprise", "listed", True)
    assert first.starts_on and first.ends_on and first.starts_on < first.ends_on and first.starts_on.day == 1
    assert {each.key for each in first.needs.all()} == {asked[0].key, asked[1].key}
    (gap,) = first.gaps.all()
    assert (gap.area, gap.business_type, gap.people, gap.study) == (areas["c1s1a"], "breakfast", 60, STUDY)
    assert {each.key for each in projects[2].needs.all()} == {asked[1].key}, "a need may be answered twice"
    assert [Need.objects.get(key=each.key).state for each in asked] == [
        "planned",
        "planned",
        "open",
        "open",
        "declined",
    ]
    assert set(Space.objects.values_list("state", flat=True)) == {"reserved"}
    assert [line.record for line in lines("proposals.accept")] == [str(made.pk)] and not lines("projects.add")


def test_the_same_news_twice_makes_nothing_twice(areas):
    from yike.web.projects.growing import grow

    made = accepted(areas)
    before = sorted(Project.objects.values_list("key", flat=True))
    with transaction.atomic():
        again = grow(Proposal, proposal=made, deed=Deed(None, made.area))
    assert sorted(again) == before == sorted(Project.objects.values_list("key", flat=True))


def test_a_space_that_is_taken_stops_the_whole_acceptance(areas):
    made = proposal(areas)
    Space.objects.filter(key="K2").update(state="used")
    with pytest.raises(ValueError, match=r"proposals\.spaces_taken|lists\.state"):
        accept(Deed(person("city_planner", areas["city"]), made.area, "proposals.proposal", str(made.pk)))
    assert not Project.objects.exists() and Space.objects.get(key="K1").state == "free"
    made.refresh_from_db()
    assert made.state == "solved"


# --- verbs ---


def test_a_project_by_hand_is_filled_from_the_citys_paper(areas):
    city = areas["city"].city
    city.slug = "jincheng-demo"
    city.save()
    made = project_of(areas, given={"business_type": "childcare"}, space=space(areas["c1s1a"], "K1", name="旧楼"))
    assert (made.lead, made.supporting, made.source) == ("health", ["education", "civil_affairs", "commerce"], "fiscal")
    assert office_name(made.city, "health") == "市卫生健康委员会" and made.name == "11a社区幼儿托管点/托育点（旧楼）"
    assert made.cost_yuan == 200000 and Space.objects.get().state == "reserved"
    (line,) = lines("projects.add")
    assert line.record == made.key and line.change["space"] == ["", "K1"]


def test_a_gate_or_a_path_of_a_scenario_is_a_project_too(areas):
    gate = project_of(
        areas, kind="gate", given={"business_type": "", "name": "打开东门", "people_gained": "420"}, study=STUDY
    )
    assert (gate.kind, gate.lead, gate.people_gained, gate.study) == ("gate", "housing", 420.0, STUDY)
    with pytest.raises(ListError, match=r"projects\.name_needed"):
        project_of(areas, kind="path", given={"business_type": ""})
    with pytest.raises(ListError, match=r"projects\.kind_strange"):
        project_of(areas, kind="rocket")


def test_all_faults_of_a_form_are_told_at_once(areas):
    with pytest.raises(ListError) as told:
        project_of(areas, given={"business_type": "ship", "cost_yuan": "-1", "source": "lottery", "lead": "nasa",
                                 "supporting": ["nasa"], "starts_on": "2027-05-01", "ends_on": "2027-04-01"})  # fmt: skip
    assert {each.code for each in told.value.faults} == {
        "projects.type_strange", "lists.yuan_bad", "projects.source_strange", "projects.office_strange", "projects.days_turned",
    }  # fmt: skip
    assert not Project.objects.exists()


@pytest.mark.parametrize(("role", "where", "may"), [
    ("county_officer", "c1", True), ("county_officer", "c2", False), ("street_officer", "c1s1", False),
    ("community_worker", "c1s1a", False), ("auditor", "city", False), ("reviewer", "city", False),
])  # fmt: skip
def test_who_may_list_and_drop_a_project(areas, role, where, may):
    who, made = person(role, areas[where]), project_of(areas)
    acts = (
        lambda: actions.add(actions.deed_at(who, areas["c1s1a"]), made.city, "outlet", {"business_type": "repair"}),
        lambda: actions.drop(actions.deed_on(who, made), "不建了"),
    )
    for act in acts:
        if may:
            act()
        else:
            with pytest.raises(PermissionDenied):
                act()


def test_works_take_space_and_needs_along(areas):
    one, there = need(areas["c1s1a"]), space(areas["c1s1a"])
    made = project_of(areas, space=there, needs=[one])
    with pytest.raises(ListError, match=r"lists\.state"):
        actions.finish(by(areas, made))
    actions.approve(by(areas, made), "市商字 1 号")
    actions.start(by(areas, made, "street_officer", "c1s1"))
    actions.finish(by(areas, made, "department_officer"))
    for record in (made, one, there):
        record.refresh_from_db()
    assert (made.state, one.state, there.state) == ("finished", "met", "used") and one.answer == made.name
    assert [len(lines(f"projects.{name}")) for name in ("approve", "start", "finish")] == [1, 1, 1]
    for act in (lambda: actions.drop(by(areas, made), "x"), lambda: actions.edit(by(areas, made), {"name": "y"})):
        with pytest.raises(ListError):
            act()
    with pytest.raises(PermissionDenied):
        actions.approve(by(areas, made, "street_officer", "c1s1"))


def test_dropping_frees_what_nothing_else_holds(areas):
    made = accepted(areas) and Project.objects.order_by("site__order")
    first, second, third = made
    shared = need(areas["c1s1b"], state="open")
    for each in (first, third):
        actions.link_need(by(areas, each), shared)
    with pytest.raises(ListError, match=r"lists\.reason_needed"):
        actions.drop(by(areas, first), "")
    actions.drop(by(areas, first), "业主不同意")
    assert Space.objects.get(key="K1").state == "reserved", "the repair point still has it"
    assert Need.objects.get(key=shared.key).state == "planned", "the other breakfast still answers it"
    actions.drop(by(areas, second), "同上")
    actions.drop(by(areas, third), "同上")
    assert set(Space.objects.values_list("state", flat=True)) == {"free"}
    assert Need.objects.get(key=shared.key).state == "open"
    assert lines("projects.drop")[0].change["reason"] == ["", "业主不同意"]
    assert projects_in_space(Space.objects.get(key="K1")).count() == 2, "the trace stays"


def test_needs_are_linked_and_let_go(areas):
    made, one, other = project_of(areas), need(areas["c1s1a"]), need(areas["c1s1a"], state="declined")
    actions.link_need(by(areas, made, "street_officer", "c1s1"), one)
    one.refresh_from_db()
    assert one.state == "planned" and list(projects_for_need(one)) == [made]
    with pytest.raises(ListError, match=r"lists\.state"):
        actions.link_need(by(areas, made), other)
    actions.unlink_need(by(areas, made), one)
    one.refresh_from_db()
    assert one.state == "open" and not made.needs.exists()
    with pytest.raises(ListError, match=r"projects\.need_absent"):
        actions.unlink_need(by(areas, made), one)
    abroad = tree("other", "98")
    with pytest.raises(ListError, match=r"lists\.elsewhere"):
        actions.link_need(by(areas, made), need(abroad["c1s1a"]))
    assert len(lines("projects.link_need")) == len(lines("projects.unlink_need")) == 1


def test_an_edit_tells_what_changed(areas):
    made = project_of(areas)
    actions.edit(
        by(areas, made), {"cost_yuan": "25万", "source": "fiscal", "supporting": ["housing"], "starts_on": "2027-02-01"}
    )
    made.refresh_from_db()
    assert (made.cost_yuan, made.source, made.supporting, made.starts_on) == (
        250000,
        "fiscal",
        ["housing"],
        date(2027, 2, 1),
    )
    assert lines("projects.edit")[0].change["cost_yuan"] == ["200000.00", "250000.00"]
    with pytest.raises(ListError, match=r"projects\.days_turned"):
        actions.edit(by(areas, made), {"ends_on": "2027-01-01"})


# --- tables ---


def test_tables_are_whole():
    assert {row["verb"] for row in table(ROOM, "states")} <= set(verbs())
    assert {state for begin, end, _ in ways(ROOM) for state in (begin, end)} == {"", *STATES}
    assert set(labels(ROOM, "state_names")) == set(STATES) and set(labels(ROOM, "kinds")) == set(KINDS)


@pytest.mark.parametrize("slug", ["jincheng", "jincheng-demo", "elsewhere"])
def test_every_type_and_kind_has_a_lead_that_the_city_has(slug):
    from yike.web.areas.models import City

    known = offices(City(slug=slug))
    for code, kind in [*((code, "outlet") for code in business_types()), *(("", kind) for kind in KINDS)]:
        lead = lead_of(slug, code, kind)
        assert {lead.lead, *lead.supporting} <= set(known), (code, kind)
        assert lead.funding in labels(ROOM, "funding") and lead.grade in ("D", "OURS")
        assert lead.lead not in lead.supporting
        assert (lead.grade == "D") <= bool(lead.clause), "what the paper says names its clause"


def test_sums_count_what_goes_on(areas):
    for yuan, source, state, year in (("100.10", "fiscal", "listed", 2027), ("200", "social", "building", 2026),
                                      ("50", "fiscal", "dropped", 2026), ("0.90", "fiscal", "finished", 2027)):  # fmt: skip
        Project.objects.create(city=areas["city"].city, area=areas["c1s1a"], key=yuan, name="p", cost_yuan=Decimal(yuan),
                               source=source, state=state, starts_on=date(year, 3, 1))  # fmt: skip
    every = list(Project.objects.all())
    assert [(each["code"], each["yuan"], each["projects"]) for each in sums.by_source(every)] == [
        ("fiscal", Decimal("101.00"), 2), ("social", Decimal("200"), 1),
    ]  # fmt: skip
    assert [(each["year"], each["yuan"]) for each in sums.by_year(every)] == [
        (2026, Decimal("200")),
        (2027, Decimal("101.00")),
    ]
    assert sums.total(every) == Decimal("301.00")


def test_bars_stand_where_their_months_are(areas):
    for k, (begins, ends) in enumerate([(date(2027, 1, 1), date(2027, 3, 1)), (date(2027, 3, 1), date(2027, 12, 31))]):
        Project.objects.create(
            city=areas["city"].city, area=areas["c1s1a"], key=f"p{k}", name="早餐" * 20, starts_on=begins, ends_on=ends
        )
    drawn = chart(list(Project.objects.all()))
    assert drawn and drawn.bars[0].x + drawn.bars[0].width == pytest.approx(drawn.bars[1].x, abs=0.2)
    assert drawn.bars[1].x + drawn.bars[1].width <= drawn.width and drawn.bars[0].name.endswith("…")
    assert len(drawn.months) == 12 and chart([Project(name="x")]) is None


# --- the trace, pages, exports ---


def test_the_trace_goes_both_ways(areas, client):
    one = need(areas["c1s1a"], text="想吃早餐")
    figure(areas["c1s1a"], "breakfast", 100, 40)
    made = accepted(areas)
    project = Project.objects.get(site__order=1)
    assert uncovered(areas["c1s1a"], "breakfast") == (60.0, STUDY)
    assert (
        list(projects_for_gap(areas["c1s1a"], "breakfast"))
        == [project]
        == list(projects_for_gap(areas["c1"], "breakfast"))
    )
    client.force_login(person("city_planner", areas["city"]))
    page = client.get(f"/desk/projects/{project.key}/").content.decode()
    for link in (
        f"/desk/proposals/{made.pk}/",
        "/desk/spaces/K1/",
        f"/desk/needs/{one.key}/",
        f"/desk/area/{areas['c1s1a'].code}/",
    ):
        assert link in page, link
    assert STUDY[:12] in page and "jincheng 1" in page and "演示数据" in page
    for address in (f"/desk/needs/{one.key}/", "/desk/spaces/K1/"):
        assert f"/desk/projects/{project.key}/" in client.get(address).content.decode()
    told = {each["key"]: each for each in client.get("/api/projects?city=drawn").json()}[project.key]
    assert told["proposal"] == made.pk and told["needs"] == [one.key] and told["space"] == "K1"
    assert told["gaps"] == [{"area": areas["c1s1a"].code, "business_type": "breakfast", "people": 60.0, "study": STUDY}]


def test_the_list_filters_sums_and_exports(areas, client):
    accepted(areas)
    project_of(areas, where="c2s1a", given={"business_type": "gym", "name": "南县健身房"})
    client.force_login(person("county_officer", areas["c1"]))
    page = client.get("/desk/projects/").content.decode()
    assert "共 3 个项目，投资 360,002 元" in page and "南县健身房" not in page and '<svg class="chart gantt"' in page
    assert "共 1 个项目" in client.get("/desk/projects/?type=repair").content.decode()
    assert "没有符合条件的项目" in client.get("/desk/projects/?state=dropped").content.decode()
    text = client.get("/desk/projects/export.csv?sort=name").content.decode("utf-8-sig")
    assert text.count("早餐店") == 4 and "商务主管部门" in text and STUDY in text and "演示数据" in text
    assert client.get("/desk/projects/export.xlsx").content[:2] == b"PK"
    shapes = json.loads(client.get("/desk/projects/export.geojson").content)["features"]
    assert len(shapes) == 3 and shapes[0]["geometry"]["type"] == "Point"


def test_the_page_of_a_project_does_what_its_forms_say(areas, client):
    made, one = project_of(areas), need(areas["c1s1b"])
    address = f"/desk/projects/{made.key}/"
    client.force_login(person("city_planner", areas["city"]))
    assert one.key in client.get(address).content.decode(), "a need of the street is offered"
    client.post(address, {"do": "link_need", "need": one.key})
    client.post(address, {"do": "edit", "name": "新名", "business_type": "breakfast", "cost_yuan": "30万"})
    client.post(address, {"do": "approve", "reason": "会议纪要"})
    made.refresh_from_db()
    assert (made.name, made.state, made.cost_yuan, made.needs.count()) == ("新名", "approved", 300000, 1)
    page = client.get(address).content.decode()
    assert "会议纪要" in page and "已批复" in page
    client.post(address, {"do": "drop", "reason": "不建了"})
    assert "已撤销" in client.get(address).content.decode()
    assert client.post(address, {"do": "fly"}).status_code == 404
    form = {"kind": "gate", "area": areas["c1s1a"].code, "name": "开南门", "cost_yuan": "2万"}
    answer = client.post("/desk/projects/new/", form)
    assert answer.status_code == 302 and client.get(answer["Location"]).status_code == 200
    assert client.post("/desk/projects/new/", {**form, "area": ""}).status_code == 400


def test_strangers_see_nothing(areas, client):
    made = project_of(areas, given={"name": "密项目"})
    for who in (None, person(), person("merchant", areas["city"]), person("community_worker", areas["c2s1a"])):
        client.logout()
        if who:
            client.force_login(who)
        for path in (
            "/desk/projects/",
            f"/desk/projects/{made.key}/",
            "/desk/projects/export.csv",
            "/desk/projects/needs-vs-gaps/",
        ):
            assert "密项目" not in client.get(path).content.decode(), (who, path)
        assert client.get(f"/desk/projects/{made.key}/").status_code in (302, 403, 404)
        assert client.get("/desk/projects/new/").status_code in (302, 403)
    assert Client().get("/api/projects").status_code == 401


# --- what is said and what is short ---


def test_what_is_said_is_laid_beside_what_is_short(areas, monkeypatch):
    monkeypatch.setattr(crossing, "has_study", lambda city: True)
    monkeypatch.setattr(crossing, "live", lambda city: type("Live", (), {"unseen": frozenset({"gym"})})())
    Area.objects.all().update(people=1000)
    for name, code, met in (("c1s1a", "breakfast", 100), ("c1s1a", "repair", 950), ("c1s1b", "laundry", 100),
                            ("c1s1b", "repair", 600),
                            ("c1s2a", "repair", 600), ("c2s1a", "laundry", 0), ("c1s1b", "gym", 0)):  # fmt: skip
        figure(areas[name], code, 1000, met)
    for name, code in (("c1s1a", "breakfast"), ("c1s1a", "repair"), ("c1s1b", "repair"), ("c1s1a", "breakfast")):
        need(areas[name], code, people=4)
    need(areas["c1s1b"], "laundry", source="gap")
    told = {(each.area.code, each.business_type): (each.kind, each.asked, each.uncovered)
            for each in crossing.cross(areas["city"].city, areas["c1"])}  # fmt: skip
    a, b = areas["c1s1a"].code, areas["c1s1b"].code
    assert told == {
        (a, "breakfast"): ("unmet", 8.0, 900.0), (a, "repair"): ("near", 4.0, 50.0), (b, "repair"): ("partly", 4.0, 400.0),
        (b, "laundry"): ("silent", 0.0, 900.0),
    }  # fmt: skip


def test_the_crossing_on_the_small_city_and_a_gap_made_a_need(demo_city, client):
    cells = crossing.cross(demo_city, demo_city.root)
    kinds = {each.kind for each in cells}
    assert kinds & {"unmet", "partly"} and all(0 <= each.share <= 1 and each.study and each.standard for each in cells)
    planner = person("city_planner", demo_city.root)
    client.force_login(planner)
    page = client.get("/desk/projects/needs-vs-gaps/").content.decode()
    assert cells[0].study[:12] in page and "说了且确实缺" in page and "演示数据" in page
    cell = next(each for each in cells if each.uncovered > 0)
    client.post("/desk/projects/needs-vs-gaps/", {"area": cell.area.code, "type": cell.business_type})
    made = Need.objects.get(source="gap")
    assert (made.people, made.area_id, made.reference) == (cell.uncovered, cell.area.pk, cell.study)
    text = client.get("/desk/projects/needs-vs-gaps/?format=csv&kind=unmet").content.decode("utf-8-sig")
    assert text.count("说了且确实缺") == sum(each.kind == "unmet" for each in cells)
    assert client.get("/desk/projects/needs-vs-gaps/?area=nonsense").status_code == 404
    assert Line.objects.filter(verb="needs.add_gap").count() == 1 and not ProjectGap.objects.exists()


def test_a_city_with_projects_can_be_taken_away_whole(areas):
    """`city add --again` throws everything of a city away; records that protect each other go from the top down."""
    from yike.web.areas.models import City
    from yike.web.studies.adding import _take_away

    need(areas["c1s1a"])
    figure(areas["c1s1a"], "breakfast", 100, 40)
    accepted(areas)
    other = tree("other", "98")
    need(other["c1s1a"], key="stays")
    _take_away(areas["city"].city)
    assert not Project.objects.exists() and not Proposal.objects.exists() and not Space.objects.exists()
    assert [each.key for each in Need.objects.all()] == ["stays"] and City.objects.get().slug == "other"
