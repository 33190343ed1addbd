"""The sheets of a workbook, row by row. A large sheet of an .xlsx is read in pieces.

The library holds a sheet unpacked: a million rows of 15 cells take 1.4 GB. So the XML of a large sheet is cut between
rows, and each piece is read by itself as a small workbook with the same strings, formats and era of dates. What
the cutter does not know for certain is read whole: no piece may be understood otherwise than in its sheet.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, groupby, islice
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Any, TypeAlias

import python_calamine as calamine

from tungnha.register.reach import reaches_far

if TYPE_CHECKING:
    from tungnha.register.reading import Cell, OpenList

LARGE = 64 << 20
"""Bytes of XML above which a sheet is cut: some 80,000 rows of 15 cells."""
PIECE = 64 << 20
"""Bytes of XML read together. Never less than the workbook's shared strings, which are read anew for each piece."""

WRONG = (calamine.CalamineError, ValueError)
"""What the library raises where it cannot read a workbook."""

SheetRows: TypeAlias = "tuple[str, Iterator[list[Cell]]]"
"""A sheet's name, and its rows from the first, each as wide as it needs. To be read before the next sheet is asked for."""

_WORKBOOK = frozenset({"workbook.xml"})
_STRINGS = "sharedstrings.xml"
_MEANING = frozenset({"styles.xml", _STRINGS})
_NUMBER = b'<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>%d</v></c></row></sheetData></worksheet>'
_DECLARATION = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml\s[^<>]*\?>")
_FOREIGN = re.compile(rb"""\sencoding\s*=\s*["'](?!utf-8["'])""", re.IGNORECASE)
_DATA = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?)sheetData>")
_DATA_TAG = re.compile(rb"</?(?:[^\s<>/:]+:)?sheetData[\s/>]")
_NUMBERED_ROW = rb"""\s*<%brow(?:\s+[\w:.-]+="[^"<>]*")*?\s+r="[1-9][0-9]*"[\s/>]"""
_BLOCK = 1 << 20
"""Bytes of XML looked through at a time. A row with more is not cut off."""


class CannotCutError(Exception):
    """Nothing in the workbook is large, or the cutter does not know it for certain. It is to be read whole."""


def whole(file: "OpenList") -> Iterator[SheetRows]:
    """Every sheet, each unpacked at once. Raises one of `WRONG`, at any row, where the library cannot read it."""
    book = _load(file)
    yield from _whole(book, _names(book))


def _whole(book: calamine.CalamineWorkbook, names: Iterable[str]) -> Iterator[SheetRows]:
    for name in names:
        yield name, _rows([book.get_sheet_by_name(name)])


