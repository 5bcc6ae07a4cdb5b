"""Addresses of the open interfaces."""

from django.urls import path

from yike.web.open import api_page, downloads, key_pages
from yike.web.open.ogc import views as ogc

urlpatterns = [
    path("about/api/", api_page.api_page, name="api_page"),
    path("desk/keys/", key_pages.keys, name="keys"),
    path("desk/keys/<int:pk>/revoke/", key_pages.revoke, name="key_revoke"),
    path("export/<slug:slug>/<slug:kind>.<slug:format>", downloads.export, name="export"),
    path("ogc/", ogc.landing, name="ogc"),
    path("ogc/conformance", ogc.conformance),
    path("ogc/api", ogc.api),
    path("ogc/collections", ogc.collections, name="ogc_collections"),
    path("ogc/collections/<str:id>", ogc.collection),
    path("ogc/collections/<str:id>/items", ogc.items),
    path("ogc/collections/<str:id>/items/<str:fid>", ogc.item),
]
