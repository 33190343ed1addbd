"""Each check sees what it is for, and does not see an ordinary evening."""

import numpy as np
import pytest

from tungnha.planning.simulation import HANOI_EVENING, End, play
from tungnha.progress.checks import CHECKS
from tungnha.progress.checks.shift import Shift


def shift(minute, **more):
    count = len(minute)
    facts = {
        "contact": np.arange(count) % 5 < 2,
        "done": np.zeros(count, bool),
        "expected": np.full(count, 0.4),
        "xy": np.column_stack([np.arange(count) * 8.0, np.zeros(count)]),
        "building": np.full(count, -1),
        "phone": np.full(count, -1),
        "earlier": np.zeros(0, np.int64),
    }
    return Shift(minute=np.asarray(minute, float), **facts | more)


def every(minutes, count, start=1100.0):
    return start + minutes * np.arange(count)


def seen(shift):
    """Which checks speak of a shift, as they come."""
    return {name for name, check in CHECKS.items() if check.find(shift, check.threshold)}


def test_an_ordinary_evening_raises_nothing():
    assert seen(shift(every(4.0, 33))) == set()


def test_played_evenings_seldom_raise_anything():
    raised = 0
    for seed in range(200):
        played = play(np.ones(60), np.full(60, 12.0), start=1095, stop=1245, manners=HANOI_EVENING, seed=seed)
        expected = np.array([HANOI_EVENING.contact[int(minute // 60)] for minute in played.minute])
        raised += bool(
            seen(
                shift(
                    played.minute,
                    contact=played.end != End.NOBODY,
                    expected=expected,
                    earlier=np.array([23, 31]),
                )
            )
        )
    assert raised <= 6


SEEN = {
    "too_fast": shift(np.concatenate([every(4.0, 10), 1141 + every(0.2, 6, 0)])),
    "impossible_travel": shift(
        every(2.0, 12), xy=np.column_stack([np.where(np.arange(12) < 6, 0, 2000.0), np.zeros(12)])
    ),
    "one_spot": shift(np.concatenate([every(0.6, 16), 1200 + every(5.0, 5, 0)])),
    "contact_rate": shift(every(4.0, 30), contact=np.ones(30, bool)),
    "end_of_day": shift(every(0.4, 14)),
    "shared_phone": shift(
        every(4.0, 9), done=np.ones(9, bool), phone=np.array([7, 7, 7, 7, 1, 2, 3, -1, -1])
    ),
    "round_figures": shift(every(4.0, 20), earlier=np.array([20, 30, 17])),
}


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_sees_what_it_is_for(name):
    assert name in seen(SEEN[name])


@pytest.mark.parametrize("name", CHECKS)
def test_each_check_can_be_tuned_until_it_is_silent(name):
    check = CHECKS[name]
    thresholds = (0.001, 1e6)
    answers = [check.find(SEEN[name], threshold) for threshold in thresholds]
    assert None in answers


@pytest.mark.parametrize("name", CHECKS)
def test_each_sentence_names_what_was_seen(name):
    check = CHECKS[name]
    facts = check.find(SEEN[name], check.threshold)
    assert "%" not in str(check.words) % facts
    assert str(check.innocent)


def test_a_tower_is_one_place():
    assert "one_spot" not in seen(shift(every(0.6, 16), building=np.full(16, 3)))


def test_an_empty_or_single_visit_raises_nothing():
    for count in (0, 1):
        assert seen(shift(every(4.0, count))) == set()
