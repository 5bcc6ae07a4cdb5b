"""Addresses of the tiles."""

from __future__ import annotations

from django.urls import path

from yike.web.map import tiles

urlpatterns = [
    path("tiles/<slug:slug>/base/<int:z>/<int:x>/<int:y>.mvt", tiles.base_tile, name="base_tile"),
    path("tiles/<slug:slug>/outlets/<int:z>/<int:x>/<int:y>.mvt", tiles.outlets_tile, name="outlets_tile"),
    path("tiles/<slug:slug>/meta.json", tiles.meta, name="tiles_meta"),
]
