"""Apply is all or nothing, undo restores byte for byte; only in one's own tree; one line of the journal for each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from web.cast import STEP, outlet, person
from web.import_scene import NOTES, Scene, as_csv, good, scene
from yike.errors import InputError
from yike.web.journal.models import Line
from yike.web.outlets.importing import applying, steps, store
from yike.web.outlets.importing.actions import deed_on, import_apply, import_undo
from yike.web.outlets.importing.models import Import, ImportedRow, OwnWord
from yike.web.outlets.importing.preparing import plan_of
from yike.web.outlets.models import Function, Outlet, Price, Report
from yike.web.outlets.signals import supply_changed

pytestmark = pytest.mark.django_db


def begun(place: Scene, rows: list[dict[str, str]], **given: Any) -> Import:
    """A table uploaded and checked."""
    job = steps.take_file(place.officer, place.street, "网点.csv", [as_csv(rows)])
    for name, value in given.items():
        setattr(job, name, value)
    return steps.recheck(place.officer, job)


def rows_of_the_register() -> list[Any]:
    """Every byte of the register."""
    tables = (Outlet.objects.order_by("pk"), Function.objects.order_by("pk"), Price.objects.order_by("pk"))
    return [list(rows.values()) for rows in tables]


@pytest.fixture
def told() -> Any:
    """What `supply_changed` told, as key → counts."""
    heard: dict[str, bool] = {}

    def hear(sender: Any, outlets: Any = (), outlet: Any = None, **_: Any) -> None:
        for each in [*outlets, *([outlet] if outlet else [])]:
            heard[each.key] = each.state == "open"

    supply_changed.connect(hear)
    yield heard
    supply_changed.disconnect(hear)


def test_a_dry_run_writes_nothing_into_the_register(told):
    place = scene()
    before = rows_of_the_register()
    job = begun(place, [good(0), good(1, 名称=""), good(2, 编号="known1")])
    assert job.counts == {"rows": 3, "add": 1, "update": 1, "unchanged": 0, "skip": 0, "fault": 1}
    assert rows_of_the_register() == before and told == {} and not ImportedRow.objects.exists()


def test_an_import_is_applied_told_and_undone_to_the_byte(told, django_capture_on_commit_callbacks):
    place = scene()
    Price.objects.create(outlet=place.known, item="配钥匙", yuan=5)
    before = rows_of_the_register()
    job = begun(place, [good(0), good(1, 业态="便利店、打印"), good(2, 编号="known1", 业态="药店")])
    with django_capture_on_commit_callbacks(execute=True):
        counts = steps.apply(place.officer, job)
    assert (counts["add"], counts["update"]) == (2, 1)
    assert told == {"a0": True, "a1": True, "known1": True}
    place.known.refresh_from_db()
    assert (place.known.name, [each.code for each in place.known.functions.all()]) == ("好店2", ["pharmacy"])
    assert [each.item for each in place.known.prices.all()] == ["修鞋"]
    assert store.path_of(job).exists()
    told.clear()
    with django_capture_on_commit_callbacks(execute=True):
        outcome = import_undo(deed_on(place.officer, job), job)
    assert outcome == {"removed": 2, "closed": 0, "restored": 1, "left": 0, "kept": []}
    assert rows_of_the_register() == before
    assert told == {"a0": False, "a1": False, "known1": True}
    assert not store.path_of(job).exists()
    lines = [(line.verb, line.change.get("counts", {}).get("add")) for line in Line.objects.order_by("id")]
    assert lines[-2:] == [("outlets.import_apply", 2), ("outlets.import_undo", None)]
    assert [line.change["digest"] for line in Line.objects.filter(verb__contains="import")] == [job.digest] * len(lines)


def test_a_failure_in_the_middle_leaves_nothing(monkeypatch):
    place = scene()
    before = rows_of_the_register()
    job = begun(place, [good(i) for i in range(5)] + [good(9, 编号="known1")])
    lines = Line.objects.count()

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(applying, "_set_prices", fail)
    with pytest.raises(RuntimeError):
        steps.apply(place.officer, job)
    job.refresh_from_db()
    assert (rows_of_the_register(), job.state, Line.objects.count()) == (before, "checked", lines)
    assert not ImportedRow.objects.exists()


def test_the_same_table_again_changes_nothing():
    place = scene()
    rows = [good(0), good(1), good(2, 编号=""), good(3, 业态="药店、便利店", 价目="修鞋 10元起;配钥匙 5元/把")]
    steps.apply(place.officer, begun(place, rows))
    again = begun(place, rows)
    assert again.counts == {"rows": 4, "add": 0, "update": 0, "unchanged": 3, "skip": 1, "fault": 0}
    again.choices = {"4": "update"}
    assert steps.recheck(place.officer, again).counts["unchanged"] == 4


def test_an_empty_cell_takes_nothing_away():
    place = scene()
    steps.apply(place.officer, begun(place, [good(0)]))
    bare = good(0) | {"地址": "", "价目": "", "营业时间": "", "联系电话": ""}
    assert begun(place, [bare]).counts["unchanged"] == 1


def test_faults_must_be_mended_or_left_out():
    place = scene()
    job = begun(place, [good(0), good(1, 名称="")])
    with pytest.raises(InputError) as raised:
        steps.apply(place.officer, job)
    assert (raised.value.code, raised.value.faults[0].rows[0][0]) == ("import.not_ready", 3)
    assert steps.apply(place.officer, begun(place, [good(0), good(1, 名称="")], leave_out=True))["add"] == 1
    assert Outlet.objects.filter(key="a0").exists() and not Outlet.objects.filter(key="a1").exists()


def test_nothing_is_applied_that_was_not_shown():
    place = scene()
    job = begun(place, [good(0)])
    outlet(place.areas["c1s1a"], "pharmacy", key="a0")
    with pytest.raises(InputError) as raised:
        steps.apply(place.officer, job)
    assert raised.value.code == "import.changed_since"
    job.refresh_from_db()
    assert (job.counts["add"], job.counts["update"]) == (0, 1)
    steps.apply(place.officer, job)
    with pytest.raises(InputError):
        import_apply(deed_on(place.officer, job), job, plan_of(job))


@pytest.mark.parametrize(
    ("role", "area"),
    [("street_officer", "c1s2"), ("county_officer", "c2"), ("community_worker", "c1s1a"), ("reviewer", "c1s1"),
     ("auditor", "city"), ("operator", "city"), ("merchant", "c1s1"), ("resident", "c1s1"), (None, "")],
)  # fmt: skip
def test_others_may_neither_check_nor_apply_nor_undo(role, area):
    place = scene()
    job = begun(place, [good(0)])
    other = person(role, place.areas.get(area))
    with pytest.raises(PermissionDenied):
        steps.recheck(other, job)
    with pytest.raises(PermissionDenied):
        import_apply(deed_on(other, job), job, plan_of(job))
    steps.apply(place.officer, job)
    with pytest.raises(PermissionDenied):
        import_undo(deed_on(other, job), job)
    assert Outlet.objects.filter(key="a0").exists()


def test_a_row_outside_ones_own_tree_is_refused_even_when_it_moves_a_known_outlet():
    place = scene()
    far = f"{float(good(0)['经度']) + 2 * STEP:.6f}"
    job = begun(place, [good(0, 经度=far), good(1, 编号="known1", 经度=far), good(2, 编号="far1")], leave_out=True)
    assert job.counts["fault"] == 3
    steps.apply(place.officer, job)
    assert Outlet.objects.count() == 4 and Outlet.objects.get(key="known1").name == "老槐树便利店"


def test_what_the_owner_keeps_is_left_alone():
    place = scene()
    job = begun(place, [good(0, **NOTES["import.owned"])])
    steps.apply(place.officer, job)
    assert job.counts["skip"] == 1 and Outlet.objects.get(key="owned1").name == "自管药店"


def test_undo_leaves_what_was_edited_since_unless_forced(told):
    place = scene()
    job = begun(place, [good(0), good(1), good(2, 编号="known1")])
    steps.apply(place.officer, job)
    Outlet.objects.filter(key__in=("a0", "known1")).update(address="后来改的")
    outcome = import_undo(deed_on(place.officer, job), job)
    assert outcome == {"removed": 1, "closed": 0, "restored": 0, "left": 2, "kept": ["a0", "known1"]}
    assert Outlet.objects.get(key="known1").address == "后来改的"
    with pytest.raises(InputError):
        import_undo(deed_on(place.officer, job), job)
    forced = import_undo(deed_on(place.officer, job), job, force=True)
    assert (forced["removed"], forced["restored"], forced["left"]) == (2, 1, 0)
    assert Outlet.objects.get(key="known1").name == "老槐树便利店" and not Outlet.objects.filter(key="a0").exists()


def test_undo_closes_what_others_refer_to(told, django_capture_on_commit_callbacks):
    place = scene()
    job = begun(place, [good(0), good(1)])
    steps.apply(place.officer, job)
    Report.objects.create(outlet=Outlet.objects.get(key="a0"), kind="closed")
    with django_capture_on_commit_callbacks(execute=True):
        outcome = import_undo(deed_on(place.officer, job), job)
    assert (outcome["removed"], outcome["closed"]) == (1, 1)
    assert Outlet.objects.get(key="a0").state == "closed" and told == {"a0": False, "a1": False}


def test_an_undo_that_fails_leaves_everything_as_it_was(monkeypatch):
    place = scene()
    job = begun(place, [good(0), good(2, 编号="known1")])
    steps.apply(place.officer, job)
    before = rows_of_the_register()

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("yike.web.outlets.importing.undoing.put_back", fail)
    with pytest.raises(RuntimeError):
        import_undo(deed_on(place.officer, job), job)
    job.refresh_from_db()
    assert (rows_of_the_register(), job.state) == (before, "applied")


def test_a_category_assigned_on_the_spot_is_the_citys_own_from_then_on():
    place = scene()
    job = begun(place, [good(0, 业态="飞碟维护"), good(1, 业态="飞碟加油")])
    assert job.counts["fault"] == 2
    job = steps.recheck(place.officer, job, {"飞碟维护": ["repair"], "飞碟加油": []})
    assert (job.counts["add"], job.counts["skip"], job.counts["fault"]) == (1, 1, 0)
    assert {word.category: word.types for word in OwnWord.objects.all()} == {"飞碟维护": ["repair"], "飞碟加油": []}
    assert begun(place, [good(5, 业态="飞碟维护")]).counts["add"] == 1
    assert begun(place, [good(5, 业态="飞碟维护")], crosswalk="amap").counts["add"] == 1
    own = begun(place, [good(5, 业态="飞碟维护"), good(6)], crosswalk="own")
    assert (own.counts["add"], own.counts["fault"]) == (1, 1)


def test_columns_are_remembered_for_a_city_and_a_set_of_heads(tmp_path: Path):
    place = scene()
    body = "店招,干什么,东,北\n甲店,药店,{东},{北}\n".format(东=good(0)["经度"], 北=good(0)["纬度"]).encode()
    job = steps.take_file(place.officer, place.street, "a.csv", [body])
    assert (job.columns, job.state) == ({}, "uploaded")
    assert steps.recheck(place.officer, job).state == "uploaded"
    job.columns, job.datum = {"name": "店招", "types": "干什么", "lon": "东", "lat": "北"}, "cgcs2000"
    assert steps.recheck(place.officer, job).counts["add"] == 1
    again = steps.take_file(place.officer, place.street, "b.csv", [body.replace("甲".encode(), "乙".encode())])
    assert (again.columns, again.datum) == (job.columns, "cgcs2000")


def test_files_are_kept_for_their_owner_and_for_thirty_days(monkeypatch):
    place = scene()
    job = begun(place, [good(0)])
    path = store.path_of(job)
    assert path.stat().st_mode & 0o077 == 0 and job.digest[:16] in path.name
    path.write_bytes(b"something else")
    with pytest.raises(InputError) as raised:
        steps.apply(place.officer, job)
    assert raised.value.code == "import.file_gone"
    monkeypatch.setattr("time.time", lambda: path.stat().st_mtime + 31 * 86_400)
    assert store.sweep() >= 2 and not path.exists()


def test_a_file_too_large_is_not_kept(monkeypatch):
    place = scene()
    monkeypatch.setattr(store, "limit", lambda key: 10.0)
    with pytest.raises(InputError) as raised:
        steps.take_file(place.officer, place.street, "a.csv", [b"123456", b"7890123"])
    assert raised.value.code == "import.file_large" and not list(store.folder().glob("new-*"))
