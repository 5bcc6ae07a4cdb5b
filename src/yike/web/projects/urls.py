"""Addresses of the project list."""

from __future__ import annotations

from django.urls import path

from yike.web.projects import crossing_views, views

urlpatterns = [
    path("desk/projects/", views.table, name="projects"),
    path("desk/projects/export.<str:form>", views.download, name="projects_export"),
    path("desk/projects/new/", views.new, name="new_project"),
    path("desk/projects/needs-vs-gaps/", crossing_views.crossing, name="needs_vs_gaps"),
    path("desk/projects/<str:key>/", views.detail, name="project"),
]
