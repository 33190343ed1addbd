"""Which position stamps may be looked at: one rule, by which they are taken in, shown and forgotten."""

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from tungnha.campaign.models import Campaign
from tungnha.outreach import positions
from tungnha.outreach.models import PositionConsent, PositionDecision, PositionStamp


def decision(campaign: Campaign) -> PositionDecision | None:
    """What stands for a campaign; None where nobody ever decided, which is off."""
    return PositionDecision.objects.filter(campaign=campaign).first()


def answers(campaign: Campaign, users: Collection[int]) -> dict[int, PositionConsent]:
    """The newest answer of each person to the decision and the wording that stand, given since; none while stamps are off."""
    stands = decision(campaign)
    if stands is None or not stands.on:
        return {}
    given = PositionConsent.objects.filter(
        campaign=campaign.code,
        user__in=users,
        wording=positions.wording().version,
        answered_at__gte=stands.decided_at,
    )
    found: dict[int, PositionConsent] = {}
    for one in given:  # the newest first
        found.setdefault(one.user, one)
    return found


def rule(code: str, user: int) -> dict[str, Any] | None:
    """What a phone needs to know: the wording's version, the days, and its person's answer; None where stamps are off."""
    campaign = Campaign.objects.filter(code=code).first()
    stands = decision(campaign) if campaign else None
    if campaign is None or stands is None or not stands.on:
        return None
    answer = answers(campaign, [user]).get(user)
    return {
        "wording": positions.wording().version,
        "days": stands.days,
        "consent": answer.given if answer else None,
    }


def since(campaign: Campaign, users: Collection[int], *, now: datetime | None = None) -> dict[int, datetime]:
    """By person who agrees: from which moment on their stamps may be kept. Nobody else's may."""
    stands = decision(campaign)
    if stands is None or stands.days is None:
        return {}
    oldest = (now or timezone.now()) - timedelta(days=stands.days)
    return {user: max(one.answered_at, oldest) for user, one in answers(campaign, users).items() if one.given}


def standing(
    campaign: Campaign, users: Collection[int], *, now: datetime | None = None
) -> QuerySet[PositionStamp]:
    """The stamps of some people in a campaign that may be kept and looked at; at most some hundred people at once."""
    allowed = Q(pk__in=[])
    for user, moment in since(campaign, users, now=now).items():
        allowed |= Q(user=user, recorded_at__gte=moment)
    return PositionStamp.objects.filter(allowed, campaign=campaign)


def places(campaign: Campaign, people: Collection[int]) -> dict[tuple[int, date], list[tuple[str, int]]]:
    """By person and day: how many visits were recorded near which street; an empty name for none of the walk's.

    In the order of the streets' names: it says where, never who did more.
    """
    counted: dict[tuple[int, date], Counter[str]] = {}
    for user, moment, street in standing(campaign, people).values_list("user", "recorded_at", "street__name"):
        counted.setdefault((user, campaign.day_of(moment)), Counter())[street or ""] += 1
    return {key: sorted(streets.items()) for key, streets in counted.items()}
