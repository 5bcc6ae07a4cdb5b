"""Merchants and stalls: register, be sent back, be accepted, edit; vouched for, withdrawn; outside edits wait for the owner."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from web.cast import outlet, person, tree
from web.register_scene import PDF, USCC, photo_file
from yike.web.accounts.models import Person
from yike.web.areas.models import Area
from yike.web.home import home
from yike.web.journal.chain import Deed
from yike.web.journal.models import Line
from yike.web.outlets import actions, papers
from yike.web.outlets.actions.supply import Entry
from yike.web.outlets.choices import table
from yike.web.outlets.deeds import deed_of, deed_on
from yike.web.outlets.models import Document, Outlet, Proposal, Registration
from yike.web.outlets.naming import new_key
from yike.web.outlets.signals import supply_changed
from yike.web.outlets.states import RegisterError

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas(settings: Any, tmp_path: Any) -> dict[str, Area]:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tree()


def again(one: Person) -> Person:
    """The same person as the next request knows them: with the roles of now."""
    return Person.objects.get(pk=one.pk)


def draft(who: Person, area: Area, kind: str = "new", on: Outlet | None = None, **data: Any) -> Registration:
    given = {"name": "老赵维修", "types": ["repair"], "lon": area.lon, "lat": area.lat, "hours": "8:00-18:00", "uscc": USCC,
             "phone": "13800000000"} | data  # fmt: skip
    deed = Deed(who, area.city.root, "outlets.registration", "", who.pk)
    return actions.keep_draft(deed, area.city, kind, 3, given, on)


def sent(who: Person, area: Area, **data: Any) -> Registration:
    made = draft(who, area, **data)
    actions.attach_document(deed_of(who, made), "营业执照.pdf", PDF)
    return actions.register(deed_of(who, made))


def test_register_then_accept_then_the_merchant_edits(areas, django_capture_on_commit_callbacks):
    heard: list[Outlet] = []

    def hear(sender: Any, outlet: Outlet, **_: Any) -> None:
        heard.append(outlet)

    supply_changed.connect(hear)
    who, worker, place = person("resident", areas["city"]), person("community_worker", areas["c1s1a"]), areas["c1s1a"]
    with django_capture_on_commit_callbacks(execute=True):
        waits = sent(who, place)
    one = waits.outlet
    assert (
        one
        and (waits.state, one.state, one.owner, one.area, one.phone) == ("waiting", "planned", None, place, "")
        and heard == []
    )
    with pytest.raises(PermissionDenied):
        actions.edit(deed_on(who, one), {"name": "x"})
    with django_capture_on_commit_callbacks(execute=True):
        actions.accept(deed_of(worker, waits))
    supply_changed.disconnect(hear)
    one.refresh_from_db()
    waits.refresh_from_db()
    assert (one.state, one.owner, one.uscc, waits.state) == ("open", who, USCC, "accepted") and [
        each.key for each in heard
    ] == [one.key]
    owner = again(who)
    actions.set_hours(deed_on(owner, one), "每天 9:00-20:00")
    actions.set_prices(deed_on(owner, one), [{"item": "修伞", "yuan": 8, "unit": "把"}])
    actions.set_closures(deed_on(owner, one), [(timezone.localdate(), timezone.localdate(), "盘点")])
    actions.edit(deed_on(owner, one), {"payments": ["cash"]})
    actions.pause(deed_on(owner, one), "装修")
    actions.reopen(deed_on(owner, one))
    one.refresh_from_db()
    assert (one.hours, one.payments, one.state) == ("Mo-Su 09:00-20:00", ["cash"], "open")
    for act, more in (
        (actions.set_types, (["pharmacy"],)),
        (actions.place, (place.lon, place.lat)),
        (actions.verify, ()),
    ):
        with pytest.raises(PermissionDenied):
            act(deed_on(owner, one), *more)
    with pytest.raises(RegisterError):  # what the authorities give is not claimed
        actions.edit(deed_on(owner, one), {"distinctions": ["known"]})
    for verb in ("outlets.register", "outlets.accept"):
        assert Line.objects.filter(verb=verb).count() == 1
    assert "13800000000" not in str(list(Line.objects.values_list("said", flat=True)))


def test_a_registration_tells_all_that_lacks(areas):
    who = person("resident", areas["city"])
    made = draft(who, areas["c1s1a"], name="", types=[], uscc="", lon=None)
    with pytest.raises(RegisterError) as refused:
        actions.register(deed_of(who, made))
    told = " ".join(fault.text("zh") for fault in refused.value.faults)
    assert (
        all(word in told for word in ("位置", "名称", "业态", "信用代码", "营业执照")) and Outlet.objects.count() == 0
    )
    wrong = draft(who, areas["c1s1a"], uscc="91110000600037341M")
    actions.attach_document(deed_of(who, wrong), "a.pdf", PDF)
    with pytest.raises(RegisterError) as refused:
        actions.register(deed_of(who, wrong))
    assert refused.value.code == "outlets.uscc" and Outlet.objects.count() == 0


def test_sent_back_with_a_reason_mended_and_sent_again_is_one_outlet(areas):
    who, worker = person("resident", areas["city"]), person("community_worker", areas["c1s1a"])
    waits = sent(who, areas["c1s1a"])
    with pytest.raises(RegisterError):
        actions.send_back(deed_of(worker, waits), " ")
    actions.send_back(deed_of(worker, waits), "执照看不清")
    waits.refresh_from_db()
    assert (waits.state, waits.reason) == ("returned", "执照看不清")
    with pytest.raises(RegisterError):
        actions.accept(deed_of(worker, waits))
    actions.keep_draft(deed_of(who, waits), waits.city, "new", 3, {"name": "老赵电器维修"})
    actions.register(deed_of(who, waits))
    actions.accept(deed_of(worker, Registration.objects.get(pk=waits.pk)))
    one = Outlet.objects.get()
    assert (one.name, one.state, one.owner) == ("老赵电器维修", "open", who)


def test_nobody_else_answers_and_nobody_answers_their_own(areas):
    who = person("resident", areas["city"])
    waits = sent(who, areas["c1s1a"])
    for other in (
        person("community_worker", areas["c1s1b"]),
        person("auditor", areas["city"]),
        person("merchant", areas["city"]),
        who,
        person(),
    ):
        with pytest.raises(PermissionDenied):
            actions.accept(deed_of(other, waits))
        with pytest.raises(PermissionDenied):
            actions.send_back(deed_of(other, waits), "x")
    official = person("street_officer", areas["c1s1"])
    from yike.web.accounts.models import Grant

    Grant.objects.create(person=official, role="resident", area=areas["city"])
    own = sent(again(official), areas["c1s1a"])
    with pytest.raises(PermissionDenied):
        actions.accept(deed_of(again(official), own))
    other = person("resident", areas["city"])
    with pytest.raises(PermissionDenied):
        actions.keep_draft(deed_of(other, waits), waits.city, "new", 2, {"name": "x"})
    with pytest.raises(PermissionDenied):
        actions.keep_draft(Deed(None, areas["city"], "outlets.registration", ""), waits.city, "new", 1, {})


def test_a_claim_takes_an_outlet_over_once(areas):
    first, second = person("resident", areas["city"]), person("resident", areas["city"])
    worker, one = person("community_worker", areas["c1s1a"]), outlet(areas["c1s1a"], "repair")
    claims = [draft(who, areas["c1s1a"], "claim", one) for who in (first, second)]
    for who, claim in zip((first, second), claims, strict=True):
        actions.attach_document(deed_of(who, claim), "执照", PDF)
    actions.claim(deed_of(first, claims[0]))
    with pytest.raises(RegisterError) as refused:
        actions.claim(deed_of(second, claims[1]))
    assert refused.value.code == "outlets.claimed"
    actions.accept(deed_of(worker, Registration.objects.get(pk=claims[0].pk)))
    one.refresh_from_db()
    assert one.owner == first and one.state == "open" and first.grants.filter(role="merchant").exists()
    with pytest.raises(RegisterError):
        actions.claim(deed_of(second, claims[1]))


def test_papers_are_enciphered_on_disk_and_only_real_ones_are_taken(areas):
    who = person("resident", areas["city"])
    made = draft(who, areas["c1s1a"])
    kept = actions.attach_document(deed_of(who, made), "执照", PDF)
    raw = (home() / "documents" / kept.token[:2] / kept.token).read_bytes()
    assert b"PDF" not in raw and papers.take(kept.token) == PDF and kept.kind == "pdf"
    for junk in (b"<html><script>alert(1)</script>", b"%PDF-1.4 cut", b"", b"PK\x03\x04"):
        with pytest.raises(RegisterError) as refused:
            actions.attach_document(deed_of(who, made), "x.pdf", junk)
        assert refused.value.code == "outlets.document"
    with pytest.raises(RegisterError):
        actions.attach_document(deed_of(who, made), "big", b"%PDF-" + b"0" * 10_000_001 + b"%%EOF")
    with pytest.raises(PermissionDenied):
        actions.attach_document(deed_of(person("resident", areas["city"]), made), "x", PDF)
    for _ in range(5):
        actions.attach_document(deed_of(who, made), "x", PDF)
    with pytest.raises(RegisterError) as refused:
        actions.attach_document(deed_of(who, made), "x", PDF)
    assert refused.value.code == "outlets.documents_full"


def test_a_paper_goes_to_its_maker_and_to_who_answers_and_to_nobody_else(areas, client):
    who = person("resident", areas["city"])
    waits = sent(who, areas["c1s1a"])
    paper = Document.objects.get(registration=waits)
    allowed = (who, person("community_worker", areas["c1s1a"]), person("county_officer", areas["c1"]))
    denied = (person("community_worker", areas["c1s1b"]), person("resident", areas["city"]), person("auditor", areas["city"]),
              person("merchant", areas["city"]), person())  # fmt: skip
    for each in allowed:
        client.force_login(each)
        answer = client.get(f"/documents/{paper.pk}/")
        assert answer.status_code == 200 and answer.content == PDF and "attachment" in answer["Content-Disposition"]
    for each in denied:
        client.force_login(each)
        assert client.get(f"/documents/{paper.pk}/").status_code in (403, 404)
    client.logout()
    assert client.get(f"/documents/{paper.pk}/").status_code in (302, 403, 404)
    assert client.get(f"/media/documents/{paper.token}").status_code == 404


def stall_entry(area: Area, **more: Any) -> Entry:
    given = {"name": "老李修鞋", "types": [], "lon": area.lon, "lat": area.lat, "trade": "shoe_repair", "draft_key": uuid.uuid4(),
             "prices": [{"item": "换鞋跟", "yuan": "10", "unit": "双"}], "fields": {"payments": ["cash"]}} | more  # fmt: skip
    return Entry(area.city, **given)


def stall_deed(who: Person | None, area: Area) -> Deed:
    return Deed(who, area.city.root, "outlets.outlet", new_key(), who.pk if who else None)


def test_a_stall_is_entered_vouched_for_and_the_voucher_withdrawn(areas):
    who, worker, place = person("resident", areas["city"]), person("community_worker", areas["c1s1a"]), areas["c1s1a"]
    given = stall_entry(place)
    waits = actions.add_stall(stall_deed(who, place), given, photo_file())
    assert actions.add_stall(stall_deed(who, place), given, photo_file()).pk == waits.pk and Outlet.objects.count() == 1
    one = Outlet.objects.get()
    assert (one.state, one.owner, one.licence_free, one.functions.get().code, one.photos.count()) == (
        "planned",
        who,
        True,
        "community_workshop",
        1,
    )
    for other in (
        person("community_worker", areas["c1s1b"]),
        person("street_officer", areas["c1s1"]),
        person("city_planner", areas["city"]),
        who,
    ):
        with pytest.raises(PermissionDenied):  # one voucher, of this very community
            actions.vouch(deed_on(other, one))
    actions.vouch(deed_on(worker, one))
    one.refresh_from_db()
    waits.refresh_from_db()
    assert (one.state, waits.state) == ("open", "accepted") and one.vouchers.get().area == place
    with pytest.raises(RegisterError) as refused:
        actions.vouch(deed_on(worker, one))
    assert refused.value.code == "outlets.vouched"
    owner = again(who)
    actions.set_prices(deed_on(owner, one), [{"item": "换鞋跟", "yuan": "12", "unit": "双"}])
    with pytest.raises(RegisterError) as refused:  # prices stay posted
        actions.set_prices(deed_on(owner, one), [])
    assert refused.value.code == "outlets.stall_incomplete"
    with pytest.raises(RegisterError):
        actions.withdraw_voucher(deed_on(worker, one), "")
    actions.withdraw_voucher(deed_on(worker, one), "占道且多次劝说无效")
    one.refresh_from_db()
    assert one.state == "paused" and one.vouchers.get().reason == "占道且多次劝说无效"
    with pytest.raises(RegisterError):  # without a voucher the holder cannot open again
        actions.reopen(deed_on(owner, one))
    actions.vouch(deed_on(worker, one))
    actions.withdraw_voucher(deed_on(worker, one), "冒名", "revoked")
    one.refresh_from_db()
    assert one.state == "revoked" and one.vouchers.count() == 2
    for verb, times in (("outlets.vouch", 2), ("outlets.withdraw_voucher", 2)):
        assert Line.objects.filter(verb=verb).count() == times


def test_a_stall_lacks_nothing_but_what_it_needs(areas):
    who, place = person("resident", areas["city"]), areas["c1s1a"]
    for change, photo, code in (
        ({"prices": []}, True, "outlets.stall_incomplete"),
        ({}, False, "outlets.stall_incomplete"),
        ({"trade": "pharmacy"}, True, "outlets.licence_needed"),
        ({"lon": 1.0}, True, "outlets.point_outside"),
    ):
        with pytest.raises(RegisterError) as refused:
            actions.add_stall(stall_deed(who, place), stall_entry(place, **change), photo_file() if photo else None)
        assert refused.value.code == code and Outlet.objects.count() == 0
    with pytest.raises(PermissionDenied):
        actions.add_stall(stall_deed(None, place), stall_entry(place), photo_file())
    words = " ".join(str(row) for name in ("field_names", "licence_free", "limits") for row in table(name))
    assert "户籍" not in words, "no demand for local registration anywhere"


def test_a_stall_sent_back_is_mended_and_waits_again(areas):
    who, worker, place = person("resident", areas["city"]), person("community_worker", areas["c1s1a"]), areas["c1s1a"]
    given = stall_entry(place)
    waits = actions.add_stall(stall_deed(who, place), given, photo_file())
    actions.send_back(deed_of(worker, waits), "请写清价目")
    mended = stall_entry(place, draft_key=given.draft_key, prices=[{"item": "钉掌", "yuan": "5", "unit": "双"}])
    actions.add_stall(stall_deed(who, place), mended, None)
    waits.refresh_from_db()
    assert waits.state == "waiting" and Outlet.objects.get().prices.get().item == "钉掌"
    with pytest.raises(RegisterError):
        actions.accept(deed_of(worker, waits))  # a stall is vouched for, not accepted


def test_a_worker_who_enters_a_stall_vouches_for_it(areas):
    from yike.web.outlets.deeds import deed_at

    worker, place = person("community_worker", areas["c1s1a"]), areas["c1s1a"]
    one = actions.add(deed_at(worker, place), stall_entry(place))
    assert one.state == "open" and one.vouchers.get().by == worker
    with pytest.raises(RegisterError):
        actions.add(deed_at(worker, place), stall_entry(place, prices=[]))


def owned(areas: dict[str, Area]) -> tuple[Person, Outlet]:
    owner = person("merchant", areas["city"])
    return owner, outlet(areas["c1s1a"], "repair", owner=owner, hours="Mo-Su 08:00-18:00")


def test_an_outside_edit_waits_for_the_owners_yes(areas):
    owner, one = owned(areas)
    worker = person("community_worker", areas["c1s1a"])
    with pytest.raises(RegisterError) as refused:
        actions.edit(deed_on(worker, one), {"name": "新名字"})
    assert refused.value.code == "outlets.owned"
    waits = actions.propose(deed_on(worker, one), {"hours": "9:00-17:00", "name": "新名字"})
    one.refresh_from_db()
    assert (one.name == "新名字", one.hours) == (False, "Mo-Su 08:00-18:00")
    assert waits.due == timezone.localdate() + timedelta(days=7) and waits.role == "community_worker"
    for act in (actions.accept_proposal, actions.decline_proposal):
        with pytest.raises(RegisterError) as refused:
            act(deed_on(worker, one), waits.pk)
        assert refused.value.code == "outlets.own_only"
        with pytest.raises(PermissionDenied):
            act(deed_on(person("merchant", areas["city"]), one), waits.pk)
    actions.accept_proposal(deed_on(owner, one), waits.pk)
    one.refresh_from_db()
    assert (one.name, one.hours) == ("新名字", "09:00-17:00")
    with pytest.raises(RegisterError) as refused:
        actions.decline_proposal(deed_on(owner, one), waits.pk)
    assert refused.value.code == "outlets.settled"
    assert Line.objects.filter(verb="outlets.accept_proposal").count() == 1


def test_after_its_day_the_community_may_decide_and_the_owner_may_say_no(areas):
    owner, one = owned(areas)
    worker = person("community_worker", areas["c1s1a"])
    late, no = (
        actions.propose(deed_on(None, one), {"phone": text}, f"print-{text}")
        for text in ("0356-1111111", "0356-2222222")
    )
    actions.decline_proposal(deed_on(owner, one), no.pk)
    Proposal.objects.filter(pk=late.pk).update(due=timezone.localdate() - timedelta(days=1))
    actions.accept_proposal(deed_on(worker, one), late.pk)
    one.refresh_from_db()
    assert one.phone == "0356-1111111"


def test_a_proposal_on_an_outlet_without_owner_is_the_communitys_at_once(areas):
    worker, one = person("community_worker", areas["c1s1a"]), outlet(areas["c1s1a"], "repair")
    waits = actions.propose(deed_on(None, one), {"hours": "9:00-17:00"}, "print-a")
    actions.accept_proposal(deed_on(worker, one), waits.pk)
    one.refresh_from_db()
    assert one.hours == "09:00-17:00"
    for changes in ({}, {"state": "closed"}, {"owner": "1"}, {"hours": "随缘"}, {"distinctions": ["known"]}):
        with pytest.raises(RegisterError):
            actions.propose(deed_on(None, one), changes, "print-b")
    for k in range(9):
        actions.propose(deed_on(None, one), {"name": f"名字{k}"}, "print-a")
    with pytest.raises(RegisterError) as refused:
        actions.propose(deed_on(None, one), {"name": "再来"}, "print-a")
    assert refused.value.code == "outlets.too_many"
