"""Addresses of the protocol, below `/api/sync/v1/`. `tests/test_knocks.py` knocks on each."""

from django.urls import path

from tungnha.ledger.sync import views

urlpatterns = [
    path("entries", views.entries, name="sync-entries"),
    path("known", views.known, name="sync-known"),
    path("state", views.state, name="sync-state"),
]
