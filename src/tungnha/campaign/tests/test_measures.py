"""Ratios as published and as they are, ranks with ties, stages of a target, reporting periods."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tungnha.campaign import curves, periods
from tungnha.campaign.curves import Milestone
from tungnha.campaign.measures import differs, hundredths, ranks, score
from tungnha.campaign.periods import Period

START, DEADLINE = date(2026, 9, 1), date(2026, 11, 29)


def test_the_ratios_that_were_published():
    """DOMAIN: Hải Phòng's is right, the ministry's is not, Cát Hải's is over the target and stays so."""
    assert hundredths(449_470, 1_167_685) == 3849
    assert hundredths(3_384_759, 5_456_818) == 6203
    assert hundredths(12_456, 10_000) == 12456
    assert differs(7054, 3_384_759, 5_456_818)
    assert not differs(3849, 449_470, 1_167_685)


def test_a_half_is_rounded_up_and_nothing_divides_by_nothing():
    assert hundredths(1, 80_000) == 0
    assert hundredths(1, 20_000) == 1
    assert hundredths(5, 0) is None
    assert hundredths(5, None) is None
    assert not differs(100, 5, None)


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_a_ratio_is_the_decimal_one(numerator, denominator):
    exact = Fraction(numerator * 10_000, denominator)
    expected = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal(1), ROUND_HALF_UP)
    assert hundredths(numerator, denominator) == int(expected)


def test_ties_share_a_rank_and_the_next_is_skipped():
    assert ranks([50, None, 90, 50, 10]) == [2, None, 1, 2, 4]
    assert ranks([50, None, 90, 50, 10], higher_is_better=False) == [2, None, 4, 2, 1]


def test_a_score_waits_for_every_figure_that_counts():
    assert score([(1, 5000), (3, 9000), (0, None)]) == 8000
    assert score([(1, 5000), (3, None)]) is None
    assert score([(0, 5000)]) is None


@pytest.mark.parametrize("draw", [curves.linear, curves.front_loaded])
@pytest.mark.parametrize("step", [1, 7])
def test_stages_rise_to_the_whole_on_the_last_day(draw, step):
    points = draw(START, DEADLINE, step)
    shares = [point.share for point in points]
    assert shares == sorted(shares)
    assert points[-1] == Milestone(DEADLINE, curves.ALL)
    assert len(points) == -(-90 // step)


def test_front_loaded_asks_for_half_after_three_tenths_of_the_time():
    points = curves.front_loaded(START, DEADLINE, 1)
    first = next(point for point in points if point.share >= 5000)
    assert (first.day - START).days + 1 == 27
    assert all(
        front.share >= even.share
        for front, even in zip(points, curves.linear(START, DEADLINE, 1), strict=True)
    )


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.lists(st.integers(0, 10_000), min_size=2).map(sorted))
def test_what_is_due_never_falls_and_ends_at_the_target(baseline, gap, shares):
    target = baseline + gap
    found = [curves.due(baseline, target, share) for share in [0, *shares, curves.ALL]]
    assert found == sorted(found)
    assert (found[0], found[-1]) == (baseline, target)


def test_between_two_milestones_the_way_is_straight():
    points = [Milestone(START + timedelta(days=9), 2000), Milestone(START + timedelta(days=19), 10_000)]
    asked = {-1: 0, 4: 1000, 9: 2000, 14: 6000, 19: 10_000, 40: 10_000}
    assert {day: curves.share_on(points, START, START + timedelta(days=day)) for day in asked} == asked


@given(st.dates(date(1990, 1, 1), date(2200, 1, 1)), st.sampled_from(list(periods.Length)))
def test_periods_follow_each_other_without_a_gap(day, length):
    here = periods.period_of(day, length)
    assert here.start <= day <= here.end
    assert periods.period_of(here.end + timedelta(days=1), length).start == here.end + timedelta(days=1)
    assert periods.before(here, length).end == here.start - timedelta(days=1)
    assert periods.due(day, length).end <= day


def test_periods_of_a_known_day():
    day = date(2026, 10, 14)
    assert periods.period_of(day, "week") == Period(date(2026, 10, 12), date(2026, 10, 18))
    assert periods.period_of(day, "quarter") == Period(date(2026, 10, 1), date(2026, 12, 31))
    assert periods.due(day, "month") == Period(date(2026, 9, 1), date(2026, 9, 30))
