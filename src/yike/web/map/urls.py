"""Addresses of the public pages and tiles."""

from __future__ import annotations

from django.urls import include, path, re_path

from yike.web.map import areas_pages, cards, near, pages, qr, shell

urlpatterns = [
    path("", pages.home, name="map"),
    path("city/<slug:slug>/", pages.home, name="city_map"),
    path("near/", near.near, name="near"),
    path("near/part/", near.part, name="near_part"),
    path("near/picture.svg", near.picture, name="near_picture"),
    path("o/<str:key>/", cards.card, name="outlet"),
    path("o/<str:key>/part/", cards.part, name="outlet_part"),
    path("o/<str:key>/report/", cards.report, name="outlet_report"),
    path("o/<str:key>/qr.svg", qr.outlet_qr, name="outlet_qr"),
    path("area/<str:code>/", areas_pages.area, name="area"),
    path("circle/<str:code>/", areas_pages.circle, name="circle"),
    path("circle/<str:code>/qr.svg", qr.circle_qr, name="circle_qr"),
    path("about/", pages.about, name="about"),
    path("large/", shell.large, name="large"),
    path("offline/", shell.offline, name="offline"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("sw.js", shell.service_worker, name="service_worker"),
    path("icon.svg", shell.icon_svg, name="icon"),
    re_path(
        r"^icon-(?P<size>192|512)\.png$", lambda request, size: shell.icon_png(request, int(size)), name="icon_png"
    ),
    path("", include("yike.web.map.tile_urls")),
]
