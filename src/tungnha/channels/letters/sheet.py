"""The sheet: what all letters of a wave share. Typst lays the officials' template out once; its anchors say where
the part of each household goes.

The template is `templates/letters/<name>.typ` of this room, or any `.typ` file. It places `anchor(name, …)` blocks
and reads the facts of the wave (unit, hotline, signer …) from `sys.inputs`.
"""

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

FONTS = Path(__file__).parents[2] / "vendor"
TEMPLATES = Path(__file__).parent / "templates/letters"
FACES = {
    "serif": "tinos/Tinos_400Regular.ttf",
    "serif-bold": "tinos/Tinos_700Bold.ttf",
    "sans": "noto-sans/NotoSans_400Regular.ttf",
    "sans-bold": "noto-sans/NotoSans_700Bold.ttf",
}
TEXTS = ("name", "address", "code", "order")
"""Anchors that hold text, in the order in which texts are given to the stamp."""
REQUIRED = {"name", "address", "code", "qr"}
POINTS_PER_EM = 1000


class TemplateError(Exception):
    """A template that cannot be used. The message says what is wrong with it."""


@dataclass(frozen=True)
class Anchor:
    """Where one block goes. Points, from the top left corner of the page, y downwards."""

    name: str
    x: float
    y: float
    width: float
    height: float
    size: float
    min: float
    leading: float
    font: str
    align: str


@dataclass(frozen=True)
class Face:
    """A font subset to what a wave needs. `glyphs` and `advances` (thousandths of an em) go by character."""

    name: str
    program: bytes
    glyphs: dict[str, int]
    advances: dict[str, float]
    widths: tuple[float, ...]  # by glyph
    ascent: float
    descent: float
    cap_height: float
    box: tuple[int, int, int, int]
    bold: bool


@dataclass(frozen=True)
class Layout:
    """A template laid out: one static page and its anchors."""

    template: str
    sha256: str
    static: bytes  # PDF of one page
    width: float
    height: float
    anchors: dict[str, Anchor]


def find(template: str | Path) -> Path:
    """The file of a template given by name or path. Raises TemplateError."""
    path = Path(template)
    if path.suffix != ".typ":
        path = TEMPLATES / f"{template}.typ"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in TEMPLATES.glob("*.typ")))
        raise TemplateError(f"there is no template {str(template)!r}; known are {known}, or give a .typ file")
    return path


def lay_out(template: str | Path, facts: Mapping[str, str]) -> Layout:
    """Lay a template out with the facts of a wave. The same input gives the same bytes.

    Raises TemplateError if Typst cannot, if it takes more than one page, or an anchor is missing or makes no sense.
    """
    import pikepdf  # noqa: PLC0415 - heavy
    import typst  # noqa: PLC0415 - heavy

    path = find(template)
    fonts: list[Path] = [FONTS / "tinos", FONTS / "noto-sans"]
    inputs = dict(facts)
    try:
        # Tags of the static page would not survive becoming a form; leaving them out halves the shared part.
        static = typst.compile(
            path,
            format="pdf",
            timestamp=0,
            pdf_tags=False,
            font_paths=fonts,
            ignore_system_fonts=True,
            sys_inputs=inputs,
        )
        found = json.loads(
            typst.query(
                path, "<anchor>", field="value", font_paths=fonts, ignore_system_fonts=True, sys_inputs=inputs
            )
        )
    except typst.TypstError as error:
        raise TemplateError(f"{path.name}: {error}") from error
    with pikepdf.open(io.BytesIO(static)) as pdf:
        if len(pdf.pages) != 1:
            raise TemplateError(f"{path.name}: a letter has one page, this takes {len(pdf.pages)}")
        _, _, width, height = (float(edge) for edge in pdf.pages[0].mediabox)
    anchors = {entry["name"]: _anchor(path.name, entry, width, height) for entry in found}
    if missing := sorted(REQUIRED - anchors.keys()):
        raise TemplateError(f"{path.name}: there is no anchor {missing[0]!r}")
    if unknown := sorted(anchors.keys() - {*TEXTS, "qr"}):
        raise TemplateError(f"{path.name}: nothing is known that goes on the anchor {unknown[0]!r}")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Layout(path.stem, digest, static, width, height, anchors)


def _anchor(template: str, entry: dict[str, object], page_width: float, page_height: float) -> Anchor:
    values = {key: value for key, value in entry.items() if key != "page"}
    try:
        anchor = Anchor(**values)  # type: ignore[arg-type]
    except TypeError as error:
        raise TemplateError(f"{template}: anchor {entry.get('name')!r}: {error}") from error
    inside = anchor.x >= 0 and anchor.y >= 0
    inside = inside and anchor.x + anchor.width <= page_width and anchor.y + anchor.height <= page_height
    if not inside or anchor.width <= 0 or anchor.height <= 0:
        raise TemplateError(f"{template}: the anchor {anchor.name!r} does not lie on the page")
    if anchor.font not in FACES or anchor.align not in {"left", "center", "right"}:
        raise TemplateError(f"{template}: the anchor {anchor.name!r} has an unknown font or alignment")
    if not 0 < anchor.min <= anchor.size:
        raise TemplateError(f"{template}: the anchor {anchor.name!r} needs 0 < min ≤ size")
    return anchor


def subset(font: str, characters: Iterable[str]) -> Face:
    """A face of `FACES` with the glyphs of `characters` only; characters it has no glyph for are left out."""
    from fontTools import subset as subsetting  # noqa: PLC0415 - slow to load
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    full = TTFont(FONTS / FACES[font], recalcTimestamp=False)
    wanted = sorted({ord(character) for character in characters} & full.getBestCmap().keys())
    options = subsetting.Options(
        layout_features=[], hinting=False, notdef_outline=True, name_IDs=[], glyph_names=False
    )
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "OS/2", "DSIG", "kern", "STAT", "meta"]
    scale = POINTS_PER_EM / full["head"].unitsPerEm
    ascent, descent = full["hhea"].ascent * scale, full["hhea"].descent * scale
    cap_height = getattr(full["OS/2"], "sCapHeight", 0) * scale or ascent
    postscript = full["name"].getDebugName(6)
    maker = subsetting.Subsetter(options)
    maker.populate(unicodes=wanted)
    maker.subset(full)
    order = {name: number for number, name in enumerate(full.getGlyphOrder())}
    glyphs = {chr(code): order[name] for code, name in full.getBestCmap().items()}
    widths = tuple(full["hmtx"][name][0] * scale for name in full.getGlyphOrder())
    head = full["head"]
    box = tuple(round(edge * scale) for edge in (head.xMin, head.yMin, head.xMax, head.yMax))
    full.recalcBBoxes = True
    program = io.BytesIO()
    full.save(program)
    # The tag before the name is how a reader knows a subset (ISO 32000-2, 9.9.2); from the content, so repeatable.
    tag = "".join(chr(65 + byte % 26) for byte in hashlib.sha256(program.getvalue()).digest()[:6])
    return Face(
        name=f"{tag}+{postscript}",
        program=program.getvalue(),
        glyphs=glyphs,
        advances={character: widths[glyph] for character, glyph in glyphs.items()},
        widths=widths,
        ascent=ascent,
        descent=descent,
        cap_height=cap_height,
        box=box,
        bold=font.endswith("bold"),
    )
