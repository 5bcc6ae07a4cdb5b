"""Tables of idle spaces: every kind of fault told at once, nothing half-written, undone as one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from web.cast import person, tree
from web.lists_scene import lines, pages_built, place, sheet, space
from yike.errors import InputError
from yike.web.areas.models import Area
from yike.web.lists.reading import read_upload
from yike.web.projects.models import Project
from yike.web.spaces import actions, importing
from yike.web.spaces.fields import ROOM
from yike.web.spaces.models import Space, SpaceImport

pytestmark = pytest.mark.django_db
HEADS = [
    "编号",
    "名称",
    "类型",
    "经度",
    "纬度",
    "面积",
    "权属",
    "允许用途",
    "用地变更",
    "年租金",
    "可用日期",
    "状态",
    "社区代码",
    "看门人电话",
]


@pytest.fixture
def areas() -> dict[str, Area]:
    return tree()


def line(key: str = "", **more: Any) -> list[Any]:
    good = {
        "编号": key, "名称": "旧库房", "类型": "仓库", "经度": place(0)[0], "纬度": place(0)[1], "面积": "120",
        "权属": "国有企业",
        "允许用途": "", "用地变更": "", "年租金": "", "可用日期": "", "状态": "", "社区代码": "", "看门人电话": "13812345678",
    }  # fmt: skip
    return [{**good, **more}[head] for head in HEADS]


def job_of(areas: dict[str, Area], rows: list[list[Any]], where: str = "city", heads: list[str] = HEADS) -> SpaceImport:
    table = read_upload(sheet(heads, rows).chunks(), "spaces.csv", ROOM)
    area = areas[where]
    job = SpaceImport(city=area.city, area=area, name=table.name, digest=table.digest, spare=table.spare)
    who = person("city_planner", areas["city"])
    return actions.import_check(actions.deed_of(who, job), job, importing.check(table, area.city, area))


def deed(areas: dict[str, Area], job: SpaceImport) -> Any:
    return actions.deed_of(person("city_planner", areas["city"]), job)


FAULTS = {
    "lists.cell_empty": {"名称": ""},
    "spaces.kind_unknown": {"类型": "城堡"},
    "lists.number_bad": {"面积": "很大"},
    "spaces.area_bad": {"面积": "90000000"},
    "spaces.use_unknown": {"允许用途": "便利店、飞船"},
    "spaces.land_use_unknown": {"用地变更": "差不多"},
    "lists.yuan_bad": {"年租金": "-5"},
    "lists.date_bad": {"可用日期": "13/13/13"},
    "spaces.state_unknown": {"状态": "魔法"},
    "spaces.owner_phone": {"权属": "张三 13900001111"},
    "lists.community_unknown": {"社区代码": "123"},
    "import.outside": {"经度": 120.0},
    "import.swapped": {"经度": place(0)[1], "纬度": place(0)[0]},
    "import.place_missing": {"经度": "", "纬度": ""},
    "import.place_number": {"经度": "东经", "纬度": "35"},
    "import.id_bad": {"编号": "../../etc"},
    "lists.markup": {"名称": "<script>x"},
}


def test_every_fault_is_told_with_its_row_and_nothing_is_written(areas):
    rows = [
        line("good1"),
        *(line(f"b{k}" if "编号" not in bad else "", **bad) for k, bad in enumerate(FAULTS.values())),
    ]
    rows += [line("twice"), line("twice")]
    job = job_of(areas, rows)
    told = {code: row for row, code, _, _ in job.findings}
    assert set(FAULTS) <= set(told)
    assert [told[code] for code in FAULTS] == list(range(3, 3 + len(FAULTS))), "rows as a spreadsheet counts them"
    assert [row for row, code, _, _ in job.findings if code == "import.id_twice"] == [len(FAULTS) + 3, len(FAULTS) + 4]
    assert job.counts["add"] == 1 and job.counts["fault"] == len(FAULTS) + 2 and not Space.objects.exists()
    assert job.spare == ["看门人电话"] and "13812345678" not in str(job.ready), "a column nobody asked for is not read"
    with pytest.raises(InputError, match=r"import\.not_ready"):
        actions.import_apply(deed(areas, job), job)
    assert not Space.objects.exists() and not lines("spaces.import_apply")
    actions.import_apply(deed(areas, job), job, leave_out=True)
    assert [each.key for each in Space.objects.all()] == ["good1"]
    assert lines("spaces.import_apply")[0].change["counts"]["fault"] == len(FAULTS) + 2


def test_a_row_outside_ones_own_tree_is_a_fault_and_a_stranger_may_not(areas):
    job = job_of(areas, [line("a"), line("b", 经度=place(2)[0])], "c1")
    assert [(row, code) for row, code, _, _ in job.findings] == [(3, "import.not_yours")]
    for who in (
        person("community_worker", areas["c1s1a"]),
        person("auditor", areas["city"]),
        person("street_officer", areas["c1s1"]),
    ):
        with pytest.raises(PermissionDenied):
            actions.import_apply(actions.deed_of(who, job), job, leave_out=True)


def test_the_named_community_goes_before_the_points(areas):
    job = job_of(areas, [line("a", 社区代码=areas["c1s1b"].code)])
    assert [code for _, code, _, _ in job.findings] == ["lists.community_other"] and job.counts["fault"] == 0
    actions.import_apply(deed(areas, job), job)
    assert Space.objects.get().area == areas["c1s1b"]


def test_an_import_updates_by_key_and_its_undo_restores(areas):
    space(areas["c1s1a"], "K1", name="原名", kind="warehouse", area_m2=100, rent_yuan=900)
    job = job_of(areas, [line("K1", 名称="新名", 面积="120", 年租金="1200"), line("K2"), line("")])
    assert (job.counts["update"], job.counts["add"]) == (1, 2)
    actions.import_apply(deed(areas, job), job)
    changed = Space.objects.get(key="K1")
    assert (changed.name, changed.area_m2, int(changed.rent_yuan)) == (
        "新名",
        120.0,
        1200,
    ) and Space.objects.count() == 3
    later = Space.objects.get(key="K2")
    later.name = "有人改过"
    later.save()
    job.refresh_from_db()
    told = actions.import_undo(deed(areas, job), job)
    assert told == {"removed": 1, "restored": 1, "left": 1}
    back = Space.objects.get(key="K1")
    assert (back.name, back.area_m2, int(back.rent_yuan)) == ("原名", 100.0, 900)
    assert Space.objects.filter(key="K2", name="有人改过").exists()
    with pytest.raises(InputError, match=r"import\.undone_already"):
        actions.import_undo(deed(areas, job), job)


def test_what_a_project_has_stays_at_an_undo(areas):
    job = job_of(areas, [line("K1")])
    actions.import_apply(deed(areas, job), job)
    one = Space.objects.get()
    Project.objects.create(city=one.city, area=one.area, key="p", name="p", space=one)
    job.refresh_from_db()
    assert actions.import_undo(deed(areas, job), job)["left"] == 1 and Space.objects.exists()


def test_a_check_that_is_no_longer_true_is_not_applied(areas):
    job = job_of(areas, [line("K1"), line("K3")])
    space(areas["c1s1a"], "K3")
    with pytest.raises(InputError, match=r"lists\.changed_since"):
        actions.import_apply(deed(areas, job), job)
    assert Space.objects.count() == 1, "the first row was taken back with the second"
    Space.objects.all().delete()
    actions.import_apply(deed(areas, job), job)
    with pytest.raises(InputError, match=r"lists\.changed_since"):
        actions.import_apply(deed(areas, job), job)  # a second click
    assert Space.objects.count() == 2


def test_a_reserved_space_is_not_freed_by_a_table(areas):
    space(areas["c1s1a"], "K1", state="reserved")
    job = job_of(areas, [line("K1", 状态="可用")])
    assert [code for _, code, _, _ in job.findings] == ["spaces.state_step"]


def test_keys_of_another_city_are_told_apart(areas):
    other = tree("other", "98")
    space(other["c1s1a"], "K1", name="别处")
    job = job_of(areas, [line("K1")])
    actions.import_apply(deed(areas, job), job)
    assert sorted(Space.objects.values_list("key", flat=True)) == ["K1", "drawn-K1"]


@pytest.mark.parametrize(("heads", "code"), [
    (["名称", "经度", "纬度"], "lists.columns"), (["名称", "名称", "类型"], "import.head_twice"),
])  # fmt: skip
def test_tables_that_cannot_be_read_say_why(areas, heads, code):
    with pytest.raises(InputError) as told:
        job_of(areas, [["x"] * len(heads)], heads=heads)
    assert told.value.code == code


def test_a_citys_own_file_with_faults_stops_the_city(areas, tmp_path: Path):
    path = tmp_path / "idle.csv"
    path.write_bytes(b"".join(sheet(HEADS, [line("a"), line("b", 类型="城堡"), line("c", 面积="x")]).chunks()))
    with pytest.raises(InputError) as told:
        importing.load_file(areas["city"].city, path, "wgs84", {})
    assert {fault.code: fault.rows for fault in told.value.faults} == {
        "spaces.kind_unknown": ((3, "城堡"),), "lists.number_bad": ((4, "x"),),
    }  # fmt: skip
    assert not Space.objects.exists()


def test_the_pages_of_an_import(areas, client, settings, tmp_path):
    pages_built(settings, tmp_path)
    client.force_login(person("street_officer", areas["c1s1"]))
    empty = client.post("/desk/spaces/import/", {})
    assert empty.status_code == 400 and "没有选择文件" in empty.content.decode()
    odd = client.post("/desk/spaces/import/", {"file": sheet(["随便"], [["1"]])})
    assert odd.status_code == 400 and "缺少必需的列" in odd.content.decode()
    answer = client.post(
        "/desk/spaces/import/", {"file": sheet(HEADS, [line("a"), line("b", 面积="0")]), "datum": "wgs84"}
    )
    page = client.get(answer["Location"]).content.decode()
    assert "现在还没有任何改动" in page and "应为大于零的数" in page and "看门人电话" in page
    assert "应为大于零的数" in client.get(answer["Location"] + "?format=csv").content.decode("utf-8-sig")
    client.post(answer["Location"], {"do": "apply"})
    assert not Space.objects.exists(), "rows with faults are left out only when somebody says so"
    client.post(answer["Location"], {"do": "apply", "leave_out": "on"})
    assert Space.objects.get().key == "a"
    client.post(answer["Location"], {"do": "undo"})
    assert not Space.objects.exists()
    client.force_login(person("street_officer", areas["c2s1"]))
    assert client.get(answer["Location"]).status_code == 404
    assert client.get("/desk/spaces/import/999/").status_code == 404
