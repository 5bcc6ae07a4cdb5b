"""Addresses of the pages of circles."""

from __future__ import annotations

from django.urls import path

from yike.web.circling.views import drawing, listing, profiles, proposals, tables

urlpatterns = [
    path("desk/circles/", listing.circles, name="circles"),
    path("desk/circles/export.csv", listing.export),
    path("desk/circles/communities.json", drawing.communities),
    path("desk/circles/new/", drawing.new),
    path("desk/circles/propose/", proposals.propose),
    path("desk/circles/proposed/<int:pk>/", proposals.proposed),
    path("desk/circles/tables/", tables.tables),
    path("desk/circles/tables/facts/", tables.facts),
    path("desk/circles/tables/programmes/", tables.programmes),
    path("desk/circles/programmes/<int:pk>/remove/", tables.remove),
    path("desk/circles/<str:code>/", profiles.circle, name="desk_circle"),
    path("desk/circles/<str:code>/edit/", drawing.edit),
    path("desk/circles/<str:code>/profile.csv", profiles.export),
    path("desk/circles/<str:code>/name/", profiles.rename),
    path("desk/circles/<str:code>/class/", profiles.set_class),
    path("desk/circles/<str:code>/dissolve/", profiles.dissolve),
    path("desk/circles/<str:code>/programme/", profiles.add_programme),
]
