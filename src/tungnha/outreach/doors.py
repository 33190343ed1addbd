"""Turfs as the ledger asks for them: which doors a phone that is bound to a turf may write and read."""

from tungnha.ledger import bulk
from tungnha.outreach.models import Stop


def within(turfs: list[int], households: list[int]) -> set[int]:
    """Those of the households that are a stop of any of the turfs."""
    rows = bulk.select(
        "SELECT household_id FROM outreach_stop WHERE turf_id IN %s AND household_id IN %s", turfs, households
    )
    return {household for (household,) in rows}


def of(turfs: list[int]) -> list[int]:
    """Every household that is a stop of the turfs."""
    return list(Stop.objects.filter(turf__in=turfs).values_list("household_id", flat=True))
