"""Knocks on every address of the protocol: as nobody, with a session that is over, and as somebody from elsewhere."""

from datetime import timedelta

import msgspec
import pytest
from django.urls import get_resolver, reverse
from django.utils import timezone

from tungnha.accounts import services as accounts
from tungnha.ledger import devices, services
from tungnha.ledger.models import Device, Entry
from tungnha.ledger.sync import urls

METHODS = {"sync-entries": ("get", "post"), "sync-known": ("post",), "sync-state": ("get",)}
KNOCKS = [(name, method) for name, methods in METHODS.items() for method in methods]


def knock(client, name, method, token=None):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    body = {"data": b"{}", "content_type": "application/json"} if method == "post" else {}
    return getattr(client, method)(reverse(name), headers=headers, **body)


def test_every_address_is_tried_here():
    assert {pattern.name for pattern in urls.urlpatterns} == set(METHODS)
    assert [
        str(one.pattern)
        for one in get_resolver("tungnha.config.urls").url_patterns
        if "api" in str(one.pattern)
    ] == ["api/sync/v1/"]


@pytest.mark.parametrize(("name", "method"), KNOCKS)
def test_nobody_is_let_in(client, world, name, method):
    response = knock(client, name, method)
    assert (response.status_code, response.json()["code"]) == (401, "no_token")
    assert knock(client, name, method, "x" * 22).json()["code"] == "unknown"
    client.force_login(world.officer)
    assert knock(client, name, method).status_code == 401, "a sign-in in the browser opens no phone's address"


@pytest.mark.parametrize(("name", "method"), KNOCKS)
@pytest.mark.parametrize("over", ["revoked", "expired", "no_role", "inactive"])
def test_a_session_that_is_over_opens_nothing(client, world, name, method, over):
    if over == "revoked":
        services.revoke(world.device)
    elif over == "expired":
        Device.objects.filter(pk=world.device.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    elif over == "no_role":
        accounts.end_role(world.volunteer.roles.get())
    else:
        world.volunteer.is_active = False
        world.volunteer.save()
    response = knock(client, name, method, world.token)
    said = "revoked" if over == "inactive" else over
    assert (response.status_code, response.json()["code"]) == (401, said)
    assert said in response["WWW-Authenticate"]


@pytest.mark.parametrize("name", METHODS)
def test_other_methods_are_refused(client, world, name):
    wrong = {"get", "post", "put", "delete"} - set(METHODS[name])
    assert {getattr(client, method)(reverse(name)).status_code for method in wrong} == {405}


def test_a_phone_reads_only_its_own_ward(client, world):
    stranger = world.person("la", unit=world.other_ward)
    _, token = services.enrol(stranger, campaign="90-ngay", unit=world.other_ward)
    now = timezone.now()
    world.send(world.knock(at=now), now=now)
    mine, theirs = (
        client.get(reverse("sync-entries"), headers={"authorization": f"Bearer {one}"}).json()
        for one in (world.second_token, token)
    )
    assert len(mine["entries"]) == 1
    assert theirs["entries"] == []


def test_a_phone_asks_only_after_its_persons_entries(client, world):
    entry = world.knock()
    world.send(entry)
    body = msgspec.json.encode({"ids": [entry["id"]]})
    answers = [
        client.post(
            reverse("sync-known"),
            body,
            content_type="application/json",
            headers={"authorization": f"Bearer {token}"},
        ).json()
        for token in (world.token, world.second_token)
    ]
    assert [answer["accepted"] for answer in answers] == [[entry["id"]], []]


def test_of_a_token_only_the_hash_is_kept(world):
    assert len(world.token) == 22, "128 bits"
    row = Device.objects.values().get(pk=world.device.pk)
    assert bytes(row["token_hash"]) == devices.token_hash(world.token)
    assert world.token not in str(row)


def test_a_role_that_moved_with_its_unit_still_opens(client, world):
    from tungnha.territory.models import Succession, UnitChange

    change = UnitChange.objects.create(decided_by="NQ", effective="2025-07-01")
    Succession.objects.create(change=change, old=world.ward, new=world.other_ward, whole=True)
    volunteer = type(world.volunteer).objects.get(pk=world.volunteer.pk)
    _, token = services.enrol(volunteer, campaign="90-ngay", unit=world.other_ward)
    assert knock(client, "sync-state", "get", token).status_code == 200
    assert Entry.objects.count() == 0
