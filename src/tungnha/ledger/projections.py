"""Projections: tables that follow from the entries in force, kept up in the transaction that writes the entries.

A projection must be a function of the *set* of entries in force: whichever way and in whichever order they came, the
rows are the same. That is what makes a rebuild possible, and tests hold every projection to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Model

from tungnha.ledger.entries import Recorded

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Projection:
    """What one room derives from the ledger."""

    name: str
    tables: tuple[type[Model], ...]
    apply: Callable[[Sequence[Recorded], Sequence[Recorded]], None]
    """Takes entries that came into force and entries that no longer are. Runs inside the transaction, alone: nobody else
    writes the ledger or its projections meanwhile."""


_projections: list[Projection] = []


def register(projection: Projection) -> None:
    """Have a projection kept up from now on. After adding one to an installation with entries: `tungnha ledger rebuild`."""
    if projection not in _projections:
        _projections.append(projection)


def every() -> list[Projection]:
    """All projections, in the order in which they were registered."""
    return list(_projections)


def apply(added: Sequence[Recorded], withdrawn: Sequence[Recorded]) -> None:
    """Bring every projection up to date."""
    if added or withdrawn:
        for projection in _projections:
            projection.apply(added, withdrawn)


def keep_row_each(
    kind: str,
    table: type[M],
    row: Callable[[Recorded], M],
    added: Sequence[Recorded],
    withdrawn: Sequence[Recorded],
) -> None:
    """For tables with a row for each entry of a kind in force, whose primary key is the entry's id."""
    if gone := [entry.uuid for entry in withdrawn if entry.kind == kind]:
        table._default_manager.filter(pk__in=gone).delete()  # noqa: SLF001 - Django's name for it
    if rows := [row(entry) for entry in added if entry.kind == kind]:
        table._default_manager.bulk_create(rows, batch_size=100)  # noqa: SLF001
