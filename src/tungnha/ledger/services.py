"""Every write of the ledger room: taking what phones send, recording from the office, settling what is held, sessions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from tungnha.accounts import scope
from tungnha.accounts.models import User
from tungnha.ledger import areas, bulk, devices, judging, kinds, stored, writing
from tungnha.ledger.appending import Verdict, append
from tungnha.ledger.devices import Session
from tungnha.ledger.entries import Recorded, uuid7, write_body
from tungnha.ledger.grouping import Together
from tungnha.ledger.judging import Judged, Reason
from tungnha.ledger.kinds import Body
from tungnha.ledger.models import Device, Held
from tungnha.sealing import seal, unseal
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import clean

MOST_IN_A_TRANSACTION = 3_000
"""Entries: more would make those behind wait too long, fewer would wait for the disk too often."""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one entry that was sent. In each case the server has it durably, and the phone may let go of it."""

    id: UUID | None
    status: Literal["accepted", "known", "held"]
    reason: Reason | None = None
    detail: str | None = None


Head = tuple[int, bytes]
"""How far the ledger has come: its last position and hash."""


class Taken(NamedTuple):
    """One answer for each entry that was sent, and the ledger's head then."""

    answers: list[Answer]
    head: Head


@dataclass(frozen=True)
class _Batch:
    session: Session
    judged: list[Judged]
    received_at: datetime
    clock_offset: int


def receive(
    session: Session, raw: Sequence[bytes], *, received_at: datetime | None = None, clock_offset: int = 0
) -> Taken:
    """Take entries that a phone sent, in any order and any number of times; one answer for each, in their order.

    Returns once all of them are durable. `clock_offset` is in milliseconds, to be added to the phone's clock.
    """
    now = received_at or timezone.now()
    judged = judging.read(session, raw, received_at=now, clock_offset=clock_offset)
    head = taker.submit(_Batch(session, judged, now, clock_offset))
    return Taken([_answer(one) for one in judged], head)


def _check(batches: Sequence[_Batch]) -> Sequence[_Batch]:
    judging.check((batch.session, batch.judged) for batch in batches)
    return batches


def _write(batches: Sequence[_Batch]) -> list[Head]:
    """Within the turn: append what was judged good, hold the rest, note which phones were heard."""
    good = [one for batch in batches for one in batch.judged if one.reason is None]
    verdicts = append([one.entry for one in good if one.entry is not None])
    for one, verdict in zip(good, verdicts, strict=True):
        match verdict:
            case Verdict.DIFFERENT:
                one.hold(Reason.DIFFERENT_BODY)
            case Verdict.STRANGER:
                one.hold(Reason.ANOTHERS_ENTRY)
            case Verdict.KNOWN:
                one.known = True
    _hold(batches)
    heard = {batch.session.pk: (batch.received_at, batch.clock_offset) for batch in batches}
    bulk.change(Device, "id", ("seen_at", "clock_offset"), heard)
    return [stored.head()] * len(batches)


def _answer(one: Judged) -> Answer:
    if one.known:
        return Answer(one.id, "known")
    if one.reason is not None:
        return Answer(one.id, "held", one.reason, one.detail or None)
    return Answer(one.id, "accepted")


def _hold(batches: Sequence[_Batch]) -> None:
    """Keep what is held. What somebody has taken into the ledger since it was first sent is known."""
    held = {
        one.digest(batch.session.pk): (batch, one)
        for batch in batches
        for one in batch.judged
        if one.reason is not None
    }
    if not held:
        return
    names = (
        "digest",
        "uuid",
        "reason",
        "detail",
        "sealed",
        "device",
        "received_at",
        "clock_offset",
        "state",
        "note",
    )
    rows = [
        (
            digest, one.id, one.reason, one.detail, seal(one.raw.decode("utf-8", "replace")), batch.session.pk,
            batch.received_at, batch.clock_offset, Held.State.WAITING, "",
        )
        for digest, (batch, one) in held.items()
    ]  # fmt: skip
    bulk.insert(Held, names, rows, or_keep=True)
    released = Held.objects.filter(pk__in=list(held), state=Held.State.RELEASED).values_list("pk", flat=True)
    for digest in released:
        held[bytes(digest)][1].known = True


