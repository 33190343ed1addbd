"""Projections from nothing: the proof that they follow from the ledger, and the way to change or mend one."""

import hashlib
from dataclasses import dataclass

from django.db.models import Model

from tungnha.engine.progress import Advance, silent
from tungnha.ledger import corrections, projections, stored, writing

_PIECE = 5_000


@dataclass(frozen=True)
class Rebuilt:
    """How one table came out."""

    table: str
    rows: int
    same: bool
    """Whether it held exactly these rows before."""


def rebuild(*, advance: Advance = silent) -> list[Rebuilt]:
    """Empty every projection and fill it again from the entries in force. Nobody writes meanwhile; all or nothing.

    `advance` counts entries. Raises UnreadableBodyError where a kind was lost or changed.
    """
    tables = [table for projection in projections.every() for table in projection.tables]
    with writing.turn():
        before = [_fingerprint(table) for table in tables]
        for table in tables:
            table.objects.all().delete()  # type: ignore[attr-defined]
        for piece in stored.in_order(_PIECE):
            projections.apply(corrections.in_force(piece), ())
            advance(len(piece))
        after = [_fingerprint(table) for table in tables]
    return [
        Rebuilt(table._meta.db_table, now[0], then == now)  # noqa: SLF001
        for table, then, now in zip(tables, before, after, strict=True)
    ]


def _fingerprint(table: type[Model]) -> tuple[int, int]:
    """How many rows a table has, and the exclusive or of their hashes: the same for the same rows in any order."""
    names = [field.attname for field in table._meta.concrete_fields]  # noqa: SLF001
    rows = mixed = 0
    for row in table.objects.values_list(*names).iterator(_PIECE):  # type: ignore[attr-defined]
        rows += 1
        mixed ^= int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=16).digest(), "big")
    return rows, mixed
