"""What was done in a unit: by day, by how doors stand, and what waits for a supervisor."""

from collections import Counter
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tungnha.accounts.scope import Action, could
from tungnha.campaign.models import Campaign
from tungnha.ledger import queries as ledger
from tungnha.ledger.models import DailyCount
from tungnha.office import access
from tungnha.office.fieldwork.frame import around, campaigns_over
from tungnha.outreach.models import HouseholdOutcome, VisitorReport
from tungnha.outreach.visits import OUTCOME_LABELS
from tungnha.progress.queries import flags_seen_by
from tungnha.territory.models import Unit

_DAYS = 30
_MEASURES = ("visit", "contact", "done")


@require_safe
def fieldwork(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A unit's field work in one campaign (`?chien-dich=code`; the newest if not asked for)."""
    unit = access.unit(request, unit_id)
    campaigns = list(campaigns_over(unit))
    asked = request.GET.get("chien-dich")
    campaign = next((one for one in campaigns if one.code == asked), campaigns[0] if campaigns else None)
    context = around(request, unit) | {"campaigns": campaigns, "campaign": campaign}
    if campaign is not None:
        context["plans"] = could(request.user, Action.PLAN, campaign.unit)
        context |= _done(campaign, unit)
    if context["sees_people"]:
        context["waiting"] = {
            "reports": VisitorReport.objects.filter(unit=unit, settled_at=None).count(),
            "flags": flags_seen_by(request.user).filter(unit=unit, settled_at=None).count(),
            "held": ledger.held(request.user).filter(device__unit=unit).count(),  # type: ignore[arg-type] # signed in
        }
    return render(request, "office/fieldwork/fieldwork.html", context)


def _done(campaign: Campaign, unit: Unit) -> dict[str, Any]:
    """Counts by day, newest first, and how the doors stand; over the unit and what is below it."""
    below = list(Unit.objects.filter(path__startswith=unit.path).values_list("pk", flat=True))
    counts = DailyCount.objects.filter(campaign=campaign.code, unit__in=below, measure__in=_MEASURES)
    by_day: dict[Any, dict[str, int]] = {}
    rows = counts.values("day", "measure").annotate(times_=Sum("times"), homes=Sum("households"))
    for row in rows:
        line = by_day.setdefault(row["day"], dict.fromkeys((*_MEASURES, "homes"), 0))
        line[row["measure"]] = row["times_"]
        if row["measure"] == "visit":
            line["homes"] = row["homes"]
    stands = Counter(
        dict(
            HouseholdOutcome.objects.filter(campaign=campaign.code, unit__in=below)
            .values_list("outcome")
            .annotate(Count("household"))
        )
    )
    households = unit.households.count()
    reached = sum(stands.values())
    return {
        "days": [(day, by_day[day]) for day in sorted(by_day, reverse=True)[:_DAYS]],
        "stands": [
            (label, stands[outcome.value])
            for outcome, label in OUTCOME_LABELS.items()
            if stands[outcome.value]
        ],
        "visits": sum(line["visit"] for line in by_day.values()),
        "tried": reached,
        "households": households,
        "coverage": 100 * reached / households if households else None,
    }
