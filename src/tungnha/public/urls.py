"""Addresses that anybody may open. Those in QR codes are in upper case, which keeps the codes small."""

from django.urls import path

from tungnha.channels.letters.wave import LANDING
from tungnha.outreach.passes import ADDRESS
from tungnha.public import views

urlpatterns = [
    path(f"{ADDRESS}/<str:token>", views.visitor, name="public-visitor"),
    path(f"{LANDING}/<str:token>", views.letter, name="public-letter"),
    path("khach/", views.at_my_door, name="public-door"),
    path("khach/bao/", views.report, name="public-report"),
    path("khach/da-nhan/", views.reported, name="public-reported"),
]
