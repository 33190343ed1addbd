"""One entry: as it is sent, and as it stands in the ledger."""

import hashlib
import os
import time
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from django.utils import timezone
from django.utils.functional import cached_property  # Python's own takes a lock until 3.12

from tungnha.ledger import kinds
from tungnha.ledger.kinds import Body

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=40, pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
"""A primary key; JavaScript counts no further."""
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry as a phone sends it. Its body is read once its kind is known."""

    id: UUID
    kind: Name
    version: Annotated[int, msgspec.Meta(ge=1, le=32_767)]
    occurred_at: Moment
    campaign: Name
    body: msgspec.Raw
    unit: Number | None = None
    premises: Number | None = None
    household: Number | None = None
    resident: Number | None = None
    found: UUID | None = None
    """The entry that reported a household which the register does not know yet."""
    corrects: UUID | None = None
    """The entry that this one replaces or takes back."""
    actor: Number | None = None
    """The user who recorded it, as the session said: a phone may change hands before it was sent."""


class Recorded(msgspec.Struct, dict=True, weakref=False):
    """An entry as it stands, or is about to stand, in the ledger."""

    uuid: UUID
    kind: str
    version: int
    occurred_at: datetime
    received_at: datetime
    clock_offset: int
    """Milliseconds to add to the device's clock; estimated when the entry was sent."""
    device: int | None
    actor: int
    campaign: str
    unit: int | None
    premises: int | None
    household: int | None
    resident: int | None
    found: UUID | None
    corrects: UUID | None
    text: str
    """The body as JSON, in its one canonical form."""
    position: int = 0

    @cached_property
    def body(self) -> Body:
        """What the text says. Raises UnreadableBodyError."""
        return read_body(self.kind, self.version, self.text)

    @cached_property
    def when(self) -> datetime:
        """When it happened by the server's clock, and never after it was received."""
        if not self.clock_offset:
            return min(self.occurred_at, self.received_at)
        return min(self.occurred_at + timedelta(milliseconds=self.clock_offset), self.received_at)

    @cached_property
    def day(self) -> date:
        """The calendar day where the installation is."""
        return self.when.astimezone(timezone.get_default_timezone()).date()

    @cached_property
    def content(self) -> tuple[Any, ...]:
        """What the writer said. Two entries with one id are the same entry exactly if this is the same."""
        return (
            self.uuid.bytes,
            self.kind,
            self.version,
            _microseconds(self.occurred_at),
            self.campaign,
            self.unit,
            self.premises,
            self.household,
            self.resident,
            self.found and self.found.bytes,
            self.corrects and self.corrects.bytes,
            self.text,
        )

    def hash_after(self, previous: bytes) -> bytes:
        """The chain's hash at this entry: SHA-256 of the hash before it, its place, and all that it says."""
        said = (
            self.position,
            self.content,
            _microseconds(self.received_at),
            self.clock_offset,
            self.device,
            self.actor,
        )
        return hashlib.sha256(previous + _pack(said)).digest()


GENESIS = bytes(32)
"""The hash before the first entry."""
_pack = msgspec.msgpack.Encoder().encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


class UnreadableBodyError(Exception):
    """A stored body that its kind no longer reads: a kind was changed instead of getting a new version."""


def read_body(name: str, version: int, text: str) -> Body:
    """A stored body. Raises UnreadableBodyError."""
    kind = kinds.find(name, version)
    if kind is None:
        raise UnreadableBodyError(f"no room registers the kind {name} {version}")
    try:
        return kind.decoder.decode(text)
    except msgspec.DecodeError as error:
        raise UnreadableBodyError(f"{name} {version}: {error}") from error


def write_body(body: Body) -> str:
    """The canonical JSON of a body."""
    return msgspec.json.encode(body, order="deterministic").decode()


def uuid7(at: datetime | None = None) -> UUID:
    """A new entry id: the time in milliseconds, then 74 random bits (RFC 9562, version 7)."""
    milliseconds = time.time_ns() // 1_000_000 if at is None else _microseconds(at) // 1000
    number = milliseconds << 80 | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | 0x7 << 76
    return UUID(int=number & ~(0x3 << 62) | 0x2 << 62)
