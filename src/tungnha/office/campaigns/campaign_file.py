"""A campaign as a file: taking it away, and bringing one in after a look at what it changes."""

import hashlib
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action
from tungnha.campaign.files import imports
from tungnha.campaign.files.differences import rows
from tungnha.campaign.files.exports import export
from tungnha.office import access
from tungnha.office.campaigns.campaign_file_forms import CampaignFileForm
from tungnha.office.campaigns.frame import campaign_planned

_ROWS_SHOWN = 300


@require_safe
def campaign_file(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The campaign's set-up as a download."""
    campaign = campaign_planned(request, campaign_id)
    response = HttpResponse(export(campaign), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{campaign.code}.yaml"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def import_campaign(request: HttpRequest) -> HttpResponse:
    """Send or paste a file, see what it would change or what is wrong with it, mend it here, then make it so."""
    if not access.units(request, Action.PLAN).exists():
        raise Http404
    form = CampaignFileForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"form": form}
    if request.method != "POST" or not form.is_valid():
        status = 400 if form.errors else 200
        return render(request, "office/campaigns/campaign_import.html", context, status=status)
    content: str = form.cleaned_data["text"]
    document = imports.understand(content.encode())
    if form.cleaned_data["start"] is not None:
        document.begin_on(form.cleaned_data["start"])
    assert isinstance(request.user, User)
    # Only what was looked at is brought in: the same text, onto the same campaign.
    looked_at = _digest(content, form.cleaned_data["start"])
    if request.POST.get("action") == "apply" and form.cleaned_data["looked_at"] == looked_at:
        try:
            outcome = imports.bring_in(document, request.user, seen=form.cleaned_data["seen"])
        except imports.ChangedMeanwhileError:
            messages.error(
                request, _("Somebody changed the campaign meanwhile. Look again at what would change now.")
            )
            outcome = imports.look(document, request.user)
        else:
            if not outcome.problems and outcome.campaign is not None:
                messages.success(request, _("The campaign is what the file says."))
                return redirect("campaign", outcome.campaign.pk)
    else:
        outcome = imports.look(document, request.user)
    found = rows(outcome)
    context |= {
        "form": CampaignFileForm(
            initial={
                "text": content,
                "start": form.cleaned_data["start"],
                "seen": outcome.seen,
                "looked_at": looked_at,
            }
        ),
        "outcome": outcome,
        "head": document.head,
        "problems": outcome.problems[:_ROWS_SHOWN],
        "problem_count": len(outcome.problems),
        "more_problems": max(0, len(outcome.problems) - _ROWS_SHOWN),
        "rows": found[:_ROWS_SHOWN],
        "more": max(0, len(found) - _ROWS_SHOWN),
    }
    status = 400 if outcome.problems else 200
    return render(request, "office/campaigns/campaign_import.html", context, status=status)


def _digest(content: str, start: Any) -> str:
    return hashlib.sha256(f"{start}\n{content}".encode()).hexdigest()
