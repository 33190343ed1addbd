"""What does not go together in the calendar: each kind is found, tells why, and says what to do; nothing else is."""

from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from tungnha.campaign.limits import NotHoursError, fitting_start, quiet_spans
from tungnha.campaign.models import Touch
from tungnha.campaign.queries import calendar as reads
from tungnha.campaign.services import calendar, campaigns, wording
from tungnha.campaign.services.calendar import Planned
from tungnha.campaign.signing import Step
from tungnha.campaign.tests.conftest import make_officer, make_theme, make_unit, published
from tungnha.campaign.tests.test_plans import refused

DAY = date(2026, 10, 14)  # a Wednesday


@pytest.fixture(autouse=True)
def today(on):
    on(date(2026, 9, 1))


@pytest.fixture
def theme(campaign, office, signer, city):
    made = make_theme(campaign, office, [city])
    published(made, office, signer)
    return made


@pytest.fixture
def slot(campaign, office, theme):
    def plan(unit, hour, minute=0, minutes=10, day=DAY, **changed):
        start = datetime(day.year, day.month, day.day, hour, minute)
        facts = {
            "kind": "loudspeaker_slot", "title": f"Loa {hour}:{minute:02}", "unit": unit, "theme": theme,
            "start": start, "end": start + timedelta(minutes=minutes),
        }  # fmt: skip
        return calendar.plan_touch(campaign, Planned(**(facts | changed)), by=office)

    return plan


@pytest.fixture
def visit(campaign, office):
    def plan(unit, first, last, body=None):
        facts = {"kind": "visit_phase", "title": f"Đợt {first}", "organisation": body}
        facts |= {"start": DAY + timedelta(days=first), "end": DAY + timedelta(days=last)}
        return calendar.plan_touch(campaign, Planned(unit=unit, **facts), by=office)

    return plan


@pytest.fixture
def found(campaign):
    def find(first=DAY, last=DAY + timedelta(days=30)):
        return reads.stretch(campaign, Touch.objects.all(), first, last).conflicts

    return find


def told(conflicts):
    return [(one.code.value, one.touch.pk, one.other and one.other.pk) for one in conflicts]


def test_two_items_at_once_in_one_ward(slot, found, wards):
    first, second = slot(wards[0], 7, minutes=15), slot(wards[0], 7, 10)
    slot(wards[1], 7, 5)
    (one,) = found()
    assert told([one]) == [("overlap", second.pk, first.pk)]
    assert one.what == "“Loa 7:10” phát khi “Loa 7:00” chưa kết thúc (đến 07:15)."
    assert one.advice == "Cho một buổi bắt đầu từ 07:15 trở đi, hoặc ghép thành một buổi."


def test_what_the_city_broadcasts_is_heard_in_every_ward(slot, found, city, wards):
    above = slot(city, 7, minutes=15)
    own = slot(wards[0], 7, 10)
    assert told(found()) == [("overlap", own.pk, above.pk)]


def test_items_that_follow_each_other_are_one_session(slot, found, wards):
    calendar.set_rules(wards[0], sessions_a_day=1, minutes_a_session=15)
    slot(wards[0], 7)
    assert found() == []
    last = slot(wards[0], 7, 10)
    (one,) = found()
    assert (one.code, one.touch.pk, one.facts["minutes"], one.facts["over"]) == ("long", last.pk, 20, 5)


def test_a_recurring_conflict_is_told_once_with_its_days(slot, found, wards):
    slot(wards[0], 7, rule="FREQ=DAILY;COUNT=9")
    slot(wards[0], 7, 5, rule="FREQ=WEEKLY;BYDAY=FR")
    (one,) = found()
    assert one.days == [date(2026, 10, 16)]
    assert len(found(DAY, DAY + timedelta(days=1))) == 0


def test_hanois_limits_are_kept_where_a_unit_adopted_them(slot, found, city, wards):
    calendar.set_rules(
        city,
        quiet="00:00-05:00, 11:30-13:30",
        weekdays="MO,TU,WE,TH,FR",
        sessions_a_day=2,
        minutes_a_session=15,
    )
    slot(wards[0], 7)
    slot(wards[0], 16)
    third = slot(wards[0], 17, minutes=16)
    noon = slot(wards[1], 11, 25)
    saturday = slot(wards[2], 7, day=DAY + timedelta(days=3))
    rows = {one.touch.pk: one for one in found()}
    assert sorted(told(found())) == sorted(
        [
            ("many", third.pk, None),
            ("long", third.pk, None),
            ("quiet", noon.pk, None),
            ("weekday", saturday.pk, None),
        ]
    )
    assert (rows[noon.pk].facts["fits"], rows[noon.pk].advice) == ("13:30", "Cho bắt đầu lúc 13:30.")
    calendar.set_rules(wards[1], quiet="")
    assert noon.pk not in {one.touch.pk for one in found()}
    calendar.remove_rules(wards[1])
    assert noon.pk in {one.touch.pk for one in found()}


def test_a_pause_too_short(slot, found, wards):
    calendar.set_rules(wards[0], gap_minutes=60)
    first, second = slot(wards[0], 7), slot(wards[0], 8)
    (one,) = found()
    assert told([one]) == [("gap", second.pk, first.pk)]
    assert (one.facts["minutes"], one.facts["fits"]) == (50, "08:10")


