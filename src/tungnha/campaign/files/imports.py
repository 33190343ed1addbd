"""Bringing a campaign file in: everything that is wrong with it, what it would change, and making it so, whole or not at all."""

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from tungnha.accounts.models import User
from tungnha.accounts.scope import Action, may
from tungnha.campaign.documents import NotANumberError, official_number
from tungnha.campaign.files import moving, trial
from tungnha.campaign.files.exports import as_text, stored_frame
from tungnha.campaign.files.nodes import Mapping, Node, Problem, Scalar, UnreadableError, parse
from tungnha.campaign.files.parts import PARTS
from tungnha.campaign.files.parts.head import Head
from tungnha.campaign.files.parts.part import Difference, Frame, Part, Placed, Work
from tungnha.campaign.files.reading import MISSING, Reader
from tungnha.campaign.files.schema import FORMAT, VERSION, CampaignFile
from tungnha.campaign.files.units import Units, read_body
from tungnha.campaign.models import Campaign

_FORMAT = re.compile(r"^tungnha-campaign/(\d{1,6})$")


@dataclass
class Document:
    """A file as it was understood: entries by part, where all of it stands, and what is wrong with it."""

    reader: Reader
    entries: dict[str, list[Any]] = field(default_factory=dict)
    """Parts that the file has; one that it leaves out stays as it is in the tables."""
    broken: set[str] = field(default_factory=set)
    """Parts of which something could not be read."""

    def begin_on(self, start: date) -> None:
        """Move the whole campaign so that it begins on another day. Nothing where the head could not be read."""
        if self.head is not None:
            self.entries = moving.begun_on(self.entries, self.head.start, start)

    @property
    def head(self) -> Head | None:
        heads = self.entries.get("campaign")
        return heads[0] if heads else None


@dataclass
class Outcome:
    """What an import found: problems in the order of their lines, or the differences that it makes."""

    problems: list[Problem] = field(default_factory=list)
    differences: list[tuple[Part[Any], Difference[Any]]] = field(default_factory=list)
    frame: Frame | None = None
    campaign: Campaign | None = None
    """The campaign that is changed or was set up; None in a preview of a new one."""
    is_new: bool = False
    seen: str = ""
    """What the tables held before, as a digest: hand it to `bring_in` to change only what was previewed."""


class ChangedMeanwhileError(Exception):
    """Somebody changed the campaign between the preview and the import."""


class _RefusedError(Exception):
    """Leaves the transaction, which undoes all of it."""


def understand(content: bytes) -> Document:
    """Read a file as far as it can be read. Looks units up; writes nothing."""
    reader = Reader()
    document = Document(reader)
    try:
        root = parse(content, reader.problems)
    except UnreadableError as error:
        reader.problems.append(error.problem)
        return document
    if reader.problems:
        document.broken = {part.name for part in PARTS}
    if not isinstance(root, Mapping):
        reader.read(root, CampaignFile, ())
        return document
    if not _is_ours(root, reader):
        return document
    units = Units(_first_day(root))
    reader.translate = {
        "unit": units.canonical,
        "body": lambda text: _body(text, units),
        "number": _number,
    }
    _read_parts(root, document)
    return document


def _is_ours(root: Mapping, reader: Reader) -> bool:
    """Whether the file is of a version that can be read. What is not is refused with that reason alone."""
    place, node = root.entries.get("format", (root.place, None))
    reader.places["format",] = place
    match = _FORMAT.match(node.text) if isinstance(node, Scalar) else None
    if match is None:
        message = _("The file has to say what it is: “format: %(format)s”.") % {"format": FORMAT}
        reader.note(("format",), message)
        return False
    if int(match[1]) > VERSION:
        message = _(
            "The file is of version %(version)s; this installation reads versions up to %(known)d. Upgrade Từng Nhà first."
        )
        reader.note(("format",), message % {"version": match[1], "known": VERSION})
        return False
    return True


def _first_day(root: Mapping) -> date:
    """As of which day codes are read. A day that cannot be read is complained of later."""
    head = root.entries.get("campaign", (None, None))[1]
    start = head.entries.get("start", (None, None))[1] if isinstance(head, Mapping) else None
    try:
        return date.fromisoformat(start.text) if isinstance(start, Scalar) else date.today()  # noqa: DTZ011
    except ValueError:
        return date.today()  # noqa: DTZ011 - only for the rest of the messages


def _body(text: str, units: Units) -> str:
    name, unit = read_body(text, units)
    return f"{name} @ {unit}" if unit else name


def _number(text: str) -> str:
    try:
        return official_number(text)
    except NotANumberError as error:
        raise ValueError(
            _("“%(text)s” is not a document's number, such as 05/KH-UBND or 05-KH/BCĐ57.") % {"text": text}
        ) from error


