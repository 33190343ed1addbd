"""Directives as those who are asked work with them: what to answer today, taking one on, answering; and reading answers."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tungnha.accounts.scope import Action, may
from tungnha.campaign.models import Recipient, Response
from tungnha.campaign.queries import directives as reads
from tungnha.campaign.services import directives as services
from tungnha.office.campaigns.directive_forms import AnswerForm, CloseForm, ReturnForm, TakeForm
from tungnha.office.campaigns.files import handed_out
from tungnha.office.campaigns.frame import around
from tungnha.office.forms import accepted

_PAGE = 50


@require_safe
def to_answer(request: HttpRequest) -> HttpResponse:
    """What the person's units have to answer, most urgent first; `?duoi=co` with the units below."""
    below = request.GET.get("duoi") == "co"
    rows = reads.to_answer(request.user, below=below)
    page = Paginator(rows, _PAGE).get_page(request.GET.get("trang"))
    today = timezone.localdate()
    groups: dict[str, list[tuple[Recipient, int]]] = {"late": [], "today": [], "later": []}
    for one in page:
        groups[_when(one, today)].append((one, abs((one.directive.deadline - today).days)))
    names = {"late": _("Over the deadline"), "today": _("Due today"), "later": _("To come")}
    context = {
        "page": page,
        "groups": [(key, names[key], found) for key, found in groups.items() if found],
        "below": below,
    }
    return render(request, "office/campaigns/to_answer.html", context)


def _when(one: Recipient, today: date) -> str:
    deadline = one.directive.deadline
    return "late" if deadline < today else "today" if deadline == today else "later"


def _seen(request: HttpRequest, pk: int) -> Recipient:
    """A recipient whose figures the person reads, or Http404."""
    rows = reads.recipients_seen_by(request.user).select_related(
        "directive__campaign__unit", "directive__attachment"
    )
    return get_object_or_404(rows, pk=pk)


def _page(request: HttpRequest, one: Recipient, **form: forms.Form) -> HttpResponse:
    """The recipient's page with the forms that the person may use; one with errors stands in its place."""
    context = around(request, one.directive.campaign, "directives")
    onward = () if one.directive.ended else services.ONWARD[one.state]
    seen = {"seen": one.state}
    answers = may(request.user, Action.REPORT, one.unit)
    offered: dict[str, Any] = {}
    if answers and Recipient.State.ACKNOWLEDGED in onward:
        offered["take"] = TakeForm(initial=seen)
    if answers and Recipient.State.ANSWERED in onward:
        offered["answer"] = AnswerForm(initial=seen)
    if context["plans"] and Recipient.State.RETURNED in onward:
        offered["give_back"] = ReturnForm(initial=seen)
    if context["plans"] and Recipient.State.CLOSED in onward:
        offered["close"] = CloseForm(initial=seen)
    context |= offered | form
    context |= {
        "one": one,
        "directive": one.directive,
        "overdue": one.overdue(context["today"]),
        "quality": one.quality(context["today"]),
        "responses": one.responses.select_related("attachment", "by"),
        "events": one.events.select_related("by"),
    }
    return render(request, "office/campaigns/recipient.html", context, status=400 if form else 200)


@require_safe
def recipient_page(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """One recipient's copy. Whoever answers there and did not send it leaves the mark that it was seen."""
    one = _seen(request, recipient_id)
    sender = may(request.user, Action.PLAN, one.directive.campaign.unit)
    if not sender and may(request.user, Action.REPORT, one.unit):
        services.see(one, by=request.user)  # type: ignore[arg-type]
    return _page(request, one)


def _done(
    request: HttpRequest,
    one: Recipient,
    name: str,
    form: forms.Form,
    use_case: Callable[..., Any],
    **fixed: Any,
) -> HttpResponse:
    if accepted(form, use_case, recipient=one, by=request.user, **fixed):
        messages.success(request, _("Recorded: %(state)s.") % {"state": one.get_state_display()})
        return redirect("recipient", one.pk)
    return _page(request, _seen(request, one.pk), **{name: form})


def _answered(request: HttpRequest, pk: int) -> Recipient:
    """A recipient for whose unit the person answers, or Http404."""
    one = _seen(request, pk)
    if not may(request.user, Action.REPORT, one.unit):
        raise Http404
    return one


def _sent(request: HttpRequest, pk: int) -> Recipient:
    """A recipient in a campaign that the person plans, or Http404."""
    one = _seen(request, pk)
    if not may(request.user, Action.PLAN, one.directive.campaign.unit):
        raise Http404
    return one


@require_POST
def take(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """Acknowledge a directive."""
    one = _answered(request, recipient_id)
    return _done(request, one, "take", TakeForm(request.POST), services.acknowledge)


@require_POST
def answer(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """Answer a directive, or add to an answer."""
    one = _answered(request, recipient_id)
    form = AnswerForm(request.POST, request.FILES)
    return _done(request, one, "answer", form, services.answer, today=one.directive.campaign.today())


@require_POST
def give_back(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """Return an answer for more."""
    one = _sent(request, recipient_id)
    return _done(request, one, "give_back", ReturnForm(request.POST), services.give_back)


@require_POST
def close(request: HttpRequest, recipient_id: int) -> HttpResponse:
    """Accept an answer."""
    one = _sent(request, recipient_id)
    return _done(request, one, "close", CloseForm(request.POST), services.close)


@require_safe
def response_file(request: HttpRequest, response_id: int) -> FileResponse:
    """A file of an answer, for whoever sees the recipient."""
    response = get_object_or_404(Response.objects.select_related("attachment"), pk=response_id)
    _seen(request, response.recipient_id)
    return handed_out(response.attachment)
