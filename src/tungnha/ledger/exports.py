"""The ledger as Parquet, for whoever analyses it with any tool: no names and no tokens, but every body as it was written."""

from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from tungnha.engine.progress import Advance, silent
from tungnha.ledger import corrections, stored
from tungnha.ledger.entries import Recorded

SCHEMA = pa.schema(
    [
        ("position", pa.int64()),
        ("id", pa.string()),
        ("kind", pa.dictionary(pa.int16(), pa.string())),
        ("version", pa.int16()),
        ("happened_at", pa.timestamp("us", "UTC")),
        ("occurred_at", pa.timestamp("us", "UTC")),
        ("received_at", pa.timestamp("us", "UTC")),
        ("device", pa.int64()),
        ("actor", pa.int64()),
        ("campaign", pa.dictionary(pa.int16(), pa.string())),
        ("unit", pa.int64()),
        ("premises", pa.int64()),
        ("household", pa.int64()),
        ("resident", pa.int64()),
        ("found", pa.string()),
        ("corrects", pa.string()),
        ("in_force", pa.bool_()),
        ("body", pa.string()),
    ]
)
"""`happened_at` is `occurred_at` by the server's clock; an entry not `in_force` was corrected and must not be counted."""


def write_parquet(path: Path, *, advance: Advance = silent) -> int:
    """Write every entry in the order of the ledger; returns how many. Reads piece by piece, so memory stays small."""
    written = 0
    with pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        for piece in stored.in_order():
            standing = {entry.uuid for entry in corrections.in_force(piece)}
            rows = [_row(entry, in_force=entry.uuid in standing) for entry in piece]
            writer.write_table(pa.Table.from_pylist(rows, SCHEMA))
            written += len(piece)
            advance(len(piece))
    return written


def _row(entry: Recorded, *, in_force: bool) -> dict[str, int | str | bool | datetime | None]:
    same = ("position", "kind", "version", "occurred_at", "received_at", "device", "actor", "campaign", "unit",
            "premises", "household", "resident")  # fmt: skip
    row: dict[str, Any] = {name: getattr(entry, name) for name in same}
    return row | {
        "id": str(entry.uuid),
        "happened_at": entry.when,
        "found": _text(entry.found),
        "corrects": _text(entry.corrects),
        "in_force": in_force,
        "body": entry.text,
    }


def _text(uuid: UUID | None) -> str | None:
    return None if uuid is None else str(uuid)
