"""Organisations that act in the campaign's territory. They belong to units, not to the campaign: a file takes none out."""

from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from msgspec import Meta

from tungnha.campaign.files.parts.part import (
    Difference,
    Entry,
    Frame,
    Part,
    UnitName,
    UnknownReferenceError,
    Work,
)
from tungnha.campaign.files.units import read_body
from tungnha.campaign.models import Campaign, Organisation
from tungnha.campaign.services import campaigns


class OrganisationEntry(Entry):
    """A department, union, press agency or company. One that the file leaves out stays."""

    name: Annotated[str, Meta(min_length=1, max_length=160)]
    kind: Literal["department", "union", "press", "company", "other"]
    unit: UnitName | None = None


class OrganisationsPart(Part[OrganisationEntry]):
    name = "organisations"
    entry = OrganisationEntry

    def key(self, entry: OrganisationEntry) -> tuple[str, str]:
        return entry.unit or "", entry.name

    def label(self, entry: OrganisationEntry) -> str:
        return f"{entry.name} @ {entry.unit}" if entry.unit else entry.name

    def stored(self, campaign: Campaign, frame: Frame) -> list[OrganisationEntry]:
        ours = Q(unit__path__startswith=campaign.unit.path) | Q(tasks__plan__campaign=campaign)
        found = [
            OrganisationEntry(
                name=one.name,
                kind=one.kind,  # type: ignore[arg-type] # the table's choices are these words
                unit=None if one.unit_id == campaign.unit_id else frame.units.spelled(one.unit),
            )
            for one in Organisation.objects.filter(ours).select_related("unit").distinct()
        ]
        return sorted(found, key=self.key)

    def spread(self, entry: OrganisationEntry, frame: Frame) -> list[OrganisationEntry]:
        at_home = entry.unit == frame.units.spelled(frame.territory)
        return [OrganisationEntry(name=entry.name, kind=entry.kind) if at_home else entry]

    def write(self, work: Work, difference: Difference[OrganisationEntry]) -> None:
        difference.removed.clear()
        for new in difference.added:
            work.attempt(self, new.path, self._add, work, new.entry)
        for _was, now in difference.changed:
            found = named(self.label(now.entry), work.frame, "name")
            work.attempt(self, now.path, campaigns.change_organisation, found, kind=now.entry.kind)

    def _add(self, work: Work, entry: OrganisationEntry) -> None:
        unit = work.frame.units.find(entry.unit) if entry.unit else work.frame.territory
        if not unit.path.startswith(work.frame.territory.path):
            raise ValidationError({"unit": _("This unit lies outside the campaign's territory.")})
        campaigns.add_organisation(unit=unit, kind=entry.kind, name=entry.name)


def named(text: str, frame: Frame, field: str) -> Organisation:
    """The stored organisation that a file's text names. Raises UnknownReferenceError at `field`."""
    name, unit_text = read_body(text, frame.units)
    unit = frame.units.find(unit_text) if unit_text else frame.territory
    found = Organisation.objects.filter(unit=unit, name=name).first()
    if found is None:
        message = _("There is no organisation “%(name)s” in %(unit)s; enter it under “organisations”.")
        raise UnknownReferenceError("organisations", field, message % {"name": name, "unit": unit.name})
    return found
