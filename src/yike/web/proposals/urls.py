"""Addresses of proposals."""

from __future__ import annotations

from django.urls import path

from yike.web.proposals import views

urlpatterns = [
    path("desk/proposals/", views.listing, name="proposals"),
    path("desk/proposals/match/", views.match, name="match"),
    path("desk/proposals/<int:pk>/", views.detail, name="proposal"),
    path("desk/proposals/<int:pk>/sites.csv", views.export, name="proposal_sites"),
    path("desk/proposals/<int:pk>/again/", views.again, name="proposal_again"),
    path("desk/proposals/<int:pk>/<str:act>/", views.act, name="proposal_act"),
]
