"""Numbers of official documents, as they are written and compared."""

import re

from tungnha.territory.vietnamese import clean

_SEPARATORS = re.compile(r"\s*([/-])\s*")
_ONE_DIGIT = re.compile(r"^(\d)(?=[/-])")
_NUMBER = re.compile(r"^\d{1,6}[^\W\d_]{0,2}(?:[/-]\d{4})?[/-][^\W_][\w.&()/-]{0,50}$")


class NotANumberError(ValueError):
    """The text is not a document's number."""


def official_number(text: str) -> str:
    """A document's number in its one spelling: no spaces about `/` and `-`, and two digits at least.

    Both families are read: the State's "05/KH-UBND", "1565/QĐ-TTg", "42/2022/NĐ-CP" (Decree 30/2020/NĐ-CP,
    appendix I) and the Party's "05-KH/BCĐ57". Raises NotANumberError for anything else.

    >>> official_number("Số 5 / KH - UBND")
    '05/KH-UBND'
    """
    bare = re.sub(r"^số\s*:?\s*", "", clean(text), flags=re.IGNORECASE)
    tight = _ONE_DIGIT.sub(r"0\1", _SEPARATORS.sub(r"\1", bare))
    if not _NUMBER.match(tight):
        raise NotANumberError(text)
    return tight
