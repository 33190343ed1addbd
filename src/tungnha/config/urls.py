"""Every address of the web application."""

from django.urls import include, path

urlpatterns = [path("", include("tungnha.office.urls"))]
