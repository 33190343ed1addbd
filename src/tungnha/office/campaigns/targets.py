"""The targets' pages: dividing one with a look before it is applied, staging it, carrying it over a boundary change."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tungnha.campaign import cascading, curves
from tungnha.campaign.cascading import Proposal
from tungnha.campaign.models import Curve, TargetDecision, TrackedIndicator
from tungnha.campaign.queries import targets as reads
from tungnha.campaign.queries import territories
from tungnha.campaign.services import targets as services
from tungnha.office import address
from tungnha.office.accounts.gate import person
from tungnha.office.campaigns.frame import around
from tungnha.office.campaigns.indicator_forms import CarryForm, CascadeForm, CurveForm
from tungnha.office.campaigns.indicators import TAB, tracked_planned
from tungnha.office.campaigns.numbers import Numbers, numbers
from tungnha.office.forms import accepted
from tungnha.territory import queries as places
from tungnha.territory.models import Unit

ASSIGNED = TargetDecision.Method.ASSIGNED


def _top(request: HttpRequest, tracked: TrackedIndicator) -> Unit:
    """The unit whose target is set: the territory, or (`?thuoc=`) a unit in it."""
    territory = territories.on(tracked.campaign.unit, tracked.campaign.today())
    if not request.GET.get("thuoc"):
        return territory
    found = places.within(territory).filter(pk=address.key(request, "thuoc")).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def cascade(request: HttpRequest, tracked_id: int) -> HttpResponse:
    """Set a target and divide it; `action=apply` after the division was looked at."""
    tracked = tracked_planned(request, tracked_id)
    unit = _top(request, tracked)
    today = tracked.campaign.today()
    effective = max(tracked.campaign.start, min(today, tracked.campaign.deadline))
    divisible = unit.children.filter(places.existing(today)).exists()
    standing = reads.in_force(tracked, today)
    say = numbers()
    initial = {"effective": effective, "total": _typed(tracked, standing.get(unit.pk), say)}
    form = CascadeForm(request.POST or None, tracked=tracked, divisible=divisible, initial=initial)
    proposal: Proposal | None = None
    if request.method == "POST" and form.is_valid():
        looked: list[Proposal] = []
        applies = request.POST.get("action") == "apply"
        if accepted(form, _use_case(request, tracked, unit, looked, applies=applies)):
            if applies or not looked:
                messages.success(request, _("The targets are set."))
                return redirect("indicator", tracked.pk)
            proposal = looked[0]
    context = around(request, tracked.campaign, TAB)
    context |= {
        "tracked": tracked,
        "unit": unit,
        "form": form,
        "proposal": proposal,
        "lines": _told(tracked, proposal, say) if proposal else [],
        "sum": say.target(tracked, proposal.total) if proposal else "",
        "weights": say.whole(proposal.weights) if proposal else "",
        "units_below": unit.children.filter(places.existing(today)).order_by("name_fold")[:200],
    }
    return render(request, "office/campaigns/cascade.html", context, status=400 if form.errors else 200)


def _typed(tracked: TrackedIndicator, value: int | None, say: Numbers) -> str:
    if value is None:
        return ""
    return say.whole(value) if tracked.indicator.adds_up else say.percent(value)


def _use_case(
    request: HttpRequest, tracked: TrackedIndicator, unit: Unit, looked: list[Proposal], *, applies: bool
) -> Any:
    """Looks at the division, or applies the one that was looked at."""

    def run(*, total: int, method: str, effective: Any, why: str, seen: str, by_hand: Any = ()) -> None:
        if method == ASSIGNED:
            services.assign(tracked, unit, total, effective=effective, why=why, by=person(request))
            return
        fixed = services.by_hand(unit, by_hand, effective)
        if applies:
            services.cascade(
                tracked,
                unit,
                total,
                method,
                effective=effective,
                why=why,
                by=person(request),
                fixed=fixed,
                seen=seen,
            )
        else:
            looked.append(cascading.propose(tracked, unit, total, method, effective=effective, fixed=fixed))

    return run


def _told(tracked: TrackedIndicator, proposal: Proposal, say: Numbers) -> list[dict[str, str]]:
    """The division as text: weight, quota with its rest, what the rest won, the target, and what it was."""
    return [
        {
            "unit": line.unit.name,
            "code": line.unit.code,
            "weight": "" if line.fixed or not proposal.weights else say.whole(line.part.weight),
            "done": say.whole(line.done) if line.done else "",
            "quota": "" if line.fixed or not proposal.weights else _quota(line, proposal, say),
            "extra": "+1" if line.part.extra else "",
            "value": say.target(tracked, line.value),
            "was": say.target(tracked, line.was),
            "fixed": "1" if line.fixed else "",
        }
        for line in proposal.lines
    ]


def _quota(line: cascading.Line, proposal: Proposal, say: Numbers) -> str:
    """The exact quota with three decimals, cut off, so that a rest shown as ,999 is below one."""
    thousandths = line.part.rest * 1000 // proposal.weights
    return f"{say.whole(line.part.whole)}{say.decimal}{thousandths:03d}"


@require_http_methods(["GET", "HEAD", "POST"])
def stages(request: HttpRequest, tracked_id: int) -> HttpResponse:
    """Stage a target over the campaign's days."""
    tracked = tracked_planned(request, tracked_id)
    campaign = tracked.campaign
    now = reads.stages([tracked], campaign.today()).get(tracked.pk)
    initial = {"effective": campaign.start, "shape": now.shape if now else Curve.Shape.LINEAR, "step": 7}
    form = CurveForm(request.POST or None, initial=initial)
    if request.method == "POST" and accepted(form, services.set_curve, tracked=tracked, by=person(request)):
        messages.success(request, _("The stages are set."))
        return redirect("indicator", tracked.pk)
    say = numbers()
    shapes = [
        (
            label,
            [
                say.percent(curves.share_on(draw(campaign.start, campaign.deadline, 1), campaign.start, day))
                for day in marks
            ],
        )
        for label, draw in (
            (Curve.Shape.LINEAR.label, curves.linear),
            (Curve.Shape.FRONT.label, curves.front_loaded),
        )
        for marks in [_marks(campaign)]
    ]
    context = around(request, campaign, TAB)
    context |= {
        "tracked": tracked,
        "form": form,
        "shapes": shapes,
        "marks": _marks(campaign),
        "history": tracked.curves.select_related("by").order_by("-effective", "-pk"),
    }
    return render(request, "office/campaigns/stages.html", context, status=400 if form.errors else 200)


