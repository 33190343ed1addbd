"""The entry of a household that stands there and is not on the list: what keeps the denominator honest."""

from typing import Annotated

import msgspec

from tungnha.accounts.roles import Action
from tungnha.ledger.kinds import Body, Kind, Part
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
