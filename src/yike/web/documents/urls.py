"""Addresses of plans."""

from __future__ import annotations

from django.urls import URLPattern, path

from yike.web.documents import views

urlpatterns: list[URLPattern] = [
    path("desk/documents/", views.listing, name="documents"),
    path("desk/documents/make/", views.make, name="documents_make"),
    path("desk/documents/plans.zip", views.everything, name="documents_zip"),
    path("desk/documents/templates/<slug:kind>.toml", views.template, name="documents_template"),
    path("desk/documents/<int:pk>/", views.detail, name="document"),
    path("desk/documents/<int:pk>/drop/", views.drop, name="document_drop"),
    path("desk/documents/<int:pk>/file/<slug:suffix>/", views.download, name="document_file"),
    path("desk/documents/<int:pk>/page/<int:number>.png", views.page, name="document_page"),
    path("desk/documents/<int:pk>/figures/<path:figure>/", views.figure, name="document_figure"),
]
