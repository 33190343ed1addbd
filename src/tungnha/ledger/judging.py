"""What a phone sends: taken, or held with a reason. Nothing is dropped, and nothing is taken that may not be true."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from tungnha.ledger import areas, bulk, kinds, sealing
from tungnha.ledger.devices import Session
from tungnha.ledger.entries import Recorded, Sent, write_body
from tungnha.ledger.kinds import Kind

LARGEST = 16 * 1024
"""Bytes of one entry. What is larger is held without being read."""
AHEAD = timedelta(minutes=10)
"""How far in the future an entry may seem to be, after the clock is corrected."""
BEFORE = timedelta(days=1)
"""How long before the phone's first session an entry may seem to be: its clock may have been wrong then."""


class Reason(StrEnum):
    """Why an entry is held. `docs/sync.md` says what each means to a phone and to a supervisor."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNKNOWN_KIND = "unknown_kind"
    NEWER_VERSION = "newer_version"
    NOT_FROM_A_PHONE = "not_from_a_phone"
    BAD_BODY = "bad_body"
    OTHER_CAMPAIGN = "other_campaign"
    SUBJECT_MISSING = "subject_missing"
    UNKNOWN_SUBJECT = "unknown_subject"
    OUTSIDE = "outside"
    FUTURE = "future"
    TOO_OLD = "too_old"
    ANOTHERS_ENTRY = "anothers_entry"
    OTHER_PERSON = "other_person"
    DIFFERENT_BODY = "different_body"


LEARNABLE = frozenset({Reason.UNKNOWN_KIND, Reason.NEWER_VERSION, Reason.BAD_BODY, Reason.UNKNOWN_SUBJECT})
"""Reasons that may pass by themselves: the program is updated, or the register gets to know the household."""
BY_WORD = frozenset(
    {Reason.OTHER_CAMPAIGN, Reason.OUTSIDE, Reason.FUTURE, Reason.TOO_OLD, Reason.ANOTHERS_ENTRY}
)
"""Reasons that a supervisor's word overcomes."""
CHANGED_HANDS = frozenset({Reason.OTHER_PERSON, Reason.OUTSIDE, Reason.TOO_OLD})
"""What the word overcomes for an entry that a phone kept from the person who had it before."""


@dataclass(slots=True)
class Judged:
    """One entry of a batch: what it would be in the ledger, or why it is held, or that the ledger has it."""

    raw: bytes
    id: UUID | None = None
    entry: Recorded | None = None
    reason: Reason | None = None
    detail: str = ""
    known: bool = False

    def hold(self, reason: Reason, detail: str = "") -> None:
        """Keep it out of the ledger, for the first reason found."""
        if self.reason is None:
            self.reason, self.detail = reason, detail[:300]

    def digest(self, device: int) -> bytes:
        """By which it is held once, however often it is sent."""
        return hashlib.sha256(b"%d " % device + self.raw).digest()


_Forgive = frozenset[Reason]
_decode = msgspec.json.Decoder(Sent).decode
_identify = msgspec.json.Decoder(dict[str, Any]).decode


def read(
    session: Session,
    raw: Sequence[bytes],
    *,
    received_at: datetime,
    clock_offset: int,
    forgive: _Forgive = frozenset(),
) -> list[Judged]:
    """Entries of one phone, in the order given, and what can be said of them without the database: `check` says the rest.

    Reasons in `forgive` are passed over. Whether ids are taken is found out later, when they are written.
    """
    judged = [Judged(bytes(one)) for one in raw]
    for one in judged:
        try:
            one.entry = _read(one, session, received_at, clock_offset, forgive)
        except _FaultError as fault:
            one.hold(fault.reason, fault.detail)
    return judged


def check(batches: Iterable[tuple[Session, Sequence[Judged]]], *, forgive: _Forgive = frozenset()) -> None:
    """Hold what speaks of something that is not there, or not the phone's, with the same few queries for all the batches."""
    open_still = [
        (session, one, one.entry)
        for session, judged in batches
        for one in judged
        if one.reason is None and one.entry is not None
    ]
    outside = Reason.OUTSIDE not in forgive
    _check_places(open_still, outside=outside)
    if outside:
        _check_areas(open_still)
    _check_residents(open_still)


