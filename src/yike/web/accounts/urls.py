"""Addresses of logging in (``/accounts/``) and of people (``/desk/people/``). Of allauth only what we use is there."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.socialaccount import views as social
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from yike.web.accounts import people, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", views.mine, name="mine"),
    path("accounts/login/", views.LoginPage.as_view(), name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/inactive/", account.account_inactive, name="account_inactive"),
    path("accounts/password/", views.PasswordPage.as_view(), name="account_change_password"),
    path("accounts/again/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/factor/", mfa.index, name="mfa_index"),
    path("accounts/factor/code/", mfa.authenticate, name="mfa_authenticate"),
    path("accounts/factor/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/factor/new/", totp.activate_totp, name="mfa_activate_totp"),
    path("accounts/factor/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("accounts/recovery/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/recovery/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("accounts/recovery/codes.txt", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("accounts/phone/", views.phone, name="phone_login"),
    path("accounts/phone/code/", views.phone_code, name="phone_code"),
    path("accounts/leave/", views.leave, name="leave"),
    path("accounts/invitation/<str:link>/", views.invitation, name="invitation"),
    path("desk/people/", people.people, name="people"),
    path("desk/people/invite/", people.invite, name="invite"),
    path("desk/people/<str:username>/", people.person, name="person"),
    path("desk/people/<str:username>/roles/<int:pk>/revoke/", people.revoke, name="revoke"),
    path("desk/people/<str:username>/<str:what>/", people.act, name="act_on_person"),
]
outside: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("accounts/outside/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("accounts/outside/failed/", social.login_error, name="socialaccount_login_error"),
]
if settings.OIDC_NAME:
    urlpatterns += outside
