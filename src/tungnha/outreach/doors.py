"""Turfs as the ledger asks for them: which doors a phone that is bound to a turf may write and read."""

from collections.abc import Iterable

from tungnha.ledger import bulk
from tungnha.outreach.models import Stop


def around(households: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Each of the households with each turf of which it is a stop."""
    return bulk.select("SELECT household_id, turf_id FROM outreach_stop WHERE household_id IN %s", households)


def of(turfs: list[int]) -> list[int]:
    """Every household that is a stop of the turfs."""
    return list(Stop.objects.filter(turf__in=turfs).values_list("household_id", flat=True))
