"""How often somebody opens, by moment and kind of door, from what phones told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.utils import timezone

from tungnha.campaign.models import Campaign
from tungnha.ledger import queries as ledger
from tungnha.outreach import contact
from tungnha.outreach.visits import NOBODY_SPOKEN_TO, VISIT, Visit
from tungnha.planning.contact import ContactRates, estimate
from tungnha.register.models import Household

_LOOK_BACK = timedelta(days=28)
"""Older visits tell of another season."""


@dataclass(frozen=True, eq=False)
class Measured:
    """Rates by unit and cell; `unit` gives a unit's row, `visits` how many visits they stand on."""

    rates: ContactRates
    unit: dict[int, int]
    visits: int


def measured(campaign: Campaign, units: Iterable[int]) -> Measured:
    """The campaign's contact rates of the last weeks, for these units and those that had visits."""
    zone = ZoneInfo(campaign.time_zone)
    entries = [
        entry
        for entry in ledger.received_since([VISIT.name], timezone.now() - _LOOK_BACK)
        if entry.campaign == campaign.code and entry.unit is not None
    ]
    row = {
        unit: place
        for place, unit in enumerate(dict.fromkeys([*units, *(one.unit for one in entries if one.unit)]))
    }
    kinds = kinds_of({one.household for one in entries if one.household is not None})
    visits = np.zeros((max(len(row), 1), contact.CELLS), np.int32)
    contacts = visits.copy()
    for entry in entries:
        assert isinstance(entry.body, Visit)
        at = (
            row[entry.unit or 0],
            contact.cell(entry.when.astimezone(zone), kinds.get(entry.household or 0, "")),
        )
        visits[at] += 1
        contacts[at] += entry.body.outcome not in NOBODY_SPOKEN_TO
    return Measured(estimate(visits, contacts, contact.prior()), row, len(entries))


def kinds_of(households: Iterable[int]) -> dict[int, str]:
    """The kind of premises of each household."""
    wanted = list(households)
    found: dict[int, str] = {}
    for first in range(0, len(wanted), 900):
        rows = Household.objects.filter(pk__in=wanted[first : first + 900]).values_list(
            "pk", "premises__kind"
        )
        found |= dict(rows)
    return found
