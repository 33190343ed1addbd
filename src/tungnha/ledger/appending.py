"""The one way into the ledger: known entries stay as they are, new ones get a place, a hash, and their effects."""

from collections.abc import Sequence
from enum import StrEnum

from tungnha.ledger import corrections, projections, stored
from tungnha.ledger.entries import Recorded


class Verdict(StrEnum):
    """What became of an entry."""

    ACCEPTED = "accepted"
    KNOWN = "known"
    DIFFERENT = "different"  # its id is taken by an entry that says something else
    STRANGER = "stranger"  # it corrects what somebody else wrote


def append(entries: Sequence[Recorded]) -> list[Verdict]:
    """Append what is new, in the order given, and bring the projections up to date.

    Within a transaction, and only there where `writing` allows it: nobody else may append meanwhile.
    """
    before = {entry.uuid: entry for entry in stored.with_ids(entry.uuid for entry in entries)}
    strangers = corrections.strangers(entries)
    verdicts, new = [], []
    for entry in entries:
        known = before.get(entry.uuid)
        if known is not None:
            verdicts.append(Verdict.KNOWN if known.content == entry.content else Verdict.DIFFERENT)
        elif entry.uuid in strangers:
            verdicts.append(Verdict.STRANGER)
        else:
            before[entry.uuid] = entry
            new.append(entry)
            verdicts.append(Verdict.ACCEPTED)
    if new:
        position, previous = stored.head()
        hashes = []
        for entry in new:
            position += 1
            entry.position = position
            previous = entry.hash_after(previous)
            hashes.append(previous)
        stored.add(new, hashes)
        projections.apply(*corrections.effects(new))
    return verdicts
