"""Whether the calendar reaches each unit as often as a theme asks, channel by channel and week by week."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tungnha.campaign import limits
from tungnha.campaign.models import Theme, ThemeChannel
from tungnha.campaign.occurrences import Occurrence
from tungnha.territory.models import Unit


@dataclass(frozen=True)
class Window:
    """Some weeks of a channel's goal: how often it asks there, and the units that are reached less often."""

    first: date
    last: date
    required: int
    short: tuple[Unit, ...]
    fewest: int
    """How often the least reached unit is reached."""


@dataclass(frozen=True)
class Frequency:
    """A channel's goal against the calendar."""

    goal: ThemeChannel
    windows: tuple[Window, ...]

    @property
    def failing(self) -> int:
        """In how many windows some unit is reached less often than asked."""
        return sum(bool(window.short) for window in self.windows)


def frequencies(
    theme: Theme, goals: Iterable[ThemeChannel], units: Sequence[Unit], planned: Iterable[Occurrence]
) -> list[Frequency]:
    """For each channel of a theme, the weeks in which it fails to reach units as often as it must.

    `planned` are the theme's occurrences over its whole validity. What is planned for a unit above reaches every unit
    below. A touch that lasts over several weeks reaches people in each of them.
    """
    by_channel: dict[str, list[Occurrence]] = defaultdict(list)
    for one in planned:
        if one.stopped is None:
            by_channel[one.touch.what.channel].append(one)
    return [
        Frequency(
            goal, tuple(_window(one, goal, units, by_channel[goal.channel]) for one in _windows(theme, goal))
        )
        for goal in goals
    ]


def _windows(theme: Theme, goal: ThemeChannel) -> list[tuple[date, date]]:
    """The stretches that a goal speaks of, from Mondays on, cut to the days on which theme and campaign both run."""
    first = max(theme.start, theme.campaign.start)
    last = min(theme.end, theme.campaign.deadline)
    if goal.weeks is None:
        return [(first, last)] if first <= last else []
    found = []
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        following = monday + timedelta(weeks=goal.weeks)
        found.append((max(monday, first), min(following - timedelta(days=1), last)))
        monday = following
    return found


def _window(
    days: tuple[date, date], goal: ThemeChannel, units: Sequence[Unit], planned: Iterable[Occurrence]
) -> Window:
    first, last = days
    required = goal.times
    if goal.weeks is not None:
        # Weeks cut short ask for less: no week fails for days it does not have.
        required = goal.times * ((last - first).days + 1) // (7 * goal.weeks)
    counts = Counter(one.touch.unit_id for one in planned if next(one.days(first, last), None) is not None)
    reached = {unit.pk: sum(counts[key] for key in limits.keys(unit.path)) for unit in units}
    short = tuple(unit for unit in units if reached[unit.pk] < required)
    return Window(first, last, required, short, min(reached.values(), default=0))
