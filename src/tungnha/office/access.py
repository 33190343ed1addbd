"""Fetching what a page is about, only if the person may. What they may not see is not there: 404, never 403.

What is fetched here is also what the audit trail says the page was about.
"""

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from tungnha.accounts.scope import Action, concerns, visible_units
from tungnha.channels.letters.models import LetterWave
from tungnha.outreach.models import Turf
from tungnha.register.models import ListFile, MatchCandidate
from tungnha.territory.models import Unit


def units(request: HttpRequest, action: Action = Action.LOOK) -> QuerySet[Unit]:
    """The units where the person may do `action`."""
    return visible_units(request.user, action)


def unit(request: HttpRequest, pk: int, action: Action = Action.LOOK) -> Unit:
    """A unit, or Http404."""
    found = get_object_or_404(units(request, action).select_related("parent", "source"), pk=pk)
    concerns(request.user, found.pk)
    return found


def turf(request: HttpRequest, pk: int, action: Action = Action.LOOK) -> Turf:
    """A turf of such a unit, or Http404."""
    chosen = Turf.objects.filter(plan__unit__in=units(request, action)).select_related("plan__unit")
    found = get_object_or_404(chosen, pk=pk)
    concerns(request.user, found.plan.unit_id)
    return found


def wave(request: HttpRequest, pk: int) -> LetterWave:
    """A wave of letters to people whom the person may see, or Http404."""
    chosen = LetterWave.objects.filter(unit__in=units(request, Action.PEOPLE)).select_related("unit")
    found = get_object_or_404(chosen, pk=pk)
    concerns(request.user, found.unit_id)
    return found


def list_file(request: HttpRequest, pk: int) -> ListFile:
    """A list sent for a unit whose lists the person may bring in, or Http404."""
    chosen = ListFile.objects.filter(unit__in=units(request, Action.IMPORT)).select_related("unit")
    found = get_object_or_404(chosen, pk=pk)
    concerns(request.user, found.unit_id)
    return found


def candidate(request: HttpRequest, pk: int) -> MatchCandidate:
    """A possible match, both of whose residents live where the person may decide, or Http404."""
    allowed = units(request, Action.IMPORT)
    chosen = MatchCandidate.objects.filter(
        left__household__unit__in=allowed, right__household__unit__in=allowed
    ).select_related("left__household", "right__household")
    found = get_object_or_404(chosen, pk=pk)
    concerns(request.user, found.left.household.unit_id)
    return found
