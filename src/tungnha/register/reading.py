"""Household lists as offices really send them: CSV in any encoding, XLSX with titles, merged cells and sheets."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.utils.translation import gettext as _

from tungnha.register import legacy

MAX_FILE_BYTES = 1_000_000_000
MAX_UNPACKED_BYTES = 6_000_000_000
MAX_RATIO = 250
MAX_ROWS = 2_000_000
_XLSX = {".xlsx", ".xlsm"}

Cell = str | float | int | bool | date | datetime | time | timedelta | None


class ListError(Exception):
    """A list that cannot be read at all. The message says why, and what to do."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name and all its rows, cells as the file has them, text as Unicode."""

    name: str
    rows: Sequence[Sequence[Cell]]


def text_of(cell: Cell) -> str:
    """A cell as a person sees it: whole numbers without a point, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def sheets(path: Path) -> Iterator[Sheet]:
    """Every sheet of a list that holds anything. Raises ListError."""
    if not path.is_file() or path.stat().st_size == 0:
        raise ListError(_("The file is empty."))
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ListError(
            _("The file is larger than %(limit)d MB. Send it in parts.") % {"limit": MAX_FILE_BYTES // 10**6}
        )
    found = _xlsx(path) if path.suffix.lower() in _XLSX else iter([_csv(path)])
    rows = 0
    for sheet in found:
        rows += len(sheet.rows)
        if rows > MAX_ROWS:
            raise ListError(
                _("The file has more than %(limit)d rows. Send it in parts.") % {"limit": MAX_ROWS}
            )
        if sheet.rows:
            yield sheet
    if rows == 0:
        raise ListError(_("The file has no rows."))


def _refuse_bombs(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise ListError(
            _("The file is not a workbook. Save it as .xlsx or .csv and send it again.")
        ) from error
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * path.stat().st_size:
        raise ListError(_("The workbook unpacks to far more than it should. It was not opened."))


def _xlsx(path: Path) -> Iterator[Sheet]:
    import python_calamine  # noqa: PLC0415 - only workbooks need it

    _refuse_bombs(path)
    try:
        book = python_calamine.load_workbook(str(path))
        names = [
            meta.name for meta in book.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        way = None
        for name in names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            if way is None and rows:
                way = legacy.detect(
                    " ".join(cell for row in rows[:200] for cell in row if isinstance(cell, str))
                )
            if way not in {None, "unicode"}:
                rows = [
                    [legacy.convert(cell, str(way)) if isinstance(cell, str) else cell for cell in row]
                    for row in rows
                ]
            yield Sheet(name, rows)
    except (python_calamine.CalamineError, ValueError) as error:
        raise ListError(_("The workbook cannot be read: %(reason)s") % {"reason": error}) from error


def _decode(data: bytes) -> str:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", errors="replace")
    if b"\x00" in data[:4096]:
        raise ListError(_("The file is neither text nor a workbook."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        western = data.decode("cp1252", errors="replace")
        way = legacy.detect(western[:50_000])
        if way != "unicode":
            return legacy.convert(data.decode("latin-1"), way)
        return data.decode("cp1258", errors="replace")
    way = legacy.detect(text[:50_000])
    return text if way == "unicode" else legacy.convert(text, way)


def _csv(path: Path) -> Sheet:
    text = _decode(path.read_bytes())
    head = text[:20_000].splitlines()[:50]
    delimiter = max(",;\t|", key=lambda mark: sum(line.count(mark) for line in head))
    try:
        rows: list[list[str]] = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise ListError(_("The file cannot be read as a table: %(reason)s") % {"reason": error}) from error
    return Sheet(path.name, [row for row in rows if any(row)] if len(rows) < 2 else rows)
