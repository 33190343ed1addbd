"""Entries that a phone sealed the moment they were made, so that a lost phone tells nobody what was said at a door.

HPKE, base mode (RFC 9180): DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; the info is `INFO`, nothing else is
authenticated, and the encapsulated key stands before the ciphertext. P-256, because the browsers of older phones lack
X25519. The key is derived from the installation's master key: a phone that comes back after months is still understood.
"""

import binascii
from base64 import b64decode
from functools import lru_cache

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tungnha.sealing import derive_key

INFO = b"tungnha entry 1"
_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class _Sealed(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    sealed: str


_decode = msgspec.json.Decoder(_Sealed).decode


@lru_cache(maxsize=1)
def _key() -> ec.EllipticCurvePrivateKey:
    # 48 bytes reduced below the order: the bias of 2⁻¹²⁸ is that of FIPS 186-5, A.2.1.
    number = int.from_bytes(derive_key("entry sealing", 48), "big") % (_ORDER - 1) + 1
    return ec.derive_private_key(number, ec.SECP256R1())


def public_key() -> bytes:
    """The point to which phones seal, uncompressed, 65 bytes."""
    return _key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def seal(message: bytes) -> bytes:
    """Seal as a phone does."""
    return _SUITE.encrypt(message, _key().public_key(), INFO)


def opened(raw: bytes) -> bytes:
    """The entry inside a sealed one (`{"id": …, "sealed": base64}`); anything else, and what does not open, as it came.

    What does not open is then held as malformed, under its id, and nothing of it is lost.
    """
    if b'"sealed"' not in raw:
        return raw
    try:
        return _SUITE.decrypt(b64decode(_decode(raw).sealed, validate=True), _key(), INFO)
    except (msgspec.DecodeError, binascii.Error, InvalidTag, ValueError):
        return raw
