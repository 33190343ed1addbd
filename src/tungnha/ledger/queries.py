"""Every read of the ledger worth a name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet, Sum
from django.utils import timezone

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, visible_units
from tungnha.ledger import areas, corrections, kinds, stored
from tungnha.ledger.devices import Session
from tungnha.ledger.entries import Recorded
from tungnha.ledger.judging import Reason
from tungnha.ledger.models import DailyCount, Entry, Held
from tungnha.territory.models import Unit

REMEMBERED = timedelta(hours=72)
"""How far back a phone may read: nothing older stays on it."""


def standing(kind_names: Iterable[str], households: Sequence[int]) -> list[Recorded]:
    """The entries in force of some kinds about some households, in the order of the ledger."""
    if not households:
        return []
    found = stored.read(
        "WHERE household IN %s AND kind IN %s ORDER BY position", households, list(kind_names)
    )
    return corrections.in_force(found)


@dataclass(frozen=True)
class Known:
    """What the server durably has of the ids a phone asked about."""

    accepted: list[UUID]
    held: dict[UUID, Reason]
    unknown: list[UUID]


def known(session: Session, ids: Sequence[UUID]) -> Known:
    """What became of entries that the phone of this session wrote."""
    accepted = set(Entry.objects.filter(uuid__in=ids, actor=session.user).values_list("uuid", flat=True))
    held = {
        one: Reason(reason)
        for one, reason in Held.objects.filter(uuid__in=ids, device__user=session.user).values_list(
            "uuid", "reason"
        )
        if one is not None and one not in accepted
    }
    return Known(
        [one for one in ids if one in accepted],
        held,
        [one for one in ids if one not in accepted and one not in held],
    )


def position() -> int:
    """The place of the newest entry; 0 in an empty ledger."""
    return stored.head()[0]


def households_after(after: int, households: Sequence[int]) -> set[int]:
    """Those of the households about which there is an entry after a position."""
    rows = Entry.objects.filter(household__in=households, position__gt=after)
    return {home for home in rows.values_list("household", flat=True) if home is not None}


@dataclass(frozen=True)
class Page:
    """A piece of what changed on a phone's doors."""

    entries: list[Recorded]
    after: int
    """Where the next piece begins. It never runs ahead of what this page carries or what there was to read."""
    more: bool


def news(session: Session, *, after: int, most: int, now: datetime | None = None) -> Page:
    """Entries after a position about the households of a phone's unit or walks, as far as others may read them."""
    until, _ = stored.head()
    begin = max(after, stored.position_before((now or timezone.now()) - REMEMBERED))
    shared = {kind.name for kind in kinds.every() if kind.shared is not None}
    here: Iterable[int]
    if session.areas:
        where, here = "household", areas.households(session.areas)
    else:
        where, here = (
            "unit",
            Unit.objects.filter(path__startswith=session.unit_path).values_list("pk", flat=True),
        )
    found = stored.read(
        f"WHERE {where} IN %s AND kind IN %s AND campaign IN %s AND position > {int(begin)} AND position <= {until}"
        f" ORDER BY position LIMIT {int(most) + 1}",
        here,
        shared,
        [session.campaign],
    )
    more = len(found) > most
    page = found[:most]
    return Page(page, page[-1].position if more else until, more)


def held(user: User, *, state: str = Held.State.WAITING) -> QuerySet[Held]:
    """Held entries of phones in the units where a person sees people."""
    return Held.objects.filter(
        state=state, device__unit__in=visible_units(user, Action.PEOPLE)
    ).select_related("device__user", "device__unit")


def totals(
    campaign: str, measure: str, *, since: object = None, until: object = None
) -> dict[int, tuple[int, int]]:
    """By unit: how often something was counted in a period (days, both included), and for how many households anew.

    The second figure is the number of distinct households only if the period reaches back to the campaign's start.
    """
    rows = DailyCount.objects.filter(campaign=campaign, measure=measure)
    if since is not None:
        rows = rows.filter(day__gte=since)
    if until is not None:
        rows = rows.filter(day__lte=until)
    summed = rows.values_list("unit").annotate(Sum("times"), Sum("first_households"))
    return {unit: (times, first) for unit, times, first in summed}


def received_since(kind_names: Iterable[str], moment: datetime) -> list[Recorded]:
    """The entries in force of some kinds that were received from a moment on, in the order of the ledger."""
    after = stored.position_before(moment)
    found = stored.read(f"WHERE position > {after} AND kind IN %s ORDER BY position", list(kind_names))
    return corrections.in_force(found)
