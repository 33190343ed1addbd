"""Work ahead of whoever takes it: in order, and never far ahead."""

import os

import pytest

from tungnha.engine.ahead import ahead

# `eval` stands for any function that another process can import.
SQUARES = [f"({number} ** 2, __import__('os').getpid())" for number in range(30)]


def test_results_come_in_order_from_other_processes():
    results = list(ahead(eval, SQUARES, jobs=2, fewest=1))
    assert [square for square, _ in results] == [number**2 for number in range(30)]
    assert os.getpid() not in {process for _, process in results}


def test_few_items_are_worked_out_here():
    assert list(ahead(eval, SQUARES[:3])) == [(number**2, os.getpid()) for number in range(3)]
    assert list(ahead(eval, [])) == []


def test_items_are_taken_only_a_little_ahead_of_the_results():
    taken = []

    def items():
        for text in SQUARES:
            taken.append(text)
            yield text

    for done, _ in enumerate(ahead(eval, items(), jobs=1, fewest=2, lying=3)):
        assert len(taken) <= done + 7


def test_an_error_in_a_process_is_raised_here():
    with pytest.raises(ZeroDivisionError):
        list(ahead(eval, ["1", "2", "1 / 0", "3"], jobs=1, fewest=1))
