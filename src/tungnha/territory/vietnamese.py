"""Vietnamese text: one way to store it, one way to search it, one way to sort names.

Storage is NFC. Search compares `fold()` of both sides. SQLite's and PostgreSQL's own accent removal
leave đ alone, so a folded copy is kept beside every searched column.
"""

import unicodedata
from functools import lru_cache

# The Vietnamese alphabet with each vowel's five tones in dictionary order (không, huyền, hỏi, ngã, sắc, nặng).
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: f"{rank:02d}" for rank, letter in enumerate(_ALPHABET)}
_TONE_RANK = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}


def clean(text: str) -> str:
    """NFC, without control characters, runs of white space as one space, trimmed."""
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if not text.isprintable():
        text = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    return " ".join(text.split())


def fold(text: str) -> str:
    """The form in which text is searched: lower case, no marks, đ as d, single spaces.

    >>> fold("Đường  Xuân LA")
    'duong xuan la'
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(filter(None, map(_fold_word, text.split())))


@lru_cache(maxsize=65_536)  # a language has few words, a list of people many names
def _fold_word(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.casefold().replace("đ", "d"))
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn")


@lru_cache(maxsize=65_536)
def _word_key(word: str) -> str:
    letters: list[str] = []
    tone = "0"
    for char in unicodedata.normalize("NFC", word.casefold()):
        if char in _LETTER_RANK:
            letters.append(_LETTER_RANK[char])
            continue
        base = unicodedata.normalize("NFD", char)
        tone = next((_TONE_RANK[mark] for mark in base if mark in _TONE_RANK), tone)
        plain = unicodedata.normalize("NFC", "".join(c for c in base if c not in _TONE_RANK))
        letters.append(_LETTER_RANK.get(plain, f"~{plain}"))
    return "".join(letters) + tone


def sort_key(name: str) -> str:
    """A text that sorts people as Vietnamese lists do: by given name, then by the whole name.

    Letters come in the order of the Vietnamese alphabet; the tone decides only between equal letters.
    """
    words = clean(name).split(" ")
    return " ".join([_word_key(words[-1]), *(_word_key(word) for word in words)])
