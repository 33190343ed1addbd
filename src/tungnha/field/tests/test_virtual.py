"""Whatever the network and the phones do, every entry that was saved is in the ledger exactly once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tungnha.campaign.models import Campaign
from tungnha.field.tests.places import ground, walk
from tungnha.field.virtual.evenings import RealPeopleError, play_evenings
from tungnha.field.virtual.phones import NO_FAULTS, Faults
from tungnha.field.virtual.servers import Direct
from tungnha.ledger import chain, rebuilding
from tungnha.ledger.models import Entry, Held
from tungnha.outreach.models import HouseholdOutcome, TurfPlan
from tungnha.outreach.queries.attendance import of_shifts
from tungnha.progress.models import ReviewFlag
from tungnha.progress.services import review

pytestmark = pytest.mark.django_db
TERRIBLE = Faults(dead_zone=0.5, lost_answer=0.4, twice=0.3, skewed=0.5, skew=timedelta(days=400), late=0.3)


@pytest.fixture
def place():
    made = ground(24)
    walk(made.ward, made.households)
    return made


def played(place, faults, seed=1, evenings=2, **more):
    now = timezone.now()
    return play_evenings(
        TurfPlan.objects.first(), Campaign.objects.get(), Direct(), volunteers=1, seed=seed, by=place.leader, faults=faults,
        evenings=[now - timedelta(days=back) for back in range(evenings, 0, -1)], **more,
    )  # fmt: skip


def kept():
    """Ids of everything the server has, taken in or held."""
    return [*Entry.objects.values_list("uuid", flat=True), *Held.objects.values_list("uuid", flat=True)]


def test_a_quiet_evening_is_all_there(place):
    outcome = played(place, NO_FAULTS)
    assert (outcome.unsent, Held.objects.count()) == (0, 0)
    assert sorted(Entry.objects.values_list("uuid", flat=True)) == sorted(outcome.saved)
    assert HouseholdOutcome.objects.count() == Entry.objects.values("household").distinct().count() > 5


def test_an_evening_is_a_shift_to_which_the_team_came(place):
    played(place, NO_FAULTS)
    ((there,),) = of_shifts(list(place.member.team.shifts.all())).values()
    assert there.state in {"came", "late"}


def test_an_evening_entered_from_paper_is_one_that_a_supervisor_is_shown(place):
    played(place, NO_FAULTS, on_paper={(0, 0)})
    campaign = Campaign.objects.get()
    for back in (2, 1):
        review(campaign, timezone.localdate() - timedelta(days=back))
    flags = ReviewFlag.objects.filter(check_name="end_of_day")
    assert [flag.day for flag in flags] == [timezone.localdate() - timedelta(days=2)]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_terrible_networks_lose_and_double_nothing(place, seed):
    before = kept()
    outcome = played(place, TERRIBLE, seed=seed, evenings=1)
    assert outcome.unsent == 0
    assert sorted(kept()) == sorted([*before, *outcome.saved])
    assert chain.check().breaks == []
    assert all(table.same for table in rebuilding.rebuild())


def test_nobody_plays_visits_to_real_people(place):
    TurfPlan.objects.update(generated=False)
    with pytest.raises(RealPeopleError):
        played(place, NO_FAULTS)
