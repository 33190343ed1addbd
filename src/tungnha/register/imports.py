"""A list into the register: previewed, then the good rows in and the bad rows back as a file to mend."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from tungnha import sealing
from tungnha.register import mapping, reading
from tungnha.register.mapping import Layout
from tungnha.register.models import ListFile
from tungnha.register.reading import Cell, ListError, Sheet, text_of
from tungnha.register.rows import Person, RowReader
from tungnha.register.validation import Issue, Severity, issue
from tungnha.territory import services as places
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import fold, sort_key

PREVIEW_ROWS = 200
CHUNK = 5_000
REPORTED = 1_000
"""Issues kept in a report; counts are of all, and every rejected row is in the file to mend."""


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

    The file is sealed, since it holds personal numbers; `read_mend_file` opens it.
    """

    list_file: ListFile
    accepted: int = 0
    rejected: int = 0
    warned: int = 0
    mend_file: Path | None = None
    issues: list[Issue] = field(default_factory=list)


def _silent(_count: int) -> None:
    """Nobody is watching."""


def preview(
    path: Path, unit: Unit, sheet: str | None = None, columns: Mapping[str, int] | None = None
) -> Preview:
    """How a list would be understood, from its first rows. Raises ListError where it cannot be read at all."""
    found = []
    for each in reading.sheets(path):
        if sheet is not None and each.name != sheet:
            continue
        layout = mapping.find_layout(each.rows)
        chosen = columns if columns is not None else layout.columns if layout else None
        issues: list[Issue] = []
        if layout and chosen is not None:
            reader = RowReader(unit, dict(chosen))
            body = list(_body(each, layout))[:PREVIEW_ROWS]
            issues = [one for number, row in body for one in reader.read(number, row)[1]]
        found.append(SheetPreview(each.name, len(each.rows), layout, tuple(issues)))
    return Preview(tuple(found))


def _body(sheet: Sheet, layout: Layout) -> Iterable[tuple[int, Sequence[Cell]]]:
    """The rows below the header that hold anything, with their numbers as a spreadsheet shows them."""
    header = [fold(cell) for cell in layout.header]
    for index in range(layout.header_row + 1, len(sheet.rows)):
        row = sheet.rows[index]
        filled = sum(cell not in {None, ""} for cell in row)
        if filled >= 2 and [fold(text_of(cell)) for cell in row[:3]] != header[:3]:
            yield index + 1, row


def run(
    path: Path,
    unit: Unit,
    columns: Mapping[str, int] | None = None,
    *,
    name: str = "",
    generated: bool = False,
    by: str = "",
    confirm_padding: bool = False,
    advance: Callable[[int], None] = _silent,
) -> ImportReport:
    """Import a list into a unit. The same list twice changes nothing; changed cells of known people are updated.

    Parameters
    ----------
    columns
        Field → column, as a person confirmed it; each sheet's own guess where None.
    confirm_padding
        Whether a person confirmed that leading zeros be put back before numbers of 10 or 11 digits.

    Raises
    ------
    ListError
        If the file cannot be read, or no sheet has both a name and an address column. Nothing is written then.
    """
    read = [(sheet, mapping.find_layout(sheet.rows)) for sheet in reading.sheets(path)]
    tables = [
        (sheet, layout, dict(columns) if columns is not None else layout.columns)
        for sheet, layout in read
        if layout
    ]
    tables = [table for table in tables if {"name", "address"} <= set(table[2])]
    if not tables:
        raise ListError(
            _("No sheet has a header with a name and an address column. Say which column is which.")
        )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    list_file = ListFile.objects.create(
        unit=unit,
        name=name or path.name,
        sha256=digest,
        generated=generated,
        uploaded_by=by,
        mapping=tables[0][2],
    )
    report = ImportReport(list_file)
    bad: list[tuple[str, Layout, int, Sequence[Cell], list[Issue]]] = []
    people: dict[bytes, Person] = {}
    doors: dict[tuple[str, int | None], places.PremisesDraft] = {}
    for sheet, layout, chosen in tables:
        reader = RowReader(unit, chosen, confirm_padding=confirm_padding)
        reader.doors = doors
        for number, row in _body(sheet, layout):
            person, issues = reader.read(number, row)
            if person is not None:
                repeated = _repetition(people, person)
                issues += repeated
                if any(one.severity is Severity.ERROR for one in repeated):
                    person = None
            report.issues += issues[: max(0, REPORTED - len(report.issues))]
            if person is None:
                report.rejected += 1
                bad.append((sheet.name, layout, number, row, issues))
            else:
                report.accepted += 1
                report.warned += bool(issues)
                people.setdefault(person.identity, person)
            advance(1)
    _store(unit, list_file, people.values(), doors)
    if bad:
        report.mend_file = _write_mend_file(list_file, bad)
    list_file.rows, list_file.accepted = report.accepted + report.rejected, report.accepted
    list_file.rejected, list_file.warned, list_file.state = (
        report.rejected,
        report.warned,
        ListFile.State.IMPORTED,
    )
    list_file.save()
    return report


