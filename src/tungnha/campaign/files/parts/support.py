"""Which kinds of support model every unit of a category is asked to have. The models themselves are the units'."""

from typing import Annotated, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from msgspec import Meta

from tungnha.campaign.files.parts.part import Difference, Entry, Frame, Part, Work
from tungnha.campaign.models import Campaign, SupportKind, SupportRequirement
from tungnha.campaign.services import support


class RequirementEntry(Entry, kw_only=True):
    """Every unit of a category is asked to have a model of a kind, or of any kind where none is named."""

    unit_kind: Literal["province", "city", "district", "ward", "commune", "township", "special_zone", "group"]
    kind: Annotated[str, Meta(max_length=40, description="The code of a kind of support model.")] = ""


class RequirementsPart(Part[RequirementEntry]):
    name = "support_required"
    entry = RequirementEntry

    def key(self, entry: RequirementEntry) -> tuple[str, str]:
        return entry.unit_kind, entry.kind

    def label(self, entry: RequirementEntry) -> str:
        kind = entry.kind or _("any kind")
        return f"{entry.unit_kind}: {kind}"

    def stored(self, campaign: Campaign, frame: Frame) -> list[RequirementEntry]:
        del frame
        rows = SupportRequirement.objects.filter(campaign=campaign).select_related("kind")
        found = [
            RequirementEntry(unit_kind=one.unit_kind, kind=one.kind.code if one.kind else "")  # type: ignore[arg-type] # the table's choices
            for one in rows
        ]
        return sorted(found, key=self.key)

    def clear(self, work: Work, difference: Difference[RequirementEntry]) -> None:
        gone = {self.key(one) for one in difference.removed}
        for row in SupportRequirement.objects.filter(campaign=work.campaign).select_related("kind"):
            if (row.unit_kind, row.kind.code if row.kind else "") in gone:
                support.require_no_longer(row)

    def write(self, work: Work, difference: Difference[RequirementEntry]) -> None:
        for new in difference.added:
            work.attempt(self, new.path, self._require, work, new.entry)

    def _require(self, work: Work, entry: RequirementEntry) -> None:
        kind = SupportKind.objects.filter(code=entry.kind).first()
        if entry.kind and kind is None:
            known = ", ".join(SupportKind.objects.values_list("code", flat=True))
            message = _("There is no kind “%(kind)s”. There are: %(known)s.")
            raise ValidationError({"kind": message % {"kind": entry.kind, "known": known}})
        support.require(work.campaign, unit_kind=entry.unit_kind, kind=kind)
