"""Reads of targets: what is in force on a day, how it came about, and what is due by when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from tungnha.campaign import curves
from tungnha.campaign.curves import Milestone
from tungnha.campaign.models import Curve, CurvePoint, Target, TargetDecision, TrackedIndicator
from tungnha.territory.models import Unit


@dataclass(frozen=True)
class Standing:
    """A target in force: its value, and whether a part of it is an estimate carried over a boundary change."""

    value: int
    estimated: bool


def of_all(tracked: Iterable[TrackedIndicator], day: date) -> dict[tuple[int, int], Standing]:
    """By indicator and unit, what is in force on a day: of the decisions in force, the last one. One query."""
    rows = Target.objects.filter(
        decision__tracked__in=[each.pk for each in tracked], decision__effective__lte=day
    ).order_by("decision__effective", "decision_id")
    return {
        (followed, unit): Standing(value, estimated)
        for followed, unit, value, estimated in rows.values_list(
            "decision__tracked", "unit", "value", "estimated"
        )
    }


def in_force(tracked: TrackedIndicator, day: date) -> dict[int, int]:
    """By unit, the target in force on a day."""
    return {unit: standing.value for (_, unit), standing in of_all([tracked], day).items()}


def history(tracked: TrackedIndicator, unit: Unit) -> QuerySet[Target]:
    """Every target the unit has had, the latest decision first."""
    return (
        Target.objects.filter(decision__tracked=tracked, unit=unit)
        .select_related("decision__by", "decision__unit")
        .order_by("-decision__effective", "-decision_id")
    )


def decisions(tracked: TrackedIndicator) -> QuerySet[TargetDecision]:
    """The decisions on an indicator's targets, the latest first."""
    return tracked.decisions.select_related("by", "unit").order_by("-effective", "-pk")


@dataclass(frozen=True)
class Stages:
    """By when which share of the way is due: a curve in force and the day from which it is reckoned."""

    shape: str
    start: date
    milestones: Sequence[Milestone]

    def share(self, day: date) -> int:
        """The share of the way, in hundredths of a percent, that is due by the evening of a day."""
        return curves.share_on(self.milestones, self.start, day)

    def due(self, baseline: int, target: int, day: date) -> int:
        """What has to be reached by the evening of a day."""
        return curves.due(baseline, target, self.share(day))


def stages(tracked: Sequence[TrackedIndicator], day: date) -> dict[int, Stages]:
    """By indicator, the stages in force on a day. Two queries."""
    latest = {
        curve.tracked_id: curve
        for curve in Curve.objects.filter(tracked__in=[each.pk for each in tracked], effective__lte=day)
    }
    points: dict[int, list[Milestone]] = {curve.pk: [] for curve in latest.values()}
    rows = CurvePoint.objects.filter(curve__in=list(points)).order_by("day")
    for curve_id, point_day, share in rows.values_list("curve", "day", "share"):
        points[curve_id].append(Milestone(point_day, share))
    starts = {each.pk: each.campaign.start for each in tracked}
    return {pk: Stages(curve.shape, starts[pk], points[curve.pk]) for pk, curve in latest.items()}
