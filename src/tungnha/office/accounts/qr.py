"""QR codes in a page."""

import segno
from django.utils.safestring import SafeString, mark_safe


def picture(text: str) -> SafeString:
    """A text as a QR code: an SVG element that takes the width it is given."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(omitsize=True, border=2, dark="#1d2b2a")
    return mark_safe(drawn)  # noqa: S308 - drawn here, squares only
