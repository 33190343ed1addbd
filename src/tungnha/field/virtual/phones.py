"""A phone as the protocol sees it: an outbox that survives crashes, and a network that does what networks do."""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import numpy as np

from tungnha.ledger.entries import uuid7

BATCH = 30


class CutError(Exception):
    """The network failed: nothing is known of what became of the request."""


class Server(Protocol):
    """Where a phone sends its entries."""

    def send(self, token: str, entries: Sequence[bytes], *, sent_at: datetime, now: datetime) -> list[UUID]:
        """Ids of the entries that the server durably keeps. Raises CutError."""


@dataclass(frozen=True)
class Faults:
    """What goes wrong, as chances."""

    dead_zone: float = 0.25  # there is no network at a door
    lost_answer: float = 0.03  # the server has it, the phone does not hear so
    twice: float = 0.02  # a request is repeated by the network
    skewed: float = 0.1  # a phone's clock is wrong
    skew: timedelta = timedelta(hours=7)
    late: float = 0.1  # a phone sends only at the end of the evening


NO_FAULTS = Faults(0, 0, 0, 0, timedelta(0), 0)


@dataclass
class Phone:
    """One volunteer's phone. What is in `outbox` was saved and not acknowledged."""

    token: str
    faults: Faults
    rng: np.random.Generator
    outbox: dict[UUID, bytes] = field(default_factory=dict)
    saved: set[UUID] = field(default_factory=set)
    clock: timedelta = timedelta(0)
    late: bool = False

    def __post_init__(self) -> None:
        if self.rng.random() < self.faults.skewed:
            self.clock = self.faults.skew * (1 if self.rng.random() < 0.5 else -1)
        self.late = bool(self.rng.random() < self.faults.late)

    def save(self, at: datetime, said: dict[str, Any]) -> None:
        """Save an entry that happened at a true moment; the phone writes its own clock's."""
        when = at + self.clock
        entry_id = uuid7(when)
        entry = {"id": str(entry_id), "occurred_at": when.isoformat()} | said
        self.outbox[entry_id] = json.dumps(entry, ensure_ascii=False).encode()
        self.saved.add(entry_id)

    def sync(self, server: Server, now: datetime, *, reliable: bool = False) -> None:
        """Send what waits, in any order; only what is acknowledged leaves the outbox."""
        waiting = [*self.outbox]
        self.rng.shuffle(waiting)
        for first in range(0, len(waiting), BATCH):
            if not reliable and self.rng.random() < self.faults.dead_zone:
                return
            with suppress(CutError):
                self._ask(server, waiting[first : first + BATCH], now, heard=reliable)

    def _ask(self, server: Server, batch: list[UUID], now: datetime, *, heard: bool) -> None:
        entries = [self.outbox[one] for one in batch]
        for _ in range(2 if self.rng.random() < self.faults.twice else 1):
            kept = server.send(self.token, entries, sent_at=now + self.clock, now=now)
        if not heard and self.rng.random() < self.faults.lost_answer:
            raise CutError
        for one in kept:
            self.outbox.pop(one, None)
