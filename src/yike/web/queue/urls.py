"""Addresses of the queue's pages."""

from __future__ import annotations

from django.urls import path

from yike.web.queue import views

urlpatterns = [
    path("desk/jobs/", views.jobs, name="jobs"),
    path("desk/jobs/<int:pk>/", views.job, name="job"),
    path("desk/jobs/<int:pk>/part/", views.part, name="job_part"),
    path("desk/jobs/<int:pk>/cancel/", views.cancel, name="job_cancel"),
]
