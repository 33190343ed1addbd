"""Households that stand there and are not on the list: what keeps the denominator honest.

A phone reports one; the office records what became of it. Both are entries, and the list of them is their projection.
"""

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from django.db.models import Q

from tungnha.accounts.roles import Action
from tungnha.ledger.entries import Recorded
from tungnha.ledger.kinds import Body, Kind, Part
from tungnha.ledger.projections import Projection, keep_row_each
from tungnha.outreach.models import FoundHousehold
from tungnha.outreach.notes import without_secrets


class HouseholdFound(Body, frozen=True):
    """A door that no list names. Whoever keeps the register looks into it; a phone writes no name."""

    address: Annotated[str, msgspec.Meta(min_length=3, max_length=200)]
    people: Annotated[int, msgspec.Meta(ge=1, le=60)]

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "address", without_secrets(self.address))


FOUND = Kind(
    "household-found",
    1,
    HouseholdFound,
    needs=frozenset({Part.UNIT}),
    by_device=True,
    action=Action.PEOPLE,
    measures=lambda _body: ("household_found",),
)


Finding = Literal["added", "known", "none"]


class FoundSettled(Body, frozen=True):
    """What became of a household that was found (`FoundHousehold.Finding`)."""

    finding: Finding


SETTLED = Kind(
    "household-found-settled",
    1,
    FoundSettled,
    needs=frozenset({Part.UNIT, Part.FOUND}),
    by_device=False,
    action=Action.PEOPLE,
)


def apply(added: Sequence[Recorded], withdrawn: Sequence[Recorded]) -> None:
    """Take in households that were found, and what became of them."""
    keep_row_each(FOUND.name, FoundHousehold, _row, added, withdrawn)
    for entry in added:
        if entry.kind == SETTLED.name:
            assert isinstance(entry.body, FoundSettled)
            assert entry.found is not None  # the kind needs it
            earlier = Q(settled_at=None) | Q(settled_at__lt=entry.when)
            FoundHousehold.objects.filter(earlier, pk=entry.found).update(
                finding=entry.body.finding, settled_by=entry.actor, settled_at=entry.when
            )


def _row(entry: Recorded) -> FoundHousehold:
    assert isinstance(entry.body, HouseholdFound)
    assert entry.unit is not None  # the kind needs it
    return FoundHousehold(
        entry=entry.uuid, campaign=entry.campaign, unit=entry.unit, address=entry.body.address, people=entry.body.people,
        happened_at=entry.when, actor=entry.actor,
    )  # fmt: skip


HOUSEHOLDS_FOUND = Projection("households_found", (FoundHousehold,), apply)
