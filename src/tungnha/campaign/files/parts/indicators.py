"""The indicators that the campaign follows, each with its targets in force and its stages. Figures are not in the file."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from msgspec import Meta, Struct, structs

from tungnha.campaign import curves
from tungnha.campaign.curves import Milestone
from tungnha.campaign.files.parts.part import Difference, Entry, Frame, Part, Placed, UnitName, Work
from tungnha.campaign.models import Campaign, Curve, Indicator, TargetDecision, TrackedIndicator
from tungnha.campaign.queries import targets as reads
from tungnha.campaign.services import indicators, targets
from tungnha.territory.models import Unit

_WEEK = 7


class TargetEntry(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a unit has to reach by the deadline: a number, or of a ratio a percentage with two places."""

    unit: UnitName
    value: Annotated[float, Meta(ge=0, le=1e15)]


class MilestoneEntry(Struct, kw_only=True, forbid_unknown_fields=True):
    """By the evening of a day, a percentage of the way is due."""

    day: date
    share: Annotated[float, Meta(ge=0, le=100)]


class StagesEntry(Struct, kw_only=True, forbid_unknown_fields=True):
    """How targets are staged: evenly or most at first, by days (1) or weeks (7), or by hand with milestones."""

    shape: Literal["linear", "front", "hand"]
    every: Annotated[int, Meta(ge=1, le=366)] = 1
    milestones: list[MilestoneEntry] = []


class IndicatorEntry(Entry, kw_only=True):
    """An indicator of the catalogue."""

    code: Annotated[str, Meta(min_length=1, max_length=20, examples=["EID3"])]
    period: Literal["day", "week", "month", "quarter", "year"] | None = None
    weight: Annotated[int, Meta(ge=0, le=32767, description="In the ranking of units; 0 leaves it out.")] = 1
    targets: list[TargetEntry] = []
    stages: StagesEntry | None = None


