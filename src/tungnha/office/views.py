"""The signed-in pages. They read through queries, act through services, and ask `access` before anything else."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from tungnha.accounts.scope import Action, could, may
from tungnha.campaign.queries import directives
from tungnha.office import access, queries, services
from tungnha.office.list_forms import ListOut
from tungnha.outreach.models import Turf
from tungnha.register.doorcodes import door_code
from tungnha.register.models import MatchCandidate
from tungnha.territory import queries as places
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import fold

_PAGE = 50


def _page(request: HttpRequest, rows: QuerySet[Any]) -> Page[Any]:
    return Paginator(rows, _PAGE).get_page(request.GET.get("trang"))


def about(request: HttpRequest, unit: Unit, tab: str) -> dict[str, Any]:
    """What every page of a unit shows around its content."""
    return {
        "unit": unit,
        "tab": tab,
        "sees_people": could(request.user, Action.PEOPLE, unit),
        "imports": could(request.user, Action.IMPORT, unit),
        "generated": queries.is_generated(unit),
    }


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The units the person may see: today's, or those of any era."""
    text, every_era = request.GET.get("q", ""), request.GET.get("thoi-ky") == "tat-ca"
    shown = access.units(request).select_related("parent")
    if not every_era:
        shown = shown.filter(places.existing())
    if text.strip():
        shown = shown.filter(name_fold__contains=fold(text))
    # Those where something is going on come first.
    counted = queries.with_counts(shown).order_by(F("household_count").desc(nulls_last=True), "name_fold")
    context = {"page": _page(request, counted), "q": text, "every_era": every_era}
    context["waiting"] = directives.waiting(request.user, timezone.localdate())
    context["settles"] = access.units(request, Action.UNITS).exists()
    template = "office/parts/units.html" if request.headers.get("HX-Request") else "office/home.html"
    return render(request, template, context)


