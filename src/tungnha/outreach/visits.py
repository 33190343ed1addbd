"""The entry of a visit: what was found at a door, and what each resident then had, with whose hands."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec
from django.utils.translation import gettext_lazy as _

from tungnha.accounts.roles import Action
from tungnha.ledger.entries import Moment, Number
from tungnha.ledger.kinds import Body, Kind, Part
from tungnha.outreach.notes import without_secrets
from tungnha.register.models import Resident


class Outcome(StrEnum):
    """How a visit ended."""

    NOBODY_HOME = "nobody_home"
    MOVED = "moved"
    REFUSED = "refused"
    COME_BACK = "come_back"  # they named a time
    AWAY = "away"  # the one sought is elsewhere for a while
    REFER_POLICE = "refer_police"  # only the police can do the next step
    NO_PHONE = "no_phone"
    OTHERS_PHONE = "others_phone"  # activated on somebody else's phone: not a success
    DONE = "done"


OUTCOME_LABELS = {
    Outcome.DONE: _("Done"),
    Outcome.NOBODY_HOME: _("Nobody home"),
    Outcome.COME_BACK: _("Come back at…"),
    Outcome.AWAY: _("Away for a while"),
    Outcome.MOVED: _("Moved away"),
    Outcome.REFUSED: _("Does not want it"),
    Outcome.NO_PHONE: _("No smartphone"),
    Outcome.OTHERS_PHONE: _("Activated on another's phone"),
    Outcome.REFER_POLICE: _("Refer to the police"),
}
"""What people read, in the order in which a phone offers them."""

AGAIN = frozenset({Outcome.NOBODY_HOME, Outcome.COME_BACK, Outcome.AWAY})
"""Outcomes after which the door is knocked at again."""

NOBODY_SPOKEN_TO = frozenset({Outcome.NOBODY_HOME, Outcome.MOVED})


class Hands(StrEnum):
    """Who did a step."""

    ALONE = "alone"
    WITH_HELP = "with_help"
    DONE_FOR_THEM = "done_for_them"


HANDS_LABELS = {
    Hands.WITH_HELP: _("With help"),
    Hands.ALONE: _("Alone"),
    Hands.DONE_FOR_THEM: _("Done for them"),
}


class StepTaken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A resident reached a step of the funnel (`Resident.Step`) during the visit."""

    resident: Number
    step: Annotated[int, msgspec.Meta(ge=int(Resident.Step.RECORD), le=int(Resident.Step.ALONE))]
    hands: Hands


class Visit(Body, frozen=True):
    """One knock at one door."""

    outcome: Outcome
    steps: Annotated[tuple[StepTaken, ...], msgspec.Meta(max_length=60)] = ()
    come_back_at: Moment | None = None
    away_to: Annotated[str, msgspec.Meta(max_length=80)] = ""
    away_until: date | None = None
    note: Annotated[str, msgspec.Meta(max_length=280)] = ""

    def __post_init__(self) -> None:
        if (self.outcome is Outcome.COME_BACK) != (self.come_back_at is not None):
            raise ValueError("come_back_at goes with the outcome come_back, and only with it")
        if (self.away_to or self.away_until) and self.outcome is not Outcome.AWAY:
            raise ValueError("away_to and away_until go with the outcome away")
        if self.steps and self.outcome not in {Outcome.DONE, Outcome.OTHERS_PHONE, Outcome.REFER_POLICE}:
            raise ValueError(f"nobody takes a step in a visit that ends with {self.outcome}")
        claims = [(one.resident, one.step) for one in self.steps]
        if len(set(claims)) < len(claims):
            resident, step = next(claim for claim in claims if claims.count(claim) > 1)
            raise ValueError(f"step {step} of resident {resident} comes twice")
        # The phone refuses such words; should some come all the same, no number is kept.
        msgspec.structs.force_setattr(self, "note", without_secrets(self.note))
        msgspec.structs.force_setattr(self, "away_to", without_secrets(self.away_to))


def _measures(visit: Visit) -> tuple[str, ...]:
    if visit.outcome in NOBODY_SPOKEN_TO:
        return ("visit",)
    return ("visit", "contact", "done") if visit.outcome is Outcome.DONE else ("visit", "contact")


def _without_words(visit: Visit) -> Visit:
    """What a second volunteer on the same doors may know: how it ended, not what was written or who did what."""
    return Visit(visit.outcome, come_back_at=visit.come_back_at, away_until=visit.away_until)


VISIT = Kind(
    "visit",
    1,
    Visit,
    needs=frozenset({Part.UNIT, Part.HOUSEHOLD}),
    by_device=True,
    action=Action.PEOPLE,
    measures=_measures,
    residents=lambda visit: [one.resident for one in visit.steps],
    shared=_without_words,
)
