"""Reading letters back as a reader would: the file's checksum, the picture, the text and the QR code of each page.

A letter is right if its QR code holds a token of this installation and of this wave, its name, address and door code
are those of the token's household, and everything outside the anchors looks and reads as the static page does. The
picture is compared too, because a page can lose its whole static text while its file remains well-formed.
"""

import csv
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tungnha.channels.letters import tokens
from tungnha.channels.letters.wave import token_in
from tungnha.engine.progress import silent
from tungnha.engine.work import work

SCALE = 1.5  # pixels a point, 108 dpi: over three pixels a QR module
INK_DIFFERS = 64  # of 255 grey levels
OVERHANG = 6  # pixels
FIELDS = ("name", "address", "code")
_SPACES = re.compile(r"\s+")

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Problem:
    """Something wrong with a file (`page` 0) or with one of its pages, counted from 1."""

    file: str
    page: int
    code: str
    detail: str = ""


@dataclass
class CheckReport:
    """What was read and what was wrong with it."""

    files: int = 0
    pages: int = 0
    read: int = 0
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _File:
    path: Path
    sha256: str
    letters: int
    static: bytes
    boxes: dict[str, Box]  # x, y, width, height of each anchor, points from the top left
    every: int


@dataclass(frozen=True)
class _Page:
    """One page as read: its QR text, the texts in its anchors."""

    number: int
    link: str
    texts: dict[str, str]
    nearby: dict[str, int]


@dataclass(frozen=True)
class _Static:
    """What every page must show: the static page's lines of text, and its picture outside the anchors.

    The picture is given as the darkest and the lightest grey within a pixel, since a renderer smooths the edges of
    the same text differently when it is drawn through a form.
    """

    darkest: NDArray[np.int16]
    lightest: NDArray[np.int16]
    outside: NDArray[np.bool_]
    lines: list[str]
    nearby: dict[str, int]  # characters of the static text that reach into each anchor


Expected = Callable[[Sequence[int]], dict[int, tuple[str, str, str]]]
"""Household numbers → name, address and door code of those that exist."""


class NotAWaveError(Exception):
    """The folder does not hold a wave of letters."""


def check(
    folder: Path,
    *,
    key: bytes,
    expected: Expected,
    every: int = 1,
    engine: str = "local",
    advance: Callable[[int], None] = silent,
) -> CheckReport:
    """Check a wave's folder.

    Parameters
    ----------
    folder
        With `manifest.csv`, as `services.make_letters` leaves it.
    key
        Under which its tokens were signed.
    expected
        Looks households up in the register.
    every
        Read every n-th page (and always a file's first and last). Checksums and page counts are always checked.
    engine
        As in `engine.work.work`.
    advance
        Told the pages of each file when it is done.

    Raises
    ------
    NotAWaveError
        If the folder has no manifest, or the manifest or the wave's facts cannot be read.
    """
    files, wave, problems = _files(folder, every)
    report = CheckReport(files=len(files), problems=problems)
    seen: dict[int, str] = {}
    for file, (count, pages, found) in zip(files, work(_read_file, files, engine=engine), strict=True):
        report.pages += count
        report.read += len(pages)
        report.problems += found
        report.problems += _compare(file.path.name, pages, key=key, wave=wave, expected=expected, seen=seen)
        advance(file.letters)
    return report


def _files(folder: Path, every: int) -> tuple[list[_File], int, list[Problem]]:
    try:
        with (folder / "manifest.csv").open(encoding="utf-8", newline="") as table:
            rows = list(csv.DictReader(table))
        facts: dict[str, Any] = json.loads((folder / "wave.json").read_bytes())
        static = (folder / "template.pdf").read_bytes()
        boxes = {
            anchor["name"]: (anchor["x"], anchor["y"], anchor["width"], anchor["height"])
            for anchor in facts["anchors"]
        }
        listed = {row["file"]: row for row in rows}
        files = [
            _File(folder / row["file"], row["sha256"], int(row["letters"]), static, boxes, every)
            for row in rows
            if row["number"]
        ]
        wave = int(facts["wave"])
    except (OSError, KeyError, ValueError) as error:
        raise NotAWaveError(f"{folder}: {error}") from error
    problems = [
        Problem(name, 0, "checksum")
        for name in ("template.pdf", "wave.json")
        if name not in listed or _sha256(folder / name) != listed[name]["sha256"]
    ]
    problems += [
        Problem(path.name, 0, "not-listed")
        for path in sorted(folder.glob("*.pdf"))
        if path.name not in listed
    ]
    return files, wave, problems


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _plain(text: str) -> str:
    """Text for comparing: NFC, one space for any white space, as a reader may break lines anywhere."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def _read_file(file: _File) -> tuple[int, list[_Page], list[Problem]]:
    """The pages of a file, its anchors' texts and codes read; problems of file, picture and static text."""
    import pypdfium2  # noqa: PLC0415 - heavy

    name = file.path.name
    if not file.path.is_file():
        return 0, [], [Problem(name, 0, "missing")]
    problems = [] if _sha256(file.path) == file.sha256 else [Problem(name, 0, "checksum")]
    with pypdfium2.PdfDocument(file.static) as document:
        static = _static(document[0], file.boxes)
    try:
        document = pypdfium2.PdfDocument(file.path)
    except pypdfium2.PdfiumError as error:
        return 0, [], [*problems, Problem(name, 0, "unreadable", str(error))]
    pages = []
    with document:
        count = len(document)
        if count != file.letters:
            problems.append(Problem(name, 0, "page-count", f"{count} ≠ {file.letters}"))
        for index in range(count):
            if index % file.every and index != count - 1:
                continue
            page = document[index]
            picture = _picture(page)
            problems += _static_problems((name, index + 1), page, picture, static)
            pages.append(_read_page(index + 1, page, picture, file.boxes, static.nearby))
            page.close()
    return count, pages, problems


