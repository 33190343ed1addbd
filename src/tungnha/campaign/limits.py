"""Local limits on what is heard, as they are checked: quiet hours read from text, and the next hour that fits. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from tungnha.campaign.models import SlotRules
from tungnha.campaign.recurrence import WEEKDAYS

DAY = 24 * 60
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


class NotHoursError(ValueError):
    """The text is no list of hours such as 22:00-05:00, 11:30-13:30."""


@lru_cache(maxsize=1024)
def quiet_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Quiet hours as minutes of the day from midnight, in order; a span over midnight becomes two.

    >>> quiet_spans("22:00-05:00, 11:30-13:30")
    ((0, 300), (690, 810), (1320, 1440))
    """
    spans = []
    for piece in filter(None, (piece.strip() for piece in text.split(","))):
        match = _SPAN.fullmatch(piece)
        if match is None:
            raise NotHoursError(piece)
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
        if from_minute > 59 or to_minute > 59 or not 0 <= start < DAY or not 0 < end <= DAY or start == end:
            raise NotHoursError(piece)
        spans += [(start, end)] if start < end else [(0, end), (start, DAY)]
    return tuple(sorted(spans))


@lru_cache(maxsize=4096)
def fitting_start(quiet: str, start: int, minutes: int) -> int | None:
    """The first minute of the day, at `start` or later, and else the first of all, from which no minute is quiet.

    None where nothing of that length fits between the quiet hours.
    """
    spans = quiet_spans(quiet)
    free = [one for one in (start, *(end for _, end in spans), 0) if _is_free(spans, one, minutes)]
    return min(free, key=lambda one: (one < start, one), default=None)


def _is_free(spans: Iterable[tuple[int, int]], start: int, minutes: int) -> bool:
    if start >= DAY or minutes > DAY:
        return False
    return not any(
        start < end + shift and start + minutes > begin + shift for begin, end in spans for shift in (0, DAY)
    )


@dataclass(frozen=True)
class Limits:
    """The rules of the nearest unit that has some."""

    quiet: str = ""
    weekdays: frozenset[int] = frozenset(range(7))
    sessions: int | None = None
    minutes: int | None = None
    gap: int | None = None
    visit_gap: int = 0


NONE = Limits()


def of(rules: SlotRules) -> Limits:
    """What stored rules say."""
    named = rules.weekdays.split(",") if rules.weekdays else WEEKDAYS
    return Limits(
        rules.quiet,
        frozenset(WEEKDAYS.index(day) for day in named),
        rules.sessions_a_day,
        rules.minutes_a_session,
        rules.gap_minutes,
        rules.visit_gap_days or 0,
    )


def keys(path: str) -> list[int]:
    """The primary keys of a unit and of those above it, nearest first, from its path."""
    return [int(key) for key in path.strip("/").split("/")[::-1]]


def nearest(rules: dict[int, Limits], path: str) -> Limits:
    """The limits that hold in the unit with a path: its own, else those of the nearest unit above it."""
    return next((rules[key] for key in keys(path) if key in rules), NONE)
