"""Codes of an authenticator app: RFC 6238 with what every app understands (SHA-1, six digits, thirty seconds)."""

import base64
import hmac
import secrets

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECONDS = 30
_DRIFT = 1
"""Steps a phone's clock may be off, either way."""


def new_secret() -> bytes:
    """160 random bits, the length RFC 4226 recommends."""
    return secrets.token_bytes(20)


def _counter(secret: bytes) -> TOTP:
    return TOTP(secret, 6, SHA1(), SECONDS)  # noqa: S303 - HMAC-SHA-1 is what apps agree on, and is not broken


def code_at(secret: bytes, moment: float) -> str:
    """The code at a time (seconds since 1970)."""
    return _counter(secret).generate(int(moment)).decode()


def step_of(secret: bytes, code: str, moment: float) -> int | None:
    """The step whose code this is, near a time; None when it is none of them."""
    typed = code.replace(" ", "").encode()
    here = int(moment) // SECONDS
    steps = range(here - _DRIFT, here + _DRIFT + 1)
    matching = [
        step for step in steps if hmac.compare_digest(_counter(secret).generate(step * SECONDS), typed)
    ]
    return max(matching, default=None)


def address(secret: bytes, username: str) -> str:
    """What the app is given (`otpauth:`)."""
    return _counter(secret).get_provisioning_uri(username, "Từng Nhà")


def spelt(secret: bytes) -> str:
    """The same to type, in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))
