"""What waits for a supervisor: reports about visitors, entries that are held, and what the checks saw."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tungnha.accounts.scope import Action
from tungnha.ledger import queries as ledger
from tungnha.ledger import services as entries
from tungnha.ledger.judging import Reason
from tungnha.ledger.models import Held
from tungnha.office import access
from tungnha.office.fieldwork.forms import HeldForm, SettleForm
from tungnha.office.fieldwork.frame import around
from tungnha.office.forms import accepted
from tungnha.outreach.models import VisitorReport
from tungnha.outreach.queries.positions import places
from tungnha.outreach.services import reports
from tungnha.progress import services as progress
from tungnha.progress.checks import CHECKS
from tungnha.progress.models import ReviewFlag
from tungnha.progress.queries import flags_seen_by
from tungnha.territory.models import Unit

_PAGE = 30
_WHY = {
    Reason.MALFORMED: gettext_lazy("It cannot be read"),
    Reason.TOO_LARGE: gettext_lazy("It is too large"),
    Reason.UNKNOWN_KIND: gettext_lazy("Its kind is not known here"),
    Reason.NEWER_VERSION: gettext_lazy("The phone's program is newer than the server's"),
    Reason.NOT_FROM_A_PHONE: gettext_lazy("Only the office writes such an entry"),
    Reason.BAD_BODY: gettext_lazy("What it says does not fit its kind"),
    Reason.OTHER_CAMPAIGN: gettext_lazy("It belongs to another campaign"),
    Reason.SUBJECT_MISSING: gettext_lazy("It does not say whom or what it is about"),
    Reason.UNKNOWN_SUBJECT: gettext_lazy("The register does not know whom or what it is about"),
    Reason.OUTSIDE: gettext_lazy("It is about a door outside the person's walks"),
    Reason.FUTURE: gettext_lazy("It lies in the future"),
    Reason.TOO_OLD: gettext_lazy("It is older than the phone's first session"),
    Reason.ANOTHERS_ENTRY: gettext_lazy("It corrects what somebody else wrote"),
    Reason.OTHER_PERSON: gettext_lazy("It was recorded by somebody else than who sent it"),
    Reason.DIFFERENT_BODY: gettext_lazy("Another entry has its number"),
}


@require_safe
def review(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Everything of the unit that waits; with `?tat-ca=1` what was settled too."""
    unit = access.unit(request, unit_id, Action.PEOPLE)
    everything = request.GET.get("tat-ca") == "1"
    told = VisitorReport.objects.filter(unit=unit).select_related("assignment__member__user", "settled_by")
    flags = flags_seen_by(request.user).filter(unit=unit)
    if not everything:
        told, flags = told.filter(settled_at=None), flags.filter(settled_at=None)
    page = Paginator(flags, _PAGE).get_page(request.GET.get("trang"))
    context = around(request, unit) | {
        "everything": everything,
        "reports": [(one, reports.words_of(one)) for one in told[:_PAGE]],
        "held": [_held(one) for one in ledger.held(request.user).filter(device__unit=unit)[:_PAGE]],  # type: ignore[arg-type]
        "page": page,
        "flags": _flags(list(page)),
    }
    return render(request, "office/fieldwork/review.html", context)


def _flags(flags: list[ReviewFlag]) -> list[dict[str, Any]]:
    """Flags in words, each with the alleys that its person's visits of the day were stamped with, where they agreed."""
    near = {
        campaign.pk: places(campaign, {one.person_id for one in flags if one.campaign_id == campaign.pk})
        for campaign in {one.campaign for one in flags}
    }
    return [_flag(one) | {"places": near[one.campaign_id].get((one.person_id, one.day))} for one in flags]


def _flag(flag: ReviewFlag) -> dict[str, Any]:
    """A flag in words; a check that is no longer there still says its name."""
    check = CHECKS.get(flag.check_name)
    return {
        "flag": flag,
        "label": check.label if check else flag.check_name,
        "words": str(check.words) % flag.facts if check else "",
        "innocent": check.innocent if check else "",
        "percent": round(flag.share * 100),
    }


def _held(one: Held) -> dict[str, Any]:
    return {"held": one, "digest": bytes(one.digest).hex(), "why": _WHY[Reason(one.reason)]}


def _settled(request: HttpRequest, unit: Unit, *, done: bool) -> HttpResponse:
    if done:
        messages.success(request, _("Settled."))
    else:
        messages.warning(request, _("Not settled: say what you found out, or somebody else was quicker."))
    return redirect("review", unit.pk)


@require_POST
def settle_flag(request: HttpRequest, flag_id: int) -> HttpResponse:
    """Record what was found out about a flag."""
    flag = get_object_or_404(flags_seen_by(request.user), pk=flag_id)
    form = SettleForm(request.POST)
    try:
        done = form.is_valid() and progress.settle(flag, form.cleaned_data["reason"], by=request.user)  # type: ignore[arg-type]
    except PermissionDenied as error:
        raise Http404 from error
    return _settled(request, flag.unit, done=done)


@require_POST
def settle_report(request: HttpRequest, report_id: int) -> HttpResponse:
    """Record what was found out about a visitor."""
    mine = VisitorReport.objects.filter(unit__in=access.units(request, Action.PEOPLE)).select_related("unit")
    report = get_object_or_404(mine, pk=report_id)
    form = SettleForm(request.POST)
    done = form.is_valid() and reports.settle_report(report, form.cleaned_data["reason"], by=request.user)  # type: ignore[arg-type]
    return _settled(request, report.unit, done=done)


@require_POST
def settle_held(request: HttpRequest, digest: str) -> HttpResponse:
    """Let a held entry count, or not, with a reason."""
    try:
        key = bytes.fromhex(digest)
    except ValueError as error:
        raise Http404 from error
    held = get_object_or_404(ledger.held(request.user).select_related("device__unit"), pk=key)  # type: ignore[arg-type]
    form = HeldForm(request.POST)

    def decide(decision: str, reason: str) -> None:
        settle = entries.release if decision == "release" else entries.refuse
        settle(held, by=request.user, note=reason)  # type: ignore[arg-type] # signed in

    done = accepted(form, decide)
    for refusal in form.non_field_errors():
        messages.error(request, str(refusal))
    return _settled(request, held.device.unit, done=done)
