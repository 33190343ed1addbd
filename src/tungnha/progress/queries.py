"""Reads of progress: shifts as the checks look at them, and what waits for a supervisor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, visible_units
from tungnha.campaign.models import Campaign
from tungnha.ledger import queries as ledger
from tungnha.ledger.entries import Recorded
from tungnha.outreach.contact import prior
from tungnha.outreach.visits import NOBODY_SPOKEN_TO, VISIT, Outcome, Visit
from tungnha.planning.contact import estimate
from tungnha.progress.checks.shift import Floats, Shift
from tungnha.progress.models import ReviewFlag
from tungnha.register.models import Household, Resident
from tungnha.territory.network import Projection

DAYS_BEFORE = 5
"""Working days that a check may look back."""


@dataclass(frozen=True, eq=False)
class PersonsDay:
    """A shift with whose it is, where and when."""

    person: int
    unit: int
    day: date
    shift: Shift


def shifts(campaign: Campaign, day: date) -> list[PersonsDay]:
    """Every person's visits of one day, as the checks look at them."""
    zone = ZoneInfo(campaign.time_zone)
    since = datetime.combine(day - timedelta(days=2 * DAYS_BEFORE), datetime.min.time(), zone)
    visits = [
        entry
        for entry in ledger.received_since([VISIT.name], since)
        if entry.campaign == campaign.code and entry.household is not None
    ]
    if not visits:
        return []
    expected = _expected(visits, zone)
    of_day: dict[tuple[int, int], list[Recorded]] = {}
    counts: dict[int, dict[date, int]] = {}
    for entry in sorted(visits, key=lambda one: (one.when, one.uuid)):
        local = entry.when.astimezone(zone).date()
        counts.setdefault(entry.actor, {})
        counts[entry.actor][local] = counts[entry.actor].get(local, 0) + 1
        if local == day and entry.unit is not None:
            of_day.setdefault((entry.actor, entry.unit), []).append(entry)
    return [
        PersonsDay(person, unit, day, _shift(entries, expected, _earlier(counts[person], day), zone))
        for (person, unit), entries in of_day.items()
    ]


def _earlier(counts: Mapping[date, int], day: date) -> list[int]:
    return [counts[one] for one in sorted(counts, reverse=True) if one < day][:DAYS_BEFORE]


def _hour(entry: Recorded, zone: ZoneInfo) -> int:
    return entry.when.astimezone(zone).hour


def _expected(visits: Iterable[Recorded], zone: ZoneInfo) -> Floats:
    """The campaign's chance of contact by hour of the day, 24 numbers."""
    made, met = np.zeros((1, 24), np.int32), np.zeros((1, 24), np.int32)
    for entry in visits:
        hour = _hour(entry, zone)
        made[0, hour] += 1
        met[0, hour] += _visit(entry).outcome not in NOBODY_SPOKEN_TO
    return estimate(made, met, prior()).campaign


def _visit(entry: Recorded) -> Visit:
    assert isinstance(entry.body, Visit)
    return entry.body


def _shift(entries: list[Recorded], expected: Floats, earlier: list[int], zone: ZoneInfo) -> Shift:
    homes = [entry.household or 0 for entry in entries]
    places = {
        pk: (latitude, longitude, parent)
        for pk, latitude, longitude, parent in Household.objects.filter(pk__in=homes).values_list(
            "pk", "premises__latitude", "premises__longitude", "premises__parent"
        )
    }
    degrees = np.array([[*(places.get(home, (None, None, None))[:2])] for home in homes], dtype=float)
    known = np.isfinite(degrees).all(axis=1)
    xy = np.full((len(homes), 2), np.nan)
    if known.any():
        middle = Projection(*(float(one) for one in degrees[known].mean(axis=0)))
        xy[known] = middle.to_metres(degrees[known][:, 1], degrees[known][:, 0])
    local = [entry.when.astimezone(zone) for entry in entries]
    outcomes = [_visit(entry).outcome for entry in entries]
    return Shift(
        minute=np.array([one.hour * 60 + one.minute + one.second / 60 for one in local]),
        contact=np.array([one not in NOBODY_SPOKEN_TO for one in outcomes]),
        done=np.array([one is Outcome.DONE for one in outcomes]),
        expected=np.array([expected[one.hour] for one in local]),
        xy=xy,
        building=np.array([places.get(home, (None, None, None))[2] or -1 for home in homes], np.int64),
        phone=_phones(entries),
        earlier=np.array(earlier, np.int64),
    )


def _phones(entries: list[Recorded]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """A number for the telephone of the first resident helped at each door: equal where the telephones are equal."""
    helped = [next((step.resident for step in _visit(entry).steps), 0) for entry in entries]
    rows = Resident.objects.filter(pk__in=set(helped), phone_sealed__isnull=False)
    sealed = {pk: bytes(phone) for pk, phone in rows.values_list("pk", "phone_sealed") if phone is not None}
    # Sealing is deterministic (`sealing.py`), so equal telephones are equal bytes and none has to be opened.
    numbers: dict[bytes, int] = {}
    return np.array(
        [numbers.setdefault(sealed[one], len(numbers)) if one in sealed else -1 for one in helped],
        np.int64,
    )


def flags_seen_by(user: User | AnonymousUser) -> QuerySet[ReviewFlag]:
    """Review flags of units where the person may see who was visited."""
    return ReviewFlag.objects.filter(unit__in=visible_units(user, Action.PEOPLE)).select_related(
        "person", "unit", "campaign", "settled_by"
    )
