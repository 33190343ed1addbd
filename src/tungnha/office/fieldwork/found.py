"""Households that volunteers found and no list names: whoever keeps the register looks into each."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action
from tungnha.office import access
from tungnha.office.fieldwork.forms import FoundForm
from tungnha.office.fieldwork.frame import around
from tungnha.office.forms import accepted
from tungnha.outreach.models import FoundHousehold
from tungnha.outreach.services.found import settle_found

_PAGE = 30


@require_safe
def found(request: HttpRequest, unit_id: int) -> HttpResponse:
    """What was found in the unit and waits; with `?tat-ca=1` what was settled too."""
    unit = access.unit(request, unit_id, Action.PEOPLE)
    everything = request.GET.get("tat-ca") == "1"
    homes = FoundHousehold.objects.filter(unit=unit.pk)
    if not everything:
        homes = homes.filter(finding=FoundHousehold.Finding.WAITING)
    page = Paginator(homes, _PAGE).get_page(request.GET.get("trang"))
    names = User.objects.in_bulk({one for home in page for one in (home.actor, home.settled_by) if one})
    context = around(request, unit) | {
        "everything": everything,
        "page": page,
        "homes": [(home, names.get(home.actor), names.get(home.settled_by or 0)) for home in page],
        "findings": FoundHousehold.Finding.choices[1:],
    }
    return render(request, "office/fieldwork/found.html", context)


@require_POST
def settle(request: HttpRequest, entry: UUID) -> HttpResponse:
    """Record what became of a household that was found."""
    units = access.units(request, Action.PEOPLE)
    home = get_object_or_404(FoundHousehold.objects.filter(unit__in=units.values("pk")), pk=entry)
    form = FoundForm(request.POST)

    def decide(**said: Any) -> None:
        settle_found(home, **said, by=request.user)  # type: ignore[arg-type] # signed in

    if accepted(form, decide):
        messages.success(request, _("Settled."))
    for refusal in [*form.non_field_errors(), *form.errors.get("finding", [])]:
        messages.error(request, str(refusal))
    return redirect("found", home.unit)
