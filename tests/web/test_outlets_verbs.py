"""Verbs of the register: each works, is refused to the wrong person and in the wrong state, and writes one line."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from web.cast import outlet, person, tree
from web.register_scene import photo_file
from yike.web.journal.models import Line
from yike.web.outlets import actions
from yike.web.outlets.actions.supply import Entry
from yike.web.outlets.deeds import deed_at, deed_on
from yike.web.outlets.models import Outlet, Report
from yike.web.outlets.signals import supply_changed
from yike.web.outlets.states import RegisterError, can, ways

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas() -> dict[str, Any]:
    return tree()


@pytest.fixture
def told(django_capture_on_commit_callbacks: Any) -> Iterator[list[Outlet]]:
    """Outlets of which `supply_changed` was sent; callbacks of commits run as in service."""
    heard: list[Outlet] = []

    def hear(sender: Any, outlet: Outlet | None = None, **_: Any) -> None:
        if outlet is not None:
            heard.append(outlet)

    supply_changed.connect(hear)
    yield heard
    supply_changed.disconnect(hear)


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Callable[[Callable[[], Any]], Any]:
    """Do something and run what waits for its commit."""

    def run(act: Callable[[], Any]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return act()

    return run


def lines(verb: str) -> list[Line]:
    return list(Line.objects.filter(verb=verb))


def entry(area: Any, **more: Any) -> Entry:
    given = {"name": "张记便利店", "types": ["convenience_store"], "lon": area.lon, "lat": area.lat} | more
    return Entry(area.city, **given)


STATE_VERBS: list[tuple[str, str, str, Callable[..., Any], tuple[Any, ...]]] = [
    ("planned", "open", "outlets.open", actions.open_outlet, ()),
    ("open", "paused", "outlets.pause", actions.pause, ("装修",)),
    ("paused", "open", "outlets.reopen", actions.reopen, ()),
    ("closed", "open", "outlets.reopen", actions.reopen, ()),
    ("open", "closed", "outlets.close", actions.close, ("搬空了",)),
    ("paused", "closed", "outlets.close", actions.close, ()),
    ("open", "revoked", "outlets.revoke", actions.revoke, ("冒名登记",)),
]


@pytest.mark.parametrize(("begin", "end", "verb", "act", "more"), STATE_VERBS)
def test_a_step_works_is_written_once_and_told_when_supply_changes(areas, told, committed, begin, end, verb, act, more):
    officer, place = person("street_officer", areas["c1s1"]), areas["c1s1a"]
    one = outlet(place, "breakfast", state=begin)
    committed(lambda: act(deed_on(officer, one), *more))
    one.refresh_from_db()
    assert one.state == end
    (line,) = lines(verb)
    assert (line.person, line.record, line.area, line.change["state"]) == (officer, one.key, place.code, [begin, end])
    assert len(told) == int("open" in (begin, end))
    assert [each.counts for each in told] == [end == "open"] * len(told)


@pytest.mark.parametrize(("begin", "end", "verb", "act", "more"), STATE_VERBS)
def test_a_step_is_refused_to_others_and_leaves_no_trace(areas, told, committed, begin, end, verb, act, more):
    one = outlet(areas["c1s1a"], "breakfast", state=begin)
    for other in (
        person("street_officer", areas["c1s2"]),
        person("auditor", areas["city"]),
        person("resident", areas["city"]),
        person(),
        None,
    ):
        with pytest.raises(PermissionDenied):
            committed(lambda other=other: act(deed_on(other, one), *more))
    one.refresh_from_db()
    assert one.state == begin and lines(verb) == [] and told == []


def test_a_step_that_the_table_lacks_is_refused_with_the_state_named(areas):
    officer = person("street_officer", areas["c1s1"])
    acts = {
        "outlets.open": actions.open_outlet,
        "outlets.pause": actions.pause,
        "outlets.reopen": actions.reopen,
        "outlets.close": actions.close,
        "outlets.verify": actions.verify,
    }
    tried = 0
    for verb, act in acts.items():
        for state in ("planned", "open", "paused", "closed", "moved", "revoked"):
            if can(state, verb) or (verb, state) == ("outlets.verify", "open"):
                continue
            one = outlet(areas["c1s1a"], "breakfast", state=state)
            with pytest.raises(RegisterError) as refused:
                act(deed_on(officer, one))
            one.refresh_from_db()
            assert one.state == state and refused.value.code == "outlets.state", (verb, state)
            assert {
                "planned": "待开业",
                "open": "在营",
                "paused": "暂停",
                "closed": "停业",
                "moved": "迁出",
                "revoked": "撤销",
            }[state] in refused.value.faults[0].text("zh")
            tried += 1
    assert tried == 22 and Line.objects.count() == 0


def test_every_verb_of_the_table_of_states_exists_and_every_state_can_be_reached():
    from yike.web.accounts.rights import verbs

    assert {verb for _, _, verb in ways()} <= set(verbs())
    assert {to for _, to, _ in ways()} == {"planned", "open", "paused", "closed", "moved", "revoked"}
    assert not [begin for begin, _, _ in ways() if begin in ("moved", "revoked")]


def test_a_deed_that_names_another_area_than_the_records_own_is_refused(areas):
    """Whoever may act in one community cannot reach into another by making up the deed."""
    worker = person("community_worker", areas["c1s1a"])
    one = outlet(areas["c2s2b"], "breakfast")
    deed = deed_on(worker, one)
    deed.area = areas["c1s1a"]
    with pytest.raises(RegisterError) as refused:
        actions.pause(deed)
    assert refused.value.code == "outlets.changed_meanwhile"
    deed = deed_on(worker, one)
    deed.owner_id = worker.pk
    with pytest.raises((PermissionDenied, RegisterError)):
        actions.pause(deed)
    one.refresh_from_db()
    assert one.state == "open"


def test_revoking_needs_a_reason(areas):
    officer, one = person("street_officer", areas["c1s1"]), outlet(areas["c1s1a"], "breakfast")
    with pytest.raises(RegisterError) as refused:
        actions.revoke(deed_on(officer, one), "  ")
    assert refused.value.code == "outlets.reason_missing"


def test_add_enters_an_open_verified_outlet_once_per_draft(areas, told, committed):
    worker, place, draft = person("community_worker", areas["c1s1a"]), areas["c1s1a"], uuid.uuid4()
    given = entry(place, hours="周一至周五 8:00-18:00", fields={"payments": ["cash", "wechat"]}, draft_key=draft)
    first = committed(lambda: actions.add(deed_at(worker, place), given))
    again = committed(lambda: actions.add(deed_at(worker, place), given))
    assert first.pk == again.pk and Outlet.objects.count() == 1 and len(told) == 1
    first.refresh_from_db()
    assert (first.state, first.area, first.verified_at, first.verified_by) == (
        "open",
        place,
        timezone.localdate(),
        "community_worker",
    )
    assert (first.hours, first.payments, first.pinyin, first.initials) == (
        "Mo-Fr 08:00-18:00",
        ["cash", "wechat"],
        "zhangjibianlidian",
        "zjbld",
    )
    assert first.made_up is True  # of a made-up city
    assert [line.change.get("state") for line in lines("outlets.add")] == [["", "open"], None]


def test_add_is_refused_outside_ones_community_and_outside_the_city(areas):
    worker, place, other = person("community_worker", areas["c1s1a"]), areas["c1s1a"], areas["c1s1b"]
    with pytest.raises(PermissionDenied):
        actions.add(deed_at(worker, other), entry(other))
    with pytest.raises(RegisterError) as refused:  # the deed says my community, the point lies next door
        actions.add(deed_at(worker, place), entry(place, lon=other.lon, lat=other.lat))
    assert refused.value.code == "outlets.elsewhere" and other.name in refused.value.faults[0].text("zh")
    with pytest.raises(RegisterError) as refused:
        actions.add(deed_at(worker, place), entry(place, lon=10.0, lat=50.0))
    assert refused.value.code == "outlets.point_outside"
    assert Outlet.objects.count() == 0 and Line.objects.filter(verb="outlets.add").count() == 0


def test_add_tells_all_faults_of_the_fields_at_once(areas):
    worker, place = person("community_worker", areas["c1s1a"]), areas["c1s1a"]
    fields = {"payments": ["shells"], "uscc": "123", "ownership": "nobody", "floor_area_m2": "-1", "phone": "call me"}
    with pytest.raises(RegisterError) as refused:
        actions.add(deed_at(worker, place), entry(place, name=" ", fields=fields))
    assert {fault.code for fault in refused.value.faults} == {
        "outlets.uscc",
        "outlets.name_missing",
        "outlets.field_bad",
    }
    (bad,) = [fault for fault in refused.value.faults if fault.code == "outlets.field_bad"]
    assert {text.split(":")[0] for _, text in bad.rows} == {"payments", "ownership", "floor_area_m2", "phone"}
    for types, code in ((["no_such_type"], "outlets.type_strange"), ([], "outlets.types_missing")):
        with pytest.raises(RegisterError) as refused:
            actions.add(deed_at(worker, place), entry(place, types=types))
        assert refused.value.code == code
    with pytest.raises(RegisterError) as refused:
        actions.add(deed_at(worker, place), entry(place, hours="看老板心情"))
    assert refused.value.code == "outlets.hours"


def test_a_planned_outlet_does_not_count(areas, told, committed):
    planner, place = person("city_planner", areas["city"]), areas["c1s1a"]
    made = committed(lambda: actions.plan(deed_at(planner, place), entry(place)))
    assert made.state == "planned" and not made.counts and told == [] and len(lines("outlets.plan")) == 1
    with pytest.raises(PermissionDenied):
        actions.plan(deed_at(person("community_worker", place), place), entry(place))


def test_a_move_ends_the_old_record_and_goes_on_with_a_new_one(areas, told, committed):
    officer, one = person("street_officer", areas["c1s1"]), outlet(areas["c1s1a"], "breakfast", "repair", users=90)
    one.prices.create(item="包子", yuan="2")
    to = areas["c1s1b"]
    new = committed(lambda: actions.move(deed_on(officer, one), to.lon, to.lat, "新街1号"))
    one.refresh_from_db()
    assert (one.state, one.moved_to, new.state, new.area, new.address, new.users) == (
        "moved",
        new,
        "open",
        to,
        "新街1号",
        0,
    )
    assert {each.code for each in new.functions.all()} == {"breakfast", "repair"} and new.prices.get().item == "包子"
    assert [(each.key, each.counts) for each in told] == [(one.key, False), (new.key, True)]
    assert len(lines("outlets.move")) == 1
    away = areas["c2s1a"]
    with pytest.raises(RegisterError) as refused:
        actions.move(deed_on(officer, new), away.lon, away.lat)
    assert refused.value.code == "outlets.elsewhere"


def test_place_and_types_tell_supply_only_when_it_counts(areas, told, committed):
    officer, to = person("street_officer", areas["c1s1"]), areas["c1s1b"]
    for state, times in (("open", 1), ("paused", 0)):
        one = outlet(areas["c1s1a"], "breakfast", state=state)
        told.clear()
        committed(lambda one=one: actions.place(deed_on(officer, one), to.lon, to.lat))
        assert len(told) == times
        one.refresh_from_db()
        assert one.area == to and one.lon == to.lon
        committed(lambda one=one: actions.set_types(deed_on(officer, one), ["pharmacy"]))
        assert len(told) == 2 * times
        committed(lambda one=one: actions.set_types(deed_on(officer, one), ["pharmacy"]))  # the same again
        assert len(told) == 2 * times
    assert len(lines("outlets.place")) == 2 and len(lines("outlets.set_types")) == 4
    with pytest.raises(RegisterError):
        actions.set_types(deed_on(officer, one), [])


def test_edits_of_name_hours_prices_and_days_do_not_touch_supply(areas, told, committed):
    worker, one = person("community_worker", areas["c1s1a"]), outlet(areas["c1s1a"], "breakfast")
    committed(
        lambda: actions.edit(deed_on(worker, one), {"name": "王嫂早点", "phone": "0356-2020202", "delivery": "true"})
    )
    committed(lambda: actions.set_hours(deed_on(worker, one), "每天 6:00-10:00"))
    committed(
        lambda: actions.set_prices(
            deed_on(worker, one), [{"item": "豆浆", "yuan": "2.5", "unit": "碗"}, {"item": "", "yuan": ""}]
        )
    )
    committed(lambda: actions.set_closures(deed_on(worker, one), [(date(2026, 12, 1), date(2026, 12, 3), "回乡")]))
    one.refresh_from_db()
    assert (one.name, one.initials, one.delivery, one.hours, one.hours_text) == (
        "王嫂早点",
        "wszd",
        True,
        "Mo-Su 06:00-10:00",
        "每天 6:00-10:00",
    )
    assert [(p.item, str(p.yuan), p.unit) for p in one.prices.all()] == [("豆浆", "2.50", "碗")]
    assert one.closures.get().ends == date(2026, 12, 3) and told == []
    (line,) = lines("outlets.edit")
    assert line.change["phone"] == [False, True], "the journal says that a phone changed, never the phone"
    assert "2020202" not in str([each.change for each in Line.objects.all()])
    for verb in ("outlets.set_hours", "outlets.set_prices", "outlets.set_closures"):
        assert len(lines(verb)) == 1
    with pytest.raises(RegisterError):
        actions.set_closures(deed_on(worker, one), [(date(2026, 12, 3), date(2026, 12, 1), "")])
    with pytest.raises(RegisterError):
        actions.set_prices(deed_on(worker, one), [{"item": "豆浆", "yuan": "两块"}])


def test_a_photo_loses_what_the_camera_wrote_and_junk_is_refused(areas, settings, tmp_path):
    from PIL import Image

    settings.MEDIA_ROOT = tmp_path
    worker, one = person("community_worker", areas["c1s1a"]), outlet(areas["c1s1a"], "breakfast")
    kept = actions.add_photo(deed_on(worker, one), photo_file(3000, 1000, exif=True))
    with Image.open(kept.file.path) as picture:
        assert (
            max(picture.size) == 1600
            and picture.format == "JPEG"
            and not dict(picture.getexif())
            and "exif" not in picture.info
        )
    for junk in (b"<svg onload=alert(1)>", b"\xff\xd8\xff\xe0 not a picture", b""):
        from django.core.files.uploadedfile import SimpleUploadedFile

        with pytest.raises(RegisterError) as refused:
            actions.add_photo(deed_on(worker, one), SimpleUploadedFile("x.jpg", junk, "image/jpeg"))
        assert refused.value.code == "outlets.photo"
    cut = photo_file(400, 400)
    cut.file.truncate(cut.size // 2)
    with pytest.raises(RegisterError):
        actions.add_photo(deed_on(worker, one), cut)
    path = kept.file.path
    actions.remove_photo(deed_on(worker, one), kept.pk)
    import os

    assert not os.path.exists(path) and one.photos.count() == 0
    assert len(lines("outlets.add_photo")) == 1 and len(lines("outlets.remove_photo")) == 1


def test_verifying_dates_the_record_and_refutes_reports(areas, told, committed):
    worker, one = (
        person("community_worker", areas["c1s1a"]),
        outlet(areas["c1s1a"], "breakfast", verified_at=date(2026, 1, 1)),
    )
    Report.objects.create(outlet=one, kind="closed")
    committed(lambda: actions.verify(deed_on(worker, one)))
    one.refresh_from_db()
    assert one.verified_at == timezone.localdate() and one.verified_by == "community_worker" and told == []
    assert one.reports.get().outcome == "refuted"
    (line,) = lines("outlets.verify")
    assert line.change["refuted"] == [0, 1] and line.change["verified_at"][0] == "2026-01-01"
    for other in (person("community_worker", areas["c1s1b"]), person("merchant", areas["city"]), None):
        with pytest.raises(PermissionDenied):
            actions.verify(deed_on(other, one))


def test_anybody_reports_without_a_trace_of_who_and_not_too_often(areas):
    one = outlet(areas["c1s1a"], "breakfast")
    actions.report(deed_on(None, one), "closed", "我是李四 13812345678 门关了", "print-a")
    actions.report(deed_on(None, one), "wrong", "", "print-a")
    kept = list(one.reports.all())
    assert [each.kind for each in kept] == ["closed", "wrong"] and "138" not in kept[0].note
    with pytest.raises(RegisterError) as refused:
        actions.report(deed_on(None, one), "moved", "", "print-a")
    assert refused.value.code == "outlets.too_many"
    actions.report(deed_on(None, one), "moved", "", "print-b")
    (first, *_rest) = lines("outlets.report")
    assert first.person is None and "138" not in str(first.change)
    with pytest.raises(RegisterError):
        actions.report(deed_on(None, one), "ugly")
    with pytest.raises(RegisterError):
        actions.report(deed_on(None, outlet(areas["c1s1a"], "breakfast", state="planned")), "closed")


def test_prints_of_addresses_are_wiped_after_a_day_and_many_outlets_are_a_limit_too(areas):
    ones = [outlet(areas["c1s1a"], "breakfast") for _ in range(21)]
    old = Report.objects.create(outlet=ones[0], kind="closed", origin="print-old")
    Report.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=2))
    for one in ones[:20]:
        actions.report(deed_on(None, one), "closed", "", "print-a")
    old.refresh_from_db()
    assert old.origin == ""
    with pytest.raises(RegisterError) as refused:
        actions.report(deed_on(None, ones[20]), "closed", "", "print-a")
    assert refused.value.code == "outlets.too_many"


def test_a_report_is_answered_once_and_closing_answers_all(areas):
    worker, one = person("community_worker", areas["c1s1a"]), outlet(areas["c1s1a"], "breakfast")
    reports = [actions.report(deed_on(None, one), "closed", "", f"print-{k}") for k in range(3)]
    actions.settle_report(deed_on(worker, one), reports[0].pk, False)
    with pytest.raises(RegisterError) as refused:
        actions.settle_report(deed_on(worker, one), reports[0].pk, True)
    assert refused.value.code == "outlets.settled"
    with pytest.raises(PermissionDenied):
        actions.settle_report(deed_on(person("community_worker", areas["c1s1b"]), one), reports[1].pk, True)
    other = outlet(areas["c1s1a"], "breakfast")
    with pytest.raises(PermissionDenied):  # through another outlet
        actions.settle_report(deed_on(worker, other), reports[1].pk, True)
    actions.close(deed_on(worker, one), "确已停业")
    assert sorted(one.reports.values_list("outcome", flat=True)) == ["confirmed", "confirmed", "refuted"]
