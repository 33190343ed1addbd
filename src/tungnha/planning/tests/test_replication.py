"""The order in which a pilot is repeated."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tungnha.planning import replication


@st.composite
def sizes(draw, least=1):
    units = draw(st.integers(least, 40))
    return units, draw(st.integers(1, units))


def counts(order, steps):
    return np.bincount(order.steps, minlength=steps)


def check(order, units, steps):
    """Each unit once, steps of sizes that differ by one at most, places that follow the steps."""
    assert order.steps.shape == (units,)
    assert counts(order, steps).max() - counts(order, steps).min() <= 1
    assert sorted(order.ranks) == list(range(units))
    assert (np.diff(order.steps[np.argsort(order.ranks)]) >= 0).all()


@given(sizes(), st.integers(0, 2**32), st.integers(1, 5))
def test_each_unit_begins_once_and_no_step_is_larger_by_more_than_one(drawn, seed, strata):
    units, steps = drawn
    groups = np.arange(units) % strata
    order = replication.randomised(units, steps, seed=seed, strata=groups)
    check(order, units, steps)
    for group in range(min(strata, units)):
        shares = np.bincount(order.steps[groups == group], minlength=steps)
        assert shares.max() - shares.min() <= 1


@given(sizes(least=2), st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_order(drawn, seed):
    units, steps = drawn
    people = np.arange(units, dtype=float) ** 2
    one, other = (
        replication.randomised(units, steps, seed=seed, covariates=people, candidates=20) for _ in range(2)
    )
    check(one, units, steps)
    assert one.steps.tolist() == other.steps.tolist()
    assert one.ranks.tolist() == other.ranks.tolist()


def test_every_unit_may_come_in_every_step():
    seen = np.zeros((5, 2))
    for seed in range(2000):
        order = replication.randomised(5, 2, seed=seed)
        seen[np.arange(5), order.steps] += 1
    assert np.abs(seen / 2000 - 0.5).max() < 0.05  # five standard errors


def test_restricting_makes_steps_alike_and_leaves_chance_its_part():
    random = np.random.default_rng(1)
    people = np.exp(random.normal(10, 0.6, 126))
    free = [replication.randomised(126, 6, seed=seed, covariates=None).steps for seed in range(200)]
    held = [
        replication.randomised(126, 6, seed=seed, covariates=people, candidates=200) for seed in range(50)
    ]

    def unlike(steps):
        return np.std([people[steps == step].mean() for step in range(6)]) / people.std()

    assert max(unlike(one.steps) for one in held) < np.median([unlike(steps) for steps in free])
    assert held[0].balance.spread[0] == pytest.approx(unlike(held[0].steps))
    assert (held[0].balance.candidates, held[0].balance.kept) == (200, 20)
    assert held[0].balance.always == 0


def test_too_tight_a_restriction_is_told():
    order = replication.randomised(
        4, 2, seed=3, covariates=np.array([1.0, 1.0, 9.0, 9.0]), candidates=200, keep=0.1
    )
    assert (order.balance.always, order.balance.never) == (0, 2)  # the equals never share a step


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), min_size=2, max_size=30))
def test_need_decides_and_equals_keep_their_order(need):
    order = replication.by_need(np.array(need), 2)
    check(order, len(need), 2)
    sorted_need = [-np.inf if np.isnan(value) else value for value in np.array(need)[np.argsort(order.ranks)]]
    assert sorted_need == sorted(sorted_need, reverse=True)
    assert replication.by_need(np.full(5, 3.0), 5).ranks.tolist() == [0, 1, 2, 3, 4]


def test_an_order_by_hand_is_kept_and_has_to_be_whole():
    order = replication.by_hand(np.array([2, 0, 1, 3, 4]), 2)
    assert order.steps.tolist() == [0, 0, 0, 1, 1]
    assert order.ranks.tolist() == [1, 2, 0, 3, 4]
    for broken in ([0, 0, 1], [1, 2, 3]):
        with pytest.raises(ValueError, match="exactly once"):
            replication.by_hand(np.array(broken), 2)


@pytest.mark.parametrize(("units", "steps"), [(3, 4), (0, 1), (3, 0)])
def test_impossible_steps_are_refused(units, steps):
    with pytest.raises(ValueError, match="cannot be divided"):
        replication.randomised(units, steps, seed=1)


def test_exposure_begins_after_the_first_period_and_stays():
    assert replication.exposure(np.array([0, 1, 1])).tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 1]]


@given(sizes(least=2), st.floats(0.01, 3), st.floats(0.01, 3), st.integers(0, 99))
def test_the_standard_error_is_that_of_generalised_least_squares(drawn, between, within, seed):
    units, steps = drawn
    if steps == 1:
        return
    order = replication.randomised(units, steps, seed=seed)
    x = replication.exposure(order.steps)
    periods = x.shape[1]
    columns = [np.kron(np.ones(units), np.eye(periods)[period]) for period in range(periods)]
    design = np.column_stack([*columns, x.ravel()])
    block = within**2 * np.eye(periods) + between**2 * np.ones((periods, periods))
    information = design.T @ np.kron(np.eye(units), np.linalg.inv(block)) @ design
    expected = np.sqrt(np.linalg.inv(information)[-1, -1])
    assert replication.effect_error(order.steps, between=between, within=within) == pytest.approx(
        expected, rel=1e-6
    )


def test_one_step_allows_no_estimate():
    with pytest.raises(ValueError, match="calendar"):
        replication.effect_error(np.zeros(4, dtype=np.int64), between=1.0, within=1.0)
