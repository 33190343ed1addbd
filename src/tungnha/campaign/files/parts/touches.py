"""What is planned on the calendar by people. Touches that a channel keeps itself, and cancelled ones, are not in the file."""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from msgspec import Meta, structs

from tungnha.campaign.files.parts.organisations import named
from tungnha.campaign.files.parts.part import (
    BodyName,
    Difference,
    Entry,
    Frame,
    Part,
    UnitName,
    UnknownReferenceError,
    Work,
)
from tungnha.campaign.files.parts.recipients import gather_units, spread_units
from tungnha.campaign.files.units import body_name
from tungnha.campaign.models import Campaign, Theme, Touch
from tungnha.campaign.services import calendar

_UNTIL = re.compile(r";?UNTIL=(\d{8})[^;]*")
_DAY_MINUTES = 24 * 60
Themes = dict[str, Theme]
"""The campaign's themes by their codes."""


class TouchEntry(Entry, kw_only=True):
    """A slot, letter wave, clip, programme, post, campaign day or visit phase, in each of the units named."""

    kind: Annotated[str, Meta(min_length=1, max_length=20)]
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    day: Annotated[date, Meta(description="The first day.")]
    begins: Annotated[time, Meta(description="HH:MM; left out where it takes whole days.")] | None = None
    minutes: Annotated[int, Meta(ge=1, le=527_040, description="1440 for each whole day.")]
    repeats: Annotated[
        str,
        Meta(max_length=200, description="RFC 5545 RECUR without UNTIL.", examples=["FREQ=WEEKLY;BYDAY=SA"]),
    ] = ""
    until: Annotated[date, Meta(description="The last day on which it may repeat.")] | None = None
    place: Annotated[str, Meta(max_length=200)] = ""
    theme: Annotated[str, Meta(max_length=40, description="A theme's code.")] = ""
    every_unit: bool = False
    units: list[UnitName] = []
    organisation: BodyName | None = None


