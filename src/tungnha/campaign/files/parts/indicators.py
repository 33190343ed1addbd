"""What the campaign follows, in the order of its table. Targets and figures are decisions of their own and stay out."""

from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from msgspec import Meta

from tungnha.campaign.files.parts.part import Difference, Entry, Frame, Part, Work
from tungnha.campaign.models import Campaign, Indicator, TrackedIndicator
from tungnha.campaign.services import indicators


class IndicatorEntry(Entry):
    """An indicator of the catalogue that the campaign follows."""

    code: Annotated[str, Meta(min_length=1, max_length=20, examples=["EID3"])]
    period: Annotated[
        Literal["day", "week", "month", "quarter", "year"], Meta(description="How often it is reported.")
    ]
    weight: Annotated[int, Meta(ge=0, le=100, description="In the ranking; 0 leaves it out.")] = 1


class IndicatorsPart(Part[IndicatorEntry]):
    name = "indicators"
    entry = IndicatorEntry

    def key(self, entry: IndicatorEntry) -> str:
        return entry.code

    def label(self, entry: IndicatorEntry) -> str:
        return entry.code

    def stored(self, campaign: Campaign, frame: Frame) -> list[IndicatorEntry]:
        del frame
        followed = campaign.tracked.select_related("indicator")
        return [
            IndicatorEntry(code=one.indicator.code, period=one.period, weight=one.weight)  # type: ignore[arg-type] # its choices
            for one in followed
        ]

    def clear(self, work: Work, difference: Difference[IndicatorEntry]) -> None:
        for one in difference.removed:
            tracked = TrackedIndicator.objects.select_related("indicator").get(
                campaign=work.campaign, indicator__code=one.code
            )
            work.attempt(self, (self.name,), indicators.untrack, tracked)

    def write(self, work: Work, difference: Difference[IndicatorEntry]) -> None:
        for new in [*difference.added, *(now for _was, now in difference.changed)]:
            work.attempt(self, new.path, _follow, work.campaign, new.entry)


def _follow(campaign: Campaign, entry: IndicatorEntry) -> None:
    indicator = Indicator.objects.filter(code=entry.code).first()
    if indicator is None:
        unknown = _("The catalogue has no indicator %(code)s.") % {"code": entry.code}
        raise ValidationError({"code": unknown})
    indicators.track(campaign, indicator, period=entry.period, weight=entry.weight)
