"""The figures' pages: what a unit owes, one figure with its versions, sign-off, and tables brought in."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.scope import Action, may, visible_units
from tungnha.campaign import figure_table, periods
from tungnha.campaign.figure_table import Table, TableError
from tungnha.campaign.models import Campaign, Figure, FigureTable, TrackedIndicator
from tungnha.campaign.queries import board as boards
from tungnha.campaign.queries import figures as reads
from tungnha.campaign.queries import targets as target_reads
from tungnha.campaign.queries import territories
from tungnha.campaign.services import figure_tables as tables
from tungnha.campaign.services import figures as services
from tungnha.campaign.services.figures import Entry, Provenance
from tungnha.office import address
from tungnha.office.accounts.gate import person
from tungnha.office.campaigns import indicator_table
from tungnha.office.campaigns.frame import around, campaign_seen
from tungnha.office.campaigns.indicator_forms import FigureForm, ReturnForm, TableForm
from tungnha.office.campaigns.indicators import TAB, drawn, tracked_seen
from tungnha.office.campaigns.numbers import named, numbers
from tungnha.office.forms import accepted
from tungnha.territory.models import Unit

_WAITING = 100
_VERSIONS = 50


def _unit(request: HttpRequest, campaign: Campaign, pk: int, action: Action = Action.FIGURES) -> Unit:
    """A unit of the campaign's territory, of today or before, where the person may do something, or Http404."""
    unit = get_object_or_404(Unit.objects.select_related("parent"), pk=pk)
    today = campaign.today()
    inside = any(
        unit.path.startswith(root.path)
        for day in (today, unit.valid_from, unit.valid_to or today)
        for root in territories.roots(campaign.unit, day)
    )
    if not inside or not (may(request.user, action, unit) or may(request.user, action, campaign.unit)):
        raise Http404
    return unit


def _signs(request: HttpRequest, campaign: Campaign, unit: Unit) -> bool:
    """Whether the person stands above a unit: what they enter is signed off, and they decide on what it reports."""
    if may(request.user, Action.REPORT, campaign.unit):
        return True
    return unit.parent is not None and may(request.user, Action.REPORT, unit.parent)


@require_safe
def unit_page(request: HttpRequest, campaign_id: int, unit_id: int) -> HttpResponse:
    """One unit: what it owes today, and where it stands on every indicator."""
    campaign = campaign_seen(request, campaign_id)
    unit = _unit(request, campaign, unit_id)
    context = around(request, campaign, TAB)
    today = context["today"]
    top = unit.parent if unit.parent is not None and unit.pk != campaign.unit_id else unit
    board = boards.board(campaign, request.user, today, top=top)
    row = next((row for row in board.rows if row.unit.pk == unit.pk), None)
    say = numbers()
    cards = [
        {
            "tracked": column.tracked,
            "cell": cell,
            "text": indicator_table.text_of(column, cell, say),
            "measure": indicator_table.measure_of(column),
            "period": named(column.period, column.tracked.period),
            "target": say.target(column.tracked, cell.target.value if cell.target else None),
            "figure": say.whole(cell.numerator),
            "note": indicator_table.note_of(cell),
        }
        for column, cell in zip(board.columns, row.cells if row else (), strict=False)
    ]
    context |= {
        "unit": unit,
        "row": row,
        "units": board.units,
        "score": say.percent(row.score) if row else "",
        "cards": cards,
        "owed": [
            (each, named(each.period, each.tracked.period)) for each in reads.owed(campaign, unit, today)
        ],
        "reports": may(request.user, Action.REPORT, unit),
    }
    return render(request, "office/campaigns/unit_indicators.html", context)


