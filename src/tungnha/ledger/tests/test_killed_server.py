"""The server is killed while phones send, and answers are dropped: what was acknowledged is there, once."""

import os

import pytest

from tungnha.ledger.tests import promise

KILLS = int(os.environ.get("TUNGNHA_SOAK_KILLS", "3"))


@pytest.mark.slow
def test_a_server_killed_under_load_loses_nothing_it_acknowledged(tmp_path):
    said = promise.soak("killing", tmp_path, KILLS)
    assert said["acknowledged"] > 10 * KILLS
    assert said["stored"] >= said["acknowledged"]
    assert (said["lost"], said["twice"], said["wrong"], said["breaks"]) == ([], [], [], 0)
    assert said["rebuilt_the_same"]
    assert said["database_sound"]
