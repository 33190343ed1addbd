"""Who is in which team, and which walks are in whose hands."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from tungnha.accounts.models import User
from tungnha.campaign.models import Campaign
from tungnha.outreach.models import Assignment, Member, Team, Turf
from tungnha.territory.models import Unit


def held(now: datetime | None = None) -> Q:
    """The condition that a walk is in somebody's hands at a moment (now)."""
    at = now or timezone.now()
    return Q(returned_at=None, given_at__lte=at, until__gt=at)


def walks_of(user: User | int, now: datetime | None = None) -> QuerySet[Assignment]:
    """The walks in a person's hands, the next first."""
    return (
        Assignment.objects.filter(held(now), member__user=user, member__left=None)
        .select_related("turf__plan__unit", "member__team__campaign", "member__user")
        .order_by("turf__shift_date", "turf__number")
    )


def teams_in(unit: Unit, campaign: Campaign | None = None) -> QuerySet[Team]:
    """The teams of a unit, of one campaign or of all."""
    found = Team.objects.filter(unit__path__startswith=unit.path).select_related(
        "organisation", "campaign", "unit"
    )
    return found.filter(campaign=campaign) if campaign else found


def members_in(unit: Unit) -> QuerySet[Member]:
    """Everybody who is in a team of the unit now."""
    return (
        Member.objects.filter(team__unit__path__startswith=unit.path, left=None)
        .select_related("user", "team__campaign")
        .order_by("team__name", "user__first_name", "user__username")
    )


def holder(turf: Turf, now: datetime | None = None) -> Assignment | None:
    """In whose hands a walk is."""
    return (
        Assignment.objects.filter(held(now), turf=turf).select_related("member__user", "member__team").first()
    )
