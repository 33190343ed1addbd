"""The campaign's plans. Their scans are not in the file."""

from collections import Counter
from typing import Annotated

from django.utils.translation import gettext as _
from msgspec import Meta

from tungnha.campaign.documents import NotANumberError, official_number
from tungnha.campaign.files.parts.part import (
    Difference,
    DocumentDay,
    Entry,
    Frame,
    Part,
    UnknownReferenceError,
    Work,
)
from tungnha.campaign.models import Campaign, Plan
from tungnha.campaign.services import plans


class PlanEntry(Entry):
    """A plan as it was issued."""

    number: Annotated[
        str, Meta(min_length=1, max_length=60, examples=["123/KH-UBND"], extra={"is": "number"})
    ]
    issued: DocumentDay
    issuer: Annotated[str, Meta(min_length=1, max_length=160)]
    title: Annotated[str, Meta(min_length=1, max_length=300)]


def full_name(plan: PlanEntry | Plan) -> str:
    """What no two plans of a campaign share: number, issuer and day."""
    return f"{plan.number}, {plan.issuer}, {plan.issued.isoformat()}"


class PlansPart(Part[PlanEntry]):
    name = "plans"
    entry = PlanEntry

    def key(self, entry: PlanEntry) -> str:
        return full_name(entry)

    def label(self, entry: PlanEntry) -> str:
        return entry.number

    def stored(self, campaign: Campaign, frame: Frame) -> list[PlanEntry]:
        del frame
        rows = campaign.plans.order_by("issued", "number", "issuer")
        return [
            PlanEntry(number=one.number, issued=one.issued, issuer=one.issuer, title=one.title)
            for one in rows
        ]

    def clear(self, work: Work, difference: Difference[PlanEntry]) -> None:
        stored = by_full_name(work.campaign)
        for one in difference.removed:
            work.attempt(self, (self.name,), plans.remove_plan, stored[full_name(one)])

    def write(self, work: Work, difference: Difference[PlanEntry]) -> None:
        for new in difference.added:
            one = new.entry
            work.attempt(
                self, new.path, plans.add_plan, work.campaign,
                number=one.number, issued=one.issued, issuer=one.issuer, title=one.title, by=work.by,
            )  # fmt: skip
        stored = by_full_name(work.campaign)
        for _was, now in difference.changed:
            one = now.entry
            work.attempt(
                self, now.path, plans.change_plan, stored[full_name(one)],
                number=one.number, issued=one.issued, issuer=one.issuer, title=one.title, by=work.by,
            )  # fmt: skip


def by_full_name(campaign: Campaign) -> dict[str, Plan]:
    """The stored plans of a campaign."""
    return {full_name(one): one for one in Plan.objects.filter(campaign=campaign)}


class PlanNames:
    """How entries of one file name plans: by number where that is enough, else by number, issuer and day."""

    def __init__(self, frame: Frame) -> None:
        entries: list[PlanEntry] = frame.entries.get(PlansPart.name, [])
        seen = Counter(one.number for one in entries)
        self._short = {full_name(one): one.number for one in entries if seen[one.number] == 1}
        self._full = {short: full for full, short in self._short.items()} | {
            full_name(one): full_name(one) for one in entries
        }

    def shorten(self, full: str) -> str:
        return self._short.get(full, full)

    def lengthen(self, text: str, field: str) -> str:
        """The full name. Raises UnknownReferenceError at `field`."""
        try:
            number = official_number(text)
        except NotANumberError:
            number = text
        if (found := self._full.get(number) or self._full.get(text)) is not None:
            return found
        message = _("There is no plan “%(plan)s” in the file, or more than one; there are: %(plans)s.")
        facts = {"plan": text, "plans": "; ".join(self._full) or "–"}
        raise UnknownReferenceError(PlansPart.name, field, message % facts)
