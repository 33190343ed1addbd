"""What a phone is given, and what it is not."""

import base64
import gzip
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tungnha.accounts.models import AuditEntry
from tungnha.field.tests.places import PASSWORD, ground, household, walk
from tungnha.ledger import sealing, services
from tungnha.ledger.entries import uuid7
from tungnha.ledger.models import Device, Entry, Held
from tungnha.outreach.models import Assignment, HouseholdOutcome
from tungnha.outreach.services import teams

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return ground()


@pytest.fixture
def phone(place):
    """The headers of a phone in use."""
    return taken_into_use("lan")


def taken_into_use(name):
    browser = Client()
    assert browser.login(username=name, password=PASSWORD)
    answer = browser.post(reverse("field-device")).json()
    return {"authorization": f"Bearer {answer['token']}"}


def fetched(phone, have=""):
    return Client().get(reverse("field-walks"), {"have": have}, headers=phone)


def sent(phone, *entries):
    body = {"sent_at": timezone.now().isoformat(), "entries": list(entries)}
    return Client().post(
        "/api/sync/v1/entries", json.dumps(body), content_type="application/json", headers=phone
    )


def visit(place, home, outcome="nobody_home", **more):
    return {
        "id": str(uuid7()),
        "kind": "visit",
        "version": 1,
        "occurred_at": timezone.now().isoformat(),
        "campaign": "90-ngay",
        "unit": place.ward.pk,
        "household": home.pk,
        "body": {"outcome": outcome} | more,
    }


def sealed(entry):
    return {
        "id": entry["id"],
        "sealed": base64.b64encode(sealing.seal(json.dumps(entry).encode())).decode(),
    }


def test_nobody_takes_a_phone_into_use_without_a_walk(place):
    assert Client().post(reverse("field-device")).status_code == 302
    teams.take_back(place.assignment)
    browser = Client()
    browser.login(username="lan", password=PASSWORD)
    assert browser.post(reverse("field-device")).status_code == 404
    assert list(Device.objects.all()) == []


def test_a_phone_holds_masked_names_and_no_number(place, phone):
    answer = fetched(phone)
    (one,) = answer.json()["walks"]
    assert [door["name"] for door in one["doors"][:2]] == ["N. T. Đào", "T. V. Hùng"]
    assert set(one["doors"][0]) == {
        "n", "h", "p", "address", "name", "code", "block", "floor", "home", "needs", "people", "seen", "again",
    }  # fmt: skip
    assert set(one["doors"][0]["people"][0]) == {"r", "name", "step"}
    for home in place.households:
        assert home.head_name not in answer.content.decode()


def test_what_is_known_is_not_sent_again(place, phone):
    (one,) = fetched(phone).json()["walks"]
    again = fetched(phone, have=f"{one['id']}:{one['version']}")
    assert (again.json()["walks"], again.json()["yours"]) == ([], [one["id"]])
    assert len(again.content) < 2_000


def test_a_walk_taken_back_is_gone_and_one_given_comes(place, phone):
    other = walk(place.ward, place.households[:3], number=1)
    teams.take_back(place.assignment)
    teams.give(other, place.member, by=place.leader)
    assert fetched(phone).json()["yours"] == [other.pk]


def test_a_sealed_entry_counts_as_if_it_were_not(place, phone):
    entry = visit(place, place.households[0], "done", steps=[])
    first, again = sent(phone, sealed(entry)).json(), sent(phone, sealed(entry)).json()
    assert [one["answers"][0]["status"] for one in (first, again)] == ["accepted", "known"]
    assert Entry.objects.count() == 1
    assert HouseholdOutcome.objects.get().outcome == "done"
    assert fetched(phone).json()["walks"][0]["doors"][0]["seen"]["outcome"] == "done"


def test_what_does_not_open_is_held_under_its_id(place, phone):
    entry = visit(place, place.households[0])
    broken = sealed(entry) | {"sealed": base64.b64encode(b"x" * 120).decode()}
    (answer,) = sent(phone, broken).json()["answers"]
    assert (answer["id"], answer["status"]) == (entry["id"], "held")
    assert Held.objects.count() == 1


def test_a_door_of_another_walk_is_held(place, phone):
    from tungnha.register.models import ListFile
    from tungnha.territory.models import Source, Street

    stranger = household(place.ward, 90, Street.objects.get(), Source.objects.get(), ListFile.objects.get())
    (answer,) = sent(phone, sealed(visit(place, stranger))).json()["answers"]
    assert (answer["status"], answer["reason"]) == ("held", "outside")


def test_what_was_saved_before_a_walk_was_taken_back_still_counts(place, phone):
    other = walk(place.ward, place.households[:1], number=1)
    teams.give(other, place.member, by=place.leader)
    teams.take_back(place.assignment)
    fetched(phone)
    (answer,) = sent(phone, sealed(visit(place, place.households[5]))).json()["answers"]
    assert answer["status"] == "accepted"


def test_a_lost_phone_opens_nothing(place, phone):
    services.revoke(Device.objects.get())
    assert (fetched(phone).status_code, sent(phone).status_code) == (401, 401)


def test_a_walk_that_ran_out_is_gone_from_the_phone(place, phone):
    past = timezone.now() - timedelta(hours=80)
    Assignment.objects.update(given_at=past, until=past + timedelta(hours=72))
    assert fetched(phone).json()["yours"] == []


def test_three_hundred_doors_fit_in_60_kilobytes():
    ground(300)
    answer = fetched(taken_into_use("lan") | {"accept-encoding": "gzip"})
    assert len(answer.content) <= 60_000
    assert len(json.loads(gzip.decompress(answer.content))["walks"][0]["doors"]) == 300


def test_a_household_that_is_not_listed_is_reported_without_a_name(place, phone):
    entry = {
        "id": str(uuid7()), "kind": "household-found", "version": 1, "occurred_at": timezone.now().isoformat(),
        "campaign": "90-ngay", "unit": place.ward.pk, "body": {"address": "Số 7B ngõ 34/5", "people": 3},
    }  # fmt: skip
    assert sent(phone, sealed(entry)).json()["answers"][0]["status"] == "accepted"
    named = entry | {"id": str(uuid7()), "body": {"address": "Số 7B", "people": 3, "name": "Đào"}}
    assert sent(phone, sealed(named)).json()["answers"][0]["status"] == "held"


def test_the_audit_trail_says_whose_phone_fetched_names_and_not_that_nothing_was_new(place, phone):
    version = fetched(phone).json()["walks"][0]
    fetched(phone, f"{version['id']}:{version['version']}")
    kept = AuditEntry.objects.filter(route="field-walks")
    assert [(one.kind, one.actor.username, one.unit_id) for one in kept] == [("read", "lan", place.ward.pk)]
