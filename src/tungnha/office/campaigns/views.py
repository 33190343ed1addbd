"""The list of campaigns, setting one up, and its phases."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tungnha.accounts.scope import Action
from tungnha.campaign.models import Phase
from tungnha.campaign.queries import campaigns as reads
from tungnha.campaign.services import campaigns as services
from tungnha.office import access
from tungnha.office.campaigns.forms import CampaignForm, PhaseForm
from tungnha.office.campaigns.frame import around, campaign_planned, campaign_seen
from tungnha.office.forms import accepted
from tungnha.territory import queries as places
from tungnha.territory.models import Unit


@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """The campaigns a person sees, or what to do to have one."""
    planning = access.units(request, Action.PLAN).filter(places.existing())
    context = {
        "campaigns": reads.seen_by(request.user),
        "plans": planning.exists(),
        "has_units": access.units(request).exists(),
    }
    return render(request, "office/campaigns/campaigns.html", context)


def _territories(request: HttpRequest) -> QuerySet[Unit]:
    """Where the person may run a campaign: the widest unit first, then by name."""
    return _widest_first(access.units(request, Action.PLAN).filter(places.existing()))


def _widest_first(units: QuerySet[Unit]) -> QuerySet[Unit]:
    return units.order_by(Length("path"), "name_fold")


@require_http_methods(["GET", "HEAD", "POST"])
def new_campaign(request: HttpRequest) -> HttpResponse:
    """Set up a campaign in a unit where the person plans."""
    units = _territories(request)
    first = units.first()
    if first is None:
        raise Http404
    form = CampaignForm(request.POST or None, units=units, initial={"unit": first})
    made: list[Any] = []
    if request.method == "POST" and accepted(
        form, lambda **given: made.append(services.create_campaign(**given))
    ):
        messages.success(request, _("The campaign is set up. Next: its phases and its plan."))
        return redirect("campaign", made[0].pk)
    context = {"form": form, "title": _("New campaign")}
    return render(request, "office/campaigns/campaign_form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change_campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Change a campaign's name, territory or dates."""
    campaign = campaign_planned(request, campaign_id)
    kept = {name: getattr(campaign, name) for name in CampaignForm.base_fields}
    # A territory that was merged since stays a choice of its own campaign.
    units = access.units(request, Action.PLAN).filter(places.existing() | Q(pk=campaign.unit_id))
    form = CampaignForm(request.POST or None, units=_widest_first(units), initial=kept)
    if request.method == "POST" and accepted(form, services.change_campaign, campaign=campaign):
        messages.success(request, _("The campaign is changed."))
        return redirect("campaign", campaign.pk)
    context = {"form": form, "title": _("Change the campaign"), "campaign": campaign}
    return render(request, "office/campaigns/campaign_form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def phases(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The campaign's phases, and the place to add one."""
    campaign = campaign_seen(request, campaign_id)
    context = around(request, campaign, "plan")
    form = PhaseForm(request.POST or None)
    if request.method == "POST":
        if not context["plans"]:
            raise Http404
        if accepted(form, services.add_phase, campaign=campaign):
            return redirect("phases", campaign.pk)
    context |= {"form": form, "phases": campaign.phases.all()}
    return render(request, "office/campaigns/phases.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change_phase(request: HttpRequest, phase_id: int) -> HttpResponse:
    """Rename, move or (`action=remove`) take out a phase."""
    phase = get_object_or_404(Phase, pk=phase_id)
    campaign = campaign_planned(request, phase.campaign_id)
    if request.POST.get("action") == "remove":
        services.remove_phase(phase)
        return redirect("phases", campaign.pk)
    kept = {"name": phase.name, "start": phase.start, "end": phase.end}
    form = PhaseForm(request.POST or None, initial=kept)
    if request.method == "POST" and accepted(form, services.change_phase, phase=phase):
        return redirect("phases", campaign.pk)
    context = around(request, campaign, "plan") | {"form": form, "phase": phase}
    return render(request, "office/campaigns/phase.html", context, status=400 if form.errors else 200)
