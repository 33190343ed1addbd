"""Whoever writes the ledger is killed at any moment: what it said to be durable is there, once."""

import os

import pytest

from tungnha.ledger.tests import promise

KILLS = int(os.environ.get("TUNGNHA_SOAK_WRITER_KILLS", "30"))


@pytest.mark.slow
def test_a_writer_killed_at_any_moment_loses_nothing_it_answered_for(tmp_path):
    said = promise.soak("killing_writer", tmp_path, KILLS)
    assert said["acknowledged"] >= 5 * KILLS
    assert said["stored"] >= said["acknowledged"]
    assert (said["lost"], said["twice"], said["breaks"]) == ([], [], 0)
    assert said["rebuilt_the_same"]
    assert said["database_sound"]
