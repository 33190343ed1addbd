"""Letter tokens: what a letter's QR code carries, so that nobody can guess a neighbour's.

A token is 20 bytes in base32, 32 characters: household number (5 bytes), wave number (3 bytes) and a 96-bit
HMAC-SHA256 of both under the installation's key. It holds no personal data. Being exactly 160 bits, it has one
spelling only, and stays within the compact alphanumeric mode of QR codes.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LENGTH = 32
MAC_BYTES = 12  # 96 bits: a guess per microsecond would take 10¹⁵ years
KEY_PURPOSE = "letter-token"
_ALPHABET = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", dtype=np.uint8)
_PLACES = 1 << np.arange(4, -1, -1, dtype=np.uint8)


@dataclass(frozen=True)
class Token:
    """What a genuine token says."""

    household: int
    wave: int


def _mac(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, payload, "sha256")[:MAC_BYTES]


def sign(key: bytes, households: Sequence[int] | NDArray[np.int64], wave: int) -> NDArray[np.uint8]:
    """Tokens of one wave's households, as ASCII characters, shape (households, 32).

    Raises OverflowError for a household number of 2⁴⁰ or a wave number of 2²⁴ and more.
    """
    suffix = wave.to_bytes(3, "big")
    payloads = [int(household).to_bytes(5, "big") + suffix for household in households]
    signed = b"".join(payload + _mac(key, payload) for payload in payloads)
    bits = np.unpackbits(np.frombuffer(signed, dtype=np.uint8)).reshape(len(payloads), LENGTH, 5)
    characters: NDArray[np.uint8] = _ALPHABET[(bits * _PLACES).sum(axis=2, dtype=np.uint8)]
    return characters


def verify(key: bytes, token: str) -> Token | None:
    """What the token says, or None unless this installation signed exactly it. Lower case is accepted."""
    if len(token) != LENGTH or not token.isascii():
        return None
    try:
        signed = base64.b32decode(token, casefold=True)
    except binascii.Error:
        return None
    payload, mac = signed[:8], signed[8:]
    if not hmac.compare_digest(mac, _mac(key, payload)):
        return None
    return Token(int.from_bytes(payload[:5], "big"), int.from_bytes(payload[5:], "big"))
