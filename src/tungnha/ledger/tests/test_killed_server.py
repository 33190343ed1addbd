"""The server is killed while phones send, and answers are dropped: what was acknowledged is there, once."""

import json
import os
import subprocess
import sys

import pytest

KILLS = int(os.environ.get("TUNGNHA_SOAK_KILLS", "3"))


@pytest.mark.slow
def test_a_server_killed_under_load_loses_nothing_it_acknowledged(tmp_path):
    run = subprocess.run(
        [sys.executable, "-m", "tungnha.ledger.tests.killing", str(tmp_path), "--times", str(KILLS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    said = json.loads(run.stdout)
    assert said["acknowledged"] > 10 * KILLS
    assert said["stored"] >= said["acknowledged"]
    assert (said["lost"], said["twice"], said["wrong"], said["breaks"]) == ([], [], [], 0)
    assert said["rebuilt_the_same"]
    assert said["database_sound"]