def _figure_page(
    request: HttpRequest, tracked: TrackedIndicator, unit: Unit, form: FigureForm | None = None
) -> HttpResponse:
    campaign = tracked.campaign
    context = around(request, campaign, TAB)
    today = context["today"]
    say = numbers()
    versions = Paginator(reads.versions(tracked, unit), _VERSIONS).get_page(request.GET.get("trang"))
    target = target_reads.in_force(tracked, today).get(unit.pk)
    baseline = reads.baselines([tracked], [unit.pk]).get((tracked.pk, unit.pk), 0)
    stages = target_reads.stages([tracked], today).get(tracked.pk)
    latest = reads.latest(tracked, today, [unit.pk]).get(unit.pk)
    due = stages.due(baseline, target, today) if stages and target is not None else None
    if form is None and may(request.user, Action.REPORT, unit):
        form = FigureForm(tracked=tracked, initial=_initial(request, tracked, unit))
    context |= {
        "tracked": tracked,
        "unit": unit,
        "form": form,
        "page": versions,
        "versions": [
            {
                "figure": each,
                "period": named(periods.period_of(each.until, tracked.period), tracked.period),
                "number": say.whole(each.numerator)
                + (f" / {say.whole(each.denominator)}" if each.denominator is not None else ""),
                "ratio": say.percent(indicator_table.ratio(each)),
                "published": say.percent(each.published),
                "differs": indicator_table.differs(each, target if tracked.indicator.adds_up else None),
            }
            for each in versions
        ],
        "targets": [(each, say.target(tracked, each.value)) for each in target_reads.history(tracked, unit)],
        "target": say.target(tracked, target),
        "due": say.target(tracked, due),
        "latest": latest,
        "reached": say.whole(latest.numerator) if latest else "",
        "chart": drawn(tracked, [unit.pk], target, baseline, today),
        "signs": _signs(request, campaign, unit),
        "return_form": ReturnForm(),
    }
    return render(
        request, "office/campaigns/figure.html", context, status=400 if form and form.errors else 200
    )


def _initial(request: HttpRequest, tracked: TrackedIndicator, unit: Unit) -> dict[str, Any]:
    """The period that is owed (or asked for in the address) and the version that stands there."""
    today = tracked.campaign.today()
    asked = address.day(request, "ky")
    period = periods.period_of(asked, tracked.period) if asked else periods.due(today, tracked.period)
    return {
        "day": period.end,
        "cut_off": timezone.localtime().replace(second=0, microsecond=0),
        "source": Figure.Source.OFFICIAL if tracked.indicator.source == "official" else Figure.Source.UNIT,
        "seen": f"{period.end.isoformat()}:{_last(tracked, unit, period.end)}",
    }


def _last(tracked: TrackedIndicator, unit: Unit, until: Any) -> int:
    last = reads.versions(tracked, unit).filter(until=until).first()
    return last.version if last else 0


@require_safe
def figure_page(request: HttpRequest, tracked_id: int, unit_id: int) -> HttpResponse:
    """One unit's figures for one indicator: every version, the targets it had, the stages, and the form."""
    tracked = tracked_seen(request, tracked_id)
    return _figure_page(request, tracked, _unit(request, tracked.campaign, unit_id))


@require_POST
def report(request: HttpRequest, tracked_id: int, unit_id: int) -> HttpResponse:
    """Report one figure."""
    tracked = tracked_seen(request, tracked_id)
    unit = _unit(request, tracked.campaign, unit_id, Action.REPORT)
    form = FigureForm(request.POST, tracked=tracked)

    def use_case(**given: Any) -> None:
        period = periods.period_of(given["day"], tracked.period)
        day, _, version = given["seen"].partition(":")
        seen = int(version) if day == period.end.isoformat() and version.isdecimal() else None
        entry = Entry(unit, given["numerator"], given.get("denominator"), given["published"], given["reason"])
        whence = Provenance(given["cut_off"], given["source"], person(request), given["source_text"])
        services.report(
            tracked, entry, period, whence, sign=_signs(request, tracked.campaign, unit), seen=seen
        )

    if accepted(form, use_case):
        messages.success(request, _("The figure is kept."))
        return redirect("figure", tracked.pk, unit.pk)
    return _figure_page(request, tracked, unit, form)


@require_POST
def decide(request: HttpRequest, figure_id: int) -> HttpResponse:
    """Sign one figure off, or return it with a reason."""
    figure = get_object_or_404(Figure.objects.select_related("unit__parent", "tracked"), pk=figure_id)
    campaign = campaign_seen(request, figure.tracked.campaign_id)
    if not _signs(request, campaign, figure.unit):
        raise Http404
    if request.POST.get("action") == "accept":
        services.accept([figure.pk], person(request))
        return redirect("figure", figure.tracked_id, figure.unit_id)
    form = ReturnForm(request.POST)
    if accepted(form, services.give_back, figure=figure, by=person(request)):
        messages.success(request, _("Returned for correction."))
    else:
        told = [
            message
            for errors in form.errors.as_data().values()
            for error in errors
            for message in error.messages
        ]
        messages.error(request, " ".join(told))
    return redirect("figure", figure.tracked_id, figure.unit_id)


