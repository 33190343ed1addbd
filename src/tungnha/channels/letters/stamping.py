"""Stamping: the part of each household set onto the shared sheet, a file of letters at a time.

The static page is one form that every page draws; a page adds a few lines of text and the moving modules of its QR
code, some 600 bytes. The library pikepdf writes the file's structure. No clock and no random: the same letters give
the same bytes. Runs in worker processes, so nothing here knows Django.
"""

import hashlib
import io
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tungnha.channels.letters import qr
from tungnha.channels.letters.sheet import TEXTS, Anchor, Face, Layout

if TYPE_CHECKING:
    import pikepdf

SHRINK_STEP = 0.5  # points
_KIDS = 64  # pages under one node of the page tree


@dataclass(frozen=True)
class Sheet:
    """A layout with what its letters need: a face for each anchor's font and the QR code's constant part."""

    layout: Layout
    faces: dict[str, Face]
    symbol: qr.Symbol
    fixed: NDArray[np.bool_]  # modules of the QR code that no letter of the wave changes
    dark: NDArray[np.bool_]  # those of them that are dark
    title: str


@dataclass(frozen=True)
class Letter:
    """One household's letter: its number, and its texts in the order of `sheet.TEXTS`."""

    household: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Rejection:
    """A letter that could not be set, and why: `code` is `glyph` (a character no font has) or `overrun`."""

    household: int
    code: str
    field: str
    value: str
    detail: str


@dataclass(frozen=True)
class Job:
    """One file to make. `links` are the texts of its QR codes as characters, (letters, length)."""

    sheet: Sheet
    path: Path
    letters: Sequence[Letter]
    links: NDArray[np.uint8]


@dataclass(frozen=True)
class Done:
    """A file that was made."""

    path: Path
    sha256: str
    letters: int
    rejected: tuple[Rejection, ...]


class MisfitError(ValueError):
    """A text that does not go into its box."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Typesetter:
    """Sets text into one anchor's box: wraps at spaces, shrinks until it fits, else raises MisfitError."""

    def __init__(self, anchor: Anchor, face: Face, page_height: float) -> None:
        self._anchor = anchor
        self._face = face
        self._top = page_height - anchor.y
        self._words: dict[str, tuple[float, str]] = {}
        self._space = face.advances[" "]
        self._space_code = f"{face.glyphs[' ']:04X}"

    def _word(self, word: str) -> tuple[float, str]:
        known = self._words.get(word)
        if known is None:
            glyphs, advances = self._face.glyphs, self._face.advances
            absent = [character for character in word if character not in glyphs]
            if absent:
                raise MisfitError("glyph", f"{absent[0]} (U+{ord(absent[0]):04X})")
            known = sum(advances[c] for c in word), "".join(f"{glyphs[c]:04X}" for c in word)
            self._words[word] = known
        return known

    def _wrap(self, words: list[tuple[float, str]], room: float) -> list[tuple[float, str]] | None:
        """Lines no wider than `room` thousandths of an em, None where a single word is wider."""
        lines: list[tuple[float, str]] = []
        width, codes = words[0]
        for next_width, next_codes in words[1:]:
            longer = width + self._space + next_width
            if longer <= room:
                width, codes = longer, codes + self._space_code + next_codes
            else:
                lines.append((width, codes))
                width, codes = next_width, next_codes
        lines.append((width, codes))
        return None if any(line[0] > room for line in lines) else lines

    def set(self, text: str) -> str:
        """PDF text operators for `text`; empty for an empty text. Raises MisfitError."""
        words = [self._word(word) for word in text.split(" ") if word]
        if not words:
            return ""
        anchor, size = self._anchor, self._anchor.size
        while size >= anchor.min:
            lines = self._wrap(words, anchor.width * 1000 / size)
            # The last line needs its letters' height, not the whole leading.
            if lines and ((len(lines) - 1) * anchor.leading + 1) * size <= anchor.height:
                return self._operators(lines, size)
            size -= SHRINK_STEP
        raise MisfitError("overrun", f"{anchor.width:.0f} × {anchor.height:.0f} pt, {anchor.min:g} pt")

    def _operators(self, lines: list[tuple[float, str]], size: float) -> str:
        anchor = self._anchor
        slack = {"left": 0.0, "center": 0.5, "right": 1.0}[anchor.align]
        baseline = self._top - size * self._face.ascent / (self._face.ascent - self._face.descent)
        out = [f"/{anchor.font} {size:g} Tf"]
        for width, codes in lines:
            left = anchor.x + slack * (anchor.width - width * size / 1000)
            out.append(f"1 0 0 1 {left:.2f} {baseline:.2f} Tm<{codes}>Tj")
            baseline -= anchor.leading * size
        return "\n".join(out)


