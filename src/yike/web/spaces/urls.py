"""Addresses of the register of idle spaces."""

from __future__ import annotations

from django.urls import path

from yike.web.spaces import views

urlpatterns = [
    path("desk/spaces/", views.table, name="spaces"),
    path("desk/spaces/export.<str:form>", views.download, name="spaces_export"),
    path("desk/spaces/new/", views.new, name="new_space"),
    path("desk/spaces/import/", views.import_begin, name="spaces_import"),
    path("desk/spaces/import/<int:pk>/", views.import_job, name="spaces_import_job"),
    path("desk/spaces/photos/<int:pk>/", views.photo, name="space_photo"),
    path("desk/spaces/<str:key>/", views.detail, name="space"),
]
