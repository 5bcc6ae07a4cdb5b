"""Addresses of the wizard, under /desk/import/."""

from __future__ import annotations

from django.urls import path, re_path

from yike.web.outlets.importing import views

urlpatterns = [
    path("", views.begin, name="import_begin"),
    path("words/", views.words, name="import_words"),
    path("<int:pk>/", views.done, name="import_done"),
    path("<int:pk>/file/", views.again, name="import_again"),
    path("<int:pk>/columns/", views.columns, name="import_columns"),
    path("<int:pk>/check/", views.check, name="import_check"),
    re_path(r"^(?P<pk>\d+)/check/(?P<what>faults|table)\.(?P<kind>csv|xlsx)$", views.download, name="import_download"),
    path("<int:pk>/apply/", views.apply, name="import_apply"),
    path("<int:pk>/undo/", views.undo, name="import_undo"),
]