def typesetters(sheet: Sheet) -> dict[str, Typesetter]:
    """A typesetter for each text anchor of the sheet, in the order of `TEXTS`."""
    anchors, height = sheet.layout.anchors, sheet.layout.height
    return {
        name: Typesetter(anchors[name], sheet.faces[anchors[name].font], height)
        for name in TEXTS
        if name in anchors
    }


def _set_letter(setters: dict[str, Typesetter], letter: Letter) -> str | Rejection:
    lines = []
    for name, text in zip(TEXTS, letter.texts, strict=True):
        if name not in setters:
            continue
        try:
            lines.append(setters[name].set(text))
        except MisfitError as misfit:
            return Rejection(letter.household, misfit.code, name, text, misfit.detail)
    return "\n".join(lines)


def make_file(job: Job) -> Done:
    """Write one file of letters, a page each in the order given; letters that cannot be set are left out and named.

    The file appears whole or not at all. Raises OSError where it cannot be written.
    """
    import pikepdf  # noqa: PLC0415 - heavy

    sheet = job.sheet
    setters = typesetters(sheet)
    results = [_set_letter(setters, letter) for letter in job.letters]
    rejected = tuple(result for result in results if isinstance(result, Rejection))
    kept = [row for row, result in enumerate(results) if isinstance(result, str)]
    paths = _qr_paths(sheet, job.links[kept])
    pages = [
        zlib.compress(f"/S Do\nBT\n{results[row]}\nET\n{path}".encode("ascii"), 6)
        for row, path in zip(kept, paths, strict=True)
    ]
    with pikepdf.new() as pdf:
        _build(pdf, sheet, pages)
        content = io.BytesIO()
        pdf.save(
            content,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            deterministic_id=True,
            recompress_flate=False,
        )
    job.path.parent.mkdir(parents=True, exist_ok=True)
    part = job.path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(content.getbuffer())
        file.flush()
        os.fsync(file.fileno())
    part.replace(job.path)
    return Done(job.path, hashlib.sha256(content.getbuffer()).hexdigest(), len(kept), rejected)


# QR codes -------------------------------------------------------------------------------------------------------


def _qr_scale(sheet: Sheet) -> tuple[float, float, float]:
    """Side of a module and the symbol's lower left corner, in points; the quiet zone lies inside the anchor."""
    anchor, size = sheet.layout.anchors["qr"], sheet.symbol.size
    module = min(anchor.width, anchor.height) / (size + 2 * qr.QUIET_ZONE)
    side = module * size
    left = anchor.x + (anchor.width - side) / 2
    bottom = sheet.layout.height - anchor.y - (anchor.height + side) / 2
    return module, left, bottom


def _qr_matrix(sheet: Sheet) -> str:
    module, left, bottom = _qr_scale(sheet)
    return f"{module:.4f} 0 0 {module:.4f} {left:.2f} {bottom:.2f} cm"


