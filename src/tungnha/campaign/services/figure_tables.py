"""Bringing in a table of figures: good rows in, bad rows kept to be mended, and each figure knows its table."""

import csv
import io
from dataclasses import dataclass, replace
from datetime import date

from django.db import transaction
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, may, visible_units
from tungnha.campaign import measures, periods
from tungnha.campaign.figure_table import Bad, Finder, Good, Table, read
from tungnha.campaign.models import Campaign, Figure, FigureTable, TrackedIndicator
from tungnha.campaign.queries import figures as figure_reads
from tungnha.campaign.queries import targets as target_reads
from tungnha.campaign.queries import territories
from tungnha.campaign.services import figures
from tungnha.campaign.services.figures import Provenance
from tungnha.register.mending import escaped
from tungnha.territory import queries as places
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean


@dataclass(frozen=True)
class Sent:
    """What a person says about a table: its name, the indicator (None where a column names it), the period's day."""

    name: str
    indicator: TrackedIndicator | None
    day: date


def take_in(campaign: Campaign, table: Table, sent: Sent, whence: Provenance) -> FigureTable:
    """Take the good rows of a table in; the others are kept with the reason, to be mended and sent again.

    Figures of units above which the person stands are signed off at once. Raises ValidationError where the period or the
    cut-off is wrong: then nothing is taken.
    """
    whence = replace(whence, method=Figure.Method.TABLE)
    tracked = {each.indicator.code: each for each in figure_reads.tracked_by(campaign)}
    units = reportable(campaign, whence.by, sent.day)
    good, bad, empty = read(table, Finder(units, campaign.unit, sent.day), tracked, sent.indicator)
    signed = signed_at_once(campaign, whence.by, units)
    by_code: dict[str, list[Good]] = {}
    for row in good:
        by_code.setdefault(row.indicator, []).append(row)
    doubts = _doubts(by_code, tracked, sent.day)
    with transaction.atomic():
        kept = FigureTable.objects.create(
            campaign=campaign, name=clean(sent.name)[:200], accepted=0, empty=empty, by=whence.by
        )
        for code, rows in by_code.items():
            done = figures.report_many(
                tracked[code],
                [row.entry for row in rows],
                periods.period_of(sent.day, tracked[code].period),
                whence,
                signed=signed,
                table=kept,
            )
            kept.accepted += len(done.figures)
            bad += [
                Bad(rows[place].number, rows[place].cells, " ".join(told.values()))
                for place, told in done.refused.items()
            ]
        kept.header = list(table.header)
        kept.rejected = [
            [row.number, list(row.cells), row.message] for row in sorted(bad, key=lambda row: row.number)
        ]
        kept.doubts = doubts
        kept.save()
    return kept


def reportable(campaign: Campaign, user: User, day: date) -> list[Unit]:
    """Units of the campaign's territory on a day for which a person answers; all, for who answers for the territory."""
    found: list[Unit] = []
    for root in territories.roots(campaign.unit, day):
        below = places.within(root).filter(places.existing(day)).defer("boundary")
        if not may(user, Action.REPORT, campaign.unit):
            below = below.filter(pk__in=visible_units(user, Action.REPORT).values("pk"))
        found += below
    return found


def signed_at_once(campaign: Campaign, user: User, units: list[Unit]) -> set[int]:
    """Keys of units whose figures need nobody else: the person answers for the unit above, or for the territory itself."""
    if may(user, Action.REPORT, campaign.unit):
        return {unit.pk for unit in units}
    above = {unit.parent_id for unit in units if unit.parent_id}
    answered = set(visible_units(user, Action.REPORT).filter(pk__in=above).values_list("pk", flat=True))
    return {unit.pk for unit in units if unit.parent_id in answered}


def _doubts(
    by_code: dict[str, list[Good]], tracked: dict[str, TrackedIndicator], day: date
) -> list[list[int | str]]:
    """Rows whose printed percentage is not the one of their figures, by row number."""
    found: list[list[int | str]] = []
    for code, rows in by_code.items():
        targets = target_reads.in_force(tracked[code], day)
        for row in rows:
            entry = row.entry
            over = [each for each in (entry.denominator, targets.get(entry.unit.pk)) if each]
            if over and all(measures.differs(entry.published, entry.numerator, each) for each in over):
                computed = measures.hundredths(entry.numerator, over[0])
                told = {"printed": _spoken(entry.published), "computed": _spoken(computed)}
                found.append([row.number, _("%(printed)s is printed, its figures give %(computed)s.") % told])
    return sorted(found)


def _spoken(hundredths: int | None) -> str:
    """A percentage in the reader's language."""
    return number_format((hundredths or 0) / 100, 2, force_grouping=True) + " %"


def mend_file(table: FigureTable) -> bytes:
    """The rows to mend as CSV that a spreadsheet opens; mended and sent again, it is read as it is."""
    with io.StringIO(newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*map(escaped, table.header), _("Row"), _("What to mend")])
        for number, cells, message in table.rejected:
            filled = [*cells, *[""] * (len(table.header) - len(cells))]
            writer.writerow([*map(escaped, filled), number, escaped(message)])
        return file.getvalue().encode("utf-8-sig")
