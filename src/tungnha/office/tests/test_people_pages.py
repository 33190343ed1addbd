"""An administrator adds people, gives and ends their roles, and helps them in; each person looks after their own sign-in."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tungnha.accounts import scope, services
from tungnha.accounts.models import AuditEntry, User
from tungnha.office.tests.test_doors import signed_in

pytestmark = pytest.mark.django_db
PASSWORD = "mật khẩu thật dài 9"


def holding(role, unit, name):
    user = services.create_user(name, PASSWORD)
    services.grant_role(user, role, unit)
    return user


@pytest.fixture
def administrator(world):
    return signed_in(holding("administrator", world.ward, "quan-tri"))


def test_from_the_form_to_a_person_who_is_in(world, administrator):
    given = {
        "full_name": "Nguyễn  Thị Hường",
        "username": "huong",
        "role": "unit_officer",
        "unit": world.ward.pk,
    }
    page = administrator.post(reverse("person-new"), given)
    link = page.context["link"]
    assert page["Cache-Control"].startswith("max-age=0")
    person = Client()
    assert "Nguyễn Thị Hường" in person.get(link).content.decode()
    wrong = person.post(link, {"password": PASSWORD, "again": "khác"})
    assert (wrong.status_code, list(wrong.context["form"].errors)) == (400, ["again"])
    assert person.post(link, {"password": PASSWORD, "again": PASSWORD})["Location"] == reverse("home")
    assert person.get(reverse("households", args=[world.ward.pk])).status_code == 200
    assert Client().get(link).status_code == 410


def test_a_choice_beyond_the_administrator_is_no_choice(world, administrator):
    given = {"full_name": "Lan", "username": "lan", "role": "auditor", "unit": world.city.pk}
    page = administrator.post(reverse("person-new"), given)
    assert page.status_code == 400
    assert set(page.context["form"].errors) == {"role", "unit"}
    assert not User.objects.filter(username="lan").exists()


def test_a_taken_name_and_an_overlapping_role_are_said_at_their_place(world, administrator):
    user = holding("unit_officer", world.ward, "huong")
    taken = {"full_name": "Lan", "username": "huong", "role": "volunteer", "unit": world.ward.pk}
    assert list(administrator.post(reverse("person-new"), taken).context["form"].errors) == ["username"]
    again = administrator.post(
        reverse("role-new", args=[user.pk]), {"role": "unit_officer", "unit": world.ward.pk}
    )
    assert "huong" in str(again.context["form"].errors)
    assert user.roles.count() == 1


def test_a_role_ends_on_the_day_given_but_not_in_the_past(world, administrator):
    user = holding("unit_officer", world.ward, "huong")
    held = user.roles.get()
    today = timezone.localdate()
    administrator.post(reverse("role-end", args=[held.pk]), {"on": today - timedelta(days=1)})
    held.refresh_from_db()
    assert held.valid_to is None
    administrator.post(reverse("role-end", args=[held.pk]), {"on": today + timedelta(days=3)})
    held.refresh_from_db()
    assert held.valid_to == today + timedelta(days=3)
    administrator.post(reverse("role-end", args=[held.pk]))
    assert not scope.may(User.objects.get(pk=user.pk), "look", world.ward)


def test_nobody_helps_themselves(world, administrator):
    own = User.objects.get(username="quan-tri")
    page = administrator.get(reverse("person", args=[own.pk]))
    assert page.status_code == 200
    assert reverse("role-new", args=[own.pk]) not in page.content.decode()
    for name in ("person-link", "person-reset", "person-unlock", "person-identity"):
        assert administrator.post(reverse(name, args=[own.pk])).status_code == 404
    administrator.post(reverse("role-new", args=[own.pk]), {"role": "unit_officer", "unit": world.ward.pk})
    administrator.post(reverse("role-end", args=[own.roles.get().pk]))
    assert [(one.role, one.valid_to) for one in own.roles.all()] == [("administrator", None)]


def test_whoever_also_holds_a_role_above_is_helped_from_above(world, administrator):
    user = holding("unit_officer", world.ward, "huong")
    services.grant_role(user, "city_office", world.city)
    assert administrator.get(reverse("person", args=[user.pk])).status_code == 200
    assert administrator.post(reverse("person-link", args=[user.pk])).status_code == 404
    above = signed_in(holding("administrator", world.city, "quan-tri-tp"))
    assert above.post(reverse("person-link", args=[user.pk])).status_code == 200


def test_the_roles_of_other_units_are_not_shown(world, administrator):
    user = holding("unit_officer", world.ward, "huong")
    services.grant_role(user, "team_leader", world.other)
    page = administrator.get(reverse("person", args=[user.pk]))
    assert [one["role"].unit for one in page.context["held"]] == [world.ward]


def test_a_locked_out_person_is_let_in_again(world, administrator, settings):
    settings.AXES_ENABLED = True
    user = holding("unit_officer", world.ward, "huong")

    def knock(password):
        return Client().post(reverse("sign-in"), {"username": "huong", "password": password}).status_code

    assert [knock("sai") for _try in range(8)][-1] == 429
    assert knock(PASSWORD) == 429
    administrator.post(reverse("person-unlock", args=[user.pk]))
    assert knock(PASSWORD) == 302


def test_one_sees_where_one_is_signed_in_and_ends_it(world):
    user = holding("unit_officer", world.ward, "huong")
    here, there = (Client(headers={"user-agent": agent}) for agent in ("Máy này", "Máy kia"))
    for client in (here, there):
        client.post(reverse("sign-in"), {"username": "huong", "password": PASSWORD})
    shown = here.get(reverse("me"))
    assert {(one.agent, one.address) for one in shown.context["sessions"]} == {
        ("Máy này", "127.0.0.1"), ("Máy kia", "127.0.0.1"),
    }  # fmt: skip
    here.post(reverse("my-sessions-end"))
    assert (here.get(reverse("me")).status_code, there.get(reverse("me")).status_code) == (200, 302)
    assert user.sessions.count() == 1


def test_a_changed_password_signs_out_elsewhere_only(world):
    holding("unit_officer", world.ward, "huong")
    here, there = Client(), Client()
    for client in (here, there):
        client.post(reverse("sign-in"), {"username": "huong", "password": PASSWORD})
    new = "một mật khẩu khác hẳn"
    refused = here.post(reverse("my-password"), {"current": "sai", "password": new, "again": new})
    assert list(refused.context["form"].errors) == ["current"]
    here.post(reverse("my-password"), {"current": PASSWORD, "password": new, "again": new})
    assert (here.get(reverse("me")).status_code, there.get(reverse("me")).status_code) == (200, 302)
    assert User.objects.get(username="huong").check_password(new)


def test_guesses_of_the_present_password_lock_out_as_at_the_sign_in(client, settings):
    settings.AXES_ENABLED = True
    services.create_user("huong", PASSWORD)
    client.post(reverse("sign-in"), {"username": "huong", "password": PASSWORD})
    new = "một mật khẩu khác hẳn"
    guess = {"current": "sai", "password": new, "again": new}
    answers = [
        client.post(reverse("my-password"), guess).status_code for _n in range(settings.AXES_FAILURE_LIMIT)
    ]
    assert answers == [400] * (settings.AXES_FAILURE_LIMIT - 1) + [429]
    assert client.post(reverse("my-password"), guess | {"current": PASSWORD}).status_code == 429
    assert AuditEntry.objects.filter(kind="failure").count() == settings.AXES_FAILURE_LIMIT + 1
