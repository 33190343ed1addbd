"""Who may write the ledger when: one at a time, in the order of asking, and many requests in one transaction.

A commit costs a wait for the disk, so those who wait share the next one: a thread of its own writes for all of a process
that have come until it has the turn. Its connection knows the statements and keeps pages and plans that forty connections,
of which each writes now and then, would not. Between processes the turn is a file lock on SQLite, because SQLite's own
busy timeout polls and starves whoever is unlucky (`docs/performance.md`), and an advisory lock on PostgreSQL.
"""

import fcntl
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from django.conf import settings
from django.db import close_old_connections, connection, connections, transaction

from tungnha.ledger import bulk

_ADVISORY_LOCK = 0x7475_6E67_6E68_61
"""A number of our own ("tungnha") among PostgreSQL's advisory locks."""
_PATIENCE = 5.0
"""Seconds that the writing thread waits for work before it ends, and its connection with it."""

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
        self.settled = threading.Event()
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
        self._changed = threading.Condition()
        self._queue: deque[_Ticket[T, R]] = deque()
        self._writer: threading.Thread | None = None
        self._closing = False

    def submit(self, item: T) -> R:
        """Write one item; returns once it is durable, or raises what went wrong with it, and then it is not written.

        Inside an open transaction it is written there and is as durable as that.
        """
        if connection.in_atomic_block:
            with turn():
                return self._write([item])[0]
        ticket: _Ticket[T, R] = _Ticket(item)
        with self._changed:
            # One that was there before the process was forked does not live in it.
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._serve, name="ledger", daemon=True)
                self._writer.start()
            self._queue.append(ticket)
            self._changed.notify()
        ticket.settled.wait()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[return-value]

    def close(self) -> None:
        """Have the writing thread end once the queue is empty, and wait until its connection is closed."""
        with self._changed:
            writer, self._closing = self._writer, True
            self._changed.notify()
        if writer is not None:
            writer.join()
        self._closing = False

    def _serve(self) -> None:
        try:
            while self._has_work():
                group = self._write_next()
                for ticket in group:
                    ticket.settled.set()
        finally:
            connections.close_all()

    def _has_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing, _PATIENCE)
            if not self._queue:
                self._writer = None
            return bool(self._queue)

    def _write_next(self) -> list[_Ticket[T, R]]:
        """Write those who wait: they have a result or an error then."""
        group: list[_Ticket[T, R]] = []
        try:
            close_old_connections()
            with turn():
                group = self._take()  # only now: who came while this waited for its turn goes along
                results = self._write([ticket.item for ticket in group])
            for ticket, result in zip(group, results, strict=True):
                ticket.result = result
        except BaseException as error:  # noqa: BLE001 - it is raised again, in the thread whose item it is
            if len(group) > 1:
                # One item must not spoil the others': each alone.
                for ticket in group:
                    self._write_alone(ticket)
            else:
                group = group or self._take()
                for ticket in group:
                    ticket.error = error
        return group

    def _write_alone(self, ticket: _Ticket[T, R]) -> None:
        try:
            close_old_connections()
            with turn():
                (result,) = self._write([ticket.item])
            ticket.result = result
        except BaseException as error:  # noqa: BLE001 - as above
            ticket.error = error

    def _take(self) -> list[_Ticket[T, R]]:
        """The next in the queue: as many as one transaction takes."""
        with self._changed:
            group = [self._queue.popleft()]
            size = self._size(group[0].item)
            while self._queue and (size := size + self._size(self._queue[0].item)) <= self._most:
                group.append(self._queue.popleft())
        return group
