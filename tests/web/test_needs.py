"""The list of needs: verbs, what is personal taken out, imports of hotline and survey tables, pages, JSON."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils.timezone import localdate

from web.cast import person, tree
from web.lists_scene import STUDY, lines, need, pages_built, place, sheet
from yike.errors import InputError
from yike.web.areas.models import Area
from yike.web.journal.models import Line
from yike.web.lists.choices import business_types, labels, table
from yike.web.lists.reading import read_upload
from yike.web.lists.states import ListError, ways
from yike.web.needs import actions, importing
from yike.web.needs.models import SOURCES, STATES, Need, NeedImport, NeedWord
from yike.web.needs.privacy import ROOM, without_persons
from yike.web.needs.types import our_words
from yike.web.projects.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def built(settings: Any, tmp_path: Any) -> None:
    pages_built(settings, tmp_path)


@pytest.fixture
def areas() -> dict[str, Area]:
    return tree()


def added(areas: dict[str, Area], **more: Any) -> Need:
    worker = person("community_worker", areas["c1s1a"])
    given = {"business_type": "breakfast", "people": "12", "text": "没有早餐店", **more}
    return actions.add(actions.deed_at(worker, areas["c1s1a"]), areas["city"].city, given)


# --- what is personal ---

SAID = {
    "王小明反映门口没有菜店，电话13812345678": ("王小明", "13812345678"),
    "张女士来电，住文昌小区3号楼2单元501室": ("张", "501"),
    "联系人：欧阳娜娜，身份证140502198001011234": ("欧阳娜娜", "140502198001011234"),
    "李某称取快递远，座机0356-2021234": ("李某", "2021234"),
    "市民刘洋希望建食堂，微信wx_abc123": ("刘洋", "wx_abc123"),
    "我叫陈晓，卡号6222 0212 3456 7890 123": ("陈晓", "6222"),
    "全角１３８１２３４５６７８，邮箱a.b@mail.com": ("１３８", "a.b@mail.com"),
    "老人王奶奶想吃助餐，打138 1234 5678": ("王奶奶", "1234 5678"),
}
PLAIN = (
    "高平市文昌社区反映买菜不方便", "方便面都买不到", "希望在和平路设菜店", "马路对面没有早餐店",
    "2026年3月起门口修路", "走了30分钟，要过3个路口",
    "居民反映晚上买药难", "何时能修好", "3号楼附近没有菜店", "12345 回复过一次",
)  # fmt: skip


@pytest.mark.parametrize("said", SAID, ids=range(len(SAID)))
def test_persons_are_taken_out(said):
    clean, out = without_persons(said)
    assert not [each for each in SAID[said] if each in clean], clean
    assert sum(out.values()) >= 2 and without_persons(clean)[1].total() == 0, "once is enough"


@pytest.mark.parametrize("said", PLAIN)
def test_what_is_not_personal_stays(said):
    assert without_persons(said)[0] == said


# --- verbs ---


def test_a_need_is_entered_without_persons_in_it(areas):
    made = added(areas, text="张女士13812345678说没有早餐店", source="hotline", reference="JC-1", asked_on="2026-03-05")
    assert (made.people, made.state, made.area, made.source) == (12.0, "open", areas["c1s1a"], "hotline")
    assert "张" not in made.text and "138" not in made.text and made.made_up
    (line,) = lines("needs.add")
    assert "138" not in line.said and "张" not in line.said
    with pytest.raises(ListError, match=r"needs\.reference_there"):
        added(areas, reference="JC-1")


def test_all_faults_are_told_at_once_and_a_phone_is_no_reference(areas):
    with pytest.raises(ListError) as told:
        added(areas, business_type="飞船", people="-1", asked_on="昨天", source="gap")
    assert {each.code for each in told.value.faults} == {
        "needs.type_strange", "needs.source_strange", "lists.number_bad", "lists.date_bad",
    }  # fmt: skip
    assert not Need.objects.exists()
    assert added(areas, reference="13812345678").reference.startswith("x")


@pytest.mark.parametrize(("role", "where", "may"), [
    ("community_worker", "c1s1a", True), ("community_worker", "c1s1b", False), ("street_officer", "c1s1", True),
    ("auditor", "city", False), ("resident", "city", False), ("reviewer", "city", False),
])  # fmt: skip
def test_who_may_enter_a_need(areas, role, where, may):
    deed = actions.deed_at(person(role, areas[where]), areas["c1s1a"])
    if may:
        assert actions.add(deed, areas["city"].city, {"business_type": "repair"}).people == 1
    else:
        with pytest.raises(PermissionDenied):
            actions.add(deed, areas["city"].city, {"business_type": "repair"})


def test_a_gap_becomes_one_need_that_follows_the_figures(areas):
    officer, city = person("street_officer", areas["c1s1"]), areas["city"].city
    first = actions.add_gap(actions.deed_at(officer, areas["c1s1a"]), city, "repair", 321.4, STUDY)
    again = actions.add_gap(actions.deed_at(officer, areas["c1s1a"]), city, "repair", 300, "cd" * 32)
    assert again.pk == first.pk and Need.objects.get().people == 300 and Need.objects.get().reference == "cd" * 32
    assert [line.record for line in lines("needs.add_gap")] == [first.key] * 2
    assert actions.add_gap(actions.deed_at(officer, areas["c1s1b"]), city, "repair", 5, STUDY).pk != first.pk
    for code, people, fault in (("repair", 0, "needs.gap_none"), ("ship", 5, "needs.type_strange")):
        with pytest.raises(ListError, match=fault):
            actions.add_gap(actions.deed_at(officer, areas["c1s1a"]), city, code, people, STUDY)
    with pytest.raises(PermissionDenied):
        actions.add_gap(
            actions.deed_at(person("community_worker", areas["c1s1a"]), areas["c1s1a"]), city, "repair", 5, STUDY
        )


def test_answer_decline_and_reopen_follow_the_table(areas):
    made, officer = added(areas), person("street_officer", areas["c1s1"])
    deed = lambda: actions.deed_on(officer, made)  # noqa: E731
    with pytest.raises(ListError, match=r"lists\.reason_needed"):
        actions.decline(deed(), "  ")
    actions.decline(deed(), "已有两家，李女士知道")
    made.refresh_from_db()
    assert made.state == "declined" and "李" not in made.answer
    with pytest.raises(ListError, match=r"lists\.state"):
        actions.answer(deed(), "建好了")
    actions.reopen(deed())
    actions.answer(deed(), "三月已开店")
    made.refresh_from_db()
    assert (made.state, made.answer) == ("met", "三月已开店")
    assert [len(lines(f"needs.{name}")) for name in ("decline", "reopen", "answer")] == [1, 1, 1]
    with pytest.raises(PermissionDenied):
        actions.reopen(actions.deed_on(person("community_worker", areas["c1s1a"]), made))


def test_an_edit_tells_that_the_text_changed_but_not_what_it_says(areas):
    made = added(areas)
    actions.edit(
        actions.deed_on(person("street_officer", areas["c1s1"]), made),
        {"business_type": "repair", "people": "3", "text": "改"},
    )
    made.refresh_from_db()
    assert (made.business_type, made.people, made.text) == ("repair", 3.0, "改")
    (line,) = lines("needs.edit")
    assert set(line.change) >= {"business_type", "people", "text"} and "改" not in line.said


def test_tables_are_whole():
    from yike.web.accounts.rights import verbs

    assert {row["verb"] for row in table(ROOM, "states")} <= set(verbs())
    assert {state for begin, end, _ in ways(ROOM) for state in (begin, end)} == {"", *STATES}
    assert set(labels(ROOM, "sources")) == set(SOURCES) and set(labels(ROOM, "state_names")) == set(STATES)
    assert set(our_words().values()) <= {"", *business_types()}


# --- imports ---

HEADS = ["工单编号", "诉求类别", "诉求内容", "人数", "受理时间", "所属社区", "联系人", "联系电话"]


def ticket(areas: dict[str, Area], number: str, **more: Any) -> list[Any]:
    good = {"工单编号": number, "诉求类别": "早餐店", "诉求内容": "没有吃早餐的地方", "人数": "2", "受理时间": "2026-03-05 09:12",
            "所属社区": "11a社区", "联系人": "赵铁柱", "联系电话": "13900001111"}  # fmt: skip
    return [{**good, **more}[head] for head in HEADS]


def job_of(areas: dict[str, Area], rows: list[list[Any]], where: str = "city", heads: list[str] = HEADS) -> NeedImport:
    area = areas[where]
    upload = read_upload(sheet(heads, rows).chunks(), "12345.csv", ROOM)
    job = NeedImport(city=area.city, area=area, name=upload.name, digest=upload.digest, spare=upload.spare)
    return actions.import_check(deed(areas, job), job, importing.check(upload, area.city, area, "hotline"))


def deed(areas: dict[str, Area], job: NeedImport) -> Any:
    return actions.deed_of(person("city_planner", areas["city"]), job)


def everything_kept() -> str:
    return " ".join(
        [str(row) for model in (Need, NeedImport, NeedWord) for row in model.objects.values_list()]
        + [str(row) for row in Line.objects.values_list()]
    )


def test_a_hotline_table_comes_in_without_persons(areas):
    rows = [
        ticket(areas, "T1", 诉求内容="赵铁柱13900001111反映没有早餐店"), ticket(areas, "T2", 诉求类别="买菜难", 所属社区="21b"),
        ticket(areas, "T3", 诉求类别="其他", 诉求内容="希望有修鞋配钥匙的"), ticket(areas, "T4", 诉求类别="停车难"),
    ]  # fmt: skip
    job = job_of(areas, rows)
    assert (
        job.counts["add"] == 3 and job.counts["fault"] == 0 and job.counts["none"] == 1 and job.counts["out_phone"] == 1
    )
    assert job.counts["out_name"] >= 1 and set(job.spare) == {"联系人", "联系电话"}
    actions.import_apply(deed(areas, job), job)
    told = {
        each.reference: (each.business_type, each.area.name, each.source, str(each.asked_on))
        for each in Need.objects.all()
    }
    assert told == {
        "T1": ("breakfast", "11a社区", "hotline", "2026-03-05"), "T2": ("fresh_food_store", "21b社区", "hotline", "2026-03-05"),
        "T3": ("community_workshop", "11a社区", "hotline", "2026-03-05"),
    }  # fmt: skip
    assert not [each for each in ("13900001111", "赵铁柱") if each in everything_kept()], "nowhere in the database"


FAULTS = {
    "needs.type_unknown": {"诉求类别": "外星基地", "诉求内容": "想要"},
    "needs.type_empty": {"诉求类别": "", "诉求内容": "想要"},
    "lists.number_bad": {"人数": "许多"},
    "lists.date_bad": {"受理时间": "上周"},
    "needs.date_future": {"受理时间": "2031-01-01"},
    "lists.community_unknown": {"所属社区": "不存在社区"},
    "import.place_missing": {"所属社区": ""},
    "lists.markup": {"诉求内容": "<b>没有菜店</b>"},
}


def test_every_fault_is_told_with_its_row_and_nothing_is_written(areas):
    rows = [ticket(areas, "good"), *(ticket(areas, f"b{k}", **bad) for k, bad in enumerate(FAULTS.values()))]
    rows += [ticket(areas, "twice"), ticket(areas, "twice")]
    job = job_of(areas, rows)
    told = {code: row for row, code, _, _ in job.findings}
    assert [told.get(code) for code in FAULTS] == list(range(3, 3 + len(FAULTS)))
    assert sorted(row for row, code, _, _ in job.findings if code == "needs.reference_twice") == [11, 12]
    with pytest.raises(InputError, match=r"import\.not_ready"):
        actions.import_apply(deed(areas, job), job)
    assert not Need.objects.exists()
    actions.import_apply(deed(areas, job), job, leave_out=True)
    assert Need.objects.get().reference == "good"


def test_names_of_communities_that_are_several_are_faults_and_rows_lie_in_ones_tree(areas):
    Area.objects.filter(code=areas["c2s1b"].code).update(name="11a社区")
    job = job_of(areas, [ticket(areas, "T1")])
    assert [code for _, code, _, _ in job.findings] == ["lists.community_several"]
    job = job_of(areas, [ticket(areas, "T3", 所属社区=areas["c1s1b"].code)])
    assert job.ready[0][3]["area_id"] == areas["c1s1b"].pk, "a code in the column of names"
    job = job_of(areas, [ticket(areas, "T2", 所属社区="22a")], "c1")
    assert [code for _, code, _, _ in job.findings] == ["import.not_yours"]


def test_a_reference_that_is_there_adds_nothing(areas):
    need(areas["c1s1a"], reference="T1")
    job = job_of(areas, [ticket(areas, "T1"), ticket(areas, "T2")])
    assert job.counts["same"] == 1 and job.counts["add"] == 1
    actions.import_apply(deed(areas, job), job)
    assert sorted(Need.objects.values_list("reference", flat=True)) == ["T1", "T2"]


def test_a_reference_that_came_meanwhile_stops_the_import(areas):
    job = job_of(areas, [ticket(areas, "T1"), ticket(areas, "T2")])
    need(areas["c1s1a"], reference="T2")
    with pytest.raises(ListError, match=r"lists\.changed_since"):
        actions.import_apply(deed(areas, job), job)
    assert Need.objects.count() == 1


def test_unknown_categories_are_given_a_type_once_for_the_city(areas, client):
    client.force_login(person("city_planner", areas["city"]))
    rows = [ticket(areas, f"T{k}", 诉求类别="外星基地", 诉求内容="想要") for k in range(3)]
    rows += [ticket(areas, "T9", 诉求类别="火箭场", 诉求内容="想要"), ticket(areas, "T5")]
    file = sheet(HEADS, rows, "12345.csv")
    address = client.post("/desk/needs/import/", {"file": file, "source": "hotline", "datum": "wgs84"})["Location"]
    page = client.get(address).content.decode()
    assert "外星基地" in page and "13900001111" not in page
    words = {"do": "words", "category-0": "外星基地", "word-0": "kids_play", "category-1": "火箭场", "word-1": "-"}
    client.post(address, words)
    job = NeedImport.objects.get()
    assert (job.counts["add"], job.counts["fault"], job.counts["none"]) == (4, 0, 1)
    client.post(address, {"do": "apply"})
    assert Need.objects.filter(business_type="kids_play").count() == 3 and Need.objects.count() == 4
    assert dict(NeedWord.objects.values_list("category", "business_type")) == {"外星基地": "kids_play", "火箭场": ""}
    later = job_of(areas, [ticket(areas, "U1", 诉求类别="外星基地", 诉求内容="想要")])
    assert later.counts["add"] == 1, "the city remembers"


def test_an_undo_leaves_what_was_answered_or_planned(areas):
    job = job_of(areas, [ticket(areas, f"T{k}") for k in range(3)])
    actions.import_apply(deed(areas, job), job)
    one, two, _ = Need.objects.order_by("reference")
    actions.answer(actions.deed_on(person("street_officer", areas["c1s1"]), one), "有了")
    Project.objects.create(city=two.city, area=two.area, key="p", name="p").needs.add(two)
    job.refresh_from_db()
    assert actions.import_undo(deed(areas, job), job) == {"removed": 1, "restored": 0, "left": 2}
    assert sorted(Need.objects.values_list("reference", flat=True)) == ["T0", "T1"]
    with pytest.raises(InputError, match=r"import\.undone_already"):
        actions.import_undo(deed(areas, job), job)


def test_a_survey_by_points_and_its_people(areas):
    heads = ["需求类型", "经度", "纬度", "选择人数"]
    job = job_of(areas, [["社区食堂(老年助餐)", *place(3, 1), "46"], ["药店", *place(0), ""]], heads=heads)
    actions.import_apply(deed(areas, job), job)
    told = {each.business_type: (each.people, each.area) for each in Need.objects.all()}
    assert told == {"community_canteen": (46.0, areas["c2s2b"]), "pharmacy": (1.0, areas["c1s1a"])}


# --- pages and JSON ---


def test_the_list_groups_by_type_and_area(areas, client):
    for where, people in (("c1s1a", 5), ("c1s1a", 7), ("c2s1a", 100)):
        need(areas[where], people=people, asked_on=localdate())
    client.force_login(person("county_officer", areas["c1"]))
    page = client.get("/desk/needs/").content.decode()
    assert "待办 2 条，涉及 12 人次" in page and "21a社区" not in page.split('id="groups"')[1]
    each = client.get("/desk/needs/?view=each&type=breakfast&sort=people").content.decode()
    assert (
        each.count("/desk/needs/n") >= 2
        and "没有符合条件的需求" in client.get("/desk/needs/?type=repair").content.decode()
    )
    text = client.get("/desk/needs/export.csv").content.decode("utf-8-sig")
    assert text.count("早餐店") == 2 and "演示数据" in text
    (group,) = client.get("/api/needs?city=drawn").json()
    assert (group["people"], group["asks"], group["area"]) == (12, 2, areas["c1s1a"].code)
    assert Client().get("/api/needs").status_code == 401


def test_the_page_of_a_need_and_a_new_one(areas, client):
    one = need(areas["c1s1a"], text="没有早餐")
    Project.objects.create(city=one.city, area=one.area, key="p1", name="早餐项目").needs.add(one)
    client.force_login(person("street_officer", areas["c1s1"]))
    page = client.get(f"/desk/needs/{one.key}/").content.decode()
    assert "没有早餐" in page and "/desk/projects/p1/" in page and "12345" in page
    client.post(f"/desk/needs/{one.key}/", {"do": "decline", "text": "已有"})
    one.refresh_from_db()
    assert one.state == "declined" and "已有" in client.get(f"/desk/needs/{one.key}/").content.decode()
    client.post(f"/desk/needs/{one.key}/", {"do": "reopen"})
    form = {"business_type": "repair", "people": "4", "text": "修车", "source": "staff", "area": areas["c1s1b"].code}
    assert client.post("/desk/needs/new/", form).status_code == 302
    assert Need.objects.get(business_type="repair").area == areas["c1s1b"]
    assert client.post("/desk/needs/new/", {**form, "area": ""}).status_code == 400
    client.force_login(person("street_officer", areas["c2s1"]))
    assert client.get(f"/desk/needs/{one.key}/").status_code == 404


def test_the_demonstration_city_brings_its_needs(demo_city):
    needs = Need.objects.filter(city=demo_city)
    assert needs.count() > 20 and all(each.made_up and each.state == "open" for each in needs)
    assert {each.source for each in needs} == {"hotline", "survey"} and needs.values(
        "business_type"
    ).distinct().count() > 6
    assert Line.objects.filter(verb="needs.import_apply", record=demo_city.slug).count() == 1
