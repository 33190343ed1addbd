"""The volunteer's pass: a signed, one-day token that any phone's camera opens as a page saying whether it is valid.

The token is 72 bytes: version, the walk's assignment (5 bytes), the day (2 bytes, counted from 1 January 2020) and
an Ed25519 signature (RFC 8032) over those eight; in base32 116 characters, which keeps a QR code in its compact
alphanumeric mode. It names nobody: the page looks the assignment up, so a walk that was taken back, or a person who
was let go, is refused at once.
"""

import base64
import binascii
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from tungnha.sealing import derive_key

_VERSION = 1
_FIRST_DAY = date(2020, 1, 1)
_SAID = 8
_SIGNATURE = 64
LENGTH = 116
ADDRESS = "K"
"""Where a pass is opened, below the public address."""


@dataclass(frozen=True)
class Pass:
    """What a genuine pass says."""

    assignment: int
    day: date


@lru_cache(maxsize=1)
def _key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derive_key("visitor pass"))


def issue(assignment: int, day: date) -> str:
    """The pass of one assignment for one day. Raises OverflowError for an assignment of 2⁴⁰ or a day after 2199."""
    said = bytes([_VERSION]) + assignment.to_bytes(5, "big") + (day - _FIRST_DAY).days.to_bytes(2, "big")
    return base64.b32encode(said + _key().sign(said)).decode().rstrip("=")


def link(token: str) -> str:
    """What a pass's QR code holds: upper case throughout where the public address allows, for a smaller code."""
    public = settings.TUNGNHA_PUBLIC_URL
    bare = urlsplit(public).path in {"", "/"}
    return f"{public.upper() if bare else public}/{ADDRESS}/{token}"


def modules(token: str) -> list[str]:
    """The QR code of a pass, a text of 0 and 1 for each row, so that a phone can draw it without a network."""
    import segno  # noqa: PLC0415 - only when a walk is sent

    code = segno.make(link(token), error="m", micro=False)
    return ["".join("1" if dark else "0" for dark in row) for row in code.matrix]


def read(token: str) -> Pass | None:
    """What a pass says, or None unless this installation signed exactly it. Lower case is accepted."""
    upper = token.upper()
    if len(upper) != LENGTH or not upper.isascii():
        return None
    try:
        signed = base64.b32decode(upper + "=" * (-LENGTH % 8))
    except binascii.Error:
        return None
    said, signature = signed[:_SAID], signed[_SAID:]
    # The last character has spare bits: only the spelling that was issued is taken.
    if base64.b32encode(signed).decode().rstrip("=") != upper or said[0] != _VERSION:
        return None
    try:
        _key().public_key().verify(signature, said)
    except InvalidSignature:
        return None
    return Pass(
        int.from_bytes(said[1:6], "big"), _FIRST_DAY + timedelta(days=int.from_bytes(said[6:8], "big"))
    )
