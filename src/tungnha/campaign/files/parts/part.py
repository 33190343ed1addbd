"""What every part of a campaign file is: a struct, how it is read from the tables, and how it is written to them."""

from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Generic, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from msgspec import Meta, Struct

from tungnha.accounts.models import User
from tungnha.campaign.files.reading import Path, Reader
from tungnha.campaign.files.units import PATTERN, Units
from tungnha.campaign.models import Campaign
from tungnha.territory.models import Unit

UnitName = Annotated[
    str,
    Meta(
        pattern=PATTERN,
        description="A unit's code, and its name for the reader, which has to fit. Read as of the campaign's first day;"
        " `code@day` is the unit that bore the code on another day.",
        examples=["00226", "00226 Phường Văn Miếu - Quốc Tử Giám", "00004@2025-06-30 Phường Trúc Bạch"],
        extra={"is": "unit"},
    ),
]
BodyName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=320,
        description="An organisation's name; `name @ unit` where it answers in another unit than the campaign's.",
        examples=["Thành đoàn Hà Nội", "Đoàn phường @ 00226"],
        extra={"is": "body"},
    ),
]
DocumentDay = Annotated[
    date,
    Meta(
        description="The date on the document. It stays where a campaign is moved.", extra={"is": "document"}
    ),
]


class Entry(Struct, kw_only=True, forbid_unknown_fields=True):
    """One entry of a part, as the file holds it."""


E = TypeVar("E", bound=Entry)


@dataclass
class Frame:
    """What an entry has to be read against: the units, the territory, and the entries of all parts."""

    units: Units
    territory: Unit
    entries: dict[str, list[Any]] = field(default_factory=dict)

    def below(self) -> list[str]:
        """Every unit below the territory, as the file names them. Read once."""
        if self._below is None:
            self._below = self.units.below(self.territory)
        return self._below

    _below: list[str] | None = None


class UnknownReferenceError(Exception):
    """An entry names another part's entry that is not there."""

    def __init__(self, part: str, field: str, message: str) -> None:
        super().__init__(message)
        self.part, self.field, self.message = part, field, message


@dataclass(frozen=True)
class Placed(Generic[E]):
    """An entry and where it stands in the file."""

    entry: E
    path: Path


@dataclass
class Difference(Generic[E]):
    """What a file's part would change: entries by their keys."""

    added: list[Placed[E]] = field(default_factory=list)
    changed: list[tuple[E, Placed[E]]] = field(default_factory=list)
    removed: list[E] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


@dataclass
class Work:
    """One import under way: the campaign (none yet while it is being set up), who imports, what went wrong."""

    campaign: Campaign
    frame: Frame
    by: User
    reader: Reader
    broken: set[str] = field(default_factory=set)
    """Parts with entries that could not be read or stored; what refers to them is not complained of as well."""
    unread: bool = False
    """Whether some entry could not be read. It then seems to be taken out, which is not to be complained of."""

    def attempt(
        self, part: "Part[Any]", path: Path, use_case: Callable[..., Any], *args: Any, **words: Any
    ) -> Any:
        """Run a use case. What it refuses becomes problems at the entry's fields, and None comes back."""
        try:
            with transaction.atomic():
                return use_case(*args, **words)
        except ValidationError as error:
            self.broken.add(part.name)
            if self.unread and len(path) == 1 and not part.single:
                return None
            for name, messages in _by_field(error).items():
                at = part.fields.get(name, name)
                for message in messages:
                    self.reader.note((*path, at) if at else path, message)
        except UnknownReferenceError as error:
            if error.part not in self.broken:
                self.reader.note((*path, error.field), error.message)
            self.broken.add(part.name)
        return None


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    with suppress(AttributeError):
        return {
            ("" if name == NON_FIELD_ERRORS else name): list(said)
            for name, said in error.message_dict.items()
        }
    return {"": list(error.messages)}


class Part(Generic[E]):
    """A part of the file. Subclasses say what differs; see `phases.py` for the smallest."""

    name: str
    """The key in the file."""
    entry: type[E]
    single = False
    """Whether the file holds one entry, not a list."""
    fields: dict[str, str] = {}
    """Where a service calls a field by another name than the file: service's name → file's."""

    def key(self, entry: E) -> Hashable:
        """What makes an entry the same entry when its other fields change."""
        raise NotImplementedError

    def label(self, entry: E) -> str:
        """How a person is told which entry is meant."""
        raise NotImplementedError

    def stored(self, campaign: Campaign, frame: Frame) -> list[E]:
        """The campaign's entries from the tables, in the file's order."""
        raise NotImplementedError

    def spread(self, entry: E, frame: Frame) -> list[E]:
        """One entry of the file as those that are compared and stored one by one. Raises as services do."""
        del frame
        return [entry]

    def gather(self, entries: Iterable[E], frame: Frame) -> list[E]:
        """The reverse of `spread`, for a file that people read."""
        del frame
        return list(entries)

    def clear(self, work: Work, difference: Difference[E]) -> None:
        """Take out what the file no longer has; parts are cleared last to first, before any is written."""

    def write(self, work: Work, difference: Difference[E]) -> None:
        """Store what is added and changed; parts are written first to last."""
        raise NotImplementedError