class IndicatorsPart(Part[IndicatorEntry]):
    name = "indicators"
    entry = IndicatorEntry
    fields = {"total": "targets", "value": "targets", "by_hand": "targets", "unit": "targets", "method": "targets",
              "points": "stages", "why": "targets"}  # fmt: skip

    def key(self, entry: IndicatorEntry) -> str:
        return entry.code

    def label(self, entry: IndicatorEntry) -> str:
        return entry.code

    def spread(self, entry: IndicatorEntry, frame: Frame) -> list[IndicatorEntry]:
        del frame
        indicator = _indicator(entry.code)
        named = [one.unit for one in entry.targets]
        if len(set(named)) < len(named):
            twice = next(unit for unit in named if named.count(unit) > 1)
            raise ValidationError({"targets": _("%(unit)s is named twice.") % {"unit": twice}})
        return [
            structs.replace(
                entry,
                period=entry.period or indicator.period,
                targets=sorted(entry.targets, key=lambda one: one.unit),
            )
        ]

    def stored(self, campaign: Campaign, frame: Frame) -> list[IndicatorEntry]:
        rows = TrackedIndicator.objects.filter(campaign=campaign).select_related("indicator", "campaign")
        return [self._entry(one, frame) for one in rows]

    def _entry(self, tracked: TrackedIndicator, frame: Frame) -> IndicatorEntry:
        standing = reads.in_force(tracked, tracked.campaign.deadline)
        units = Unit.objects.filter(pk__in=standing).defer("boundary")
        given = [
            TargetEntry(unit=frame.units.spelled(unit), value=_out(standing[unit.pk], tracked.indicator))
            for unit in units
        ]
        return IndicatorEntry(
            code=tracked.indicator.code,
            period=tracked.period,  # type: ignore[arg-type] # the table's choices are these words
            weight=tracked.weight,
            targets=sorted(given, key=lambda one: one.unit),
            stages=_stages(tracked),
        )

    def clear(self, work: Work, difference: Difference[IndicatorEntry]) -> None:
        for one in difference.removed:
            tracked = TrackedIndicator.objects.get(campaign=work.campaign, indicator__code=one.code)
            work.attempt(self, (self.name,), indicators.untrack, tracked)

    def write(self, work: Work, difference: Difference[IndicatorEntry]) -> None:
        for new in difference.added:
            work.attempt(self, new.path, self._follow, work, None, new)
        for was, now in difference.changed:
            work.attempt(self, now.path, self._follow, work, was, now)

    def _follow(self, work: Work, was: IndicatorEntry | None, now: Placed[IndicatorEntry]) -> None:
        entry = now.entry
        tracked = indicators.track(
            work.campaign, _indicator(entry.code), period=entry.period or "", weight=entry.weight
        )
        if entry.targets != (was.targets if was else []):
            self._set_targets(work, tracked, entry)
        if entry.stages is not None and entry.stages != (was.stages if was else None):
            self._set_stages(work, tracked, entry.stages)

    def _set_targets(self, work: Work, tracked: TrackedIndicator, entry: IndicatorEntry) -> None:
        """From the top down: a unit's target, divided by hand among those below that have one in the file."""
        wanted = {work.frame.units.find(one.unit): _in(one.value, tracked.indicator) for one in entry.targets}
        effective = max([work.campaign.start, *tracked.decisions.values_list("effective", flat=True)])
        facts = {"effective": effective, "why": _("From the campaign's file"), "by": work.by}
        divided: set[int] = set()
        for unit in sorted(wanted, key=lambda one: (one.path.count("/"), one.code)):
            below = {one.pk: value for one, value in wanted.items() if one.parent_id == unit.pk}
            if below:
                targets.cascade(tracked, unit, wanted[unit], TargetDecision.Method.HAND, fixed=below, **facts)  # type: ignore[arg-type]
                divided |= set(below)
            elif unit.pk not in divided:
                targets.assign(tracked, unit, wanted[unit], **facts)  # type: ignore[arg-type]
        standing = reads.in_force(tracked, work.campaign.deadline)
        if standing != {unit.pk: value for unit, value in wanted.items()}:
            other = Unit.objects.filter(pk__in=standing.keys() - {unit.pk for unit in wanted}).first()
            message = _("%(unit)s has a target too; the file has to name every unit that is given one.")
            raise ValidationError({"targets": message % {"unit": other or tracked.campaign.unit}})

    def _set_stages(self, work: Work, tracked: TrackedIndicator, stages: StagesEntry) -> None:
        points = [Milestone(one.day, round(one.share * 100)) for one in stages.milestones]
        targets.set_curve(
            tracked,
            stages.shape,
            step=stages.every,
            by=work.by,
            points=points,
            why=_("From the campaign's file"),
        )


def _indicator(code: str) -> Indicator:
    found = Indicator.objects.filter(code=code).first()
    if found is None:
        raise ValidationError(
            {"code": _("There is no indicator “%(code)s” in the catalogue.") % {"code": code}}
        )
    return found


def _out(value: int, indicator: Indicator) -> float:
    return float(value) if indicator.adds_up else float(Decimal(value) / 100)


def _in(value: float, indicator: Indicator) -> int:
    number = value if indicator.adds_up else value * 100
    if abs(number - round(number)) > 1e-6:
        raise ValidationError(
            {"targets": _("%(value)s has more places than a target has.") % {"value": value}}
        )
    return round(number)


def _stages(tracked: TrackedIndicator) -> StagesEntry | None:
    curve = tracked.curves.order_by("effective", "pk").last()
    if curve is None:
        return None
    points = [Milestone(one.day, one.share) for one in curve.points.all()]
    campaign = tracked.campaign
    draw = {Curve.Shape.LINEAR: curves.linear, Curve.Shape.FRONT: curves.front_loaded}.get(
        Curve.Shape(curve.shape)
    )
    for every in (1, _WEEK) if draw else ():
        if draw and points == draw(campaign.start, campaign.deadline, every):
            return StagesEntry(shape=curve.shape, every=every)  # type: ignore[arg-type] # as above
    return StagesEntry(
        shape="hand",
        milestones=[MilestoneEntry(day=one.day, share=float(Decimal(one.share) / 100)) for one in points],
    )
