"""Every address of the web application."""

from django.urls import include, path

urlpatterns = [
    path("api/sync/v1/", include("tungnha.ledger.sync.urls")),
    path("", include("tungnha.field.urls")),
    path("", include("tungnha.public.urls")),
    path("", include("tungnha.office.urls")),
]
