"""Addresses of a unit's field work, taken up by `tungnha.office.urls`."""

from django.urls import path

from tungnha.office.fieldwork import attendance, callbacks, found, positions, review, teams, training, views

urlpatterns = [
    path("don-vi/<int:unit_id>/thuc-dia/", views.fieldwork, name="fieldwork"),
    path("don-vi/<int:unit_id>/to/", teams.teams, name="teams"),
    path("to/<int:team_id>/", teams.team, name="team"),
    path("thanh-vien/<int:member_id>/thoi/", teams.let_go, name="member-let-go"),
    path("thanh-vien/<int:member_id>/giao/", teams.give, name="walk-give"),
    path("phieu-giao/<int:assignment_id>/thu/", teams.take_back, name="walk-take-back"),
    path("may/<int:device_id>/khoa/", teams.revoke, name="device-revoke"),
    path("don-vi/<int:unit_id>/quay-lai/", callbacks.callbacks, name="callbacks"),
    path("don-vi/<int:unit_id>/xem-lai/", review.review, name="review"),
    path("xem-lai/<int:flag_id>/", review.settle_flag, name="flag-settle"),
    path("phan-anh/<int:report_id>/", review.settle_report, name="report-settle"),
    path("muc-giu/<str:digest>/", review.settle_held, name="held-settle"),
    path("don-vi/<int:unit_id>/ho-phat-hien/", found.found, name="found"),
    path("ho-phat-hien/<uuid:entry>/", found.settle, name="found-settle"),
    path("to/<int:team_id>/ca/", attendance.plan, name="shift-plan"),
    path("ca/<int:shift_id>/", attendance.shift, name="shift"),
    path("ca/<int:shift_id>/huy/", attendance.call_off, name="shift-call-off"),
    path("don-vi/<int:unit_id>/diem-danh/", attendance.day, name="attendance"),
    path("chien-dich/<int:campaign_id>/vi-tri/", positions.position_stamps, name="position-stamps"),
    path("don-vi/<int:unit_id>/tap-huan/", training.unit_training, name="unit-training"),
    path("tap-huan/", training.courses, name="training"),
    path("tap-huan/<slug:name>/", training.course, name="course"),
]
