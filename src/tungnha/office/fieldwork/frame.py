"""What stands around every page of a unit's field work, and who may see what it is about."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from tungnha.accounts.scope import Action, may
from tungnha.campaign.models import Campaign
from tungnha.office import access, queries
from tungnha.outreach.models import Assignment, Member, Team
from tungnha.territory.models import Unit


def around(request: HttpRequest, unit: Unit) -> dict[str, Any]:
    """The context of a page of a unit's field work."""
    return {
        "unit": unit,
        "tab": "fieldwork",
        "sees_people": may(request.user, Action.PEOPLE, unit),
        "imports": may(request.user, Action.IMPORT, unit),
        "generated": queries.is_generated(unit),
    }


def campaigns_over(unit: Unit) -> QuerySet[Campaign]:
    """The campaigns in whose territory a unit lies, the newest first."""
    above = [int(part) for part in unit.path.strip("/").split("/")]
    return Campaign.objects.filter(unit__in=above).order_by("-start")


def team_seen(request: HttpRequest, pk: int) -> Team:
    """A team of a unit where the person may see who is visited, or Http404."""
    chosen = Team.objects.filter(unit__in=access.units(request, Action.PEOPLE)).select_related(
        "unit", "campaign"
    )
    return get_object_or_404(chosen, pk=pk)


def member_seen(request: HttpRequest, pk: int) -> Member:
    """A member of such a team, or Http404."""
    chosen = Member.objects.filter(team__unit__in=access.units(request, Action.PEOPLE))
    return get_object_or_404(chosen.select_related("team__unit", "team__campaign", "user"), pk=pk)


def assignment_seen(request: HttpRequest, pk: int) -> Assignment:
    """A walk given in such a team, or Http404."""
    chosen = Assignment.objects.filter(member__team__unit__in=access.units(request, Action.PEOPLE))
    return get_object_or_404(chosen.select_related("member__team"), pk=pk)
