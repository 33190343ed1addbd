"""Dividing a total: exact, within one of the quota, never against the weights, always the same."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tungnha.campaign.apportion import ApportionError, apportion, around, parts

totals = st.integers(0, 10**12)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=60).filter(any)


@given(totals, weights)
def test_the_parts_add_up_to_the_total(total, weights):
    assert sum(apportion(total, weights)) == total


@given(totals, weights)
def test_no_part_is_one_or_more_from_its_quota(total, weights):
    whole = sum(weights)
    for part, weight in zip(apportion(total, weights), weights, strict=True):
        assert abs(part - Fraction(total * weight, whole)) < 1


@given(totals, weights)
def test_a_larger_weight_never_gets_less(total, weights):
    pairs = sorted(zip(weights, apportion(total, weights), strict=True))
    for (light, small), (heavy, large) in itertools.pairwise(pairs):
        assert small <= large or light == heavy


@given(totals, weights)
def test_equal_weights_differ_by_one_at_most_and_the_earlier_wins(total, weights):
    found = {}
    for part, weight in zip(apportion(total, weights), weights, strict=True):
        found.setdefault(weight, []).append(part)
    for same in found.values():
        assert same == sorted(same, reverse=True)
        assert same[0] - same[-1] <= 1


@given(totals, weights)
def test_the_rests_shown_are_those_that_decided(total, weights):
    """Whoever won a unit had a rest at least as large as whoever did not."""
    shown = parts(total, weights)
    won = [part.rest for part in shown if part.extra]
    lost = [part.rest for part in shown if not part.extra]
    assert min(won, default=10**30) >= max(lost, default=0)


@given(totals, weights, st.data())
def test_with_values_set_by_hand_the_sum_still_holds(total, weights, data):
    places = data.draw(st.sets(st.integers(0, len(weights) - 1), max_size=len(weights) - 1))
    fixed = {place: data.draw(st.integers(0, total // len(weights))) for place in places}
    free = [weight for place, weight in enumerate(weights) if place not in fixed]
    left = total - sum(fixed.values())
    if left and not any(free):
        with pytest.raises(ApportionError):
            around(total, weights, fixed)
        return
    found = [part.value for part in around(total, weights, fixed)]
    assert sum(found) == total
    assert {place: found[place] for place in fixed} == fixed


def test_hamiltons_own_case():
    """Balinski and Young's example: 26 seats over six states."""
    assert apportion(26, [9061, 7179, 5259, 3319, 1182, 0]) == [9, 7, 5, 4, 1, 0]


def test_what_cannot_be_divided_says_what_is_left():
    for total, weights, fixed, left in ((5, [0, 0], {}, 5), (5, [1, 1], {0: 6}, -1), (5, [1], {0: 3}, 2)):
        with pytest.raises(ApportionError) as error:
            around(total, weights, fixed)
        assert error.value.left == left
    with pytest.raises(ValueError, match="negative"):
        apportion(-1, [1])


def test_nothing_divides_into_nothing():
    assert apportion(0, [0, 0]) == [0, 0]
