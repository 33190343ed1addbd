"""Who may write the ledger when: one at a time, in the order of asking, and many requests in one transaction.

A commit costs a wait for the disk, so those who wait share the next one: the first in the queue writes for all that
stand behind it, then hands the turn on. Between processes the turn is a file lock on SQLite, because SQLite's own
busy timeout polls and starves whoever is unlucky (`docs/performance.md`), and an advisory lock on PostgreSQL.
"""

import fcntl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.conf import settings
from django.db import connection, transaction

from tungnha.ledger import bulk

_ADVISORY_LOCK = 0x7475_6E67_6E68_61
"""A number of our own ("tungnha") among PostgreSQL's advisory locks."""

T = TypeVar("T")
R = TypeVar("R")


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


class _Ticket(Generic[T, R]):
    def __init__(self, item: T) -> None:
        self.item = item
        self.called = threading.Event()
        self.leads = False
        self.result: R | None = None
        self.error: BaseException | None = None


class GroupCommit(Generic[T, R]):
    """Writes the items of many threads in one turn.

    Parameters
    ----------
    write
        Writes items inside a transaction, and gives one result for each.
    size, most
        How large an item is, and how much one transaction takes (or one item, if that is larger).
    """

    def __init__(
        self, write: Callable[[Sequence[T]], Sequence[R]], *, size: Callable[[T], int], most: int
    ) -> None:
        self._write = write
        self._size = size
        self._most = most
        self._mutex = threading.Lock()
        self._queue: list[_Ticket[T, R]] = []
        self._busy = False

    def submit(self, item: T) -> R:
        """Write one item; returns once it is durable, or raises what went wrong with it, and then it is not written.

        Inside an open transaction it is written there and is as durable as that.
        """
        if connection.in_atomic_block:
            with turn():
                return self._write([item])[0]
        ticket: _Ticket[T, R] = _Ticket(item)
        with self._mutex:
            self._queue.append(ticket)
            ticket.leads, self._busy = not self._busy, True
        if not ticket.leads:
            ticket.called.wait()
        if ticket.leads:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[return-value]

    def _lead(self) -> None:
        group = self._next_group()
        try:
            self._settle(group)
        finally:
            with self._mutex:
                heir = self._queue[0] if self._queue else None
                self._busy = heir is not None
            for ticket in group[1:]:
                ticket.called.set()
            if heir is not None:
                heir.leads = True
                heir.called.set()

    def _next_group(self) -> list[_Ticket[T, R]]:
        with self._mutex:
            group, size = [self._queue.pop(0)], 0
            size += self._size(group[0].item)
            while self._queue and size + self._size(self._queue[0].item) <= self._most:
                group.append(self._queue.pop(0))
                size += self._size(group[-1].item)
        return group

    def _settle(self, group: list[_Ticket[T, R]]) -> None:
        try:
            with turn():
                results = self._write([ticket.item for ticket in group])
            for ticket, result in zip(group, results, strict=True):
                ticket.result = result
        except BaseException as error:  # noqa: BLE001 - it is raised again, in the thread whose item it is
            if len(group) == 1:
                group[0].error = error
                return
            # One item must not spoil the others': each alone.
            for ticket in group:
                self._settle([ticket])
