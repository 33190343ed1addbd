"""Volunteers for a unit's walks, and their evenings. Only where the people behind the doors are generated."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from secrets import token_urlsafe
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np

from tungnha.accounts import services as accounts
from tungnha.accounts.models import User
from tungnha.accounts.roles import Role
from tungnha.campaign.models import Campaign
from tungnha.engine.progress import silent
from tungnha.field.virtual.phones import Faults, Phone, Server
from tungnha.ledger import services as ledger
from tungnha.outreach import training
from tungnha.outreach.models import HouseholdOutcome, Member, Shift, Team, Turf, TurfPlan
from tungnha.outreach.services import teams
from tungnha.outreach.services.attendance import plan_shifts
from tungnha.outreach.services.training import sit
from tungnha.outreach.visits import AGAIN, Outcome
from tungnha.planning.simulation import HANOI_EVENING, End, Manners, play
from tungnha.register.models import Resident

SHIFT = time(18, 15), time(21)
BEGINS, ENDS = 18 * 60 + 15, 20 * 60 + 45
"""First and last doors, minutes after midnight."""
_COPYING = 0.2, 0.4
"""Minutes from one line of the paper list to the next, when it is entered into the phone."""
_OUTCOMES = {
    End.NOBODY: Outcome.NOBODY_HOME,
    End.REFUSED: Outcome.REFUSED,
    End.LATER: Outcome.COME_BACK,
    End.AWAY: Outcome.AWAY,
    End.NO_PHONE: Outcome.NO_PHONE,
    End.OTHERS_PHONE: Outcome.OTHERS_PHONE,
    End.POLICE: Outcome.REFER_POLICE,
    End.DONE: Outcome.DONE,
}
_HANDS = ("with_help", "with_help", "alone", "done_for_them")


class RealPeopleError(Exception):
    """The unit's households are not all generated: nobody plays visits to real people."""


@dataclass(frozen=True)
class Played:
    """What became of the evenings: the entries that phones saved, how many they could not hand over, how many doors."""

    saved: frozenset[UUID]
    unsent: int
    doors: int


def play_evenings(
    plan: TurfPlan,
    campaign: Campaign,
    server: Server,
    *,
    volunteers: int,
    evenings: list[datetime],
    seed: int,
    by: User,
    faults: Faults,
    on_paper: Collection[tuple[int, int]] = (),
    manners: Manners = HANOI_EVENING,
    advance: Callable[[int], None] = silent,
) -> Played:
    """Send volunteers out on a plan's walks, evening after evening, and have their phones tell the server.

    `evenings` are moments of the days on which they go out. `on_paper` names evenings of volunteers, both counted from
    0: they walk with the paper list and enter it after the last door. Raises RealPeopleError.
    """
    if not plan.generated:
        raise RealPeopleError
    members = _team(plan, campaign, volunteers, min(evenings).date() - timedelta(days=1))
    walks = iter(plan.turfs.order_by("shift_date", "shift_team", "number"))
    saved: set[UUID] = set()
    unsent = doors = 0
    for night, evening in enumerate(evenings):
        given = list(zip(members, walks, strict=False))
        if not given:
            break
        _expect(members[0].team, campaign.day_of(evening), by)
        for number, (member, turf) in enumerate(given):
            rng = np.random.default_rng((seed, night, number))
            phone = _go_out(
                turf, member, server, evening,
                by=by, faults=faults, paper=(night, number) in on_paper, manners=manners, rng=rng,
            )  # fmt: skip
            saved |= phone.saved
            unsent += len(phone.outbox)
            doors += turf.doors
            advance(1)
    return Played(frozenset(saved), unsent, doors)


def _team(plan: TurfPlan, campaign: Campaign, volunteers: int, since: date) -> list[Member]:
    """A trained team of the size asked for; those of an earlier play go out again."""
    team = Team.objects.filter(campaign=campaign, unit=plan.unit).first() or teams.make_team(
        campaign, plan.unit, "Tổ mô phỏng"
    )
    members = list(team.members.filter(left=None).select_related("user", "team__campaign", "team__unit"))
    right = {place: one.right for place, one in enumerate(training.course(training.DOORSTEP).questions)}
    for number in range(len(members), volunteers):
        user = accounts.create_user(
            f"mo-phong-{plan.unit.code}-{number + 1}",
            token_urlsafe(16),
            full_name=f"Tình nguyện viên {number + 1:02}",
        )
        accounts.grant_role(user, Role.VOLUNTEER, plan.unit, valid_from=since)
        sit(user, training.DOORSTEP, right)
        members.append(teams.add_member(team, user, joined=since))
    return members[:volunteers]


