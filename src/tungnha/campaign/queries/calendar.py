"""Reads of the calendar: what a person or a unit sees of it, on which days, and what does not go together there."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Length

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, reach_of, visible_units
from tungnha.campaign import limits, occurrences
from tungnha.campaign.conflicts import Conflict, find
from tungnha.campaign.limits import Limits
from tungnha.campaign.models import Campaign, Feed, SlotRules, Touch
from tungnha.campaign.occurrences import Occurrence
from tungnha.campaign.queries.themes import in_force
from tungnha.territory.models import Unit
from tungnha.territory.queries import existing


def touches_seen_by(user: User | AnonymousUser) -> QuerySet[Touch]:
    """Touches in units whose figures the person reads, and those of the units above, which reach them as well."""
    paths = reach_of(user).paths(Action.FIGURES)
    if not paths:
        return Touch.objects.none()
    seen = Q(unit__in={key for path in paths for key in limits.keys(path)})
    for path in paths:
        seen |= Q(unit__path__startswith=path)
    return Touch.objects.filter(seen)


def reaching(unit: Unit) -> Q:
    """The condition that a touch reaches a unit: planned for it, for a unit above it, or for a residential group of it."""
    groups = Q(unit__parent=unit, unit__kind=Unit.Kind.GROUP)
    return Q(unit__in=limits.keys(unit.path)) | groups


def with_all(touches: QuerySet[Touch]) -> QuerySet[Touch]:
    """Touches with everything at hand that tells where and when they take place; boundaries are left in the table."""
    units = Prefetch("unit", Unit.objects.defer("boundary"))
    return touches.prefetch_related(units, "organisation", "theme", "wording", "exceptions")


@dataclass(frozen=True)
class Stretch:
    """The calendar between two days, both included."""

    first: date
    last: date
    occurrences: list[Occurrence]
    conflicts: list[Conflict]


def stretch(campaign: Campaign, touches: QuerySet[Touch], first: date, last: date) -> Stretch:
    """What of some touches takes place between two days, and its conflicts from today on.

    A handful of queries, however many touches there are.
    """
    zone = ZoneInfo(campaign.time_zone)
    rules = rules_in(campaign)
    # Visits before the first day matter to those on it.
    before = max((one.visit_gap for one in rules.values()), default=0)
    chosen = touches.filter(day__lte=last, last_day__gte=first - timedelta(days=before))
    found = occurrences.expand(with_all(chosen), first - timedelta(days=before), last, zone)
    since = max(first, campaign.today())
    conflicts = find(found, rules, in_force(campaign))
    for conflict in conflicts:
        conflict.days = [day for day in conflict.days if since <= day <= last]
    morning = occurrences.midnight(first)
    return Stretch(
        first, last, [one for one in found if one.end > morning], [one for one in conflicts if one.days]
    )


def units_seen(campaign: Campaign, user: User | AnonymousUser) -> QuerySet[Unit]:
    """The campaign's units of today whose figures the person reads, without residential groups, the widest first."""
    below = visible_units(user, Action.FIGURES).filter(existing(), path__startswith=campaign.unit.path)
    return below.exclude(kind=Unit.Kind.GROUP).defer("boundary").order_by(Length("path"), "name_fold")


def lowest(units: QuerySet[Unit]) -> QuerySet[Unit]:
    """Of some units those with no unit below them but residential groups: where people live."""
    below = Unit.objects.filter(existing(), parent=OuterRef("pk")).exclude(kind=Unit.Kind.GROUP)
    return units.exclude(Exists(below))


def rules_in(campaign: Campaign) -> dict[int, Limits]:
    """The local rules that hold somewhere in the campaign's territory, by the unit that set them."""
    territory = campaign.unit
    stored = SlotRules.objects.filter(
        Q(unit__path__startswith=territory.path) | Q(unit__in=limits.keys(territory.path))
    )
    return {one.unit_id: limits.of(one) for one in stored}


def rules_above(unit: Unit) -> SlotRules | None:
    """The rules that hold in a unit, which may be those of a unit above it."""
    stored = {
        one.unit_id: one
        for one in SlotRules.objects.filter(unit__in=limits.keys(unit.path)).select_related("unit")
    }
    return next((stored[key] for key in limits.keys(unit.path) if key in stored), None)


def feed(token: str) -> Feed | None:
    """The feed with a token, unless it was revoked."""
    return (
        Feed.objects.filter(token_hash=token_hash(token), revoked_at=None)
        .select_related("campaign", "unit")
        .first()
    )


def touches_of_feed(feed: Feed) -> QuerySet[Touch]:
    """What a feed tells: everything that reaches its unit, cancelled or not."""
    return with_all(Touch.objects.filter(reaching(feed.unit), campaign=feed.campaign))


def token_hash(token: str) -> bytes:
    """What is stored of a feed's token. Its 128 random bits need neither salt nor slowness."""
    return hashlib.sha256(token.encode()).digest()
