"""What an auditor may read of the trail."""

from datetime import date, datetime, time, timedelta

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from tungnha.accounts import scope
from tungnha.accounts.models import AuditEntry, RoleHeld, User
from tungnha.accounts.roles import Action
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import fold

_STRETCH = 5_000
"""Entries looked through first."""


def seen_by(user: User) -> QuerySet[AuditEntry]:
    """What concerns the auditor's units: entries about one of them, and whatever was done by people all of whose roles
    lie there. What concerns no unit and nobody, such as a failed sign-in under an unknown name or a command, is for
    the auditor of a whole territory.
    """
    units = scope.visible_units(user, Action.AUDIT)
    if not Unit.objects.exclude(pk__in=units.values("pk")).exists():
        return AuditEntry.objects.select_related("unit", "actor")
    here = RoleHeld.objects.filter(unit__in=units).values("user")
    elsewhere = RoleHeld.objects.exclude(unit__in=units).values("user")
    people = User.objects.filter(pk__in=here).exclude(pk__in=elsewhere).values("pk")
    concern = Q(unit__in=units.values("pk")) | Q(actor__in=people)
    if any(path.count("/") == 2 for path in scope.reach_of(user).paths(Action.AUDIT)):
        concern |= Q(unit=None, actor=None)
    return AuditEntry.objects.filter(concern).select_related("unit", "actor")


def latest(entries: QuerySet[AuditEntry], before: int | None, count: int) -> list[AuditEntry]:
    """The latest `count` entries made before one (its primary key), the latest first.

    A stretch of the trail is looked through, then a longer one if that did not hold enough. Asked for all at once, a
    database gathers and sorts every entry of a wide auditor's units to show a hundred: seconds, at a million entries.
    """
    top = before or (AuditEntry.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    stretch = _STRETCH
    while True:
        found = list(entries.filter(pk__lt=top, pk__gte=top - stretch)[:count])
        if len(found) == count or stretch >= top:
            return found
        stretch *= 8


def narrowed(
    entries: QuerySet[AuditEntry],
    *,
    person: str = "",
    kind: str = "",
    unit: Unit | None = None,
    first: date | None = None,
    last: date | None = None,
) -> QuerySet[AuditEntry]:
    """Only entries by a person (any part of their name, with or without marks), of a kind, about a unit and what is
    below it, from the first to the last day, both included, in the installation's time zone.
    """
    if person.strip():
        folded = fold(person)
        named = User.objects.filter(name_fold__contains=folded).values("pk")
        entries = entries.filter(Q(actor__in=named) | Q(actor=None, actor_name__icontains=person.strip()))
    if kind:
        entries = entries.filter(kind=kind)
    if unit is not None:
        entries = entries.filter(unit__path__startswith=unit.path)
    if first is not None:
        entries = entries.filter(at__gte=_midnight(first))
    if last is not None:
        entries = entries.filter(at__lt=_midnight(last + timedelta(days=1)))
    return entries


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
