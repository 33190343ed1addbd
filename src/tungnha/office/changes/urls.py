"""Addresses of the pages on changes of units, taken up by `tungnha.office.urls`."""

from django.urls import path

from tungnha.office.changes import decisions, views

urlpatterns = [
    path("thay-doi/", views.changes, name="changes"),
    path("thay-doi/moi/", views.new_change, name="change-new"),
    path("thay-doi/<int:change_id>/", views.change_page, name="change"),
    path("thay-doi/<int:change_id>/ap-dung/", views.apply_change, name="change-apply"),
    path("thay-doi/<int:change_id>/huy/", views.cancel_change, name="change-cancel"),
    path("cho-quyet-dinh/", decisions.undecided, name="undecided"),
    path("cho-quyet-dinh/<int:unit_id>/", decisions.undecided_unit, name="undecided-unit"),
    path("cho-quyet-dinh/<int:unit_id>/ty-le/", decisions.state_shares, name="undecided-shares"),
]
