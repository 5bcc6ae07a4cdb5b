"""Pages of the register: who sees what, filters, bulk edits, the merchant's steps, the inbox, the JSON of drafts and reports."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from web.cast import outlet, person, tree
from web.register_scene import PDF, USCC, photo_file
from yike.web.areas.models import Area
from yike.web.journal.models import Line
from yike.web.outlets import actions
from yike.web.outlets.deeds import deed_on
from yike.web.outlets.models import Outlet, Registration, Report

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def built(settings: Any, tmp_path: Any) -> None:
    """Pages name built files; a test of pages does not need the build itself."""
    settings.MEDIA_ROOT = tmp_path / "media"
    entries = ("base.css", "page.js", "staff.js", "worker.js", "worker.css", "register.js", "register.css")
    manifest = {f"src/entries/{name}": {"file": f"{name}-x.{name[-2:]}"} for name in entries}
    settings.BUILT = tmp_path
    (tmp_path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def areas() -> dict[str, Area]:
    return tree()


def logged(client: Client, who: Any) -> Client:
    client.force_login(who)
    return client


DESK = ("/desk/", "/desk/outlets/", "/desk/outlets/new/", "/desk/outlets/export.csv", "/desk/checks/")


def test_a_stranger_and_a_passer_by_see_nothing_of_the_desk(areas, client):
    one = outlet(areas["c1s1a"], "repair", name="密店")
    for who in (None, person(), person("resident", areas["city"]), person("merchant", areas["city"])):
        client.logout()
        if who:
            client.force_login(who)
        for path in (*DESK, f"/desk/outlets/{one.key}/", "/desk/registrations/1/"):
            answer = client.get(path)
            assert answer.status_code in (302, 403, 404), (who, path)
            assert "密店" not in answer.content.decode()
            assert answer.status_code != 302 or "/accounts/" in answer["Location"]


@pytest.mark.parametrize("role", ["city_planner", "street_officer", "community_worker", "auditor"])
def test_the_table_holds_ones_tree_and_nothing_else(areas, client, role):
    mine, other = outlet(areas["c1s1a"], "repair", name="近店"), outlet(areas["c2s2b"], "repair", name="远店")
    area = {"city_planner": "city", "auditor": "c1", "street_officer": "c1s1", "community_worker": "c1s1a"}[role]
    logged(client, person(role, areas[area]))
    page = client.get("/desk/outlets/").content.decode()
    assert "近店" in page and ("远店" in page) == (area == "city")
    assert client.get(f"/desk/outlets/{mine.key}/").status_code == 200
    assert client.get(f"/desk/outlets/{other.key}/").status_code == (200 if area == "city" else 404)
    told = b"".join(client.get("/desk/outlets/export.csv")).decode("utf-8-sig")
    assert "近店" in told and "演示数据" in told and ("远店" in told) == (area == "city")


def test_filters_stand_in_the_address_and_are_saved_per_person(areas, client):
    officer = person("street_officer", areas["c1s1"])
    outlet(
        areas["c1s1a"],
        "repair",
        name="老赵维修",
        pinyin="laozhaoweixiu",
        initials="lzwx",
        verified_at=timezone.localdate(),
    )
    outlet(areas["c1s1a"], "pharmacy", name="康民药店", state="paused")
    outlet(areas["c1s1b"], "repair", name="隔壁维修", licence_free=True)
    logged(client, officer)

    def names(query: str) -> set[str]:
        page = client.get(f"/desk/outlets/?{query}").content.decode()
        return {name for name in ("老赵维修", "康民药店", "隔壁维修") if name in page}

    assert names("q=lzwx") == names("q=weixiu") == {"老赵维修"}
    assert names("q=维修") == names("type=repair") == {"老赵维修", "隔壁维修"}
    assert names("state=paused") == {"康民药店"} and names("state=paused&state=open") == {
        "老赵维修",
        "康民药店",
        "隔壁维修",
    }
    assert names(f"area={areas['c1s1b'].code}") == {"隔壁维修"} == names("stall=yes")
    assert names("verified=yes") == {"老赵维修"} and names("verified=no") == {"康民药店", "隔壁维修"}
    assert names("area=nowhere") == set() and names("state=bad&sort=bad&page=99") == {
        "老赵维修",
        "康民药店",
        "隔壁维修",
    }
    client.post("/desk/outlets/filters/", {"name": "停着的", "query": "state=paused&junk=1"})
    kept = officer.saved_filters.get()
    assert (kept.name, kept.query) == ("停着的", "state=paused")
    assert "停着的" in client.get("/desk/outlets/").content.decode()
    other = Client()
    other.force_login(person("street_officer", areas["c1s1"]))
    assert "停着的" not in other.get("/desk/outlets/").content.decode()
    other.post(f"/desk/outlets/filters/{kept.pk}/remove/")
    assert officer.saved_filters.count() == 1
    client.post(f"/desk/outlets/filters/{kept.pk}/remove/")
    assert officer.saved_filters.count() == 0


def test_bulk_edits_go_through_the_verbs_one_by_one(areas, client):
    officer = person("street_officer", areas["c1s1"])
    ones = [outlet(areas["c1s1a"], "repair") for _ in range(3)]
    paused, foreign = outlet(areas["c1s1a"], "repair", state="paused", name="已停的"), outlet(areas["c2s1a"], "repair")
    logged(client, officer)
    keys = [each.key for each in (*ones, paused, foreign)]
    page = client.post(
        "/desk/outlets/bulk/", {"do": "outlets.pause", "key": keys, "which": "ticked"}, follow=True
    ).content.decode()
    assert "已办理 3 家" in page and "已停的：" in page
    assert {Outlet.objects.get(key=each.key).state for each in ones} == {"paused"}
    foreign.refresh_from_db()
    assert foreign.state == "open" and Line.objects.filter(verb="outlets.pause").count() == 3
    client.post("/desk/outlets/bulk/", {"do": "add_type", "code": "pharmacy", "which": "all", "query": "state=paused"})
    assert all(each.functions.count() == 2 for each in (*ones, paused)) and foreign.functions.count() == 1
    client.post("/desk/outlets/bulk/", {"do": "remove_type", "code": "pharmacy", "key": [ones[0].key]})
    assert [each.code for each in ones[0].functions.all()] == ["repair"]


def test_the_page_of_an_outlet_edits_steps_and_tells_history(areas, client):
    worker, one = person("community_worker", areas["c1s1a"], name="王工"), outlet(areas["c1s1a"], "repair")
    path = f"/desk/outlets/{one.key}/"
    logged(client, worker)
    page = client.post(
        path,
        {
            "do": "edit",
            "shown": ["name", "payments", "delivery"],
            "name": "新名字",
            "payments": ["cash"],
            "delivery": "true",
            "hours": "每天 8:00-18:00",
            "price_item": ["修伞"],
            "price_yuan": ["8"],
            "price_unit": ["把"],
        },
        follow=True,
    )
    one.refresh_from_db()
    assert (one.name, one.payments, one.delivery, one.hours) == (
        "新名字",
        ["cash"],
        True,
        "Mo-Su 08:00-18:00",
    ) and one.prices.count() == 1
    assert "王工" in page.content.decode() and "修改营业时间" in page.content.decode()
    before = Line.objects.count()
    client.post(path, {"do": "edit", "shown": ["name"], "name": "新名字", "hours": "每天 8:00-18:00"})
    assert Line.objects.count() == before, "nothing changed: no line"
    page = client.post(
        path, {"do": "edit", "shown": ["name"], "name": "新名字", "hours": "看心情"}, follow=True
    ).content.decode()
    assert "未能识别营业时间" in page
    client.post(path, {"do": "outlets.pause", "reason": "装修"})
    one.refresh_from_db()
    assert one.state == "paused"
    assert client.post(path, {"do": "outlets.revoke", "reason": "x"}).status_code == 403
    assert client.post(path, {"do": "no.such"}).status_code == 404


def test_an_edit_of_an_owned_outlet_at_the_desk_becomes_a_proposal(areas, client):
    owner = person("merchant", areas["city"])
    worker, one = person("community_worker", areas["c1s1a"]), outlet(areas["c1s1a"], "repair", name="赵记", owner=owner)
    logged(client, worker)
    client.post(f"/desk/outlets/{one.key}/", {"do": "edit", "shown": ["name"], "name": "赵氏"})
    one.refresh_from_db()
    waits = one.proposals.get()
    assert one.name == "赵记" and waits.changes == {"name": "赵氏"}
    logged(client, owner)
    assert "赵氏" in client.get(f"/merchant/outlets/{one.key}/").content.decode()
    client.post(f"/merchant/outlets/{one.key}/", {"do": "accept_proposal", "proposal": waits.pk})
    one.refresh_from_db()
    assert one.name == "赵氏"


def test_the_inbox_is_oldest_first_and_names_what_is_overdue(areas, client):
    worker, one, other = (
        person("community_worker", areas["c1s1a"]),
        outlet(areas["c1s1a"], "repair", name="甲店"),
        outlet(areas["c1s1a"], "repair", name="乙店"),
    )
    far = outlet(areas["c2s1a"], "repair", name="丙店")
    for each, days in ((one, 1), (other, 9), (far, 20)):
        made = Report.objects.create(outlet=each, kind="closed")
        Report.objects.filter(pk=made.pk).update(at=timezone.now() - timedelta(days=days))
    logged(client, worker)
    page = client.get("/desk/").content.decode()
    assert page.index("乙店") < page.index("甲店") and "丙店" not in page
    assert "逾期 2 天" in page and "1 件已逾期" in page and "有 2 件事" in page
    actions.verify(deed_on(worker, other))
    assert "乙店" not in client.get("/desk/").content.decode()


def test_the_weekly_list_verifies_in_one_tap(areas, client):
    worker = person("community_worker", areas["c1s1a"])
    one, gone = (
        outlet(areas["c1s1a"], "repair", users=50, name="甲店"),
        outlet(areas["c1s1a"], "repair", users=900, name="乙店"),
    )
    logged(client, worker)
    page = client.get("/desk/checks/").content.decode()
    assert page.index("乙店") < page.index("甲店")
    client.post(f"/desk/checks/{one.key}/", {"answer": "true"})
    client.post(f"/desk/checks/{gone.key}/", {"answer": "gone"})
    one.refresh_from_db()
    gone.refresh_from_db()
    assert one.verified_at == timezone.localdate() and gone.state == "closed"
    other = outlet(areas["c1s1b"], "repair")
    assert client.post(f"/desk/checks/{other.key}/", {"answer": "gone"}).status_code == 404


def test_a_merchant_registers_in_three_steps_and_the_draft_is_kept(areas, client):
    who, place = person("resident", areas["city"]), areas["c1s1a"]
    logged(client, who)
    path = client.post("/merchant/begin/")["Location"]
    client.post(path, {"lon": "", "lat": ""})
    assert Registration.objects.get().data == {}
    client.post(path, {"lon": place.lon, "lat": place.lat, "address": "东街1号"})
    client.post(
        f"{path}?step=2",
        {
            "name": "老赵维修",
            "types": ["repair"],
            "hours": "8:00-18:00",
            "ownership": "individual",
            "phone": "0356-1",
            "phone_public": "on",
        },
    )
    kept = Registration.objects.get()
    assert (
        kept.step == 3 and kept.data["name"] == "老赵维修" and "老赵维修" in client.get("/merchant/").content.decode()
    )
    page = client.post(f"{path}?step=3", {"uscc": USCC, "send": "yes"}, follow=True).content.decode()
    assert "营业执照等材料" in page and Outlet.objects.count() == 0
    from django.core.files.uploadedfile import SimpleUploadedFile

    client.post(
        f"{path}?step=3",
        {"uscc": USCC, "send": "yes", "document": SimpleUploadedFile("照.pdf", PDF, "application/pdf")},
    )
    kept.refresh_from_db()
    assert kept.state == "waiting" and kept.outlet and kept.outlet.state == "planned"
    worker = Client()
    worker.force_login(person("community_worker", place))
    assert "新网点登记待审核" in worker.get("/desk/").content.decode()
    page = worker.get(f"/desk/registrations/{kept.pk}/").content.decode()
    assert USCC in page and "照.pdf" in page
    worker.post(f"/desk/registrations/{kept.pk}/", {"answer": "accept"})
    one = Outlet.objects.get()
    assert one.state == "open" and one.owner == who
    logged(client, type(who).objects.get(pk=who.pk))
    client.post(
        f"/merchant/outlets/{one.key}/",
        {"do": "closures", "closed_from": ["2026-12-01"], "closed_to": [""], "closed_why": ["回乡"]},
    )
    client.post(f"/merchant/outlets/{one.key}/", {"do": "outlets.pause"})
    one.refresh_from_db()
    assert one.closures.count() == 1 and one.state == "paused"
    other = Client()
    other.force_login(person("merchant", areas["city"]))
    assert other.get(f"/merchant/outlets/{one.key}/").status_code == 404
    assert other.get(path).status_code == 404 and other.post(path, {"lon": 1, "lat": 1}).status_code == 404


def test_a_stall_enters_itself_and_what_was_typed_stays_when_refused(areas, client):
    who, place = person("resident", areas["city"]), areas["c1s1a"]
    logged(client, who)
    form = {
        "trade": "shoe_repair",
        "lon": place.lon,
        "lat": place.lat,
        "price_item": ["换跟", ""],
        "price_yuan": ["10 元", ""],
        "price_unit": ["双", ""],
        "payments": ["cash"],
        "name": "",
        "hours": "每天 8:00-18:00",
        "draft_key": str(uuid.uuid4()),
    }
    answer = client.post("/add/stall/", form)
    assert answer.status_code == 400 and "照片" in answer.content.decode() and "换跟" in answer.content.decode()
    assert client.post("/add/stall/", form | {"photo": photo_file()}).status_code == 302
    client.post("/add/stall/", form | {"photo": photo_file()})
    one = Outlet.objects.get()
    assert (one.state, one.name, one.trade, one.hours) == ("planned", "修鞋摊", "shoe_repair", "Mo-Su 08:00-18:00")
    client.logout()
    assert client.get("/add/stall/").status_code == 302 and client.get("/add/").status_code == 200


def send(client: Client, told: dict[str, Any], **more: Any) -> Any:
    return client.post("/api/register/outlets", {"draft": json.dumps(told), **more})


def test_a_draft_sent_twice_is_added_once(areas, client):
    worker, place = person("community_worker", areas["c1s1a"]), areas["c1s1a"]
    told = {
        "draft_key": str(uuid.uuid4()),
        "city": "drawn",
        "name": "老李修鞋",
        "trade": "shoe_repair",
        "lon": place.lon,
        "lat": place.lat,
        "prices": [{"item": "换跟", "yuan": "10", "unit": "双"}],
        "payments": ["cash"],
    }
    assert send(client, told).status_code == 401
    logged(client, worker)
    first, again = send(client, told, photo=photo_file()), send(client, told, photo=photo_file())
    assert (first.status_code, again.status_code) == (200, 200) and first.json()["key"] == again.json()["key"]
    assert (first.json()["again"], again.json()["again"]) == (False, True)
    one = Outlet.objects.get()
    assert (one.state, one.photos.count(), one.vouchers.count()) == ("open", 1, 1)
    logged(client, person("resident", areas["city"]))
    assert (
        send(client, told | {"draft_key": str(uuid.uuid4())}).status_code in (403, 422) and Outlet.objects.count() == 1
    )
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(worker)
    assert send(strict, told).status_code == 403


def test_a_bad_draft_adds_nothing_and_says_why(areas, client):
    worker, place = person("community_worker", areas["c1s1a"]), areas["c1s1a"]
    good = {
        "draft_key": str(uuid.uuid4()),
        "city": "drawn",
        "name": "店",
        "types": ["repair"],
        "lon": place.lon,
        "lat": place.lat,
    }
    logged(client, worker)
    from django.core.files.uploadedfile import SimpleUploadedFile

    for change, code in (
        ({"lon": "NaN"}, "outlets.draft_bad"),
        ({"city": "nowhere"}, "outlets.draft_bad"),
        ({"state": "open"}, "outlets.draft_bad"),
        ({"types": ["x"]}, "outlets.type_strange"),
        ({"hours": "看心情"}, "outlets.hours"),
        ({"lon": 1.0}, "outlets.point_outside"),
        ({"lon": areas["c1s1b"].lon, "lat": areas["c1s1b"].lat}, "outlets.elsewhere"),
    ):
        answer = send(client, good | change)
        assert answer.status_code == 422 and answer.json()["faults"][0]["code"] == code, change
        assert answer.json()["detail"]
    answer = send(client, good, photo=SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg"))
    assert answer.status_code == 422 and answer.json()["faults"][0]["code"] == "outlets.photo"
    assert Outlet.objects.count() == 0 and client.post("/api/register/outlets", {"draft": "{"}).status_code == 422


def test_the_card_holds_only_what_anybody_may_know(areas, client):
    owner = person("merchant", areas["city"], name="赵某某")
    one = outlet(areas["c1s1a"], "repair", owner=owner, uscc=USCC, hours="24/7", payments=["cash"], permit="许-1")
    one.prices.create(item="修伞", yuan="8", unit="把")
    told = client.get(f"/api/outlets/{one.key}")
    card = told.json()
    assert (
        card["open"] is True
        and card["types"][0]["code"] == "repair"
        and card["payments"][0]["zh"] == "现金"
        and card["prices"][0]["yuan"] == "8.00"
    )
    assert not {"owner", "uscc", "permit", "users", "draft_key", "vouchers", "reports"} & set(card)
    assert "赵某某" not in told.content.decode() and USCC not in told.content.decode()
    for state in ("planned", "closed", "revoked", "moved"):
        assert client.get(f"/api/outlets/{outlet(areas['c1s1a'], 'repair', state=state).key}").status_code == 404
    assert client.get("/api/outlets/%00").status_code == 404


def test_a_report_takes_two_taps_and_no_login_and_is_limited(areas, client):
    one = outlet(areas["c1s1a"], "repair")

    def tell(kind: str, address: str = "10.0.0.1") -> int:
        path = f"/api/outlets/{one.key}/reports"
        return int(client.post(path, {"kind": kind}, content_type="application/json", REMOTE_ADDR=address).status_code)

    assert [tell("closed"), tell("wrong"), tell("closed"), tell("closed", "10.0.0.2"), tell("ugly", "10.0.0.3")] == [
        201,
        201,
        429,
        201,
        422,
    ]
    kept = one.reports.first()
    assert kept and "10.0.0" not in str(kept.__dict__) and len(kept.origin) == 32
    assert (
        client.post("/api/outlets/none/reports", {"kind": "closed"}, content_type="application/json").status_code == 404
    )


def test_anybody_proposes_an_edit_and_nothing_changes_before_the_answer(areas, client):
    one = outlet(areas["c1s1a"], "repair", owner=person("merchant", areas["city"]), hours="24/7")

    def tell(changes: dict[str, Any]) -> int:
        path = f"/api/outlets/{one.key}/proposals"
        return int(client.post(path, {"changes": changes}, content_type="application/json").status_code)

    assert tell({"hours": "8:00-18:00", "prices": [{"item": "修伞", "yuan": "8"}]}) == 201
    assert [
        tell({}),
        tell({"state": "closed"}),
        tell({"hours": "随缘"}),
        tell({"prices": [{"item": "x", "yuan": "?"}]}),
    ] == [422] * 4
    one.refresh_from_db()
    assert one.hours == "24/7" and one.proposals.get().changes["prices"][0]["item"] == "修伞"


def test_photos_of_what_is_not_on_the_map_are_for_those_who_may_see_the_record(areas, client):
    worker, one = person("community_worker", areas["c1s1a"]), outlet(areas["c1s1a"], "repair")
    kept = actions.add_photo(deed_on(worker, one), photo_file())
    answer = client.get(kept.file.url)
    assert (
        answer.status_code == 200
        and answer["Content-Type"] == "image/jpeg"
        and b"".join(answer.streaming_content)[:2] == b"\xff\xd8"
    )
    Outlet.objects.filter(pk=one.pk).update(state="planned")
    assert client.get(kept.file.url).status_code == 404
    logged(client, worker)
    assert client.get(kept.file.url).status_code == 200
    for name in ("../yike.sqlite3", "documents/x", "outlets/none.jpg", "%00"):
        assert client.get(f"/media/{name}").status_code == 404
