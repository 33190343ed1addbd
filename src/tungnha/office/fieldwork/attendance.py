"""Shifts of a team, who came to each, and a unit's day as a table.

People stand in the order of their names, always; nothing here counts, sums or compares them.
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tungnha.accounts.scope import Action
from tungnha.office import access
from tungnha.office.campaigns import sheets
from tungnha.office.fieldwork.forms import AttendanceForm, DayForm, SettleForm, ShiftForm
from tungnha.office.fieldwork.frame import around, campaigns_over, team_seen
from tungnha.office.fieldwork.teams import team_page
from tungnha.office.forms import accepted
from tungnha.outreach.models import Attendance, Shift
from tungnha.outreach.queries import attendance as reads
from tungnha.outreach.services import attendance as services
from tungnha.territory.models import Unit

_PAGE = 20


def _shift_seen(request: HttpRequest, pk: int) -> Shift:
    """A shift of a team in a unit where the person may see who is visited, or Http404."""
    chosen = Shift.objects.filter(team__unit__in=access.units(request, Action.PEOPLE))
    return get_object_or_404(chosen.select_related("team__unit", "team__campaign"), pk=pk)


@require_POST
def plan(request: HttpRequest, team_id: int) -> HttpResponse:
    """Plan shifts of a team."""
    team = team_seen(request, team_id)
    form = ShiftForm(request.POST)
    if accepted(form, services.plan_shifts, team=team, by=request.user):
        messages.success(request, _("Planned."))
        return redirect("team", team.pk)
    return team_page(request, team, {"plan": form})


@require_http_methods(["GET", "HEAD", "POST"])
def shift(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Who came to a shift; the place to say it."""
    found = _shift_seen(request, shift_id)
    form = AttendanceForm(request.POST or None, team=found.team)

    def say(**said: Any) -> None:
        try:
            services.mark(found, **said, by=request.user)  # type: ignore[arg-type] # signed in
        except PermissionDenied as error:  # about themselves: their row offers no form
            raise Http404 from error

    if request.method == "POST" and accepted(form, say):
        messages.success(request, _("Noted."))
        return redirect("shift", found.pk)
    return _shift_page(request, found, form)


def _shift_page(request: HttpRequest, found: Shift, form: Any) -> HttpResponse:
    context = around(request, found.team.unit) | {
        "shift": found,
        "zone": found.team.campaign.time_zone,
        "over": found.end < timezone.now(),
        "people": reads.of_shifts([found])[found.pk],
        "states": Attendance.State.choices,
        "history": Attendance.objects.filter(shift=found).select_related("member__user", "marked_by"),
        "form": form,
    }
    return render(request, "office/fieldwork/shift.html", context, status=400 if form.errors else 200)


@require_POST
def call_off(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Say that a shift does not take place."""
    found = _shift_seen(request, shift_id)
    form = SettleForm(request.POST)

    def say(reason: str) -> None:
        services.call_off(found, reason, by=request.user)  # type: ignore[arg-type] # signed in

    if accepted(form, say):
        return redirect("shift", found.pk)
    return _shift_page(request, found, form)


@require_safe
def day(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Who came on one day (`?ngay=`; today) in a unit and below it; `?tep=csv` or `xlsx` as a file."""
    unit = access.unit(request, unit_id, Action.PEOPLE)
    campaign = campaigns_over(unit).first()
    zone = ZoneInfo(campaign.time_zone if campaign else settings.TIME_ZONE)
    asked = DayForm(request.GET if "ngay" in request.GET else None)
    chosen: date = asked.cleaned_data["ngay"] if asked.is_valid() else timezone.localdate(timezone=zone)
    shifts = reads.in_unit(unit, chosen, zone)
    if "tep" in request.GET:
        return _file(unit, chosen, zone, list(shifts), request.GET["tep"])
    page = Paginator(shifts, _PAGE).get_page(request.GET.get("trang"))
    people = reads.of_shifts(list(page))
    context = around(request, unit) | {
        "day": chosen,
        "asked": asked,
        "zone": zone.key,
        "page": page,
        "rows": [(one, people[one.pk]) for one in page],
    }
    return render(request, "office/fieldwork/attendance.html", context, status=400 if asked.errors else 200)


def _file(unit: Unit, chosen: date, zone: ZoneInfo, shifts: list[Shift], ending: str) -> HttpResponse:
    header = [
        _("Unit"),
        _("Team"),
        _("Shift"),
        _("Person"),
        _("Attendance"),
        _("Reason"),
        _("First door"),
        _("Last door"),
    ]
    rows: list[list[sheets.Value]] = [[*header]]
    for people in reads.of_shifts(shifts).values():
        for one in people:
            state, word = one.state, one.word
            hours = f"{_clock(one.shift.start, zone)}–{_clock(one.shift.end, zone)}"
            rows.append(
                [
                    one.shift.team.unit.name, one.shift.team.name, hours,
                    one.member.user.get_full_name() or one.member.user.get_username(),
                    str(state.label) if state else "", (word.reason if word else "") or one.shift.called_off,
                    *(_clock(moment, zone) for moment in one.heard or (None, None)),
                ]
            )  # fmt: skip
    return sheets.download(rows, f"diem-danh-{unit.code}-{chosen:%Y-%m-%d}", ending)


def _clock(moment: datetime | None, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%H:%M}" if moment else ""
