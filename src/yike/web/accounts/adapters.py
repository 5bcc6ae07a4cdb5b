"""How we want allauth: no sign-up, our own rules of passwords and addresses, no messages but our own."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yike.web.accounts import sittings
from yike.web.accounts.addresses import address_of
from yike.web.accounts.models import Person
from yike.web.accounts.passwords import put_password
from yike.web.accounts.roles import is_staff


class Accounts(DefaultAccountAdapter):
    """Staff log in; nobody signs up here: staff are invited, residents and merchants come by phone."""

    error_messages = {  # noqa: RUF012
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("用户名或口令不对。"),
        "enter_current_password": _("现在的口令不对。"),
        "incorrect_password": _("口令不对。"),
        "rate_limited": _("太频繁了，请过一会儿再试。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: Person, password: str) -> None:
        put_password(user, password)

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return "/desk/" if is_staff(request.user) else "/"  # type: ignore[arg-type]

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        return "/"

    def is_reauthentication_required(self, app: str) -> bool:
        """Ask who one is again before a factor is touched, unless the login itself was a moment ago."""
        return not sittings.is_fresh(context.request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing: our pages say what happened."""


class Outside(DefaultSocialAccountAdapter):
    """Logins by the office's own identity provider (OIDC): only for staff who were invited, found by user name."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Join the provider's account to the invited person of the same user name, the first time; keep nothing else of it."""
        told = sociallogin.account.extra_data
        name = str({**told.get("id_token", {}), **told.get("userinfo", {})}.get("preferred_username") or "")
        sociallogin.account.extra_data, sociallogin.email_addresses = {}, []
        if sociallogin.is_existing:
            sociallogin.account.save(update_fields=("extra_data",))
            return
        person = Person.objects.filter(username=name, is_staff=True, is_active=True).first() if name else None
        if person is None:
            raise ImmediateHttpResponse(render(request, "socialaccount/authentication_error.html", status=403))
        sociallogin.connect(request, person)
