"""Who may see people sees nothing before the second step, and the first step alone changes nothing about it."""

import base64
import re
import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tungnha.accounts import services, totp
from tungnha.accounts.models import AuditEntry, User
from tungnha.accounts.roles import Role, needs_second_factor
from tungnha.accounts.services import factors
from tungnha.office.tests import doors
from tungnha.office.tests.test_doors import addresses, make_unit

pytestmark = pytest.mark.django_db
PASSWORD = "mật khẩu thật dài 9"
OPEN = {"second-factor", "second-factor-new", "sign-out"}
"""What is there between the password and the second step."""


@pytest.fixture(autouse=True)
def asked_for(settings):
    settings.TUNGNHA_SECOND_FACTOR = True


@pytest.fixture
def ward():
    return make_unit("00226", "Văn Miếu")


@pytest.fixture
def clock(monkeypatch):
    now = [time.time()]
    monkeypatch.setattr(factors.time, "time", lambda: now[0])
    return now


def signed_in(role, unit):
    user = services.create_user("huong", PASSWORD)
    services.grant_role(user, role, unit)
    client = Client()
    client.post(reverse("sign-in"), {"username": "huong", "password": PASSWORD})
    return client, user


def secret_on(page):
    spelt = re.search(r'class="key">([A-Z2-7 ]+)<', page.content.decode())[1].replace(" ", "")
    return base64.b32decode(spelt)


def enrolled(client, clock):
    secret = secret_on(client.get(reverse("second-factor-new")))
    page = client.post(reverse("second-factor-new"), {"code": totp.code_at(secret, clock[0])})
    codes = re.findall(r"<li>([a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4})</li>", page.content.decode())
    clock[0] += 60
    return secret, codes


@pytest.mark.parametrize("part", doors.parts())
def test_no_address_is_open_between_the_two_steps(world, part):
    client, _user = signed_in("city_office", world.city)
    open_ = {}
    for name, door, address in addresses(doors.parts()[part], world):
        if door.public or name in OPEN:
            continue
        for method, need in door.needs().items():
            if need is not None:
                response = getattr(client, method)(address)
                if response.status_code != 302 or not response["Location"].startswith(
                    reverse("second-factor-new")
                ):
                    open_[name, method] = response.status_code
    assert open_ == {}


@pytest.mark.parametrize("role", Role)
def test_the_second_step_is_asked_of_exactly_the_roles_that_the_table_says(ward, role):
    client, _user = signed_in(role, ward)
    assert (client.get(reverse("home")).status_code == 302) is needs_second_factor(role)


def test_a_new_officer_sets_an_app_up_and_is_in(ward, clock):
    client, user = signed_in("unit_officer", ward)
    first = client.get(reverse("home"))
    assert first["Location"] == f"{reverse('second-factor-new')}?next=%2F"
    _secret, codes = enrolled(client, clock)
    assert len(codes) == factors.CODES
    assert client.get(reverse("home")).status_code == 200
    user.refresh_from_db()
    assert user.second_factor_at is not None


def test_the_next_sign_in_asks_for_a_code_and_takes_it_once(ward, clock):
    client, _user = signed_in("unit_officer", ward)
    secret, codes = enrolled(client, clock)
    code = totp.code_at(secret, clock[0])
    statuses = []
    for given in (code, code, codes[0], codes[0]):
        again = Client()
        again.post(reverse("sign-in"), {"username": "huong", "password": PASSWORD})
        assert again.get(reverse("home"))["Location"] == f"{reverse('second-factor')}?next=%2F"
        statuses.append(again.post(reverse("second-factor"), {"code": given, "next": "/"}).status_code)
    assert statuses == [302, 400, 302, 400]
    kinds = AuditEntry.objects.filter(route="second-factor").order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["sign_in", "failure", "sign_in", "failure"]


def test_a_stolen_password_does_not_enrol_another_app(ward, clock):
    client, user = signed_in("unit_officer", ward)
    enrolled(client, clock)
    thief = Client()
    thief.post(reverse("sign-in"), {"username": "huong", "password": PASSWORD})
    assert thief.get(reverse("second-factor-new"))["Location"] == reverse("second-factor")
    thief.post(reverse("second-factor-new"), {"code": "123456"})
    assert thief.get(reverse("me"))["Location"].startswith(reverse("second-factor"))
    user.refresh_from_db()


def test_a_reset_is_felt_at_once_in_a_session_that_had_passed(ward, clock):
    client, user = signed_in("unit_officer", ward)
    enrolled(client, clock)
    User.objects.filter(pk=user.pk).update(second_factor_at=None)
    assert client.get(reverse("home"))["Location"].startswith(reverse("second-factor-new"))


def test_the_session_gets_a_new_key_when_the_second_step_is_passed(ward, clock):
    client, _user = signed_in("unit_officer", ward)
    before = client.session.session_key
    enrolled(client, clock)
    assert client.session.session_key != before


def test_one_is_sent_on_only_within_these_pages(ward, clock):
    client, _user = signed_in("unit_officer", ward)
    secret, _codes = enrolled(client, clock)
    again = Client()
    again.post(reverse("sign-in"), {"username": "huong", "password": PASSWORD})
    sent = again.post(
        reverse("second-factor"), {"code": totp.code_at(secret, clock[0]), "next": "https://evil.example/"}
    )
    assert sent["Location"] == reverse("home")


def test_part_of_a_page_is_not_answered_with_another_page(ward):
    client, _user = signed_in("unit_officer", ward)
    answer = client.get(reverse("home"), headers={"hx-request": "true"})
    assert (answer["HX-Redirect"], answer.content) == (reverse("second-factor-new"), b"")


@pytest.mark.parametrize("name", ["me", "second-factor"])
def test_the_gate_asks_the_database_for_nothing_of_its_own(ward, clock, settings, name):
    """A page costs the same with the gate as without it."""
    client, _user = signed_in("unit_officer", ward)
    enrolled(client, clock)

    def queries():
        fresh = Client()  # a client keeps the middleware of its first request
        fresh.cookies = client.cookies
        with CaptureQueriesContext(connection) as captured:
            assert fresh.get(reverse(name)).status_code in {200, 302}
        return len(captured)

    with_gate = queries()
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if "SecondFactor" not in one]
    assert queries() == with_gate


def test_who_came_for_the_app_passes_the_second_step_before_it(ward, clock):
    """The app's own page is open to all, so nothing there would send a team leader to the second step."""
    client, _user = signed_in("team_leader", ward)
    assert client.get(reverse("sign-in"), {"next": "/di/"})["Location"] == (
        f"{reverse('second-factor-new')}?next=%2Fdi%2F"
    )
    secret, _codes = enrolled(client, clock)
    again = Client()
    sent = again.post(reverse("sign-in"), {"username": "huong", "password": PASSWORD, "next": "/di/"})
    assert sent["Location"] == f"{reverse('second-factor')}?next=%2Fdi%2F"
    passed = again.post(sent["Location"], {"code": totp.code_at(secret, clock[0]), "next": "/di/"})
    assert passed["Location"] == "/di/"
