"""What the campaign measured, and what it plans with until it has measured."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from tungnha.campaign.files.parts.part import Difference, Entry, Frame, Part, Work
from tungnha.campaign.models import Campaign, Parameter
from tungnha.campaign.services import parameters

_Value = Annotated[float, Meta(ge=0, le=parameters.LARGEST)]
_Day = Annotated[date, Meta(extra={"is": "document"})]


class ParameterEntry(Entry, kw_only=True):
    """A figure that planning needs, with what it rests on. Shares are from 0 to 1."""

    kind: Literal["doors_per_hour", "contact_rate", "minutes_per_activation", "letters_returned"]
    hour: Annotated[int, Meta(ge=0, le=23, description="17 is from 17:00 to 18:00.")] | None = None
    value: _Value
    low: _Value | None = None
    high: _Value | None = None
    n: Annotated[int, Meta(ge=1, le=2_000_000_000, description="Observations.")] | None = None
    since: _Day | None = None
    until: _Day | None = None
    source: Literal["measured", "entered", "prior"]
    origin: Annotated[str, Meta(max_length=200)] = ""


class ParametersPart(Part[ParameterEntry]):
    name = "parameters"
    entry = ParameterEntry

    def key(self, entry: ParameterEntry) -> tuple[str, int]:
        return entry.kind, -1 if entry.hour is None else entry.hour

    def label(self, entry: ParameterEntry) -> str:
        kind = str(Parameter.Kind(entry.kind).label)
        return kind if entry.hour is None else f"{kind}, {entry.hour}:00"

    def stored(self, campaign: Campaign, frame: Frame) -> list[ParameterEntry]:
        del frame
        found = [
            ParameterEntry(**{name: getattr(one, name) for name in ParameterEntry.__struct_fields__})
            for one in campaign.parameters.all()
        ]
        return sorted(found, key=self.key)

    def clear(self, work: Work, difference: Difference[ParameterEntry]) -> None:
        for one in difference.removed:
            parameters.remove_parameter(work.campaign.parameters.get(kind=one.kind, hour=one.hour))

    def write(self, work: Work, difference: Difference[ParameterEntry]) -> None:
        for new in [*difference.added, *(now for _was, now in difference.changed)]:
            facts = {name: getattr(new.entry, name) for name in ParameterEntry.__struct_fields__}
            work.attempt(self, new.path, parameters.set_parameter, work.campaign, by=work.by, **facts)
