"""What follows a unit that is merged, split or renamed. Rooms register what they keep open for units; nobody names them here.

A room registers a `Follower` for each kind of thing, in its app's `ready()`. What is open in a unit that ended goes to
the unit that carries on for it (`queries.heirs`). Where there is none, it stays where it is and counts as undecided
until a person names a unit: `undecided()` is always read from what is true, never stored.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from tungnha.territory import queries
from tungnha.territory.models import Followed, Unit, UnitChange
from tungnha.territory.services import BATCH


@dataclass(frozen=True)
class Open:
    """Something open in a unit: its primary key in its room, the unit's, and what people call it."""

    key: int
    unit: int
    label: str


class Follower(Protocol):
    """One kind of thing that follows units."""

    kind: str
    """A word that never changes; `Followed.kind` keeps it."""
    label: str | Promise
    """What people call many of them."""
    by_itself: bool
    """True where nothing has to be moved, because every read asks for heirs, as roles do."""

    def open_in(self, units: QuerySet[Unit], day: date) -> Iterable[Open]:
        """What is open in some units on a day."""

    def move(self, keys: Sequence[int], heir: Unit, *, day: date, by: int | None) -> Mapping[int, str]:
        """Bring things over to a unit, and say so in their history. Runs inside a transaction.

        Passes over those that meanwhile are closed or no longer in a unit that ended by `day`. `by` is the primary key
        of the person who decided, None where the rule did. Returns the keys that moved, each with a sentence where it
        did not simply move (it was joined with another, say), else "".
        """


_followers: dict[str, Follower] = {}


def register(follower: Follower) -> None:
    """Let a kind of thing follow units. The order of registration is the order of moving."""
    _followers[follower.kind] = follower


def followers() -> list[Follower]:
    """Every kind that follows units."""
    return list(_followers.values())


@dataclass(frozen=True)
class Move:
    """Something open in a unit that ended or will; `heir` is None where a person has to decide."""

    follower: Follower
    open: Open
    old: Unit
    heir: Unit | None


def moves(units: QuerySet[Unit], day: date) -> list[Move]:
    """What is open in units on a day, and where the rule takes it. Only units that ended by that day count."""
    ended = units.filter(valid_to__lte=day)
    found = [(follower, one) for follower in followers() for one in follower.open_in(ended, day)]
    olds = Unit.objects.select_related("parent").in_bulk({one.unit for _follower, one in found})
    heirs = queries.heirs(olds.values(), day)
    return [Move(follower, one, olds[one.unit], heirs[one.unit]) for follower, one in found]


def concerned(change: UnitChange) -> QuerySet[Unit]:
    """The units that a change ends: those it names, and what ended that day above or below them (districts, groups)."""
    named = set(change.successions.values_list("old_id", flat=True))
    paths = {
        pk: {int(step) for step in path.strip("/").split("/")}
        for pk, path in Unit.objects.filter(valid_to=change.effective).values_list("pk", "path")
    }
    above = {step for pk in named for step in paths.get(pk, ())}
    chosen = [pk for pk, steps in paths.items() if pk in above or steps & named]
    return Unit.objects.filter(pk__in=chosen)


def undecided(day: date, units: QuerySet[Unit] | None = None) -> list[Move]:
    """What is still open in units (all, or some) that ended by a day and cannot follow by the rule."""
    found = moves(Unit.objects.all() if units is None else units, day)
    return [move for move in found if move.heir is None]


@dataclass(frozen=True)
class Followings:
    """How many things moved by the rule, by kind, and how many wait for a person."""

    moved: dict[str, int]
    waiting: dict[str, int]


def follow(day: date, units: QuerySet[Unit] | None = None) -> Followings:
    """Bring what is open in ended units (all, or some) over to those that carry on for them. Twice changes nothing more.

    Each kind moves into each unit in a transaction of its own, so that a run that is cut off is simply run again.
    """
    moved: dict[str, int] = {}
    waiting: dict[str, int] = {}
    batches: dict[tuple[str, int], list[Move]] = {}
    for move in moves(Unit.objects.all() if units is None else units, day):
        if move.heir is None:
            waiting[move.follower.kind] = waiting.get(move.follower.kind, 0) + 1
        elif not move.follower.by_itself:
            batches.setdefault((move.follower.kind, move.heir.pk), []).append(move)
    for (kind, _heir), batch in batches.items():
        heir = batch[0].heir
        assert heir is not None
        moved[kind] = moved.get(kind, 0) + _carry(batch, heir, day)
    return Followings(moved, waiting)


def decide(kind: str, keys: Collection[int], heir: Unit, *, day: date, by: int, username: str) -> int:
    """Send things that cannot follow by the rule to a unit that a person chose. Returns how many moved.

    Raises ValidationError where that unit does not exist on the day, or this kind follows by itself.
    """
    follower = _followers.get(kind)
    if follower is None or follower.by_itself:
        raise ValidationError({"items": _("This does not wait for a decision here.")})
    if not (heir.valid_from <= day and (heir.valid_to is None or heir.valid_to > day)):
        raise ValidationError({"heir": _("%(unit)s does not exist on that day.") % {"unit": heir.name}})
    wanted = set(keys)
    chosen = [move for move in undecided(day) if move.follower.kind == kind and move.open.key in wanted]
    return _carry(chosen, heir, day, by=by, username=username)


def _carry(batch: Sequence[Move], heir: Unit, day: date, *, by: int | None = None, username: str = "") -> int:
    """Move things of one kind into one unit, and write down which."""
    if not batch:
        return 0
    with transaction.atomic():
        done = batch[0].follower.move([one.open.key for one in batch], heir, day=day, by=by)
        Followed.objects.bulk_create(
            [
                Followed(
                    kind=one.follower.kind,
                    key=one.open.key,
                    label=one.open.label[:300],
                    old=one.old,
                    heir=heir,
                    note=done[one.open.key][:300],
                    by=username,
                )
                for one in batch
                if one.open.key in done
            ],
            batch_size=BATCH,
        )
    return len(done)
