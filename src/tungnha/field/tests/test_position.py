"""Position stamps: off, unless the campaign and the volunteer both want them; forgotten in time."""

import json
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tungnha.accounts import services as accounts
from tungnha.field.tests.handling import PASSWORD
from tungnha.field.tests.places import ground, unit
from tungnha.field.tests.test_api import fetched, sealed, sent, taken_into_use, visit
from tungnha.ledger.entries import uuid7
from tungnha.ledger.models import Entry
from tungnha.ledger.rebuilding import rebuild
from tungnha.outreach.models import PositionConsent, PositionDecision, PositionStamp
from tungnha.outreach.queries.positions import places
from tungnha.outreach.services import positions
from tungnha.territory.models import Street

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    made = ground()
    made.campaign = made.member.team.campaign
    made.officer = accounts.create_user("to-cong-tac", PASSWORD)
    accounts.grant_role(made.officer, "city_office", made.ward.parent)
    made.street = Street.objects.get()
    return made


@pytest.fixture
def phone(place):
    return taken_into_use("lan")


def switch(place, *, on=True, days=30):
    return positions.decide(
        place.campaign,
        on=on,
        days=days,
        document="12/QĐ-UBND",
        reason="Có phản ánh giả danh",
        by=place.officer,
    )


def answer(place, phone, *, given, wording=1):
    entry = {
        "id": str(uuid7()), "kind": "position-consent", "version": 1, "occurred_at": timezone.now().isoformat(),
        "campaign": "90-ngay", "unit": place.ward.pk, "body": {"given": given, "wording": wording},
    }  # fmt: skip
    assert sent(phone, sealed(entry)).json()["answers"][0]["status"] == "accepted"


def stamped(place, phone, street, home=0, entry=None):
    """A visit, and near which street it was recorded. Returns how many stamps the server kept."""
    made = entry or visit(place, place.households[home])
    if entry is None:
        sent(phone, sealed(made))
    return told(phone, {"stamps": [{"entry": made["id"], "street": street}]}).json()["kept"]


def told(phone, body):
    return Client().post(
        reverse("field-stamps"), json.dumps(body), content_type="application/json", headers=phone
    )


def told_rule(phone):
    return fetched(phone).json()["stamp"]


def test_nothing_is_stamped_unless_somebody_decided_it(place, phone):
    assert told_rule(phone) is None
    assert "streets" not in fetched(phone).json()["walks"][0]
    answer(place, phone, given=True)
    assert stamped(place, phone, place.street.pk) == 0
    assert PositionStamp.objects.count() == 0


def test_a_stamp_is_kept_of_who_agreed_and_says_street_or_elsewhere_and_nothing_else(place, phone):
    switch(place)
    assert told_rule(phone) == {"wording": 1, "days": 30, "consent": None}
    assert stamped(place, phone, place.street.pk) == 0
    answer(place, phone, given=True)
    assert told_rule(phone)["consent"] is True
    assert [stamped(place, phone, street, home) for home, street in ((1, place.street.pk), (2, 0))] == [1, 1]
    assert {field.name for field in PositionStamp._meta.fields} == {
        "entry",
        "campaign",
        "user",
        "street",
        "recorded_at",
    }
    day = place.campaign.today()
    person = place.member.user.pk
    assert places(place.campaign, [person]) == {(person, day): [("", 1), ("Ngõ 34/5", 1)]}
    assert "street" not in " ".join(Entry.objects.values_list("body", flat=True)), (
        "the ledger forgets nothing"
    )


def test_the_walk_names_its_streets_to_some_ten_metres(place, phone):
    switch(place)
    (streets,) = fetched(phone).json()["walks"][0]["streets"]
    assert streets["s"] == place.street.pk
    assert all(one == round(one, 4) for at in streets["at"] for one in at)


def test_a_refusal_changes_nothing_else(place, phone):
    before = fetched(phone).json()
    switch(place)
    answer(place, phone, given=False)
    after = fetched(phone).json()
    assert after["stamp"]["consent"] is False
    assert stamped(place, phone, place.street.pk) == 0
    assert (after["yours"], after["walks"][0]["doors"]) == (before["yours"], before["walks"][0]["doors"])