def _repetition(people: Mapping[bytes, Person], person: Person) -> list[Issue]:
    earlier = people.get(person.identity)
    if earlier is None:
        return []
    if fold(earlier.name) == fold(person.name):
        return [issue(person.row, "name", "row-repeated", person.name)]
    return [issue(person.row, "number", "number-repeated", person.name, error=True)]


_HOUSEHOLD = (
    "INSERT INTO register_household (premises_id, unit_id, reference, identity, head_name, head_fold, list_file_id)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (identity) DO UPDATE SET premises_id=excluded.premises_id,"
    " reference=excluded.reference, head_name=excluded.head_name, head_fold=excluded.head_fold,"
    " list_file_id=excluded.list_file_id"
)
_RESIDENT_COLUMNS = (
    "household_id", "identity", "full_name", "name_fold", "sort_key", "sex", "birth_year", "birth_date", "number_sealed",
    "number_index", "phone_sealed", "phone_owner", "relation", "stay", "step", "home_support", "list_file_id",
)  # fmt: skip
_RESIDENT = (  # the names are the constants above
    f"INSERT INTO register_resident ({', '.join(_RESIDENT_COLUMNS)}) VALUES ({', '.join(['%s'] * len(_RESIDENT_COLUMNS))})"  # noqa: S608
    " ON CONFLICT (identity) DO UPDATE SET "
    + ", ".join(f"{column}=excluded.{column}" for column in _RESIDENT_COLUMNS if column != "identity")
)


def _store(
    unit: Unit,
    list_file: ListFile,
    people: Iterable[Person],
    doors: Mapping[tuple[str, int | None], places.PremisesDraft],
) -> None:
    """Premises, households and residents, in short transactions; each row is found again by its keyed hash."""
    people = list(people)
    source = places.record_source(list_file.name, sha256=list_file.sha256, generated=list_file.generated)
    ids = places.ensure_premises(unit, list(doors.values()), source)
    premises = dict(zip(doors, ids, strict=True))
    first: dict[bytes, Person] = {}
    for person in people:
        kept = first.setdefault(person.household, person)
        if not kept.head and person.head:
            kept.head = person.head
    households = [
        (
            premises[one.door],
            unit.pk,
            one.reference,
            key,
            one.head or one.name,
            fold(one.head or one.name),
            list_file.pk,
        )
        for key, one in first.items()
    ]
    _insert(_HOUSEHOLD, households)
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity, id FROM register_household WHERE unit_id = %s", [unit.pk])
        household_id = {bytes(identity): pk for identity, pk in cursor.fetchall()}
    _insert(_RESIDENT, (_resident(person, household_id[person.household], list_file.pk) for person in people))
    places.place_premises(unit)


def _resident(person: Person, household: int, list_file: int) -> tuple[Any, ...]:
    return (
        household, person.identity, person.name, fold(person.name), sort_key(person.name)[:400], person.sex, person.year,
        person.born, sealing.seal(person.number) if person.number else None,
        sealing.blind(person.number, "number") if person.number else None, sealing.seal(person.phone) if person.phone else None,
        person.phone_owner, person.relation, person.stay, person.step, person.home_support, list_file,
    )  # fmt: skip


def _insert(statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows in chunks, each its own transaction, so that others can write in between."""
    chunk: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for row in rows:
            chunk.append(row)
            if len(chunk) == CHUNK:
                with transaction.atomic():
                    cursor.executemany(statement, chunk)
                chunk = []
        if chunk:
            with transaction.atomic():
                cursor.executemany(statement, chunk)


def escaped(cell: Cell) -> str:
    """A cell as text that no spreadsheet takes for a formula."""
    text = text_of(cell)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _write_mend_file(
    list_file: ListFile, bad: Sequence[tuple[str, Layout, int, Sequence[Cell], list[Issue]]]
) -> Path:
    """The rejected rows with their columns as sent, and before them the reason; sent again, it imports as it is.

    Sealed on disk: rejected rows hold personal numbers too.
    """
    folder = Path(settings.TUNGNHA_DATA) / "files" / "mend"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{list_file.pk}.csv.sealed"
    with io.StringIO(newline="") as file:
        writer = csv.writer(file)
        shown: tuple[str, ...] | None = None
        for sheet, layout, number, row, issues in bad:
            if layout.header != shown:
                shown = layout.header
                writer.writerow([_("Sheet"), _("Row"), _("What to mend"), *map(escaped, shown)])
            reason = "; ".join(one.message for one in issues if one.severity is Severity.ERROR)
            writer.writerow([escaped(sheet), number, escaped(reason), *map(escaped, row)])
        path.write_bytes(sealing.seal(file.getvalue()))
    return path


def read_mend_file(path: Path) -> bytes:
    """The rows to mend as CSV that a spreadsheet opens (UTF-8 with its mark)."""
    return sealing.unseal(path.read_bytes()).encode("utf-8-sig")
