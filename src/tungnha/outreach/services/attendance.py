"""Planning shifts, calling them off, and saying who came."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, may
from tungnha.outreach.models import Attendance, Member, Shift, Team
from tungnha.outreach.queries.attendance import of_shifts
from tungnha.territory.vietnamese import clean

MOST_DAYS = 92
"""Days that are planned in one go: a campaign of ninety days and nights."""


def plan_shifts(
    team: Team, *, day: date, start: time, end: time, until: date | None = None, by: User
) -> list[Shift]:
    """Plan a shift, or one each day from `day` to `until`, at the same hours of the campaign's clocks.

    All or none. Raises ValidationError by field: hours or days the wrong way round, outside the campaign, or a shift
    that overlaps another one of the team; PermissionDenied where the person may not plan for the team.
    """
    if not may(by, Action.PEOPLE, team.unit):
        raise PermissionDenied
    last = until or day
    if end <= start:
        raise ValidationError({"end": _("The shift would end before it begins.")})
    if not 0 <= (last - day).days < MOST_DAYS:
        raise ValidationError(
            {"until": _("Plan from one day to %(most)d days at once.") % {"most": MOST_DAYS}}
        )
    campaign = team.campaign
    if day < campaign.start or last > campaign.deadline:
        raise ValidationError(
            {
                "day" if day < campaign.start else "until": _("The campaign runs from %(start)s to %(end)s.")
                % {"start": _day(campaign.start), "end": _day(campaign.deadline)}
            }
        )
    zone = ZoneInfo(campaign.time_zone)
    days = [day + timedelta(days=ahead) for ahead in range((last - day).days + 1)]
    made = [
        Shift(
            team=team,
            start=datetime.combine(one, start, zone),
            end=datetime.combine(one, end, zone),
            planned_by=by,
        )
        for one in days
    ]
    with transaction.atomic():
        Team.objects.select_for_update().get(pk=team.pk)  # two at once would each see no overlap
        there = Shift.objects.filter(team=team, start__lt=made[-1].end, end__gt=made[0].start, called_off="")
        for taken in there:
            if any(one.start < taken.end and taken.start < one.end for one in made):
                raise ValidationError(
                    {
                        "day": _("The team goes out at %(when)s already.")
                        % {"when": formats.date_format(taken.start.astimezone(zone), "SHORT_DATETIME_FORMAT")}
                    }
                )
        again = Shift.objects.filter(team=team, start__in=[one.start for one in made])
        off = {one.start: one for one in again}  # called off, and planned anew
        Shift.objects.bulk_create([one for one in made if one.start not in off], batch_size=100)
        for one in made:
            if one.start in off:
                again.filter(start=one.start).update(end=one.end, called_off="", planned_by=by)
    return list(again.all())


def _day(day: date) -> str:
    return formats.date_format(day, "SHORT_DATE_FORMAT")


def call_off(shift: Shift, reason: str, *, by: User) -> None:
    """Say that a shift does not take place, and why. Raises ValidationError, PermissionDenied."""
    if not may(by, Action.PEOPLE, shift.team.unit):
        raise PermissionDenied
    words = clean(reason)[:200]
    if not words:
        raise ValidationError({"reason": _("Say why.")})
    with transaction.atomic():
        changed = Shift.objects.filter(pk=shift.pk, called_off="").update(called_off=words)
    if not changed:
        raise ValidationError(_("Somebody has called it off meanwhile."))
    shift.refresh_from_db()


def mark(
    shift: Shift, member: Member, *, state: str, reason: str = "", seen: int = 0, by: User
) -> Attendance:
    """Say how a member's shift was. What was said before stays in the history.

    `seen` is the key of the word that the person had before them (0 for none): somebody else's newer one is not written
    over unseen. A reason is needed for anybody late or absent, and against what a person said or the phone let see before.
    Raises ValidationError by field, PermissionDenied where the person may not, or would speak about themselves.
    """
    if by.pk == member.user_id or not may(by, Action.PEOPLE, shift.team.unit):
        raise PermissionDenied
    if state not in Attendance.State.values:
        raise ValidationError({"state": _("Say whether they came.")})
    if shift.called_off:
        raise ValidationError(_("The shift was called off."))
    if state != Attendance.State.ABSENT and timezone.now() < shift.start:
        raise ValidationError({"state": _("The shift has not begun.")})
    stands = next((one for one in of_shifts([shift])[shift.pk] if one.member.pk == member.pk), None)
    if stands is None:
        raise ValidationError({"member": _("They were not in the team on that day.")})
    words = clean(reason)[:300]
    if not words and (state != Attendance.State.CAME or stands.state not in {None, state}):
        raise ValidationError({"reason": _("Say why.")})
    with transaction.atomic():
        Shift.objects.select_for_update().get(pk=shift.pk)
        newest = Attendance.objects.filter(shift=shift, member=member).values_list("pk", flat=True).first()
        if (newest or 0) != seen:
            raise ValidationError(_("Somebody has said something else meanwhile. Look again."))
        return Attendance.objects.create(shift=shift, member=member, state=state, reason=words, marked_by=by)
