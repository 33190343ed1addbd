"""Making teams, and giving walks to people: only to trained ones, each walk to one at a time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, could, may
from tungnha.campaign.models import Campaign, Organisation
from tungnha.outreach.models import Assignment, Member, Team, Turf
from tungnha.outreach.queries import teams as reads
from tungnha.outreach.queries import training
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean

LONGEST = timedelta(hours=72)
"""A phone holds nothing that is older (ASVS 5, 14.3.3: the recorded deviation)."""


def make_team(campaign: Campaign, unit: Unit, name: str, *, organisation: Organisation | None = None) -> Team:
    """Make a team in a unit of the campaign's territory. Raises ValidationError."""
    if not unit.path.startswith(campaign.unit.path):
        raise ValidationError(
            {
                "unit": _("%(unit)s is not in the campaign's territory, %(territory)s.")
                % {"unit": unit.name, "territory": campaign.unit.name}
            }
        )
    team = Team(campaign=campaign, unit=unit, name=clean(name), organisation=organisation)
    team.full_clean()
    with transaction.atomic():
        team.save(force_insert=True)
    return team


def add_member(
    team: Team,
    user: User,
    *,
    leads: bool = False,
    skills: Sequence[str] = (),
    languages: Sequence[str] = ("vi",),
    joined: date | None = None,
) -> Member:
    """Put a person who may go to doors in the team's unit into it, since today or `joined`. Raises ValidationError."""
    if not could(user, Action.WALK, team.unit):
        raise ValidationError(
            {
                "user": _(
                    "%(person)s holds no role in %(unit)s with which one goes to doors. Give the role first."
                )
                % {"person": user, "unit": team.unit.name}
            }
        )
    unknown = sorted(set(skills) - set(Member.Skill.values))
    if unknown:
        raise ValidationError({"skills": _("There is no skill “%(skill)s”.") % {"skill": unknown[0]}})
    member = Member(
        team=team,
        user=user,
        leads=leads,
        skills=list(skills),
        languages=list(languages),
        joined=joined or timezone.localdate(),
    )
    member.full_clean()
    with transaction.atomic():
        member.save(force_insert=True)
    return member


def let_go(member: Member, *, on: date | None = None) -> None:
    """End a membership, today or `on`; walks still in the person's hands come back."""
    now = timezone.now()
    with transaction.atomic():
        Member.objects.filter(pk=member.pk, left=None).update(left=on or timezone.localdate())
        Assignment.objects.filter(member=member, returned_at=None).update(returned_at=now)
    member.refresh_from_db()


def give(
    turf: Turf, member: Member, *, by: User, since: datetime | None = None, until: datetime | None = None
) -> Assignment:
    """Put a walk into a member's hands, until a moment (72 hours from now at most), from now on, or since a moment that is
    past where it is noted afterwards.

    Raises ValidationError when the giver may not, the walk lies in another unit than the team, the member has not
    passed the doorstep course, or somebody else holds the walk; an assignment that ran out is ended on the way.
    """
    now = timezone.now()
    end = until or now + LONGEST
    unit = turf.plan.unit
    if not may(by, Action.PEOPLE, unit):
        raise ValidationError(_("You may not give walks of %(unit)s.") % {"unit": unit.name})
    if not unit.path.startswith(member.team.unit.path):
        raise ValidationError(
            {
                "member": _("The team works in %(unit)s, where this walk is not.")
                % {"unit": member.team.unit.name}
            }
        )
    if not now < end <= now + LONGEST:
        raise ValidationError({"until": _("A walk is given for 72 hours at most.")})
    if member.left is not None or member.user_id not in training.passed([member.user_id]):
        raise ValidationError(
            {
                "member": _("%(person)s has not passed the training for the doorstep.")
                % {"person": member.user}
            }
        )
    if not could(member.user, Action.WALK, unit):
        raise ValidationError(
            {
                "member": _("%(person)s holds no role in %(unit)s any more with which one goes to doors.")
                % {"person": member.user, "unit": unit.name}
            }
        )
    try:
        with transaction.atomic():
            Assignment.objects.filter(turf=turf, returned_at=None, until__lte=now).update(returned_at=now)
            return Assignment.objects.create(
                turf=turf, member=member, given_by=by, given_at=min(since or now, now), until=end
            )
    except IntegrityError as error:
        holder = reads.holder(turf)
        raise ValidationError(
            {
                "turf": _("The walk is in the hands of %(person)s. Take it back first.")
                % {"person": holder.member.user if holder else "?"}
            }
        ) from error


def take_back(assignment: Assignment) -> None:
    """End an assignment now. What was saved on the phone before still comes in."""
    with transaction.atomic():
        Assignment.objects.filter(pk=assignment.pk, returned_at=None).update(returned_at=timezone.now())
    assignment.refresh_from_db()


def hand_over(assignment: Assignment, to: Member, *, by: User) -> Assignment:
    """Pass a walk to another member, without a moment in which nobody or both hold it. Raises ValidationError."""
    with transaction.atomic():
        take_back(assignment)
        return give(assignment.turf, to, by=by, until=min(assignment.until, timezone.now() + LONGEST))
