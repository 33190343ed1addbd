"""A plan drawn along its days: phases and months above, a bar for each line. Positions are shares of the whole span."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format

from tungnha.campaign.models import Campaign, Phase
from tungnha.campaign.queries.plans import Line


@dataclass(frozen=True)
class Mark:
    """Something on the time axis: where it begins and how long it is, as CSS, and what it is called."""

    label: str
    place: str


@dataclass(frozen=True)
class Chart:
    """The axis of a campaign: its months, its phases, and today's line (empty when outside)."""

    first: date
    days: int
    months: Sequence[Mark]
    phases: Sequence[Mark]
    today: str

    def place(self, start: date, end: date) -> str:
        """CSS for a stretch from the morning of `start` to the evening of `end`, cut to the axis."""
        left = min(max((start - self.first).days, 0), self.days)
        right = min(max((end - self.first).days + 1, left), self.days)
        # Written here, because templates would write a decimal comma in Vietnamese.
        return f"left:{100 * left / self.days:.2f}%;width:{100 * (right - left) / self.days:.2f}%"


def chart(campaign: Campaign, phases: Iterable[Phase], lines: Iterable[Line], today: date) -> Chart:
    """The axis on which the campaign and all of its lines fit."""
    spans = [(campaign.start, campaign.deadline), *((line.start, line.due) for line in lines)]
    first = min(start for start, _ in spans)
    last = max(end for _, end in spans)
    bare = Chart(first, (last - first).days + 1, (), (), "")
    months = []
    begin = first
    while begin <= last:
        following = (begin.replace(day=1) + timedelta(days=32)).replace(day=1)
        end = min(following - timedelta(days=1), last)
        months.append(Mark(date_format(begin, "m/Y"), bare.place(begin, end)))
        begin = following
    named = [Mark(phase.name, bare.place(phase.start, phase.end)) for phase in phases]
    now = bare.place(today, today) if first <= today <= last else ""
    return Chart(first, bare.days, months, named, now)
