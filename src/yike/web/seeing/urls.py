"""Addresses of seeing: areas, circles, their tables and homes."""

from __future__ import annotations

from django.urls import path

from yike.web.seeing import exports, stress_views, views

BOTH = (("desk/area/circle/<str:code>/", True), ("desk/area/<str:code>/", False))

urlpatterns = [
    path("desk/area/", views.mine),
    path("desk/stress/", stress_views.page),
    path("desk/stress/export.csv", stress_views.export),
    path("desk/area/<str:code>/need/", views.need_of_gap),
    *(
        path(f"{base}{page}", act, {"circle": circle})
        for base, circle in BOTH
        for page, act in (
            ("", views.place),
            ("homes/", views.homes),
            ("hours/", views.hours),
            ("merging/", views.merging),
            ("<slug:table>.csv", exports.table),
        )
    ),
]
