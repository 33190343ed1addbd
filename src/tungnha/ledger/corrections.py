"""What undoes an entry: another entry that points at it.

An entry is *in force* unless an effective correction points at it. A correction is effective when it was written by
the same person, or in the office. One that is not effective is kept and changes nothing. Nothing brings a corrected
entry back: what is true again is written again. So what is in force depends on the entries alone, not on the order
in which they came.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from tungnha.ledger import bulk, stored
from tungnha.ledger.entries import Recorded

_CORRECTING = "SELECT corrects, actor_id, device_id FROM ledger_entry WHERE corrects IN %s"


def effective(*, actor: int, device: int | None, on: int) -> bool:
    """Whether a correction by `actor` counts against an entry that the person `on` wrote."""
    return device is None or actor == on


def in_force(entries: Sequence[Recorded], *, before: int | None = None) -> list[Recorded]:
    """Those that no effective correction points at; with `before`, only corrections at lower positions count."""
    until = "" if before is None else f" AND position < {before}"
    by: dict[UUID, list[tuple[int, int | None]]] = {}
    for corrected, actor, device in bulk.select(_CORRECTING + until, [entry.uuid for entry in entries]):
        target = bulk.from_database_uuid(corrected)
        assert target is not None
        by.setdefault(target, []).append((actor, device))
    return [
        entry
        for entry in entries
        if not any(
            effective(actor=actor, device=device, on=entry.actor) for actor, device in by.get(entry.uuid, ())
        )
    ]


def effects(written: Sequence[Recorded]) -> tuple[list[Recorded], list[Recorded]]:
    """Which entries came into force by what was just written, and which no longer are."""
    first = written[0].position
    corrections: dict[UUID, list[Recorded]] = {}
    for entry in written:
        if entry.corrects is not None:
            corrections.setdefault(entry.corrects, []).append(entry)
    targets = [
        target
        for target in stored.with_ids(corrections)
        if target.position < first
        and any(
            effective(actor=one.actor, device=one.device, on=target.actor) for one in corrections[target.uuid]
        )
    ]
    return in_force(written), in_force(targets, before=first) if targets else []


def strangers(entries: Iterable[Recorded]) -> set[UUID]:
    """Of corrections about to be written, those that point at an entry on which they could not be effective."""
    correcting = {entry.uuid: entry for entry in entries if entry.corrects is not None}
    actors = {
        target.uuid: target.actor for target in stored.with_ids(one.corrects for one in correcting.values())
    }
    return {
        uuid
        for uuid, one in correcting.items()
        if one.corrects in actors
        and not effective(actor=one.actor, device=one.device, on=actors[one.corrects])
    }
