"""Projections: tables that follow from the entries in force, kept up in the transaction that writes the entries.

A projection must be a function of the *set* of entries in force: whichever way and in whichever order they came, the
rows are the same. That is what makes a rebuild possible, and tests hold every projection to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Model

from tungnha.ledger.entries import Recorded


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
