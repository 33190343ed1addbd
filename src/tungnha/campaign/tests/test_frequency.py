"""How often a theme reaches each unit through each channel, week by week, against what it asks for."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from tungnha.campaign import occurrences
from tungnha.campaign.models import Touch
from tungnha.campaign.queries import calendar as reads
from tungnha.campaign.queries.frequency import frequencies
from tungnha.campaign.services import calendar
from tungnha.campaign.services.calendar import Planned
from tungnha.campaign.services.themes import Goal
from tungnha.campaign.tests.conftest import make_theme

MONDAY = date(2026, 10, 5)


@pytest.fixture(autouse=True)
def today(on):
    on(date(2026, 9, 1))


@pytest.fixture
def measured(campaign, office, city, wards):
    def measure(goals, *planned, start=MONDAY, end=MONDAY + timedelta(days=27)):
        theme = make_theme(campaign, office, [city], goals=goals, start=start, end=end)
        for unit, kind, first, last, rule in planned:
            touch = Planned(kind=kind, unit=unit, title="x", theme=theme, start=first, end=last, rule=rule)
            calendar.plan_touch(campaign, touch, by=office)
        found = occurrences.expand(
            reads.with_all(Touch.objects.all()), start, end, ZoneInfo(campaign.time_zone)
        )
        return [
            [(one.required, [unit.name for unit in one.short], one.fewest) for one in each.windows]
            for each in frequencies(theme, theme.channels.all(), wards, found)
        ]

    return measure


def test_each_ward_is_counted_with_what_the_city_plans(measured, city, wards):
    (weeks,) = measured(
        [Goal("loudspeaker", 2, 1)],
        (city, "loudspeaker_slot", MONDAY, MONDAY, "FREQ=WEEKLY;COUNT=3"),
        *((ward, "loudspeaker_slot", MONDAY, MONDAY, "FREQ=WEEKLY;COUNT=2") for ward in wards[:2]),
    )
    assert weeks == [
        (2, [wards[2].name], 1),
        (2, [wards[2].name], 1),
        (2, [one.name for one in wards], 1),
        (2, [one.name for one in wards], 0),
    ]


def test_what_lasts_reaches_each_of_its_weeks_and_other_channels_do_not_count(measured, city):
    weeks, letters = measured(
        [Goal("visits", 1, 1), Goal("letters", 1, None)],
        (city, "visit_phase", MONDAY + timedelta(days=6), MONDAY + timedelta(days=14), ""),
        (city, "post", MONDAY, MONDAY, ""),
    )
    assert [one[2] for one in weeks] == [1, 1, 1, 0]
    assert [(one[0], len(one[1])) for one in letters] == [(1, 3)]


def test_several_weeks_together_and_weeks_cut_short(measured, city):
    (windows,) = measured(
        [Goal("letters", 2, 2)], start=MONDAY + timedelta(days=4), end=MONDAY + timedelta(days=15)
    )
    assert [one[0] for one in windows] == [1, 0]
    assert [len(one[1]) for one in windows] == [3, 0]


def test_a_theme_outside_its_campaign_asks_for_nothing(measured):
    assert measured([Goal("letters", 1, 1)], start=date(2027, 1, 1), end=date(2027, 2, 1)) == [[]]


def test_what_is_cancelled_reaches_nobody(measured, campaign, office, city):
    (weeks,) = measured([Goal("visits", 1, 1)], (city, "visit_phase", MONDAY, MONDAY, ""))
    assert weeks[0] == (1, [], 1)
    calendar.cancel_touch(Touch.objects.get(), reason="x", by=office)
    (read,) = reads.with_all(Touch.objects.all())
    found = occurrences.expand([read], MONDAY, MONDAY, ZoneInfo(campaign.time_zone))
    (again,) = frequencies(read.theme, read.theme.channels.all(), [city], found)
    assert again.windows[0].fewest == 0
    assert again.failing == 4
