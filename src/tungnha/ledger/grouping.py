"""What many threads ask for at once, done for all of them in one go, by a thread of its own.

Its connection knows the statements and keeps pages and plans that forty connections, of which each asks now and then,
would not; and one statement for thirty batches costs the database a fraction of thirty statements.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Generic, TypeVar

from django.db import close_old_connections, connection, connections

_PATIENCE = 5.0
"""Seconds that the thread waits for work before it ends, and its connection with it."""

T = TypeVar("T")
R = TypeVar("R")


class _Ticket:
    def __init__(self, item: Any) -> None:
        self.item = item
        self.settled = threading.Event()
        self.result: Any = None
        self.error: BaseException | None = None


class Together(Generic[T, R]):
    """Does for the items of many threads at once what each would do by itself.

    Parameters
    ----------
    do
        Takes items and gives one result for each: what is wanted, or what `then` goes on with.
    within
        What is entered first, such as a transaction; who comes until it is entered goes along.
    then
        Who goes on with the results, each as it comes; theirs is what is wanted.
    name
        Of the thread.
    size, most
        How large an item is, and how much is done at once (or one item, if that is larger).
    """

    def __init__(
        self,
        do: Callable[[Sequence[T]], Sequence[Any]],
        *,
        within: Callable[[], AbstractContextManager[None]] = nullcontext,
        then: "Together[Any, R] | None" = None,
        name: str,
        size: Callable[[T], int],
        most: int,
    ) -> None:
        self._do = do
        self._within = within
        self._then = then
        self._name = name
        self._size = size
        self._most = most
        self._changed = threading.Condition()
        self._queue: deque[_Ticket] = deque()
        self._thread: threading.Thread | None = None
        self._closing = False

    def submit(self, item: T) -> R:
        """Have one item done; returns its result, or raises what went wrong with it.

        Inside an open transaction it is done there.
        """
        if connection.in_atomic_block:
            with self._within():
                result = self._do([item])[0]
            return self._then.submit(result) if self._then else result
        ticket = _Ticket(item)
        self._queue_up(ticket)
        ticket.settled.wait()
        if ticket.error is not None:
            raise ticket.error
        return ticket.result  # type: ignore[no-any-return]

    def _queue_up(self, ticket: _Ticket) -> None:
        with self._changed:
            # One that was there before the process was forked does not live in it.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name=self._name, daemon=True)
                self._thread.start()
            self._queue.append(ticket)
            self._changed.notify()

    def close(self) -> None:
        """Have the thread end once the queue is empty, and wait until its connection is closed."""
        with self._changed:
            thread, self._closing = self._thread, True
            self._changed.notify()
        if thread is not None:
            thread.join()
        self._closing = False

    def _serve(self) -> None:
        try:
            while self._has_work():
                group = self._do_next()
                for ticket in group:
                    if self._then is None or ticket.error is not None:
                        ticket.settled.set()
                    else:
                        ticket.item = ticket.result
                        self._then._queue_up(ticket)  # noqa: SLF001 - one of us
        finally:
            connections.close_all()

    def _has_work(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing, _PATIENCE)
            if not self._queue:
                self._thread = None
            return bool(self._queue)

    def _do_next(self) -> list[_Ticket]:
        """Serve those who wait: they have a result or an error then."""
        group: list[_Ticket] = []
        try:
            close_old_connections()
            with self._within():
                group = self._take()
                results = self._do([ticket.item for ticket in group])
            for ticket, result in zip(group, results, strict=True):
                ticket.result = result
        except BaseException as error:  # noqa: BLE001 - it is raised again, in the thread whose item it is
            if len(group) > 1:
                # One item must not spoil the others': each alone.
                for ticket in group:
                    self._do_alone(ticket)
            else:
                group = group or self._take()
                for ticket in group:
                    ticket.error = error
        return group

    def _do_alone(self, ticket: _Ticket) -> None:
        try:
            close_old_connections()
            with self._within():
                (result,) = self._do([ticket.item])
            ticket.result = result
        except BaseException as error:  # noqa: BLE001 - as above
            ticket.error = error

    def _take(self) -> list[_Ticket]:
        """The next in the queue: as many as are done at once."""
        with self._changed:
            group = [self._queue.popleft()]
            size = self._size(group[0].item)
            while self._queue and (size := size + self._size(self._queue[0].item)) <= self._most:
                group.append(self._queue.popleft())
        return group
