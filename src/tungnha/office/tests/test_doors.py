"""Walks every address as every role, inside its unit, above it and beside it, and as nobody."""

from datetime import date

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse

from tungnha.accounts import services
from tungnha.accounts.roles import Role, allows
from tungnha.campaign.models import Campaign
from tungnha.office.tests import doors
from tungnha.office.tests.doors import ANYWHERE, CITY, SOMEWHERE, WARD, World
from tungnha.territory.models import Unit

pytestmark = pytest.mark.django_db
DOORS = doors.doors()
COVERS = {
    "ward": {WARD, ANYWHERE, SOMEWHERE},
    "city": {WARD, CITY, ANYWHERE, SOMEWHERE},
    "other": {ANYWHERE, SOMEWHERE},
}
"""Where a role is held → what it counts for."""


def make_unit(code, name, parent=None):
    unit = Unit.objects.create(
        code=code,
        name=name,
        name_fold=name.lower(),
        kind="ward" if parent else "city",
        parent=parent,
        path="/",
    )
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save()
    return unit


@pytest.fixture
def world(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    city = make_unit("01", "Hà Nội")
    days = {"start": date(2026, 9, 1), "deadline": date(2026, 11, 29)}
    return World(
        city=city,
        ward=make_unit("00226", "Văn Miếu", city),
        other=make_unit("00229", "Ô Chợ Dừa", city),
        campaign=Campaign.objects.create(code="90-ngay", name="90 ngày đêm", unit=city, **days),
        author=services.create_user("nguoi-lap", "mật khẩu thật dài 9"),
    )


def addresses(part, world):
    """Each door of a part with its address."""
    things = part.objects(world)
    for name, door in part.DOORS.items():
        arguments = [
            things[key] if isinstance(things[key], str) else things[key].pk for key in door.arguments
        ]
        yield name, door, reverse(name, args=arguments)


def answer(client, method, address, need):
    """What a knock is answered; whatever it changed is undone, and the person is still signed in.

    A browser's form always sends something, so a knock does.
    """
    cookies = client.cookies.copy()
    with transaction.atomic():
        response = getattr(client, method)(
            address, {"csrfmiddlewaretoken": "any", **(need.sent if need else {})}
        )
        transaction.set_rollback(True)
    client.cookies = cookies
    return response.status_code


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_every_address_has_its_door():
    assert {pattern.name for pattern in get_resolver("tungnha.office.urls").url_patterns} == set(DOORS)


def test_the_documented_table_is_the_one_tried_here():
    assert doors.DOCS.read_text(encoding="utf-8") == doors.table(doors.written)


@pytest.mark.parametrize("part", doors.parts())
def test_nobody_is_sent_to_sign_in(world, part):
    module = doors.parts()[part]
    let_in = {}
    for name, door, address in addresses(module, world):
        for method, need in door.needs().items():
            response = getattr(Client(), method)(address)
            sent_away = response.status_code == 302 and response["Location"].split("?")[0] == reverse(
                "sign-in"
            )
            if sent_away is door.public and need is not None:
                let_in[name, method] = response.status_code
    assert let_in == {}


@pytest.mark.parametrize("part", doors.parts())
def test_those_without_a_role_find_nothing(world, part):
    module = doors.parts()[part]
    client = signed_in(services.create_user("khong-vai-tro", "mật khẩu thật dài 9"))
    wrong = {}
    for name, door, address in addresses(module, world):
        for method, need in door.needs().items():
            expected = 405 if need is None else need.answer if need.action is None else 404
            got = answer(client, method, address, need)
            if got != expected and not door.public:
                wrong[name, method] = (got, expected)
    assert wrong == {}


@pytest.mark.parametrize("held", COVERS)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("part", doors.parts())
def test_a_role_opens_what_the_table_says_and_nothing_else(world, part, role, held):
    module = doors.parts()[part]
    user = services.create_user("huong", "mật khẩu thật dài 9")
    services.grant_role(user, role, getattr(world, held), valid_from=date(2026, 1, 1))
    client = signed_in(user)
    wrong = {}
    for name, door, address in addresses(module, world):
        if door.public:
            continue
        for method, need in door.needs().items():
            may = need and (need.action is None or (allows(role, need.action) and need.where in COVERS[held]))
            expected = 405 if need is None else need.answer if may else 404
            got = answer(client, method, address, need)
            if got != expected:
                wrong[name, method] = (got, expected)
    assert wrong == {}
