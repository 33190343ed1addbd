"""The chain: each entry's hash covers the one before it, so that no past entry can be changed unseen."""

from dataclasses import dataclass

from tungnha.engine.progress import Advance, silent
from tungnha.ledger import stored
from tungnha.ledger.entries import GENESIS


@dataclass(frozen=True)
class Break:
    """Where the ledger is not what was written."""

    position: int
    uuid: str
    what: str
    """`changed`: the row or a hash is not what it was; `missing`: a position is not there; `cut`: the end is gone."""


@dataclass(frozen=True)
class Checked:
    """How a check came out."""

    entries: int
    head: bytes
    breaks: list[Break]


def check(*, against: tuple[int, bytes] | None = None, advance: Advance = silent) -> Checked:
    """Recompute the chain from its beginning.

    After a break it goes on from the hash that is stored, so that every changed row is named and not all after it.
    Whoever can write the whole table could write a new chain: that is seen only `against` a position and hash which
    were kept elsewhere (the check prints them; phones keep theirs).
    """
    previous, expected, breaks = GENESIS, 1, []
    for piece in stored.in_order():
        digests = stored.hashes(piece[0].position - 1, piece[-1].position)
        for entry, digest in zip(piece, digests, strict=True):
            if entry.position != expected:
                breaks.append(Break(expected, "", "missing"))
            elif entry.hash_after(previous) != digest:
                breaks.append(Break(entry.position, str(entry.uuid), "changed"))
            if against is not None and against[0] == entry.position and against[1] != digest:
                breaks.append(Break(entry.position, str(entry.uuid), "changed"))
            previous, expected = digest, entry.position + 1
        advance(len(piece))
    if against is not None and against[0] >= expected:
        breaks.append(Break(expected, "", "cut"))
    return Checked(expected - 1, previous, breaks)
