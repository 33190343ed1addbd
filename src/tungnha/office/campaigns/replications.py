"""One replication: its order, what the order allows one to say, its timeline by unit, and what came differently."""

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.scope import Action, may
from tungnha.campaign.models import Campaign, Replication, ReplicationUnit
from tungnha.campaign.queries import replication as reads
from tungnha.campaign.services import replication as services
from tungnha.office.campaigns.chart import Chart
from tungnha.office.campaigns.frame import around
from tungnha.office.campaigns.pilot import TAB
from tungnha.office.campaigns.replication_forms import AssumptionsForm, DeviationForm, OrderForm
from tungnha.office.forms import accepted

_SURELY_SEEN = 2.8
"""Standard errors that an effect has to be long to be found at 5% in four cases of five: 1.96 + 0.84."""


def _seen(request: HttpRequest, pk: int) -> Replication:
    """A replication in a territory whose figures the person reads, or Http404."""
    return get_object_or_404(reads.seen_by(request.user), pk=pk)


def _planned(request: HttpRequest, pk: int) -> Replication:
    """A replication in a territory where the person plans, or Http404."""
    replication = _seen(request, pk)
    if not may(request.user, Action.PLAN, replication.territory):
        raise Http404
    return replication


def _around(request: HttpRequest, replication: Replication) -> dict[str, Any]:
    context = around(request, replication.template.campaign, TAB)
    return context | {
        "replication": replication,
        "decides": may(request.user, Action.PLAN, replication.territory),
    }


@require_safe
def replication_page(request: HttpRequest, replication_id: int) -> HttpResponse:
    """The order and what it allows; once begun, the timeline of the units."""
    replication = _seen(request, replication_id)
    draws = list(replication.draws.select_related("by"))
    last = draws[-1] if draws else None
    context = _around(request, replication) | {
        "draws": draws,
        "last": last,
        "units": replication.units.count(),
        "began": [
            replication.first_day + timedelta(days=replication.step_days * n)
            for n in range(replication.steps)
        ],
    }
    if last is not None:
        context["steps"] = list(zip(reads.steps_of(last), context["began"], strict=True))
        context["assumptions"], context["error"] = _expected_error(request, last)
        if context["error"] is not None:
            context["surely"] = _SURELY_SEEN * context["error"]
    context["comparisons"] = reads.comparisons(replication)
    if replication.begun_at is not None:
        context |= _timeline(replication, context["today"])
    return render(request, "office/campaigns/replication.html", context)


def _expected_error(request: HttpRequest, draw: Any) -> tuple[AssumptionsForm | None, float | None]:
    if draw.method != Replication.Method.RANDOM:
        return None, None
    given = {"between": request.GET.get("between", "10"), "within": request.GET.get("within", "5")}
    form = AssumptionsForm(given)
    if not form.is_valid():
        return form, None
    return form, reads.effect_error(draw, **form.cleaned_data)


def _timeline(replication: Replication, today: date) -> dict[str, Any]:
    """Each unit's stretch of days, by step, on one axis."""
    rows = list(reads.rows_of(replication))
    pilot = replication.template.campaign
    length = timedelta(days=round((pilot.deadline - pilot.start).days * replication.scale))
    starts = [row.start for row in rows if row.start is not None]
    if not starts:
        return {"groups": []}
    first, last = min(starts), max(starts) + length
    axis = Chart(first, (last - first).days + 1, (), (), "")
    groups: dict[int, list[Any]] = {}
    for row in rows:
        place = axis.place(row.start, row.start + length) if row.start else ""
        groups.setdefault(row.step, []).append((row, place))
    waiting = {
        step: sum(row.campaign is None and row.start is not None for row, _place in many)
        for step, many in groups.items()
    }
    return {
        "groups": [(step, many, waiting[step]) for step, many in groups.items()],
        "first": first,
        "final": last,
        "today_place": axis.place(today, today) if first <= today <= last else "",
    }


@require_http_methods(["GET", "HEAD", "POST"])
def choose_order(request: HttpRequest, replication_id: int) -> HttpResponse:
    """Write, reckon or draw the order. Each is kept; another one for the same units takes a reason."""
    replication = _planned(request, replication_id)
    if replication.begun_at is not None:
        raise Http404
    units = list(replication.units.defer("boundary").order_by("name_fold"))
    people = reads.people_of(units)
    lines = "\n".join(f"{unit.code} {unit.name}; {people.get(unit.pk, '')}" for unit in units)
    again = reads.orders_before(replication).exists()
    form = OrderForm(
        request.POST or None,
        units=units,
        again=again,
        initial={"order": lines, "method": Replication.Method.RANDOM},
    )

    def draw(**given: Any) -> None:
        chosen = [line.unit for line in given["lines"]]
        at_random = given["method"] == Replication.Method.RANDOM
        basis = services.Basis(
            chosen,
            need=[line.need for line in given["lines"]],
            strata=[unit.kind for unit in chosen] if at_random and given["by_kind"] else (),
            covariates=[[people.get(unit.pk)] for unit in chosen]
            if not at_random or given["by_people"]
            else (),
            covariate_names=["people"] if not at_random or given["by_people"] else (),
        )
        services.draw_order(
            replication, given["method"], basis, by=request.user, reason=given.get("reason", "")  # type: ignore[arg-type] # signed in
        )  # fmt: skip

    if request.method == "POST" and accepted(form, draw):
        return redirect("replication", replication.pk)
    context = _around(request, replication) | {"form": form, "again": again}
    return render(request, "office/campaigns/order_form.html", context, status=400 if form.errors else 200)


@require_POST
def begin(request: HttpRequest, replication_id: int) -> HttpResponse:
    """Settle the order: from now on it stands."""
    replication = _planned(request, replication_id)
    try:
        services.begin(replication, by=request.user)  # type: ignore[arg-type] # signed in
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The order is settled. Changes are recorded as deviations from now on."))
    return redirect("replication", replication.pk)


@require_POST
def set_up_step(request: HttpRequest, replication_id: int, step: int) -> HttpResponse:
    """Set up the campaigns of a step's units."""
    replication = _planned(request, replication_id)
    try:
        made: list[Campaign] = services.set_up_step(replication, step, by=request.user)  # type: ignore[arg-type] # signed in
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
    else:
        text = ngettext("%(n)d campaign is set up.", "%(n)d campaigns are set up.", len(made))
        messages.success(request, text % {"n": len(made)})
    return redirect("replication", replication.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def deviate(request: HttpRequest, row_id: int) -> HttpResponse:
    """Let one unit begin on another day, or leave it out."""
    row = get_object_or_404(ReplicationUnit.objects.select_related("unit"), pk=row_id)
    replication = _planned(request, row.replication_id)
    form = DeviationForm(request.POST or None, initial={"start": row.start})
    if request.method == "POST" and accepted(form, services.deviate, row=row, by=request.user):
        return redirect("replication", replication.pk)
    context = _around(request, replication) | {"form": form, "row": row}
    return render(
        request, "office/campaigns/deviation_form.html", context, status=400 if form.errors else 200
    )
