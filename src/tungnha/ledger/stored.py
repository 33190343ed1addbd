"""Entries out of the table and into it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tungnha.ledger import bulk
from tungnha.ledger.entries import GENESIS, Recorded
from tungnha.ledger.models import Entry

COLUMNS = (
    "position", "uuid", "kind", "version", "occurred_at", "received_at", "clock_offset", "device", "actor",
    "campaign", "unit", "premises", "household", "resident", "found", "corrects", "body",
)  # fmt: skip
_NAMES = ", ".join(bulk.columns_of(Entry, COLUMNS))
_SELECT = f"SELECT {_NAMES} FROM ledger_entry"  # noqa: S608 - our own column names


def _recorded(row: Sequence[Any]) -> Recorded:
    (position, uuid, kind, version, occurred, received, offset, device, actor, campaign,
     unit, premises, household, resident, found, corrects, text) = row  # fmt: skip
    made = bulk.from_database_uuid(uuid)
    assert made is not None
    return Recorded(
        made, kind, version, bulk.from_database_time(occurred), bulk.from_database_time(received), offset, device,
        actor, campaign, unit, premises, household, resident, bulk.from_database_uuid(found),
        bulk.from_database_uuid(corrects), text, position,
    )  # fmt: skip


def with_ids(ids: Iterable[UUID | None]) -> list[Recorded]:
    """The entries with these ids, in the order of the ledger."""
    wanted = list(ids)
    return read("WHERE uuid IN %s ORDER BY position", wanted) if wanted else []


def read(condition: str, *lists: Iterable[Any]) -> list[Recorded]:
    """Entries by an SQL condition of our own, each `IN %s` of which takes a list."""
    return [_recorded(row) for row in bulk.select(f"{_SELECT} {condition}", *lists)]


def in_order(size: int = 5_000, *, after: int = 0) -> Iterator[list[Recorded]]:
    """The whole ledger from one position on, in pieces."""
    while piece := read(f"WHERE position > {after} ORDER BY position LIMIT {size}"):
        yield piece
        after = piece[-1].position


def hashes(after: int, until: int) -> list[bytes]:
    """The stored hashes of a stretch of the ledger, in order."""
    rows = Entry.objects.filter(position__gt=after, position__lte=until).values_list("hash", flat=True)
    return [bytes(one) for one in rows]


def head() -> tuple[int, bytes]:
    """The last position and the chain's hash there."""
    with bulk.cursor() as cursor:
        cursor.execute("SELECT position, hash FROM ledger_entry ORDER BY position DESC LIMIT 1")
        row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else (0, GENESIS)


def position_before(moment: datetime) -> int:
    """The last position that was surely received before a moment, by halving: positions come in the order of receipt."""
    low, high = 0, head()[0]
    while low < high:
        middle = (low + high + 1) // 2
        received = Entry.objects.values_list("received_at", flat=True).get(pk=middle)
        low, high = (middle, high) if received < moment else (low, middle - 1)
    return low


def add(entries: Sequence[Recorded], hashes: Sequence[bytes]) -> None:
    """Insert entries that have their positions. Raises IntegrityError, and then the transaction is lost."""
    bulk.insert(
        Entry,
        (*COLUMNS, "hash"),
        [
            (
                one.position, one.uuid, one.kind, one.version, one.occurred_at, one.received_at, one.clock_offset,
                one.device, one.actor, one.campaign, one.unit, one.premises, one.household, one.resident, one.found,
                one.corrects, one.text, digest,
            )
            for one, digest in zip(entries, hashes, strict=True)
        ],
    )  # fmt: skip


def hash_at(position: int) -> bytes:
    """The chain's hash at a position; empty where there is none."""
    found = Entry.objects.filter(position=position).values_list("hash", flat=True).first()
    return b"" if found is None else bytes(found)