def _size(batch: _Batch) -> int:
    return len(batch.judged)


writer: Together[_Batch, Head] = Together(
    _write, within=writing.turn, name="ledger writes", size=_size, most=MOST_IN_A_TRANSACTION
)
taker: Together[_Batch, Head] = Together(
    _check, then=writer, name="ledger checks", size=_size, most=MOST_IN_A_TRANSACTION
)


def record(
    kind: str,
    body: Body,
    *,
    actor: User,
    campaign: str,
    unit: Unit | None = None,
    occurred_at: datetime | None = None,
    entry_id: UUID | None = None,
    **subject: Any,
) -> UUID:
    """Write one entry from the office; joins the transaction that is open. Returns its id.

    Raises ValidationError where the kind is unknown or its subject is incomplete, PermissionDenied where the person
    may not write this kind in the unit.
    """
    found = kinds.find(kind, kinds.newest(kind))
    if found is None or not isinstance(body, found.body):
        raise ValidationError(
            {"kind": _("There is no entry kind “%(kind)s” with this body.") % {"kind": kind}}
        )
    if found.action is None or unit is None or not scope.may(actor, found.action, unit):
        raise PermissionDenied
    now = timezone.now()
    entry = Recorded(
        entry_id or uuid7(), found.name, found.version, occurred_at or now, now, 0, None, actor.pk, campaign,
        unit.pk, subject.get("premises"), subject.get("household"), subject.get("resident"), subject.get("found"),
        subject.get("corrects"), write_body(body),
    )  # fmt: skip
    missing = [part for part in sorted(found.needs) if getattr(entry, part) is None]
    if missing:
        raise ValidationError({missing[0]: _("An entry “%(kind)s” must say this.") % {"kind": kind}})
    with writing.turn():
        verdict = append([entry])[0]
        if verdict is Verdict.DIFFERENT:
            raise ValidationError({"entry_id": _("Another entry has this id.")})
    return entry.uuid


def release(held: Held, *, by: User, note: str) -> Answer:
    """Take a held entry into the ledger after all, on a supervisor's word, with their reason.

    Raises ValidationError where it is settled already, or cannot be read by this version of the program.
    """
    session = _session_of(held)
    reason = clean(note)[:500]
    if not reason:
        raise ValidationError({"note": _("Say why.")})
    changed_hands = Reason(held.reason) is Reason.OTHER_PERSON
    forgive = judging.CHANGED_HANDS if changed_hands else judging.BY_WORD & {Reason(held.reason)}
    (judged,) = judging.read(
        session,
        [unseal(bytes(held.sealed)).encode()],
        received_at=held.received_at,
        clock_offset=held.clock_offset,
        forgive=forgive,
    )
    judging.check([(session, [judged])], forgive=forgive)
    if judged.entry is None or judged.reason is not None:
        raise ValidationError(
            _("It still cannot be taken: %(reason)s. %(detail)s")
            % {"reason": judged.reason or held.reason, "detail": judged.detail}
        )
    if changed_hands and not User.objects.filter(pk=judged.entry.actor).exists():
        raise ValidationError(_("Nobody is known who could have recorded it."))
    if Reason(held.reason) is Reason.ANOTHERS_ENTRY:
        # It counts as written in the office: the supervisor answers for it.
        judged.entry.device, judged.entry.actor = None, by.pk
    with writing.turn():
        _settle(held, Held.State.RELEASED, by, reason)
        verdict = append([judged.entry])[0]
        if verdict not in {Verdict.ACCEPTED, Verdict.KNOWN}:
            raise ValidationError(
                _("It still cannot be taken: %(reason)s. %(detail)s") % {"reason": verdict, "detail": ""}
            )
    judged.known = verdict is Verdict.KNOWN
    return _answer(judged)


