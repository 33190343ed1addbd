"""How far a sheet of an .xlsx reaches: the library makes room for every cell between the first and the last.

A space typed by mistake into the last cell of the last row asks for 400 GB, and the process is ended.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from functools import reduce
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from tungnha.register.reading import OpenList

MAX_CELLS = 100_000_000
"""Room of 24 bytes each: two million rows of 50 columns."""
_FAR = re.compile(
    rb"""r\s*=\s*["'](?:[A-Za-z]{3,}[0-9]|[B-Zb-z][A-Za-z][0-9]|[Aa][Y-Zy-z][0-9]|[A-Za-z]*(?:[2-9][0-9]{6}|[0-9]{8}))"""
)
"""A cell or row beyond column AX or row 2,000,000. A sheet without one holds at most `MAX_CELLS`."""
_FILLED = re.compile(rb"""<(?:[\w.-]+:)?c\s[^<>]*?\br\s*=\s*["']([A-Za-z]+)([0-9]+)["'][^<>]*(?<!/)>(?!</)""")
"""A cell that holds something. Offices colour whole rows, to the last column."""
_FAR_ROW = re.compile(rb"""<(?:[\w.-]+:)?row\s[^<>]*?\br\s*=\s*["']([0-9]{8,})["']""")
_BLOCK = 1 << 20


def reaches_far(xml: bytes) -> bool:
    """Whether there may be a cell in it so far away that a sheet should be measured before it is opened."""
    return bool(_FAR.search(xml))


def far_cell(file: "OpenList") -> str:
    """The last cell of a sheet that the library has no room for: last column, last row. Empty if there is room for all.

    Every part is looked at, since any may be a sheet. One that cannot be read is left to the library.
    """
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(file) as archive:
        for part in archive.infolist():
            with suppress(zipfile.BadZipFile, zlib.error, EOFError, RuntimeError):
                with archive.open(part) as xml:
                    far = any(map(reaches_far, _tags(xml)))
                if far:
                    with archive.open(part) as xml:
                        if cell := _farthest(xml):
                            return cell
    return ""


def _tags(xml: IO[bytes]) -> Iterator[bytes]:
    """The text, some whole tags at a time. A tag longer than a block is no cell's."""
    text = b""
    while more := xml.read(_BLOCK):
        before, mark, after = (text + more).rpartition(b"<")
        yield before
        text = mark + after if len(after) < _BLOCK else b""
    yield text


def _farthest(xml: IO[bytes]) -> str:
    column = row = 1
    for text in _tags(xml):
        for letters, digits in _FILLED.findall(text):
            column, row = max(column, _number(letters)), max(row, int(digits))
        row = max([row, *map(int, _FAR_ROW.findall(text))])
    return f"{_letters(column)}{row}" if row * column > MAX_CELLS else ""


def _number(letters: bytes) -> int:
    """The number of a column, from A for 1."""
    return reduce(lambda number, letter: 26 * number + letter - 64, letters.upper(), 0)


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(65 + letter) + letters
    return letters
