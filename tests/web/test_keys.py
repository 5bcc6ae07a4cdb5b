"""API keys: shown once, narrowed to scopes and area, refused when expired or revoked; and how often one may ask."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import RequestFactory, override_settings
from django.utils import timezone

from web.cast import outlet, person, tree
from yike.web.accounts.key_auth import KeyAuth, staff_auth
from yike.web.accounts.keys import ApiKey, key_of, print_of, scopes
from yike.web.accounts.rights import may, reach_of, verbs
from yike.web.journal.models import Line
from yike.web.journal.verbs import Deed
from yike.web.open.actions import deed_on, key_make, key_revoke
from yike.web.open.limits import BUCKETS, Buckets, Limit, RateLimit, network_of, read_limits

pytestmark = pytest.mark.django_db


@pytest.fixture
def areas():
    return tree()


def later(days=30):
    return timezone.localdate() + timedelta(days=days)


def made(someone, area, *wanted, days=30):
    key, word = key_make(Deed(someone, area, owner_id=someone.pk), "程序", list(wanted), later(days))
    return key, word


def acting(word):
    """The person a request with that key has, as the API sees it; None when refused."""
    request = RequestFactory().get("/api/x", headers={"authorization": f"Bearer {word}"})
    return KeyAuth()(request)


def test_a_key_is_kept_as_a_fingerprint_only(areas):
    planner = person("city_planner", areas["city"])
    key, word = made(planner, areas["city"], "read:register")
    assert word.startswith("yk_") and len(word) > 40 and word.startswith(key.prefix)
    stored = " ".join(str(value) for value in ApiKey.objects.values_list().get())
    assert word not in stored and print_of(word) in stored
    line = Line.objects.get(verb="open.key_make")
    assert word not in str(line.change) and line.change["key"][1] == key.prefix


def test_a_key_acts_for_its_person_within_scopes_and_area(areas):
    planner = person("city_planner", areas["city"])
    _, word = made(planner, areas["c1"], "write:outlets")
    program = acting(word)
    assert program == planner
    assert may(program, "outlets.add", areas["c1s1a"]) and may(planner, "outlets.add", areas["c2s1a"])
    assert not may(program, "outlets.add", areas["c2s1a"])  # another county
    assert not may(program, "accounts.grant", areas["c1s1a"])  # no scope
    assert reach_of(program, "outlets.see") == [areas["c1"].path]
    assert reach_of(program, "accounts.see_people") == []
    assert not may(acting(made(planner, areas["city"], "read:public")[1]), "outlets.see", areas["c1s1a"])


def test_a_key_never_has_more_than_its_person(areas):
    officer = person("street_officer", areas["c1s1"])
    _, word = made(officer, areas["c1s1"], "write:outlets", "write:circles", "read:register")
    program = acting(word)
    for name in verbs():
        for area in areas.values():
            assert not may(program, name, area) or may(officer, name, area), (name, area.name)
    officer.grants.all().delete()
    assert not may(acting(word), "outlets.add", areas["c1s1a"])


def test_no_scope_reaches_people_keys_or_documents():
    from fnmatch import fnmatchcase

    for scope in scopes().values():
        opened = {name for name in verbs() for each in scope.verbs if fnmatchcase(name, each)}
        assert not {name for name in opened if name.startswith(("accounts.", "journal.", "open."))}, scope.name
        assert "outlets.see_documents" not in opened


@pytest.mark.parametrize("spoil", ["revoked", "expired", "inactive", "wrong", "empty", "other"])
def test_a_key_that_does_not_hold_is_refused(areas, spoil):
    planner = person("city_planner", areas["city"])
    key, word = made(planner, areas["city"], "read:register")
    assert acting(word) is not None
    if spoil == "revoked":
        key_revoke(deed_on(planner, key), key)
    elif spoil == "expired":
        ApiKey.objects.update(until=later(-1))
    elif spoil == "inactive":
        planner.is_active = False
        planner.save()
    else:
        word = {"wrong": word[:-1] + ("a" if word[-1] != "a" else "b"), "empty": "", "other": "sk_" + word[3:]}[spoil]
    assert acting(word) is None and key_of(word) is None


def test_the_last_use_is_noted_but_not_at_every_question(areas, django_assert_num_queries):
    _, word = made(person("city_planner", areas["city"]), areas["city"], "read:register")
    acting(word)
    first = ApiKey.objects.get().seen_at
    assert first is not None
    with django_assert_num_queries(1):
        acting(word)
    assert ApiKey.objects.get().seen_at == first


def test_who_may_make_and_revoke(areas):
    with pytest.raises(PermissionDenied):
        made(person("county_officer", areas["c1"]), areas["c2"], "read:register")
    for role in ("merchant", "resident", "community_worker", "auditor", None):
        with pytest.raises(PermissionDenied):
            made(person(role, areas["c1s1a"] if role else None), areas["c1s1a"], "read:register")
    key, _ = made(person("street_officer", areas["c1s1"]), areas["c1s1"], "read:register")
    with pytest.raises(PermissionDenied):
        key_revoke(deed_on(person("street_officer", areas["c1s2"]), key), key)
    key_revoke(deed_on(person("county_officer", areas["c1"]), key), key)
    assert not ApiKey.objects.get().holds


def test_every_fault_of_a_key_is_told_at_once(areas):
    planner = person("city_planner", areas["city"])
    with pytest.raises(ValidationError) as told:
        key_make(Deed(planner, areas["city"], owner_id=planner.pk), " ", ["read:everything"], later(4000))
    assert set(told.value.message_dict) == {"name", "scopes", "until"}
    assert not ApiKey.objects.exists()


@pytest.fixture
def desk(client, areas, monkeypatch):
    """The planner at the desk; how one logs in is tested elsewhere."""
    from yike.web.accounts import guard

    planner = person("city_planner", areas["city"])
    client.force_login(planner)
    monkeypatch.setattr(guard.Guard, "_hold", lambda *_: None)
    return client


def test_the_page_shows_the_word_once(desk, areas):
    asked = {"name": "数据同步", "area": areas["c1"].code, "scopes": ["read:register"], "until": later().isoformat()}
    page = desk.post("/desk/keys/", asked).content.decode()
    key = ApiKey.objects.get()
    assert page.count(key.prefix) >= 2 and "Authorization: Bearer yk_" in page
    again = desk.get("/desk/keys/").content.decode()
    assert "数据同步" in again and "Bearer yk_" not in again
    assert desk.post(f"/desk/keys/{key.pk}/revoke/").status_code == 302
    assert "已吊销" in desk.get("/desk/keys/").content.decode()


def test_a_wrong_form_makes_nothing(desk, areas):
    answer = desk.post("/desk/keys/", {"name": "x", "area": "1", "scopes": ["read:everything"], "until": "soon"})
    assert answer.status_code == 400 and not ApiKey.objects.exists()
    assert answer.content.decode().count("errorlist") >= 3


def test_strangers_see_no_keys(client, areas, monkeypatch):
    from yike.web.accounts import guard

    made(person("city_planner", areas["city"]), areas["city"], "read:register")
    assert client.get("/desk/keys/").status_code in (302, 403)
    monkeypatch.setattr(guard.Guard, "_hold", lambda *_: None)
    client.force_login(person())
    assert client.get("/desk/keys/").status_code == 403
    other = person("county_officer", areas["c2"])
    client.force_login(other)
    assert "yk_" not in client.get("/desk/keys/").content.decode()
    assert client.post(f"/desk/keys/{ApiKey.objects.get().pk}/revoke/").status_code == 404


# --- how often one may ask ---


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again():
    clock = Clock()
    buckets, limit = Buckets(clock), Limit("api", "/api/", "address", per_s=2, burst=3)
    assert [buckets.wait_s(limit, "a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.wait_s(limit, "b") == 0  # each on its own
    clock.now = 0.5
    assert [buckets.wait_s(limit, "a") for _ in range(2)] == [0, 0.5]
    clock.now = 100
    assert [buckets.wait_s(limit, "a") for _ in range(4)] == [0, 0, 0, 0.5]  # never more than the burst


def test_buckets_do_not_fill_the_memory(monkeypatch):
    from yike.web.open import limits

    monkeypatch.setattr(limits, "MOST", 10)
    buckets, limit = Buckets(), Limit("api", "/api/", "address", 1, 5)
    for number in range(50):
        buckets.wait_s(limit, str(number))
    assert len(buckets._left) == 10


@pytest.fixture
def small_limits(tmp_path, monkeypatch):
    table = tmp_path / "limits.csv"
    table.write_text(
        "scope,prefix,who,per_minute,burst,note\nogc,/ogc/,address,60,2,\nogc,/ogc/,key,60,5,\n", encoding="utf-8"
    )
    monkeypatch.setenv("YIKE_LIMITS", str(table))
    BUCKETS.clear()
    yield
    BUCKETS.clear()


def test_too_many_questions_are_told_when_to_come_back(client, areas, small_limits):
    codes = [client.get("/ogc/").status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    answer = client.get("/ogc/")
    assert answer.status_code == 429 and 1 <= int(answer["Retry-After"]) <= 2 and "code" in answer.json()
    assert client.get("/ogc/", REMOTE_ADDR="10.0.0.9").status_code == 200
    assert client.get("/nowhere/").status_code == 404  # other pages are not counted


def test_a_key_has_its_own_bucket_and_an_invented_one_has_not(client, areas, small_limits):
    _, word = made(person("city_planner", areas["city"]), areas["city"], "read:public")
    good = {"authorization": f"Bearer {word}"}
    assert [client.get("/ogc/", headers=good).status_code for _ in range(6)] == [200] * 5 + [429]
    invented = [client.get("/ogc/", headers={"authorization": f"Bearer yk_{n}"}).status_code for n in range(3)]
    assert invented == [200, 200, 429]


def test_a_claimed_address_counts_only_behind_our_own_proxy(client, areas, small_limits):
    codes = [client.get("/ogc/", headers={"x-forwarded-for": f"203.0.113.{n}"}).status_code for n in range(3)]
    assert codes == [200, 200, 429]
    BUCKETS.clear()
    with override_settings(PROXIES=1):
        codes = [client.get("/ogc/", headers={"x-forwarded-for": f"203.0.113.{n}"}).status_code for n in range(3)]
        assert codes == [200, 200, 200]


def test_a_subscriber_of_ipv6_is_one_asker():
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") != network_of("2001:db8:0:1::1")
    assert network_of("203.0.113.7") == "203.0.113.7"


def test_our_table_covers_every_interface():
    assert {(each.prefix, each.who) for each in read_limits()} == {
        (prefix, who) for prefix in ("/api/", "/ogc/", "/export/") for who in ("address", "key")
    }


def test_tiles_and_pages_pass_untouched():
    seen = RateLimit(lambda request: "answer")
    assert seen(RequestFactory().get("/tiles/drawn/base/1/1/1.mvt")) == "answer"
    assert len(staff_auth) == 2


def test_an_outlet_belongs_to_the_tree_it_lies_in(areas):
    """The key's area counts for the record, not for the person."""
    planner = person("city_planner", areas["city"])
    shop = outlet(areas["c2s1a"], "breakfast")
    program = acting(made(planner, areas["c1"], "write:outlets")[1])
    assert may(planner, "outlets.edit", shop.area) and not may(program, "outlets.edit", shop.area)
