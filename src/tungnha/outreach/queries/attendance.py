"""Who came to a shift: what people said, and where nobody said anything, what the phones let see.

Of a phone only the times of its first and last entry at a door are looked at: not where it was, and not how much was
done. Silence is no absence: a phone may be empty, or may not have sent yet.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet

from tungnha.ledger import queries as ledger
from tungnha.outreach.models import Assignment, Attendance, Member, Shift, Stop
from tungnha.outreach.visits import VISIT
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import sort_key

LATE_AFTER = timedelta(minutes=30)
"""From the start of a shift to the first door: gathering, handing out passes and walking there."""
_BEFORE, _AFTER = timedelta(hours=1), timedelta(hours=2)
"""How far around a shift an entry still belongs to it."""

State = Attendance.State


@dataclass(frozen=True)
class Presence:
    """One member's shift."""

    shift: Shift
    member: Member
    heard: tuple[datetime, datetime] | None
    """When the first and the last visit was recorded."""
    word: Attendance | None
    """What a person said last."""

    @property
    def seen(self) -> State | None:
        """What the phone lets see; None where nothing was heard."""
        if self.heard is None:
            return None
        return State.LATE if self.heard[0] > self.shift.start + LATE_AFTER else State.CAME

    @property
    def state(self) -> State | None:
        """What stands."""
        return State(self.word.state) if self.word else self.seen


def of_shifts(shifts: Sequence[Shift]) -> dict[int, list[Presence]]:
    """Everybody who was in the team on the day, by shift, in the order of their names."""
    members = _members(shifts)
    heard = _heard(shifts, {(one.user_id, one.team_id) for one in members})
    words: dict[tuple[int, int], Attendance] = {}
    for one in Attendance.objects.filter(shift__in=shifts).select_related("marked_by"):  # the newest first
        words.setdefault((one.shift_id, one.member_id), one)
    return {
        shift.pk: [
            Presence(shift, one, heard.get((shift.pk, one.user_id)), words.get((shift.pk, one.pk)))
            for one in members
            if one.team_id == shift.team_id and _in_team(one, day_of(shift))
        ]
        for shift in shifts
    }


def day_of(shift: Shift) -> date:
    """The shift's day where its campaign runs."""
    return shift.team.campaign.day_of(shift.start)


def in_unit(unit: Unit, day: date, zone: ZoneInfo) -> QuerySet[Shift]:
    """The shifts of a unit's teams, and of those below it, that begin on a day."""
    midnight = datetime.combine(day, datetime.min.time(), zone)
    return (
        Shift.objects.filter(
            team__unit__path__startswith=unit.path,
            start__gte=midnight,
            start__lt=midnight + timedelta(days=1),
        )
        .select_related("team__unit", "team__campaign")
        .order_by("team__unit__name", "team__name", "start")
    )


def _members(shifts: Collection[Shift]) -> list[Member]:
    teams = {shift.team_id for shift in shifts}
    found = Member.objects.filter(team__in=teams).select_related("user", "team__unit")
    return sorted(found, key=lambda one: (sort_key(one.user.first_name or one.user.username), one.pk))


def _in_team(member: Member, day: date) -> bool:
    return member.joined <= day and (member.left is None or member.left > day)


def _heard(
    shifts: Sequence[Shift], members: Collection[tuple[int, int]]
) -> dict[tuple[int, int], tuple[datetime, datetime]]:
    """By shift and person: when the first and the last visit of the shift was recorded, at doors of the team's walks."""
    if not shifts:
        return {}
    begin, end = min(one.start for one in shifts) - _BEFORE, max(one.end for one in shifts) + _AFTER
    held = Assignment.objects.filter(
        Q(returned_at=None) | Q(returned_at__gt=begin),
        member__team__in={one.team_id for one in shifts},
        given_at__lt=end,
        until__gt=begin,
    )
    homes = Stop.objects.filter(turf__in=held.values("turf")).values_list("household", flat=True)
    found: dict[tuple[int, int], tuple[datetime, datetime]] = {}
    for entry in ledger.standing([VISIT.name], list(homes)):
        for shift in shifts:
            around = shift.start - _BEFORE <= entry.when <= shift.end + _AFTER
            if not around or (entry.actor, shift.team_id) not in members:
                continue
            key = (shift.pk, entry.actor)
            first, last = found.get(key, (entry.when, entry.when))
            found[key] = (min(first, entry.when), max(last, entry.when))
    return found
