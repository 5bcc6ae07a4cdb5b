"""Addresses of the pages of studies."""

from __future__ import annotations

from django.urls import path, re_path

from yike.web.studies.runs import views

urlpatterns = [
    path("desk/studies/", views.studies, name="studies"),
    path("desk/studies/compare/", views.compare, name="compare_studies"),
    path("desk/studies/<slug:key>/", views.study, name="study"),
    re_path(r"^desk/studies/(?P<key>[-\w]+)/(?P<what>draw|adopt|drop)/$", views.act, name="study_act"),
    path("desk/studies/<slug:key>/files/<str:name>", views.file, name="study_file"),
]
