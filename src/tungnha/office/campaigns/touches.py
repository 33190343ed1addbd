"""One touch: where it stands, what it clashes with, and planning, changing and cancelling it by hand."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.scope import Action, may, visible_units
from tungnha.campaign.conflicts import Alike, alike
from tungnha.campaign.models import Campaign, Organisation, Theme, Touch
from tungnha.campaign.queries import calendar as reads
from tungnha.campaign.services import calendar as services
from tungnha.office.accounts.gate import person
from tungnha.office.campaigns.calendar import touch_seen
from tungnha.office.campaigns.frame import around, campaign_seen
from tungnha.office.campaigns.recurring import in_words
from tungnha.office.campaigns.touch_forms import CancelForm, ChangeForm, TouchForm, kept_in
from tungnha.office.forms import accepted
from tungnha.territory.models import Unit
from tungnha.territory.queries import existing

_AHEAD = timedelta(days=60)
"""How far ahead a touch's own page looks for what it clashes with."""
_TOLD = 20


def _planned(request: HttpRequest, pk: int) -> Touch:
    """A touch of a unit where the person plans, or Http404."""
    touch = touch_seen(request, pk)
    if not may(request.user, Action.PLAN, touch.unit):
        raise Http404
    return touch


def _page(request: HttpRequest, touch: Touch, form: CancelForm | None = None) -> HttpResponse:
    """The touch's page; a cancellation that was refused stands in its place with the reason."""
    campaign = touch.campaign
    context = around(request, campaign, "calendar")
    changes = may(request.user, Action.PLAN, touch.unit) and touch.cancelled_from is None
    if changes and form is None:
        form = CancelForm(recurs=bool(touch.rule), initial={"seen": touch.revision})
    context |= {
        "touch": touch,
        "rule": in_words(touch.rule),
        "last": touch.end - timedelta(minutes=1) if touch.begins is None else touch.end,
        "exceptions": touch.exceptions.select_related("by"),
        "conflicts": _conflicts(request, touch),
        "changes": changes and not touch.origin,
        "cancel": form if changes else None,
    }
    bad = form is not None and form.errors
    return render(request, "office/campaigns/touch.html", context, status=400 if bad else 200)


def _conflicts(request: HttpRequest, touch: Touch) -> list[Alike]:
    """What it clashes with among all that the person sees, in the days to come."""
    campaign = touch.campaign
    first = max(touch.day, campaign.today())
    nearby = reads.reaching(touch.unit) | Q(unit__path__startswith=touch.unit.path)
    touches = reads.touches_seen_by(request.user).filter(nearby, campaign=campaign)
    found = reads.stretch(campaign, touches, first, min(touch.last_day, first + _AHEAD)).conflicts
    return alike(one for one in found if touch in {one.touch, one.other})[:_TOLD]


@require_safe
def touch_page(request: HttpRequest, touch_id: int) -> HttpResponse:
    """One touch, for those whom it reaches and those above them."""
    return _page(request, touch_seen(request, touch_id))


def _choices(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    units = visible_units(request.user, Action.PLAN).filter(existing(), path__startswith=campaign.unit.path)
    return {
        "units": units.exclude(kind=Unit.Kind.GROUP).defer("boundary").order_by("name_fold"),
        "organisations": Organisation.objects.filter(unit__path__startswith=campaign.unit.path),
        "themes": Theme.objects.filter(campaign=campaign),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def new_touch(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Plan something by hand in a unit where the person plans; `ngay`, `don_vi` and `chu_de` fill the form in."""
    campaign = campaign_seen(request, campaign_id)
    choices = _choices(request, campaign)
    if not choices["units"].exists():
        raise Http404
    asked = request.GET.get
    initial = {"start": asked("ngay"), "unit": asked("don_vi"), "theme": asked("chu_de")}
    if not initial["unit"] and choices["units"].count() == 1:
        initial["unit"] = choices["units"].first()
    form = TouchForm(request.POST or None, initial=initial, **choices)
    made: list[Touch] = []

    def plan(**_given: Any) -> None:
        made.append(services.plan_touch(campaign, form.planned(), by=person(request)))

    if request.method == "POST" and accepted(form, plan):
        messages.success(request, _("It is in the calendar."))
        return redirect("touch", made[0].pk)
    context = around(request, campaign, "calendar") | {"form": form}
    return render(request, "office/campaigns/touch_form.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def change_touch(request: HttpRequest, touch_id: int) -> HttpResponse:
    """Change what was planned by hand; what a channel registered is changed in that channel."""
    touch = _planned(request, touch_id)
    if touch.origin or touch.cancelled_from is not None:
        raise Http404
    campaign = touch.campaign
    form = ChangeForm(
        request.POST or None, initial=kept_in(touch) | {"seen": touch.revision}, **_choices(request, campaign)
    )

    def change(seen: int, **_given: Any) -> None:
        services.change_touch(touch, form.planned(), by=person(request), seen=seen)

    if request.method == "POST" and accepted(form, change):
        return redirect("touch", touch.pk)
    context = around(request, campaign, "calendar") | {"form": form, "touch": touch}
    return render(request, "office/campaigns/touch_form.html", context, status=400 if form.errors else 200)


@require_POST
def cancel_touch(request: HttpRequest, touch_id: int) -> HttpResponse:
    """Cancel a touch, or one day of it."""
    touch = _planned(request, touch_id)
    form = CancelForm(request.POST, recurs=bool(touch.rule))
    if accepted(form, services.cancel_touch, touch=touch, by=person(request)):
        messages.success(request, _("It is cancelled. Calendar programs that read the feed will show it so."))
        return redirect("touch", touch.pk)
    return _page(request, touch, form)
