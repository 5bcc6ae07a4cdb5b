"""Addresses of the planning desk."""

from __future__ import annotations

from django.urls import path

from yike.web.scenarios import views

urlpatterns = [
    path("desk/plan/", views.desk, name="plan"),
    path("desk/plan/compare/", views.compare, name="plan_compare"),
    path("desk/plan/<int:pk>/", views.desk, name="plan_scenario"),
]