def _expect(team: Team, day: date, by: User) -> None:
    """Plan the team's shift of that evening, unless there is one or the campaign does not run."""
    planned = {team.campaign.day_of(shift.start) for shift in Shift.objects.filter(team=team)}
    if day not in planned and team.campaign.start <= day <= team.campaign.deadline:
        plan_shifts(team, day=day, start=SHIFT[0], end=SHIFT[1], by=by)


def _go_out(
    turf: Turf,
    member: Member,
    server: Server,
    evening: datetime,
    *,
    by: User,
    faults: Faults,
    paper: bool,
    manners: Manners,
    rng: np.random.Generator,
) -> Phone:
    """One volunteer's evening on one walk."""
    campaign = member.team.campaign
    midnight = evening.astimezone(ZoneInfo(campaign.time_zone)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    given = teams.give(turf, member, by=by, since=midnight)
    _device, token = ledger.enrol(
        member.user, campaign=campaign.code, unit=turf.plan.unit, areas_bound=[f"turf:{turf.pk}"], days=1,
        in_use_since=midnight,
    )  # fmt: skip
    phone = Phone(token, faults, rng)
    stops = list(turf.stops.order_by("position").values_list("household", flat=True))
    lacking = _lacking(stops)
    closed = set(
        HouseholdOutcome.objects.filter(campaign=campaign.code, household__in=stops)
        .exclude(outcome__in=[one.value for one in AGAIN])
        .values_list("household", flat=True)
    )
    chance = np.array([0.0 if home in closed else rng.gamma(6) / 6 for home in stops])
    metres = np.full(len(stops), turf.walk_metres / max(len(stops), 1))
    played = play(
        chance,
        metres,
        start=BEGINS + rng.uniform(0, 30),
        stop=ENDS,
        manners=manners,
        seed=int(rng.integers(2**31)),
    )
    entered = played.minute
    if paper:
        entered = played.minute.max(initial=0) + np.cumsum(rng.uniform(*_COPYING, len(played.minute)))
    for door, minute, saved, end in zip(played.door, played.minute, entered, played.end, strict=True):
        at, saved_at = (midnight + timedelta(minutes=float(one)) for one in (minute, saved))
        home = stops[door]
        body = _body(End(end), at, lacking.get(home, []), rng)
        subject = {"campaign": campaign.code, "unit": turf.plan.unit_id, "household": home}
        phone.save(saved_at, {"kind": "visit", "version": 1, "body": body} | subject)
        if not phone.late and rng.random() < 0.3:
            phone.sync(server, saved_at + timedelta(seconds=40))
    phone.sync(server, midnight + timedelta(minutes=ENDS + 60), reliable=True)
    teams.take_back(given)
    return phone


def _lacking(households: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
    """Residents without an activated identity behind each door, with the step they have reached."""
    found: dict[int, list[tuple[int, int]]] = {}
    rows = Resident.objects.filter(household__in=list(households), step__lt=Resident.Step.LEVEL2)
    for pk, home, step in rows.values_list("pk", "household", "step"):
        found.setdefault(home, []).append((pk, step))
    return found


def _body(end: End, at: datetime, lacking: list[tuple[int, int]], rng: np.random.Generator) -> dict[str, Any]:
    """What a visit with this end says."""
    body: dict[str, Any] = {"outcome": _OUTCOMES[end].value}
    if end is End.LATER:
        body["come_back_at"] = (at + timedelta(days=int(rng.integers(1, 4)))).isoformat()
    if end is End.DONE and lacking:
        hands = _HANDS[rng.integers(len(_HANDS))]
        body["steps"] = [
            {
                "resident": resident,
                "step": int(rng.integers(step + 1, Resident.Step.PORTAL + 1)),
                "hands": hands,
            }
            for resident, step in lacking[: rng.integers(1, 3)]
        ]
    return body
