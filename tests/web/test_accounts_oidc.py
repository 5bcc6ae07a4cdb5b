"""Staff logging in through the office's own identity provider, played by a small server of the test's own."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.test import override_settings

from web.cast import person, tree
from yike.web.accounts.factors import code_now
from yike.web.accounts.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider():
    """A provider that says who one is as ``told`` has it."""
    told = {"sub": "77", "preferred_username": "li", "email": "li@office.example", "name": "李"}

    class Provider(BaseHTTPRequestHandler):
        def do_GET(self):
            base = f"http://127.0.0.1:{self.server.server_port}"
            answer = {
                "issuer": base, "authorization_endpoint": f"{base}/ask", "token_endpoint": f"{base}/token",
                "userinfo_endpoint": f"{base}/who", "jwks_uri": f"{base}/keys",
            }  # fmt: skip
            self.say(told if self.path == "/who" else answer)

        def do_POST(self):
            self.rfile.read(int(self.headers["content-length"]))
            self.say({"access_token": "t", "token_type": "Bearer"})

        def say(self, answer):
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    Thread(target=server.serve_forever, daemon=True).start()
    app = {"provider_id": "oidc", "name": "统一认证", "client_id": "yike", "secret": "x"}
    app["settings"] = {"server_url": f"http://127.0.0.1:{server.server_port}"}
    known = {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}
    with override_settings(ROOT_URLCONF="web.oidc_urls", OIDC_NAME="统一认证", SOCIALACCOUNT_PROVIDERS=known):
        yield told
    server.shutdown()


def come_back(client):
    """Go to the provider and come back with its code."""
    asked = client.post("/accounts/oidc/oidc/login/")
    query = parse_qs(urlsplit(asked.url).query)
    assert (
        query["code_challenge_method"] == ["S256"] and "/accounts/oidc/oidc/login/callback/" in query["redirect_uri"][0]
    )
    return client.get("/accounts/oidc/oidc/login/callback/", {"code": "c", "state": query["state"][0]})


def test_the_page_offers_it(client, provider):
    tree()
    assert "用 统一认证 登录" in client.get("/accounts/login/").content.decode()


def test_an_invited_person_comes_in_and_still_needs_the_second_factor(client, provider):
    li = person("auditor", tree()["city"], is_staff=True)
    Person.objects.filter(pk=li.pk).update(username="li")
    assert come_back(client).url == "/accounts/factor/code/"
    assert "_auth_user_id" not in client.session
    client.post("/accounts/factor/code/", {"code": code_now(li)})
    assert client.session["_auth_user_id"] == str(li.pk)
    assert client.get("/desk/journal/").status_code == 200
    account = SocialAccount.objects.get()
    assert (account.user_id, account.uid, account.extra_data) == (li.pk, "77", {})
    assert not EmailAddress.objects.exists() and not SocialToken.objects.exists()


def test_the_second_time_the_account_is_known_by_its_number_not_its_name(client, provider):
    li = person("auditor", tree()["city"], is_staff=True)
    Person.objects.filter(pk=li.pk).update(username="li")
    come_back(client)
    client.post("/accounts/logout/")
    provider["preferred_username"] = "renamed"
    assert come_back(client).url == "/accounts/factor/code/"
    assert SocialAccount.objects.get().extra_data == {}


@pytest.mark.parametrize("kind", ["unknown", "resident", "stopped", "nameless"])
def test_nobody_else_comes_in(client, provider, kind):
    city = tree()["city"]
    if kind == "resident":
        Person.objects.filter(pk=person("resident", city).pk).update(username="li")
    if kind == "stopped":
        Person.objects.filter(pk=person("auditor", city, is_staff=True, is_active=False).pk).update(username="li")
    if kind == "nameless":
        provider.pop("preferred_username")
    before = Person.objects.count()
    answer = come_back(client)
    assert answer.status_code == 403 and "没有邀请过" in answer.content.decode()
    assert (
        Person.objects.count() == before
        and not SocialAccount.objects.exists()
        and "_auth_user_id" not in client.session
    )
