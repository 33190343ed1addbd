"""Heavy work gives the same results wherever it runs."""

import math

import pytest

from tungnha.engine.work import EngineError, work


def test_processes_give_what_one_process_gives_in_the_same_order():
    expected = [math.factorial(number) for number in range(20)]
    assert list(work(math.factorial, range(20), engine="sequential")) == expected
    assert list(work(math.factorial, range(20), engine="local", jobs=2)) == expected


def test_an_unknown_engine_is_named():
    with pytest.raises(EngineError, match=r"'spark'.*local"):
        list(work(math.sqrt, [1], engine="spark"))
