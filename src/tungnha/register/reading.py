"""Household lists as offices really send them: CSV in any encoding, workbooks with titles, merged cells and sheets."""

import codecs
import csv
import io
import os
import pickle
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from pathlib import PurePath
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from tungnha.register import legacy
from tungnha.register.reach import far_cell

if TYPE_CHECKING:
    from tungnha.register.workbooks import SheetRows

MAX_FILE_BYTES = 1_000_000_000
MAX_UNPACKED_BYTES = 6_000_000_000
MAX_RATIO = 250
MAX_ROWS = 2_000_000
_ZIPPED = {".xlsx", ".xlsm", ".ods"}
_WORKBOOKS = _ZIPPED | {".xls"}
_CUT = {".xlsx", ".xlsm"}
"""Workbooks whose large sheets are read in pieces."""
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet take a text for a formula. A text that we write begins with an apostrophe before one."""
_SAMPLE_CHARACTERS = 50_000
_BLOCK = 1 << 20
_PACK = 1000
"""Rows of a workbook packed together."""
_SAMPLE_ROWS = 200
"""Rows from which it is told how a workbook's texts are written."""

Cell = str | float | int | bool | date | datetime | time | timedelta | None
Row = Sequence[Cell]
OpenList = io.BufferedReader | io.BytesIO


class ListError(Exception):
    """A list that cannot be read at all. The message says why, and what to do."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, how many rows it has, and a way to read them from the first, as often as wanted.

    Cells are as the file has them, text as Unicode. Rows can be read while the file is open.
    """

    name: str
    count: int
    read: Callable[[], Iterator[Row]]

    def top(self, count: int) -> list[Row]:
        """The first rows."""
        return list(islice(self.read(), count))


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


def sheets(file: OpenList, name: str) -> list[Sheet]:
    """Every sheet of an open list that holds anything; `name` says by its ending what kind of file it is.

    All that can be wrong with the file is found here, before the first row is used. Raises ListError.
    """
    size = file.seek(0, os.SEEK_END)
    if size == 0:
        raise ListError(_("The file is empty."))
    if size > MAX_FILE_BYTES:
        raise ListError(
            _("The file is larger than %(limit)d MB. Send it in parts.") % {"limit": MAX_FILE_BYTES // 10**6}
        )
    file.seek(0)
    kind = PurePath(name).suffix.lower()
    if kind in _ZIPPED:
        _refuse_bombs(file, size)
    found = _workbook(file, kind) if kind in _WORKBOOKS else [_csv(file, name)]
    rows = sum(sheet.count for sheet in found)
    if rows > MAX_ROWS:
        raise ListError(_("The file has more than %(limit)d rows. Send it in parts.") % {"limit": MAX_ROWS})
    if rows == 0:
        raise ListError(_("The file has no rows."))
    return [sheet for sheet in found if sheet.count]


def _refuse_bombs(file: OpenList, size: int) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError) as error:
        raise ListError(
            _("The file is not a workbook. Save it as .xlsx or .csv and send it again.")
        ) from error
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * size:
        raise ListError(_("The workbook unpacks to far more than it should. It was not opened."))
    file.seek(0)


def _workbook(file: OpenList, kind: str) -> list[Sheet]:
    from tungnha.register import workbooks  # noqa: PLC0415 - only workbooks need the library

    try:
        if kind in _CUT:
            with suppress(workbooks.CannotCutError):
                return _packed(workbooks.in_pieces(file))
            if cell := far_cell(file):
                raise ListError(
                    _(
                        "A sheet of the workbook reaches to cell %(cell)s. "
                        "Delete the columns and rows beyond the list and send it again."
                    )
                    % {"cell": cell}
                )
        return _packed(workbooks.whole(file))
    except workbooks.WRONG as error:
        raise ListError(_("The workbook cannot be read: %(reason)s") % {"reason": error}) from error


def _packed(sheets: "Iterable[SheetRows]") -> list[Sheet]:
    """A workbook's sheets, packed: half a million rows of 15 cells are 0.1 GB. No more rows are read than may be."""
    found: list[Sheet] = []
    way = ""
    for name, rows in sheets:
        top = list(islice(rows, _SAMPLE_ROWS))
        if not top:
            continue
        way = way or legacy.detect(" ".join(cell for row in top for cell in row if isinstance(cell, str)))
        found.append(_pack(name, islice(chain(top, rows), MAX_ROWS + 1), way))
        if sum(sheet.count for sheet in found) > MAX_ROWS:
            break
    return found


def _pack(name: str, rows: Iterable[list[Cell]], way: str) -> Sheet:
    packs: list[bytes] = []
    count = width = 0
    rows = iter(rows)
    while some := list(islice(rows, _PACK)):
        if way != "unicode":
            some = [
                [legacy.convert(cell, way) if isinstance(cell, str) else cell for cell in row] for row in some
            ]
        count, width = count + len(some), max(width, *map(len, some))
        packs.append(pickle.dumps(some, pickle.HIGHEST_PROTOCOL))

    def read() -> Iterator[Row]:
        for row in chain.from_iterable(map(pickle.loads, packs)):
            row.extend([""] * (width - len(row)))
            yield row

    return Sheet(name, count, read)


@dataclass(frozen=True)
class _Writing:
    """How a text file is written: its encoding, what to do with bytes that it has not, and any older way below it."""

    encoding: str
    errors: str = "strict"
    way: str = "unicode"


def _writing(file: OpenList) -> _Writing:
    """How a text file is written. UTF-8 is what is valid as such to its end."""
    start = file.read(4 * _SAMPLE_CHARACTERS)
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _Writing("utf-16", "replace")
    if b"\x00" in start[:4096]:
        raise ListError(_("The file is neither text nor a workbook."))
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        sample = decoder.decode(start)[:_SAMPLE_CHARACTERS]
        while block := file.read(_BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        if legacy.is_unicode(start.decode("utf-8-sig", errors="replace")):
            return _Writing("utf-8-sig", "replace")  # with some damaged letters
        western = start.decode("cp1252", errors="replace")[:_SAMPLE_CHARACTERS]
        way = legacy.detect(western)
        return _Writing("cp1258", "replace") if way == "unicode" else _Writing("latin-1", way=way)
    return _Writing("utf-8-sig", way=legacy.detect(sample))


def _lines(file: OpenList, writing: _Writing) -> Iterator[str]:
    file.seek(0)
    text = io.TextIOWrapper(file, writing.encoding, writing.errors, newline="")
    try:
        for line in text:
            yield line if writing.way == "unicode" else legacy.convert(line, writing.way)
    finally:
        text.detach()  # the file stays open


def _csv(file: OpenList, name: str) -> Sheet:
    writing = _writing(file)
    head = list(islice(_lines(file, writing), 50))
    delimiter = max(",;\t|", key=lambda mark: sum(line.count(mark) for line in head))

    def read() -> Iterator[Row]:
        return iter(csv.reader(_lines(file, writing), delimiter=delimiter))

    try:
        count, filled = 0, False
        for row in read():
            count += 1
            filled = filled or any(row)
            if count > MAX_ROWS:
                break
    except csv.Error as error:
        raise ListError(_("The file cannot be read as a table: %(reason)s") % {"reason": error}) from error
    return Sheet(name, count if filled else 0, read)
