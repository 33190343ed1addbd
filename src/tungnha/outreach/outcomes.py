"""What follows from the visits: how each household stands, and which steps its residents took."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tungnha.ledger import bulk, queries
from tungnha.ledger.entries import Recorded
from tungnha.ledger.projections import Projection
from tungnha.outreach.models import HouseholdOutcome, ResidentStep
from tungnha.outreach.visits import VISIT, Visit

_Row = tuple[Any, ...]
_OUTCOME = ("household", "campaign", "attempts", "unit", "outcome", "come_back_at", "happened_at", "entry")
_STEP = ("household", "campaign", "resident", "step", "actor", "hands", "happened_at", "entry")
_LATER = "(excluded.happened_at, excluded.entry) > (stood.happened_at, stood.entry)"
_LAST_VISIT = "attempts = stood.attempts + excluded.attempts, " + ", ".join(
    f"{column} = CASE WHEN {_LATER} THEN excluded.{column} ELSE stood.{column} END" for column in _OUTCOME[3:]
)
_LAST_CLAIM = f"{', '.join(f'{column} = excluded.{column}' for column in _STEP[4:])} WHERE {_LATER}"


def apply(added: Sequence[Recorded], withdrawn: Sequence[Recorded]) -> None:
    """Take in visits; a household of which one was withdrawn is worked out again from those that stand."""
    again = {entry.household for entry in withdrawn if entry.kind == VISIT.name}
    visits = [entry for entry in added if entry.kind == VISIT.name and entry.household not in again]
    if again:
        homes = [home for home in again if home is not None]
        for table in (HouseholdOutcome, ResidentStep):
            table.objects.filter(household__in=homes).delete()
        visits += queries.standing([VISIT.name], homes)
    if visits:
        _put_outcomes(visits)
        _put_steps(visits)


def _put_outcomes(visits: Iterable[Recorded]) -> None:
    """The last visit gives the outcome, whenever it was told; every visit counts as an attempt."""
    rows: dict[_Row, _Row] = {}
    attempts: Counter[_Row] = Counter()
    for entry in visits:
        key = (entry.household, entry.campaign)
        attempts[key] += 1
        if key not in rows or (entry.when, entry.uuid) > rows[key][-2:]:
            body = _visit(entry)
            rows[key] = (entry.unit, body.outcome.value, body.come_back_at, entry.when, entry.uuid)
    given = [(*key, attempts[key], *row) for key, row in rows.items()]
    bulk.merge(HouseholdOutcome, _OUTCOME, given, key=2, changes=_LAST_VISIT)


def _put_steps(visits: Iterable[Recorded]) -> None:
    """Of several visits that claim one step, the last says whose hands did it."""
    rows: dict[_Row, _Row] = {}
    for entry in visits:
        for step in _visit(entry).steps:
            key = (entry.household, entry.campaign, step.resident, step.step)
            if key not in rows or (entry.when, entry.uuid) > rows[key][-2:]:
                rows[key] = (entry.actor, step.hands.value, entry.when, entry.uuid)
    bulk.merge(ResidentStep, _STEP, [(*key, *row) for key, row in rows.items()], key=4, changes=_LAST_CLAIM)


def _visit(entry: Recorded) -> Visit:
    assert isinstance(entry.body, Visit)
    return entry.body


OUTCOMES = Projection("visits", (HouseholdOutcome, ResidentStep), apply)