def _segment_width(size: int) -> int:
    return -(-size // -(-size // 10))


@lru_cache(maxsize=2)
def _segments(size: int) -> list[str]:
    """PDF rectangles for every pattern of a few modules at every place of a symbol; index (row, segment, pattern)."""
    width = _segment_width(size)
    table: list[str] = []
    for row in range(size):
        for start in range(0, size, width):
            table.extend(_rectangles(pattern, width, start, size - 1 - row) for pattern in range(1 << width))
    return table


def _rectangles(pattern: int, width: int, start: int, y: int) -> str:
    out = []
    place = 0
    for run in f"{pattern:0{width}b}".replace("01", "0 1").replace("10", "1 0").split(" "):
        if run[0] == "1":
            out.append(f"{start + place} {y} {len(run)} 1 re\n")
        place += len(run)
    return "".join(out)


def _modules_path(modules: NDArray[np.uint8]) -> list[str]:
    """One path for each code of dark modules, (codes, size, size), in module units from the lower left corner."""
    count, size, _ = modules.shape
    width = _segment_width(size)
    segments = -(-size // width)
    padded = np.zeros((count, size, segments * width), dtype=np.int64)
    padded[:, :, :size] = modules
    patterns = padded.reshape(count, size * segments, width) @ (1 << np.arange(width - 1, -1, -1))
    patterns += np.arange(size * segments) << width
    table = _segments(size)
    return ["".join([table[index] for index in row]) for row in patterns.tolist()]


def _qr_paths(sheet: Sheet, links: NDArray[np.uint8]) -> list[str]:
    if not len(links):
        return []
    moving = qr.batch(sheet.symbol, links) & ~sheet.fixed
    matrix = _qr_matrix(sheet)
    return [f"{matrix}\n{path}f" for path in _modules_path(moving)]


# The file -------------------------------------------------------------------------------------------------------


def _build(pdf: "pikepdf.Pdf", sheet: Sheet, pages: list[bytes]) -> None:
    """Fill an empty PDF with pages of compressed content that share the sheet, its fonts and its resources."""
    from pikepdf import Array, Dictionary, Name, Stream, String  # noqa: PLC0415 - heavy

    resources = Dictionary(XObject=Dictionary(S=_static_form(pdf, sheet)))
    resources.Font = Dictionary({f"/{key}": _font(pdf, face) for key, face in sorted(sheet.faces.items())})
    root = pdf.make_indirect(
        Dictionary(
            Type=Name.Pages,
            Count=len(pages),
            MediaBox=[0, 0, round(sheet.layout.width, 2), round(sheet.layout.height, 2)],
            Resources=resources,
        )
    )
    nodes = Array()
    for start in range(0, len(pages), _KIDS):
        some = pages[start : start + _KIDS]
        node = pdf.make_indirect(Dictionary(Type=Name.Pages, Parent=root, Count=len(some)))
        kids = Array()
        for data in some:
            content = Stream(pdf, data, Filter=Name.FlateDecode)
            kids.append(pdf.make_indirect(Dictionary(Type=Name.Page, Parent=node, Contents=content)))
        node.Kids = kids
        nodes.append(node)
    root.Kids = nodes
    pdf.Root.Pages = root
    pdf.Root.Lang = String("vi-VN")
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    pdf.docinfo.Title = String(sheet.title)
    pdf.docinfo.Producer = String("Tung Nha")


def _static_form(pdf: "pikepdf.Pdf", sheet: Sheet) -> Any:
    """The static page as a form, with the modules of the QR code that never change drawn on it.

    Written out at once, its content joined and its resources copied: a form that is only made when the file is saved
    loses its text without any complaint.
    """
    import pikepdf  # noqa: PLC0415 - heavy
    from pikepdf import Name, Stream  # noqa: PLC0415

    dark = _modules_path(sheet.dark[None].astype(np.uint8))[0]
    fixed = f"\nq 0 g {_qr_matrix(sheet)}\n{dark}f Q\n".encode()
    with pikepdf.open(io.BytesIO(sheet.layout.static)) as source:
        page = source.pages[0]
        contents = page.obj.Contents
        streams = list(contents) if isinstance(contents, pikepdf.Array) else [contents]
        drawn = b"\n".join(stream.read_bytes() for stream in streams)
        resources = pdf.copy_foreign(source.make_indirect(page.resources))
        # Copied streams are read from `source` when the file is saved unless they are fetched now.
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Stream):
                how: Any = {"filter": thing.get("/Filter"), "decode_parms": thing.get("/DecodeParms")}
                thing.write(thing.read_raw_bytes(), **how)
    return Stream(
        pdf,
        zlib.compress(b"q\n" + drawn + b"\nQ" + fixed, 9),
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=[0, 0, round(sheet.layout.width, 2), round(sheet.layout.height, 2)],
        Resources=resources,
        Filter=Name.FlateDecode,
    )


def _font(pdf: "pikepdf.Pdf", face: Face) -> Any:
    """A composite font whose codes are glyph numbers, with the table that turns them back into text."""
    from pikepdf import Array, Dictionary, Name, Stream  # noqa: PLC0415 - heavy

    program = Stream(pdf, zlib.compress(face.program, 9), Filter=Name.FlateDecode, Length1=len(face.program))
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name(f"/{face.name}"),
        Flags=4,
        FontBBox=list(face.box),
        ItalicAngle=0,
        Ascent=round(face.ascent),
        Descent=round(face.descent),
        CapHeight=round(face.cap_height),
        StemV=140 if face.bold else 80,
        FontFile2=program,
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name(f"/{face.name}"),
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=0,
        W=Array([0, Array([round(width, 1) for width in face.widths])]),
        CIDToGIDMap=Name.Identity,
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name(f"/{face.name}"),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=Stream(pdf, zlib.compress(_to_unicode(face), 9), Filter=Name.FlateDecode),
        )
    )


def _to_unicode(face: Face) -> bytes:
    """A CMap from glyph numbers to UTF-16 (ISO 32000-2, 9.10.3), in blocks of at most 100."""
    pairs = sorted(
        f"<{glyph:04X}> <{character.encode('utf-16-be').hex().upper()}>"
        for character, glyph in face.glyphs.items()
    )
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    body = "\n".join(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{body}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()