def in_pieces(file: "OpenList") -> Iterator[SheetRows]:
    """Every sheet of an .xlsx, the large ones in pieces: the rows that `whole` gives. Raises CannotCutError at any row."""
    with _known(), zipfile.ZipFile(file) as archive:
        if not any(map(_is_large, archive.infolist())):
            raise CannotCutError
        frame = _frame(archive, _WORKBOOK | _MEANING)
        for large, sheets in groupby(_parts(archive), lambda sheet: _is_large(sheet[1])):
            if large:
                for name, part in sheets:
                    yield name, _rows(_cut(archive, frame, name, part))
            else:
                yield from _whole(_load(file), [name for name, _part in sheets])


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except (*WRONG, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
        raise CannotCutError from error


def _load(file: "OpenList") -> calamine.CalamineWorkbook:
    file.seek(0)
    return calamine.load_workbook(file)


def _names(book: calamine.CalamineWorkbook) -> list[str]:
    return [sheet.name for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]


def _rows(grids: Iterable[calamine.CalamineSheet]) -> "Iterator[list[Cell]]":
    """The rows of grids that lie one below another, from the sheet's first row and column on."""
    below = 0
    for grid in grids:
        if not grid.start:
            continue
        above, left = grid.start
        if above < below:
            raise CannotCutError
        yield from ([] for _row in range(below, above))
        rows: Iterator[list[Any]] = islice(grid.iter_rows(), above, None)
        yield from ([*[""] * left, *row] for row in rows) if left else rows
        below = above + grid.height


def _is_large(part: zipfile.ZipInfo) -> bool:
    return part.file_size > LARGE


def _kind(part: zipfile.ZipInfo) -> str:
    return PurePosixPath(part.filename.replace("\\", "/")).name.casefold()


def _frame(archive: zipfile.ZipFile, kinds: frozenset[str]) -> bytes:
    """A workbook without sheets: the relations between its parts, and the parts of these kinds."""
    frame = io.BytesIO()
    with zipfile.ZipFile(frame, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for part in archive.infolist():
            if _kind(part) in kinds or _kind(part).endswith(".rels"):
                copy.writestr(part.filename, archive.read(part))
    return frame.getvalue()


def _parts(archive: zipfile.ZipFile) -> list[tuple[str, zipfile.ZipInfo]]:
    """Each sheet and its part. The library itself tells, of a workbook in which each part holds its own number."""
    parts = archive.infolist()
    if len({part.filename for part in parts}) < len(parts):
        raise CannotCutError
    asked = io.BytesIO(_frame(archive, _WORKBOOK))
    with zipfile.ZipFile(asked, "a") as numbered:
        for number, part in enumerate(parts):
            if _kind(part).endswith(".xml") and _kind(part) not in _WORKBOOK | _MEANING:
                numbered.writestr(part.filename, _NUMBER % number)
    book = _load(asked)
    found = []
    for name in _names(book):
        [[its_number]] = book.get_sheet_by_name(name).to_python()
        found.append((name, parts[int(str(its_number))]))
    return found


def _cut(
    archive: zipfile.ZipFile, frame: bytes, name: str, part: zipfile.ZipInfo
) -> Iterator[calamine.CalamineSheet]:
    """A sheet cut between rows into sheets. Rows keep their numbers."""
    shared = [other.file_size for other in archive.infolist() if _kind(other) == _STRINGS]
    with _known(), archive.open(part) as xml:
        text = xml.read(_BLOCK)
        head, prefix = _head(text)
        blocks = _blocks(xml, text[len(head) :], prefix)
        for first in blocks:
            piece = chain(
                [head, first],
                islice(blocks, max([PIECE, *shared]) // _BLOCK - 1),
                [b"</%bsheetData>" % prefix],
            )
            yield _sheet(frame, name, part, piece)


def _blocks(xml: IO[bytes], text: bytes, prefix: bytes) -> Iterator[bytes]:
    """The rows of a sheet, some at a time; `text` is what has been read of them."""
    end_of_row, end_of_data = b"</%brow>" % prefix, b"</%bsheetData>" % prefix
    numbered = re.compile(_NUMBERED_ROW % re.escape(prefix))
    ended = None
    while not ended:
        ended = _DATA_TAG.search(text) if b"sheetData" in text else None
        cut = ended.start() if ended else text.rfind(end_of_row) + len(end_of_row)
        rows, text = text[:cut], text[cut:] + xml.read(_BLOCK)
        if (
            (ended[0] != end_of_data if ended else cut < len(end_of_row))
            or _hides_tags(rows)
            or reaches_far(rows)
        ):
            raise CannotCutError
        if rows.strip():
            if not numbered.match(rows):
                raise CannotCutError
            yield rows
    while xml.read(_BLOCK):
        pass  # to its checksum


def _sheet(frame: bytes, name: str, part: zipfile.ZipInfo, xml: Iterable[bytes]) -> calamine.CalamineSheet:
    """A sheet in a frame, as the library reads it."""
    book = io.BytesIO(frame)
    with zipfile.ZipFile(book, "a") as framed, framed.open(part.filename, "w") as sheet:
        for text in xml:
            sheet.write(text)
    return _load(book).get_sheet_by_name(name)


def _head(text: bytes) -> tuple[bytes, bytes]:
    """What a sheet begins with, to its first row, and the prefix of its names. Only sheets in UTF-8."""
    declaration = _DECLARATION.match(text)
    data = _DATA.search(text)
    if not data or (declaration and _FOREIGN.search(declaration[0])):
        raise CannotCutError
    head = text[: data.end()]
    if head.count(b"sheetData") > 1 or _hides_tags(head[declaration.end() if declaration else 0 :]):
        raise CannotCutError
    return head, data[1]


def _hides_tags(text: bytes) -> bool:
    """Whether there is a comment, CDATA or instruction in it: the only places for a `<` that begins no tag."""
    return (b"!" in text and b"<!" in text) or (b"?" in text and b"<?" in text)
