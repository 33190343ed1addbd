"""A table of figures as offices send it, pasted or as a file: which column is what, whose each row is, what it says.

Units are found by code among those of the period's own time, since codes are given again: 00004 was Trúc Bạch and is
Ba Đình. Where the table names its units, a name that does not fit the code is refused; without codes the name decides.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from tungnha.campaign import measures
from tungnha.campaign.models import TrackedIndicator
from tungnha.campaign.queries import territories
from tungnha.campaign.services.figures import Entry
from tungnha.register import reading
from tungnha.register.reading import Cell, text_of
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean, fold

LARGEST = 5_000
"""Rows. The country has 3,321 communes."""
_HEADER_ROWS = 20
_NAMES: dict[str, tuple[str, ...]] = {
    "code": ("ma", "ma don vi", "ma dvhc", "ma xa", "ma phuong", "code", "unit code"),
    "name": ("don vi", "ten don vi", "phuong xa", "xa phuong", "dia ban", "ten", "unit", "name"),
    "indicator": ("ma chi tieu", "chi so", "indicator", "indicator code"),
    "total": ("luy ke", "ket qua luy ke", "luy ke den nay", "cumulative"),
    "brought": ("ket qua trong ky", "trong ky", "phat sinh trong ky", "this period"),
    "numerator": (
        "ket qua",
        "so lieu",
        "so luong",
        "tu so",
        "thuc hien",
        "da thuc hien",
        "numerator",
        "figure",
    ),
    "denominator": ("mau so", "tong so", "denominator", "total"),
    "target": ("chi tieu giao", "chi tieu", "target"),
    "ratio": ("ty le", "ti le", "ratio", "percent", "dat"),
    "reason": ("ly do", "ly do dieu chinh", "dieu chinh", "reason"),
}
_COLUMN = {name: field for field, names in _NAMES.items() for name in names}
_SUMS = re.compile(r"(tong|cong|toan thanh pho|toan tinh|total|sum)\b")
_WORDS = re.compile(r"[^a-z0-9]+")
_THOUSANDS = re.compile(r"\d{1,3}(?:([., ])\d{3})(?:\1\d{3})*", re.ASCII)
_PLAIN = re.compile(r"(\d+)(?:[.,]0+)?", re.ASCII)
_PERCENT = re.compile(r"(\d[\d., ]*)%?", re.ASCII)


class TableError(Exception):
    """A table that cannot be used at all. The message says why, and what to do."""


@dataclass(frozen=True)
class Table:
    """Rows of cells, which column is what, and the number of the first row below the header."""

    header: tuple[str, ...]
    columns: dict[str, int]
    rows: Sequence[Sequence[Cell]]
    first: int


@dataclass(frozen=True)
class Good:
    """A row that says one figure."""

    number: int
    cells: tuple[str, ...]
    indicator: str
    entry: Entry


@dataclass(frozen=True)
class Bad:
    """A row to mend."""

    number: int
    cells: tuple[str, ...]
    message: str


def pasted(text: str) -> Table:
    """A table from a spreadsheet's clipboard, or lines of a CSV. Raises TableError."""
    mark = next((mark for mark in ("\t", ";", ",") if mark in text), " ")
    return _table(list(csv.reader(io.StringIO(text.strip("\r\n")), delimiter=mark)))


def from_file(path: Path) -> Table:
    """The first sheet of a CSV file or workbook that holds a table of figures. Raises TableError."""
    try:
        errors = []
        with path.open("rb") as file:
            for sheet in reading.sheets(file, path.name):
                try:
                    return _table(sheet.top(LARGEST + 1))
                except TableError as error:
                    errors.append(error)
    except reading.ListError as error:
        raise TableError(str(error)) from error
    raise errors[0]


def _table(rows: Sequence[Sequence[Cell]]) -> Table:
    if len(rows) > LARGEST:
        raise TableError(_("The table has more than %(limit)d rows.") % {"limit": LARGEST})
    for number, row in enumerate(rows[:_HEADER_ROWS]):
        columns: dict[str, int] = {}
        for place, cell in enumerate(row):
            name = _WORDS.sub(" ", fold(text_of(cell))).strip()
            field = _COLUMN.get(name)
            if field is not None:
                columns.setdefault(field, place)
        if columns.keys() & {"code", "name"} and columns.keys() & {"total", "brought", "numerator"}:
            header = tuple(clean(text_of(cell)) for cell in row)
            return Table(header, columns, rows[number + 1 :], number + 2)
    raise TableError(
        _("No header was found. One column has to be headed “Mã” or “Đơn vị”, another “Kết quả” or “Lũy kế”.")
    )


