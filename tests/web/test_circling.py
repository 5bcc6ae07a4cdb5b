"""Verbs of circles on a drawn city: rights, faults all at once, versions appended, states, journal; imports of tables."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied

from web.cast import outlet, person, tree
from yike.errors import YikeError
from yike.web.accounts.deeds import Deed
from yike.web.areas.models import Area
from yike.web.circles.models import Circle, CircleVersion
from yike.web.circling import actions, facts
from yike.web.circling.models import CommunityFact, Programme
from yike.web.circling.profile import profile_of
from yike.web.journal.models import Line
from yike.web.queue.models import Job
from yike.web.spaces.models import Space

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db: None) -> dict[str, Area]:
    return tree()


def codes(town: dict[str, Area], *names: str) -> list[str]:
    return [town[name].code for name in names]


def drawn(town: dict[str, Area], name: str = "甲生活圈", *names: str) -> Circle:
    planner = person("city_planner", town["city"])
    where = names or ("c1s1a", "c1s1b")
    return actions.draw(Deed(planner, town["city"]), town["city"].city, name, "basic", codes(town, *where))


def faults_of(act: Callable[[], Any]) -> dict[str, int]:
    with pytest.raises(YikeError) as caught:
        act()
    return {fault.code: len(fault.rows) for fault in caught.value.faults}


def test_a_circle_is_drawn_with_boundary_people_version_and_one_line(town: dict[str, Area]) -> None:
    before = Line.objects.count()
    found = drawn(town)
    assert found.people == 200
    assert found.boundary["type"] == "Polygon"  # two squares that touch are one
    (version,) = found.versions.all()
    assert (version.number, version.communities) == (1, codes(town, "c1s1a", "c1s1b"))
    assert version.person is not None
    assert Line.objects.count() == before + 1
    assert found.code == "990000Q001"
    assert drawn(town, "乙生活圈", "c1s2a").code == "990000Q002"


def test_all_faults_are_told_at_once(town: dict[str, Area]) -> None:
    drawn(town)
    planner, city = person("city_planner", town["city"]), town["city"].city
    told = faults_of(
        lambda: actions.draw(Deed(planner, town["city"]), city, " ", "best", [*codes(town, "c1s1a", "c1s2a"), "1", "2"])
    )
    assert told == {
        "circling.name_missing": 0, "circling.grade_unknown": 1, "circling.community_unknown": 2,
        "circling.community_taken": 1,
    }  # fmt: skip
    assert Circle.objects.count() == 1
    assert faults_of(lambda: actions.draw(Deed(planner, town["city"]), city, "丙", "basic", [])) == {
        "circling.no_community": 0
    }


@pytest.mark.parametrize(
    ("role", "at", "allowed"),
    [
        ("city_planner", "city", True), ("county_officer", "c1", True), ("county_officer", "c2", False),
        ("street_officer", "c1s1", False), ("community_worker", "c1s1a", False), ("auditor", "city", False),
        (None, None, False),
    ],
)  # fmt: skip
def test_who_may_draw(town: dict[str, Area], role: str | None, at: str | None, allowed: bool) -> None:
    someone = person(role, town[at] if at else None)
    act = lambda: actions.draw(Deed(someone, town["c1s1"]), town["city"].city, "圈", "basic", codes(town, "c1s1a"))  # noqa: E731
    if allowed:
        assert act().name == "圈"
    else:
        with pytest.raises(PermissionDenied):
            act()


def test_a_right_in_one_county_does_not_reach_another(town: dict[str, Area]) -> None:
    officer, city = person("county_officer", town["c1"]), town["city"].city
    with pytest.raises(PermissionDenied):  # the area named is theirs, a community chosen is not
        actions.draw(Deed(officer, town["c1"]), city, "圈", "basic", codes(town, "c1s1a", "c2s1a"))


def test_a_boundary_is_appended_never_overwritten(town: dict[str, Area]) -> None:
    found, planner = drawn(town), person("city_planner", town["city"])
    first = CircleVersion.objects.get(circle=found)
    actions.revise(Deed(planner, town["c1"]), found, codes(town, "c1s1a", "c1s2a", "c1s2b"), "并入两个社区")
    told = list(found.versions.values_list("number", "communities", "people", "why"))
    assert told == [
        (1, codes(town, "c1s1a", "c1s1b"), 200, ""), (2, codes(town, "c1s1a", "c1s2a", "c1s2b"), 300, "并入两个社区"),
    ]  # fmt: skip
    again = CircleVersion.objects.get(pk=first.pk)
    assert (again.boundary, again.at) == (first.boundary, first.at)
    assert set(found.communities.values_list("code", flat=True)) == set(told[1][1])
    assert Line.objects.order_by("-id").first().verb == "circling.revise"
    same = lambda: actions.revise(Deed(planner, town["c1"]), found, codes(town, "c1s1a", "c1s2a", "c1s2b"))  # noqa: E731
    assert faults_of(same) == {"circling.same": 0}
    other = drawn(town, "乙", "c1s1b")
    taken = lambda: actions.revise(Deed(planner, town["c1"]), other, codes(town, "c1s1b", "c1s2a"))  # noqa: E731
    assert faults_of(taken) == {"circling.community_taken": 1}


def test_a_dissolved_circle_keeps_its_history_and_frees_its_communities(town: dict[str, Area]) -> None:
    found, planner = drawn(town), person("city_planner", town["city"])
    deed = lambda: Deed(planner, town["c1"])  # noqa: E731
    assert faults_of(lambda: actions.dissolve(deed(), found, " ")) == {"circling.why_missing": 0}
    actions.dissolve(deed(), found, "并入邻圈")
    assert not Circle.objects.exists()
    kept = Circle.every.get()
    assert (kept.state, kept.communities.count()) == ("dissolved", 0)
    assert [(each.number, len(each.communities)) for each in kept.versions.all()] == [(1, 2), (2, 0)]
    for act in (
        lambda: actions.dissolve(deed(), kept, "再次"), lambda: actions.rename(deed(), kept, "新名"),
        lambda: actions.set_class(deed(), kept, "quality"), lambda: actions.revise(deed(), kept, codes(town, "c1s1a")),
    ):  # fmt: skip
        assert faults_of(act) == {"circling.state": 0}
    assert drawn(town, "新圈").communities.count() == 2


def test_name_and_class(town: dict[str, Area]) -> None:
    found, planner = drawn(town), person("city_planner", town["city"])
    actions.rename(Deed(planner, town["c1"]), found, "  新名  ")
    actions.set_class(Deed(planner, town["c1"]), found, "quality")
    kept = Circle.objects.get()
    assert (kept.name, kept.grade, kept.versions.count()) == ("新名", "quality", 1)
    assert faults_of(lambda: actions.set_class(Deed(planner, town["c1"]), found, "顶级")) == {
        "circling.grade_unknown": 1
    }
    assert faults_of(lambda: actions.rename(Deed(planner, town["c1"]), found, "字" * 61)) == {"circling.name_long": 1}
    with pytest.raises(PermissionDenied):
        actions.rename(Deed(person("street_officer", town["c1s1"]), town["c1s1"]), found, "不许")


def proposal(town: dict[str, Area], *parts: tuple[str, tuple[str, ...]], state: str = "done") -> Job:
    rows = [{"name": name, "communities": codes(town, *names)} for name, names in parts]
    return Job.objects.create(
        kind="circling.propose", city=town["city"].city, area=town["city"], state=state, result={"circles": rows}
    )


def test_accepting_some_of_a_proposal(town: dict[str, Area]) -> None:
    held, planner = drawn(town, "甲", "c1s1a", "c1s2a"), person("city_planner", town["city"])
    job = proposal(town, ("子", ("c1s1a", "c1s1b")), ("丑", ("c1s2a",)), ("寅", ("c2s1a", "c2s1b")))
    deed = lambda: Deed(planner, town["city"])  # noqa: E731
    assert faults_of(lambda: actions.accept_proposal(deed(), job, [0, 1])) == {"circling.community_taken": 2}
    assert Circle.objects.count() == 1
    made = actions.accept_proposal(deed(), job, [2, 99])
    assert [each.name for each in made] == ["寅"]
    actions.accept_proposal(deed(), job, [0], taking=True)
    assert set(held.communities.values_list("code", flat=True)) == set(codes(town, "c1s2a"))
    assert [len(each.communities) for each in held.versions.all()] == [2, 1]
    actions.accept_proposal(deed(), job, [1], taking=True)
    held.refresh_from_db()
    assert held.state == "dissolved"
    assert {each.name for each in Circle.objects.all()} == {"子", "丑", "寅"}
    many = [code for each in Circle.objects.all() for code in each.communities.values_list("code", flat=True)]
    assert len(many) == len(set(many)) == 5
    assert faults_of(lambda: actions.accept_proposal(deed(), job, [])) == {"circling.no_pick": 0}
    waiting = proposal(town, ("子", ("c1s1a",)), state="running")
    assert faults_of(lambda: actions.accept_proposal(deed(), waiting, [0])) == {"circling.not_ready": 0}


def table(*rows: tuple[Any, ...]) -> list[bytes]:
    return ["\n".join(",".join(map(str, row)) for row in rows).encode("utf-8-sig")]


HEAD = ("社区代码", "年份", "户数", "60岁以上人数", "人均可支配收入", "来源")


def test_facts_are_imported_all_faults_at_once(town: dict[str, Area]) -> None:
    officer, area = person("street_officer", town["c1s1"]), town["c1s1"]
    a, b, far = codes(town, "c1s1a", "c1s1b", "c2s1a")
    bad = table(HEAD, (a, 2025, "很多", 10, 4000, "甲"), (b, "去年", 1, 2, -5, "甲"), (far, 2025, 1, 1, 1, ""),
                ("nowhere", 2025, 1, 1, 1, ""), (a, 2025, 1, 1, 1, ""))  # fmt: skip
    told = faults_of(lambda: facts.import_facts(Deed(officer, area), area, bad, "f.csv"))
    assert told == {
        "lists.number_bad": 1, "circling.year": 1, "lists.yuan_bad": 1, "import.not_yours": 1,
        "lists.community_unknown": 1, "circling.row_twice": 2,
    }  # fmt: skip
    assert not CommunityFact.objects.exists()
    good = table(HEAD, (a, 2025, "1200", 300, "3.6万", "年报"), (b, 2025, "", 0, "", ""))
    done = facts.import_facts(Deed(officer, area), area, good, "f.csv", "街道报表")
    assert (done.added, done.changed, done.same) == (2, 0, 0)
    first, second = CommunityFact.objects.order_by("area__code")
    assert (first.households, first.people_60, float(first.income_yuan), first.source) == (1200, 300, 36_000, "年报")
    assert (second.households, second.people_60, second.income_yuan) == (None, 0, None)  # empty is unknown, 0 is none
    assert second.source == "街道报表"
    change = table(HEAD, (a, 2025, 1300, 300, 36000, "年报"), (b, 2025, "", 0, "", "街道报表"))
    done = facts.import_facts(Deed(officer, area), area, change, "f.csv")
    assert (done.added, done.changed, done.same) == (0, 1, 1)
    lacking = lambda: facts.import_facts(Deed(officer, area), area, table(("户数",), (1,)), "f.csv")  # noqa: E731
    assert faults_of(lacking) == {"lists.columns": 2}


def test_facts_from_a_workbook_and_who_may_import(town: dict[str, Area]) -> None:
    book = openpyxl.Workbook()
    for row in (("社区", "年份", "户数"), ("11a社区", 2024, 812), ("11b社区", 2024, 640)):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    officer = person("county_officer", town["c1"])
    facts.import_facts(Deed(officer, town["c1"]), town["c1"], [file.getvalue()], "户数.xlsx")
    assert list(CommunityFact.objects.values_list("households", flat=True)) == [812, 640]
    with pytest.raises(PermissionDenied):
        worker = person("community_worker", town["c1s1a"])
        facts.import_facts(Deed(worker, town["c1s1a"]), town["c1s1a"], [file.getvalue()], "户数.xlsx")


def test_programmes(town: dict[str, Area]) -> None:
    officer, area = person("street_officer", town["c1s1"]), town["c1s1"]
    made = facts.add_programme(Deed(officer, area), area, "老旧小区", "一期改造", "2024", "住建局")
    assert made.kind == "old_estates"
    again = lambda: facts.add_programme(Deed(officer, area), area, "old_estates", "一期改造", "2024")  # noqa: E731
    assert faults_of(again) == {"circling.programme_twice": 1}
    bad = lambda: facts.add_programme(Deed(officer, area), area, "绿化", "", "两千", "<b>")  # noqa: E731
    assert faults_of(bad) == {
        "circling.programme_kind": 1, "circling.name_missing": 0, "circling.year": 1, "lists.markup": 1,
    }  # fmt: skip
    rows = table(("类别", "名称", "社区代码", "年份"), ("完整社区试点", "试点", town["c1s1a"].code, 2023))
    assert facts.import_programmes(Deed(officer, area), area, rows, "p.csv").added == 1
    assert Programme.objects.get(kind="complete_community").source == "p.csv"
    facts.remove_programme(Deed(officer, area), made)
    assert Programme.objects.count() == 1


def test_the_profile_against_a_count_by_hand(town: dict[str, Area]) -> None:
    found = drawn(town)
    a, b = town["c1s1a"], town["c1s1b"]
    outlet(a, "breakfast", "convenience_store", ownership="chain_direct", floor_area_m2=60)
    outlet(a, "breakfast", ownership="individual", floor_area_m2=40)
    outlet(b, "pharmacy", ownership="public")
    outlet(b, "laundry", ownership="unknown")
    outlet(b, "repair", state="planned", ownership="chain")  # planned is not there
    outlet(town["c1s2a"], "gym")  # not in the circle
    for k, (area, state) in enumerate(((a, "free"), (b, "free"), (b, "used"))):
        Space.objects.create(
            city=a.city, area=area, key=f"s{k}", name="亭", kind="kiosk", lon=1, lat=1, area_m2=10 + k, state=state
        )
    CommunityFact.objects.create(area=a, year=2024, households=30, people_60=20, income_yuan=30_000, source="甲表")
    CommunityFact.objects.create(area=a, year=2025, households=40, people_60=30, income_yuan=40_000, source="甲表")
    told = profile_of(found)
    value = {key: fact.value for key, fact in told.facts.items()}
    assert value["people"] == 200
    assert value["households"] is None, "one community of two tells: the circle's number is not known"
    assert told.facts["households"].of == 1
    assert value["income_yuan"] == 40_000, "the mean over who is known, of the newest year"
    assert value["m2_per_100_households"] is None
    CommunityFact.objects.create(area=b, year=2025, households=60, people_60=10, income_yuan=20_000, source="乙表")
    told = profile_of(found)
    value = {key: fact.value for key, fact in told.facts.items()}
    assert value["households"] == 100
    assert value["people_60"] == 40
    assert value["share_60"] == pytest.approx(40 / 200)
    assert value["people_u14"] is None
    assert value["consumption_yuan"] is None
    assert value["income_yuan"] == 30_000
    assert told.facts["income_yuan"].source == "甲表；乙表"
    assert value["outlets"] == 4
    assert value["chain_rate"] == pytest.approx(1 / 2)
    assert told.facts["chain_rate"].of == 2, "public and unknown ones are neither chain nor not"
    assert value["outlet_area_m2"] == 100
    assert value["m2_per_100_households"] == pytest.approx(100)
    assert (value["idle_spaces"], value["idle_m2"]) == (2, 21)
    served = {each["code"]: each["outlets"] for each in told.types if each["outlets"]}
    assert served == {"breakfast": 2, "convenience_store": 1, "pharmacy": 1, "laundry": 1}
    assert (told.present["basic"]["present"], told.present["basic"]["of"], told.present["basic"]["gate"]) == (4, 23, 15)
    assert told.present["basic"]["met"] is False
    assert len(told.missing) == 19
    assert told.as_json["facts"]["people_u14"]["value"] is None
