"""A campaign's switch for position stamps, and every decision about it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tungnha.office.campaigns.frame import around, campaign_planned
from tungnha.office.fieldwork.forms import PositionForm
from tungnha.office.forms import accepted
from tungnha.outreach import positions
from tungnha.outreach.models import PositionDecision
from tungnha.outreach.services.positions import decide


@require_http_methods(["GET", "HEAD", "POST"])
def position_stamps(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Whether visits are stamped with an alley, since which document, what volunteers are asked; the switch."""
    campaign = campaign_planned(request, campaign_id)
    form = PositionForm(request.POST or None)
    if request.method == "POST" and accepted(form, decide, campaign=campaign, by=request.user):
        messages.success(request, _("Decided. Phones hear of it with their next sync."))
        return redirect("position-stamps", campaign.pk)
    decisions = PositionDecision.objects.filter(campaign=campaign).select_related("decided_by")
    stands = decisions.first()
    context = around(request, campaign, "") | {
        "form": form,
        "decisions": decisions,
        "stands": stands,
        "consent": [
            paragraph.replace("{days}", str(stands.days if stands and stands.on else "…"))
            for paragraph in positions.wording().told()
        ],
        "version": positions.wording().version,
    }
    return render(request, "office/fieldwork/positions.html", context, status=400 if form.errors else 200)
