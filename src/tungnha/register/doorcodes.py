"""Door codes: a short code on the letter and on the walk list, by which a resident knows a real visitor.

The visitor says the code; the resident compares it with the letter. It proves that the visitor holds this
household's walk list. It opens nothing and is no secret of the resident's.
"""

import hmac
from functools import lru_cache

from tungnha.sealing import derive_key

ALPHABET = "34679ACDEFGHJKMNPQRTUVWXY"
"""25 characters without those that are mistaken for one another: 0 O, 1 I L, 2 Z, 5 S, 8 B."""
LENGTH = 5


@lru_cache(maxsize=1)
def _key() -> bytes:
    return derive_key("door-code")


def door_code(household_identity: bytes) -> str:
    """The door code of a household: five characters of `ALPHABET`, the same at every call and re-import.

    Parameters
    ----------
    household_identity
        `Household.identity`, 16 bytes.

    Notes
    -----
    One of 25⁵ ≈ 9.8 million by HMAC-SHA256 under the installation's key: a stranger who guesses is right once
    in ten million, and seeing one code says nothing about the neighbour's. Two households of a city may share a
    code; it is only ever compared at one door.
    """
    number = int.from_bytes(hmac.digest(_key(), bytes(household_identity), "sha256")[:16], "big")
    code = ""
    for _ in range(LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        code += ALPHABET[rest]
    return code
