"""What an auditor may read of the trail."""

from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from tungnha.accounts import scope
from tungnha.accounts.models import AuditEntry, RoleHeld, User
from tungnha.accounts.roles import Action
from tungnha.territory.models import Unit
from tungnha.territory.vietnamese import fold


def seen_by(user: User) -> QuerySet[AuditEntry]:
    """What concerns the auditor's units: entries about one of them, and whatever was done by people all of whose roles
    lie there. What concerns no unit and nobody, such as a failed sign-in under an unknown name or a command, is for
    the auditor of a whole territory.
    """
    units = scope.visible_units(user, Action.AUDIT)
    here = RoleHeld.objects.filter(unit__in=units).values("user")
    elsewhere = RoleHeld.objects.exclude(unit__in=units).values("user")
    people = User.objects.filter(pk__in=here).exclude(pk__in=elsewhere).values("pk")
    concern = Q(unit__in=units.values("pk")) | Q(actor__in=people)
    if any(path.count("/") == 2 for path in scope.reach_of(user).paths(Action.AUDIT)):
        concern |= Q(unit=None, actor=None)
    return AuditEntry.objects.filter(concern).select_related("unit", "actor")


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
        entries = entries.filter(Q(actor__in=named) | Q(actor_name__icontains=person.strip()))
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
