"""Addresses of the list of needs."""

from __future__ import annotations

from django.urls import path

from yike.web.needs import views

urlpatterns = [
    path("desk/needs/", views.table, name="needs"),
    path("desk/needs/export.<str:form>", views.download, name="needs_export"),
    path("desk/needs/new/", views.new, name="new_need"),
    path("desk/needs/import/", views.import_begin, name="needs_import"),
    path("desk/needs/import/<int:pk>/", views.import_job, name="needs_import_job"),
    path("desk/needs/<str:key>/", views.detail, name="need"),
]
