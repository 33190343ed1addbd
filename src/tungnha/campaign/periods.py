"""Reporting periods: the day, week, month, quarter or year that a figure is about."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Length(StrEnum):
    """How long a reporting period is. A week runs from Monday to Sunday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_MONTHS = {Length.MONTH: 1, Length.QUARTER: 3, Length.YEAR: 12}


@dataclass(frozen=True, order=True)
class Period:
    """A stretch of days, both ends included."""

    start: date
    end: date


def period_of(day: date, length: str) -> Period:
    """The period of a length that holds a day. Raises ValueError for an unknown length."""
    length = Length(length)
    if length == Length.DAY:
        return Period(day, day)
    if length == Length.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Period(monday, monday + timedelta(days=6))
    months = _MONTHS[length]
    start = date(day.year, (day.month - 1) // months * months + 1, 1)
    beyond = start.month + months - 1
    return Period(start, date(start.year + beyond // 12, beyond % 12 + 1, 1) - timedelta(days=1))


def before(period: Period, length: str) -> Period:
    """The period just before one."""
    return period_of(period.start - timedelta(days=1), length)


def due(day: date, length: str) -> Period:
    """The last period that is over on the evening of a day: what a unit owes a figure for."""
    here = period_of(day, length)
    return here if here.end == day else before(here, length)
