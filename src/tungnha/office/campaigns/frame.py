"""What stands around every page of a campaign: who may see it, its head and its tabs."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.scope import Action, concerns, may
from tungnha.campaign.models import Campaign
from tungnha.campaign.queries import campaigns


@dataclass(frozen=True)
class Tab:
    """A part of a campaign. `address` is the name of a URL that takes the campaign's primary key."""

    name: str
    label: str | Promise
    address: str


TABS = (
    Tab("plan", _("Plan"), "campaign"),
    Tab("indicators", _("Indicators"), "indicators"),
    Tab("directives", _("Directives"), "directives"),
    Tab("themes", _("Themes"), "themes"),
    Tab("calendar", _("Calendar"), "calendar"),
    Tab("support", _("Support models"), "support"),
    Tab("pilot", _("Pilot and replication"), "pilot"),
)
"""The tabs in their order; a new part of the campaign is one line here."""


def campaign_seen(request: HttpRequest, pk: int) -> Campaign:
    """A campaign that the person may read, wholly or for their own units, or Http404."""
    campaign = get_object_or_404(campaigns.seen_by(request.user), pk=pk)
    concerns(request.user, campaign.unit_id)
    return campaign


def campaign_planned(request: HttpRequest, pk: int) -> Campaign:
    """A campaign that the person may set up, or Http404."""
    campaign = campaign_seen(request, pk)
    if not may(request.user, Action.PLAN, campaign.unit):
        raise Http404
    return campaign


def around(request: HttpRequest, campaign: Campaign, tab: str) -> dict[str, Any]:
    """The context that `office/campaigns/frame.html` needs: the campaign, its tabs, whether the person plans it."""
    today = campaign.today()
    return {
        "campaign": campaign,
        "tabs": TABS,
        "tab": tab,
        "plans": may(request.user, Action.PLAN, campaign.unit),
        "today": today,
        "day": (today - campaign.start).days + 1,
        "days": (campaign.deadline - campaign.start).days + 1,
    }
