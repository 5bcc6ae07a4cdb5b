"""All JSON of the platform under /api/, described by OpenAPI at /api/openapi.json; each app brings its own router."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ninja import NinjaAPI

from yike.web.accounts.rights import APPS

api = NinjaAPI(title="一刻 yike", version="1", urls_namespace="api", docs_url=None)
for app in APPS:
    if find_spec(f"yike.web.{app}.api"):
        api.add_router("", import_module(f"yike.web.{app}.api").router)
