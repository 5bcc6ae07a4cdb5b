"""Addresses of the journal."""

from __future__ import annotations

from django.urls import URLPattern, path

from yike.web.journal import views

urlpatterns: list[URLPattern] = [
    path("desk/journal/", views.journal, name="journal"),
    path("desk/journal/journal.csv", views.journal_csv, name="journal_csv"),
]
