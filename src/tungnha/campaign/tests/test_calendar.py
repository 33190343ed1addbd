"""Planning, changing and cancelling touches: what is taken, what is refused, when each takes place."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tungnha.campaign import occurrences, recurrence
from tungnha.campaign.models import Theme, Touch
from tungnha.campaign.occurrences import Stopped
from tungnha.campaign.queries import calendar as reads
from tungnha.campaign.services import calendar, campaigns
from tungnha.campaign.services.calendar import Planned
from tungnha.campaign.tests.conftest import make_officer, make_plan, make_theme, make_unit
from tungnha.campaign.tests.test_plans import refused

TODAY = date(2026, 10, 14)  # a Wednesday
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture(autouse=True)
def today(on):
    on(TODAY)


def planned(unit, **changed):
    facts = {
        "kind": "campaign_day", "title": "Ngày thứ Sáu xanh", "unit": unit,
        "start": datetime(2026, 10, 14, 8), "end": datetime(2026, 10, 14, 11),
    }  # fmt: skip
    return Planned(**(facts | changed))


@pytest.fixture
def plan_it(campaign, office):
    return lambda unit, **changed: calendar.plan_touch(campaign, planned(unit, **changed), by=office)


def days_of(touch, first=date(2026, 9, 1), last=date(2026, 11, 29)):
    (read,) = reads.with_all(Touch.objects.filter(pk=touch.pk))
    found = occurrences.expand([read], first, last, ZONE)
    return [one.start.date() for one in found if one.stopped is None]


def test_hours_are_those_on_the_campaigns_clocks(plan_it, city):
    naive = plan_it(city)
    aware = plan_it(
        city, start=datetime(2026, 10, 14, 1, tzinfo=UTC), end=datetime(2026, 10, 14, 4, tzinfo=UTC)
    )
    assert (naive.day, naive.begins, naive.minutes) == (TODAY, time(8), 180)
    assert (aware.day, aware.begins, aware.minutes) == (TODAY, time(8), 180)
    whole = plan_it(city, start=TODAY, end=TODAY + timedelta(days=1))
    assert (whole.begins, whole.minutes, whole.last_day) == (None, 2880, TODAY + timedelta(days=1))


def test_what_is_wrong_is_refused_by_its_field(plan_it, campaign, office, city, wards):
    elsewhere = make_unit("79", kind="city")
    body = campaigns.add_organisation(unit=elsewhere, kind="union", name="Đoàn nơi khác")
    other = make_theme(make_plan(wards[0]).campaign, office, [wards[0]])
    at = {"start": datetime(2026, 10, 14, 8)}
    for field, changed in (
        ("kind", {"kind": "smoke_signal"}),
        ("unit", {"unit": elsewhere}),
        ("organisation", {"organisation": body}),
        ("theme", {"kind": "loudspeaker_slot"}),
        ("theme", {"theme": other}),
        ("title", {"title": "Gọi 0912 345 678"}),
        ("place", {"place": "Nhà ông A, số 001099012345"}),
        ("title", {"title": " "}),
        ("end", at | {"end": datetime(2026, 10, 14, 8)}),
        ("end", at | {"end": TODAY}),
        ("end", {"start": TODAY, "end": TODAY - timedelta(days=1)}),
        ("end", {"start": TODAY, "end": date(2028, 1, 1)}),
        ("start", {"start": date(2062, 10, 1), "end": date(2062, 10, 1)}),
        ("rule", {"rule": "FREQ=HOURLY"}),
        ("rule", {"rule": "FREQ=DAILY;UNTIL=20260101"}),
    ):
        with pytest.raises(ValidationError) as caught:
            plan_it(**({"unit": city} | changed))
        assert list(caught.value.message_dict) == [field], changed
    assert not Touch.objects.exists()


def test_many_are_planned_or_none(campaign, office, wards):
    many = [planned(ward) for ward in wards]
    refused("kind", calendar.plan_touches, campaign, [*many, planned(wards[0], kind="x")], by=office)
    assert not Touch.objects.exists()
    assert [one.unit for one in calendar.plan_touches(campaign, many, by=office)] == wards


def test_the_same_origin_is_the_same_touch(campaign, office, city):
    first = calendar.plan_touch(campaign, planned(city, origin="loa:7"), by=office)
    again = calendar.plan_touch(campaign, planned(city, origin="loa:7"), by=office)
    assert (again.pk, again.uid, again.revision) == (first.pk, first.uid, 0)
    moved = calendar.plan_touch(campaign, planned(city, origin="loa:7", title="Khác"), by=office)
    assert (moved.pk, moved.uid, moved.revision, Touch.objects.get().title) == (
        first.pk,
        first.uid,
        1,
        "Khác",
    )


def test_a_rule_starts_on_a_day_that_it_names_and_ends_with_the_campaign(plan_it, city):
    touch = plan_it(city, rule="FREQ=WEEKLY;BYDAY=FR")
    assert (touch.day, touch.last_day) == (date(2026, 10, 16), date(2026, 11, 27))
    assert days_of(touch) == [date(2026, 10, 16) + timedelta(weeks=n) for n in range(7)]


def test_only_the_days_asked_for_are_told_and_long_ones_from_before(plan_it, city):
    touch = plan_it(city, start=date(2026, 10, 1), end=date(2026, 10, 10))
    assert days_of(touch, date(2026, 10, 10), date(2026, 10, 20)) == [date(2026, 10, 1)]
    assert days_of(touch, date(2026, 10, 11), date(2026, 10, 20)) == []
    over_midnight = plan_it(city, start=datetime(2026, 10, 1, 22), end=datetime(2026, 10, 2, 2))
    assert days_of(over_midnight, date(2026, 10, 2), date(2026, 10, 2)) == [date(2026, 10, 1)]


def test_one_day_of_many_is_left_out(plan_it, office, city):
    touch = plan_it(city, rule="FREQ=WEEKLY;BYDAY=FR;COUNT=3")
    friday = date(2026, 10, 23)
    refused("reason", calendar.cancel_touch, touch, reason=" ", by=office, day=friday)
    calendar.cancel_touch(touch, reason="Mưa bão", by=office, day=friday)
    assert days_of(touch) == [date(2026, 10, 16), date(2026, 10, 30)]
    refused("day", calendar.cancel_touch, touch, reason="x", by=office, day=friday)
    refused("day", calendar.cancel_touch, touch, reason="x", by=office, day=TODAY)


def test_what_was_before_a_cancellation_took_place(plan_it, office, city):
    daily = plan_it(city, start=datetime(2026, 10, 12, 8), end=datetime(2026, 10, 12, 9), rule="FREQ=DAILY")
    calendar.cancel_touch(daily, reason="Dừng", by=office)
    assert days_of(daily) == [date(2026, 10, 12), date(2026, 10, 13), date(2026, 10, 14)]
    phase = plan_it(city, start=date(2026, 10, 12), end=date(2026, 10, 20))
    calendar.cancel_touch(phase, reason="Dừng", by=office)
    (read,) = reads.with_all(Touch.objects.filter(pk=phase.pk))
    (one,) = occurrences.expand([read], TODAY, TODAY, ZONE)
    assert (one.stopped, one.end) == (None, datetime(2026, 10, 14, 12))


def test_what_is_over_or_cancelled_is_not_cancelled_again(plan_it, office, city):
    over = plan_it(city, start=date(2026, 10, 1), end=date(2026, 10, 2))
    refused("reason", calendar.cancel_touch, over, reason="x", by=office)
    touch = plan_it(city)
    calendar.cancel_touch(touch, reason="x", by=office)
    for again in (
        lambda: calendar.cancel_touch(touch, reason="x", by=office),
        lambda: calendar.change_touch(touch, planned(city), by=office),
    ):
        with pytest.raises(ValidationError):
            again()


def test_a_change_on_what_somebody_else_changed_is_refused(plan_it, office, city):
    touch = plan_it(city)
    calendar.change_touch(touch, planned(city, title="Một"), by=office, seen=0)
    with pytest.raises(ValidationError):
        calendar.change_touch(touch, planned(city, title="Hai"), by=office, seen=0)
    with pytest.raises(ValidationError):
        calendar.cancel_touch(touch, reason="x", by=office, seen=0)
    assert (Touch.objects.get().title, Touch.objects.get().revision) == ("Một", 1)


def test_expired_messages_fall_away_by_themselves(plan_it, campaign, office, city):
    theme = make_theme(campaign, office, [city], end=date(2026, 10, 20))
    facts = {"kind": "loudspeaker_slot", "theme": theme}
    daily = plan_it(city, rule="FREQ=DAILY", **facts)
    assert days_of(daily)[-1] == date(2026, 10, 20)
    clip = plan_it(city, start=date(2026, 10, 18), end=date(2026, 10, 25), kind="clip", theme=theme)
    (read,) = reads.with_all(Touch.objects.filter(pk=clip.pk))
    (one,) = occurrences.expand([read], date(2026, 10, 18), date(2026, 10, 30), ZONE)
    assert (one.stopped, one.end) == (None, datetime(2026, 10, 21))
    Theme.objects.update(end=date(2026, 10, 15))
    assert days_of(daily)[-1] == date(2026, 10, 15)
    (read,) = reads.with_all(Touch.objects.filter(pk=clip.pk))
    (one,) = occurrences.expand([read], date(2026, 10, 18), date(2026, 10, 30), ZONE)
    assert one.stopped is Stopped.EXPIRED


def test_a_ward_sees_its_own_and_what_is_planned_above_it(plan_it, city, wards):
    above, own, other = (plan_it(unit).pk for unit in (city, wards[0], wards[1]))
    group = make_unit("t5", wards[0], kind="group")
    inside = plan_it(group).pk
    seen = {
        name: {one.pk for one in reads.touches_seen_by(make_officer(name, role, where))}
        for name, role, where in (
            ("ward", "unit_officer", wards[0]),
            ("office2", "city_office", city),
            ("leader", "team_leader", wards[0]),
        )
    }
    assert seen == {"ward": {above, own, inside}, "office2": {above, own, other, inside}, "leader": set()}
    assert set(Touch.objects.filter(reads.reaching(wards[0])).values_list("pk", flat=True)) == seen["ward"]
    assert set(Touch.objects.filter(reads.reaching(city)).values_list("pk", flat=True)) == {above}


@given(
    st.dates(date(2026, 9, 1), date(2026, 11, 20)),
    st.sampled_from(["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;BYDAY=-1FR"]),
    st.integers(1, 5000),
    st.dates(date(2026, 8, 20), date(2026, 11, 29)),
    st.integers(0, 20),
)
def test_any_window_tells_exactly_what_lies_in_it(start, rule, minutes, first, length):
    last = first + timedelta(days=length)
    try:
        kept, day = recurrence.bounded(rule, start, date(2026, 11, 29)) if rule else ("", start)
    except recurrence.NotARuleError:
        return
    touch = Touch(pk=1, day=day, begins=time(22, 30), minutes=minutes, rule=kept)
    touch._prefetched_objects_cache = {"exceptions": Touch.objects.none()}
    found = [one.start for one in occurrences.expand([touch], first, last, ZONE)]
    every = [datetime.combine(one, time(22, 30)) for one in recurrence.days(kept, day)]
    window = datetime.combine(first, time()), datetime.combine(last + timedelta(days=1), time())
    assert found == [one for one in every if one < window[1] and one + timedelta(minutes=minutes) > window[0]]
