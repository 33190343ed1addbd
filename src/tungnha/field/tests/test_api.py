"""What a phone is given, and what it is not."""

import base64
import gzip
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tungnha.accounts import services as accounts
from tungnha.accounts.models import AuditEntry
from tungnha.accounts.roles import Role
from tungnha.accounts.services import factors
from tungnha.field.tests.handling import PASSWORD
from tungnha.field.tests.places import ground, household, unit, walk
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


def signed_in(name):
    browser = Client(enforce_csrf_checks=False)
    assert browser.login(username=name, password=PASSWORD)
    return browser


def taken_into_use(name, installation=None):
    answer = (
        signed_in(name).post(reverse("field-device"), {"installation": installation or str(uuid4())}).json()
    )
    return {"authorization": f"Bearer {answer['token']}"}


def fetched(phone, have="", after=0):
    return Client().get(reverse("field-walks"), {"have": have, "after": after}, headers=phone)


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
    given = {"installation": str(uuid4())}
    assert Client().post(reverse("field-device"), given).status_code == 302
    teams.take_back(place.assignment)
    assert signed_in("lan").post(reverse("field-device"), given).status_code == 404
    assert signed_in("lan").post(reverse("field-device")).status_code == 400
    assert list(Device.objects.all()) == []


def test_a_new_phone_gets_its_walks_in_the_same_round_and_the_sign_in_ends(place):
    browser = signed_in("lan")
    assert browser.head(reverse("field-device")).status_code == 204
    answer = browser.post(
        reverse("field-device"),
        {"installation": str(uuid4()), "walks": "1"},
        headers={"accept-encoding": "gzip"},
    )
    given = json.loads(gzip.decompress(answer.content))
    told = fetched({"authorization": f"Bearer {given['token']}"}).json()
    assert given["walks"] | {"now": None} == told | {"now": None}
    assert answer["Cache-Control"] == "no-store"
    assert AuditEntry.objects.filter(kind=AuditEntry.Kind.READ).count() == 2
    assert browser.head(reverse("field-device")).status_code == 302


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
    assert again.json()["seen"] == {str(one["id"]): {}}


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


def unpacked(answer):
    packed = answer.headers.get("Content-Encoding") == "gzip"
    return json.loads(gzip.decompress(answer.content) if packed else answer.content)


def test_thirty_visits_are_news_of_less_than_2_kilobytes():
    place = ground(300)
    phone = taken_into_use("lan") | {"accept-encoding": "gzip"}
    first = unpacked(fetched(phone))
    (one,) = first["walks"]
    sent(phone, *(sealed(visit(place, home)) for home in place.households[:30]))
    answer = fetched(phone, f"{one['id']}:{one['version']}", first["position"])
    said = unpacked(answer)
    assert len(answer.content) <= 2_000
    assert said["walks"] == []
    assert sorted(map(int, said["seen"][str(one["id"])])) == sorted(home.pk for home in place.households[:30])
    nothing = unpacked(fetched(phone, f"{one['id']}:{one['version']}", said["position"]))
    assert nothing["seen"] == {str(one["id"]): {}}


def test_a_visit_taken_back_is_news_too(place, phone):
    first = fetched(phone).json()
    (one,) = first["walks"]
    entry = visit(place, place.households[0])
    sent(phone, sealed(entry))
    undo = visit(place, place.households[0]) | {"kind": "withdrawal", "corrects": entry["id"], "body": {}}
    sent(phone, sealed(undo))
    said = fetched(phone, f"{one['id']}:{one['version']}", first["position"]).json()
    assert said["seen"] == {str(one["id"]): {str(place.households[0].pk): None}}


def test_a_page_of_another_site_takes_no_phone_into_use(place):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(place.member.user)
    assert browser.post(reverse("field-device"), {"installation": str(uuid4())}).status_code == 403
    assert list(Device.objects.all()) == []


def test_taking_a_phone_into_use_ends_the_sign_in(place):
    """Whoever finds the phone must not find its person signed in to the office's pages."""
    browser = signed_in("lan")
    assert browser.post(reverse("field-device"), {"installation": str(uuid4())}).status_code == 200
    assert browser.get(reverse("home")).status_code == 302


def test_what_another_person_recorded_on_the_phone_is_held_and_counts_as_theirs_on_a_word(place, phone):
    """A revoked phone with a full outbox, on which another person then enrols."""
    entry = visit(place, place.households[0]) | {"actor": place.leader.pk}
    (answer,) = sent(phone, sealed(entry)).json()["answers"]
    assert (answer["status"], answer["reason"]) == ("held", "other_person")
    services.release(Held.objects.get(), by=place.leader, note="Chị Lan giữ máy của tổ trưởng")
    assert list(Entry.objects.values_list("actor", flat=True)) == [place.leader.pk]


def test_of_a_person_nobody_knows_nothing_is_taken_in(place, phone):
    sent(phone, sealed(visit(place, place.households[0]) | {"actor": 999_999}))
    with pytest.raises(ValidationError):
        services.release(Held.objects.get(), by=place.leader, note="?")
    assert Entry.objects.count() == 0


def test_a_session_that_ran_out_with_a_full_outbox_is_followed_by_one_that_sends_it(place):
    """Neither the days since nor a walk that is given back meanwhile hold what the same person recorded."""
    installation = str(uuid4())
    taken_into_use("lan", installation)
    ago = timezone.now() - timedelta(days=8)
    Device.objects.update(issued_at=ago, first_issued_at=ago, expires_at=ago + timedelta(days=7))
    teams.take_back(place.assignment)
    entry = visit(place, place.households[0]) | {"occurred_at": (ago + timedelta(days=6)).isoformat()}
    (answer,) = sent(taken_into_use("lan", installation), sealed(entry)).json()["answers"]
    assert answer["status"] == "accepted"


