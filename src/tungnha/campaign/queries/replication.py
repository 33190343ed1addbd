"""Reads of a pilot's replications: who sees them, what an order rests on, when which unit begins."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, visible_units
from tungnha.campaign.models import Campaign, Figure, Indicator, OrderDraw, Replication, ReplicationUnit
from tungnha.planning import replication as planning
from tungnha.territory.models import Population, Unit


def seen_by(user: User | AnonymousUser) -> QuerySet[Replication]:
    """Replications in territories whose figures the person may read."""
    readable = visible_units(user, Action.FIGURES)
    return Replication.objects.filter(territory__in=readable).select_related(
        "territory", "template__campaign__unit"
    )


def people_of(units: Iterable[Unit]) -> dict[int, int]:
    """The latest stated number of people of each unit, by its key; units of which no source says are left out."""
    rows = Population.objects.filter(unit__in=units).order_by("as_of").values_list("unit", "people")
    return dict(rows)


@dataclass(frozen=True)
class Step:
    """One step of an order: its number from 1, its units in their order, and how many people live in them."""

    number: int
    units: list[Unit]
    people: int | None


def orders_before(replication: Replication) -> QuerySet[OrderDraw]:
    """Orders drawn so far for some of its units, in this and in every other replication of the same pilot."""
    shared = Replication.objects.filter(
        template__campaign=replication.template.campaign_id, units__in=replication.units.values("pk")
    )
    return OrderDraw.objects.filter(replication__in=shared)


def steps_of(draw: OrderDraw) -> list[Step]:
    """The steps of an order. People None where not every unit's number is known."""
    keys = [key for step in draw.steps for key in step]
    units = Unit.objects.filter(pk__in=keys).defer("boundary").in_bulk()
    people = people_of(units.values())
    return [
        Step(
            number,
            [units[key] for key in step],
            sum(people[key] for key in step) if all(key in people for key in step) else None,
        )
        for number, step in enumerate(draw.steps, start=1)
    ]


def effect_error(draw: OrderDraw, *, between: float, within: float) -> float | None:
    """What `planning.replication.effect_error` says of an order; None where it allows no estimate."""
    if draw.method != Replication.Method.RANDOM:
        return None
    step = np.array([number for number, keys in enumerate(draw.steps) for _key in keys], dtype=np.int64)
    try:
        return planning.effect_error(step, between=between, within=within)
    except ValueError:
        return None


def rows_of(replication: Replication) -> QuerySet[ReplicationUnit]:
    """The units of a replication that has begun, in their order."""
    return (
        replication.rows.select_related("unit", "campaign")
        .defer("unit__boundary")
        .prefetch_related("deviations__by")
    )


def pilot_of(campaign: Campaign) -> Campaign | None:
    """The campaign that this one repeats, if it repeats one."""
    row = ReplicationUnit.objects.filter(campaign=campaign).select_related(
        "replication__template__campaign__unit"
    )
    found = row.first()
    return found.replication.template.campaign if found else None


@dataclass(frozen=True)
class Side:
    """Figures of some units added up: how many units, what was reached of how much."""

    units: int
    numerator: int
    denominator: int

    @property
    def percent(self) -> float | None:
        """Of the sums, never a mean of the units' own; None where there is nothing to be part of."""
        return 100 * self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True)
class Comparison:
    """The pilot and the others on one indicator at one cut-off. `missing` units have no figure at that moment."""

    indicator: Indicator
    cut_off: datetime
    pilot: Side
    rest: Side
    missing: list[Unit]


def comparisons(replication: Replication) -> list[Comparison]:
    """For each indicator that is a share, the pilot against the units that repeat it, at the latest cut-off they have in common.

    Figures of different moments are never put side by side: an indicator of which the pilot and the others have no
    cut-off in common is left out. Returned figures do not count.
    """
    home = replication.template.campaign.unit
    units = {unit.pk: unit for unit in replication.units.defer("boundary")}
    rows = (
        Figure.objects.filter(unit__in=[home.pk, *units], is_current=True, denominator__isnull=False)
        .exclude(state=Figure.State.RETURNED)
        .select_related("tracked__indicator")
        .order_by("entered_at", "pk")
    )
    found: dict[tuple[Indicator, datetime], dict[int, Figure]] = {}
    for row in rows:
        found.setdefault((row.tracked.indicator, row.cut_off), {})[row.unit_id] = row
    latest: dict[Indicator, datetime] = {}
    for (indicator, moment), figures in found.items():
        if home.pk in figures and len(figures) > 1:
            latest[indicator] = max(moment, latest.get(indicator, moment))
    return [
        _comparison(indicator, moment, found[indicator, moment], home, units)
        for indicator, moment in latest.items()
    ]


def _comparison(
    indicator: Indicator, moment: datetime, figures: dict[int, Figure], home: Unit, units: dict[int, Unit]
) -> Comparison:
    others = [figure for key, figure in figures.items() if key != home.pk]
    missing = [unit for key, unit in units.items() if key not in figures]
    return Comparison(indicator, moment, _side([figures[home.pk]]), _side(others), missing)


def _side(figures: list[Figure]) -> Side:
    return Side(
        len(figures), sum(one.numerator for one in figures), sum(one.denominator or 0 for one in figures)
    )
