"""Addresses of the signed-in pages. `tests/test_doors.py` holds an entry for each: who is let in, who is not."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.i18n import set_language

from tungnha.accounts.trail import unrecorded
from tungnha.office import downloads, layers, letters, lists, views
from tungnha.office.accounts import urls as accounts
from tungnha.office.accounts.gate import before_second_factor
from tungnha.office.campaigns import urls as campaigns
from tungnha.office.changes import urls as changes
from tungnha.office.fieldwork import urls as fieldwork

urlpatterns = [
    *accounts.urlpatterns,
    path("dang-xuat/", before_second_factor(LogoutView.as_view()), name="sign-out"),
    path("ngon-ngu/", login_not_required(unrecorded(set_language)), name="set-language"),
    path("", views.home, name="home"),
    path("don-vi/<int:unit_id>/", views.unit_page, name="unit"),
    path("don-vi/<int:unit_id>/tim/", views.search, name="search"),
    path("don-vi/<int:unit_id>/lop/<slug:layer>.json", layers.layer, name="layer"),
    path("don-vi/<int:unit_id>/dia-ban/", views.turfs, name="turfs"),
    path("don-vi/<int:unit_id>/ho/", views.households, name="households"),
    path("don-vi/<int:unit_id>/trung/", views.matches, name="matches"),
    path("don-vi/<int:unit_id>/danh-sach/", lists.lists, name="lists"),
    path("don-vi/<int:unit_id>/danh-sach/<str:token>/", lists.preview, name="list-preview"),
    path("don-vi/<int:unit_id>/ho/danh-sach/", downloads.people, name="people-out"),
    path("don-vi/<int:unit_id>/ho/danh-sach/day-du/", downloads.people_in_full, name="people-out-full"),
    path("don-vi/<int:unit_id>/thu/", letters.waves, name="letter-waves"),
    path("thu/<int:wave_id>/", letters.wave, name="letter-wave"),
    path("thu/<int:wave_id>/manifest.csv", letters.manifest, name="letter-manifest"),
    path("danh-sach/<int:list_id>/", lists.report, name="list"),
    path("danh-sach/<int:list_id>/can-sua/", lists.mend_file, name="list-mend"),
    path("trung/<int:candidate_id>/", views.decide_match, name="decide-match"),
    path("dia-ban/<int:turf_id>/", views.turf_page, name="turf"),
    path("dia-ban/<int:turf_id>/ban-do.json", layers.turf_layer, name="turf-layer"),
    path("dia-ban/<int:turf_id>/phieu-di.pdf", downloads.walk_list, name="walk-list"),
    path("dia-ban/<int:turf_id>/thu.pdf", downloads.letters, name="letters"),
    path("dia-ban/<int:turf_id>/thu/<int:household_id>.pdf", downloads.letter, name="letter"),
    *campaigns.urlpatterns,
    *fieldwork.urlpatterns,
    *changes.urlpatterns,
]
