"""Households that no list names: reported by a phone, settled in the office, both of it in the ledger."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from tungnha.field.tests.places import ground
from tungnha.ledger import rebuilding, services
from tungnha.ledger.devices import find
from tungnha.ledger.entries import uuid7
from tungnha.ledger.models import Entry
from tungnha.outreach.models import FoundHousehold
from tungnha.outreach.services.found import settle_found

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    made = ground(1)
    _, token = services.enrol(made.member.user, campaign="90-ngay", unit=made.ward)
    report(made, token, "Số 7B ngõ 34/5")
    return made


def report(place, token, address):
    import json

    entry = {
        "id": str(uuid7()), "kind": "household-found", "version": 1, "occurred_at": timezone.now().isoformat(),
        "campaign": "90-ngay", "unit": place.ward.pk, "body": {"address": address, "people": 3},
    }  # fmt: skip
    services.receive(find(token), [json.dumps(entry).encode()])


def test_what_was_found_waits_until_somebody_says_what_became_of_it(place):
    found = FoundHousehold.objects.get()
    assert (found.address, found.people, found.finding) == ("Số 7B ngõ 34/5", 3, "waiting")
    settle_found(found, "added", by=place.leader)
    assert (found.finding, found.settled_by) == ("added", place.leader.pk)
    assert list(Entry.objects.values_list("kind", flat=True)) == [
        "household-found",
        "household-found-settled",
    ]
    assert all(table.same for table in rebuilding.rebuild())


def test_it_is_settled_once_with_one_of_three_findings_by_whoever_may(place):
    found = FoundHousehold.objects.get()
    with pytest.raises(ValidationError):
        settle_found(found, "waiting", by=place.leader)
    with pytest.raises(PermissionDenied):
        settle_found(found, "known", by=place.member.user)
    settle_found(found, "known", by=place.leader)
    with pytest.raises(ValidationError):
        settle_found(found, "none", by=place.leader)
    assert Entry.objects.count() == 2


def test_the_supervisors_page_lists_what_waits_and_settles_it(place, client):
    client.force_login(place.leader)
    address = reverse("found", args=[place.ward.pk])
    found = FoundHousehold.objects.get()
    assert "Số 7B ngõ 34/5" in client.get(address).content.decode()
    client.post(reverse("found-settle", args=[found.pk]), {"finding": "none"})
    assert "Số 7B ngõ 34/5" not in client.get(address).content.decode()
    assert "Không phải hộ ở" in client.get(address + "?tat-ca=1").content.decode()
