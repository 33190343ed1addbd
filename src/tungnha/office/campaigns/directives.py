"""Directives as the office that sends them works with them: enter, follow up, remind, end."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.scope import Action, may
from tungnha.campaign.models import Campaign, Directive, DirectiveLine, Recipient
from tungnha.campaign.queries import directives as reads
from tungnha.campaign.queries.plans import plans_of
from tungnha.campaign.services import directives as services
from tungnha.office.campaigns.directive_forms import ContentForm, DirectiveForm, EndForm, GivenTaskForm
from tungnha.office.campaigns.files import handed_out
from tungnha.office.campaigns.frame import around, campaign_planned, campaign_seen
from tungnha.office.campaigns.plan_forms import RecipientsForm
from tungnha.office.campaigns.plans import those_who_act
from tungnha.office.campaigns.sheets import Value, download
from tungnha.office.forms import accepted
from tungnha.territory.vietnamese import fold

_PAGE = 50
_COLUMNS = 8
"""Directives beside each other in the table of those who have not acted."""


def directive_seen(request: HttpRequest, pk: int) -> Directive:
    """A directive that went to somebody whom the person sees, or Http404."""
    directive = get_object_or_404(
        Directive.objects.select_related("campaign__unit", "attachment", "ended_by"), pk=pk
    )
    if not reads.recipients_seen_by(request.user).filter(directive=directive).exists():
        raise Http404
    return directive


def _planned(request: HttpRequest, pk: int) -> Directive:
    """A directive of a campaign that the person plans, or Http404."""
    directive = directive_seen(request, pk)
    if not may(request.user, Action.PLAN, directive.campaign.unit):
        raise Http404
    return directive


def _seen_in(campaign: Campaign, request: HttpRequest) -> QuerySet[Recipient]:
    return reads.recipients_seen_by(request.user).filter(directive__campaign=campaign)


@require_safe
def directives(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The campaign's directives that concern the person's units, newest first, and where their recipients stand."""
    campaign = campaign_seen(request, campaign_id)
    context = around(request, campaign, "directives")
    text, ended_too = request.GET.get("q", "")[:100].strip(), request.GET.get("het-hieu-luc") == "co"
    rows = [
        one
        for one in reads.directives_of(campaign, request.user)
        if (ended_too or not one.ended) and fold(text) in fold(f"{one.number} {one.subject}")
    ]
    page = Paginator(rows, _PAGE).get_page(request.GET.get("trang"))
    where = reads.standings(_seen_in(campaign, request), page)
    context |= {
        "page": page,
        "rows": [(one, where[one.pk], (context["today"] - one.deadline).days) for one in page],
        "q": text,
        "ended_too": ended_too,
    }
    return render(request, "office/campaigns/directives.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def new_directive(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Enter a directive that was issued, and send it to its recipients."""
    campaign = campaign_planned(request, campaign_id)
    context = around(request, campaign, "directives")
    last = Directive.objects.filter(campaign=campaign).first()
    form = DirectiveForm(
        request.POST or None,
        request.FILES or None,
        initial={"issuer": last.issuer if last else "", "issued": context["today"]},
        earlier=Directive.objects.filter(campaign=campaign, ended=""),
        **those_who_act(campaign),
    )
    made: list[Directive] = []

    def issue(**given: Any) -> None:
        made.append(
            services.issue(campaign, by=request.user, today=context["today"], **given)  # type: ignore[arg-type]
        )

    if request.method == "POST" and accepted(form, issue):
        sent = made[0].recipients.count()
        messages.success(
            request,
            ngettext("Sent to %(n)s recipient.", "Sent to %(n)s recipients.", sent) % {"n": sent},
        )
        return redirect("directive", made[0].pk)
    context |= {"form": form, "title": _("Enter a directive"), "button": _("Send it")}
    return render(
        request, "office/campaigns/directive_form.html", context, status=400 if form.errors else 200
    )


@require_safe
def directive_page(request: HttpRequest, directive_id: int) -> HttpResponse:
    """One directive: what it asks, who answered, and in which official class each answer is."""
    directive = directive_seen(request, directive_id)
    context = around(request, directive.campaign, "directives")
    state = request.GET.get("trang-thai", "")
    mine = reads.recipients_seen_by(request.user).filter(directive=directive)
    everyone = list(mine)
    shown = [one for one in everyone if state in {"", one.state}]
    page = Paginator(shown, _PAGE).get_page(request.GET.get("trang"))
    lines = DirectiveLine.objects.filter(directive=directive).select_related("plan")
    context |= {
        "directive": directive,
        "ends": directive.ends.all(),
        "lines": lines,
        "standing": reads.standings(mine, [directive])[directive.pk],
        "qualities": reads.qualities(everyone, context["today"]),
        "page": page,
        "rows": [(one, one.overdue(context["today"]), one.quality(context["today"])) for one in page],
        "states": Recipient.State.choices,
        "state": state,
    }
    return render(request, "office/campaigns/directive.html", context)


@require_safe
def directive_file(request: HttpRequest, directive_id: int) -> FileResponse:
    """The scan of a directive, for those it concerns."""
    return handed_out(directive_seen(request, directive_id).attachment)


def _form_page(
    request: HttpRequest, directive: Directive, form: Any, title: str, button: str
) -> HttpResponse:
    context = around(request, directive.campaign, "directives")
    context |= {"directive": directive, "form": form, "title": title, "button": button}
    return render(
        request, "office/campaigns/directive_form.html", context, status=400 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change_directive(request: HttpRequest, directive_id: int) -> HttpResponse:
    """Correct what was mistyped, or move the deadline."""
    directive = _planned(request, directive_id)
    kept = {name: getattr(directive, name) for name in ContentForm.base_fields if name != "attachment"}
    form = ContentForm(request.POST or None, request.FILES or None, initial=kept)
    if request.method == "POST" and accepted(form, services.correct, directive=directive, by=request.user):
        return redirect("directive", directive.pk)
    return _form_page(request, directive, form, _("Correct the directive"), _("Save"))


@require_http_methods(["GET", "HEAD", "POST"])
def add_recipients(request: HttpRequest, directive_id: int) -> HttpResponse:
    """Send a directive to further units and organisations."""
    directive = _planned(request, directive_id)
    form = RecipientsForm(request.POST or None, **those_who_act(directive.campaign))
    fixed = {"directive": directive, "by": request.user, "today": directive.campaign.today()}
    if request.method == "POST" and accepted(form, services.add_recipients, **fixed):
        return redirect("directive", directive.pk)
    return _form_page(request, directive, form, _("Send it to others too"), _("Send it"))


@require_http_methods(["GET", "HEAD", "POST"])
def end_directive(request: HttpRequest, directive_id: int) -> HttpResponse:
    """Let a later directive replace this one, or withdraw it."""
    directive = _planned(request, directive_id)
    later = Directive.objects.filter(campaign=directive.campaign, ended="", issued__gte=directive.issued)
    form = EndForm(request.POST or None, later=later.exclude(pk=directive.pk))
    fixed = {"directive": directive, "by": request.user, "today": directive.campaign.today()}
    if request.method == "POST" and accepted(form, services.end, **fixed):
        return redirect("directive", directive.pk)
    return _form_page(request, directive, form, _("Replace or withdraw it"), _("End it"))


@require_http_methods(["GET", "HEAD", "POST"])
def give_task(request: HttpRequest, directive_id: int) -> HttpResponse:
    """Make a line of a plan from a directive, with a task for each recipient."""
    directive = _planned(request, directive_id)
    today = directive.campaign.today()
    first = {"title": directive.subject, "start": today, "due": max(directive.deadline, today)}
    form = GivenTaskForm(request.POST or None, initial=first, plans=plans_of(directive.campaign))
    if request.method == "POST" and accepted(form, services.give_task, directive=directive, by=request.user):
        messages.success(request, _("Each recipient has the task."))
        return redirect("directive", directive.pk)
    return _form_page(request, directive, form, _("Give its recipients a task"), _("Give the task"))


@require_safe
def not_acted(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Who has not acted, over all directives in force: a row for each unit and organisation. `?tai=csv` as a file."""
    campaign = campaign_seen(request, campaign_id)
    context = around(request, campaign, "directives")
    what, text = request.GET.get("loc", ""), request.GET.get("q", "")[:100]
    table = reads.not_acted(_seen_in(campaign, request), context["today"], what, text)
    if request.GET.get("tai") == "csv":
        return _not_acted_file(campaign, table, context["today"])
    columns = Paginator(table.directives, _COLUMNS).get_page(request.GET.get("cot"))
    first = columns.start_index() - 1 if table.directives else 0
    page = Paginator(table.rows, _PAGE).get_page(request.GET.get("trang"))
    context |= {
        "columns": columns,
        "page": page,
        "rows": [
            (
                row,
                [
                    (cell, cell and cell.overdue(context["today"]))
                    for cell in row.cells[first : first + _COLUMNS]
                ],
            )
            for row in page
        ],
        "count": len(table.recipients),
        "what": what,
        "q": text,
        "filters": [
            (reads.OVERDUE, _("over the deadline")),
            (reads.UNTAKEN, _("not acknowledged")),
            (reads.DUE_TODAY, _("due today")),
        ],
    }
    return render(request, "office/campaigns/not_acted.html", context)


def _not_acted_file(campaign: Campaign, table: reads.NotActed, today: Any) -> HttpResponse:
    header = [
        _("Unit's code"), _("Unit"), _("Organisation"), _("Number"), _("Date"), _("About"), _("Deadline"), _("State"),
        _("Days overdue"), _("Last reminded"),
    ]  # fmt: skip

    def day(value: Any) -> str:
        return date_format(value, "d/m/Y") if value else ""

    rows: list[list[Value]] = [
        [
            one.unit.code, one.unit.name, one.organisation.name if one.organisation else "", one.directive.number,
            day(one.directive.issued), one.directive.subject, day(one.directive.deadline), one.get_state_display(),
            one.overdue(today), day(one.reminded_on),
        ]
        for one in table.recipients
    ]  # fmt: skip
    return download([header, *rows], f"chua-thuc-hien-{campaign.code}-{today:%Y%m%d}", "csv")


@require_safe
def reminders(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Whom to remind today, with the text for their chat group, ready to copy."""
    campaign = campaign_planned(request, campaign_id)
    context = around(request, campaign, "directives")
    seen = _seen_in(campaign, request).select_related("directive__campaign")
    groups = reads.to_remind(seen, context["today"])
    context["groups"] = [(due, reads.reminder_text(due, context["today"])) for due in groups]
    return render(request, "office/campaigns/reminders.html", context)


@require_POST
def record_reminders(request: HttpRequest, directive_id: int) -> HttpResponse:
    """Record that those who were listed have been reminded, outside this program."""
    directive = _planned(request, directive_id)
    today = directive.campaign.today()
    seen = reads.recipients_seen_by(request.user).filter(directive=directive)
    keys = [one.pk for due in reads.to_remind(seen, today) for one in due.recipients]
    try:
        count = services.record_reminders(directive, keys, by=request.user, today=today)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(
            request, ngettext("%(n)s reminder recorded.", "%(n)s reminders recorded.", count) % {"n": count}
        )
    return redirect("reminders", directive.campaign_id)
