"""Addresses of a campaign's pages, taken up by `tungnha.office.urls`."""

from django.urls import path

from tungnha.office.campaigns import views

urlpatterns = [
    path("chien-dich/", views.campaigns, name="campaigns"),
    path("chien-dich/moi/", views.new_campaign, name="campaign-new"),
    path("chien-dich/<int:campaign_id>/", views.phases, name="campaign"),
    path("chien-dich/<int:campaign_id>/sua/", views.change_campaign, name="campaign-change"),
    path("chien-dich/<int:campaign_id>/giai-doan/", views.phases, name="phases"),
    path("giai-doan/<int:phase_id>/", views.change_phase, name="phase"),
]
