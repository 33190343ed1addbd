"""From the ledger to a supervisor's list, and what a supervisor may do with it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tungnha.campaign.models import Campaign
from tungnha.ledger import devices, services
from tungnha.outreach.models import Assignment
from tungnha.outreach.visits import Outcome
from tungnha.progress.models import ReviewFlag
from tungnha.progress.services import review, settle, tune

pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    from tungnha.field.tests.places import ground

    return ground(24)


@pytest.fixture
def campaign(place):
    return Campaign.objects.get()


@pytest.fixture
def evening(campaign):
    """Yesterday, seven o'clock."""
    return timezone.localtime().replace(hour=19, minute=0, second=0, microsecond=0) - timedelta(days=1)


def visits(place, campaign, start, gap, count=24):
    from json import dumps

    from tungnha.ledger.entries import uuid7

    _device, token = services.enrol(
        place.member.user, campaign=campaign.code, unit=place.ward, areas_bound=[f"turf:{place.turf.pk}"],
        in_use_since=start - timedelta(days=1),
    )  # fmt: skip
    raw = [
        dumps(
            {
                "id": str(uuid7()),
                "kind": "visit",
                "version": 1,
                "occurred_at": (start + gap * number).isoformat(),
                "campaign": campaign.code,
                "unit": place.ward.pk,
                "household": home.pk,
                "body": {"outcome": Outcome.NOBODY_HOME.value},
            }
        ).encode()
        for number, home in enumerate(place.households[:count])
    ]
    answers = services.receive(devices.find(token), raw).answers
    assert {one.status for one in answers} == {"accepted"}


def found():
    return set(ReviewFlag.objects.values_list("check_name", flat=True))


def test_an_evening_entered_in_one_go_comes_to_the_supervisor_once(place, campaign, evening):
    visits(place, campaign, evening, timedelta(seconds=10))
    assert review(campaign, evening.date()) == ReviewFlag.objects.count() > 0
    assert {"too_fast", "end_of_day", "one_spot"} <= found()
    assert review(campaign, evening.date()) == 0


def test_a_check_can_be_switched_off_and_tuned(place, campaign, evening):
    visits(place, campaign, evening, timedelta(seconds=10))
    for name in ("too_fast", "one_spot", "contact_rate", "impossible_travel"):
        tune(campaign, name, on=False, threshold=None)
    tune(campaign, "end_of_day", on=True, threshold=0.01)
    assert review(campaign, evening.date()) == 0


def test_an_ordinary_evening_comes_to_nobody(place, campaign, evening):
    visits(place, campaign, evening - timedelta(minutes=40), timedelta(minutes=4), count=17)
    tune(campaign, "contact_rate", on=False, threshold=None)  # all of these found nobody
    review(campaign, evening.date())
    assert found() == set()


def test_a_flag_is_settled_once_with_a_reason_and_never_by_its_own_person(place, campaign, evening):
    visits(place, campaign, evening, timedelta(seconds=10))
    review(campaign, evening.date())
    flag = ReviewFlag.objects.filter(check_name="end_of_day").get()
    with pytest.raises(ValidationError):
        settle(flag, " ", by=place.leader)
    with pytest.raises(PermissionDenied):
        settle(flag, "Tôi ghi bù", by=place.member.user)
    assert [settle(flag, "Ghi bù từ phiếu giấy", by=place.leader), settle(flag, "Khác", by=place.leader)] == [
        True,
        False,
    ]
    flag.refresh_from_db()
    assert flag.reason == "Ghi bù từ phiếu giấy"


def test_nothing_that_is_found_takes_a_walk_away(place, campaign, evening):
    visits(place, campaign, evening, timedelta(seconds=10))
    review(campaign, evening.date())
    assert Assignment.objects.get().is_held(timezone.now())
