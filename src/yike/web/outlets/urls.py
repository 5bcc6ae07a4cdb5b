"""Addresses of the register's pages."""

from __future__ import annotations

from django.urls import include, path

from yike.web.outlets.views import desk, detail, merchants, photos, register, stalls, worker

urlpatterns = [
    path("desk/", desk.inbox, name="desk"),
    path("desk/checks/", desk.check_list, name="checks"),
    path("desk/checks/<str:key>/", desk.check_done, name="check_done"),
    path("desk/registrations/<int:pk>/", desk.registration, name="registration"),
    path("desk/outlets/", register.table, name="register"),
    path("desk/outlets/new/", worker.new, name="new_outlet"),
    path("desk/outlets/bulk/", register.bulk, name="bulk"),
    path("desk/outlets/export.csv", register.export, name="register_export"),
    path("desk/outlets/filters/", register.save_filter, name="save_filter"),
    path("desk/outlets/filters/<int:pk>/remove/", register.remove_filter, name="remove_filter"),
    path("desk/outlets/<str:key>/", detail.detail, name="register_outlet"),
    path("desk/import/", include("yike.web.outlets.importing.urls")),
    path("documents/<int:pk>/", desk.document, name="paper"),
    path("media/<path:name>", photos.photo, name="photo"),
    path("add/", merchants.entry, name="add"),
    path("add/stall/", stalls.stall, name="add_stall"),
    path("merchant/", merchants.home, name="merchant"),
    path("merchant/begin/", merchants.begin, name="merchant_begin"),
    path("merchant/claim/<str:key>/", merchants.claim, name="merchant_claim"),
    path("merchant/registrations/<int:pk>/", merchants.registration, name="merchant_registration"),
    path(
        "merchant/registrations/<int:pk>/documents/<int:document>/remove/",
        merchants.remove_document,
        name="remove_document",
    ),
    path("merchant/outlets/<str:key>/", merchants.outlet, name="merchant_outlet"),
]
