"""What goes over the wire: plain structs, from which the OpenAPI document is made too."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from tungnha.ledger.entries import Moment
from tungnha.ledger.judging import Reason
from tungnha.ledger.services import Answer

MOST_ENTRIES = 1_000
MOST_COMPRESSED = 1024**2
MOST_DECOMPRESSED = 4 * 1024**2
MOST_IDS = 2_000
MOST_NEWS = 500


class Upload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A batch of entries. Each is read by itself, so that one that is wrong does not spoil the others."""

    sent_at: Moment
    """The phone's clock as it sends: the server estimates from it how wrong the clock is."""
    entries: list[msgspec.Raw]


class Head(msgspec.Struct, frozen=True):
    """How far the ledger has come: keep it, and ask with it whether the server was rolled back."""

    position: int
    hash: str


class Uploaded(msgspec.Struct, frozen=True):
    """One answer for each entry, in the order sent."""

    received_at: datetime
    clock_offset_ms: int
    head: Head
    answers: list[Answer]


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ids of entries that the phone still keeps."""

    ids: Annotated[list[UUID], msgspec.Meta(max_length=MOST_IDS)]


class HeldBack(msgspec.Struct, frozen=True):
    """An entry that waits for a supervisor."""

    id: UUID
    reason: Reason


class Known(msgspec.Struct, frozen=True):
    """What the server durably has. What is unknown must be sent again."""

    head: Head
    accepted: list[UUID]
    held: list[HeldBack]
    unknown: list[UUID]


class News(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry about the phone's doors, as far as other phones may read it."""

    position: int
    id: UUID
    kind: str
    version: int
    happened_at: datetime
    mine: bool
    body: msgspec.Raw
    unit: int | None = None
    household: int | None = None
    corrects: UUID | None = None


class Download(msgspec.Struct, frozen=True):
    """A page of news. Store `after` together with the entries, never before them."""

    head: Head
    entries: list[News]
    after: int
    more: bool


class SessionFacts(msgspec.Struct, frozen=True):
    """What the session is bound to."""

    device: int
    campaign: str
    unit: int
    areas: tuple[str, ...]
    expires_at: datetime


class State(msgspec.Struct, frozen=True):
    """The server's clock and head, and whether it lost what it once had."""

    now: datetime
    head: Head
    rolled_back: bool
    session: SessionFacts


class Problem(msgspec.Struct, frozen=True):
    """Why nothing of a request was done (RFC 9457)."""

    status: int
    code: str
    detail: str
