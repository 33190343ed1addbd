"""What the public pages may say: whether a pass or a letter is genuine, and nothing about a household."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils import timezone

from tungnha.channels.letters import tokens
from tungnha.channels.letters.models import LetterWave
from tungnha.channels.letters.services import letter_key
from tungnha.outreach import passes
from tungnha.outreach.models import Assignment, Stop
from tungnha.register.models import Household
from tungnha.territory.models import Unit

_STREETS_NAMED = 6


class Standing(StrEnum):
    """What is known of a pass."""

    VALID = "valid"
    FORGED = "forged"  # not signed here, or altered
    OTHER_DAY = "other_day"
    ENDED = "ended"  # the walk was taken back, ran out, or the person left the team


@dataclass(frozen=True)
class Visitor:
    """A pass as a resident should read it. Only a valid one has a name, a team and streets."""

    standing: Standing
    day: date | None = None
    name: str = ""
    team: str = ""
    unit: Unit | None = None
    walk: int = 0
    streets: tuple[str, ...] = ()
    assignment: Assignment | None = None


def visitor(token: str) -> Visitor:
    """Who shows this pass, and whether it holds today."""
    said = passes.read(token)
    if said is None:
        return Visitor(Standing.FORGED)
    if said.day != timezone.localdate():
        return Visitor(Standing.OTHER_DAY, day=said.day)
    found = (
        Assignment.objects.filter(pk=said.assignment)
        .select_related("member__user", "member__team__organisation", "turf__plan__unit")
        .first()
    )
    if (
        found is None
        or not found.is_held(timezone.now())
        or found.member.left is not None
        or not found.member.user.is_active
    ):
        return Visitor(Standing.ENDED, day=said.day)
    member, turf = found.member, found.turf
    body = member.team.organisation
    return Visitor(
        Standing.VALID,
        said.day,
        name=member.user.get_full_name() or member.user.get_username(),
        team=f"{member.team.name} · {body.name}" if body else member.team.name,
        unit=turf.plan.unit,
        walk=turf.number + 1,
        streets=_streets(turf.pk),
        assignment=found,
    )


def _streets(turf: int) -> tuple[str, ...]:
    """The streets and alleys that a walk goes through, in its order."""
    names = dict.fromkeys(
        Stop.objects.filter(turf=turf, household__premises__street__isnull=False)
        .order_by("position")
        .values_list("household__premises__street__name", flat=True)
    )
    return tuple(name for name in names if name)[:_STREETS_NAMED]


def letter_from(token: str) -> Unit | None:
    """The unit whose genuine letter carries this token; None for any other text."""
    said = tokens.verify(letter_key(), token)
    if said is None or not LetterWave.objects.filter(pk=said.wave).exists():
        return None
    home = Household.objects.filter(pk=said.household).select_related("unit").first()
    return home.unit if home else None
