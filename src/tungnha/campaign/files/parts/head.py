"""The campaign itself."""

from datetime import date
from typing import Annotated

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from msgspec import Meta

from tungnha.accounts.scope import Action, may
from tungnha.campaign.files.parts.part import Difference, Entry, Frame, Part, UnitName, Work
from tungnha.campaign.models import Campaign
from tungnha.campaign.services import campaigns


class Head(Entry):
    """The campaign: its code says whether a file sets up a new one or changes one that is there."""

    code: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[-a-zA-Z0-9_]+$")]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    unit: UnitName
    start: date
    deadline: Annotated[date, Meta(description="The last day.")]
    language: Annotated[str, Meta(min_length=2, max_length=10)] = "vi"
    time_zone: Annotated[str, Meta(min_length=1, max_length=40)] = "Asia/Ho_Chi_Minh"


class HeadPart(Part[Head]):
    name = "campaign"
    entry = Head
    single = True

    def key(self, entry: Head) -> str:
        return entry.code

    def label(self, entry: Head) -> str:
        return entry.name

    def stored(self, campaign: Campaign, frame: Frame) -> list[Head]:
        return [
            Head(
                code=campaign.code,
                name=campaign.name,
                unit=frame.units.spelled(campaign.unit),
                start=campaign.start,
                deadline=campaign.deadline,
                language=campaign.language,
                time_zone=campaign.time_zone,
            )
        ]

    def write(self, work: Work, difference: Difference[Head]) -> None:
        for new in difference.added:
            made = work.attempt(self, new.path, self._create, work, new.entry)
            work.campaign = made or work.campaign
        for _was, now in difference.changed:
            work.attempt(self, now.path, self._change, work, now.entry)

    def _facts(self, work: Work, entry: Head) -> dict[str, object]:
        unit = work.frame.territory
        if not may(work.by, Action.PLAN, unit):
            raise ValidationError({"unit": _("You do not plan campaigns in %(unit)s.") % {"unit": unit.name}})
        return {
            "name": entry.name,
            "unit": unit,
            "start": entry.start,
            "deadline": entry.deadline,
            "language": entry.language,
            "time_zone": entry.time_zone,
        }

    def _create(self, work: Work, entry: Head) -> Campaign:
        return campaigns.create_campaign(code=entry.code, **self._facts(work, entry))  # type: ignore[arg-type]

    def _change(self, work: Work, entry: Head) -> None:
        campaigns.change_campaign(work.campaign, **self._facts(work, entry))
