"""The people of a made-up city, and the settings a real one is served with."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from web.cast import person, tree
from yike.errors import InputError
from yike.web.accounts import demo, sms
from yike.web.accounts.demo import NAMES, PHONES, make_demo_people
from yike.web.accounts.factors import code_now, has_factor
from yike.web.accounts.models import Grant, Person
from yike.web.accounts.phones import decipher, print_of
from yike.web.accounts.roles import roles
from yike.web.journal.chain import prove


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setattr(demo, "home", lambda: tmp_path)
    return tmp_path


@pytest.fixture
def city(db):
    return tree()["city"].city


def test_every_role_has_its_person_and_its_line(city, home):
    lines = make_demo_people(city)
    assert len(lines) == 1 + len(roles())
    held = {grant.role: grant for grant in Grant.objects.all()}
    assert set(held) == set(roles())
    assert all(grant.area.level in roles()[role].levels for role, grant in held.items())
    assert all(has_factor(each) and each.is_staff for each in Person.objects.exclude(password__startswith="!"))
    assert prove().broken is None
    phones = {decipher(each.phone_cipher) for each in Person.objects.exclude(phone_print="")}
    assert phones == set(PHONES.values())


@pytest.mark.parametrize("role", NAMES)
def test_one_can_log_in_as_each(city, home, role, capsys):
    line = next(each for each in make_demo_people(city) if f": {NAMES[role]} " in each)
    username, password, secret = re.search(r": (\S+) (\S+)  TOTP ([A-Z2-7]+)", line).groups()
    client = Client()
    assert client.post("/accounts/login/", {"login": username, "password": password}).url == "/accounts/factor/code/"
    call_command("totp", username)
    code = capsys.readouterr().out.strip()
    assert code == code_now(Person.objects.get(username=username)) and len(secret) == 32
    client.post("/accounts/factor/code/", {"code": code})
    assert client.session["_auth_user_id"] == str(Person.objects.get(username=username).pk)


@pytest.mark.parametrize("role", PHONES)
def test_one_can_log_in_by_phone_and_find_the_code_on_the_console(city, home, role, capsys):
    make_demo_people(city)
    client = Client()
    client.post("/accounts/phone/", {"phone": PHONES[role], "city": city.slug})
    code = re.search(r"验证码 (\d+)", capsys.readouterr().err).group(1)
    client.post("/accounts/phone/code/", {"code": code})
    found = Person.objects.get(phone_print=print_of(PHONES[role]))
    assert client.session["_auth_user_id"] == str(found.pk) and found.grants.filter(role=role).exists()


def test_the_words_are_kept_where_only_the_owner_reads_them(city, home):
    lines = make_demo_people(city)
    path = home / "demo-logins.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and path.read_text(encoding="utf-8").strip() == "\n".join(lines)
    assert make_demo_people(city) == lines  # asked again, nothing changes


def test_no_two_installations_have_the_same_words(city, home):
    first = make_demo_people(city)
    (home / "demo-logins.txt").unlink()
    second = make_demo_people(city)
    words = [set(re.findall(r": \S+ (\S+)  TOTP (\S+)", "\n".join(lines))) for lines in (first, second)]
    assert len(words[0]) == len(NAMES) and not words[0] & words[1]


def test_two_made_up_cities_have_people_of_their_own(city, home):
    make_demo_people(city)
    other = tree("other", "98")["city"].city
    make_demo_people(other)
    assert (
        Person.objects.get(username="planner").city == city
        and Person.objects.get(username="planner-other").city == other
    )
    kept = (home / "demo-logins.txt").read_text(encoding="utf-8")
    assert kept.count("demonstration people of") == 2
    assert make_demo_people(city)[0].endswith("drawn; /accounts/login/")


def test_a_real_city_gets_nobody_made_up(city, home):
    city.made_up = False
    city.save()
    with pytest.raises(InputError) as refusal:
        make_demo_people(city)
    assert refusal.value.code == "accounts.real_city" and not Person.objects.exists()
    with pytest.raises(CommandError):
        call_command("demo_people", city.slug)
    assert not (home / "demo-logins.txt").exists()


def test_codes_of_real_people_are_not_shown(city, home):
    real = person("auditor", city.root)  # no city of their own
    with pytest.raises(CommandError):
        call_command("totp", real.username)
    real.city = city
    real.save()
    call_command("totp", real.username)
    city.made_up = False
    city.save()
    with pytest.raises(CommandError):
        call_command("totp", real.username)


def test_the_console_is_the_sender_unless_another_is_named():
    assert settings.SMS_SENDER == "yike.web.accounts.sms.to_console" and callable(sms.to_console)


def test_the_checks_for_service_are_clean(tmp_path):
    told = {**os.environ, "YIKE_TLS": "1", "YIKE_HOSTS": "example.org", "YIKE_HOME": str(tmp_path), "YIKE_DATABASE": ""}
    told.pop("DJANGO_SETTINGS_MODULE", None)
    command = [
        sys.executable,
        "-m",
        "django",
        "check",
        "--deploy",
        "--fail-level",
        "WARNING",
        "--settings",
        "yike.web.settings",
    ]
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no issues" in done.stdout


ASK = """
import django; django.setup()
from django.conf import settings
from django.test import Client
print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY, settings.DEBUG)
from django.urls import reverse
print(reverse("openid_connect_login", kwargs={"provider_id": "oidc"}))
print(settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"])
answer = Client(headers={"host": "example.org"}).get("/accounts/logout/", secure=True)
for name, value in answer.headers.items():
    print(name.lower(), value)
"""


def test_in_service_cookies_are_safe_and_oidc_comes_by_the_environment(tmp_path):
    told = {
        **os.environ, "YIKE_TLS": "1", "YIKE_HOSTS": "example.org", "YIKE_HOME": str(tmp_path), "YIKE_DATABASE": "",
        "DJANGO_SETTINGS_MODULE": "yike.web.settings", "YIKE_OIDC_NAME": "统一认证", "YIKE_OIDC_ISSUER": "https://id.example.org/realm",
        "YIKE_OIDC_CLIENT": "yike", "YIKE_OIDC_SECRET": "x",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", ASK], env=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert "True True True False" in said and "/accounts/oidc/oidc/login/" in said and "https://id.example.org" in said
    assert "strict-transport-security max-age=31536000; includeSubDomains; preload" in said
    assert "x-frame-options DENY" in said and "x-content-type-options nosniff" in said
    assert "referrer-policy same-origin" in said and "default-src 'self'" in said


def test_the_secret_of_an_installation_is_its_owners(tmp_path, monkeypatch):
    from yike.web.home import secret

    monkeypatch.setenv("YIKE_HOME", str(tmp_path))
    assert secret("phone_key") == secret("phone_key") and len(secret("phone_key")) > 40
    assert stat.S_IMODE((tmp_path / "secrets" / "phone_key").stat().st_mode) == 0o600
