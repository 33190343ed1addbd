"""How a wording goes from draft to in force, and out of force again. Pure: a standing and a step in, a standing out.

Draft → reviewed (by the first owner) → signed by every owner in order → approved → published (by the last owner) →
withdrawn, or replaced when a later version is published. Until it is published it can be sent back; the signatures
given so far are then void.
"""

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What a person does to a wording."""

    REVIEW = "review"
    SIGN = "sign"
    PUBLISH = "publish"
    RETURN = "return"
    WITHDRAW = "withdraw"


EXPLAINED = frozenset({Step.RETURN, Step.WITHDRAW})
"""Steps that take a reason."""
NOT_BY_ITS_WRITER = frozenset({Step.REVIEW, Step.SIGN})
"""Steps that nobody takes on wording they wrote."""

DRAFT, REVIEWED, APPROVED, PUBLISHED, WITHDRAWN = "draft", "reviewed", "approved", "published", "withdrawn"

_FROM: dict[str, tuple[Step, ...]] = {
    DRAFT: (Step.REVIEW, Step.WITHDRAW),
    REVIEWED: (Step.SIGN, Step.RETURN, Step.WITHDRAW),
    APPROVED: (Step.PUBLISH, Step.RETURN, Step.WITHDRAW),
    PUBLISHED: (Step.WITHDRAW,),
}


class NotNowError(ValueError):
    """The step cannot be taken from where the wording stands."""


@dataclass(frozen=True)
class Standing:
    """Where a wording is: its state, and how many of its owners have signed."""

    state: str
    signed: int = 0


def steps(state: str) -> tuple[Step, ...]:
    """What can be done to a wording in a state; nothing once it is replaced or withdrawn."""
    return _FROM.get(state, ())


def after(standing: Standing, step: Step, owners: int) -> Standing:
    """Where a wording with so many owners stands after a step. Raises NotNowError."""
    if step not in steps(standing.state) or owners < 1:
        raise NotNowError
    if step is Step.SIGN:
        signed = standing.signed + 1
        return Standing(APPROVED if signed == owners else REVIEWED, signed)
    if step is Step.RETURN:
        return Standing(DRAFT)
    state = {Step.REVIEW: REVIEWED, Step.PUBLISH: PUBLISHED, Step.WITHDRAW: WITHDRAWN}[step]
    return Standing(state, standing.signed)


def signers(standing: Standing, step: Step, owners: int) -> range:
    """Which owners, by their place in the order from 0, may take a step: one in most steps, any to stop it."""
    if step is Step.REVIEW:
        return range(1)
    if step is Step.SIGN:
        return range(standing.signed, standing.signed + 1)
    if step is Step.PUBLISH:
        return range(owners - 1, owners)
    return range(owners)
