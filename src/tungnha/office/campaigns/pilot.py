"""A campaign as a pilot: what it measured, how it rosters, its templates, and the replications of them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.scope import Action
from tungnha.campaign.models import Parameter, RosterShape, Template
from tungnha.campaign.queries import replication as reads
from tungnha.campaign.services import parameters as services
from tungnha.campaign.services import replication
from tungnha.office import access
from tungnha.office.campaigns.frame import around, campaign_planned, campaign_seen
from tungnha.office.campaigns.replication_forms import ParameterForm, ReplicationForm, RosterForm
from tungnha.office.forms import accepted
from tungnha.territory.models import Unit

TAB = "pilot"


@require_safe
def pilot(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """What this campaign gives to others, and what it took from another."""
    campaign = campaign_seen(request, campaign_id)
    context = around(request, campaign, TAB) | {
        "parameters": [
            (one, *(_shown(number) for number in (one.value, one.low, one.high)))
            for one in campaign.parameters.all()
        ],
        "rosters": campaign.rosters.all(),
        "templates": campaign.templates.select_related("made_by"),
        "replications": reads.seen_by(request.user).filter(template__campaign=campaign),
        "repeats": reads.pilot_of(campaign),
    }
    return render(request, "office/campaigns/pilot.html", context)


def _shown(number: float | None) -> str:
    """To three places at most, without the zeros that a fixed number of places would add."""
    return "" if number is None else number_format(round(number, 3))


@require_http_methods(["GET", "HEAD", "POST"])
def new_parameter(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Enter a parameter, or another value of one that is there."""
    campaign = campaign_planned(request, campaign_id)
    form = ParameterForm(request.POST or None)
    if request.method == "POST" and accepted(
        form, services.set_parameter, campaign=campaign, by=request.user
    ):
        return redirect("pilot", campaign.pk)
    context = around(request, campaign, TAB) | {"form": form, "title": _("Enter a parameter")}
    return render(request, "office/campaigns/pilot_form.html", context, status=400 if form.errors else 200)


@require_POST
def remove_parameter(request: HttpRequest, parameter_id: int) -> HttpResponse:
    """Take a parameter out."""
    parameter = get_object_or_404(Parameter, pk=parameter_id)
    campaign = campaign_planned(request, parameter.campaign_id)
    services.remove_parameter(parameter)
    return redirect("pilot", campaign.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def new_roster(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Enter the shape of a roster, or change the one of that name."""
    campaign = campaign_planned(request, campaign_id)
    form = RosterForm(request.POST or None)
    if request.method == "POST" and accepted(form, services.set_roster, campaign=campaign):
        return redirect("pilot", campaign.pk)
    context = around(request, campaign, TAB) | {"form": form, "title": _("Enter a shift")}
    return render(request, "office/campaigns/pilot_form.html", context, status=400 if form.errors else 200)


@require_POST
def remove_roster(request: HttpRequest, roster_id: int) -> HttpResponse:
    """Take the shape of a roster out."""
    shape = get_object_or_404(RosterShape, pk=roster_id)
    campaign = campaign_planned(request, shape.campaign_id)
    services.remove_roster(shape)
    return redirect("pilot", campaign.pk)


@require_POST
def new_template(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Make the campaign, as it is now, a template of others."""
    campaign = campaign_planned(request, campaign_id)
    try:
        template = replication.make_template(campaign, by=request.user)  # type: ignore[arg-type] # signed in
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(
            request,
            _("Template %(version)d keeps the campaign as it is now.") % {"version": template.version},
        )
    return redirect("pilot", campaign.pk)


@require_safe
def template_file(request: HttpRequest, template_id: int) -> HttpResponse:
    """The campaign file that a template keeps."""
    template = get_object_or_404(Template.objects.select_related("campaign"), pk=template_id)
    campaign_planned(request, template.campaign_id)
    response = HttpResponse(template.content, content_type="application/yaml; charset=utf-8")
    name = f"{template.campaign.code}-{template.version}.yaml"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _territories(request: HttpRequest, home: Unit) -> QuerySet[Unit]:
    """The units above a pilot's where the person plans, the nearest first."""
    above = [int(key) for key in home.path.strip("/").split("/")][:-1]
    return access.units(request, Action.PLAN).filter(pk__in=above).order_by("-path")


@require_http_methods(["GET", "HEAD", "POST"])
def new_replication(request: HttpRequest, template_id: int) -> HttpResponse:
    """Say which units repeat a template, in how many steps and from when."""
    template = get_object_or_404(Template.objects.select_related("campaign__unit"), pk=template_id)
    campaign = campaign_seen(request, template.campaign_id)
    territories = _territories(request, campaign.unit)
    widest = territories.last()
    if widest is None:
        raise Http404
    context = around(request, campaign, TAB)
    units = replication.candidates(template, widest, context["today"])
    first_day = max(context["today"], campaign.deadline)
    form = ReplicationForm(
        request.POST or None,
        territories=territories,
        units=units,
        initial={
            "name": _("Replication of %(campaign)s") % {"campaign": campaign.name},
            "territory": widest,
            "first_day": first_day,
            "steps": min(6, max(1, len(units))),
        },
    )
    made: list[Any] = []
    if request.method == "POST" and accepted(
        form,
        lambda **given: made.append(
            replication.plan_replication(template, by=request.user, **given)  # type: ignore[arg-type] # signed in
        ),
    ):
        messages.success(request, _("Next: the order in which they begin."))
        return redirect("replication", made[0].pk)
    context |= {"form": form, "title": _("Repeat the pilot elsewhere")}
    return render(request, "office/campaigns/pilot_form.html", context, status=400 if form.errors else 200)
