"""The power goes at any moment: what was acknowledged is there. A kill shows nothing of this, a disk that forgets does."""

import os

import msgspec
import pytest
from django.db import connection

from tungnha.ledger import services
from tungnha.ledger.tests import powercut
from tungnha.ledger.tests.conftest import NOW

CUTS = int(os.environ.get("TUNGNHA_SOAK_POWER_CUTS", "30"))


@pytest.fixture
def written(world):
    """The statements with which the ledger takes twenty batches, and the tables they go to."""
    if connection.vendor != "sqlite":
        pytest.skip("speaks of SQLite")
    transactions = []

    def note(execute, sql, params, many, context):
        if sql.split()[0] in {"INSERT", "UPDATE", "DELETE"}:
            rows = list(params) if many else [params]
            transactions[-1].append((sql.replace("%s", "?"), [tuple(map(plain, row)) for row in rows]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        for turn in range(20):
            transactions.append([])
            raw = [msgspec.json.encode(world.knock((turn + home) % 6)) for home in range(3)]
            services.receive(world.session, raw, received_at=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name LIKE 'ledger_%'")
        return [sql for (sql,) in cursor.fetchall()], transactions


def plain(value):
    return str(value) if hasattr(value, "isoformat") else value


def test_a_power_cut_loses_nothing_that_was_acknowledged(written, tmp_path):
    said = powercut.cut_power(tmp_path, *written, times=CUTS, synchronous="FULL")
    assert (said.lost, said.corrupt) == (0, 0)
    assert said.acknowledged > 3 * CUTS


def test_without_full_the_same_cuts_lose_entries(written, tmp_path):
    """Else the test above would prove nothing."""
    assert powercut.cut_power(tmp_path, *written, times=min(CUTS, 50), synchronous="NORMAL").lost > 0
