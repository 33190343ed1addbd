"""What surrounds the calendar of a unit: its local rules, and the feeds through which calendar programs read it."""

import hashlib
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, may, visible_units
from tungnha.campaign import ical
from tungnha.campaign.models import Campaign, Feed, SlotRules
from tungnha.campaign.queries import calendar as reads
from tungnha.campaign.queries import themes as theme_reads
from tungnha.campaign.services import calendar as services
from tungnha.campaign.services import feeds as feed_services
from tungnha.campaign.slot_profiles import PROFILES
from tungnha.office.campaigns.frame import around, campaign_seen
from tungnha.office.campaigns.touch_forms import FeedForm, RulesForm
from tungnha.office.forms import accepted
from tungnha.territory.models import Unit
from tungnha.territory.queries import existing


def _units(request: HttpRequest, campaign: Campaign) -> QuerySet[Unit]:
    """Units of the campaign where the person plans."""
    units = visible_units(request.user, Action.PLAN).filter(existing(), path__startswith=campaign.unit.path)
    return units.exclude(kind=Unit.Kind.GROUP).defer("boundary").order_by("name_fold")


@require_http_methods(["GET", "HEAD", "POST"])
def slot_rules(request: HttpRequest, campaign_id: int, unit_id: int) -> HttpResponse:
    """Set a unit's local rules, from a profile (`mau`) or anew; `action=remove` takes them away."""
    campaign = campaign_seen(request, campaign_id)
    unit = get_object_or_404(_units(request, campaign), pk=unit_id)
    own = SlotRules.objects.filter(unit=unit).first()
    if request.POST.get("action") == "remove":
        services.remove_rules(unit)
        return redirect("slot-rules", campaign.pk, unit.pk)
    profile = PROFILES.get(request.GET.get("mau", ""))
    held = reads.rules_above(unit)
    form = RulesForm(
        request.POST or None, initial=_shown(SlotRules(**profile.rules) if profile else own or held)
    )
    if request.method == "POST" and accepted(form, services.set_rules, unit=unit):
        messages.success(request, _("The rules hold from now on."))
        return redirect("calendar", campaign.pk)
    context = around(request, campaign, "calendar")
    context |= {"form": form, "unit": unit, "own": own, "held": held, "profiles": PROFILES.values()}
    return render(request, "office/campaigns/slot_rules.html", context, status=400 if form.errors else 200)


def _shown(rules: SlotRules | None) -> dict[str, Any]:
    if rules is None:
        return {}
    shown = {name: getattr(rules, name) for name in RulesForm.base_fields}
    return shown | {"weekdays": rules.weekdays.split(",")}


@require_http_methods(["GET", "HEAD", "POST"])
def feeds(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The calendar feeds of the person's units, and the place to make one. Its address is shown once."""
    campaign = campaign_seen(request, campaign_id)
    units = _units(request, campaign)
    if not units.exists():
        raise Http404
    first = {"unit": units.first()} if units.count() == 1 else {}
    form = FeedForm(request.POST or None, units=units, initial=first)
    made: list[str] = []

    def make(**given: Any) -> None:
        assert isinstance(request.user, User)
        _feed, token = feed_services.make_feed(campaign, by=request.user, **given)
        made.append(settings.TUNGNHA_PUBLIC_URL + reverse("feed-file", args=[token]))

    if request.method == "POST" and accepted(form, make):
        form = FeedForm(units=units, initial=first)
    context = around(request, campaign, "calendar")
    rows = Feed.objects.filter(campaign=campaign, unit__in=units.values("pk"), revoked_at=None)
    context |= {
        "form": form,
        "feeds": rows.select_related("unit", "made_by"),
        "address": made[0] if made else "",
    }
    response = render(request, "office/campaigns/feeds.html", context, status=400 if form.errors else 200)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def revoke_feed(request: HttpRequest, feed_id: int) -> HttpResponse:
    """Close a feed's address."""
    feed = get_object_or_404(Feed.objects.select_related("unit"), pk=feed_id)
    campaign_seen(request, feed.campaign_id)
    if not may(request.user, Action.PLAN, feed.unit):
        raise Http404
    feed_services.revoke_feed(feed)
    messages.success(request, _("The address is closed."))
    return redirect("feeds", feed.campaign_id)


@login_not_required
@require_safe
def feed_file(request: HttpRequest, token: str) -> HttpResponseBase:
    """A unit's touches for a calendar program, which knows only the address. 304 where nothing changed since."""
    feed = reads.feed(token)
    if feed is None:
        raise Http404
    campaign = feed.campaign
    name = f"{campaign.name} · {feed.unit.name}"
    text = ical.calendar(
        name, campaign.time_zone, reads.touches_of_feed(feed), theme_reads.in_force(campaign)
    )
    etag = f'"{hashlib.sha256(text).hexdigest()[:32]}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(text, content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = f'inline; filename="{campaign.code}-{feed.unit.code}.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response
