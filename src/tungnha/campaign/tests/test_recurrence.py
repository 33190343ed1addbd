"""What recurs: rules are kept only where they name days, and name the days that RFC 5545 says."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tungnha.campaign import recurrence
from tungnha.campaign.recurrence import NotARuleError, bounded, days, shortened

START, LAST = date(2026, 9, 1), date(2026, 11, 29)  # a Tuesday, a Sunday


@pytest.mark.parametrize(
    ("rule", "first", "count"),
    [
        ("FREQ=DAILY", START, 90),
        ("FREQ=WEEKLY;BYDAY=FR", date(2026, 9, 4), 13),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SA", START, 14),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2026, 9, 30), 2),
        ("FREQ=MONTHLY;BYDAY=1MO", date(2026, 9, 7), 3),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", date(2026, 9, 30), 2),
        ("FREQ=WEEKLY;BYDAY=SA;COUNT=3", date(2026, 9, 5), 3),
        ("FREQ=WEEKLY;COUNT=99", START, 13),
        ("FREQ=DAILY;UNTIL=20260903", START, 3),
    ],
)
def test_a_rule_runs_to_its_end_or_the_campaigns(rule, first, count):
    kept, begins = bounded(rule, START, LAST)
    found = days(kept, begins)
    assert (begins, found[0], len(found)) == (first, first, count)
    assert found[-1] <= LAST


@pytest.mark.parametrize(
    "rule",
    [
        "", "FREQ", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=7", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;COUNT=2;UNTIL=20261001",
        "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;UNTIL=20261399", "FREQ=DAILY;FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=1MO",
        "FREQ=WEEKLY;BYMONTHDAY=3", "FREQ=MONTHLY;BYSETPOS=1", "FREQ=DAILY;COUNT=2,3", "FREQ=DAILY;X-NAME=1",
        "FREQ=DAILY;UNTIL=20260801", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=4",
    ],
)  # fmt: skip
def test_what_is_no_rule_or_names_no_day_is_refused(rule):
    with pytest.raises(NotARuleError):
        bounded(rule, START, LAST)


WEEKDAYS = st.sets(st.sampled_from(recurrence.WEEKDAYS), min_size=1)
STARTS = st.dates(START, LAST)


@given(WEEKDAYS, st.integers(1, 4), STARTS)
def test_weekly_rules_name_every_day_that_a_plain_walk_finds(weekdays, interval, start):
    rule = f"FREQ=WEEKLY;INTERVAL={interval};BYDAY={','.join(sorted(weekdays))}"
    try:
        kept, first = bounded(rule, start, LAST)
    except NotARuleError:
        left = [start + timedelta(days=n) for n in range((LAST - start).days + 1)]
        assert interval > 1 or not [day for day in left if recurrence.WEEKDAYS[day.weekday()] in weekdays]
        return
    monday = first - timedelta(days=first.weekday())
    walked = [first + timedelta(days=n) for n in range((LAST - first).days + 1)]
    expected = [
        day
        for day in walked
        if recurrence.WEEKDAYS[day.weekday()] in weekdays and (day - monday).days // 7 % interval == 0
    ]
    assert list(days(kept, first)) == expected


@given(
    st.sampled_from(["FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY", "FREQ=DAILY;COUNT=7"]),
    STARTS,
    st.data(),
)  # fmt: skip
def test_a_kept_rule_is_kept_again_and_shortening_keeps_its_beginning(rule, start, data):
    try:
        kept, first = bounded(rule, start, LAST)
    except NotARuleError:
        return
    assert bounded(kept, first, LAST) == (kept, first)
    found = days(kept, first)
    number = data.draw(st.integers(1, len(found)))
    assert days(shortened(kept, number), first) == found[:number]
