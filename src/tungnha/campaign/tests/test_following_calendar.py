"""What of themes and the calendar follows a unit that ends: what is still to come, and no more."""

from datetime import date, timedelta

import pytest

from tungnha.campaign.models import Organisation, Touch
from tungnha.campaign.services import calendar, feeds, wording
from tungnha.campaign.services.calendar import Planned
from tungnha.campaign.signing import Step
from tungnha.campaign.tests.conftest import make_officer, make_theme
from tungnha.campaign.tests.test_following import DAY, merged
from tungnha.territory import following


@pytest.fixture
def plan_it(campaign, office, wards):
    def plan(day, **changed):
        facts = {"kind": "campaign_day", "title": "Ngày hội", "unit": wards[0], "start": day, "end": day}
        return calendar.plan_touch(campaign, Planned(**(facts | changed)), by=office)

    return plan


def test_what_is_still_to_come_goes_on_in_the_successor(campaign, office, wards, plan_it, on):
    on(date(2026, 9, 1))
    past, coming = plan_it(DAY - timedelta(days=1)), plan_it(DAY)
    weekly = plan_it(DAY - timedelta(days=20), rule="FREQ=WEEKLY")
    cancelled = plan_it(DAY + timedelta(days=1))
    calendar.cancel_touch(cancelled, reason="Mưa", by=office)
    feed, _token = feeds.make_feed(campaign, unit=wards[0], name="Đội loa", by=office)
    closed, _token = feeds.make_feed(campaign, unit=wards[0], name="Cũ", by=office)
    feeds.revoke_feed(closed)
    new = merged(wards[:2])
    assert following.follow(DAY).moved == {"touch": 2, "feed": 1}
    assert {one.pk: one.unit for one in Touch.objects.all()} == {
        past.pk: wards[0],
        coming.pk: new,
        weekly.pk: new,
        cancelled.pk: wards[0],
    }
    coming.refresh_from_db()
    feed.refresh_from_db()
    assert (coming.revision, feed.unit) == (1, new)


def test_an_owner_that_is_merged_signs_in_the_successor(campaign, office, city, wards):
    body = Organisation.objects.create(unit=wards[1], kind="union", name="Đoàn phường")
    theme = make_theme(campaign, office, [wards[0], body])
    over = make_theme(campaign, office, [wards[0]], code="cu", end=DAY - timedelta(days=1))
    made = wording.write_text(theme, language="vi", text="Nội dung", by=office)
    new = merged(wards[:2])
    assert following.follow(DAY).moved == {"organisation": 1, "theme-owner": 1}
    assert [one.signs_in for one in theme.owners.all()] == [new, new]
    assert over.owners.get().unit == wards[0]
    officer = make_officer("new", "unit_officer", new)
    for step in (Step.REVIEW, Step.SIGN, Step.SIGN):
        wording.take_step(made, step, by=officer)
    assert made.state == "approved"
