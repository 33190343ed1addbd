"""The volunteer's app and its calls. What phones send goes to the ledger's own addresses (docs/sync.md)."""

from django.urls import path

from tungnha.field import api, views

urlpatterns = [
    path("di/", views.app, name="field"),
    path("di/sw.js", views.service_worker, name="field-worker"),
    path("di/app.webmanifest", views.manifest, name="field-manifest"),
    path("api/field/device", api.device, name="field-device"),
    path("api/field/walks", api.walks, name="field-walks"),
    path("api/field/stamps", api.stamps, name="field-stamps"),
    path("api/field/give-back", api.give_back, name="field-give-back"),
]
