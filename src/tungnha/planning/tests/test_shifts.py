"""Turfs to days and teams."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tungnha.planning.shifts import schedule


@given(
    minutes=st.lists(st.floats(1, 300), max_size=40),
    teams=st.integers(0, 4),
    days=st.integers(0, 5),
    seed=st.integers(0, 99),
)
def test_no_shift_is_overfull_and_nothing_that_fits_is_left_out(minutes, teams, days, seed):
    turf = np.array(minutes)
    urgency = np.random.default_rng(seed).integers(0, 3, len(turf)).astype(float)
    plan = schedule(turf, urgency, teams=teams, days=days, minutes_per_shift=200)
    load = np.zeros((days + 1, teams + 1))
    for t in np.flatnonzero(plan.day >= 0):
        load[plan.day[t], plan.team[t]] += turf[t]
    for day in range(days):
        for team in range(teams):
            mine = (plan.day == day) & (plan.team == team)
            assert load[day, team] <= 200 + 1e-6 or mine.sum() == 1
    left = turf[plan.day < 0]
    if len(left) and teams and days:
        assert (load[:days, :teams] > 0).all()
        assert load[:days, :teams].min() + left.min() > 200


def test_urgent_turfs_go_out_first():
    plan = schedule(np.full(6, 100.0), np.array([0, 5, 0, 5, 0, 5.0]), teams=1, days=3, minutes_per_shift=200)
    assert plan.day[[1, 3]].tolist() == [0, 0]
    assert sorted(plan.day) == [0, 0, 1, 1, 2, 2]


def test_a_shift_of_no_minutes_is_refused():
    with pytest.raises(ValueError, match="minutes_per_shift"):
        schedule(np.ones(1), np.ones(1), teams=1, days=1, minutes_per_shift=0)
