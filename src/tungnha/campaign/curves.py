"""Staged targets: which share of the way has to be behind one by which day. Shares are hundredths of a percent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

ALL = 10_000
"""The whole way, in hundredths of a percent."""


@dataclass(frozen=True)
class Milestone:
    """By the evening of `day`, `share` of the way is due."""

    day: date
    share: int


def days(start: date, deadline: date, step: int) -> list[date]:
    """Every `step`-th evening of a campaign, counted from its first day, and its last one."""
    count = (deadline - start).days + 1
    return [start + timedelta(days=n - 1) for n in (*range(step, count, step), count)]


def linear(start: date, deadline: date, step: int) -> list[Milestone]:
    """Every day the same."""
    whole = (deadline - start).days + 1
    return [_milestone(day, (day - start).days + 1, whole) for day in days(start, deadline, step)]


def front_loaded(start: date, deadline: date, step: int) -> list[Milestone]:
    """Most at first: the pace falls evenly to nothing, so that half is due after 29 % of the time."""
    whole = (deadline - start).days + 1
    return [
        _milestone(day, whole**2 - (whole - (day - start).days - 1) ** 2, whole**2)
        for day in days(start, deadline, step)
    ]


def _milestone(day: date, done: int, whole: int) -> Milestone:
    return Milestone(day, (2 * ALL * done + whole) // (2 * whole))


def share_on(curve: Sequence[Milestone], start: date, day: date) -> int:
    """What is due by the evening of a day: straight between two milestones, nothing before the first day."""
    before = Milestone(start - timedelta(days=1), 0)
    for after in curve:
        if day <= after.day:
            gone = max((day - before.day).days, 0)
            return before.share + (after.share - before.share) * gone // max((after.day - before.day).days, 1)
        before = after
    return before.share


def due(baseline: int, target: int, share: int) -> int:
    """What a unit should have reached when `share` of its way from the baseline to the target is due; halves up."""
    return baseline + ((target - baseline) * 2 * share + ALL) // (2 * ALL)