def _read_parts(root: Node, document: Document) -> None:
    reader = document.reader
    assert isinstance(root, Mapping)
    known = ["format", *(part.name for part in PARTS)]
    for key, (place, _value) in root.entries.items():
        reader.places[key,] = place
        if key not in known:
            reader.unknown((key,), known)
    if "campaign" not in root.entries:
        reader.note((), _("The field “%(key)s” is missing.") % {"key": "campaign"})
    for part in PARTS:
        if part.name not in root.entries:
            continue
        before = len(reader.problems)
        node = root.entries[part.name][1]
        value = reader.read(node, part.entry if part.single else list[part.entry], (part.name,))  # type: ignore[name-defined]
        if len(reader.problems) > before:
            document.broken.add(part.name)
        document.entries[part.name] = [] if value is MISSING else [value] if part.single else value


def look(document: Document, by: User) -> Outcome:
    """What a file would change, or what is wrong with it. Tries it out and undoes it; nothing stays."""
    with trial.undone():
        outcome = _carry_out(document, by)
    return _sorted(outcome, document)


def bring_in(document: Document, by: User, *, seen: str | None = None) -> Outcome:
    """Make the tables say what the file says, or, where anything is wrong, change nothing and say all that is.

    Raises ChangedMeanwhileError when the campaign is no longer what a preview saw (`Outcome.seen`).
    """
    outcome = Outcome()
    with suppress(_RefusedError), transaction.atomic():
        outcome = _carry_out(document, by)
        if seen is not None and seen != outcome.seen:
            raise ChangedMeanwhileError
        if document.reader.problems:
            raise _RefusedError
    return _sorted(outcome, document)


def _sorted(outcome: Outcome, document: Document) -> Outcome:
    outcome.problems = sorted(set(document.reader.problems))
    return outcome


def _carry_out(document: Document, by: User) -> Outcome:
    """Within a transaction: find the differences and store them, collecting every problem on the way."""
    head, reader = document.head, document.reader
    if head is None:
        return Outcome()
    outcome = Outcome()
    units = Units(head.start)
    frame = Frame(units, units.find(head.unit))
    stored = Frame(units, frame.territory)
    campaign = Campaign.objects.select_for_update().filter(code=head.code).select_related("unit").first()
    if campaign is not None:
        if not may(by, Action.PLAN, campaign.unit):
            reader.note(("campaign", "code"), _("Another campaign has this code; choose another."))
            return outcome
        stored = stored_frame(campaign)
        outcome.seen = hashlib.sha256(as_text(stored).encode()).hexdigest()
    outcome.is_new = campaign is None
    work = Work(
        campaign or Campaign(code=head.code, unit=frame.territory),
        frame,
        by,
        reader,
        broken=set(document.broken),
        unread=bool(document.broken),
    )
    outcome.frame = frame
    outcome.differences = _differences(document, stored, work)
    for part, difference in reversed(outcome.differences):
        if difference.removed or difference.changed:
            part.clear(work, difference)
    for part, difference in outcome.differences:
        if difference and (part.single or work.campaign.pk):
            part.write(work, difference)
    outcome.campaign = work.campaign if campaign or not reader.problems else None
    outcome.differences = [(part, one) for part, one in outcome.differences if one]
    return outcome


def _differences(document: Document, stored: Frame, work: Work) -> list[tuple[Part[Any], Difference[Any]]]:
    found = []
    # Entries are spread against the file's own parts, and against the tables' where the file leaves a part out.
    work.frame.entries = {part.name: stored.entries.get(part.name, []) for part in PARTS} | document.entries
    for part in PARTS:
        if part.name not in document.entries:
            continue
        placed: list[Placed[Any]] = []
        for number, entry in enumerate(document.entries[part.name]):
            path = (part.name,) if part.single else document.reader.path_of(part.name, number)
            atoms = work.attempt(part, path, part.spread, entry, work.frame) or []
            placed += [Placed(atom, path) for atom in atoms]
        found.append((part, _difference(part, placed, stored.entries.get(part.name, []), work)))
    return found


def _difference(part: Part[Any], placed: list[Placed[Any]], stored: list[Any], work: Work) -> Difference[Any]:
    difference: Difference[Any] = Difference()
    before = {part.key(entry): entry for entry in stored}
    seen: dict[Any, Placed[Any]] = {}
    for one in placed:
        key = part.key(one.entry)
        if key in seen:
            work.attempt(part, one.path, _refuse_second, part, one)
            continue
        seen[key] = one
        if key not in before:
            difference.added.append(one)
        elif before[key] != one.entry:
            difference.changed.append((before[key], one))
    difference.removed = [entry for key, entry in before.items() if key not in seen]
    return difference


def _refuse_second(part: Part[Any], one: Placed[Any]) -> None:
    raise ValidationError(_("“%(entry)s” is there twice.") % {"entry": part.label(one.entry)})
