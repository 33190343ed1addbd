"""A list into the register: previewed, then the good rows in and the bad rows back as a file to mend."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from itertools import islice, tee
from operator import itemgetter
from pathlib import Path
from sys import intern
from typing import Protocol

import numpy as np
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tungnha.register import mapping, reading
from tungnha.register.mapping import Layout
from tungnha.register.mending import MendFile, read_mend_file
from tungnha.register.models import ListFile
from tungnha.register.reading import ListError, OpenList, Sheet
from tungnha.register.rows import Door, Part, PartRead, Person, RowReader, read_part
from tungnha.register.storing import Intake
from tungnha.register.sweeping import unswept
from tungnha.register.validation import Issue, Severity, issue
from tungnha.register.wards import Wards
from tungnha.territory import services as places
from tungnha.territory.models import Unit
from tungnha.territory.services import PlacingReport, PremisesDraft
from tungnha.territory.vietnamese import fold

__all__ = ["ImportReport", "Preview", "SheetPreview", "preview", "read_mend_file", "run"]

PREVIEW_ROWS = 200
PART = 2_000
REPORTED = 1_000
"""Issues kept in a report; counts are of all, and every rejected row is in the file to mend."""


class Work(Protocol):
    """Reads parts of a list, in their order: `map`, or something that has other processes read ahead."""

    def __call__(
        self, function: Callable[[Part], PartRead], parts: Iterable[Part], /
    ) -> Iterable[PartRead]: ...


@dataclass(frozen=True)
class SheetPreview:
    """One sheet before import: its layout (None where no header was found), its rows, what the first rows would say."""

    name: str
    rows: int
    layout: Layout | None
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True)
class Preview:
    """A list before import."""

    sheets: tuple[SheetPreview, ...]

    @property
    def layout(self) -> Layout | None:
        return next((sheet.layout for sheet in self.sheets if sheet.layout), None)


@dataclass
class ImportReport:
    """What became of a list: counts are of rows; `mend_file` holds the rejected ones, None where all went in.

    `placing` counts the unit's doors that were placed after it, and how.

    The file is sealed, since it holds personal numbers; `read_mend_file` opens it.
    """

    list_file: ListFile
    accepted: int = 0
    rejected: int = 0
    warned: int = 0
    mend_file: Path | None = None
    issues: list[Issue] = field(default_factory=list)
    placing: PlacingReport = field(default_factory=PlacingReport)


def _silent(_count: int) -> None:
    """Nobody is watching."""


def _opened(source: Path | OpenList) -> AbstractContextManager[OpenList]:
    if not isinstance(source, Path):
        return nullcontext(source)
    if not source.is_file():
        raise ListError(_("The file is empty."))
    return source.open("rb")


def _name_of(source: Path | OpenList, name: str) -> str:
    """The name whose ending says what kind of file it is."""
    return source.name if isinstance(source, Path) else name


def _reader(
    unit: Unit, wards: Wards, layout: Layout, columns: dict[str, int], *, confirm_padding: bool
) -> RowReader:
    return RowReader(
        unit=unit.code,
        wards=wards,
        columns=columns,
        header=tuple(fold(cell) for cell in layout.header[:3]),
        today=timezone.localdate(),
        language=get_language() or "",
        confirm_padding=confirm_padding,
    )


def preview(
    source: Path | OpenList,
    unit: Unit,
    sheet: str | None = None,
    columns: Mapping[str, int] | None = None,
    *,
    name: str = "",
) -> Preview:
    """How a list would be understood, from its first rows. Raises ListError where it cannot be read at all."""
    found = []
    wards = Wards.of(unit)
    with _opened(source) as file:
        for each in reading.sheets(file, _name_of(source, name)):
            if sheet is not None and each.name != sheet:
                continue
            layout = mapping.find_layout(each.top(mapping.ROWS_NEEDED))
            chosen = columns if columns is not None else layout.columns if layout else None
            issues: list[Issue] = []
            if layout and chosen is not None:
                reader = _reader(unit, wards, layout, dict(chosen), confirm_padding=False)
                start = layout.header_row + 1
                rows = each.top(start + PREVIEW_ROWS)[start:]
                issues = [one for row in read_part(Part(reader, start + 1, rows)).rows for one in row.issues]
            found.append(SheetPreview(each.name, each.count, layout, tuple(issues)))
    return Preview(tuple(found))


@dataclass(frozen=True)
class _Table:
    """A sheet that is understood."""

    sheet: Sheet
    layout: Layout
    reader: RowReader


def _tables(
    sheets: Iterable[Sheet], unit: Unit, columns: Mapping[str, int] | None, *, confirm_padding: bool
) -> list[_Table]:
    wards = Wards.of(unit)
    tables = []
    for sheet in sheets:
        layout = mapping.find_layout(sheet.top(mapping.ROWS_NEEDED))
        chosen = dict(columns) if columns is not None else layout.columns if layout else {}
        if layout and {"name", "address"} <= set(chosen):
            reader = _reader(unit, wards, layout, chosen, confirm_padding=confirm_padding)
            tables.append(_Table(sheet, layout, reader))
    if not tables:
        raise ListError(
            _("No sheet has a header with a name and an address column. Say which column is which.")
        )
    return tables


def _parts(tables: list[_Table]) -> Iterator[tuple[_Table, Part]]:
    """The rows below each header, cut into parts that can be read by themselves.

    A table that has been read is taken off the list and let go: half a workbook of a million rows is 0.1 GB.
    """
    while tables:
        table = tables.pop(0)
        start = table.layout.header_row + 1
        rows = islice(table.sheet.read(), start, None)
        first, before = start + 1, None
        while part := list(islice(rows, PART)):
            yield table, Part(table.reader, first, part, before)
            first += len(part)
            before = next((row for row in reversed(part) if table.reader.names_address(row)), before)


def run(
    source: Path | OpenList,
    unit: Unit,
    columns: Mapping[str, int] | None = None,
    *,
    name: str = "",
    generated: bool = False,
    by: str = "",
    confirm_padding: bool = False,
    work: Work = map,
    advance: Callable[[int], None] = _silent,
) -> ImportReport:
    """Import a list into a unit. The same list twice changes nothing; changed cells of known people are updated.

    Parameters
    ----------
    source
        The list, a path or an open file; of an open file `name` says the kind by its ending.
    columns
        Field → column, as a person confirmed it; each sheet's own guess where None.
    confirm_padding
        Whether a person confirmed that leading zeros be put back before numbers of 10 or 11 digits.
    work
        Where rows are read; the result is the same. The rooms above give the engine's.
    advance
        Told the number of rows whenever some are read.

    Raises
    ------
    ListError
        If the file cannot be read, or no sheet has both a name and an address column. Nothing is written then.
    """
    with _opened(source) as file, unswept():
        tables = _tables(
            reading.sheets(file, _name_of(source, name)), unit, columns, confirm_padding=confirm_padding
        )
        file.seek(0)
        list_file = ListFile.objects.create(
            unit=unit,
            name=name or _name_of(source, name),
            sha256=hashlib.file_digest(file, "sha256").hexdigest(),
            generated=generated,
            uploaded_by=by,
            mapping=tables[0].reader.columns,
        )
        report = ImportReport(list_file)
        rejected = _take_in(tables, unit, report, work, advance)
    report.mend_file = rejected.write(list_file)
    list_file.rows, list_file.accepted = report.accepted + report.rejected, report.accepted
    list_file.rejected, list_file.warned, list_file.state = (
        report.rejected,
        report.warned,
        ListFile.State.IMPORTED,
    )
    list_file.save()
    return report


def _take_in(
    tables: list[_Table],
    unit: Unit,
    report: ImportReport,
    work: Work,
    advance: Callable[[int], None],
) -> MendFile:
    """Read the tables, take in the good rows, and return the others."""
    intake = Intake(unit, report.list_file)
    mend = MendFile()
    names: dict[bytes, str] = {}
    # Rejected rows go back as they came, so each part is kept until it is read.
    sent, kept = tee(_parts(tables))
    for read, (table, part) in zip(work(read_part, map(itemgetter(1), sent)), kept, strict=True):
        people = []
        outside = _outside(unit, read.doors)
        for row in read.rows:
            issues = row.issues
            good = isinstance(row, Person)
            if isinstance(row, Person):
                if row.door in outside:
                    issues = (*issues, issue(row.row, "latitude", "position-outside", outside[row.door]))
                earlier = names.get(row.identity)
                if row.registered and not intake.knows(row.household):
                    issues, good = (*issues, _unknown(row)), False
                elif earlier is None:
                    names[row.identity] = intern(row.name_fold)  # many people, few names
                    people.append(row)
                else:
                    repeated = _repetition(row, earlier)
                    issues, good = (*issues, repeated), repeated.severity is not Severity.ERROR
            report.issues += issues[: max(0, REPORTED - len(report.issues))]
            if good:
                report.accepted += 1
                report.warned += bool(issues)
            else:
                report.rejected += 1
                mend.add(table.sheet.name, table.layout, row.row, part.rows[row.row - part.first], issues)
        intake.add(people, read.doors)
        advance(len(part.rows))
    report.placing = intake.finish()
    return mend


def _outside(unit: Unit, doors: Mapping[Door, PremisesDraft]) -> dict[Door, str]:
    """Doors whose position cannot be the unit's, with that position as text."""
    given = [
        (door, draft.latitude, draft.longitude)
        for door, draft in doors.items()
        if draft.latitude is not None and draft.longitude is not None
    ]
    if not given:
        return {}
    latitude, longitude = np.array([place[1:] for place in given], dtype=float).T
    good = places.believable(unit, latitude, longitude)
    return {
        door: f"{north}, {east}"
        for (door, north, east), inside in zip(given, good, strict=True)
        if not inside
    }


def _unknown(person: Person) -> Issue:
    return issue(person.row, "reference", "household-unknown", person.reference, error=True)


def _repetition(person: Person, earlier: str) -> Issue:
    """What to say of a person who stood in a row before, under the folded name `earlier`."""
    if earlier == person.name_fold:
        return issue(person.row, "name", "row-repeated", person.full_name)
    return issue(person.row, "number", "number-repeated", person.full_name, error=True)
