"""Teams of a unit, their members, and the walks in their hands."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tungnha.accounts.models import User
from tungnha.accounts.roles import allowing
from tungnha.accounts.scope import Action
from tungnha.ledger import services as ledger
from tungnha.ledger.models import Device
from tungnha.office import access, queries
from tungnha.office.fieldwork.forms import GiveForm, MemberForm, ShiftForm, TeamForm
from tungnha.office.fieldwork.frame import around, assignment_seen, campaigns_over, member_seen, team_seen
from tungnha.office.forms import accepted
from tungnha.outreach.models import Assignment, Shift, Team, Turf
from tungnha.outreach.queries import teams as reads
from tungnha.outreach.queries import training
from tungnha.outreach.services import teams as services
from tungnha.territory.models import Unit

_SHIFTS = 5


@require_http_methods(["GET", "HEAD", "POST"])
def teams(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The unit's teams, and the place to make one."""
    unit = access.unit(request, unit_id, Action.PEOPLE)
    form = TeamForm(request.POST or None, campaigns=campaigns_over(unit))
    if request.method == "POST" and accepted(form, services.make_team, unit=unit):
        return redirect("teams", unit.pk)
    members = reads.members_in(unit)
    passed = training.passed([one.user_id for one in members])
    held: dict[int, int] = {}
    for one in Assignment.objects.filter(reads.held(), member__in=members):
        held[one.member.team_id] = held.get(one.member.team_id, 0) + 1
    rows = [
        {
            "team": team,
            "members": sum(one.team_id == team.pk for one in members),
            "trained": sum(one.team_id == team.pk and one.user_id in passed for one in members),
            "walks": held.get(team.pk, 0),
        }
        for team in reads.teams_in(unit)
    ]
    context = around(request, unit) | {
        "form": form,
        "rows": rows,
        "has_campaign": campaigns_over(unit).exists(),
    }
    return render(request, "office/fieldwork/teams.html", context, status=400 if form.errors else 200)


def _people(unit: Unit) -> QuerySet[User]:
    """Who holds a role over the unit with which one goes to doors, by name."""
    above = [int(part) for part in unit.path.strip("/").split("/")]
    return (
        User.objects.filter(roles__unit__in=above, roles__role__in=allowing(Action.WALK), is_active=True)
        .distinct()
        .order_by("first_name", "username")
    )


def _free(team: Team) -> QuerySet[Turf]:
    """Walks of the plan in use that nobody holds, in the order of their days."""
    plan = queries.latest_plan(team.unit)
    turfs = Turf.objects.filter(plan=plan) if plan else Turf.objects.none()
    taken = Assignment.objects.filter(reads.held(), turf__plan=plan).values("turf")
    return turfs.exclude(pk__in=taken).order_by("shift_date", "number")


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest, team_id: int) -> HttpResponse:
    """One team: its members, whether they are trained, which walks and phones they hold; and the place to add one."""
    found = team_seen(request, team_id)
    form = MemberForm(request.POST or None, people=_people(found.unit))
    if request.method == "POST" and accepted(form, services.add_member, team=found):
        return redirect("team", found.pk)
    return team_page(request, found, {"form": form})


def team_page(request: HttpRequest, found: Team, context: dict[str, Any]) -> HttpResponse:
    """The page of a team, with forms that were sent and not accepted among the `context`."""
    context.setdefault("form", MemberForm(people=_people(found.unit)))
    members = list(reads.members_in(found.unit).filter(team=found))
    passed = training.passed([one.user_id for one in members])
    walks: dict[int, list[Assignment]] = {}
    for given in Assignment.objects.filter(reads.held(), member__in=members).select_related("turf"):
        walks.setdefault(given.member_id, []).append(given)
    phones: dict[int, list[Device]] = {}
    for device in Device.objects.filter(
        user__in=[one.user_id for one in members], campaign=found.campaign.code, revoked_at=None
    ):
        phones.setdefault(device.user_id, []).append(device)
    turfs = _free(found)
    context |= around(request, found.unit) | {
        "team": found,
        "rows": [
            {
                "member": one,
                "trained": one.user_id in passed,
                "walks": walks.get(one.pk, []),
                "phones": phones.get(one.user_id, []),
            }
            for one in members
        ],
        **_shifts(found),
        "plan": context.get("plan") or ShiftForm(initial={"day": found.campaign.today()}),
        "give": context.get("give") or GiveForm(turfs=turfs[:200]),
        "free": turfs.count(),
    }
    bad = context["form"].errors or context["give"].errors or context["plan"].errors
    return render(request, "office/fieldwork/team.html", context, status=400 if bad else 200)


def _shifts(found: Team) -> dict[str, Any]:
    """The shifts that come next, and those that were last."""
    now = timezone.now()
    shifts = Shift.objects.filter(team=found)
    return {
        "zone": found.campaign.time_zone,
        "ahead": shifts.filter(end__gt=now)[:_SHIFTS],
        "past": shifts.filter(end__lte=now).order_by("-start")[:_SHIFTS],
    }


@require_POST
def let_go(request: HttpRequest, member_id: int) -> HttpResponse:
    """A member leaves; walks come back."""
    member = member_seen(request, member_id)
    services.let_go(member)
    return redirect("team", member.team_id)


@require_POST
def give(request: HttpRequest, member_id: int) -> HttpResponse:
    """Put a walk into a member's hands."""
    member = member_seen(request, member_id)
    form = GiveForm(request.POST, turfs=_free(member.team))
    if accepted(form, services.give, member=member, by=request.user):
        messages.success(request, _("Given. It comes to the phone with its next sync."))
        return redirect("team", member.team_id)
    return team_page(request, member.team, {"give": form})


@require_POST
def take_back(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Take a walk out of somebody's hands."""
    given = assignment_seen(request, assignment_id)
    services.take_back(given)
    return redirect("team", given.member.team_id)


@require_POST
def revoke(request: HttpRequest, device_id: int) -> HttpResponse:
    """A phone is lost: it opens nothing from now on, and wipes itself when it calls next."""
    device = get_object_or_404(Device, pk=device_id, unit__in=access.units(request, Action.PEOPLE))
    ledger.revoke(device)
    messages.success(request, _("The phone is locked out. It wipes itself when it calls next."))
    member = device.user.memberships.filter(left=None, team__unit=device.unit).first()
    return redirect("team", member.team_id) if member else redirect("teams", device.unit_id)
