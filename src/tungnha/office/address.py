"""What an address asks for: a day or a row's key. Nonsense is as good as nothing; a page never breaks on it."""

from contextlib import suppress
from datetime import date

from django.http import HttpRequest

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
"""Days that somebody may mean. Reckoning goes on for years around them without leaving the calendar."""
_DIGITS = 18
"""So long a key fits into every database's whole numbers."""


def day(request: HttpRequest, name: str) -> date | None:
    """A day in the address (2026-11-25)."""
    with suppress(ValueError):
        asked = date.fromisoformat(request.GET.get(name, ""))
        return asked if FIRST <= asked <= LAST else None
    return None


def key(request: HttpRequest, name: str) -> int:
    """A row's key in the address; 0, which no row has, where there is none."""
    return number(request.GET.get(name, "")) or 0


def number(text: str) -> int | None:
    """A whole number that may be a row's key."""
    return int(text) if text.isdecimal() and len(text) <= _DIGITS else None
