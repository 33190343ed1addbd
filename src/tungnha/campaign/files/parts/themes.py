"""Themes with the channels they must reach, their owners in signing order and their wording.

Wording comes in as a draft: reviewing, signing and publishing are for people. A theme is never taken out by a file.
"""

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from msgspec import Meta, Struct

from tungnha.campaign.files.parts.organisations import named
from tungnha.campaign.files.parts.part import BodyName, Difference, Entry, Frame, Part, UnitName, Work
from tungnha.campaign.files.units import body_name
from tungnha.campaign.models import Campaign, Organisation, Theme, ThemeOwner, Wording
from tungnha.campaign.services import themes, wording
from tungnha.register.models import Resident

if TYPE_CHECKING:
    from tungnha.territory.models import Unit

Step = Literal["none", "record", "installed", "level1", "level2", "portal", "assisted", "alone"]
_STEPS = {step.name.lower(): step.value for step in Resident.Step}
_WORDS = {value: word for word, value in _STEPS.items()}


class ChannelEntry(Struct, kw_only=True, forbid_unknown_fields=True):
    """A channel that the theme must reach, at least so many times in every so many weeks, or at all."""

    channel: Annotated[str, Meta(min_length=1, max_length=20)]
    times: Annotated[int, Meta(ge=1, le=32767)] = 1
    weeks: Annotated[int, Meta(ge=1, le=32767)] | None = None


class OwnerEntry(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who answers for the wording: a unit or an organisation. The first reviews, all sign, the last publishes."""

    unit: UnitName | None = None
    organisation: BodyName | None = None


class TextEntry(Struct, kw_only=True, forbid_unknown_fields=True, order=True):
    """What the wording says in a language, for every channel or for one."""

    language: Annotated[str, Meta(min_length=2, max_length=10)]
    channel: Annotated[str, Meta(max_length=20)] = ""
    text: Annotated[str, Meta(min_length=1, max_length=20_000, extra={"is": "lines"})]


class ThemeEntry(Entry, kw_only=True):
    """One message, for those who lack one thing, true during one period."""

    code: Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[-a-zA-Z0-9_]+$")]
    name: Annotated[str, Meta(min_length=1, max_length=200)]
    message: Annotated[str, Meta(min_length=1, max_length=1000, extra={"is": "lines"})]
    start: date
    end: Annotated[date, Meta(description="The last day.")]
    reached: Annotated[Step, Meta(description="For those who have reached this.")] = "none"
    lacks: Annotated[Step, Meta(description="And still lack this.")] | None = None
    premises: list[Literal["house", "block", "apartment", "lodging", "employer", "school", "office"]] = []
    channels: list[ChannelEntry] = []
    owners: list[OwnerEntry] = []
    wording: list[TextEntry] = []


class ThemesPart(Part[ThemeEntry]):
    name = "themes"
    entry = ThemeEntry
    fields = {"goals": "channels", "premises_kinds": "premises", "text": "wording", "language": "wording",
              "channel": "wording", "note": "start", "step": "wording"}  # fmt: skip

    def key(self, entry: ThemeEntry) -> str:
        return entry.code

    def label(self, entry: ThemeEntry) -> str:
        return entry.name

    def stored(self, campaign: Campaign, frame: Frame) -> list[ThemeEntry]:
        return [self._entry(one, campaign, frame) for one in campaign.themes.order_by("start", "code")]

    def _entry(self, theme: Theme, campaign: Campaign, frame: Frame) -> ThemeEntry:
        owners = theme.owners.select_related("unit", "organisation__unit")
        return ThemeEntry(
            code=theme.code,
            name=theme.name,
            message=theme.message,
            start=theme.start,
            end=theme.end,
            reached=_WORDS[theme.reached],  # type: ignore[arg-type] # the steps' own names
            lacks=_WORDS[theme.lacks] if theme.lacks else None,  # type: ignore[arg-type]
            premises=list(theme.premises_kinds),
            channels=[
                ChannelEntry(channel=one.channel, times=one.times, weeks=one.weeks)
                for one in theme.channels.all()
            ],
            owners=[self._owner(one, campaign, frame) for one in owners],
            wording=_texts(theme),
        )

    def _owner(self, owner: ThemeOwner, campaign: Campaign, frame: Frame) -> OwnerEntry:
        if owner.organisation is None:
            assert owner.unit is not None
            return OwnerEntry(unit=frame.units.spelled(owner.unit))
        return OwnerEntry(organisation=body_name(owner.organisation, campaign.unit, frame.units))

    def spread(self, entry: ThemeEntry, frame: Frame) -> list[ThemeEntry]:
        del frame
        if any((one.unit is None) == (one.organisation is None) for one in entry.owners):
            raise ValidationError({"owners": _("Name either a unit or an organisation.")})
        entry.wording.sort()
        return [entry]

    def clear(self, work: Work, difference: Difference[ThemeEntry]) -> None:
        for one in difference.removed:
            work.attempt(self, (self.name,), self._refuse_removal, one)

    def _refuse_removal(self, entry: ThemeEntry) -> None:
        message = _("A file takes no theme out; let “%(theme)s” end, or withdraw its wording on its page.")
        raise ValidationError(message % {"theme": entry.name})

    def write(self, work: Work, difference: Difference[ThemeEntry]) -> None:
        for new in [*difference.added, *(now for _was, now in difference.changed)]:
            work.attempt(self, new.path, self._keep, work, new.entry)

    def _keep(self, work: Work, entry: ThemeEntry) -> None:
        owners: list[Unit | Organisation] = [
            work.frame.units.find(one.unit)
            if one.unit
            else named(one.organisation or "", work.frame, "owners")
            for one in entry.owners
        ]
        facts = {
            "name": entry.name,
            "message": entry.message,
            "start": entry.start,
            "end": entry.end,
            "by": work.by,
            "owners": owners,
            "goals": [themes.Goal(one.channel, one.times, one.weeks) for one in entry.channels],
            "reached": _STEPS[entry.reached],
            "lacks": _STEPS[entry.lacks] if entry.lacks else None,
            "premises_kinds": entry.premises,
        }
        theme = work.campaign.themes.filter(code=entry.code).first()
        if theme is None:
            theme = themes.create_theme(work.campaign, code=entry.code, **facts)  # type: ignore[arg-type]
        else:
            themes.change_theme(theme, note=_("From the campaign's file"), **facts)  # type: ignore[arg-type]
        self._write_texts(work, theme, entry)

    def _write_texts(self, work: Work, theme: Theme, entry: ThemeEntry) -> None:
        before = {(one.language, one.channel): one.text for one in _texts(theme)}
        after = {(one.language, one.channel): one.text for one in entry.wording}
        for language, channel in sorted(before.keys() | after.keys()):
            text = after.get((language, channel), "")
            if text != before.get((language, channel), ""):
                wording.write_text(theme, language=language, channel=channel, text=text, by=work.by)


def _texts(theme: Theme) -> list[TextEntry]:
    """What the version under way says, else the one in force."""
    rows = theme.wordings.filter(state__in=(*Wording.UNDER_WAY, Wording.State.PUBLISHED)).order_by("-number")
    last = rows.first()
    if last is None:
        return []
    return sorted(
        TextEntry(language=one.language, channel=one.channel, text=one.text) for one in last.texts.all()
    )
