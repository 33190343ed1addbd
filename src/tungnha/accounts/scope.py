"""Who may do what, where: the one place that decides. Every page and download asks here.

A role held for a unit counts for everything below it, and for the unit that came after it: the one that took all, or
more than half, of it (`reach.py`). It never counts for a predecessor's siblings, nor upwards. The staff and superuser
flags of a user open nothing.

The first question about a person costs one query; further ones about the same `request.user` cost none.
"""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from tungnha.accounts import reach
from tungnha.accounts.models import User
from tungnha.accounts.roles import Action
from tungnha.territory.models import Unit

__all__ = ["Action", "forget", "may", "reach_of", "visible_units"]

_writes = 0


def forget() -> None:
    """Every role written by this process makes what was read before it old."""
    global _writes  # noqa: PLW0603 - one counter for the process is the point
    _writes += 1


def reach_of(user: User | AnonymousUser, on: date | None = None) -> reach.Reach:
    """Every role `user` holds on the day `on` (today), and where."""
    if not isinstance(user, User) or not user.is_active:
        return reach.NOTHING
    day = on or timezone.localdate()
    if user.reach is None or user.reach[:2] != (_writes, day):
        user.reach = (_writes, day, reach.read(user.pk, day))
    return user.reach[2]


def visible_units(
    user: User | AnonymousUser, action: str = Action.LOOK, *, on: date | None = None
) -> QuerySet[Unit]:
    """Every unit, of any era, where `user` may do `action` on the day `on` (today)."""
    paths = reach_of(user, on).paths(Action(action))
    if not paths:
        return Unit.objects.none()
    below = Q()
    for path in paths:
        below |= Q(path__startswith=path)
    return Unit.objects.filter(below)


def may(user: User | AnonymousUser, action: str, unit: Unit, *, on: date | None = None) -> bool:
    """Whether `user` may do `action` in `unit` on the day `on` (today). Raises ValueError for an unknown action."""
    return reach_of(user, on).covers(Action(action), unit.path)