def retry(*, by: User, waiting: Iterable[Held]) -> int:
    """Try again what was held because the program did not understand it; returns how many could be taken in now."""
    taken = 0
    for held in waiting:
        if Reason(held.reason) in judging.LEARNABLE:
            try:
                release(held, by=by, note=_("Understood since."))
            except ValidationError:
                continue
            taken += 1
    return taken


def refuse(held: Held, *, by: User, note: str) -> None:
    """Decide that a held entry does not count, with a reason. It stays stored. Raises ValidationError."""
    reason = clean(note)[:500]
    if not reason:
        raise ValidationError({"note": _("Say why.")})
    with writing.turn():
        _settle(held, Held.State.REFUSED, by, reason)


def _settle(held: Held, state: str, by: User, note: str) -> None:
    if not scope.may(by, scope.Action.PEOPLE, held.device.unit):
        raise PermissionDenied
    changed = Held.objects.filter(pk=held.pk, state=Held.State.WAITING).update(
        state=state, settled_by=by, settled_at=timezone.now(), note=note
    )
    if not changed:
        raise ValidationError(_("Somebody has settled it meanwhile."))
    held.refresh_from_db()


def _session_of(held: Held) -> Session:
    device = held.device
    return Session(
        device.pk, device.user_id, device.campaign, device.unit_id, device.unit.path, tuple(device.areas),
        device.expires_at, device.first_issued_at,
    )  # fmt: skip


def enrol(
    user: User,
    *,
    campaign: str,
    unit: Unit,
    areas_bound: Sequence[str] = (),
    days: int = 7,
    installation: UUID | None = None,
    in_use_since: datetime | None = None,
) -> tuple[Device, str]:
    """Give a person's phone a session. Returns it with its token, which is nowhere kept and never shown again.

    `in_use_since` is for a phone that recorded before this ledger knew it: entries from then on are believed.

    Raises ValidationError where the person holds no role over the unit that goes to doors, or an area is of no known kind.
    """
    if not scope.could(user, scope.Action.WALK, unit):
        raise ValidationError(
            {
                "unit": _("%(person)s holds no role over %(unit)s with which one goes to doors.")
                % {"person": user.username, "unit": unit.name}
            }
        )
    try:
        areas.check(areas_bound)
    except areas.UnknownAreaError as error:
        raise ValidationError({"areas": _("There is no area “%(area)s”.") % {"area": error}}) from error
    if not 1 <= days <= 90:
        raise ValidationError({"days": _("A session lasts from 1 to 90 days.")})
    token = devices.new_token()
    device = devices.make(
        user,
        token,
        campaign=campaign,
        unit=unit.pk,
        areas=list(areas_bound),
        days=days,
        installation=installation,
    )
    if in_use_since is not None:
        device.first_issued_at = min(device.first_issued_at, in_use_since)
    device.full_clean(exclude=("token_hash",))
    with transaction.atomic():
        device.save(force_insert=True)
    return device, token


def bind(session: Session, areas_bound: Sequence[str]) -> None:
    """Let a session write in further areas. Those it had stay: what was recorded there may still be on its way."""
    wider = sorted({*session.areas, *areas_bound})
    if wider != sorted(session.areas):
        areas.check(areas_bound)
        with transaction.atomic():
            Device.objects.filter(pk=session.pk).update(areas=wider)


def revoke_all(user: User) -> int:
    """End the sessions of all of a person's phones at once. Returns how many ended."""
    with transaction.atomic():
        return Device.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def revoke(device: Device) -> None:
    """End a session at once: the phone is told to wipe itself when it calls next. What it sent stays."""
    with transaction.atomic():
        Device.objects.filter(pk=device.pk, revoked_at=None).update(revoked_at=timezone.now())
