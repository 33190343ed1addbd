"""Who may do what, where: the one place that decides. Every page and download asks here.

A role held for a unit counts for everything below it, and for the units that came after it: an officer of a
merged ward keeps the ward's successors, because the households and their papers went there. It never counts
for a predecessor's siblings, nor upwards. The staff and superuser flags of a user open nothing.
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from tungnha.accounts.models import RoleHeld, User
from tungnha.territory.models import Succession, Unit


class Action(StrEnum):
    """What a person may want to do in a unit."""

    LOOK = "look"  # the map, the turfs, the counts
    PEOPLE = "people"  # names behind doors: households, stops, walk lists, letters
    IMPORT = "import"  # bring in a list, settle matches
    PLAN = "plan"  # set up and change campaigns, tasks, directives, themes, targets of the unit
    SIGN = "sign"  # review, approve, publish and withdraw wording
    REPORT = "report"  # answer for the unit: a task's state, a directive's response, a figure
    FIGURES = "figures"  # read plans, indicators, targets and figures; nobody's name
    MANAGE = "manage"  # users and roles
    AUDIT = "audit"  # the audit trail


_ALLOWED: dict[str, frozenset[Action]] = {
    # Runs the installation; has no need of residents' names.
    RoleHeld.Role.ADMINISTRATOR: frozenset({Action.LOOK, Action.MANAGE}),
    RoleHeld.Role.CITY_OFFICE: frozenset(
        {
            Action.LOOK,
            Action.PEOPLE,
            Action.IMPORT,
            Action.PLAN,
            Action.SIGN,
            Action.REPORT,
            Action.FIGURES,
        }
    ),
    RoleHeld.Role.UNIT_OFFICER: frozenset(
        {
            Action.LOOK,
            Action.PEOPLE,
            Action.IMPORT,
            Action.PLAN,
            Action.SIGN,
            Action.REPORT,
            Action.FIGURES,
        }
    ),
    RoleHeld.Role.TEAM_LEADER: frozenset({Action.LOOK, Action.PEOPLE}),
    RoleHeld.Role.VOLUNTEER: frozenset(),
    RoleHeld.Role.POINT_STAFF: frozenset({Action.LOOK}),
    RoleHeld.Role.ANALYST: frozenset({Action.LOOK, Action.FIGURES}),
    RoleHeld.Role.AUDITOR: frozenset({Action.LOOK, Action.AUDIT}),
}


def _with_successors(roots: set[int]) -> set[int]:
    """These units, and every unit that one of them, or of the units below them, became part of, wholly or partly."""
    found = set(roots)
    edge = roots
    while edge:
        below = Q()
        for path in Unit.objects.filter(pk__in=edge).values_list("path", flat=True):
            below |= Q(old__path__startswith=path)
        edge = set(Succession.objects.filter(below).values_list("new_id", flat=True)) - found
        found |= edge
    return found


def _held(user: User | AnonymousUser, action: Action, on: date | None) -> set[int]:
    """Units for which the user holds a role that allows `action` on the day `on` (today)."""
    if not user.is_authenticated or not user.is_active:
        return set()
    day = on or timezone.localdate()
    roles = [role for role, actions in _ALLOWED.items() if action in actions]
    held = RoleHeld.objects.filter(
        Q(valid_to=None) | Q(valid_to__gt=day), user_id=user.pk, role__in=roles, valid_from__lte=day
    )
    return set(held.values_list("unit_id", flat=True))


def visible_units(
    user: User | AnonymousUser, action: str = Action.LOOK, *, on: date | None = None
) -> QuerySet[Unit]:
    """Every unit, of any era, where `user` may do `action` on the day `on` (today)."""
    roots = _with_successors(_held(user, Action(action), on))
    if not roots:
        return Unit.objects.none()
    below = Q()
    for path in _topmost(Unit.objects.filter(pk__in=roots).values_list("path", flat=True)):
        below |= Q(path__startswith=path)
    return Unit.objects.filter(below)


def _topmost(paths: Iterable[str]) -> list[str]:
    """Only the paths that no other one covers, so that a city's officer makes one condition, not hundreds."""
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept


def may(user: User | AnonymousUser, action: str, unit: Unit, *, on: date | None = None) -> bool:
    """Whether `user` may do `action` in `unit` on the day `on` (today). Raises ValueError for an unknown action."""
    return visible_units(user, action, on=on).filter(pk=unit.pk).exists()
