"""What follows from the visits: how each household stands, and which steps its residents took."""

from collections.abc import Iterable, Sequence
from typing import Any

from tungnha.ledger import bulk, queries
from tungnha.ledger.entries import Recorded
from tungnha.ledger.projections import Projection
from tungnha.outreach.models import HouseholdOutcome, ResidentStep
from tungnha.outreach.visits import VISIT, Visit

_Row = tuple[Any, ...]
_OUTCOME = ("household", "campaign", "unit", "outcome", "attempts", "happened_at", "entry", "come_back_at")
_STEP = ("household", "campaign", "resident", "step", "hands", "happened_at", "entry", "actor")
_WHEN_OUTCOME, _ATTEMPTS, _WHEN_STEP = 5, 4, 5


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
    rows = _stored(HouseholdOutcome, "outreach_householdoutcome", _OUTCOME, visits, key=2)
    for entry in visits:
        body = _visit(entry)
        key = (entry.household, entry.campaign)
        stood = rows.get(key)
        attempts = (stood[_ATTEMPTS] if stood else 0) + 1
        if stood is None or (entry.when, entry.uuid) > stood[_WHEN_OUTCOME : _WHEN_OUTCOME + 2]:
            rows[key] = (
                *key, entry.unit, body.outcome.value, attempts, entry.when, entry.uuid, body.come_back_at
            )  # fmt: skip
        else:
            rows[key] = (*stood[:_ATTEMPTS], attempts, *stood[_ATTEMPTS + 1 :])
    bulk.put(HouseholdOutcome, _OUTCOME, list(rows.values()), key=2)


def _put_steps(visits: Iterable[Recorded]) -> None:
    """Of several visits that claim one step, the last says whose hands did it."""
    speaking = [entry for entry in visits if _visit(entry).steps]
    if not speaking:
        return
    rows = _stored(ResidentStep, "outreach_residentstep", _STEP, speaking, key=4)
    for entry in speaking:
        for step in _visit(entry).steps:
            key = (entry.household, entry.campaign, step.resident, step.step)
            stood = rows.get(key)
            if stood is None or (entry.when, entry.uuid) > stood[_WHEN_STEP : _WHEN_STEP + 2]:
                rows[key] = (*key, step.hands.value, entry.when, entry.uuid, entry.actor)
    bulk.put(ResidentStep, _STEP, list(rows.values()), key=4)


def _stored(
    model: Any, table: str, names: Sequence[str], visits: Iterable[Recorded], *, key: int
) -> dict[_Row, _Row]:
    """The rows there are about the visits' households, by their key; times and ids as Python has them."""
    columns = ", ".join(bulk.columns_of(model, names))
    found = bulk.select(
        f"SELECT {columns} FROM {table} WHERE household IN %s",  # noqa: S608 - our own names
        {entry.household for entry in visits},
    )
    when, uuid = names.index("happened_at"), names.index("entry")
    back = names.index("come_back_at") if "come_back_at" in names else None
    rows = {}
    for one in found:
        row = list(one)
        row[when], row[uuid] = bulk.from_database_time(row[when]), bulk.from_database_uuid(row[uuid])
        if back is not None and row[back] is not None:
            row[back] = bulk.from_database_time(row[back])
        rows[tuple(row[:key])] = tuple(row)
    return rows


def _visit(entry: Recorded) -> Visit:
    assert isinstance(entry.body, Visit)
    return entry.body


OUTCOMES = Projection("visits", (HouseholdOutcome, ResidentStep), apply)
