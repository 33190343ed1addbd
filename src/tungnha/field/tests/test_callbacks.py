"""Call-backs from what phones told: the right doors, within the limit, at times that were named."""

import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tungnha.campaign.models import Campaign
from tungnha.field.tests.places import ground
from tungnha.ledger import devices, services
from tungnha.ledger.entries import uuid7
from tungnha.outreach import contact
from tungnha.outreach.models import Callback
from tungnha.outreach.services.callbacks import Slot, plan_callbacks

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return ground(12)


@pytest.fixture
def campaign(place):
    return Campaign.objects.get()


@pytest.fixture
def tell(place, campaign):
    """Have the phone tell how visits ended, an hour ago or `back` hours ago."""
    _device, token = services.enrol(
        place.member.user,
        campaign=campaign.code,
        unit=place.ward,
        in_use_since=timezone.now() - timedelta(days=20),
    )

    def told(ends, back=1):
        at = timezone.now() - timedelta(hours=back)
        entries = [
            json.dumps(
                {
                    "id": str(uuid7()), "kind": "visit", "version": 1, "occurred_at": at.isoformat(), "campaign": campaign.code,
                    "unit": place.ward.pk, "household": place.households[number].pk, "body": body,
                }
            ).encode()
            for number, body in ends.items()
        ]  # fmt: skip
        assert {one.status for one in services.receive(devices.find(token), entries).answers} == {"accepted"}

    return told


def evening(days, teams=2, hour=18):
    start = timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=days)
    return Slot(start, start + timedelta(hours=2), teams)


def planned(place):
    number = {home.pk: count for count, home in enumerate(place.households)}
    return {number[home]: start for home, start in Callback.objects.values_list("household", "start")}


def test_only_doors_that_are_to_be_tried_again_are_planned(place, campaign, tell):
    tell(
        {
            0: {"outcome": "nobody_home"},
            1: {"outcome": "refused"},
            2: {"outcome": "done"},
            3: {"outcome": "moved"},
        }
    )
    outcome = plan_callbacks(place.ward, campaign, [evening(1)])
    assert (outcome.waiting, outcome.planned, set(planned(place))) == (1, 1, {0})


def test_nobody_is_tried_more_often_than_the_limit(place, campaign, tell):
    for back in (72, 48, 24):
        tell({0: {"outcome": "nobody_home"}}, back)
    assert plan_callbacks(place.ward, campaign, [evening(1)], most_attempts=3).planned == 0
    assert plan_callbacks(place.ward, campaign, [evening(1)], most_attempts=4).planned == 1


def test_a_named_time_is_kept(place, campaign, tell):
    second = evening(2)
    named = second.start + timedelta(minutes=30)
    tell({0: {"outcome": "come_back", "come_back_at": named.isoformat()}})
    plan_callbacks(place.ward, campaign, [evening(1), second])
    assert planned(place) == {0: second.start}


def test_who_is_away_is_left_until_they_are_back(place, campaign, tell):
    back = (timezone.localtime() + timedelta(days=2)).date()
    tell({0: {"outcome": "away", "away_to": "province", "away_until": back.isoformat()}})
    third = evening(3)
    plan_callbacks(place.ward, campaign, [evening(1), evening(2), third])
    assert planned(place) == {0: third.start}


def test_planning_anew_replaces_what_was_planned(place, campaign, tell):
    tell({0: {"outcome": "nobody_home"}, 1: {"outcome": "nobody_home"}})
    plan_callbacks(place.ward, campaign, [evening(1)])
    tell({0: {"outcome": "done"}}, back=0.1)
    plan_callbacks(place.ward, campaign, [evening(2)])
    assert planned(place) == {1: evening(2).start}


def test_rates_are_marked_as_foreign_until_there_are_visits(place, campaign, tell):
    tell({0: {"outcome": "nobody_home"}})
    assert plan_callbacks(place.ward, campaign, [evening(1)]).foreign > 0.9
    assert contact.prior().foreign
    assert contact.prior().rate == pytest.approx(0.2818, abs=1e-4)


def test_a_slot_that_is_over_is_refused(place, campaign, tell):
    tell({0: {"outcome": "nobody_home"}})
    with pytest.raises(ValidationError):
        plan_callbacks(place.ward, campaign, [evening(-1)])
    assert planned(place) == {}


def test_cells_tell_hours_days_and_kinds_apart():
    monday = timezone.localtime().replace(year=2026, month=11, day=23, hour=9)
    found = {
        contact.cell(monday.replace(hour=hour) + timedelta(days=day), kind)
        for hour in (9, 12, 15, 18, 20)
        for day in (0, 5, 6)
        for kind in ("house", "apartment")
    }
    assert found == set(range(contact.CELLS))
