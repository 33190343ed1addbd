"""A volunteer's answer to the question whether their visits may be stamped with an alley: an entry, so that it is evidence.

The stamps themselves are no entries (`models/positions.py` says why).
"""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

import msgspec
from django.utils.translation import get_language

from tungnha.ledger.entries import Recorded
from tungnha.ledger.kinds import Body, Kind
from tungnha.ledger.projections import Projection, keep_row_each
from tungnha.outreach.models import PositionConsent

FILE = Path(__file__).parent / "data" / "position_consent.toml"


class Wording(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a volunteer is asked, by language; a changed text gets a higher version, and everybody is asked anew."""

    version: int
    text: dict[str, list[str]]

    def told(self) -> list[str]:
        """The paragraphs in the reader's language, or in Vietnamese."""
        return self.text.get((get_language() or "vi")[:2], self.text["vi"])


@cache
def wording() -> Wording:
    """The wording in use."""
    return msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), Wording)


class Answered(Body, frozen=True):
    """Whether the writer agrees that their visits in this campaign are stamped, and to which wording."""

    given: bool
    wording: Annotated[int, msgspec.Meta(ge=1, le=32_767)]


CONSENT = Kind("position-consent", 1, Answered, by_device=True)


def apply(added: Sequence[Recorded], withdrawn: Sequence[Recorded]) -> None:
    """Keep every answer in force."""
    keep_row_each(CONSENT.name, PositionConsent, _row, added, withdrawn)


def _row(entry: Recorded) -> PositionConsent:
    assert isinstance(entry.body, Answered)
    return PositionConsent(
        entry=entry.uuid, campaign=entry.campaign, user=entry.actor, given=entry.body.given, wording=entry.body.wording,
        answered_at=entry.when,
    )  # fmt: skip


CONSENTS = Projection("position_consents", (PositionConsent,), apply)
