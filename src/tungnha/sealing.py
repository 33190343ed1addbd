"""What is secret at rest: encrypted to be read, hashed with a key to be found. Below every room that keeps secrets.

Personal numbers and phones (`register`), second factors and invitations (`accounts`) go through here.
Twelve digits are few enough to try out, so a plain hash of one hides nothing: every hash here is keyed.
"""

from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class SealBrokenError(Exception):
    """The bytes were not sealed with this installation's key, or were changed since."""


@cache
def derive_key(purpose: str, length: int = 32) -> bytes:
    """The installation's key for one purpose (HKDF-SHA256, RFC 5869, of the master key)."""
    return HKDF(SHA256(), length, None, f"tungnha {purpose}".encode()).derive(settings.TUNGNHA_MASTER_KEY)


@cache
def _cipher() -> AESSIV:
    return AESSIV(derive_key("field encryption", 64))


def seal(text: str) -> bytes:
    """Encrypt a field (AES-SIV, RFC 5297). Equal texts give equal bytes, so an unchanged row stays unchanged."""
    return seal_bytes(text.encode())


def unseal(data: bytes) -> str:
    """What `seal` hid. Raises SealBrokenError."""
    return unseal_bytes(bytes(data)).decode()


def seal_bytes(data: bytes) -> bytes:
    """Encrypt a file, as `seal` does a field."""
    return _cipher().encrypt(data, None)


def unseal_bytes(data: bytes) -> bytes:
    """What `seal_bytes` hid. Raises SealBrokenError."""
    try:
        return _cipher().decrypt(data, None)
    except InvalidTag as error:
        raise SealBrokenError from error


def blind(text: str, purpose: str) -> bytes:
    """A 16-byte keyed hash by which a text can be found again without being readable (HMAC-SHA256, cut)."""
    hashing = _keyed(purpose).copy()
    hashing.update(text.encode())
    return hashing.finalize()[:16]


@cache
def _keyed(purpose: str) -> HMAC:
    """HMAC with the key taken in, to be copied: taking it in costs more than hashing twelve digits."""
    return HMAC(derive_key(f"blind {purpose}"), SHA256())
