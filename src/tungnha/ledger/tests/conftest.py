"""A city with two wards, houses with people, phones that write, and two kinds of entries of our own."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.db import connection

from tungnha.accounts.services import create_user, grant_role
from tungnha.ledger import devices, guards, kinds, services
from tungnha.ledger.entries import uuid7
from tungnha.ledger.kinds import Body, Kind, Part
from tungnha.register.models import Household, ListFile, Resident
from tungnha.territory.models import Premises, Source, Unit

NOW = datetime(2026, 9, 20, 12, 0, tzinfo=UTC)


class Knock(Body):
    answered: bool = False
    residents: tuple[int, ...] = ()
    note: str = ""


class Speech(Body):
    people: int


KNOCK = Kind(
    "test-knock",
    1,
    Knock,
    needs=frozenset({Part.HOUSEHOLD, Part.UNIT}),
    by_device=True,
    measures=lambda body: ("knock", "answered") if body.answered else ("knock",),
    residents=lambda body: body.residents,
    shared=lambda body: Knock(answered=body.answered),
)
SPEECH = Kind("test-speech", 1, Speech, action="report", measures=lambda _: ("speech",))


@pytest.fixture(scope="session", autouse=True)
def test_kinds():
    for kind in (KNOCK, SPEECH):
        kinds.register(kind)


def make_unit(code, parent=None, kind="ward"):
    made = Unit.objects.create(
        code=code, name=f"Đơn vị {code}", name_fold=code, kind=kind, parent=parent, path="/"
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


def make_homes(unit, count):
    source, _ = Source.objects.get_or_create(name="test", generated=True)
    listed = ListFile.objects.create(unit=unit, name="x", sha256="0" * 64, generated=True)
    homes = []
    for number in range(count):
        door = Premises.objects.create(
            unit=unit, address=str(number), address_fold=str(number), source=source
        )
        home = Household.objects.create(
            premises=door, unit=unit, identity=f"{unit.pk:08}{number:08}".encode(), list_file=listed
        )
        Resident.objects.create(
            household=home, identity=f"r{unit.pk:07}{number:08}".encode(), full_name="Lan", name_fold="lan", list_file=listed
        )  # fmt: skip
        homes.append(home)
    return homes


class World:
    """Everything a test of the ledger needs, by name."""

    def __init__(self, kind="test-knock", body=None):
        self.kind, self.body = kind, body or {}
        self.city = make_unit("01", kind="city")
        self.ward, self.other_ward = make_unit("00226", self.city), make_unit("00229", self.city)
        self.homes, self.other_homes = make_homes(self.ward, 6), make_homes(self.other_ward, 2)
        self.volunteer, self.second = self.person("lan"), self.person("hung")
        self.officer = self.person("officer", "unit_officer")
        self.device, self.token = services.enrol(self.volunteer, campaign="90-ngay", unit=self.ward)
        self.session = devices.find(self.token)
        self.second_device, self.second_token = services.enrol(
            self.second, campaign="90-ngay", unit=self.ward
        )
        self.second_session = devices.find(self.second_token)
        for device in (self.device, self.second_device):
            device.first_issued_at = NOW - timedelta(days=10)
            device.save()
        self.session = devices.find(self.token)
        self.second_session = devices.find(self.second_token)

    def person(self, name, role="volunteer", unit=None):
        user = create_user(name, "mật khẩu thật dài 9")
        grant_role(user, role, unit or self.ward, valid_from=date(2020, 1, 1))
        return user

    def knock(self, home=0, at=NOW, **changes: Any) -> dict[str, Any]:
        """What a phone would send, with changes; keyword `body` holds the body."""
        return {
            "id": str(uuid7()),
            "kind": self.kind,
            "version": 1,
            "occurred_at": at.isoformat(),
            "campaign": "90-ngay",
            "unit": self.ward.pk,
            "household": self.homes[home].pk,
            "body": self.body,
        } | changes

    def send(self, *entries, session=None, now=NOW, clock_offset=0):
        """The statuses (or reasons of holding) that the server gives."""
        raw = [one if isinstance(one, bytes) else msgspec.json.encode(one) for one in entries]
        answers = services.receive(
            session or self.session, raw, received_at=now, clock_offset=clock_offset
        ).answers
        return [answer.reason or answer.status for answer in answers]


@pytest.fixture
def world(db):
    return World()


@pytest.fixture
def committed(transactional_db):
    """A world in a database where commits are real; afterwards the ledger is emptied, which takes its guards down."""
    yield World()
    guards.take_down(connection)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_entry")
    guards.put_up(connection)
