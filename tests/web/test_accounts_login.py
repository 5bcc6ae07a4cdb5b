"""Logging in: staff by password and second factor, residents and merchants by phone; locked, expired, ended."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone

from web.cast import person, tree
from yike.web.accounts import factors, sms
from yike.web.accounts.actions import invitation_of
from yike.web.accounts.deeds import Deed
from yike.web.accounts.factors import code_now, has_factor, set_factor
from yike.web.accounts.limits import limit, limits
from yike.web.accounts.models import Grant, Person, PhoneCode, Sitting
from yike.web.accounts.passwords import put_password, random_password
from yike.web.accounts.phones import cipher, decipher, plain, print_of
from yike.web.accounts.roles import roles
from yike.web.journal.models import Line

pytestmark = pytest.mark.django_db
WORD = "a long enough word 9"
LOGIN, FACTOR, SETUP = "/accounts/login/", "/accounts/factor/code/", "/accounts/factor/new/"


@pytest.fixture
def areas():
    cache.clear()  # allauth counts what was asked for there, by the number of the person
    return tree()


@pytest.fixture
def sent(monkeypatch):
    """What the SMS sender was given: (phone, text)."""
    letters = []
    monkeypatch.setattr(sms, "send", lambda phone, text: letters.append((phone, text)))
    return letters


def password_step(client, someone, word=WORD):
    return client.post(LOGIN, {"login": someone.username, "password": word})


def log_in(client, someone):
    """Password and second factor."""
    assert password_step(client, someone).url == FACTOR
    return client.post(FACTOR, {"code": code_now(someone)})


def code_in(letters):
    return re.search(r"\d{6}", letters[-1][1]).group()


def who(client):
    return client.session.get("_auth_user_id")


# --- staff ---


def test_staff_log_in_with_password_and_code(areas, client):
    planner = person("city_planner", areas["city"])
    assert password_step(client, planner).url == FACTOR
    assert who(client) is None  # the password alone is nothing
    answer = client.post(FACTOR, {"code": code_now(planner)})
    assert answer.url == "/desk/" and who(client) == str(planner.pk)
    assert Line.objects.get(verb="session.began").person == planner
    assert client.get("/desk/people/").status_code == 200


def test_a_code_is_good_once_and_only_about_now(areas, client, monkeypatch):
    planner = person("city_planner", areas["city"])
    code = code_now(planner)
    log_in(client, planner)
    again = Client()
    password_step(again, planner)
    assert again.post(FACTOR, {"code": code}).status_code == 200 and who(again) is None
    step = factors._step()
    monkeypatch.setattr(factors, "_step", lambda: step + 2)
    fresh = code_now(planner)
    monkeypatch.setattr(factors, "_step", lambda: step + 6)
    again.post(FACTOR, {"code": fresh})
    assert who(again) is None


def test_a_recovery_code_stands_in_once(areas, client):
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    planner = person("city_planner", areas["city"])
    code = RecoveryCodes.activate(planner).get_unused_codes()[0]
    password_step(client, planner)
    client.post(FACTOR, {"code": code})
    assert who(client) == str(planner.pk)
    again = Client()
    password_step(again, planner)
    again.post(FACTOR, {"code": code})
    assert who(again) is None


def test_staff_without_a_second_factor_are_led_to_set_it_up_before_anything_else(areas, client):
    planner = person("city_planner", areas["city"])
    Authenticator.objects.all().delete()
    password_step(client, planner)
    assert who(client) == str(planner.pk)
    for path in ("/desk/people/", "/desk/journal/", "/near/", "/"):
        assert client.get(path).url == SETUP
    refused = client.post("/desk/people/invite/", {})
    assert refused.status_code == 403 and "动态口令" in refused.json()["detail"]
    assert client.get("/api/openapi.json").status_code == 403
    page = client.get(SETUP).content.decode()
    assert 'style="' not in page and "<svg" not in page and "data:image/svg+xml" in page


def test_setting_the_second_factor_up_gives_recovery_codes(areas, client, django_capture_on_commit_callbacks):
    planner = person("city_planner", areas["city"])
    Authenticator.objects.all().delete()
    password_step(client, planner)
    secret = re.search(r"<code>([A-Z2-7]+)</code>", client.get(SETUP).content.decode()).group(1)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(SETUP, {"code": factors._code(secret, factors._step())})
    assert answer.url == "/accounts/recovery/" and has_factor(planner)
    assert len(re.findall(r"<li><code>\w+</code>", client.get(answer.url).content.decode())) == 10
    assert client.get("/desk/people/").status_code == 200
    assert list(Line.objects.filter(verb__startswith="factor.").values_list("verb", flat=True)) == [
        "factor.added", "factor.recovery_codes",
    ]  # fmt: skip
    kept = Authenticator.objects.get(user=planner, type="totp")
    assert secret not in str(kept.data)


def test_a_login_long_past_is_asked_again_before_the_factor_is_touched(areas, client):
    planner = person("city_planner", areas["city"])
    log_in(client, planner)
    assert client.get("/accounts/factor/remove/").status_code == 200
    Sitting.objects.update(began_at=timezone.now() - timedelta(minutes=limit("fresh_minutes") + 1))
    assert client.get("/accounts/factor/remove/").url.startswith("/accounts/again/")
    assert client.get("/accounts/recovery/new/").url.startswith("/accounts/again/")
    assert client.post("/accounts/factor/remove/").status_code == 302 and has_factor(planner)
    assert "再输入一次口令" in client.get("/accounts/again/").content.decode()
    client.post("/accounts/again/", {"password": WORD})
    assert client.get("/accounts/factor/remove/").status_code == 200


def test_a_wrong_first_code_sets_nothing_up(areas, client):
    planner = person("city_planner", areas["city"])
    Authenticator.objects.all().delete()
    password_step(client, planner)
    client.get(SETUP)
    assert client.post(SETUP, {"code": "000000x"}).status_code == 200 and not has_factor(planner)


@pytest.mark.parametrize("step", ["password", "factor"])
def test_failures_lock_the_person_from_that_address_for_a_while(areas, client, step):
    planner, other = person("city_planner", areas["city"]), person("auditor", areas["city"])
    fail = {
        "password": lambda: password_step(client, planner, "wrong"),
        "factor": lambda: client.post(FACTOR, {"code": "12"}),
    }[step]
    if step == "factor":
        password_step(client, planner)
    answers = [fail().status_code for _ in range(limit("lockout_tries"))]
    assert answers[:-1] == [200] * (limit("lockout_tries") - 1) and answers[-1] == 429
    assert password_step(Client(), planner).status_code == 429  # the right word does not help now
    assert who(client) is None
    assert Line.objects.filter(verb="session.locked_out", record=planner.username).count() == 1
    assert password_step(Client(), other).url == FACTOR  # another person, the same address
    elsewhere = Client(REMOTE_ADDR="10.9.9.9")
    assert password_step(elsewhere, planner).url == FACTOR  # the same person, another address
    from axes.models import AccessAttempt

    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=limit("lockout_minutes") + 1))
    assert password_step(Client(), planner).url == FACTOR


def test_a_phone_typed_as_a_user_name_is_not_kept(areas, client):
    from axes.models import AccessAttempt, AccessLog

    answer = client.post(LOGIN, {"login": "138 0000 1234", "password": "x"})
    assert "手机号登录" in answer.content.decode() and not AccessAttempt.objects.exists()
    log_in(client, person("auditor", areas["city"]))
    assert not AccessLog.objects.exists()


def test_right_code_is_refused_while_locked(areas, client):
    planner = person("city_planner", areas["city"])
    password_step(client, planner)
    for _ in range(limit("lockout_tries")):
        client.post(FACTOR, {"code": "12"})
    assert client.post(FACTOR, {"code": code_now(planner)}).status_code == 429 and who(client) is None


def test_nobody_signs_up_and_no_password_is_reset_by_mail(client):
    for path in ("signup/", "password/reset/", "email/", "confirm-email/", "login/code/"):
        assert client.get(f"/accounts/{path}").status_code == 404


def test_a_forwarded_address_counts_only_behind_our_own_proxies(rf, settings):
    from yike.web.accounts.addresses import address_of

    claimed = rf.get("/", headers={"x-forwarded-for": "1.1.1.1, 2.2.2.2"}, REMOTE_ADDR="9.9.9.9")
    settings.PROXIES = 0
    assert address_of(claimed) == "9.9.9.9"
    settings.PROXIES = 1
    assert address_of(claimed) == "2.2.2.2"
    settings.PROXIES = 3
    assert address_of(claimed) == "9.9.9.9"


# --- sessions ---


def test_an_idle_session_ends(areas, client):
    planner = person("city_planner", areas["city"])
    log_in(client, planner)
    Sitting.objects.update(seen_at=timezone.now() - timedelta(minutes=limit("staff_idle_minutes") - 1))
    assert client.get("/desk/people/").status_code == 200
    assert Sitting.objects.get().seen_at > timezone.now() - timedelta(minutes=1)  # going on counts as being seen
    Sitting.objects.update(seen_at=timezone.now() - timedelta(minutes=limit("staff_idle_minutes") + 1))
    assert client.get("/desk/people/").url.startswith(LOGIN)
    assert who(client) is None and not Sitting.objects.exists()


def test_a_session_ends_however_busy(areas, client):
    planner = person("city_planner", areas["city"])
    log_in(client, planner)
    Sitting.objects.update(began_at=timezone.now() - timedelta(hours=limit("staff_hours"), minutes=1))
    assert client.get("/desk/people/").url.startswith(LOGIN)


def test_one_login_too_many_ends_the_oldest(areas):
    planner = person("city_planner", areas["city"])
    clients = [Client() for _ in range(limit("staff_sittings") + 1)]
    for each in clients:
        each.force_login(planner)
    assert clients[0].get("/desk/people/").url.startswith(LOGIN)
    assert all(each.get("/desk/people/").status_code == 200 for each in clients[1:])


def test_logging_out_ends_the_sitting_on_the_server(areas, client):
    planner = person("city_planner", areas["city"])
    log_in(client, planner)
    stolen = client.cookies["sessionid"].value
    client.post("/accounts/logout/")
    assert not Sitting.objects.exists()
    thief = Client()
    thief.cookies["sessionid"] = stolen
    assert thief.get("/desk/people/").url.startswith(LOGIN)


def test_a_session_without_its_sitting_is_nobody(areas, client):
    client.force_login(person("city_planner", areas["city"]))
    Sitting.objects.all().delete()
    assert client.get("/desk/people/").url.startswith(LOGIN)


def test_who_did_not_log_in_costs_nothing_at_the_guard(rf, django_assert_num_queries):
    from django.http import HttpResponse

    from yike.web.accounts.guard import Guard

    request = rf.get("/desk/people/")
    with django_assert_num_queries(0):
        assert Guard(lambda _: HttpResponse("page"))(request).content == b"page"
    assert not hasattr(request, "session")  # untouched: an answer may be kept for everybody


# --- passwords ---


@pytest.mark.parametrize(
    "word", ["Short1!", "onlysmallletters", "ONLYCAPITALS99", "Password123", "P1-planner-x"], ids=str
)
def test_a_weak_password_is_refused(areas, word):
    from django.contrib.auth.password_validation import validate_password

    with pytest.raises(ValidationError):
        validate_password(word, Person(username="planner-x", name="x"))


def test_one_of_the_last_passwords_is_refused(areas, client):
    planner = person("city_planner", areas["city"])
    words = [random_password() for _ in range(limit("password_history") + 1)]
    for word in words:
        put_password(planner, word)
    log_in_with = {"oldpassword": words[-1]}
    client.force_login(planner)

    def change(to):
        return client.post("/accounts/password/", {**log_in_with, "password1": to, "password2": to})

    for word in (words[1], words[-1]):
        assert change(word).status_code == 200, "one of the last is taken again"
    assert change(words[0]).status_code == 302  # older than the last so many
    planner.refresh_from_db()
    assert planner.check_password(words[0])
    assert Line.objects.filter(verb="password.changed", person=planner).count() == 1


def test_an_expired_password_must_be_changed_first(areas, client):
    planner = person("city_planner", areas["city"])
    Person.objects.update(password_set_at=timezone.now() - timedelta(days=limit("password_days") + 1))
    log_in(client, planner)
    assert client.get("/desk/people/").url == "/accounts/password/"
    new = random_password()
    client.post("/accounts/password/", {"oldpassword": WORD, "password1": new, "password2": new})
    assert client.get("/desk/people/").status_code == 200


def test_changing_the_password_ends_the_other_logins(areas, client):
    planner = person("city_planner", areas["city"])
    other = Client()
    other.force_login(planner)
    client.force_login(planner)
    new = random_password()
    client.post("/accounts/password/", {"oldpassword": WORD, "password1": new, "password2": new})
    assert client.get("/desk/people/").status_code == 200
    assert other.get("/desk/people/").url.startswith(LOGIN)


def test_every_number_says_how_sure_it_is():
    assert {each.grade for each in limits().values()} <= {"D", "A", "B", "C", "R", "NF"}
    assert all(each.value > 0 and each.zh and each.en for each in limits().values())
    assert not any(each.clause and each.grade in "DAB" for each in limits().values()), (
        "the standard was never read here"
    )


# --- phones ---


def start(client, phone="13800001234", city="drawn", **more):
    return client.post("/accounts/phone/", {"phone": phone, "city": city, **more})


def test_a_resident_logs_in_by_phone_and_has_an_account(areas, client, sent):
    assert start(client, "+86 138 0000 1234", next="/merchant/").url == "/accounts/phone/code/"
    assert sent[0][0] == "13800001234"
    assert "138****1234" in client.get("/accounts/phone/code/").content.decode()
    assert client.post("/accounts/phone/code/", {"code": code_in(sent)}).url == "/merchant/"
    resident = Person.objects.get()
    assert who(client) == str(resident.pk)
    assert list(resident.grants.values_list("role", "area__code")) == [("resident", areas["city"].code)]
    assert not resident.has_usable_password() and decipher(resident.phone_cipher) == "13800001234"
    mine = client.get("/accounts/").content.decode()
    assert "居民" in mine and "13800001234" not in mine


def test_the_second_login_finds_the_same_account(areas, client, sent):
    for each in (client, Client()):
        start(each)
        each.post("/accounts/phone/code/", {"code": code_in(sent)})
        PhoneCode.objects.update(at=timezone.now() - timedelta(hours=2))
    assert Person.objects.count() == 1 and Line.objects.filter(verb="accounts.enrol").count() == 1


def test_another_city_joins_the_same_account(areas, client, sent):
    tree("other", "98")
    for city in ("drawn", "other"):
        start(client, city=city)
        client.post("/accounts/phone/code/", {"code": code_in(sent)})
        PhoneCode.objects.update(at=timezone.now() - timedelta(hours=2))
    assert sorted(Person.objects.get().grants.values_list("area__city__slug", flat=True)) == ["drawn", "other"]


def test_no_phone_and_no_code_is_kept_or_told_in_clear(areas, client, sent, caplog, capsys):
    caplog.set_level(0)
    start(client)
    code = code_in(sent)
    client.post("/accounts/phone/code/", {"code": code})
    with connection.cursor() as cursor:
        everything = ""
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            everything += str(
                [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in cursor.fetchall()]
            )
    session = str(dict(client.session))
    assert "phone_code" in everything or "accounts_phonecode" not in everything  # the tables were really read
    for secret in ("13800001234", code):
        assert secret not in session and secret not in caplog.text and secret not in "".join(capsys.readouterr())
        assert secret not in everything


def test_the_console_shows_a_real_number_only_in_part(capsys):
    sms.to_console("13800001234", "x 123456")
    sms.to_console("12000000001", "y 654321")
    shown = capsys.readouterr().err
    assert "138****1234" in shown and "13800001234" not in shown and "12000000001" in shown


def test_a_demonstration_number_never_leaves_the_console(settings, capsys):
    settings.SMS_SENDER = "does.not.exist"
    sms.send("12000000001", "z")
    assert "12000000001" in capsys.readouterr().err


def test_the_sender_is_named_by_a_setting(settings, monkeypatch):
    taken = []
    monkeypatch.setattr("web.cast.letters", taken, raising=False)
    monkeypatch.setattr("web.cast.send", lambda phone, text: taken.append(phone), raising=False)
    settings.SMS_SENDER = "web.cast.send"
    sms.send("13800001234", "hello")
    assert taken == ["13800001234"]


def test_a_code_allows_so_many_tries_and_then_none(areas, client, sent):
    start(client)
    right = code_in(sent)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(limit("code_tries")):
        client.post("/accounts/phone/code/", {"code": wrong})
    answer = client.post("/accounts/phone/code/", {"code": right})
    assert "已失效" in answer.content.decode() and who(client) is None and not Person.objects.exists()


def test_a_code_is_good_once(areas, client, sent):
    start(client)
    key = client.session["phone_code"]
    client.post("/accounts/phone/code/", {"code": code_in(sent)})
    other = Client()
    session = other.session
    session["phone_code"] = key
    session.save()
    other.post("/accounts/phone/code/", {"code": code_in(sent)})
    assert who(other) is None


def test_a_code_expires(areas, client, sent):
    start(client)
    PhoneCode.objects.update(until=timezone.now())
    client.post("/accounts/phone/code/", {"code": code_in(sent)})
    assert who(client) is None


def test_a_newer_code_ends_the_older(areas, client, sent):
    start(client)
    PhoneCode.objects.update(at=timezone.now() - timedelta(minutes=2))
    other = Client()
    start(other)
    assert len(sent) == 2
    client.post("/accounts/phone/code/", {"code": re.search(r"\d{6}", sent[0][1]).group()})
    assert who(client) is None
    other.post("/accounts/phone/code/", {"code": code_in(sent)})
    assert who(other)


def test_codes_to_one_phone_are_few(areas, client, sent):
    assert start(client).status_code == 302
    soon = start(client)
    assert soon.status_code == 429 and "秒后" in soon.content.decode() and len(sent) == 1
    for n in range(1, limit("code_sends_hour")):
        PhoneCode.objects.update(at=timezone.now() - timedelta(minutes=2 * n))
        assert start(client, "138 0000 1234").status_code == 302
    PhoneCode.objects.update(at=timezone.now() - timedelta(minutes=30))
    assert start(client).status_code == 429 and len(sent) == limit("code_sends_hour")


def test_codes_for_one_address_are_few(areas, client, sent):
    for n in range(limit("code_sends_address_hour")):
        assert start(client, f"1380000{n:04}").status_code == 302
    assert start(client, "13900000000").status_code == 429
    assert start(Client(REMOTE_ADDR="10.1.1.1"), "13900000000").status_code == 302


def test_codes_differ_and_have_their_digits(areas, client, sent):
    for n in range(8):
        start(client, f"1380000{n:04}")
    codes = {re.search(r"验证码 (\d+)", text).group(1) for _, text in sent}
    assert len(codes) > 4 and {len(code) for code in codes} == {limit("code_digits")}


@pytest.mark.parametrize("phone", ["", "1380000123", "23800001234", "１３８００００１２３４", "12000000001", "110"])
def test_what_is_no_phone_is_refused(areas, client, sent, phone):
    from yike.web.areas.models import City

    City.objects.update(made_up=False)
    assert start(client, phone).status_code == 200 and not sent


def test_demonstration_numbers_are_of_made_up_cities_only():
    assert plain("12000000001", made_up=True) and not plain("12000000001")
    assert not re.fullmatch(r"1[3-9]\d{9}", "12000000001"), "a demonstration number must never be somebody's"


def test_a_login_leads_only_to_our_own_pages(areas, client, sent):
    start(client, next="https://evil.example/x")
    assert client.post("/accounts/phone/code/", {"code": code_in(sent)}).url == "/"


def test_staff_do_not_come_in_by_phone_nor_residents_by_password(areas, client, sent):
    planner = person("city_planner", areas["city"])
    assert planner.phone_print == ""
    start(client)
    client.post("/accounts/phone/code/", {"code": code_in(sent)})
    resident = Person.objects.get(phone_print=print_of("13800001234"))
    other = Client()
    assert other.post(LOGIN, {"login": resident.username, "password": "!"}).status_code == 200 and who(other) is None


def test_a_stopped_phone_account_does_not_come_in(areas, client, sent):
    Person.objects.create(
        username="r1", phone_print=print_of("13800001234"), phone_cipher=cipher("13800001234"), is_active=False
    )
    start(client)
    client.post("/accounts/phone/code/", {"code": code_in(sent)})
    assert who(client) is None


def test_who_leaves_leaves_no_phone_behind(areas, client, sent):
    start(client)
    client.post("/accounts/phone/code/", {"code": code_in(sent)})
    client.post("/accounts/leave/")
    left = Person.objects.get()
    assert (
        not left.is_active and left.phone_print == "" and bytes(left.phone_cipher) == b"" and not left.grants.exists()
    )
    assert who(client) is None
    PhoneCode.objects.update(at=timezone.now() - timedelta(hours=2))
    start(client)
    client.post("/accounts/phone/code/", {"code": code_in(sent)})
    assert Person.objects.count() == 2  # the same phone begins anew


# --- invitations, OIDC, roles ---


def test_an_invitation_opens_once(areas, client):
    from yike.web.accounts.actions import KIND, invite

    operator = person("operator", areas["city"])
    new, link = invite(Deed(operator, areas["c1"], KIND, "li"), "li", "李", "county_officer")
    assert not new.has_usable_password() and link not in str(list(new.invitations.values()))
    path, word = f"/accounts/invitation/{link}/", random_password()
    assert client.post(path, {"password1": "short", "password2": "short"}).status_code == 200
    assert client.post(path, {"password1": word, "password2": word + "x"}).status_code == 200
    assert client.post(path, {"password1": word, "password2": word}).url == LOGIN
    assert client.get(path).status_code == 404 and invitation_of(link) is None
    password_step(client, new, word)
    assert client.get("/desk/people/").url == SETUP


def test_an_old_invitation_is_shut(areas, client):
    from yike.web.accounts.actions import KIND, invite

    _, link = invite(Deed(person("operator", areas["city"]), areas["city"], KIND, "li"), "li", "", "auditor")
    from yike.web.accounts.models import Invitation

    Invitation.objects.update(until=timezone.now())
    assert client.get(f"/accounts/invitation/{link}/").status_code == 404


def test_roles_and_their_table_are_the_same():
    from yike.web.accounts.rights import ROLES

    assert sorted(roles()) == sorted(ROLES)
    for role in roles().values():
        for given in role.grants:
            assert roles()[given].staff and roles()[given].rank <= role.rank, f"{role.name} gives {given}"


def test_the_offices_of_the_plan_are_fifteen():
    from yike.web.accounts.roles import offices_of

    assert len(offices_of("jincheng-demo")) == 15 and offices_of("drawn") == {}
    shown = {row["zh"] for row in offices_of("jincheng").values()}
    assert {"市商务局", "市民政局", "市邮政管理局"} <= shown


def test_a_stranger_sees_nothing_of_the_staff_side(areas, client):
    client.force_login(person())
    for path in ("/desk/people/", "/desk/people/invite/", "/desk/journal/", "/desk/journal/journal.csv"):
        assert client.get(path).status_code == 403
    assert Client().get("/desk/people/?q=x").url == "/accounts/login/?next=%2Fdesk%2Fpeople%2F%3Fq%3Dx"


@override_settings(OIDC_NAME="")
def test_oidc_is_off_unless_it_is_named(client):
    assert client.get("/accounts/oidc/oidc/login/").status_code == 404
    assert "oidc" not in client.get(LOGIN).content.decode()


def test_whoever_holds_a_staff_role_is_staff_at_the_door(areas, client):
    someone = person()
    Grant.objects.create(person=someone, role="auditor", area=areas["city"])
    client.force_login(someone)
    assert client.get("/desk/journal/").url == SETUP
    set_factor(someone)
    assert client.get("/desk/journal/").status_code == 200
