"""Draws the home screen's icons from their SVG: `python -m tungnha.field.icons`, after a change of a drawing.

Phones ask for PNG. `icon.svg` is the mark with its own rounded corners; `maskable.svg` fills the square and keeps the mark in the
middle four fifths, so that a phone may cut any shape out of it (W3C, Web Application Manifest, "purpose").
"""

from pathlib import Path

import typst

FOLDER = Path(__file__).parent / "static" / "field" / "icons"
ICONS = {"icon-192": ("icon", 192), "icon-512": ("icon", 512), "maskable-512": ("maskable", 512), "apple-180": ("maskable", 180)}  # fmt: skip
"""The PNG's name → its drawing and its pixels. An iPhone rounds the corners itself and wants none transparent."""


def draw(drawing: str, pixels: int) -> bytes:
    """One icon as PNG."""
    page = (
        f'#set page(width: 72pt, height: 72pt, margin: 0pt, fill: none)\n#image("{drawing}.svg", width: 100%)'
    )
    source = FOLDER / f"{drawing}.typ"
    source.write_text(page)
    try:
        return typst.compile(source, format="png", ppi=pixels)
    finally:
        source.unlink()


if __name__ == "__main__":
    for name, (drawing, pixels) in ICONS.items():
        (FOLDER / f"{name}.png").write_bytes(draw(drawing, pixels))
