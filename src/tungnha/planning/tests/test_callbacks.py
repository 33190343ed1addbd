"""Contact rates and call-backs."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tungnha.planning.callbacks import choose
from tungnha.planning.contact import Prior, after_failures, estimate

FOREIGN = Prior(rate=0.3, visits=50, foreign=True)


def counted(*rows):
    return np.array(rows, dtype=np.int32)


def test_before_the_first_visit_every_rate_is_the_prior():
    rates = estimate(counted([0, 0], [0, 0]), counted([0, 0], [0, 0]), FOREIGN)
    assert rates.mean.tolist() == [[0.3, 0.3], [0.3, 0.3]]
    assert rates.from_prior.tolist() == [1.0, 1.0]


def test_the_prior_fades_as_visits_come_in():
    rates = estimate(counted([4950]), counted([2475]), FOREIGN)
    assert rates.from_prior.tolist() == [0.01]
    assert rates.campaign[0] == pytest.approx(0.498)


def test_units_that_differ_no_more_than_chance_share_one_rate():
    rng = np.random.default_rng(1)
    visits = np.full((60, 3), 200, np.int32)
    rates = estimate(visits, rng.binomial(visits, 0.4).astype(np.int32), FOREIGN)
    assert np.ptp(rates.mean, axis=0).max() < 0.03


def test_units_that_do_differ_keep_their_own():
    rng = np.random.default_rng(1)
    true = rng.beta(8, 12, (60, 3))
    visits = np.full((60, 3), 400, np.int32)
    rates = estimate(visits, rng.binomial(visits, true).astype(np.int32), FOREIGN)
    assert np.abs(rates.mean - true).mean() < 0.02
    assert 10 < rates.unit_visits < 40  # the truth is 20


def test_shrinking_is_nearer_the_truth_than_each_units_own_share():
    rng = np.random.default_rng(2)
    true = rng.beta(8, 12, (126, 8))
    visits = rng.integers(0, 25, (126, 8)).astype(np.int32)
    contacts = rng.binomial(visits, true).astype(np.int32)
    raw = np.where(visits, contacts / np.maximum(visits, 1), 0.3)
    rates = estimate(visits, contacts, FOREIGN)
    assert ((rates.mean - true) ** 2).mean() < 0.5 * ((raw - true) ** 2).mean()


@given(st.data())
def test_a_rate_is_always_a_rate(data):
    shape = data.draw(st.tuples(st.integers(1, 5), st.integers(1, 4)))
    visits = data.draw(
        st.lists(st.integers(0, 400), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
    )
    visits = np.array(visits, np.int32).reshape(shape)
    contacts = np.array([data.draw(st.integers(0, int(n))) for n in visits.flat], np.int32).reshape(shape)
    rates = estimate(visits, contacts, FOREIGN)
    assert ((rates.mean > 0) & (rates.mean < 1)).all()
    assert np.isfinite(rates.deviation).all()


@pytest.mark.parametrize(
    ("visits", "contacts", "prior"),
    [([[1]], [[2]], FOREIGN), ([[1]], [[-1]], FOREIGN), ([[1]], [[1]], Prior(1.0, 5, False))],
)
def test_impossible_counts_are_refused(visits, contacts, prior):
    with pytest.raises(ValueError):
        estimate(np.array(visits, np.int32), np.array(contacts, np.int32), prior)


def test_a_failure_counts_most_at_its_own_hour():
    first = np.array([0.4])
    none, one = np.array([0]), np.array([1])
    same, other = after_failures(first, one, none), after_failures(first, none, one)
    assert same < other < first


@st.composite
def boards(draw, households=8, turfs=3, slots=3):
    count = draw(st.integers(0, households))
    chances = st.sampled_from([0.0, 0.1, 0.2, 0.35, 0.5])
    return {
        "chance": np.array([[draw(chances) for _ in range(slots)] for _ in range(count)]).reshape(
            count, slots
        ),
        "turf": np.array([draw(st.integers(0, turfs - 1)) for _ in range(count)], np.int32),
        "visit_minutes": np.array([draw(st.sampled_from([3.0, 5.0])) for _ in range(count)]),
        "turf_minutes": np.array([draw(st.sampled_from([5.0, 10.0])) for _ in range(turfs)]),
        "slot_minutes": np.array([draw(st.sampled_from([0.0, 12.0, 25.0, 60.0])) for _ in range(slots)]),
    }


def taken(board, slot):
    """Team-minutes of each slot under a choice."""
    minutes = np.zeros(len(board["slot_minutes"]))
    for s in range(len(minutes)):
        who = np.flatnonzero(slot == s)
        minutes[s] = (
            board["visit_minutes"][who].sum() + board["turf_minutes"][np.unique(board["turf"][who])].sum()
        )
    return minutes


@given(boards())
def test_no_slot_is_overfull_and_nobody_is_tried_in_vain(board):
    plan = choose(**board)
    minutes = taken(board, plan.slot)
    assert np.allclose(minutes, plan.minutes)
    assert (minutes <= board["slot_minutes"] + 1e-6).all()
    tried = np.flatnonzero(plan.slot >= 0)
    assert (board["chance"][tried, plan.slot[tried]] > 0).all()
    assert plan.expected == pytest.approx(board["chance"][tried, plan.slot[tried]].sum())


@settings(max_examples=40)
@given(boards(households=5, turfs=2, slots=2))
def test_small_boards_come_near_the_best_of_all_choices(board):
    best = 0.0
    for choice in product(range(-1, 2), repeat=len(board["turf"])):
        slot = np.array(choice, np.int32)
        if (taken(board, slot) <= board["slot_minutes"] + 1e-9).all():
            who = np.flatnonzero(slot >= 0)
            best = max(best, board["chance"][who, slot[who]].sum())
    assert choose(**board).expected >= 0.5 * best - 1e-9


def test_one_far_door_does_not_draw_a_team_from_twenty_near_ones():
    chance = np.full((21, 1), 0.3)
    chance[0] = 0.9
    plan = choose(
        chance, np.array([0, *[1] * 20], np.int32), visit_minutes=np.full(21, 3.0), turf_minutes=np.array([30.0, 10.0]),
        slot_minutes=np.array([75.0]),
    )  # fmt: skip
    assert plan.slot.tolist() == [-1, *[0] * 20]


def test_a_home_waits_for_its_evening():
    chance = np.array([[0.1, 0.5], [0.4, 0.4]])
    plan = choose(
        chance, np.array([0, 0], np.int32), visit_minutes=np.full(2, 3.0), turf_minutes=np.array([5.0]),
        slot_minutes=np.array([60.0, 60.0]),
    )  # fmt: skip
    assert plan.slot[0] == 1
