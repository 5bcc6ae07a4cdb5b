"""Pages of logging in: staff by password and second factor (allauth), residents and merchants by phone, invitations."""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth_views
from django.conf import settings
from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from yike.web.accounts import actions
from yike.web.accounts.addresses import address_of
from yike.web.accounts.codes import TooMany, is_spent, send_code, try_code
from yike.web.accounts.deeds import Deed
from yike.web.accounts.forms import FirstPassword, PhoneCodeForm, PhoneLogin
from yike.web.accounts.models import Person, PhoneCode
from yike.web.accounts.phones import decipher, masked
from yike.web.accounts.rights import LoginNeeded, person_of

CODE, NEXT = "phone_code", "phone_next"  #: in the session: the code's record, and the page to go to
BACKEND = "django.contrib.auth.backends.ModelBackend"


class LoginPage(allauth_views.LoginView):
    """Both ways in on one page: by phone, and for staff by name."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        onward = _safe(self.request, self.request.GET.get("next") or self.request.POST.get("next"))
        more = {"phone_form": PhoneLogin(), "next": onward, "oidc": settings.OIDC_NAME}
        return {**super().get_context_data(**kwargs), **more}


class PasswordPage(allauth_views.PasswordChangeView):
    """Changing one's own password; who has none (OIDC) has nothing to change."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        person = person_of(request)
        if person is None:
            raise LoginNeeded
        if not person.has_usable_password():
            raise Http404
        return super().dispatch(request, *args, **kwargs)


def locked(request: HttpRequest, original: Any = None, credentials: Any = None) -> HttpResponse:
    """Say that the login is locked, and for how long."""
    return render(request, "accounts/locked.html", {"minutes": settings.LOCKOUT_MINUTES}, status=429)


@never_cache
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """Ask for a phone number and send a code to it."""
    form = PhoneLogin(request.POST or None)
    onward = _safe(request, request.POST.get("next") or request.GET.get("next"))
    if request.method == "POST" and form.is_valid():
        try:
            kept = send_code(form.cleaned_data["phone"], form.cleaned_data["city"], address_of(request))
        except TooMany as refusal:
            form.add_error("phone", _wait(refusal))
        else:
            request.session[CODE], request.session[NEXT] = str(kept.pk), onward
            return redirect("phone_code")
    status = 429 if form.has_error("phone", "too_many") else 200
    return render(request, "accounts/phone.html", {"form": form, "next": onward}, status=status)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def phone_code(request: HttpRequest) -> HttpResponse:
    """Take the code and log in; the first time, make the account."""
    key = request.session.get(CODE)
    kept = PhoneCode.objects.filter(pk=key).first() if key else None
    if kept is None:
        return redirect("phone_login")
    form = PhoneCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        proved = try_code(key, form.cleaned_data["code"])
        person = _enrolled(proved) if proved else None
        if person is not None:
            return _enter(request, person)
        form.add_error("code", _("验证码不对。") if not is_spent(key) else _("验证码已失效，请重新获取。"))
    page = {"form": form, "phone": masked(decipher(kept.phone_cipher)), "spent": is_spent(key)}
    return render(request, "accounts/phone_code.html", page)


def _enrolled(proved: PhoneCode) -> Person | None:
    """Return the account of a proved phone, made or joined to the city if need be; None for one that was stopped."""
    person = Person.objects.filter(phone_print=proved.phone_print).first()
    if person is not None and not person.is_active:
        return None
    if person is None or not person.grants.filter(area__city=proved.city).exists():
        root = proved.city.root
        person = actions.enrol(Deed(None, root), proved.city, bytes(proved.phone_cipher), proved.phone_print)
    return person


def _enter(request: HttpRequest, person: Person) -> HttpResponse:
    onward = request.session.pop(NEXT, "") or "/"
    request.session.pop(CODE, None)
    login(request, person, BACKEND)
    return redirect(onward)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, link: str) -> HttpResponse:
    """Let an invited person choose a password; then they log in, and are led to their second factor."""
    held = actions.invitation_of(link)
    if held is None:
        return render(request, "accounts/invitation.html", {"form": None}, status=404)
    form = FirstPassword(request.POST or None, person=held.person)
    if request.method == "POST" and form.is_valid():
        home = held.person.city.root if held.person.city else None
        try:
            actions.accept_invitation(Deed(None, home), link, form.cleaned_data["password1"])
        except ValidationError as problem:
            form.add_error(None, problem)
        else:
            return redirect("account_login")
    return render(request, "accounts/invitation.html", {"form": form, "person": held.person})


@never_cache
@require_http_methods(["GET"])
def mine(request: HttpRequest) -> HttpResponse:
    """Show what the platform knows of who is logged in: roles, second factor, and how to leave."""
    person = person_of(request)
    if person is None:
        raise LoginNeeded
    if person.is_staff:
        return redirect("mfa_index")
    number = masked(decipher(person.phone_cipher)) if person.phone_cipher else ""
    held = person.grants.select_related("area").order_by("area__code")
    return render(request, "accounts/mine.html", {"phone": number, "grants": held})


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Close one's own account."""
    person = person_of(request)
    if person is None:
        raise LoginNeeded
    actions.leave(actions.deed_of(person))
    request.session.flush()
    return redirect("/")


def _wait(refusal: TooMany) -> ValidationError:
    if refusal.wait_s:
        return ValidationError(_("请 %(n)d 秒后再获取验证码。"), "too_many", {"n": refusal.wait_s})
    return ValidationError(_("获取验证码太频繁，请过一小时再试。"), "too_many")


def _safe(request: HttpRequest, onward: str | None) -> str:
    """Return where to go after the login, if it is a page of ours."""
    ours = onward and url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure())
    return str(onward) if ours and onward != reverse("account_logout") else ""
