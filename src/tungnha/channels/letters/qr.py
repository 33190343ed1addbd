"""QR codes by the batch: thousands of a second, the same to the module as an ordinary encoder's.

With version, level, mask, mode and length fixed, every module of a QR code is an affine function over GF(2) of the
data bits: placing bits, Reed–Solomon and masking are all linear or constant (ISO/IEC 18004, 7.3 to 7.8). The
encoder segno is asked for a symbol of zeros and for each symbol with a single bit set; a batch is then one matrix
product modulo 2.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import segno
from numpy.typing import NDArray

Bits = NDArray[np.uint8]

QUIET_ZONE = 4
"""Light modules that a reader needs around a symbol (ISO/IEC 18004, 6.3.8)."""
LEVEL = "M"
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUE = np.full(256, 255, dtype=np.uint8)
_VALUE[np.frombuffer(_ALPHANUMERIC.encode(), dtype=np.uint8)] = np.arange(45)
_BYTE_HEADER = 12  # bits of mode and length before the data in byte mode, versions 1 to 9
_ALPHANUMERIC_HEADER = 13
_LARGEST = 9  # from version 10 the length field is wider


class QRError(ValueError):
    """Texts that cannot become one batch of codes: too long, or of unequal length."""


@dataclass(frozen=True)
class Symbol:
    """A kind of QR code: fixed version, mask, mode and number of characters. `base` is its all-zero text."""

    version: int
    mask: int
    alphanumeric: bool
    length: int
    base: Bits  # (size, size)
    basis: Bits  # (data bits, size, size)

    @property
    def size(self) -> int:
        """Modules a side, without the quiet zone."""
        return len(self.base)


def _modules(code: segno.QRCode) -> Bits:
    return np.array([list(row) for row in code.matrix], dtype=np.uint8)


@lru_cache(maxsize=8)
def _columns(version: int, mask: int) -> Bits:
    """What each data bit after the byte-mode header flips, shape (bits, size, size)."""
    capacity = next(n for n in range(300, 0, -1) if _fits(b"\0" * n, version=version, mode="byte"))

    def make(text: bytes) -> Bits:
        return _modules(
            segno.make(
                text, version=version, mask=mask, mode="byte", error=LEVEL, boost_error=False, micro=False
            )
        )

    zero = bytes(capacity)
    base = make(zero)
    columns = []
    for bit in range(8 * capacity):
        single = bytearray(zero)
        single[bit // 8] = 0x80 >> bit % 8
        columns.append(make(bytes(single)) ^ base)
    return np.array(columns)


def _fits(text: bytes, *, version: int, mode: str) -> bool:
    try:
        segno.make(text, version=version, mode=mode, error=LEVEL, boost_error=False, micro=False, mask=0)
    except segno.DataOverflowError:
        return False
    return True


@lru_cache(maxsize=32)
def symbol(length: int, *, alphanumeric: bool) -> Symbol:
    """The smallest kind of QR code of level M for texts of `length` characters. Raises QRError over version 9."""
    zero = b"0" * length if alphanumeric else bytes(length)
    mode = "alphanumeric" if alphanumeric else "byte"
    bits = 11 * (length // 2) + 6 * (length % 2) if alphanumeric else 8 * length
    # The basis covers what byte mode can reach: all of a symbol but its first 12 and last 4 bits.
    skip = _ALPHANUMERIC_HEADER - _BYTE_HEADER if alphanumeric else 0
    for version in range(1, _LARGEST + 1):
        if not _fits(zero, version=version, mode=mode):
            continue
        chosen = segno.make(zero, version=version, mode=mode, error=LEVEL, boost_error=False, micro=False)
        mask = int(chosen.mask)
        columns = _columns(version, mask)
        if skip + bits <= len(columns):
            return Symbol(version, mask, alphanumeric, length, _modules(chosen), columns[skip : skip + bits])
    raise QRError(f"no QR code up to version {_LARGEST} holds {length} characters")


def data_bits(texts: NDArray[np.uint8], *, alphanumeric: bool) -> Bits:
    """The data bits of texts given as characters, shape (texts, length) → (texts, bits)."""
    if not alphanumeric:
        return np.unpackbits(texts, axis=1)
    values = _VALUE[texts].astype(np.uint16)
    if (values == 255).any():
        raise QRError("a character that alphanumeric mode does not hold")
    paired = values.shape[1] // 2 * 2
    pairs = values[:, 0:paired:2] * 45 + values[:, 1:paired:2]
    bits = (pairs[:, :, None] >> np.arange(10, -1, -1, dtype=np.uint16) & 1).reshape(len(texts), -1)
    if paired < values.shape[1]:
        bits = np.hstack([bits, values[:, -1:] >> np.arange(5, -1, -1, dtype=np.uint16) & 1])
    return bits.astype(np.uint8)


def batch(kind: Symbol, texts: NDArray[np.uint8]) -> Bits:
    """QR codes of texts given as characters, shape (texts, length) → modules (texts, size, size), 1 is dark.

    Raises QRError if the texts are not of the kind's length or alphabet.
    """
    if texts.shape[1] != kind.length:
        raise QRError(f"expected {kind.length} characters, found {texts.shape[1]}")
    bits = data_bits(texts, alphanumeric=kind.alphanumeric)
    # Only bits that differ between the texts need the product; the rest is one sum. In float32 it runs on BLAS,
    # exactly: the sums are below 2²⁴.
    flat = kind.basis.reshape(len(kind.basis), -1)
    moving = (bits != bits[0]).any(axis=0)
    base = kind.base.reshape(-1) ^ (bits[0] @ flat.astype(np.uint32) % 2).astype(np.uint8)
    flips = (bits[:, moving] ^ bits[0, moving]).astype(np.float32) @ flat[moving].astype(np.float32)
    modules: Bits = base ^ (flips.astype(np.uint32) & 1).astype(np.uint8)
    return modules.reshape(len(texts), kind.size, kind.size)


def fixed_modules(kind: Symbol, moving: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which modules are the same in every code whose texts differ only in the data bits `moving`, (size, size)."""
    moved: NDArray[np.bool_] = np.asarray(kind.basis[moving].any(axis=0))
    return ~moved