def test_walks_of_another_ward_do_not_push_out_those_of_the_session(place, phone):
    other = unit("00229", "Phường Cửa Nam", place.ward.parent)
    accounts.grant_role(place.member.user, "volunteer", other)
    accounts.grant_role(place.leader, "team_leader", other)
    campaign = place.member.team.campaign
    member = teams.add_member(teams.make_team(campaign, other, "Tổ 9"), place.member.user)
    early = walk(other, [])
    early.shift_date = timezone.localdate() - timedelta(days=9)
    early.save()
    teams.give(early, member, by=place.leader)
    assert fetched(phone).json()["yours"] == [place.turf.pk]


def test_giving_back_frees_the_walks_and_ends_the_session(place, phone):
    answer = Client().post(reverse("field-give-back"), headers=phone)
    assert answer.json() == {"given_back": 1}
    place.assignment.refresh_from_db()
    assert place.assignment.returned_at is not None
    assert fetched(phone).json()["code"] == "revoked"


def test_a_role_that_ended_gives_no_session(place):
    place.member.user.roles.all().delete()
    given = {"installation": str(uuid4())}
    assert signed_in("lan").post(reverse("field-device"), given).status_code == 404


GOES_TO_DOORS = ["team_leader", "unit_officer", "volunteer"]


def instead_of_volunteer(place, role):
    """The volunteer holds another role in the ward from now on; the walk stays in their hands."""
    person = place.member.user
    accounts.end_role(person.roles.get())
    accounts.grant_role(person, role, place.ward)
    return type(person).objects.get(pk=person.pk)


@pytest.mark.parametrize("role", Role)
def test_only_a_role_that_goes_to_doors_takes_a_phone_into_use(place, role):
    instead_of_volunteer(place, role)
    answer = signed_in("lan").post(reverse("field-device"), {"installation": str(uuid4())})
    assert answer.status_code == (200 if role in GOES_TO_DOORS else 404)
    assert Device.objects.count() == (role in GOES_TO_DOORS)


@pytest.mark.parametrize("role", Role)
def test_only_a_role_that_goes_to_doors_fetches_walks_and_records(place, phone, role):
    person = instead_of_volunteer(place, role)
    entry = visit(place, place.households[0])
    answers = [
        fetched(phone),
        sent(phone, sealed(entry)),
        Client().post(reverse("field-give-back"), headers=phone),
    ]
    goes = role in GOES_TO_DOORS
    assert [one.status_code for one in answers] == [200 if goes else 401] * 3
    assert Entry.objects.count() == goes
    if not goes:
        assert [one.json()["code"] for one in answers] == ["no_role"] * 3
        place.assignment.refresh_from_db()
        assert place.assignment.returned_at is None
        with pytest.raises(ValidationError):
            services.enrol(person, campaign="90-ngay", unit=place.ward)


@pytest.mark.parametrize("role", Role)
def test_only_a_role_that_goes_to_doors_joins_a_team_and_is_given_a_walk(place, role):
    person = instead_of_volunteer(place, role)
    teams.take_back(place.assignment)
    place.member.user = person
    joins = teams.make_team(place.member.team.campaign, place.ward, "Tổ 2")
    if role in GOES_TO_DOORS:
        teams.add_member(joins, person)
        teams.give(place.turf, place.member, by=place.leader)
    else:
        with pytest.raises(ValidationError):
            teams.add_member(joins, person)
        with pytest.raises(ValidationError):
            teams.give(place.turf, place.member, by=place.leader)


def test_a_role_in_another_ward_records_at_no_door_here(place, phone):
    accounts.end_role(place.member.user.roles.get())
    accounts.grant_role(place.member.user, "volunteer", unit("00229", "Phường Cửa Nam", place.ward.parent))
    assert fetched(phone).json()["code"] == "no_role"


def test_a_reset_of_the_sign_in_ends_the_persons_phones_and_nobody_elses(place, phone):
    other = accounts.create_user("hung", PASSWORD)
    accounts.grant_role(other, "volunteer", place.ward)
    _device, token = services.enrol(other, campaign="90-ngay", unit=place.ward)
    factors.reset(place.member.user)
    assert fetched(phone).json()["code"] == "revoked"
    assert fetched({"authorization": f"Bearer {token}"}).status_code == 200


def test_a_household_that_is_not_listed_is_reported_without_a_name(place, phone):
    entry = {
        "id": str(uuid7()), "kind": "household-found", "version": 1, "occurred_at": timezone.now().isoformat(),
        "campaign": "90-ngay", "unit": place.ward.pk, "body": {"address": "Số 7B ngõ 34/5", "people": 3},
    }  # fmt: skip
    assert sent(phone, sealed(entry)).json()["answers"][0]["status"] == "accepted"
    named = entry | {"id": str(uuid7()), "body": {"address": "Số 7B", "people": 3, "name": "Đào"}}
    assert sent(phone, sealed(named)).json()["answers"][0]["status"] == "held"
    numbered = entry | {"id": str(uuid7()), "body": {"address": "Số 7B, ông Hùng 0912345678", "people": 3}}
    sent(phone, sealed(numbered))
    assert "0912345678" not in Entry.objects.get(uuid=numbered["id"]).body


def test_the_audit_trail_says_whose_phone_fetched_names_and_not_that_nothing_was_new(place, phone):
    version = fetched(phone).json()["walks"][0]
    fetched(phone, f"{version['id']}:{version['version']}")
    kept = AuditEntry.objects.filter(route="field-walks")
    assert [(one.kind, one.actor.username, one.unit_id) for one in kept] == [("read", "lan", place.ward.pk)]