class _FaultError(Exception):
    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def _read(
    one: Judged, session: Session, received_at: datetime, clock_offset: int, forgive: _Forgive
) -> Recorded:
    if len(one.raw) > LARGEST:
        raise _FaultError(Reason.TOO_LARGE, f"{len(one.raw)} > {LARGEST}")
    try:
        sent = _decode(sealing.opened(one.raw))
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        one.id = _id_of(one.raw)
        raise _FaultError(Reason.MALFORMED, str(error)) from error
    one.id = sent.id
    actor = sent.actor or session.user
    # A seal hides, it does not sign: that another person recorded it is only what the phone says.
    if actor != session.user and Reason.OTHER_PERSON not in forgive:
        raise _FaultError(Reason.OTHER_PERSON, f"user {actor}")
    kind = _kind_of(sent)
    try:
        body = kind.decoder.decode(sent.body)
    except msgspec.DecodeError as error:
        raise _FaultError(Reason.BAD_BODY, str(error)) from error
    for part in kind.needs:
        if getattr(sent, part) is None:
            raise _FaultError(Reason.SUBJECT_MISSING, part)
    if sent.corrects == sent.id:
        raise _FaultError(Reason.MALFORMED, "corrects itself")
    if sent.campaign != session.campaign and Reason.OTHER_CAMPAIGN not in forgive:
        raise _FaultError(Reason.OTHER_CAMPAIGN, sent.campaign)
    when = sent.occurred_at + timedelta(milliseconds=clock_offset)
    if when > received_at + AHEAD and Reason.FUTURE not in forgive:
        raise _FaultError(Reason.FUTURE, when.isoformat())
    if when < session.first_issued_at - BEFORE and Reason.TOO_OLD not in forgive:
        raise _FaultError(Reason.TOO_OLD, when.isoformat())
    entry = Recorded(
        sent.id, sent.kind, sent.version, sent.occurred_at, received_at, clock_offset, session.pk, actor,
        sent.campaign, sent.unit, sent.premises, sent.household, sent.resident, sent.found, sent.corrects,
        write_body(body),
    )  # fmt: skip
    entry.body = body
    return entry


def _kind_of(sent: Sent) -> Kind:
    kind = kinds.find(sent.kind, sent.version)
    if kind is None:
        newer = 0 < kinds.newest(sent.kind) < sent.version
        raise _FaultError(
            Reason.NEWER_VERSION if newer else Reason.UNKNOWN_KIND, f"{sent.kind} {sent.version}"
        )
    if not kind.by_device:
        raise _FaultError(Reason.NOT_FROM_A_PHONE, sent.kind)
    return kind


def _id_of(raw: bytes) -> UUID | None:
    """The id of an entry that is otherwise malformed, so that the phone hears what became of it."""
    try:
        return UUID(str(_identify(raw).get("id")))
    except (msgspec.DecodeError, ValueError, UnicodeDecodeError):
        return None


_PLACES: dict[str, str] = {
    "household": "SELECT h.id, u.path FROM register_household h JOIN territory_unit u ON u.id = h.unit_id WHERE h.id IN %s",
    "premises": "SELECT p.id, u.path FROM territory_premises p JOIN territory_unit u ON u.id = p.unit_id WHERE p.id IN %s",
    "unit": "SELECT id, path FROM territory_unit WHERE id IN %s",
}


_Open = tuple[Session, Judged, Recorded]


def _check_places(entries: Sequence[_Open], *, outside: bool) -> None:
    """Hold what speaks of a place that does not exist, or lies outside the phone's unit."""
    for part, query in _PLACES.items():
        spoken = [
            (session, one, number)
            for session, one, entry in entries
            if (number := getattr(entry, part)) is not None
            and not (part == "unit" and number == session.unit)
        ]
        if not spoken:
            continue
        paths = dict(bulk.select(query, {number for _, _, number in spoken}))
        for session, one, number in spoken:
            if number not in paths:
                one.hold(Reason.UNKNOWN_SUBJECT, f"{part} {number}")
            elif outside and not paths[number].startswith(session.unit_path):
                one.hold(Reason.OUTSIDE, f"{part} {number}")


def _check_areas(entries: Sequence[_Open]) -> None:
    """Hold what speaks of a household outside the walks to which the phone is bound, if it is to any."""
    spoken = [
        (session, one, entry.household)
        for session, one, entry in entries
        if session.areas and entry.household is not None
    ]
    around = areas.around({household for _, _, household in spoken})
    for session, one, household in spoken:
        if around[household].isdisjoint(session.areas):
            one.hold(Reason.OUTSIDE, f"household {household}")


def _check_residents(entries: Sequence[_Open]) -> None:
    """Hold what speaks of residents who do not live in the entry's household."""
    spoken = [(one, entry.household, number) for _, one, entry in entries for number in _residents(entry)]
    if not spoken:
        return
    named = {number for _, _, number in spoken}
    homes = dict(bulk.select("SELECT id, household_id FROM register_resident WHERE id IN %s", named))
    for one, household, number in spoken:
        if household is None or homes.get(number) != household:
            one.hold(Reason.UNKNOWN_SUBJECT, f"resident {number}")


def _residents(entry: Recorded) -> set[int]:
    kind = kinds.find(entry.kind, entry.version)
    assert kind is not None
    return {*kind.residents(entry.body), *([entry.resident] if entry.resident is not None else [])}
