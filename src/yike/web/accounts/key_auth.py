"""Who calls the JSON of the staff side: a program with a key, or a person with a session (then with Django's CSRF token)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth

from yike.web.accounts.keys import act_for, key_of


class KeyAuth(HttpBearer):
    """``Authorization: Bearer yk_…``: the person of the key, narrowed to its scopes and area."""

    openapi_description = "An API key made at /desk/keys/"

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Return whom the key acts for and make it the request's user; None when the key is not good."""
        key = key_of(token)
        if key is None:
            return None
        request.user = act_for(key)
        return request.user


staff_auth = [KeyAuth(), SessionAuth()]  #: of routers: a key, else a session with its CSRF token