def whole(cell: Cell) -> int | None:
    """A whole number as offices write it (1.234.567, 1,234,567, 1 234 567); None where the cell is empty.

    Raises ValueError for anything else: a figure is never guessed.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool) and float(cell).is_integer():
        return int(cell)
    text = clean(text_of(cell)).replace("\N{NO-BREAK SPACE}", " ")
    if not text:
        return None
    if _THOUSANDS.fullmatch(text):
        return int(re.sub(r"\D", "", text))
    plain = _PLAIN.fullmatch(text)
    if plain is None:
        raise ValueError(text)
    return int(plain[1])


def percentage(cell: Cell) -> int | None:
    """A percentage in hundredths, decimal comma or point, halves up; None where the cell is empty. Raises ValueError."""
    text = clean(text_of(cell)).replace(" ", "")
    if not text or text == "-":
        return None
    found = _PERCENT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    mark = max(found[1].rfind(","), found[1].rfind("."))
    integer, decimals = (found[1][:mark], found[1][mark + 1 :]) if mark >= 0 else (found[1], "")
    digits = re.sub(r"\D", "", integer) or "0"
    thousandths = int(digits) * 1000 + int((decimals + "000")[:3])
    return (thousandths + 5) // 10


def _printed(cell: Cell, numerator: int, over: Iterable[int | None]) -> int | None:
    """A percentage as the source shows it. A workbook stores 38.49 % as 0.3849: taken so where only that fits."""
    given = percentage(cell)
    if given is None or not isinstance(cell, float) or cell > 100:
        return given
    scaled = percentage(cell * 100)
    fits = any(each and not measures.differs(scaled, numerator, each) for each in over)
    return scaled if fits else given


class Finder:
    """Finds the unit of a row among those of the campaign's territory on a day, as far as the person may report."""

    def __init__(self, units: Iterable[Unit], territory: Unit, day: date) -> None:
        self.territory, self.day = territory, day
        self._by_code: dict[str, Unit] = {}
        self._by_name: dict[str, list[Unit]] = {}
        for unit in units:
            self._by_code[unit.code] = unit
            self._by_name.setdefault(unit.name_fold, []).append(unit)
            self._by_name.setdefault(_bare(unit.name), []).append(unit)

    def find(self, code: str, name: str) -> Unit:
        """The unit. Raises ValidationError that says why there is none."""
        named = self._by_name.get(fold(name), []) or self._by_name.get(_bare(name), [])
        if not code:
            if len({unit.pk for unit in named}) == 1:
                return named[0]
            many = _("Several units are called “%(name)s”: give the code.")
            none = _("There is no unit called “%(name)s” here.")
            raise ValidationError((many if named else none) % {"name": name})
        unit = self._by_code.get(code) or self._by_code.get(code.zfill(5))
        if unit is None:
            raise ValidationError(territories.absent(code, self.territory, self.day))
        if name and unit not in named and _bare(name) != _bare(unit.name):
            raise ValidationError(
                _("The code %(code)s is %(unit)s at that time, the row says “%(name)s”.")
                % {"code": code, "unit": unit.name, "name": name}
            )
        return unit


def _bare(name: str) -> str:
    """A unit's name without its kind: “P. Xuân Tảo” and “Phường Xuân Tảo” are one."""
    return re.sub(
        r"^(phuong|xa|thi tran|quan|huyen|thi xa|dac khu|p\.?|x\.?|tt\.?|q\.?|h\.?)\s+", "", fold(name)
    )


def read(
    table: Table, finder: Finder, tracked: dict[str, TrackedIndicator], chosen: TrackedIndicator | None
) -> tuple[list[Good], list[Bad], int]:
    """Rows that say a figure, rows to mend, and how many say none (not reported, or a sum over units)."""
    good: list[Good] = []
    bad: list[Bad] = []
    empty = 0
    seen: dict[tuple[str, int], int] = {}
    for number, row in enumerate(table.rows, start=table.first):
        cells = tuple(clean(text_of(cell)) for cell in row)
        if not any(cells):
            continue
        try:
            found = _row(row, cells, table.columns, finder, tracked=tracked, chosen=chosen)
        except ValidationError as error:
            bad.append(Bad(number, cells, " ".join(error.messages)))
            continue
        if found is None:
            empty += 1
            continue
        code, entry = found
        before = seen.setdefault((code, entry.unit.pk), number)
        if before != number:
            bad.append(Bad(number, cells, _("It is already in row %(row)d.") % {"row": before}))
            continue
        good.append(Good(number, cells, code, entry))
    return good, bad, empty


def _row(
    row: Sequence[Cell],
    cells: tuple[str, ...],
    columns: dict[str, int],
    finder: Finder,
    *,
    tracked: dict[str, TrackedIndicator],
    chosen: TrackedIndicator | None,
) -> tuple[str, Entry] | None:
    def text(field: str) -> str:
        place = columns.get(field)
        return cells[place] if place is not None and place < len(cells) else ""

    def number(field: str) -> int | None:
        place = columns.get(field)
        try:
            return whole(row[place]) if place is not None and place < len(row) else None
        except ValueError as error:
            heading = {"denominator": _("denominator"), "target": _("target")}.get(field, _("figure"))
            raise ValidationError(
                _("“%(value)s” is not a whole number (%(column)s).") % {"value": error, "column": heading}
            ) from error

    code, name = text("code"), text("name")
    if not code and (not name or _SUMS.match(fold(name))):
        return None
    wanted = tracked.get(text("indicator")) if text("indicator") else chosen
    if wanted is None:
        unknown = _("The campaign does not follow the indicator “%(code)s”.")
        missing = _("Say which indicator this is.")
        raise ValidationError(unknown % {"code": text("indicator")} if text("indicator") else missing)
    unit = finder.find(code, name)
    first = "total" if wanted.indicator.cumulative else "brought"
    figure = next((n for n in (number(first), number("numerator")) if n is not None), None)
    if figure is None:
        return None
    denominator = number("denominator")
    place = columns.get("ratio")
    try:
        printed = (
            _printed(row[place], figure, (denominator, number("target")))
            if place is not None and place < len(row)
            else None
        )
    except ValueError as error:
        raise ValidationError(_("“%(value)s” is not a percentage.") % {"value": error}) from error
    return wanted.indicator.code, Entry(unit, figure, denominator, printed, text("reason"))
