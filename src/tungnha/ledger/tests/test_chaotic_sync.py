"""Phones sync as badly as can be, and the server is restored from older backups: nothing is lost, nothing counts twice."""

import os

import pytest

from tungnha.ledger.tests import promise

SYNCS = int(os.environ.get("TUNGNHA_SOAK_CHAOTIC_SYNCS", "250"))


@pytest.mark.slow
def test_chaotic_syncs_and_restores_lose_nothing_and_count_nothing_twice(tmp_path):
    said = promise.soak("chaos", tmp_path, SYNCS)
    assert (said["lost"], said["twice"], said["wrong"], said["breaks"]) == ([], [], [], 0)
    assert (said["waiting"], said["neither_answered_nor_waiting"]) == (0, 0)
    assert said["made"] == said["acknowledged"] + said["held"] > SYNCS
    assert said["restored"] > 0
    assert said["noticed"] > 0
    assert said["rebuilt_the_same"]
    assert said["database_sound"]
