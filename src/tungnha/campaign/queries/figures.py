"""Reads of figures: what counts, what a unit owes, what waits for sign-off, every version of one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, visible_units
from tungnha.campaign import periods
from tungnha.campaign.models import Campaign, Figure, Indicator, TrackedIndicator
from tungnha.campaign.periods import Period
from tungnha.campaign.queries import territories
from tungnha.territory import queries as places
from tungnha.territory.models import Unit

RETURNED = Figure.State.RETURNED


def tracked_by(campaign: Campaign) -> list[TrackedIndicator]:
    """What a campaign follows, in its order."""
    followed = list(campaign.tracked.select_related("indicator"))
    for each in followed:
        each.campaign = campaign
    return followed


def standing(tracked: Iterable[TrackedIndicator]) -> QuerySet[Figure]:
    """Figures that count: the current version of each, unless it was returned."""
    return Figure.objects.filter(tracked__in=[each.pk for each in tracked], is_current=True).exclude(
        state=RETURNED
    )


def latest(tracked: TrackedIndicator, day: date, units: Collection[int]) -> dict[int, Figure]:
    """Each unit's last figure that counts, of periods that end by a day or hold it."""
    end = periods.period_of(day, tracked.period).end
    rows = standing([tracked]).filter(unit__in=units, until__lte=end).order_by("until")
    return {each.unit_id: each for each in rows}


def baselines(tracked: Sequence[TrackedIndicator], units: Collection[int]) -> dict[tuple[int, int], int]:
    """By indicator and unit, what had been reached before the campaign began, where it was reported. One query."""
    cumulative = [each for each in tracked if each.indicator.cumulative and each.indicator.adds_up]
    if not cumulative:
        return {}
    start = cumulative[0].campaign.start
    rows = standing(cumulative).filter(unit__in=units, until__lt=start).order_by("until")
    return {(each, unit): number for each, unit, number in rows.values_list("tracked", "unit", "numerator")}


@dataclass(frozen=True)
class Owed:
    """An indicator for which a unit owes a figure, and for which period."""

    tracked: TrackedIndicator
    period: Period
    returned: Figure | None


def owed(campaign: Campaign, unit: Unit, day: date) -> list[Owed]:
    """What a unit owes on a day: periods that are over, of this campaign, without a figure or with a returned one.

    What the program counts itself is owed by nobody.
    """
    tracked = [each for each in tracked_by(campaign) if each.indicator.source != Indicator.Source.LEDGER]
    wanted = {each.pk: periods.due(min(day, campaign.deadline), each.period) for each in tracked}
    rows = Figure.objects.filter(tracked__in=list(wanted), unit=unit, is_current=True)
    have = {
        (each.tracked_id, each.until): each
        for each in rows.filter(until__in=[p.end for p in wanted.values()])
    }
    found = []
    for each in tracked:
        period = wanted[each.pk]
        figure = have.get((each.pk, period.end))
        if period.end >= campaign.start and (figure is None or figure.state == RETURNED):
            found.append(Owed(each, period, figure))
    return found


def waiting(campaign: Campaign, user: User | AnonymousUser) -> QuerySet[Figure]:
    """Figures that await sign-off by the person: of units strictly below those for which they answer."""
    return (
        Figure.objects.filter(
            tracked__campaign=campaign,
            is_current=True,
            state=Figure.State.SUBMITTED,
            unit__parent__in=visible_units(user, Action.REPORT),
        )
        .select_related("unit", "tracked__indicator", "entered_by")
        .order_by("until", "tracked__position", "unit__name_fold")
    )


def versions(tracked: TrackedIndicator, unit: Unit) -> QuerySet[Figure]:
    """Every version of every figure of a unit for an indicator, the latest first."""
    return (
        Figure.objects.filter(tracked=tracked, unit=unit)
        .select_related("entered_by", "decided_by", "table")
        .order_by("-until", "-version")
    )


def series(tracked: TrackedIndicator, units: Collection[int]) -> list[tuple[date, int, int | None]]:
    """Over some units, the numerator and denominator at the end of each period in which one of them reported.

    A cumulative figure stands until the unit's next one, or until the unit ends, so that a merged unit does not count
    beside the one that it became; otherwise only what the period brought is summed.
    """
    rows = standing([tracked]).filter(unit__in=units).order_by("until")
    told: dict[date, dict[int, tuple[int, int | None]]] = {}
    for unit, until, numerator, denominator in rows.values_list("unit", "until", "numerator", "denominator"):
        told.setdefault(until, {})[unit] = (numerator, denominator)
    ends = dict(Unit.objects.filter(pk__in=units).exclude(valid_to=None).values_list("pk", "valid_to"))
    now: dict[int, tuple[int, int | None]] = {}
    found = []
    for until, figures in told.items():
        now = now | figures if tracked.indicator.cumulative else figures
        now = {unit: figure for unit, figure in now.items() if (ends.get(unit) or date.max) > until}
        below = [denominator for _, denominator in now.values() if denominator is not None]
        whole = sum(below) if len(below) == len(now) else None
        found.append((until, sum(number for number, _ in now.values()), whole))
    return found


def of_another_time(tracked: TrackedIndicator, day: date) -> list[int]:
    """Keys of the lowest units that reported and do not exist on a day."""
    reported = standing([tracked]).values("unit")
    units = Unit.objects.filter(pk__in=reported).exclude(places.existing(day))
    keys = dict.fromkeys(units.values_list("pk", flat=True), 0)
    return list(territories.lowest(keys))
