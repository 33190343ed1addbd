"""Call-backs of a unit: when doors open here, and the rounds that are planned from it."""

from collections import Counter
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tungnha.accounts.scope import Action
from tungnha.campaign.models import Campaign
from tungnha.office import access
from tungnha.office.fieldwork.frame import around, campaigns_over
from tungnha.office.forms import accepted
from tungnha.outreach import contact
from tungnha.outreach.models import Callback
from tungnha.outreach.queries.contact import measured
from tungnha.outreach.services.callbacks import Slot, plan_callbacks
from tungnha.territory.models import Premises, Unit

_EVENING = (time(18, 15), time(20, 45))
_SATURDAY = (time(8, 30), time(11, 0))


class RoundsForm(forms.Form):
    """For how many days to plan, and with how many teams."""

    days = forms.IntegerField(label=gettext_lazy("Days ahead"), min_value=1, max_value=14, initial=5)
    teams = forms.IntegerField(
        label=gettext_lazy("Teams each evening"), min_value=1, max_value=200, initial=4
    )
    most_attempts = forms.IntegerField(
        label=gettext_lazy("Most attempts at a door"), min_value=2, max_value=10, initial=4
    )


def slots_ahead(campaign: Campaign, days: int, teams: int) -> list[Slot]:
    """Every evening from tomorrow on, and Saturday and Sunday mornings."""
    zone = ZoneInfo(campaign.time_zone)
    found = []
    for ahead in range(1, days + 1):
        day = campaign.today() + timedelta(days=ahead)
        for start, end in ([_SATURDAY] if day.weekday() >= 5 else []) + [_EVENING]:
            found.append(Slot(datetime.combine(day, start, zone), datetime.combine(day, end, zone), teams))
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def callbacks(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The rounds planned for a unit, in the campaign that runs there, and the place to plan them anew."""
    unit = access.unit(request, unit_id, Action.PEOPLE)
    campaign = campaigns_over(unit).first()
    if campaign is None:
        raise Http404
    form = RoundsForm(request.POST or None)

    def plan(days: int, teams: int, most_attempts: int) -> None:
        outcome = plan_callbacks(
            unit, campaign, slots_ahead(campaign, days, teams), most_attempts=most_attempts
        )
        messages.success(
            request,
            _("%(planned)s of %(waiting)s doors have a next attempt; about %(expected)s should open.")
            % {"planned": outcome.planned, "waiting": outcome.waiting, "expected": round(outcome.expected)},
        )

    if request.method == "POST" and accepted(form, plan):
        return redirect("callbacks", unit.pk)
    context = around(request, unit) | {
        "form": form,
        "campaign": campaign,
        "rounds": _rounds(campaign, unit),
        **_rates(campaign, unit),
    }
    return render(request, "office/fieldwork/callbacks.html", context, status=400 if form.errors else 200)


def _rounds(campaign: Campaign, unit: Unit) -> list[dict[str, Any]]:
    """By slot: the walks, how many doors each, and how many should open."""
    rows = Callback.objects.filter(campaign=campaign, household__unit=unit).select_related("turf")
    slots: dict[datetime, dict[str, Any]] = {}
    for one in rows:
        slot = slots.setdefault(
            one.start, {"start": one.start, "end": one.end, "walks": Counter(), "expected": 0.0}
        )
        slot["walks"][one.turf] += 1
        slot["expected"] += one.chance
    for slot in slots.values():
        slot["doors"] = sum(slot["walks"].values())
        slot["walks"] = sorted(slot["walks"].items(), key=lambda pair: pair[0].number)
    return list(slots.values())


def _rates(campaign: Campaign, unit: Unit) -> dict[str, Any]:
    """The unit's rate for houses by stretch of the day, and how much of it is not yet its own."""
    found = measured(campaign, [unit.pk])
    mean = found.rates.mean[found.unit[unit.pk]]
    week = datetime(2026, 11, 23, tzinfo=ZoneInfo(campaign.time_zone))  # any Monday
    hours = (
        (9, _("morning")),
        (12, _("midday")),
        (15, _("afternoon")),
        (18, _("early evening")),
        (20, _("evening")),
    )
    table = [(label, [100 * mean[_cell(week, hour, day)] for day in (0, 5, 6)]) for hour, label in hours]
    return {
        "table": table,
        "visits": found.visits,
        "foreign": round(100 * float(found.rates.from_prior.mean())),
    }


def _cell(week: datetime, hour: int, day: int) -> int:
    return contact.cell((week + timedelta(days=day)).replace(hour=hour), Premises.Kind.HOUSE)
