"""When touches take place: their occurrences between two days, and why one does not take place. Pure.

All days and hours are those on the campaign's clocks, without a zone.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tungnha.campaign import recurrence
from tungnha.campaign.models import Theme, Touch


class Stopped(StrEnum):
    """Why an occurrence does not take place."""

    CANCELLED = "cancelled"
    LEFT_OUT = "left out"
    EXPIRED = "expired"  # what it would say is no longer true


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that a touch takes place, or (`stopped`) does not."""

    touch: Touch
    start: datetime
    end: datetime
    stopped: Stopped | None = None

    def days(self, first: date, last: date) -> Iterator[date]:
        """The days it lies on, among those from `first` to `last`."""
        day = max(self.start.date(), first)
        while day <= last and (day == self.start.date() or midnight(day) < self.end):
            yield day
            day += timedelta(days=1)


def expires(theme: Theme) -> datetime:
    """The midnight from which a theme is no longer true."""
    return midnight(theme.end + timedelta(days=1))


def cancelled(touch: Touch, zone: ZoneInfo) -> datetime | None:
    """The moment from which a touch is cancelled, on the campaign's clocks."""
    return touch.cancelled_from.astimezone(zone).replace(tzinfo=None) if touch.cancelled_from else None


def stops(touch: Touch, zone: ZoneInfo) -> datetime | None:
    """The moment from which a touch takes place no more, cancelled or expired; None where it runs its course."""
    ends = (cancelled(touch, zone), expires(touch.theme) if touch.theme else None)
    return min((one for one in ends if one is not None), default=None)


def midnight(day: date) -> datetime:
    """The moment at which a day begins."""
    return datetime.combine(day, datetime.min.time())


def expand(touches: Iterable[Touch], first: date, last: date, zone: ZoneInfo) -> list[Occurrence]:
    """Every occurrence that lies, in part, on the days from `first` to `last`, in the order of their beginnings."""
    found = [one for touch in touches for one in _of(touch, first, last, zone)]
    found.sort(key=lambda one: (one.start, one.end, one.touch.pk))
    return found


def _of(touch: Touch, first: date, last: date, zone: ZoneInfo) -> Iterator[Occurrence]:
    every = recurrence.days(touch.rule, touch.day)
    length = timedelta(minutes=touch.minutes)
    left_out = {one.day for one in touch.exceptions.all()} if touch.rule else frozenset()
    off, stop = cancelled(touch, zone), stops(touch, zone)
    morning, begins = midnight(first), touch.start.time()
    for day in every[bisect_left(every, first - length - timedelta(days=1)) : bisect_right(every, last)]:
        start = datetime.combine(day, begins)
        end = start + length
        if end <= morning:
            continue
        stopped = None
        if off is not None and start >= off:
            stopped = Stopped.CANCELLED
        elif day in left_out:
            stopped = Stopped.LEFT_OUT
        elif stop is not None and start >= stop:
            stopped = Stopped.EXPIRED
        elif stop is not None:
            end = min(end, stop)
        yield Occurrence(touch, start, end, stopped)