class TouchesPart(Part[TouchEntry]):
    name = "calendar"
    entry = TouchEntry
    fields = {"rule": "repeats", "start": "day", "end": "minutes", "unit": "units"}

    def key(self, entry: TouchEntry) -> tuple[Any, ...]:
        return (
            entry.kind,
            entry.title,
            entry.day,
            entry.begins,
            entry.theme,
            entry.units[0],
            entry.organisation,
        )

    def label(self, entry: TouchEntry) -> str:
        where = _("every unit") if entry.every_unit else ", ".join(entry.units[:3])
        return f"{entry.title} ({where})"

    def spread(self, entry: TouchEntry, frame: Frame) -> list[TouchEntry]:
        units = spread_units(entry.units, frame, every_unit=entry.every_unit)
        if not units:
            raise ValidationError({"units": _("Choose the units in which it takes place.")})
        return [structs.replace(entry, every_unit=False, units=[unit]) for unit in units]

    def gather(self, entries: Iterable[TouchEntry], frame: Frame) -> list[TouchEntry]:
        alike: dict[tuple[Any, ...], list[TouchEntry]] = defaultdict(list)
        for one in entries:
            facts = (getattr(one, name) for name in TouchEntry.__struct_fields__ if name != "units")
            alike[tuple(facts)].append(one)
        found = []
        for many in alike.values():
            every, units = gather_units((unit for one in many for unit in one.units), frame)
            found.append(structs.replace(many[0], every_unit=every, units=units))
        return sorted(found, key=_order)

    def stored(self, campaign: Campaign, frame: Frame) -> list[TouchEntry]:
        rows = Touch.objects.filter(campaign=campaign, origin="", cancelled_from=None)
        rows = rows.select_related("unit", "organisation__unit", "theme").defer("unit__boundary")
        found: dict[tuple[Any, ...], TouchEntry] = {}
        for touch in rows:
            entry = self._entry(touch, campaign, frame)
            found.setdefault(self.key(entry), entry)
        return list(found.values())

    def _entry(self, touch: Touch, campaign: Campaign, frame: Frame) -> TouchEntry:
        until = _UNTIL.search(touch.rule)
        body = touch.organisation
        return TouchEntry(
            kind=touch.kind,
            title=touch.title,
            day=touch.day,
            begins=touch.begins,
            minutes=touch.minutes,
            repeats=_UNTIL.sub("", touch.rule),
            until=datetime.strptime(until[1], "%Y%m%d").date() if until else None,  # noqa: DTZ007 - a day
            place=touch.place,
            theme=touch.theme.code if touch.theme else "",
            units=[frame.units.spelled(touch.unit)],
            organisation=body_name(body, campaign.unit, frame.units) if body else None,
        )

    def clear(self, work: Work, difference: Difference[TouchEntry]) -> None:
        stored = self._rows(work)
        for one in difference.removed:
            work.attempt(
                self, (self.name,), calendar.cancel_touch, stored[self.key(one)],
                reason=_("From the campaign's file"), by=work.by,
            )  # fmt: skip

    def _rows(self, work: Work) -> dict[tuple[Any, ...], Touch]:
        rows = Touch.objects.filter(campaign=work.campaign, origin="", cancelled_from=None)
        rows = rows.select_related("campaign", "unit", "organisation__unit", "theme").order_by("-pk")
        return {self.key(self._entry(one, work.campaign, work.frame)): one for one in rows}

    def write(self, work: Work, difference: Difference[TouchEntry]) -> None:
        themes = {theme.code: theme for theme in work.campaign.themes.all()}
        planned = [
            work.attempt(self, new.path, self._touch, work, themes, new.entry) for new in difference.added
        ]
        calendar.keep_touches(work.campaign, [touch for touch in planned if touch is not None])
        stored = self._rows(work) if difference.changed else {}
        for _was, now in difference.changed:
            work.attempt(self, now.path, self._change, work, themes, stored[self.key(now.entry)], now.entry)

    def _touch(self, work: Work, themes: Themes, entry: TouchEntry) -> Touch:
        return calendar.touch_of(work.campaign, self._planned(work, themes, entry), by=work.by)

    def _change(self, work: Work, themes: Themes, touch: Touch, entry: TouchEntry) -> None:
        calendar.change_touch(touch, self._planned(work, themes, entry), by=work.by)

    def _planned(self, work: Work, themes: Themes, entry: TouchEntry) -> calendar.Planned:
        start: date | datetime
        end: date | datetime
        if entry.begins is None:
            if entry.minutes % _DAY_MINUTES:
                raise ValidationError({"minutes": _("Whole days are 1440 minutes each.")})
            start, end = entry.day, entry.day + timedelta(days=entry.minutes // _DAY_MINUTES - 1)
        else:
            start = datetime.combine(entry.day, entry.begins)
            end = start + timedelta(minutes=entry.minutes)
        rule = entry.repeats
        if rule and entry.until:
            rule += f";UNTIL={entry.until:%Y%m%d}"
        return calendar.Planned(
            kind=entry.kind,
            unit=work.frame.units.find(entry.units[0]),
            title=entry.title,
            start=start,
            end=end,
            organisation=named(entry.organisation, work.frame, "organisation")
            if entry.organisation
            else None,
            theme=_theme(themes, entry.theme) if entry.theme else None,
            place=entry.place,
            rule=rule,
        )


def _theme(themes: Themes, code: str) -> Theme:
    if code not in themes:
        message = _("There is no theme “%(theme)s” in this campaign.") % {"theme": code}
        raise UnknownReferenceError("themes", "theme", message)
    return themes[code]


def _order(entry: TouchEntry) -> tuple[Any, ...]:
    return (
        entry.day,
        str(entry.begins or ""),
        entry.kind,
        entry.title,
        entry.theme,
        entry.units,
        entry.organisation or "",
    )
