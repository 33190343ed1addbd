"""Played evenings."""

from dataclasses import replace

import numpy as np
import pytest

from tungnha.planning.simulation import HANOI_EVENING, End, play

MANY = np.ones(4000)


def evening(manners=HANOI_EVENING, **more):
    given = {"start": 18 * 60.0, "stop": 1e9, "manners": manners, "seed": 1} | more
    return play(MANY, np.full(len(MANY), 10.0), **given)


def test_the_same_seed_plays_the_same_evening():
    one, same, other = evening(), evening(), evening(seed=2)
    assert one.end.tolist() == same.end.tolist() != other.end.tolist()


def test_rates_come_out_as_they_were_put_in():
    flat = replace(HANOI_EVENING, contact=(0.4,) * 24)
    played = evening(flat)
    opened = played.end != End.NOBODY
    assert opened.mean() == pytest.approx(0.4, abs=0.03)
    assert (played.end[opened] == End.DONE).mean() == pytest.approx(0.58, abs=0.04)


def test_nothing_begins_after_the_evening_is_over():
    played = evening(stop=21 * 60.0)
    assert played.door.tolist() == list(range(len(played.door)))
    assert played.minute[-2] <= 21 * 60.0
    assert (np.diff(played.minute) > 0).all()


def test_a_door_that_must_not_be_tried_is_not():
    chance = MANY.copy()
    chance[::2] = 0
    played = play(chance, np.zeros(len(chance)), start=1100.0, stop=1e9, manners=HANOI_EVENING, seed=1)
    assert (played.door % 2 == 1).all()


def test_shares_that_do_not_sum_to_one_are_refused():
    with pytest.raises(ValueError, match="sum to 1"):
        evening(replace(HANOI_EVENING, ends=(0.5,) * 7))
