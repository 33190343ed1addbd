"""The campaign's phases."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from tungnha.campaign.files.parts.part import Difference, Entry, Frame, Part, Work
from tungnha.campaign.models import Campaign, Phase
from tungnha.campaign.services import campaigns


class PhaseEntry(Entry):
    """A stretch of the campaign. Phases lie within it and share no day."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    start: date
    end: Annotated[date, Meta(description="The last day.")]


class PhasesPart(Part[PhaseEntry]):
    name = "phases"
    entry = PhaseEntry

    def key(self, entry: PhaseEntry) -> str:
        return entry.name

    def label(self, entry: PhaseEntry) -> str:
        return entry.name

    def stored(self, campaign: Campaign, frame: Frame) -> list[PhaseEntry]:
        del frame
        return [PhaseEntry(name=one.name, start=one.start, end=one.end) for one in campaign.phases.all()]

    def clear(self, work: Work, difference: Difference[PhaseEntry]) -> None:
        # Those that move are taken out too: two phases may change places, and nothing hangs on a phase.
        gone = [one.name for one in difference.removed] + [was.name for was, _now in difference.changed]
        for phase in Phase.objects.filter(campaign=work.campaign, name__in=gone):
            campaigns.remove_phase(phase)

    def write(self, work: Work, difference: Difference[PhaseEntry]) -> None:
        for new in [*difference.added, *(now for _was, now in difference.changed)]:
            one = new.entry
            work.attempt(
                self,
                new.path,
                campaigns.add_phase,
                work.campaign,
                name=one.name,
                start=one.start,
                end=one.end,
            )
