"""Addresses of signing in, of people and of the audit trail, taken up by `tungnha.office.urls`."""

from django.urls import path

from tungnha.office.accounts import audit, outside, own, people, sign_in

urlpatterns = [
    path("dang-nhap/", sign_in.SignIn.as_view(), name="sign-in"),
    path("dang-nhap/buoc-hai/", sign_in.second_factor, name="second-factor"),
    path("dang-nhap/buoc-hai/moi/", sign_in.new_second_factor, name="second-factor-new"),
    path("dang-nhap/ngoai/", outside.go, name="outside"),
    path("dang-nhap/ngoai/ve/", outside.come_back, name="outside-return"),
    path("moi/<str:token>/", sign_in.invitation, name="invitation"),
    path("moi/<str:token>/ngoai/", outside.go_invited, name="invitation-outside"),
    path("toi/", own.me, name="me"),
    path("toi/mat-khau/", own.change_password, name="my-password"),
    path("toi/ma-du-phong/", own.recovery_codes, name="my-codes"),
    path("toi/ung-dung/bo/", own.remove_app, name="my-app-remove"),
    path("toi/khoa/<int:passkey_id>/bo/", own.remove_passkey, name="my-passkey-remove"),
    path("toi/phien/", own.end_sessions, name="my-sessions-end"),
    path("nguoi-dung/", people.people_page, name="people"),
    path("nguoi-dung/moi/", people.new_person, name="person-new"),
    path("nguoi-dung/<int:person_id>/", people.person_page, name="person"),
    path("nguoi-dung/<int:person_id>/vai-tro/", people.give_role, name="role-new"),
    path("nguoi-dung/<int:person_id>/duong-dan/", people.send_link, name="person-link"),
    path("nguoi-dung/<int:person_id>/buoc-hai/", people.reset_second_factor, name="person-reset"),
    path("nguoi-dung/<int:person_id>/mo-khoa/", people.unlock, name="person-unlock"),
    path("nguoi-dung/<int:person_id>/dinh-danh/", people.link_identity, name="person-identity"),
    path("vai-tro/<int:role_id>/ket-thuc/", people.end_role, name="role-end"),
    path("nhat-ky/", audit.trail_page, name="audit"),
]
