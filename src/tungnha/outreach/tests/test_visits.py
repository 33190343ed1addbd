"""A visit says how it ended and who took which step; what is derived from visits does not depend on their order."""

import itertools
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tungnha.accounts.services import create_user, grant_role
from tungnha.ledger import devices, rebuilding, services
from tungnha.ledger.entries import uuid7
from tungnha.ledger.models import DailyCount, Device
from tungnha.outreach.models import HouseholdOutcome, ResidentStep, Stop, Turf, TurfPlan
from tungnha.outreach.visits import Outcome, Visit
from tungnha.register.models import Household, ListFile, Resident
from tungnha.territory.models import Premises, Source, Unit

EVENING = datetime(2026, 9, 20, 11, 30, tzinfo=UTC)


@pytest.fixture
def ward(db):
    unit = Unit.objects.create(code="00226", name="Văn Miếu", name_fold="van mieu", kind="ward", path="/")
    unit.path = f"/{unit.pk}/"
    unit.save()
    return unit


@pytest.fixture
def homes(ward):
    source = Source.objects.create(name="test", generated=True)
    listed = ListFile.objects.create(unit=ward, name="x", sha256="0" * 64, generated=True)
    made = []
    for number in range(2):
        door = Premises.objects.create(
            unit=ward, address=str(number), address_fold=str(number), source=source
        )
        home = Household.objects.create(
            premises=door, unit=ward, identity=bytes([number]) * 16, list_file=listed
        )
        Resident.objects.create(
            household=home, identity=bytes([number]) * 16, full_name="Lan", name_fold="lan", list_file=listed
        )
        made.append(home)
    return made


@pytest.fixture
def session(ward):
    user = create_user("lan", "mật khẩu thật dài 9")
    grant_role(user, "volunteer", ward, valid_from=EVENING.date())
    _, token = services.enrol(user, campaign="90-ngay", unit=ward)
    Device.objects.update(first_issued_at=EVENING - timedelta(days=3))
    return devices.find(token)


def visit(home, outcome, minutes=0, corrects=None, kind="visit", **body):
    return {
        "id": str(uuid7()),
        "kind": kind,
        "version": 1,
        "occurred_at": (EVENING + timedelta(minutes=minutes)).isoformat(),
        "campaign": "90-ngay",
        "unit": home.unit_id,
        "household": home.pk,
        "corrects": corrects,
        "body": {"outcome": outcome, **body} if kind == "visit" else {},
    }


def send(session, *entries):
    raw = [msgspec.json.encode(one) for one in entries]
    answers = services.receive(session, raw, received_at=EVENING + timedelta(hours=1)).answers
    return [answer.reason or answer.status for answer in answers]


def step(home, number, hands):
    return {"resident": home.residents.get().pk, "step": number, "hands": hands}


def test_the_last_visit_gives_the_outcome_and_all_count_as_attempts(session, homes):
    send(
        session,
        visit(homes[0], "done", 20, steps=[step(homes[0], 3, "with_help")]),
        visit(homes[0], "nobody_home", 10),
        visit(homes[1], "come_back", come_back_at="2026-09-21T18:30:00+07:00"),
    )
    rows = HouseholdOutcome.objects.order_by("household").values_list("household", "outcome", "attempts")
    assert list(rows) == [(homes[0].pk, "done", 2), (homes[1].pk, "come_back", 1)]
    assert list(ResidentStep.objects.values_list("resident", "step", "hands")) == [
        (homes[0].residents.get().pk, 3, "with_help")
    ]
    counted = DailyCount.objects.order_by("measure").values_list("measure", "times", "households")
    assert list(counted) == [("contact", 2, 2), ("done", 1, 1), ("visit", 3, 2)]


def test_whatever_the_order_of_arrival_the_projections_are_the_same(session, homes, ward):
    first = visit(homes[0], "done", 10, steps=[step(homes[0], 3, "done_for_them")])
    second = visit(homes[0], "done", 20, steps=[step(homes[0], 3, "alone"), step(homes[0], 4, "alone")])
    undo = visit(homes[0], "", 30, kind="withdrawal", corrects=second["id"])
    third = visit(homes[0], "refused", 5, corrects=first["id"])
    outcomes = set()
    for turn, order in enumerate(itertools.permutations([first, second, undo, third])):
        # A campaign each, so that one database serves all orders.
        code = f"c{turn}"
        Device.objects.update(campaign=code)
        there = devices.Session(**{**vars(session), "campaign": code})
        entries = [dict(one, id=one["id"], campaign=code) for one in order]
        names = {one["id"]: str(uuid7()) for one in order}
        for one in entries:
            one["id"], one["corrects"] = names[one["id"]], names.get(one["corrects"])
            assert send(there, one) == ["accepted"]
        outcomes.add(
            (
                tuple(
                    HouseholdOutcome.objects.filter(campaign=code).values_list(
                        "outcome", "attempts", "happened_at"
                    )
                ),
                tuple(ResidentStep.objects.filter(campaign=code).values_list("step", "hands")),
            )
        )
    assert outcomes == {((("refused", 1, EVENING + timedelta(minutes=5)),), ())}
    assert all(table.same for table in rebuilding.rebuild())


@pytest.mark.parametrize(
    "body",
    [
        {"outcome": "come_back"},
        {"outcome": "done", "come_back_at": "2026-09-21T18:30:00+07:00"},
        {"outcome": "refused", "away_to": "Hà Nam"},
        {"outcome": "nobody_home", "steps": [{"resident": 1, "step": 3, "hands": "alone"}]},
        {"outcome": "done", "steps": [{"resident": 1, "step": 3, "hands": "alone"}] * 2},
        {"outcome": "done", "steps": [{"resident": 1, "step": 8, "hands": "alone"}]},
        {"outcome": "vanished"},
    ],
)
def test_a_visit_that_contradicts_itself_is_held(session, homes, body):
    assert send(session, visit(homes[0], **body)) == ["bad_body"]


@pytest.mark.parametrize("note", ["mã 123456", "số 0912 345 678", "CCCD 001099123456", "1-2-3-4-5-6"])
def test_no_number_is_kept_from_a_note(note):
    assert not any(sign.isdigit() for sign in Visit(Outcome.DONE, note=note).note)


def test_a_house_number_may_stand_in_a_note():
    assert Visit(Outcome.DONE, note="cửa sau, ngõ 34/5, tầng 12").note == "cửa sau, ngõ 34/5, tầng 12"


def test_a_phone_bound_to_a_turf_writes_at_its_doors_only(session, homes, ward):
    plan = TurfPlan.objects.create(unit=ward, seed=1, settings={}, on_streets=False)
    turf = Turf.objects.create(
        plan=plan, number=0, doors=1, minutes=9, walk_metres=0, diameter_metres=0, connected=True
    )
    Stop.objects.create(plan=plan, turf=turf, position=0, household=homes[0])
    bound = devices.Session(**{**vars(session), "areas": (f"turf:{turf.pk}",)})
    assert send(bound, visit(homes[0], "done"), visit(homes[1], "done")) == ["accepted", "outside"]
