"""Addresses of an installation that has an identity provider (OIDC)."""

from yike.web.accounts.urls import outside
from yike.web.urls import urlpatterns as ours

urlpatterns = [*outside, *ours]
