"""The indicators' pages: the table of units, one indicator with its stages, what the campaign follows, the downloads."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from tungnha.accounts.scope import Action, may, visible_units
from tungnha.campaign import measures
from tungnha.campaign.models import Basis, Campaign, Indicator, TrackedIndicator
from tungnha.campaign.queries import board as boards
from tungnha.campaign.queries import figures as reads
from tungnha.campaign.queries import services as service_reads
from tungnha.campaign.queries import targets as target_reads
from tungnha.campaign.queries import territories
from tungnha.campaign.queries.board import Board, Shown
from tungnha.campaign.services import indicators as services
from tungnha.office import address
from tungnha.office.campaigns import indicator_table
from tungnha.office.campaigns.figure_chart import Chart, chart
from tungnha.office.campaigns.frame import around, campaign_planned, campaign_seen
from tungnha.office.campaigns.indicator_forms import FollowForm, TrackForm
from tungnha.office.campaigns.numbers import named, numbers
from tungnha.office.campaigns.sheets import download
from tungnha.office.forms import accepted
from tungnha.territory.models import Unit

TAB = "indicators"


def tracked_seen(request: HttpRequest, pk: int) -> TrackedIndicator:
    """An indicator of a campaign that the person may read, or Http404."""
    found = get_object_or_404(TrackedIndicator.objects.select_related("indicator"), pk=pk)
    found.campaign = campaign_seen(request, found.campaign_id)
    return found


def tracked_planned(request: HttpRequest, pk: int) -> TrackedIndicator:
    """An indicator of a campaign that the person plans, or Http404."""
    found = tracked_seen(request, pk)
    if not may(request.user, Action.PLAN, found.campaign.unit):
        raise Http404
    return found


def _shown(request: HttpRequest) -> Shown | None:
    """In the units of which day the person wants to see figures, if not simply today's."""
    day = address.day(request, "don-vi-ngay")
    basis = request.GET.get("uoc-tinh", "")
    return Shown(day, basis if basis in Basis.values else "") if day else None


def _board(request: HttpRequest, campaign: Campaign, only: list[TrackedIndicator] | None = None) -> Board:
    today = campaign.today()
    day = min(address.day(request, "ngay") or today, today)
    chosen = Unit.objects.filter(
        pk=address.key(request, "thuoc"), path__startswith=campaign.unit.path
    ).first()
    return boards.board(campaign, request.user, day, top=chosen, only=only, shown=_shown(request))


def _reports(request: HttpRequest, campaign: Campaign) -> bool:
    """Whether the person answers for a unit of the territory."""
    answered = visible_units(request.user, Action.REPORT)
    return answered.filter(path__startswith=campaign.unit.path).exists()


def _eras(campaign: Campaign, board: Board) -> dict[str, Any]:
    """What the choice of old or new units needs: the days of changes around, and what could not be told."""
    changes = territories.changes(campaign.unit)
    return {
        "board": board,
        "changes": changes,
        "days_before": [day - timedelta(days=1) for day in changes],
        "bases": Basis.choices,
        "unknown": territories.named(board.unknown) if board.unknown else "",
    }