def _marks(campaign: Any) -> list[Any]:
    """A quarter, half, three quarters and all of the campaign."""
    whole = campaign.deadline - campaign.start
    return [campaign.start + whole * part // 4 for part in (1, 2, 3, 4)]


@require_http_methods(["GET", "HEAD", "POST"])
def carry_over(request: HttpRequest, tracked_id: int) -> HttpResponse:
    """Carry targets over a boundary change; `action=apply` after a look."""
    tracked = tracked_planned(request, tracked_id)
    changes = territories.changes(tracked.campaign.unit)
    form = CarryForm(request.POST or None, changes=changes)
    told: list[tuple[Unit, list[territories.Carried]]] = []

    def use_case(*, effective: Any, basis: str, why: str) -> None:
        if request.POST.get("action") == "apply":
            services.carry_over(tracked, effective, basis=basis, why=why, by=person(request))
        else:
            told.extend(territories.carried_targets(tracked, effective, basis))

    if request.method == "POST" and accepted(form, use_case) and not told:
        messages.success(request, _("The targets are carried over; the old ones stay as they were."))
        return redirect("indicator", tracked.pk)
    say = numbers()
    context = around(request, tracked.campaign, TAB)
    context |= {
        "tracked": tracked,
        "form": form,
        "changes": changes,
        "groups": [
            (
                above,
                say.whole(sum(line.value for line in lines)),
                [(line, say.whole(line.value)) for line in lines],
            )
            for above, lines in told
        ],
    }
    return render(request, "office/campaigns/carry_over.html", context, status=400 if form.errors else 200)
