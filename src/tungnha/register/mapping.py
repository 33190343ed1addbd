"""Which column of a list is what: guessed from its header and content, shown to a person, kept for the next list."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tungnha.register.models import SavedMapping
from tungnha.register.reading import Cell, text_of
from tungnha.territory.vietnamese import clean, fold

FIELDS: Mapping[str, tuple[str, ...]] = {
    "reference": ("ma ho", "so ho", "ho so", "household", "household id", "ma ho gia dinh"),
    "relation": ("quan he voi chu ho", "quan he", "relation", "qh chu ho"),
    "head": ("chu ho", "ten chu ho", "ho ten chu ho", "head"),
    "name": ("ho va ten", "ho ten", "ho va ten nhan khau", "ten", "full name", "name", "ho va chu dem"),
    "birth": ("ngay sinh", "ngay thang nam sinh", "nam sinh", "sinh ngay", "date of birth", "birth"),
    "sex": ("gioi tinh", "nam nu", "gioi", "sex"),
    "number": ("so dinh danh ca nhan", "so dinh danh", "so cccd", "cccd", "can cuoc", "so can cuoc", "cmnd", "cccd/cmnd", "dinh danh", "id number"),
    "phone": ("so dien thoai", "dien thoai", "sdt", "dt", "phone", "di dong"),
    "phone_owner": ("chu so dien thoai", "sdt cua ai", "phone owner"),
    "address": ("dia chi", "noi o", "noi o hien tai", "dia chi thuong tru", "noi thuong tru", "address"),
    "group": ("to dan pho", "tdp", "thon", "to", "khu pho", "thon/to dan pho", "group"),
    "ward": ("phuong", "xa", "phuong/xa", "phuong xa", "ma phuong", "ma don vi", "ward"),
    "stay": ("tinh trang cu tru", "cu tru", "loai cu tru", "residence"),
    "step": ("vneid", "muc dinh danh", "tinh trang vneid", "dinh danh dien tu", "trang thai dinh danh", "step"),
    "home_support": ("can ho tro tai nha", "ho tro tai nha", "home support"),
    "block": ("toa nha", "chung cu", "toa", "block"),
    "floor": ("tang", "floor"),
    "latitude": ("vi do", "lat", "latitude"),
    "longitude": ("kinh do", "lon", "lng", "longitude"),
}  # fmt: skip
REQUIRED = ("name", "address")
HEADER_SEARCH_ROWS = 40
_SAMPLED_ROWS = 30
ROWS_NEEDED = HEADER_SEARCH_ROWS + _SAMPLED_ROWS
"""Rows from the top of a sheet that `find_layout` looks at."""
_SPLIT = re.compile(r"[^a-z0-9/]+")


@dataclass(frozen=True)
class Guess:
    """What a column seems to be, how sure that is (0 to 1), and some of its cells."""

    column: int
    header: str
    field: str
    confidence: float
    samples: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """Where a sheet's table starts and which column is what."""

    header_row: int
    header: tuple[str, ...]
    guesses: tuple[Guess, ...] = field(default=())

    @property
    def columns(self) -> dict[str, int]:
        return {guess.field: guess.column for guess in self.guesses if guess.field}

    @property
    def missing(self) -> list[str]:
        return [name for name in REQUIRED if name not in self.columns]


def _likeness(header: str) -> dict[str, float]:
    """How well a folded header names each field."""
    words = [word for word in _SPLIT.split(header) if word]
    if not words:
        return {}
    scores = {}
    for name, synonyms in FIELDS.items():
        best = 0.0
        for synonym in synonyms:
            parts = synonym.split()
            if words == parts or header == synonym:
                best = 1.0
            elif all(part in words for part in parts):
                best = max(best, 0.5 + 0.4 * len(parts) / len(words))
        if best:
            scores[name] = best
    return scores


def header_key(header: Sequence[str]) -> str:
    """What identifies a header, marks, case and spaces aside."""
    return hashlib.sha256("|".join(fold(cell) for cell in header).encode()).hexdigest()


def find_layout(rows: Sequence[Sequence[Cell]]) -> Layout | None:
    """The header among the first rows, and the guessed columns; None where no row looks like a header.

    A saved mapping for the same header is used as it was confirmed.
    """
    best: tuple[float, int] = (0.0, -1)
    for index, row in enumerate(rows[:HEADER_SEARCH_ROWS]):
        texts = [fold(text_of(cell)) for cell in row]
        if sum(bool(text) for text in texts) < 2:
            continue
        score = sum(max(_likeness(text).values(), default=0.0) for text in texts if len(text) <= 60)
        if score > best[0] + 0.01:
            best = (score, index)
    if best[1] < 0 or best[0] < 1.5:
        return None
    header = tuple(clean(text_of(cell)) for cell in rows[best[1]])
    saved = SavedMapping.objects.filter(header_key=header_key(header)).first()
    body = rows[best[1] + 1 : best[1] + 1 + _SAMPLED_ROWS]
    samples = [
        tuple(text for row in body if column < len(row) and (text := clean(text_of(row[column]))))[:3]
        for column in range(len(header))
    ]
    named = (
        _assign(header)
        if saved is None
        else {int(column): (name, 1.0) for name, column in saved.mapping.items()}
    )
    guesses = tuple(
        Guess(column, text, name, confidence, samples[column])
        for column, text in enumerate(header)
        for name, confidence in (named.get(column, ("", 0.0)),)
    )
    return Layout(best[1], header, guesses)


def _assign(header: Sequence[str]) -> dict[int, tuple[str, float]]:
    """Give each field to the column that names it best, surest first."""
    offers = sorted(
        (
            (score, -column, name)
            for column, text in enumerate(header)
            for name, score in _likeness(fold(text)).items()
        ),
        reverse=True,
    )
    taken: dict[int, tuple[str, float]] = {}
    for score, negative, name in offers:
        if -negative not in taken and all(have != name for have, _ in taken.values()):
            taken[-negative] = (name, score)
    return taken


def save(header: Sequence[str], columns: Mapping[str, int]) -> None:
    """Keep a mapping that a person confirmed."""
    SavedMapping.objects.update_or_create(header_key=header_key(header), defaults={"mapping": dict(columns)})