def test_who_takes_consent_back_is_no_longer_shown_and_is_forgotten(place, phone):
    switch(place)
    answer(place, phone, given=True)
    stamped(place, phone, place.street.pk)
    answer(place, phone, given=False)
    assert places(place.campaign, [place.member.user.pk]) == {}
    assert stamped(place, phone, place.street.pk, home=1) == 0
    answer(place, phone, given=True)
    assert places(place.campaign, [place.member.user.pk]) == {}, "what was stamped before stays gone"
    assert (positions.forget(), PositionStamp.objects.count()) == (1, 0)


@pytest.mark.parametrize("on", [True, False])
def test_each_decision_begins_anew(place, phone, on):
    switch(place)
    answer(place, phone, given=True)
    stamped(place, phone, place.street.pk)
    switch(place, on=on)
    assert told_rule(phone) == ({"wording": 1, "days": 30, "consent": None} if on else None)
    assert stamped(place, phone, place.street.pk, home=1) == 0
    assert positions.forget() == 1
    assert PositionDecision.objects.count() == 2


def test_a_stamp_is_forgotten_after_its_days(place, phone):
    switch(place, days=3)
    answer(place, phone, given=True)
    stamped(place, phone, place.street.pk)
    now = timezone.now()
    assert positions.forget(now + timedelta(days=2, hours=23)) == 0
    assert positions.forget(now + timedelta(days=3, minutes=1)) == 1


def test_consent_to_another_wording_is_none(place, phone):
    switch(place)
    answer(place, phone, given=True, wording=2)
    assert told_rule(phone)["consent"] is None
    assert stamped(place, phone, place.street.pk) == 0


def test_only_ones_own_visits_at_streets_of_the_ward_are_stamped(place, phone):
    switch(place)
    answer(place, phone, given=True)
    theirs = visit(place, place.households[3])
    sent(phone, sealed(theirs))
    far = Street.objects.create(
        unit=unit("00229", "Phường Cửa Nam", place.ward.parent), kind="ngo", name="Ngõ 1", name_fold="ngo 1",
        source=place.street.source,
    )  # fmt: skip
    assert stamped(place, phone, far.pk) == 0
    assert stamped(place, phone, 999_999, home=1) == 0
    unknown = {"id": str(uuid4())}
    assert stamped(place, phone, place.street.pk, entry=unknown) == 0
    assert positions.keep_stamps(place.leader.pk, "90-ngay", {UUID(theirs["id"]): 0}) == 0
    assert PositionStamp.objects.count() == 0


def test_a_stamp_sent_twice_is_one(place, phone):
    switch(place)
    answer(place, phone, given=True)
    made = visit(place, place.households[0])
    sent(phone, sealed(made))
    for _ in range(2):
        stamped(place, phone, place.street.pk, entry=made)
    assert PositionStamp.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"stamps": [{"entry": "x", "street": 1}]}, {"stamps": [{"entry": str(uuid4()), "street": -1}]},
     {"stamps": [{"entry": str(uuid4()), "street": 1, "latitude": 21.0}]}],
)  # fmt: skip
def test_what_is_no_stamp_is_refused_coordinates_above_all(phone, body):
    assert told(phone, body).json()["code"] == "malformed"
    assert Client().post(reverse("field-stamps")).status_code == 401


def test_consents_follow_from_the_ledger(place, phone):
    for given in (True, False, True):
        answer(place, phone, given=given)
    assert [one.given for one in PositionConsent.objects.all()] == [True, False, True]
    assert [one.table for one in rebuild() if not one.same] == []


def test_switching_needs_who_plans_the_campaign_a_document_a_reason_and_days(place):
    with pytest.raises(PermissionDenied):
        positions.decide(place.campaign, on=True, days=3, document="1", reason="x", by=place.leader)
    for facts in ({"days": None}, {"days": 91}, {"document": " "}, {"reason": ""}):
        with pytest.raises(ValidationError) as refused:
            positions.decide(
                place.campaign,
                by=place.officer,
                **({"on": True, "days": 3, "document": "1", "reason": "x"} | facts),
            )
        assert list(refused.value.message_dict) == list(facts)
    assert PositionDecision.objects.count() == 0
