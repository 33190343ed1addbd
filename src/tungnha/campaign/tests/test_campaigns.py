"""A campaign's dates and phases, and who sees it."""

import itertools
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from tungnha.accounts.services import create_user, grant_role
from tungnha.campaign.models import Campaign, Phase
from tungnha.campaign.queries.campaigns import seen_by
from tungnha.campaign.services import campaigns
from tungnha.territory.models import Unit

START = date(2026, 9, 1)
DAYS = {"start": START, "deadline": START + timedelta(days=89)}


def unit(code, parent=None, kind="ward"):
    made = Unit.objects.create(
        code=code, name=code, name_fold=code.lower(), kind=kind, parent=parent, path="/"
    )
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save()
    return made


@pytest.fixture
def city(db):
    return unit("01", kind="city")


@pytest.fixture
def campaign(city):
    return campaigns.create_campaign(code="90-ngay", name="90 ngày đêm", unit=city, **DAYS)


def officer(name, role, where):
    user = create_user(name, "mật khẩu thật dài 9")
    grant_role(user, role, where, valid_from=date(2020, 1, 1))
    return user


def refused(field, call, **words):
    with pytest.raises(ValidationError) as caught:
        call(**words)
    assert field in caught.value.error_dict
    return " ".join(caught.value.error_dict[field][0].messages)


def test_a_campaign_that_ends_before_it_starts_is_refused_at_its_deadline(city):
    days = {"start": START, "deadline": START - timedelta(days=1)}
    refused("deadline", campaigns.create_campaign, code="a", name="a", unit=city, **days)
    assert not Campaign.objects.exists()


def test_a_code_is_used_once_and_a_zone_must_exist(campaign, city):
    refused("code", campaigns.create_campaign, code="90-ngay", name="b", unit=city, **DAYS)
    refused(
        "time_zone", campaigns.create_campaign, code="b", name="b", unit=city, time_zone="Asia/Hanoi", **DAYS
    )


def test_a_phase_outside_the_campaign_is_refused(campaign):
    refused("end", campaigns.add_phase, campaign=campaign, name="x", start=START, end=date(2027, 1, 1))
    refused("start", campaigns.add_phase, campaign=campaign, name="x", start=date(2026, 8, 31), end=START)


def test_a_campaign_cannot_shrink_away_from_its_phases(campaign):
    campaigns.add_phase(campaign, name="Cao điểm", start=START, end=START + timedelta(days=80))
    reason = refused(
        "deadline", campaigns.change_campaign, campaign=campaign, deadline=START + timedelta(days=30)
    )
    assert "Cao điểm" in reason
    campaign.refresh_from_db()
    assert campaign.deadline == DAYS["deadline"]


def test_moving_a_phase_does_not_collide_with_itself(campaign):
    phase = campaigns.add_phase(campaign, name="Cao điểm", start=START, end=START + timedelta(days=9))
    campaigns.change_phase(
        phase, name="Cao điểm", start=START + timedelta(days=3), end=START + timedelta(days=12)
    )
    assert Phase.objects.get().start == START + timedelta(days=3)


class PhasesNeverOverlap(TestCase):
    @given(st.lists(st.tuples(st.integers(-3, 92), st.integers(-3, 92)), max_size=8))
    def test_whatever_is_added(self, spans):
        campaign = campaigns.create_campaign(code="p", name="p", unit=unit("99"), **DAYS)
        for number, (first, last) in enumerate(spans):
            days = {"start": START + timedelta(days=first), "end": START + timedelta(days=last)}
            try:
                campaigns.add_phase(campaign, name=str(number), **days)
            except ValidationError:
                held = [p for p in campaign.phases.all() if p.start <= days["end"] and p.end >= days["start"]]
                outside = days["start"] < START or days["end"] > DAYS["deadline"]
                assert held or outside or last < first
        kept = list(campaign.phases.all())
        assert all(one.start <= one.end for one in kept)
        assert all(one.end < after.start for one, after in itertools.pairwise(kept))
        assert all(one.start >= START and one.end <= DAYS["deadline"] for one in kept)


def test_a_campaign_is_seen_from_above_and_from_below_but_not_from_beside(city, campaign):
    ward, beside = unit("00226", city), unit("00229", city)
    pilot = campaigns.create_campaign(code="diem", name="Điểm", unit=ward, **DAYS)
    elsewhere = unit("79", kind="city")
    seen = {
        name: set(seen_by(officer(name, role, where)))
        for name, role, where in (
            ("city", "city_office", city),
            ("ward", "unit_officer", ward),
            ("beside", "unit_officer", beside),
            ("analyst", "analyst", city),
            ("leader", "team_leader", ward),
            ("elsewhere", "city_office", elsewhere),
        )
    }
    both = {campaign, pilot}
    assert seen == {
        "city": both, "ward": both, "beside": {campaign}, "analyst": both, "leader": set(), "elsewhere": set(),
    }  # fmt: skip