@require_safe
def unit_page(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A unit's map and its facts."""
    unit = access.unit(request, unit_id)
    plan = queries.latest_plan(unit)
    layer = {name: reverse("layer", args=[unit.pk, slug]) for name, slug in _LAYERS.items()}
    below = access.units(request).filter(parent=unit).filter(places.existing()).order_by("name_fold")
    context = about(request, unit, "map") | {
        "plan": plan,
        "facts": queries.plan_facts(plan) if plan else None,
        "population": places.population(unit),
        "predecessors": places.predecessors(unit),
        "successors": places.successors(unit) if unit.valid_to else [],
        "below": below,
        "layers": layer,
        "attributions": places.attributions(unit),
        "households": unit.households.count(),
    }
    return render(request, "office/unit.html", context)


_LAYERS = {"boundary": "ranh-gioi", "streets": "duong", "doors": "cua", "routes": "lo-trinh"}


@require_safe
def search(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Streets, alleys and households that match, as a list for the map's side."""
    unit = access.unit(request, unit_id)
    text = request.GET.get("q", "")[:100]
    found = queries.find(unit, text, people=may(request.user, Action.PEOPLE, unit))
    return render(request, "office/parts/found.html", {"found": found, "q": text.strip(), "unit": unit})


# Column of the table → (order of the rows, its heading).
_TURF_ORDERS = {
    "so": ("number", gettext_lazy("Turf")),
    "cua": ("doors", gettext_lazy("Doors")),
    "phut": ("minutes", gettext_lazy("Minutes")),
    "di": ("walk_metres", gettext_lazy("Walking, m")),
    "ngay": ("shift_date", gettext_lazy("Day")),
    "to": ("shift_team", gettext_lazy("Team")),
    "lien": ("connected", gettext_lazy("Connected")),
}


@require_safe
def turfs(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The turfs of the plan in use, in the order asked for (`?xep=phut`, `?xep=-phut`)."""
    unit = access.unit(request, unit_id)
    asked = request.GET.get("xep", "so")
    key = asked.removeprefix("-") if asked.removeprefix("-") in _TURF_ORDERS else "so"
    column, backwards = F(_TURF_ORDERS[key][0]), asked.startswith("-")
    order = column.desc(nulls_last=True) if backwards else column.asc(nulls_last=True)
    plan = queries.latest_plan(unit)
    rows = Turf.objects.filter(plan=plan).order_by(order, "number") if plan else Turf.objects.none()
    headings = [
        {
            "label": label,
            "next": f"-{name}" if name == key and not backwards else name,
            "sorted": ("descending" if backwards else "ascending") if name == key else "none",
        }
        for name, (_column, label) in _TURF_ORDERS.items()
    ]
    context = about(request, unit, "turfs") | {
        "plan": plan,
        "facts": queries.plan_facts(plan) if plan else None,
        "page": _page(request, rows),
        "headings": headings,
        "order": asked,
    }
    return render(request, "office/turfs.html", context)


@require_safe
def turf_page(request: HttpRequest, turf_id: int) -> HttpResponse:
    """One turf: its route on the map, its papers and, for those who may, its households in walking order."""
    turf = access.turf(request, turf_id)
    unit = turf.plan.unit
    context = about(request, unit, "turfs") | {"turf": turf, "plan": turf.plan}
    batch = queries.letter_batch(turf)
    if may(request.user, Action.PEOPLE, unit):
        unset = {each["household"] for each in batch.rejected} if batch else set()
        context["stops"] = [
            {
                "stop": stop,
                "code": door_code(bytes(stop.household.identity)),
                "unset": stop.household_id in unset,
            }
            for stop in queries.stops(turf)
        ]
    beside = Turf.objects.filter(plan=turf.plan)
    context |= {
        "batch": batch,
        "previous": beside.filter(number__lt=turf.number).order_by("-number").first(),
        "next": beside.filter(number__gt=turf.number).order_by("number").first(),
        "attributions": places.attributions(unit),
        "layers": {
            "boundary": reverse("layer", args=[unit.pk, "ranh-gioi"]),
            "streets": reverse("layer", args=[unit.pk, "duong"]),
        },
    }
    return render(request, "office/turf.html", context)


@require_safe
def households(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The unit's households, a page at a time."""
    unit = access.unit(request, unit_id, Action.PEOPLE)
    text = request.GET.get("q", "")[:100]
    page = _page(request, queries.household_table(unit, text))
    turf_of = queries.turf_numbers(queries.latest_plan(unit), [row.pk for row in page])
    rows = [{"home": row, "turf": turf_of.get(row.pk)} for row in page]
    context = about(request, unit, "households") | {"page": page, "rows": rows, "q": text, "out": ListOut()}
    template = (
        "office/parts/households.html" if request.headers.get("HX-Request") else "office/households.html"
    )
    return render(request, template, context)


@require_safe
def matches(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Pairs of residents who may be one person, likeliest first."""
    unit = access.unit(request, unit_id, Action.IMPORT)
    page = _page(request, queries.open_matches(unit))
    pairs = [
        {"pk": one.pk, "sides": (one.left, one.right), "percent": round(one.probability * 100)}
        for one in page
    ]
    context = about(request, unit, "matches") | {"page": page, "pairs": pairs}
    return render(request, "office/matches.html", context)


@require_POST
def decide_match(request: HttpRequest, candidate_id: int) -> HttpResponse:
    """Record what a person decided about a pair."""
    candidate = access.candidate(request, candidate_id)
    state = request.POST.get("state", "")
    if state not in {MatchCandidate.State.SAME, MatchCandidate.State.DIFFERENT}:
        return HttpResponse(status=400)
    if services.decide_match(candidate, state, by=request.user.get_username()):
        messages.success(request, _("Decision recorded."))
    else:
        messages.warning(request, _("Somebody else has already decided this pair."))
    return redirect("matches", candidate.left.household.unit_id)
