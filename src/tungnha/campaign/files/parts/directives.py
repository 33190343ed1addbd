"""Directives and whom they went to. What was answered is not in the file; a directive that was issued is never taken out."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from msgspec import Meta, structs

from tungnha.campaign.files.parts.organisations import named
from tungnha.campaign.files.parts.part import (
    BodyName,
    Difference,
    DocumentDay,
    Entry,
    Frame,
    Part,
    UnitName,
    Work,
)
from tungnha.campaign.files.parts.recipients import gather_units, spread_units
from tungnha.campaign.files.units import body_name
from tungnha.campaign.models import Campaign, Directive
from tungnha.campaign.services import directives


class DirectiveEntry(Entry, kw_only=True):
    """A directive that is in force. Naming further recipients sends it to them."""

    number: Annotated[str, Meta(min_length=1, max_length=60, examples=["45/CV-UBND"], extra={"is": "number"})]
    issued: DocumentDay
    issuer: Annotated[str, Meta(min_length=1, max_length=160)]
    subject: Annotated[str, Meta(min_length=1, max_length=300)]
    action: Annotated[str, Meta(min_length=1, max_length=2000, extra={"is": "lines"})]
    deadline: Annotated[date, Meta(description="The last day.")]
    remind_days: Annotated[
        list[int], Meta(description="Days from the deadline: -3 is three days before.")
    ] = []
    every_unit: bool = False
    units: list[UnitName] = []
    organisations: list[BodyName] = []


class DirectivesPart(Part[DirectiveEntry]):
    name = "directives"
    entry = DirectiveEntry
    fields = {"recipients": "units"}

    def key(self, entry: DirectiveEntry) -> tuple[str, str, date]:
        return entry.number, entry.issuer, entry.issued

    def label(self, entry: DirectiveEntry) -> str:
        return f"{entry.number}: {entry.subject}"

    def spread(self, entry: DirectiveEntry, frame: Frame) -> list[DirectiveEntry]:
        units = spread_units(entry.units, frame, every_unit=entry.every_unit)
        if not units and not entry.organisations:
            raise ValidationError({"units": _("Choose a unit or an organisation that is responsible.")})
        bodies, days = sorted(set(entry.organisations)), sorted(set(entry.remind_days))
        return [structs.replace(entry, every_unit=False, units=units, organisations=bodies, remind_days=days)]

    def gather(self, entries: Iterable[DirectiveEntry], frame: Frame) -> list[DirectiveEntry]:
        found = []
        for one in entries:
            every, units = gather_units(one.units, frame)
            found.append(structs.replace(one, every_unit=every, units=units))
        return found

    def stored(self, campaign: Campaign, frame: Frame) -> list[DirectiveEntry]:
        rows = Directive.objects.filter(campaign=campaign, ended="")
        return [self._entry(one, campaign, frame) for one in rows.order_by("issued", "number", "issuer")]

    def _entry(self, one: Directive, campaign: Campaign, frame: Frame) -> DirectiveEntry:
        to = list(one.recipients.select_related("unit", "organisation__unit"))
        return DirectiveEntry(
            number=one.number,
            issued=one.issued,
            issuer=one.issuer,
            subject=one.subject,
            action=one.action,
            deadline=one.deadline,
            remind_days=sorted(one.remind_days),
            units=sorted(frame.units.spelled(each.unit) for each in to if each.organisation is None),
            organisations=sorted(
                body_name(each.organisation, campaign.unit, frame.units) for each in to if each.organisation
            ),
        )

    def clear(self, work: Work, difference: Difference[DirectiveEntry]) -> None:
        for one in difference.removed:
            work.attempt(self, (self.name,), self._refuse_removal, one)

    def _refuse_removal(self, entry: DirectiveEntry) -> None:
        message = _("%(number)s was issued, and a file takes no directive back; end it on its page.")
        raise ValidationError(message % {"number": entry.number})

    def write(self, work: Work, difference: Difference[DirectiveEntry]) -> None:
        for new in difference.added:
            work.attempt(self, new.path, self._issue, work, new.entry)
        for was, now in difference.changed:
            work.attempt(self, now.path, self._correct, work, was, now.entry)

    def _content(self, entry: DirectiveEntry) -> dict[str, Any]:
        names = ("number", "issued", "issuer", "subject", "action", "deadline", "remind_days")
        return {name: getattr(entry, name) for name in names}

    def _issue(self, work: Work, entry: DirectiveEntry) -> None:
        directives.issue(
            work.campaign,
            by=work.by,
            today=work.campaign.today(),
            units=[work.frame.units.find(unit) for unit in entry.units],
            organisations=[named(body, work.frame, "organisations") for body in entry.organisations],
            **self._content(entry),
        )

    def _correct(self, work: Work, was: DirectiveEntry, entry: DirectiveEntry) -> None:
        directive = Directive.objects.get(
            campaign=work.campaign, number=entry.number, issuer=entry.issuer, issued=entry.issued
        )
        gone = [*(set(was.units) - set(entry.units)), *(set(was.organisations) - set(entry.organisations))]
        if gone:
            message = _(
                "It went to %(recipients)s, and a file takes no recipient back; close it on its page."
            )
            raise ValidationError({"units": message % {"recipients": ", ".join(sorted(gone))}})
        directives.correct(directive, by=work.by, **self._content(entry))
        units = [work.frame.units.find(unit) for unit in entry.units if unit not in was.units]
        bodies = [
            named(body, work.frame, "organisations")
            for body in entry.organisations
            if body not in was.organisations
        ]
        if units or bodies:
            directives.add_recipients(
                directive, by=work.by, today=work.campaign.today(), units=units, organisations=bodies
            )