def campaign_reported(request: HttpRequest, pk: int) -> Campaign:
    """A campaign in whose territory the person answers for a unit, or Http404."""
    campaign = campaign_seen(request, pk)
    roots = territories.roots(campaign.unit, campaign.today())
    answered = visible_units(request.user, Action.REPORT)
    if not any(answered.filter(path__startswith=root.path).exists() for root in roots):
        raise Http404
    return campaign


@require_http_methods(["GET", "HEAD", "POST"])
def waiting(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Figures that await the person's sign-off; those ticked are signed off together."""
    campaign = campaign_reported(request, campaign_id)
    rows = reads.waiting(campaign, request.user)
    if request.method == "POST":
        keys = [key for text in request.POST.getlist("figure") if (key := address.number(text)) is not None]
        allowed = rows.filter(pk__in=keys[:_WAITING]).values_list("pk", flat=True)
        done = services.accept(allowed, person(request))
        messages.success(
            request, ngettext("%(n)d figure signed off.", "%(n)d figures signed off.", done) % {"n": done}
        )
        return redirect("figures-waiting", campaign.pk)
    context = around(request, campaign, TAB)
    page = Paginator(rows, _WAITING).get_page(request.GET.get("trang"))
    say = numbers()
    context |= {
        "page": page,
        "rows": [
            (
                each,
                named(periods.period_of(each.until, each.tracked.period), each.tracked.period),
                say.whole(each.numerator)
                + (f" / {say.whole(each.denominator)}" if each.denominator is not None else ""),
            )
            for each in page
        ],
    }
    return render(request, "office/campaigns/figures_waiting.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Bring in a table of figures, pasted or as a file."""
    campaign = campaign_reported(request, campaign_id)
    followed = reads.tracked_by(campaign)
    today = campaign.today()
    chosen = next((each for each in followed if str(each.pk) == request.GET.get("chi-tieu")), None)
    initial = {
        "day": periods.due(today, chosen.period).end if chosen else today,
        "cut_off": timezone.localtime().replace(second=0, microsecond=0),
        "indicator": str(chosen.pk) if chosen else "",
    }
    form = TableForm(request.POST or None, request.FILES or None, tracked=followed, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = _take_in(request, campaign, followed, form.cleaned_data)
        except TableError as error:
            form.add_error("file" if form.cleaned_data.get("file") else "text", str(error))
        except ValidationError as error:
            for field, told in error.message_dict.items():
                form.add_error(field if field in form.fields else "day", told)
        else:
            return redirect("figure-table", kept.pk)
    context = around(request, campaign, TAB) | {"form": form}
    return render(
        request, "office/campaigns/figures_import.html", context, status=400 if form.errors else 200
    )


def _take_in(
    request: HttpRequest, campaign: Campaign, followed: list[TrackedIndicator], given: dict[str, Any]
) -> FigureTable:
    table = _read(given.get("file"), given["text"])
    chosen = next((each for each in followed if str(each.pk) == given["indicator"]), None)
    name = given["file"].name if given.get("file") else _("pasted table")
    whence = Provenance(given["cut_off"], given["source"], person(request), given["source_text"])
    return tables.take_in(campaign, table, tables.Sent(name, chosen, given["day"]), whence)


def _read(file: Any, text: str) -> Table:
    if not file:
        return figure_table.pasted(text)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{Path(file.name).suffix.lower()}"
        path.write_bytes(file.read())
        return figure_table.from_file(path)


def _table(request: HttpRequest, pk: int) -> FigureTable:
    """A table that the person sent, or of a campaign for whose whole territory they answer, or Http404."""
    table = get_object_or_404(FigureTable.objects.select_related("by"), pk=pk)
    campaign = campaign_seen(request, table.campaign_id)
    if table.by_id != request.user.pk and not may(request.user, Action.REPORT, campaign.unit):
        raise Http404
    table.campaign = campaign
    return table


@require_safe
def table_page(request: HttpRequest, table_id: int) -> HttpResponse:
    """What became of a table."""
    table = _table(request, table_id)
    context = around(request, table.campaign, TAB) | {"table": table}
    return render(request, "office/campaigns/figure_table.html", context)


@require_safe
def table_mend(request: HttpRequest, table_id: int) -> HttpResponse:
    """The rows to mend, as a file; Http404 where there are none."""
    table = _table(request, table_id)
    if not table.rejected:
        raise Http404
    response = HttpResponse(tables.mend_file(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="can-sua-{table.pk}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response
