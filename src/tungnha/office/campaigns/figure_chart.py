"""An indicator along the campaign's days as an SVG: what was due by each milestone, and what was reached."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format

from tungnha.campaign.models import TrackedIndicator
from tungnha.campaign.queries.targets import Stages

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 720, 260, 70, 28, 14


@dataclass(frozen=True)
class Dot:
    """One figure: where it stands and what it says."""

    x: str
    y: str
    label: str


@dataclass(frozen=True)
class Chart:
    """Everything in the coordinates of the view box, as text: templates would write decimal commas."""

    due: str
    reached: str
    dots: Sequence[Dot]
    target_y: str
    levels: Sequence[tuple[str, str]]
    days: Sequence[tuple[str, str]]
    today: str
    summary: str


def chart(
    tracked: TrackedIndicator,
    points: Iterable[tuple[date, int]],
    *,
    target: int | None,
    baseline: int,
    stages: Stages | None,
    today: date,
    say: Callable[[int], str],
) -> Chart | None:
    """The chart of figures (day, number or percentage in hundredths), None while there is nothing to draw."""
    campaign = tracked.campaign
    known = [(day, value) for day, value in points if day >= campaign.start - timedelta(days=1)]
    if not known and target is None:
        return None
    first, last = campaign.start - timedelta(days=1), max([campaign.deadline, *(day for day, _ in known)])
    highest = max([target or 0, baseline, *(value for _, value in known), 1])
    top = _round_up(highest)

    def x(day: date) -> str:
        return f"{LEFT + (WIDTH - LEFT - 10) * (day - first).days / max((last - first).days, 1):.1f}"

    def y(value: int) -> str:
        return f"{HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top:.1f}"

    due = ""
    if target is not None and stages is not None:
        days = [first, *(point.day for point in stages.milestones)]
        due = " ".join(f"{x(day)},{y(stages.due(baseline, target, day))}" for day in days)
    marks = [campaign.start, campaign.start + (campaign.deadline - campaign.start) // 2, campaign.deadline]
    return Chart(
        due=due,
        reached=" ".join(f"{x(day)},{y(value)}" for day, value in known),
        dots=[Dot(x(day), y(value), f"{date_format(day, 'd/m/Y')}: {say(value)}") for day, value in known],
        target_y=y(target) if target is not None else "",
        levels=[(y(top * part // 4), say(top * part // 4)) for part in range(5)],
        days=[(x(day), date_format(day, "d/m")) for day in marks],
        today=x(today) if first <= today <= last else "",
        summary=f"{date_format(known[-1][0], 'd/m/Y')}: {say(known[-1][1])}" if known else "",
    )


def _round_up(value: int) -> int:
    """The next number that divides an axis well: 1, 2, 4 or 8 times a power of ten."""
    power = 1
    while True:
        for step in (4, 8, 12, 20):
            if step * power >= value:
                return step * power
        power *= 10