@require_safe
def board(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The campaign's units by its indicators."""
    campaign = campaign_seen(request, campaign_id)
    context = around(request, campaign, TAB)
    found = _board(request, campaign)
    order = request.GET.get("xep", "ten")
    context |= _eras(campaign, found) | {
        "page": indicator_table.text(found, numbers(), order),
        "order": order,
        "reports": _reports(request, campaign),
        "waiting": reads.waiting(campaign, request.user).count(),
        "shown": _shown(request),
    }
    return render(request, "office/campaigns/indicators.html", context)


@require_safe
def board_file(request: HttpRequest, campaign_id: int, ending: str) -> HttpResponse:
    """The same table as a file."""
    campaign = campaign_seen(request, campaign_id)
    found = _board(request, campaign)
    return download(indicator_table.sheet(found, wide=True), f"chi-tieu-{campaign.code}-{found.day}", ending)


@require_safe
def indicator(request: HttpRequest, tracked_id: int) -> HttpResponse:
    """One indicator: every unit as the weekly report has them, and the stages against what was reached."""
    tracked = tracked_seen(request, tracked_id)
    campaign = tracked.campaign
    context = around(request, campaign, TAB)
    found = _board(request, campaign, [tracked])
    column = found.columns[0]
    order = request.GET.get("xep", "")
    context |= _eras(campaign, found) | {
        "tracked": tracked,
        "reports": _reports(request, campaign),
        "column": column,
        "period": named(column.period, tracked.period),
        "measure": indicator_table.measure_of(column),
        "lines": _lines(found, order or f"-{tracked.pk}"),
        "total": indicator_report(found, numbers())[-1] if found.totals else None,
        "worst": indicator_table.text(found, numbers(), str(tracked.pk)).worst,
        "chart": _chart(tracked, found, context["today"]),
        "decisions": target_reads.decisions(tracked)[:10],
        "stages": target_reads.stages([tracked], context["today"]).get(tracked.pk),
        "order": order,
        "shown": _shown(request),
    }
    return render(request, "office/campaigns/indicator.html", context)


def indicator_report(found: Board, say: Any) -> list[dict[str, str]]:
    """The report's cells as text, a dictionary for each row and, where the person sees them all, one for the total."""
    column = found.columns[0]
    cells = [row.cells[0] for row in found.rows] + list(found.totals or ())
    cumulative = column.tracked.indicator.cumulative
    return [
        {
            "target": say.target(column.tracked, cell.target.value if cell.target else None),
            "brought": say.whole(cell.brought if cumulative else cell.numerator),
            "total": say.whole(cell.numerator) if cumulative else "",
            "denominator": say.whole(cell.denominator),
            "ratio": say.percent(cell.value) if column.is_percent else "",
            "rank": str(cell.rank or ""),
            "change": say.signed(cell.change, percent=column.is_percent),
            "note": indicator_table.note_of(cell),
            "css": ("none" if cell.numerator is None else "") + (" behind" if cell.behind else ""),
        }
        for cell in cells
    ]


def _lines(found: Board, order: str) -> list[tuple[Unit, dict[str, str]]]:
    """Units with their cells, in the asked order."""
    told = {
        row.unit.pk: line for row, line in zip(found.rows, indicator_report(found, numbers()), strict=False)
    }
    page = indicator_table.text(found, numbers(), order)
    return [(row.unit, told[row.unit.pk]) for row, _score, _cells in page.rows]


def _chart(tracked: TrackedIndicator, found: Board, today: date) -> Chart | None:
    """The stages and figures over all units that the person sees."""
    units = [row.unit.pk for row in found.rows]
    targets = target_reads.in_force(tracked, today)
    if found.totals and found.top.pk in targets:
        target: int | None = targets[found.top.pk]
    elif tracked.indicator.adds_up:
        target = sum(targets.get(unit, 0) for unit in units) or None
    else:
        target = targets.get(units[0]) if len(units) == 1 else None
    starts = reads.baselines([tracked], units)
    before = reads.of_another_time(tracked, today) if found.totals else []
    return drawn(tracked, [*units, *before], target, sum(starts.values()), today)


def drawn(
    tracked: TrackedIndicator, units: list[int], target: int | None, baseline: int, today: date
) -> Chart | None:
    """The chart of some units together."""
    say = numbers()
    ratio = not tracked.indicator.adds_up
    points = [
        (until, measures.hundredths(number, over) if ratio else number)
        for until, number, over in reads.series(tracked, units)
    ]
    return chart(
        tracked,
        [(until, value) for until, value in points if value is not None],
        target=target,
        baseline=baseline,
        stages=target_reads.stages([tracked], today).get(tracked.pk),
        today=today,
        say=lambda value: f"{say.percent(value)} %" if ratio else say.whole(value),
    )


@require_safe
def indicator_file(request: HttpRequest, tracked_id: int, ending: str) -> HttpResponse:
    """One indicator's table as a file."""
    tracked = tracked_seen(request, tracked_id)
    found = _board(request, tracked.campaign, [tracked])
    name = f"{tracked.indicator.code}-{tracked.campaign.code}-{found.columns[0].period.end}"
    return download(indicator_table.sheet(found, wide=False), name, ending)


@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Choose from the catalogue what the campaign follows."""
    campaign = campaign_planned(request, campaign_id)
    context = around(request, campaign, TAB)
    followed = reads.tracked_by(campaign)
    rest = list(Indicator.objects.exclude(pk__in=[each.indicator_id for each in followed]))
    form = FollowForm(request.POST or None, indicators=rest)
    if request.method == "POST" and form.is_valid():
        chosen = {each.code: each for each in rest}
        for code in form.cleaned_data["codes"]:
            services.track(campaign, chosen[code])
        return redirect("indicators-follow", campaign.pk)
    forms = [
        (each, TrackForm(auto_id=f"{each.pk}-%s", initial={"period": each.period, "weight": each.weight}))
        for each in followed
    ]
    context |= {"form": form, "followed": forms, "rest": rest}
    return render(
        request, "office/campaigns/indicators_follow.html", context, status=400 if form.errors else 200
    )


@require_http_methods(["POST"])
def change_followed(request: HttpRequest, tracked_id: int) -> HttpResponse:
    """Change how often an indicator is reported and how much it weighs, or (`action=remove`) follow it no longer."""
    tracked = tracked_planned(request, tracked_id)
    campaign = tracked.campaign
    if request.POST.get("action") == "remove":
        try:
            services.untrack(tracked)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return redirect("indicators-follow", campaign.pk)
    form = TrackForm(request.POST)
    if accepted(form, services.track, campaign=campaign, indicator=tracked.indicator):
        messages.success(request, _("Saved."))
    else:
        told = [
            message
            for errors in form.errors.as_data().values()
            for error in errors
            for message in error.messages
        ]
        messages.error(request, " ".join(told))
    return redirect("indicators-follow", campaign.pk)


@require_safe
def essential_services(request: HttpRequest) -> HttpResponse:
    """The dated lists of essential services, and how many of each no source names."""
    context = {"lists": service_reads.lists(), "unplaced": service_reads.unplaced()}
    return render(request, "office/campaigns/essential_services.html", context)
