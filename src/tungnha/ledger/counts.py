"""The daily counts: per unit and day how often each measure was counted, and for how many distinct households."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tungnha.ledger import bulk, kinds
from tungnha.ledger.entries import Recorded
from tungnha.ledger.models import DailyCount, HouseholdDay
from tungnha.ledger.projections import Projection

NO_UNIT = 0
_CELL = ("campaign", "measure", "day", "unit")
_Cell = tuple[str, str, date, int]
_HOME = ("household", "campaign", "measure")
_Home = tuple[int, str, str]
_HOME_DAY = (*_HOME, "day", "unit")
_HomeDay = tuple[int, str, str, date, int]
_Cells = defaultdict[_Cell, list[int]]
"""What changes in each cell: times, households, households for the first time."""


def apply(added: Sequence[Recorded], withdrawn: Sequence[Recorded]) -> None:
    """Count entries that came into force, and uncount those that no longer are."""
    cells: _Cells = defaultdict(lambda: [0, 0, 0])
    homes: defaultdict[_HomeDay, int] = defaultdict(int)
    for sign, entries in ((1, added), (-1, withdrawn)):
        for entry in entries:
            kind = kinds.find(entry.kind, entry.version)
            assert kind is not None
            campaign, household, day, unit = entry.campaign, entry.household, entry.day, entry.unit or NO_UNIT
            for measure in kind.measures(entry.body):
                cells[campaign, measure, day, unit][0] += sign
                if household is not None:
                    homes[household, campaign, measure, day, unit] += sign
    _count_households(homes, cells)
    _write_cells(cells)


def _count_households(changes: Mapping[_HomeDay, int], cells: _Cells) -> None:
    """Write the changes of households' days. What it takes does not grow with how long households have been visited."""
    stood, first_before = _stood(changes)
    left = {key: stood.get(key, 0) + change for key, change in changes.items()}
    appeared = [key for key, times in left.items() if times and key not in stood]
    gone = [key for key, times in left.items() if not times and key in stood]
    first_before |= _first_days({key[:3] for key in gone})
    bulk.insert(HouseholdDay, (*_HOME_DAY, "times"), [(*key, left[key]) for key in appeared])
    bulk.put(HouseholdDay, (*_HOME_DAY, "times"), [(*key, left[key]) for key in stood if left[key]], key=5)
    bulk.remove(HouseholdDay, _HOME_DAY, gone)
    first = first_before.copy()
    for household, campaign, measure, day, unit in appeared:
        home = (household, campaign, measure)
        first[home] = min(first.get(home, (day, unit)), (day, unit))
    # Only where a day went must what stands be looked at again.
    again = {key[:3] for key in gone}
    first = {home: when for home, when in first.items() if home not in again} | _first_days(again)
    for sign, keys in ((1, appeared), (-1, gone)):
        for _, campaign, measure, day, unit in keys:
            cells[campaign, measure, day, unit][1] += sign
    for sign, firsts, others in ((1, first, first_before), (-1, first_before, first)):
        for home, (day, unit) in firsts.items():
            if others.get(home) != (day, unit):
                cells[home[1], home[2], day, unit][2] += sign


_FIRST = (
    "(SELECT first.day || ' ' || first.unit FROM ledger_householdday first WHERE first.household = wanted.household"
    " AND first.campaign = wanted.campaign AND first.measure = wanted.measure ORDER BY first.day, first.unit LIMIT 1)"
)
"""The first day and unit of a household, found by the key, however many days follow."""


def _stood(keys: Iterable[_HomeDay]) -> tuple[dict[_HomeDay, int], dict[_Home, tuple[date, int]]]:
    """How often each was counted; of those that never were, what the household's first day was, if it had one."""
    rows = bulk.select_by(
        "SELECT wanted.household, wanted.campaign, wanted.measure, wanted.day, wanted.unit, d.times,"  # noqa: S608 - our own text
        f" CASE WHEN d.times IS NULL THEN {_FIRST} END FROM {{keys}} LEFT JOIN ledger_householdday d"
        " ON d.household = wanted.household AND d.campaign = wanted.campaign AND d.measure = wanted.measure"
        " AND d.day = wanted.day AND d.unit = wanted.unit",
        HouseholdDay,
        _HOME_DAY,
        list(keys),
    )
    times = {
        (home, campaign, measure, _day(day), unit): count
        for home, campaign, measure, day, unit, count, _ in rows
        if count is not None
    }
    return times, _read_firsts((*row[:3], row[6]) for row in rows)


def _first_days(homes: Iterable[_Home]) -> dict[_Home, tuple[date, int]]:
    rows = bulk.select_by(
        f"SELECT household, campaign, measure, {_FIRST} FROM {{keys}}",  # noqa: S608 - our own text, as above
        HouseholdDay,
        _HOME,
        list(homes),
    )
    return _read_firsts(rows)


def _read_firsts(rows: Iterable[tuple[Any, ...]]) -> dict[_Home, tuple[date, int]]:
    firsts = {}
    for household, campaign, measure, first in rows:
        if first is not None:
            day, unit = first.split()
            firsts[household, campaign, measure] = (date.fromisoformat(day), int(unit))
    return firsts


def _write_cells(changes: _Cells) -> None:
    rows = bulk.select_by(
        "SELECT c.campaign, c.measure, c.day, c.unit, c.times, c.households, c.first_households FROM {keys}"
        " JOIN ledger_dailycount c ON c.campaign = wanted.campaign AND c.measure = wanted.measure"
        " AND c.day = wanted.day AND c.unit = wanted.unit",
        DailyCount,
        _CELL,
        list(changes),
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
    bulk.put(DailyCount, (*_CELL, "times", "households", "first_households"), written, key=len(_CELL))
    bulk.remove(DailyCount, _CELL, gone)


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


DAILY_COUNTS = Projection("daily counts", (HouseholdDay, DailyCount), apply)
