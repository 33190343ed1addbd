"""The feed as calendar programs read it: two independent parsers find in it what the calendar says."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from dateutil.rrule import rruleset, rrulestr
from hypothesis import given
from hypothesis import strategies as st

from tungnha.accounts.models import User
from tungnha.campaign import ical, occurrences, recurrence
from tungnha.campaign.models import Campaign, Theme, Touch, TouchException
from tungnha.campaign.queries import calendar as reads
from tungnha.campaign.queries import themes as theme_reads
from tungnha.campaign.services import calendar, feeds, wording
from tungnha.campaign.services.calendar import Planned
from tungnha.campaign.services.themes import change_theme
from tungnha.campaign.signing import Step
from tungnha.campaign.tests.conftest import make_theme, make_unit, published
from tungnha.campaign.tests.test_plans import refused
from tungnha.territory.models import Unit

TODAY = date(2026, 10, 14)
TITLE = "Loa phường: “định danh điện tử”, đăng ký; " + "kích hoạt tài khoản mức 2 tại nhà văn hoá. " * 3


@pytest.fixture(autouse=True)
def today(on):
    on(TODAY)


@pytest.fixture
def plan_it(campaign, office):
    def plan(unit, **changed):
        facts = {
            "kind": "campaign_day", "title": "Ngày hội", "unit": unit, "start": datetime(2026, 10, 16, 8),
            "end": datetime(2026, 10, 16, 11),
        }  # fmt: skip
        return calendar.plan_touch(campaign, Planned(**(facts | changed)), by=office)

    return plan


def text_of(campaign, unit, office):
    feed, _token = feeds.make_feed(campaign, unit=unit, name="Lịch", by=office)
    return ical.calendar(
        "Lịch", campaign.time_zone, reads.touches_of_feed(feed), theme_reads.in_force(campaign)
    )


def events(text):
    return {str(one["uid"]): one for one in icalendar.Calendar.from_ical(text).walk("VEVENT")}


def by_vobject(text):
    """The calendar as vobject reads it, with the zones that it brings along rather than those of a calendar before."""
    known = getattr(vobject.icalendar, "__tzidMap")
    for name in set(known) - {"UTC"}:
        del known[name]
    return vobject.readOne(text.decode())


def test_lines_are_folded_escaped_and_in_utf8(campaign, office, city, plan_it):
    plan_it(city, title=TITLE.strip()[:200], place="Số 5, ngõ 7; gác \\ xép", rule="FREQ=WEEKLY;BYDAY=FR")
    text = text_of(campaign, city, office)
    assert text.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in text.replace(b"\r\n", b"")
    assert max(len(line) for line in text.split(b"\r\n")) <= 75
    (by_first,) = events(text).values()
    by_second = by_vobject(text).vevent
    assert str(by_first["summary"]) == by_second.summary.value == TITLE.strip()[:200]
    assert str(by_first["location"]) == by_second.location.value == "Số 5, ngõ 7; gác \\ xép"
    assert icalendar.Calendar.from_ical(text).errors == []


def test_an_event_says_what_5545_asks_for(campaign, office, city, plan_it):
    touch = plan_it(city)
    text = text_of(campaign, city, office)
    (event,) = events(text).values()
    assert str(event["uid"]) == f"urn:uuid:{touch.uid}"
    assert (event["sequence"], event["status"]) == (0, "CONFIRMED")
    assert event["dtstamp"].dt == event["last-modified"].dt == touch.changed_at
    assert event["dtstart"].dt == datetime(2026, 10, 16, 8, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    assert event["dtstart"].params["TZID"] == "Asia/Ho_Chi_Minh"
    read = by_vobject(text)
    assert read.vtimezone.tzid.value == "Asia/Ho_Chi_Minh"
    assert read.vevent.dtstart.value.astimezone(UTC) == datetime(2026, 10, 16, 1, tzinfo=UTC)
    assert read.vevent.dtend.value.astimezone(UTC) == datetime(2026, 10, 16, 4, tzinfo=UTC)
    assert office.username not in text.decode()


def test_whole_days_end_on_the_day_after(campaign, office, city, plan_it):
    plan_it(city, start=date(2026, 10, 16), end=date(2026, 10, 18), rule="FREQ=MONTHLY;COUNT=2")
    (event,) = events(text_of(campaign, city, office)).values()
    assert (event["dtstart"].dt, event["dtend"].dt) == (date(2026, 10, 16), date(2026, 10, 19))
    assert event["dtstart"].params["VALUE"] == "DATE"


def test_a_change_raises_the_sequence_and_keeps_the_uid(campaign, office, city, plan_it):
    touch = plan_it(city)
    before = events(text_of(campaign, city, office))
    same = Planned(
        kind="campaign_day",
        title="Đổi",
        unit=city,
        start=datetime(2026, 10, 17, 8),
        end=datetime(2026, 10, 17, 9),
    )
    calendar.change_touch(touch, same, by=office)
    after = events(text_of(campaign, city, office))
    assert before.keys() == after.keys()
    assert [one["sequence"] for one in after.values()] == [1]


def test_a_cancelled_touch_stays_as_cancelled_and_a_day_left_out_as_exdate(campaign, office, city, plan_it):
    touch = plan_it(city, rule="FREQ=WEEKLY;BYDAY=FR;COUNT=3")
    calendar.cancel_touch(touch, reason="Mưa", by=office, day=date(2026, 10, 23))
    (event,) = events(text_of(campaign, city, office)).values()
    assert [one.dt.date() for one in event["exdate"].dts] == [date(2026, 10, 23)]
    assert (event["status"], event["sequence"]) == ("CONFIRMED", 1)
    touch.refresh_from_db()
    calendar.cancel_touch(touch, reason="Dừng hẳn", by=office)
    (event,) = events(text_of(campaign, city, office)).values()
    assert (event["status"], event["sequence"], "COUNT" in event["rrule"]) == ("CANCELLED", 2, True)
    assert "Dừng hẳn" in event["description"]


def test_wording_decides_the_status(campaign, office, signer, city, plan_it):
    theme = make_theme(campaign, office, [city])
    plan_it(city, kind="loudspeaker_slot", theme=theme)

    def status():
        (event,) = events(text_of(campaign, city, office)).values()
        return (str(event["status"]), event["sequence"])

    assert status() == ("TENTATIVE", 0)
    made = published(theme, office, signer)
    assert status() == ("CONFIRMED", 1)
    wording.take_step(made, Step.WITHDRAW, by=signer, note="Sai")
    assert status() == ("CANCELLED", 2)


def test_a_theme_that_ends_ends_its_events(campaign, office, city, plan_it):
    theme = make_theme(campaign, office, [city])
    plan_it(city, kind="loudspeaker_slot", theme=theme, rule="FREQ=DAILY")
    facts = {"name": "x", "message": "x", "start": theme.start, "owners": [city], "by": office, "note": "x"}
    change_theme(theme, end=date(2026, 10, 20), **facts)
    (event,) = events(text_of(campaign, city, office)).values()
    assert (event["rrule"]["COUNT"], event["sequence"]) == ([5], 1)
    change_theme(theme, end=date(2026, 10, 15), **facts)
    (event,) = events(text_of(campaign, city, office)).values()
    assert event["status"] == "CANCELLED"


def test_a_wards_feed_holds_what_reaches_it_and_no_more(campaign, office, city, wards, plan_it):
    reaching = {f"urn:uuid:{plan_it(unit).uid}" for unit in (city, wards[0])}
    plan_it(wards[1])
    assert events(text_of(campaign, wards[0], office)).keys() == reaching


def test_a_token_opens_one_feed_until_it_is_revoked(campaign, office, city, wards):
    feed, token = feeds.make_feed(campaign, unit=wards[0], name="Đội loa", by=office)
    assert len(token) == 22
    assert token.encode() not in bytes(feed.token_hash)
    assert (reads.feed(token), reads.feed(token[:-1])) == (feed, None)
    feeds.revoke_feed(feed)
    assert reads.feed(token) is None
    refused("unit", feeds.make_feed, campaign, unit=make_unit("79", kind="city"), name="x", by=office)


def test_an_empty_calendar_is_still_one(campaign, office, city):
    assert events(text_of(campaign, city, office)) == {}
    assert by_vobject(text_of(campaign, city, office)).name == "VCALENDAR"


def unsaved(start, rule, begins, minutes, left_out, stop, zone):
    unit = Unit(pk=1, name="Phường", path="/1/")
    campaign = Campaign(pk=1, unit=unit, time_zone=zone)
    theme = Theme(pk=1, name="x", start=date(2026, 1, 1), end=stop) if stop else None
    facts = {"kind": "campaign_day", "title": "x", "unit": unit, "campaign": campaign, "theme": theme}
    facts |= {"planned_at": datetime(2026, 1, 1, tzinfo=UTC), "changed_at": datetime(2026, 1, 1, tzinfo=UTC)}
    facts["last_day"] = recurrence.days(rule, start)[-1] + timedelta(days=1)
    touch = Touch(pk=1, day=start, begins=begins, minutes=minutes, rule=rule, planned_by=User(pk=1), **facts)
    days = [TouchException(day=day) for day in left_out]
    touch._prefetched_objects_cache = {"exceptions": Touch.objects.none()}
    touch._prefetched_objects_cache["exceptions"]._result_cache = days
    return touch


@given(
    st.dates(date(2026, 9, 1), date(2026, 11, 20)),
    st.sampled_from(["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,FR", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=DAILY;COUNT=9"]),
    st.one_of(st.none(), st.times().map(lambda one: one.replace(second=0, microsecond=0, fold=0))),
    st.integers(1, 300),
    st.sets(st.integers(0, 12)),
    st.one_of(st.none(), st.dates(date(2026, 8, 25), date(2026, 12, 1))),
    st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "America/New_York"]),
)  # fmt: skip
def test_calendar_programs_see_exactly_what_takes_place(start, rule, begins, minutes, out, stop, zone):
    try:
        kept, day = recurrence.bounded(rule, start, date(2026, 11, 29)) if rule else ("", start)
    except recurrence.NotARuleError:
        return
    every = recurrence.days(kept, day)
    left_out = [every[n] for n in out if n < len(every)] if rule else []
    length = minutes if begins else 1440
    touch = unsaved(day, kept, begins, length, left_out, stop, zone)
    taking_place = [
        one.start
        for one in occurrences.expand([touch], date(2026, 8, 1), date(2027, 1, 1), ZoneInfo(zone))
        if one.stopped is None
    ]
    text = ical.calendar("x", zone, [touch], {})
    assert ical.calendar("x", zone, [touch], {}) == text
    event = by_vobject(text).vevent
    if event.status.value == "CANCELLED":
        assert taking_place == []
        return
    seen = list(event.getrruleset(addRDate=True) or [event.dtstart.value])
    if begins is None:
        assert [datetime.combine(one, time()) for one in map(_day, seen)] == taking_place
    else:
        assert [one.replace(tzinfo=None) for one in seen] == taking_place
        there = [one.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for one in taking_place]
        assert [one.astimezone(UTC) for one in seen] == there
    assert _by_icalendar(text) == taking_place


def _day(value):
    return value.date() if isinstance(value, datetime) else value


def _by_icalendar(text):
    """The instances as icalendar's own reading gives them, expanded in local time."""
    (event,) = icalendar.Calendar.from_ical(text).walk("VEVENT")
    start = event["dtstart"].dt
    local = start.replace(tzinfo=None) if isinstance(start, datetime) else datetime.combine(start, time())
    if "rrule" not in event:
        return [local]
    rule = event["rrule"]
    for place, until in enumerate(rule.get("UNTIL", [])):
        if isinstance(until, datetime):
            rule["UNTIL"][place] = until.astimezone(start.tzinfo).replace(tzinfo=None)
        else:
            rule["UNTIL"][place] = datetime.combine(until, time())
    instances = rruleset()
    instances.rrule(rrulestr(rule.to_ical().decode(), dtstart=local))
    for one in event["exdate"].dts if "exdate" in event else ():
        moment = one.dt
        plain = (
            moment.replace(tzinfo=None) if isinstance(moment, datetime) else datetime.combine(moment, time())
        )
        instances.exdate(plain)
    return list(instances)


def test_the_clock_keeps_its_hour_when_the_zone_changes_its(campaign, office, city, plan_it):
    type(campaign).objects.update(time_zone="Europe/Berlin")
    campaign.refresh_from_db()
    touch = calendar.plan_touch(
        campaign,
        Planned(
            kind="campaign_day", title="x", unit=city, start=datetime(2026, 10, 24, 8), end=datetime(2026, 10, 24, 9),
            rule="FREQ=DAILY;COUNT=2",
        ),
        by=office,
    )  # fmt: skip
    event = by_vobject(text_of(campaign, city, office)).vevent
    moments = [one.astimezone(UTC) for one in event.getrruleset()]
    assert moments == [datetime(2026, 10, 24, 6, tzinfo=UTC), datetime(2026, 10, 25, 7, tzinfo=UTC)]
    assert touch.last_day == date(2026, 10, 24) + timedelta(days=1)
