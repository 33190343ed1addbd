"""A stretch of the calendar laid out: as a grid of rows by days, or as an agenda, day by day.

The grid of 126 units over a month has four thousand cells, so its cells are written here, not in a template.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.safestring import SafeString, mark_safe

from tungnha.campaign.conflicts import Conflict
from tungnha.campaign.occurrences import Occurrence
from tungnha.campaign.touch_kinds import Kind


def week_of(day: date) -> tuple[date, date]:
    """Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of a month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def days_between(first: date, last: date) -> list[date]:
    """Every day from one to another."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def clashes(conflicts: Iterable[Conflict]) -> set[tuple[int, date]]:
    """Which touches have a conflict on which days."""
    found: set[tuple[int, date]] = set()
    for one in conflicts:
        for touch in (one.touch, one.other):
            if touch is not None:
                found.update((touch.pk, day) for day in one.days)
    return found


@dataclass(frozen=True)
class Row:
    """A row of the grid: what it is about, its totals, and its cells as HTML."""

    key: int
    label: str
    total: int
    clashes: int
    cells: SafeString


def grid(
    rows: Sequence[tuple[int, str]],
    key_of: Callable[[Occurrence], int],
    occurrences: Iterable[Occurrence],
    clashing: Collection[tuple[int, date]],
    days: Sequence[date],
) -> list[Row]:
    """How many touches each row has on each day; those that do not take place are not counted. A clash is marked “!”."""
    counts: dict[int, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    totals: dict[int, int] = defaultdict(int)
    marked: set[tuple[int, date]] = set()
    for one in occurrences:
        if one.stopped is not None:
            continue
        key = key_of(one)
        totals[key] += 1
        for day in one.days(days[0], days[-1]):
            counts[key][day] += 1
            if (one.touch.pk, day) in clashing:
                marked.add((key, day))
    return [
        Row(
            key,
            label,
            totals[key],
            sum((key, day) in marked for day in days),
            _cells(counts[key], [(day, (key, day) in marked) for day in days]),
        )
        for key, label in rows
    ]


def _cells(counts: dict[date, int], days: Iterable[tuple[date, bool]]) -> SafeString:
    cells = []
    for day, clash in days:
        number = counts.get(day)
        if number is None:
            cells.append("<td></td>")
        else:
            cells.append(f'<td class="clash">{number}!</td>' if clash else f"<td>{number}</td>")
    return mark_safe("".join(cells))  # noqa: S308 - digits and tags of our own


@dataclass(frozen=True)
class Entry:
    """What is on at one time under one title: one touch, or the same thing in several units."""

    kind: Kind
    title: str
    time: str
    """Hours as HH:MM–HH:MM, empty where it takes the whole day or goes on from the day before."""
    touch_id: int
    units: list[str]
    stopped: bool
    clash: bool


@dataclass(frozen=True)
class Day:
    """A day of the agenda; `outside` where it only fills up a week."""

    day: date
    outside: bool
    entries: list[Entry]


def agenda(
    occurrences: Iterable[Occurrence], clashing: Collection[tuple[int, date]], first: date, last: date
) -> list[Day]:
    """Every day in whole weeks with what is on; what is the same in several units stands once."""
    by_day: dict[date, dict[tuple[str, str, str, bool], list[Occurrence]]] = defaultdict(dict)
    for one in occurrences:
        for day in one.days(first, last):
            key = (_time(one, day), one.touch.kind, one.touch.title, one.stopped is not None)
            by_day[day].setdefault(key, []).append(one)
    days = days_between(week_of(first)[0], week_of(last)[1])
    return [Day(day, not first <= day <= last, _entries(day, by_day.get(day, {}), clashing)) for day in days]


def _time(one: Occurrence, day: date) -> str:
    if one.touch.begins is None or one.start.date() != day:
        return ""
    return f"{one.start:%H:%M}–{one.end:%H:%M}"


def _entries(
    day: date,
    groups: dict[tuple[str, str, str, bool], list[Occurrence]],
    clashing: Collection[tuple[int, date]],
) -> list[Entry]:
    return [
        Entry(
            kind=group[0].touch.what,
            title=title,
            time=time,
            touch_id=group[0].touch.pk,
            units=[one.touch.unit.name for one in group],
            stopped=stopped,
            clash=any((one.touch.pk, day) in clashing for one in group),
        )
        for (time, _kind, title, stopped), group in sorted(groups.items())
    ]
