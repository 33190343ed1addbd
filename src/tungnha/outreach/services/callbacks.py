"""Planning the next attempts of a unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha.campaign.models import Campaign
from tungnha.ledger import queries as ledger
from tungnha.outreach import contact
from tungnha.outreach.models import Callback, HouseholdOutcome, Stop, TurfPlan
from tungnha.outreach.queries.contact import kinds_of, measured
from tungnha.outreach.visits import AGAIN, NOBODY_SPOKEN_TO, VISIT, Visit
from tungnha.planning.callbacks import choose
from tungnha.planning.contact import after_failures
from tungnha.planning.ground import Floats
from tungnha.territory.models import Unit

MINUTES_A_VISIT = 4.0
METRES_A_MINUTE = 60.0
KEPT_APPOINTMENT = 0.8
"""Chance that who named a time opens at it. Assumed until a campaign has measured its own."""


@dataclass(frozen=True)
class Slot:
    """A stretch of time in which teams go out, and how many of them."""

    start: datetime
    end: datetime
    teams: int

    @property
    def minutes(self) -> float:
        """Team-minutes."""
        return self.teams * (self.end - self.start).total_seconds() / 60


@dataclass(frozen=True)
class Planned:
    """How planning came out."""

    waiting: int
    planned: int
    expected: float
    foreign: float
    """How much of the rates used is still the prior from elsewhere, between 0 and 1."""


def plan_callbacks(
    unit: Unit, campaign: Campaign, slots: Sequence[Slot], *, most_attempts: int = 4
) -> Planned:
    """Choose the next attempt of each household of a unit that is to be tried again, and keep it.

    Raises ValidationError where no slot lies ahead or the unit has no walks.
    """
    plan = TurfPlan.objects.filter(unit=unit).first()
    if plan is None:
        raise ValidationError(_("%(unit)s has no walks yet.") % {"unit": unit.name})
    ahead = sorted((slot for slot in slots if slot.start > timezone.now()), key=lambda one: one.start)
    if not ahead:
        raise ValidationError(_("No slot lies ahead."))
    open_doors = {
        one.household: one
        for one in HouseholdOutcome.objects.filter(
            campaign=campaign.code,
            unit=unit.pk,
            outcome__in=[each.value for each in AGAIN],
            attempts__lt=most_attempts,
        )
    }
    stops = [
        (home, turf)
        for home, turf in Stop.objects.filter(plan=plan)
        .order_by("turf", "position")
        .values_list("household", "turf")
        if home in open_doors
    ]
    homes = [home for home, _turf in stops]
    rates = measured(campaign, [unit.pk])
    chance, used = _chances(campaign, homes, open_doors, ahead, rates.rates.mean[rates.unit[unit.pk]])
    turfs = list(dict.fromkeys(turf for _home, turf in stops))
    walked = dict(plan.turfs.filter(pk__in=turfs).values_list("pk", "walk_metres"))
    chosen = choose(
        chance,
        np.array([turfs.index(turf) for _home, turf in stops], np.int32),
        visit_minutes=np.full(len(homes), MINUTES_A_VISIT),
        turf_minutes=np.array([walked[turf] / METRES_A_MINUTE for turf in turfs]),
        slot_minutes=np.array([slot.minutes for slot in ahead]),
    )
    rows = [
        Callback(
            campaign=campaign, household_id=home, turf_id=turf, start=ahead[slot].start, end=ahead[slot].end,
            attempt=open_doors[home].attempts + 1, chance=round(float(chance[place, slot]), 4),
        )
        for place, ((home, turf), slot) in enumerate(zip(stops, chosen.slot.tolist(), strict=True))
        if slot >= 0
    ]  # fmt: skip
    with transaction.atomic():
        Callback.objects.filter(campaign=campaign, household__unit=unit).delete()
        Callback.objects.bulk_create(rows, batch_size=120)
    foreign = float(rates.rates.from_prior[used].mean()) if len(used) else 1.0
    return Planned(len(homes), len(rows), chosen.expected, foreign)


def _chances(
    campaign: Campaign,
    homes: list[int],
    stands: dict[int, HouseholdOutcome],
    slots: Sequence[Slot],
    rates: Floats,
) -> tuple[Floats, list[int]]:
    """The chance at each household and slot, shape (households, slots), and the cells that were used."""
    zone = ZoneInfo(campaign.time_zone)
    kinds = kinds_of(homes)
    local = [slot.start.astimezone(zone) for slot in slots]
    cells = np.array([[contact.cell(at, kinds.get(home, "")) for at in local] for home in homes], np.int64)
    cells = cells.reshape(len(homes), len(slots))
    failed = np.zeros((len(homes), contact.CELLS), np.int32)
    place = {home: number for number, home in enumerate(homes)}
    away: dict[int, datetime] = {}
    for first in range(0, len(homes), 500):
        for entry in ledger.standing([VISIT.name], homes[first : first + 500]):
            assert isinstance(entry.body, Visit)
            home = entry.household or 0
            if entry.campaign == campaign.code and entry.body.outcome in NOBODY_SPOKEN_TO:
                failed[place[home], contact.cell(entry.when.astimezone(zone), kinds.get(home, ""))] += 1
            if entry.body.away_until is not None:
                away[home] = datetime.combine(entry.body.away_until, datetime.min.time(), zone) + timedelta(
                    days=1
                )
    same = np.take_along_axis(failed, cells, axis=1)
    chance = after_failures(rates[cells], same, failed.sum(axis=1, keepdims=True) - same)
    for number, home in enumerate(homes):
        named = stands[home].come_back_at
        if named is not None:
            kept = [slot.start <= named < slot.end for slot in slots]
            # Whose hour no team can keep is tried as any other.
            if any(kept):
                chance[number] = np.where(kept, KEPT_APPOINTMENT, 0.0)
        if home in away:
            chance[number, [slot.start < away[home] for slot in slots]] = 0.0
    return chance, sorted(set(cells.ravel().tolist()))
