"""Addresses of the platform; each app brings its own pages."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from yike.web.accounts.rights import APPS
from yike.web.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", api.urls),
    path("language/", set_language, name="set_language"),
    *(path("", include(f"yike.web.{app}.urls")) for app in APPS if find_spec(f"yike.web.{app}.urls")),
]
