"""What free text from a door must never hold: a one-time code, a password, a telephone, a personal number.

`field/static/field/guard.js` refuses such text on the phone by the same rules; a test holds the two together.
"""

import re
import unicodedata

from tungnha.territory.vietnamese import fold

_DATE = re.compile(r"(?<!\d)(\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2})(?!\d)")
_RUN = re.compile(r"\d(?:[ \t\n\r._\-\u2010-\u2015\u00b7]{0,2}\d)*")
"""Digits with the spaces, dots and dashes that people write between them."""
_CODE = re.compile(r"\b(?:otp|ma xac (?:thuc|nhan)|ma pin|pin|passcode)\b", re.ASCII)
_PASSWORD = re.compile(
    r"\b(?:mat khau|mk|password|pass)\b ?(?:(?:la\b|[:=]) ?[^ ]|[^ ]*[a-z][^ ]*\d|\d{4})", re.ASCII
)
_LONGEST, _LONGEST_AT_A_CODE = 5, 3
MASK = "•••"


def without_secrets(text: str) -> str:
    """The text with every number of six digits and more masked, dates apart; of four where it speaks of a code.

    Text that tells a password is masked as a whole.

    >>> without_secrets("gọi lại số 0912 345 678, sau 25/11/2026")
    'gọi lại số •••, sau 25/11/2026'
    """
    if not text:
        return text
    masked = _once(text)
    # What was masked can bring to light what stood beside it.
    return text if masked == text else without_secrets(masked)


def _once(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    folded = fold(plain)
    if _PASSWORD.search(folded):
        return MASK
    longest = _LONGEST_AT_A_CODE if _CODE.search(folded) else _LONGEST
    parts = _DATE.split(plain)
    # Between the parts stand the dates that they were split at.
    masked = [part if place % 2 else _masked(part, longest) for place, part in enumerate(parts)]
    return "".join(masked) if masked != parts else text


def _masked(part: str, longest: int) -> str:
    return _RUN.sub(lambda run: MASK if sum(one.isdigit() for one in run[0]) > longest else run[0], part)