def _picture(page: Any) -> NDArray[np.uint8]:
    grey: NDArray[np.uint8] = page.render(scale=SCALE, grayscale=True).to_numpy()
    return grey.reshape(grey.shape[0], grey.shape[1]).copy()


def _pixels(box: Box) -> tuple[slice, slice]:
    x, y, width, height = (edge * SCALE for edge in box)
    rows = slice(max(0, int(y) - 1), int(y + height) + 2)
    # A letter such as J hangs out to the left of where it begins.
    return rows, slice(max(0, int(x) - OVERHANG), int(x + width) + OVERHANG)


def _tolerant(picture: NDArray[np.uint8]) -> tuple[NDArray[np.int16], NDArray[np.int16]]:
    height, width = picture.shape
    padded = np.pad(picture.astype(np.int16), 1, mode="edge")
    around = np.stack([padded[y : y + height, x : x + width] for y in range(3) for x in range(3)])
    return around.min(axis=0) - INK_DIFFERS, around.max(axis=0) + INK_DIFFERS


def _outside(shape: tuple[int, ...], boxes: dict[str, Box]) -> NDArray[np.bool_]:
    mask = np.ones(shape, dtype=bool)
    for box in boxes.values():
        mask[_pixels(box)] = False
    return mask


def _text_of(page: Any) -> str:
    reader = page.get_textpage()
    text: str = reader.get_text_range()
    reader.close()
    return text


def _static_problems(
    place: tuple[str, int], page: Any, picture: NDArray[np.uint8], static: _Static
) -> Iterator[Problem]:
    if picture.shape != static.outside.shape:
        yield Problem(*place, "page-size")
        return
    grey = picture.astype(np.int16)
    differs = (grey < static.darkest) | (grey > static.lightest)
    if (count := int((differs & static.outside).sum())) > 0:
        yield Problem(*place, "picture", f"{count} px")
    text = _plain(_text_of(page))
    if absent := [line for line in static.lines if line not in text]:
        yield Problem(*place, "static-text", absent[0])


def _static(page: Any, boxes: dict[str, Box]) -> _Static:
    picture = _picture(page)
    lines = [line for line in map(_plain, _text_of(page).splitlines()) if line]
    nearby = {name: len(_squeezed(text)) for name, text in _anchor_texts(page, boxes).items()}
    return _Static(*_tolerant(picture), _outside(picture.shape, boxes), lines, nearby)


def _anchor_texts(page: Any, boxes: dict[str, Box]) -> dict[str, str]:
    height = page.get_height()
    reader = page.get_textpage()
    texts = {}
    for name, (x, y, width, tall) in boxes.items():
        bounds = {
            "left": x - 1,
            "bottom": height - y - tall - 1,
            "right": x + width + 1,
            "top": height - y + 1,
        }
        texts[name] = _plain(reader.get_text_bounded(**bounds))
    reader.close()
    return texts


def _squeezed(text: str) -> str:
    return _plain(text).replace(" ", "")


def _read_page(
    number: int, page: Any, picture: NDArray[np.uint8], boxes: dict[str, Box], nearby: dict[str, int]
) -> _Page:
    import zxingcpp  # noqa: PLC0415 - heavy

    crop = np.ascontiguousarray(picture[_pixels(boxes["qr"])])
    codes = zxingcpp.read_barcodes(crop, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return _Page(number, codes[0].text if len(codes) == 1 else "", _anchor_texts(page, boxes), nearby)


def _says(page: _Page, anchor: str, text: str) -> bool:
    """Whether an anchor holds exactly `text`, apart from static letters whose tails reach into it."""
    found, wanted = _squeezed(page.texts[anchor]), _squeezed(text)
    return wanted in found and len(found) == len(wanted) + page.nearby[anchor]


def _compare(
    name: str, pages: Sequence[_Page], *, key: bytes, wave: int, expected: Expected, seen: dict[int, str]
) -> Iterator[Problem]:
    genuine = {page.number: tokens.verify(key, token_in(page.link)) for page in pages}
    known = expected([token.household for token in genuine.values() if token])
    for page in pages:
        token = genuine[page.number]
        if not page.link:
            yield Problem(name, page.number, "qr-unreadable")
        elif token is None:
            yield Problem(name, page.number, "token", page.link)
        elif token.wave != wave:
            yield Problem(name, page.number, "other-wave", str(token.wave))
        elif token.household not in known:
            yield Problem(name, page.number, "unknown-household", str(token.household))
        else:
            place = f"{name}:{page.number}"
            if token.household in seen:
                yield Problem(name, page.number, "twice", seen[token.household])
            seen[token.household] = place
            for field_name, text in zip(FIELDS, known[token.household], strict=True):
                if not _says(page, field_name, text):
                    yield Problem(name, page.number, field_name, f"{page.texts[field_name]!r} ≠ {text!r}")
