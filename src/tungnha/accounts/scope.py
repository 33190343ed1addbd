"""Who may do what, where: the one place that decides. Every page and download asks here.

A role held for a unit counts for everything below it, and for the unit that came after it: the one that took all, or
more than half, of it (`reach.py`). It never counts for a predecessor's siblings, nor upwards. The staff and superuser
flags of a user open nothing.

The first question about a person costs one query; further ones about the same `request.user` cost none.

What is asked here is also what the audit trail hears of: `visible_units` and `may` open something, and a page that asked
them for an action that shows personal data is recorded. To draw a tab or a link, ask `could`, which opens nothing.
"""

from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from tungnha.accounts import reach
from tungnha.accounts.models import RoleHeld, User
from tungnha.accounts.roles import RULES, Action, GivenBy, Role, needs_second_factor
from tungnha.territory.models import Unit

__all__ = [
    "Action",
    "concerns",
    "could",
    "forget",
    "may",
    "may_give",
    "must_pass_second_factor",
    "reach_of",
    "stands_over",
    "visible_units",
]

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
    _note(user, Action(action), None)
    return Unit.objects.filter(_below(paths))


def may(user: User | AnonymousUser, action: str, unit: Unit, *, on: date | None = None) -> bool:
    """Whether `user` may do `action` in `unit` on the day `on` (today). Raises ValueError for an unknown action."""
    allowed = could(user, action, unit, on=on)
    if allowed:
        _note(user, Action(action), unit.pk)
    return allowed


def could(
    user: User | AnonymousUser, action: str, unit: Unit | None = None, *, on: date | None = None
) -> bool:
    """As `may`, in `unit` or anywhere, for a page that only draws the way there."""
    held = reach_of(user, on)
    return held.covers(Action(action), unit.path) if unit else bool(held.paths(Action(action)))


def concerns(user: User | AnonymousUser, unit_id: int) -> None:
    """Tell the audit trail which unit the page is about. The first unit told stands."""
    if isinstance(user, User) and user.opened is not None and user.opened.unit_id is None:
        user.opened.unit_id = unit_id


def _note(user: User | AnonymousUser, action: Action, unit_id: int | None) -> None:
    if isinstance(user, User) and user.opened is not None:
        user.opened.actions.add(action)
        if unit_id is not None:
            concerns(user, unit_id)


def _below(paths: list[str]) -> Q:
    below = Q()
    for path in paths:
        below |= Q(path__startswith=path)
    return below


def must_pass_second_factor(user: User) -> bool:
    """Whether some role that the person holds today counts only after a second factor."""
    return any(needs_second_factor(arm.role) for arm in reach_of(user).arms)


def may_give(user: User | AnonymousUser, role: str, unit: Unit) -> bool:
    """Whether `user` may give or end a role in `unit`: its own administrator, or only one above (`roles.RULES`)."""
    if role not in RULES:
        return False
    above_only = RULES[Role(role)].given_by is GivenBy.ABOVE
    return any(
        unit.path.startswith(path) and not (above_only and path == unit.path)
        for path in reach_of(user).paths(Action.MANAGE)
    )


def stands_over(user: User, person: User) -> bool:
    """Whether `user` may send `person` a new link, reset their second factor or link an identity.

    Only who could give every role that the person holds or will hold; otherwise a ward's administrator could take over
    the sign-in of a city's officer. Nobody stands over themselves.
    """
    held = RoleHeld.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=timezone.localdate()), user=person
    ).select_related("unit")
    roles = list(held) or list(RoleHeld.objects.filter(user=person).select_related("unit"))
    return user.pk != person.pk and bool(roles) and all(may_give(user, one.role, one.unit) for one in roles)
