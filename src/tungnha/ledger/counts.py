"""The daily counts: per unit and day how often each measure was counted, and for how many distinct households."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from tungnha.ledger import bulk, kinds
from tungnha.ledger.entries import Recorded
from tungnha.ledger.models import DailyCount, HouseholdDay
from tungnha.ledger.projections import Projection

NO_UNIT = 0
_Cell = tuple[str, str, date, int]
"""Campaign, measure, day, unit."""
_Home = tuple[int, str, str]
"""Household, campaign, measure."""
_Days = dict[tuple[date, int], int]
"""Times counted, by day and unit."""


def apply(added: Sequence[Recorded], withdrawn: Sequence[Recorded]) -> None:
    """Count entries that came into force, and uncount those that no longer are."""
    cells: defaultdict[_Cell, list[int]] = defaultdict(lambda: [0, 0, 0])
    homes: defaultdict[_Home, Counter[tuple[date, int]]] = defaultdict(Counter)
    for sign, entries in ((1, added), (-1, withdrawn)):
        for entry in entries:
            kind = kinds.find(entry.kind, entry.version)
            assert kind is not None
            unit = entry.unit or NO_UNIT
            for measure in kind.measures(entry.body):
                cells[entry.campaign, measure, entry.day, unit][0] += sign
                if entry.household is not None:
                    homes[entry.household, entry.campaign, measure][entry.day, unit] += sign
    _count_households(homes, cells)
    _write_cells(cells)


def _count_households(
    homes: dict[_Home, Counter[tuple[date, int]]], cells: defaultdict[_Cell, list[int]]
) -> None:
    stood = _stood(homes)
    changed, gone = [], []
    for home, change in homes.items():
        household, campaign, measure = home
        before = stood.get(home, {})
        after = dict(before)
        for key, times in change.items():
            left = after.pop(key, 0) + times
            if left:
                after[key] = left
                changed.append((household, campaign, measure, *key, left))
            elif key in before:
                gone.append((household, campaign, measure, *key))
            if (key in after) != (key in before):
                cells[campaign, measure, *key][1] += 1 if key in after else -1
        first, first_before = min(after, default=None), min(before, default=None)
        if first != first_before:
            if first is not None:
                cells[campaign, measure, *first][2] += 1
            if first_before is not None:
                cells[campaign, measure, *first_before][2] -= 1
    names = ("household", "campaign", "measure", "day", "unit")
    bulk.put(HouseholdDay, (*names, "times"), changed, key=len(names))
    bulk.remove(HouseholdDay, names, gone)


def _stood(homes: Iterable[_Home]) -> dict[_Home, _Days]:
    rows = bulk.select(
        "SELECT household, campaign, measure, day, unit, times FROM ledger_householdday WHERE household IN %s",
        {household for household, _, _ in homes},
    )
    found: dict[_Home, _Days] = {}
    for household, campaign, measure, day, unit, times in rows:
        found.setdefault((household, campaign, measure), {})[_day(day), unit] = times
    return found


def _write_cells(changes: dict[_Cell, list[int]]) -> None:
    if not changes:
        return
    campaigns, measures, days, units = (set(part) for part in zip(*changes, strict=True))
    rows = bulk.select(
        "SELECT campaign, measure, day, unit, times, households, first_households FROM ledger_dailycount"
        " WHERE campaign IN %s AND measure IN %s AND day IN %s AND unit IN %s",
        campaigns,
        measures,
        days,
        units,
    )
    stood: dict[_Cell, Sequence[int]] = {
        (campaign, measure, _day(day), unit): figures for campaign, measure, day, unit, *figures in rows
    }
    written, gone = [], []
    for cell, change in changes.items():
        figures = [old + new for old, new in zip(stood.get(cell, (0, 0, 0)), change, strict=True)]
        if any(figures):
            written.append((*cell, *figures))
        elif cell in stood:
            gone.append(cell)
    key = ("campaign", "measure", "day", "unit")
    bulk.put(DailyCount, (*key, "times", "households", "first_households"), written, key=len(key))
    bulk.remove(DailyCount, key, gone)


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


DAILY_COUNTS = Projection("daily counts", (HouseholdDay, DailyCount), apply)
