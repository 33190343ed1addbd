"""A wave of letters without a database: what is to be printed, prepared once and made file by file.

`services` fills it from the register; the benchmarks fill it with generated households.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from tungnha.channels.letters import qr, sheet, tokens
from tungnha.channels.letters.stamping import Job, Letter, Sheet
from tungnha.register.doorcodes import ALPHABET

LANDING = "T"
"""The path under which the public pages read a token: `<public url>/T/<token>`."""
_ALWAYS = "0123456789 /·-" + ALPHABET


@dataclass(frozen=True)
class Links:
    """How a wave's tokens become the texts of its QR codes."""

    prefix: bytes
    key: bytes
    wave: int

    @classmethod
    def under(cls, public_url: str, key: bytes, wave: int) -> "Links":
        """Links below a public address. Upper case where that changes nothing, for a smaller code."""
        parts = urlsplit(public_url)
        bare = parts.path in {"", "/"} and not parts.query
        prefix = f"{public_url.rstrip('/')}/{LANDING}/"
        return cls((prefix.upper() if bare else prefix).encode("ascii"), key, wave)

    @property
    def alphanumeric(self) -> bool:
        """Whether the codes can use the compact mode."""
        return self.prefix == self.prefix.upper()

    def texts(self, households: Sequence[int] | NDArray[np.int64]) -> NDArray[np.uint8]:
        """The QR texts of households as characters, (households, length)."""
        signed = tokens.sign(self.key, households, self.wave)
        prefix = np.broadcast_to(np.frombuffer(self.prefix, dtype=np.uint8), (len(signed), len(self.prefix)))
        return np.hstack([prefix, signed])


def token_in(text: str) -> str:
    """The token at the end of what a QR code says."""
    return text.rsplit("/", 1)[-1]


def place_in_walk(number: int, place: int, count: int) -> str:
    """The small line by which whoever hands letters out keeps them in order."""
    return f"Cụm {number} · thư {place}/{count}"


def prepare(layout: sheet.Layout, links: Links, characters: Iterable[str], title: str) -> Sheet:
    """The shared part of a wave whose names and addresses use `characters`."""
    used = {anchor.font for name, anchor in layout.anchors.items() if name in sheet.TEXTS}
    needed = set(characters).union(_ALWAYS, place_in_walk(0, 0, 0))
    faces = {font: sheet.subset(font, needed) for font in sorted(used)}
    length = len(links.prefix) + tokens.LENGTH
    symbol = qr.symbol(length, alphanumeric=links.alphanumeric)
    fixed = _fixed(symbol, links)
    # Any letter's code shows the fixed modules as the link's prefix makes them.
    dark = qr.batch(symbol, links.texts([0]))[0].astype(bool) & fixed
    return Sheet(layout, faces, symbol, fixed, dark, title)


def _fixed(symbol: qr.Symbol, links: Links) -> NDArray[np.bool_]:
    """Modules that no token can change: those that depend on the link's prefix alone, or on nothing."""
    moving = np.zeros(len(symbol.basis), dtype=bool)
    count = len(links.prefix)
    if links.alphanumeric:
        # Eleven bits a pair of characters; the pair that holds the first character of the token moves.
        moving[count // 2 * 11 :] = True
    else:
        moving[count * 8 :] = True
    return qr.fixed_modules(symbol, moving)


def jobs(prepared: Sheet, links: Links, files: Iterable[tuple[Path, Sequence[Letter]]]) -> Iterator[Job]:
    """One job for each file, its QR texts signed."""
    for path, letters in files:
        yield Job(prepared, path, letters, links.texts([letter.household for letter in letters]))
