"""Who may write the ledger when: one at a time, in the order of asking.

A commit costs a wait for the disk, so those who wait in one process share the next one (`grouping`). Between processes
the turn is a file lock on SQLite, because SQLite's own busy timeout polls and starves whoever is unlucky
(`docs/performance.md`), and an advisory lock on PostgreSQL.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection, transaction

from tungnha.ledger import bulk

_ADVISORY_LOCK = 0x7475_6E67_6E68_61
"""A number of our own ("tungnha") among PostgreSQL's advisory locks."""


@contextmanager
def turn() -> Iterator[None]:
    """A transaction in which nobody else writes the ledger. Joins the one that is open, if one is."""
    with _queue_of_processes(), transaction.atomic():
        if connection.vendor == "postgresql":
            # Everything read here is looked up by key. A table that grows faster than its statistics are taken is held
            # for an empty one, and would be read whole each time.
            with bulk.cursor() as cursor:
                cursor.execute(
                    "SELECT set_config('enable_seqscan', 'off', true), pg_advisory_xact_lock(%s)",
                    [_ADVISORY_LOCK],
                )
        yield


@contextmanager
def _queue_of_processes() -> Iterator[None]:
    """Wait for one's turn before asking SQLite for its write lock; an open transaction has it already."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with (settings.TUNGNHA_DATA / "ledger.lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
