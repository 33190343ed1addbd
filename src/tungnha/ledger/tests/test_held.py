"""What may not be true is kept with its reason, and settled by a person; nothing is dropped."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tungnha.ledger import areas, judging, kinds, queries, rebuilding, services
from tungnha.ledger.entries import uuid7
from tungnha.ledger.models import Entry, Held
from tungnha.ledger.tests.conftest import NOW, Knock

WRONG = {
    "unknown_kind": {"kind": "dance"},
    "newer_version": {"version": 2},
    "not_from_a_phone": {"kind": "test-speech", "body": {"people": 1}},
    "bad_body": {"body": {"answered": "perhaps"}},
    "other_campaign": {"campaign": "45-ngay"},
    "subject_missing": {"household": None},
    "unknown_subject": {"household": 10**9},
    "future": {"occurred_at": (NOW + timedelta(days=2)).isoformat()},
    "too_old": {"occurred_at": (NOW - timedelta(days=400)).isoformat()},
    "malformed": {"surprise": 1},
}


@pytest.mark.parametrize("reason", WRONG)
def test_each_fault_holds_its_entry_and_lets_the_others_in(world, reason):
    wrong = world.knock() | WRONG[reason]
    assert world.send(world.knock(), wrong, world.knock()) == ["accepted", reason, "accepted"]
    assert world.send(wrong) == [reason]
    kept = Held.objects.get()
    assert (str(kept.uuid), kept.reason) == (wrong["id"], reason)


def test_another_wards_household_is_held_and_so_is_a_resident_of_another_home(world):
    abroad = world.knock(household=world.other_homes[0].pk)
    resident = world.other_homes[0].residents.get().pk
    assert world.send(abroad, world.knock(body={"residents": [resident]})) == ["outside", "unknown_subject"]
    assert world.send(world.knock(unit=world.city.pk)) == ["outside"]


def test_a_phone_bound_to_a_walk_writes_only_there(world):
    areas.register("test", lambda _: [(world.homes[0].pk, 1)], lambda _: [world.homes[0].pk])
    device, token = services.enrol(
        world.volunteer, campaign="90-ngay", unit=world.ward, areas_bound=["test:1"]
    )
    session = services.devices.find(token)
    at = device.issued_at
    assert world.send(world.knock(0, at=at), world.knock(1, at=at), session=session, now=at) == [
        "accepted",
        "outside",
    ]


def test_each_phone_of_a_group_is_held_to_its_own_walk(world):
    areas.register("walk", lambda _: [(world.homes[0].pk, 1), (world.homes[1].pk, 2)], lambda _: [])
    group = []
    for area in ("walk:1", "walk:2"):
        device, token = services.enrol(
            world.volunteer, campaign="90-ngay", unit=world.ward, areas_bound=[area]
        )
        session, at = services.devices.find(token), device.issued_at
        raw = [json.dumps(world.knock(home, at=at)).encode() for home in (0, 1)]
        group.append((session, judging.read(session, raw, received_at=at, clock_offset=0)))
    judging.check(group)
    assert [[one.reason for one in judged] for _, judged in group] == [[None, "outside"], ["outside", None]]


def test_text_that_is_no_entry_is_held_too(world):
    assert world.send(b'"hello"', b"\xff\xfe{", b'{"id": 7}') == ["malformed"] * 3
    assert Held.objects.filter(uuid=None).count() == 3


def test_an_entry_too_large_to_read_is_held(world):
    assert world.send(world.knock(body={"note": "x" * 20_000})) == ["too_large"]


def test_a_held_text_is_sealed(world):
    world.send(world.knock(kind="dance", body={"note": "001099123456"}))
    assert b"001099123456" not in bytes(Held.objects.get().sealed)


def test_a_supervisor_takes_a_held_entry_in(world):
    entry = world.knock(campaign="45-ngay")
    world.send(entry)
    kept = Held.objects.get()
    with pytest.raises(ValidationError):
        services.release(kept, by=world.officer, note=" ")
    assert services.release(kept, by=world.officer, note="Đúng là nhà này").status == "accepted"
    kept.refresh_from_db()
    assert (kept.state, kept.settled_by) == ("released", world.officer)
    assert str(Entry.objects.get().uuid) == entry["id"]
    assert world.send(entry) == ["known"]
    with pytest.raises(ValidationError):
        services.release(kept, by=world.officer, note="lần nữa")
    assert all(table.same for table in rebuilding.rebuild())


def test_what_cannot_be_read_is_not_released(world):
    world.send(world.knock(kind="dance"))
    with pytest.raises(ValidationError, match="unknown_kind"):
        services.release(Held.objects.get(), by=world.officer, note="Thử")
    assert (Held.objects.get().state, Entry.objects.count()) == ("waiting", 0)


def test_a_refused_entry_stays_stored(world):
    world.send(world.knock(kind="dance"))
    services.refuse(Held.objects.get(), by=world.officer, note="Thử máy")
    assert (Held.objects.get().state, Held.objects.get().note) == ("refused", "Thử máy")


def test_only_those_who_see_people_there_settle(world):
    world.send(world.knock(kind="dance"))
    stranger = world.person("la", "unit_officer", world.other_ward)
    assert list(queries.held(stranger)) == []
    for person in (stranger, world.volunteer):
        with pytest.raises(PermissionDenied):
            services.refuse(Held.objects.get(), by=person, note="x")


def test_an_entry_that_corrects_itself_is_held(world):
    entry = world.knock(id=str(one := uuid7()), corrects=str(one))
    assert world.send(entry) == ["malformed"]


def test_what_was_not_understood_is_taken_in_once_it_is(world, monkeypatch):
    world.send(world.knock(version=2), world.knock(kind="dance"), world.knock(campaign="45-ngay"))
    newer = kinds.Kind("test-knock", 2, Knock, by_device=True, measures=lambda _: ("knock",))
    monkeypatch.setitem(kinds._kinds, ("test-knock", 2), newer)
    assert services.retry(by=world.officer, waiting=queries.held(world.officer)) == 1
    assert [(one.reason, one.state) for one in Held.objects.order_by("reason")] == [
        ("newer_version", "released"),
        ("other_campaign", "waiting"),
        ("unknown_kind", "waiting"),
    ]
    assert Entry.objects.get().version == 2