def test_a_theme_that_is_not_true_on_the_day(campaign, office, signer, city, slot, found, wards):
    short = make_theme(campaign, office, [city], code="ngan", start=DAY, end=DAY + timedelta(days=1))
    published(short, office, signer)
    early = slot(wards[0], 7, day=DAY - timedelta(days=1), theme=short)
    late = slot(wards[0], 9, theme=short, rule="FREQ=DAILY;COUNT=4")
    rows = found(DAY - timedelta(days=1))
    assert told(rows) == [("theme", early.pk, None), ("theme", late.pk, None)]
    assert rows[1].days == [DAY + timedelta(days=2), DAY + timedelta(days=3)]


def test_a_clip_that_outlasts_its_theme(campaign, office, signer, city, slot, found):
    short = make_theme(campaign, office, [city], code="ngan", end=DAY)
    published(short, office, signer)
    facts = {"kind": "clip", "theme": short, "start": DAY, "end": DAY + timedelta(days=1)}
    clip = slot(city, 7, **facts)
    assert told(found()) == [("theme", clip.pk, None)]


def test_wording_that_is_not_in_force(campaign, office, signer, city, slot, found, theme):
    bare = make_theme(campaign, office, [city], code="chua-ky")
    touch = slot(city, 7, theme=bare)
    (one,) = found()
    assert told([one]) == [("wording", touch.pk, None)]
    assert bare.name in one.what
    first = published(bare, office, signer)
    assert found() == []
    calendar.change_touch(
        touch,
        Planned(kind="clip", unit=city, title="x", theme=bare, wording=first, start=DAY, end=DAY),
        by=office,
    )
    assert found() == []
    second = published(bare, office, signer, "Hai")
    (one,) = found()
    assert (one.code, one.facts["version"]) == ("wording", second.number)
    assert one.what == f"“x” làm theo bản nội dung của “{bare.name}” không còn sử dụng."
    assert "2" in one.advice
    wording.take_step(second, Step.WITHDRAW, by=signer, note="Sai")
    assert found() == []  # cancelled with it


def test_two_bodies_at_the_same_doors_on_one_day(visit, found, city, wards):
    union = campaigns.add_organisation(unit=city, kind="union", name="Thành đoàn")
    own = visit(wards[0], 0, 5)
    visit(wards[1], 6, 8, union)
    visit(wards[0], 3, 9)  # the ward with itself is one body
    visit(city, 0, 5)  # and so is the city with its ward
    assert found() == []
    other = visit(wards[0], 4, 6, union)
    rows = found()
    assert {frozenset((one.touch.pk, one.other.pk)) for one in rows} >= {frozenset((own.pk, other.pk))}
    assert {one.code.value for one in rows} == {"bodies"}
    assert [one.days for one in rows if own.pk in {one.touch.pk, one.other.pk}] == [
        [DAY + timedelta(days=4), DAY + timedelta(days=5)]
    ]
    assert "Thành đoàn" in rows[0].what


def test_another_body_too_soon_after(visit, found, city, wards):
    union = campaigns.add_organisation(unit=city, kind="union", name="Thành đoàn")
    calendar.set_rules(city, visit_gap_days=7)
    first = visit(wards[0], 0, 1)
    second = visit(wards[0], 4, 5, union)
    (one,) = found()
    assert told([one]) == [("visit-gap", second.pk, first.pk)]
    assert (one.facts["days"], one.days) == (3, [DAY + timedelta(days=4)])
    # A visit before the days that are shown still counts.
    assert told(found(DAY + timedelta(days=4))) == told([one])
    assert found(DAY + timedelta(days=6)) == []


def test_what_is_past_or_cancelled_is_no_conflict(slot, found, wards, office, on):
    slot(wards[0], 7)
    second = slot(wards[0], 7, 5)
    on(DAY + timedelta(days=1))
    assert found() == []
    on(DAY - timedelta(days=1))
    assert len(found()) == 1
    calendar.cancel_touch(second, reason="Trùng", by=office)
    assert found() == []


def test_rules_say_hours_and_days(city):
    refused("quiet", calendar.set_rules, city, quiet="đêm khuya")
    refused("quiet", calendar.set_rules, city, quiet="25:00-26:00")
    refused("weekdays", calendar.set_rules, city, weekdays="MO,XX")
    with pytest.raises(ValidationError):
        calendar.set_rules(city, sessions_a_day=-1)
    assert reads.rules_above(make_unit("09", city)) is None
    calendar.set_rules(city, quiet="22:00-05:00")
    assert reads.rules_above(make_unit("10", city)).unit == city


@pytest.mark.parametrize(
    ("text", "start", "minutes", "fits"),
    [
        ("22:00-05:00, 11:30-13:30", 420, 15, 420),
        ("22:00-05:00, 11:30-13:30", 240, 15, 300),
        ("22:00-05:00, 11:30-13:30", 685, 15, 810),
        ("22:00-05:00, 11:30-13:30", 1310, 15, 300),
        ("22:00-05:00, 11:30-13:30", 420, 600, None),
        ("", 0, 1440, 0),
        ("05:00-20:00", 300, 60, 1200),
        ("05:00-20:00", 1380, 120, 1380),
    ],
)
def test_the_next_hour_that_fits(text, start, minutes, fits):
    assert fitting_start(text, start, minutes) == fits


def test_hours_are_read_over_midnight():
    assert quiet_spans("22:00–05:00") == ((0, 300), (1320, 1440))
    with pytest.raises(NotHoursError):
        quiet_spans("22-05")


def test_a_ward_officer_is_told_of_what_lies_above(slot, campaign, city, wards):
    slot(city, 7, minutes=15)
    slot(wards[0], 7, 10)
    slot(wards[1], 7, 10)
    officer = make_officer("ward", "unit_officer", wards[0])
    seen = reads.stretch(campaign, reads.touches_seen_by(officer), DAY, DAY)
    assert [one.touch.unit for one in seen.conflicts] == [wards[0]]
