"""What an import changes, as a person reads it: a row for each entry of the file."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from msgspec import Struct, structs

from tungnha.campaign.files.imports import Outcome
from tungnha.campaign.files.parts.part import Difference, Frame, Part, Placed

SIGNS = {"added": "+", "changed": "~", "removed": "−"}


@dataclass(frozen=True)
class Change:
    """A field's value before and after."""

    field: str
    was: str
    becomes: str


@dataclass(frozen=True)
class Row:
    """An entry that is added, changed or removed."""

    what: str
    part: str
    label: str
    changes: list[Change] = field(default_factory=list)

    @property
    def sign(self) -> str:
        return SIGNS[self.what]


def rows(outcome: Outcome) -> list[Row]:
    """Every difference, in the file's order; entries that change alike are one row."""
    if outcome.frame is None:
        return []
    return [row for part, one in outcome.differences for row in _rows(part, one, outcome.frame)]


def _rows(part: Part[Any], difference: Difference[Any], frame: Frame) -> list[Row]:
    added = part.gather([one.entry for one in difference.added], frame)
    removed = part.gather(difference.removed, frame)
    alike: dict[tuple[Change, ...], list[tuple[Any, Placed[Any]]]] = defaultdict(list)
    for was, now in difference.changed:
        alike[tuple(_changes(was, now.entry))].append((was, now))
    changed = [
        Row("changed", part.name, part.label(entry), list(changes))
        for changes, pairs in alike.items()
        for entry in part.gather([now.entry for _was, now in pairs], frame)
    ]
    return [
        *(Row("added", part.name, part.label(one)) for one in added),
        *changed,
        *(Row("removed", part.name, part.label(one)) for one in removed),
    ]


def _changes(was: Struct, now: Struct) -> list[Change]:
    pairs = ((one.name, getattr(was, one.name), getattr(now, one.name)) for one in structs.fields(now))
    return [Change(name, _shown(before), _shown(after)) for name, before, after in pairs if before != after]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, list):
        return "; ".join(_shown(one) for one in value) or "–"
    if isinstance(value, Struct):
        return ", ".join(str(inner) for inner in structs.astuple(value) if inner is not None)
    return "–" if value in {None, ""} else str(value)
