"""How the campaign's shifts are staffed; not who stands in them."""

from datetime import time
from typing import Annotated

from msgspec import Meta

from tungnha.campaign.files.parts.part import Difference, Entry, Frame, Part, Work
from tungnha.campaign.models import Campaign
from tungnha.campaign.services import parameters

_Some = Annotated[int, Meta(ge=1, le=32767)]


class RosterEntry(Entry):
    """The shape of a roster."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    weekdays: Annotated[
        str,
        Meta(
            min_length=1,
            pattern=r"^1?2?3?4?5?6?7?$",
            description="1 is Monday, 7 is Sunday.",
            examples=["67"],
        ),
    ]
    starts: Annotated[time, Meta(description="HH:MM")]
    ends: Annotated[time, Meta(description="HH:MM; earlier than `starts` for a shift over midnight.")]
    teams: _Some
    people: Annotated[int, Meta(ge=1, le=32767, description="In each team.")]


class RostersPart(Part[RosterEntry]):
    name = "rosters"
    entry = RosterEntry

    def key(self, entry: RosterEntry) -> str:
        return entry.name

    def label(self, entry: RosterEntry) -> str:
        return entry.name

    def stored(self, campaign: Campaign, frame: Frame) -> list[RosterEntry]:
        del frame
        found = [
            RosterEntry(**{name: getattr(one, name) for name in RosterEntry.__struct_fields__})
            for one in campaign.rosters.all()
        ]
        return sorted(found, key=self.key)

    def clear(self, work: Work, difference: Difference[RosterEntry]) -> None:
        for one in difference.removed:
            parameters.remove_roster(work.campaign.rosters.get(name=one.name))

    def write(self, work: Work, difference: Difference[RosterEntry]) -> None:
        for new in [*difference.added, *(now for _was, now in difference.changed)]:
            facts = {name: getattr(new.entry, name) for name in RosterEntry.__struct_fields__}
            work.attempt(self, new.path, parameters.set_roster, work.campaign, **facts)
