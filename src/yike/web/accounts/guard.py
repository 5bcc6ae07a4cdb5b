"""The guard before every page: sessions that still hold, staff with a password in date and a second factor, refusals written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from yike.web.accounts.deeds import forget_refusals, write_refusals
from yike.web.accounts.factors import has_factor
from yike.web.accounts.models import Person
from yike.web.accounts.passwords import is_expired
from yike.web.accounts.rights import LoginNeeded
from yike.web.accounts.roles import is_staff
from yike.web.accounts.sittings import goes_on

FREE = ("/static/", "/media/", "/tiles/")  #: the same for everybody: not worth a look at who asks
DESK = "/desk/"  #: pages of staff
OWN = ("/accounts/", "/language/", "/large/")  #: where a person puts their own login in order


class Guard:
    """Middleware after authentication and messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forget_refusals()
        held = self._hold(request)
        try:
            return held or self.get_response(request)
        finally:
            write_refusals()

    def _hold(self, request: HttpRequest) -> HttpResponse | None:
        """Return the answer that comes before the page, None to go on."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path.startswith(FREE):
            return None
        person = request.user
        if not isinstance(person, Person) or not person.is_authenticated:
            return None
        if not goes_on(request, person):
            logout(request)
            messages.warning(request, _("登录已到时，请重新登录。"))
            return None
        if request.path.startswith(OWN) or not is_staff(person):
            return None
        return self._duty(request, person)

    def _duty(self, request: HttpRequest, person: Person) -> HttpResponse | None:
        """Lead staff to what they must do before anything else."""
        if is_expired(person):
            name, say = "account_change_password", _("口令已到期，请先修改口令。")
        elif not has_factor(person):
            name, say = "mfa_activate_totp", _("工作人员须先设置动态口令，才能使用平台。")
        else:
            return None
        if request.path.startswith("/api/") or request.method not in ("GET", "HEAD"):
            return JsonResponse({"detail": say}, status=403, json_dumps_params={"ensure_ascii": False})
        messages.warning(request, say)
        return redirect(name)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """Take NUL out of what a page of the desk is asked: no text holds it, and PostgreSQL refuses to look for it."""
        if not request.path.startswith(DESK):
            return
        if any("\x00" in told for told in kwargs.values() if isinstance(told, str)):
            raise Http404
        request.GET = _without_nul(request.GET)  # type: ignore[assignment]
        if request.method == "POST":
            request.POST = _without_nul(request.POST)  # type: ignore[assignment]

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Lead who is not logged in to the login page, and back afterwards."""
        if not isinstance(problem, LoginNeeded) or request.path.startswith("/api/"):
            return None
        here = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        return redirect(f"{reverse('account_login')}?{urlencode({'next': here})}")


def _without_nul(told: QueryDict) -> QueryDict:
    """Return a form or a query without NUL in its texts; the same where none has any."""
    if not any("\x00" in text for name, texts in told.lists() for text in (name, *texts)):
        return told
    clean = QueryDict(mutable=True, encoding=told.encoding)
    for name, texts in told.lists():
        clean.setlist(name.replace("\x00", ""), [text.replace("\x00", "") for text in texts])
    clean._mutable = False
    return clean
