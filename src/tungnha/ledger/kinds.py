"""Entry kinds: what may be written in the ledger. Each room registers its own when it starts.

A kind never changes once entries of it exist: a changed body is a new version, and the old one stays registered,
because old entries are read again at every rebuild.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from tungnha.accounts.roles import Action


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an entry of one kind and version says. Kinds derive theirs from this."""


class Part(StrEnum):
    """A part of an entry's subject that a kind may insist on."""

    UNIT = "unit"
    PREMISES = "premises"
    HOUSEHOLD = "household"
    RESIDENT = "resident"
    FOUND = "found"
    CORRECTS = "corrects"


def _none(body: Any) -> tuple[()]:
    del body
    return ()


@dataclass(frozen=True)
class Kind:
    """One kind of entry in one version."""

    name: str
    version: int
    body: type[Body]
    needs: frozenset[Part] = frozenset()
    by_device: bool = False
    """Whether a phone may write it."""
    action: Action | None = None
    """What a person must be allowed in the unit to write it from the office; None: only the program writes it."""
    measures: Callable[[Any], Iterable[str]] = _none
    """What an entry with this body adds one to in the daily counts."""
    residents: Callable[[Any], Iterable[int]] = _none
    """The residents whom the body speaks of: they must live in the entry's household."""
    shared: Callable[[Any], Body] | None = None
    """What other phones on the same doors may read of a body; None: nothing, they never see such an entry."""
    decoder: msgspec.json.Decoder[Body] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decoder", msgspec.json.Decoder(self.body))


class NoReason(Body, frozen=True):
    """A withdrawal says nothing but which entry it takes back."""


WITHDRAWAL = Kind(
    "withdrawal",
    1,
    NoReason,
    needs=frozenset({Part.CORRECTS}),
    by_device=True,
    action=Action.PEOPLE,
    shared=lambda body: body,
)
"""Takes back the entry it points at and puts nothing in its place."""

_kinds: dict[tuple[str, int], Kind] = {}
_newest: dict[str, int] = {}


def register(kind: Kind) -> None:
    """Make a kind known. Raises ValueError when another one has its name and version."""
    if _kinds.setdefault((kind.name, kind.version), kind) is not kind:
        raise ValueError(f"Two rooms register the entry kind {kind.name} {kind.version}")
    _newest[kind.name] = max(kind.version, _newest.get(kind.name, 0))


def find(name: str, version: int) -> Kind | None:
    """The kind with this name and version."""
    return _kinds.get((name, version))


def newest(name: str) -> int:
    """The newest version known of a kind; 0 for an unknown name."""
    return _newest.get(name, 0)


def every() -> list[Kind]:
    """All kinds, by name and version."""
    return [_kinds[key] for key in sorted(_kinds)]
